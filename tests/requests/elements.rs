//! What small transfers cost: elements, rows and boxes one by one.

use anyhow::{Result, ensure};
use h5rest_testkit::{Program, Traffic};

use super::{Place, at_most};

/// Runs jobs of `c-tests/requests/elements.c` on one file; what the last one cost.
fn cost(jobs: &[&str]) -> Result<Traffic> {
    let place = Place::new("elements")?;
    let elements = place.compile("elements")?;
    let (last, before) = jobs.split_last().unwrap_or((&"", &[]));
    for job in before {
        place.prepare(Program::new(&elements).arg(job))?;
    }
    let (_, traffic) = place.counted(Program::new(&elements).arg(last))?;
    Ok(traffic)
}

/// Two for the elements; opening takes HSDS three and h5rest one.
#[test]
fn ten_thousand_elements_of_a_chunk() -> Result<()> {
    let traffic = cost(&["make", "read-elements"])?;
    at_most(5, &traffic, "reading 10,000 elements one by one")
}

#[test]
fn ten_thousand_elements_of_a_chunk_in_any_order() -> Result<()> {
    let traffic = cost(&["make", "read-random-elements"])?;
    at_most(5, &traffic, "reading 10,000 random elements")
}

/// 64 of 32 KiB each, out of 64 MiB.
#[test]
fn random_boxes() -> Result<()> {
    let traffic = cost(&["make", "read-boxes"])?;
    let values = |request: &&String| request.contains("/value");
    let reads = traffic.requests.iter().filter(values).count();
    ensure!(reads <= 64, "{reads} requests for 64 boxes");
    let most = 3 * 64 * 32 * 1024;
    ensure!(traffic.received <= most, "{} bytes", traffic.received);
    at_most(67, &traffic, "reading 64 boxes")
}

#[test]
fn rows_one_by_one() -> Result<()> {
    let traffic = cost(&["make", "read-rows"])?;
    at_most(100, &traffic, "reading 2048 rows one by one")
}

#[test]
fn appending_ten_thousand_rows() -> Result<()> {
    let traffic = cost(&["append-rows"])?;
    at_most(200, &traffic, "appending 10,000 rows one by one")
}

#[test]
fn what_was_appended_is_there() -> Result<()> {
    let traffic = cost(&["append-rows", "check-rows"])?;
    at_most(20, &traffic, "reading 10,000 rows, a hundred at a time")
}

#[test]
fn writing_ten_thousand_elements() -> Result<()> {
    let traffic = cost(&["write-elements"])?;
    at_most(40, &traffic, "writing 10,000 elements one by one")
}

/// Strings have no fixed size: they go with the changes of metadata. Written, and read back.
fn strings(order: &str) -> Result<()> {
    let place = Place::new("strings")?;
    let strings = place.compile("strings")?;
    let (_, traffic) = place.counted(Program::new(&strings).arg(order))?;
    let most = if place.is_h5rest() { 10 } else { 50 };
    at_most(most, &traffic, &format!("writing 10,000 strings {order}"))
}

#[test]
fn writing_ten_thousand_strings() -> Result<()> {
    strings("in-order")
}

#[test]
fn writing_ten_thousand_strings_in_any_order() -> Result<()> {
    strings("in-any-order")
}
