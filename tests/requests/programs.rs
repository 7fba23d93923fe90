//! What whole programs cost.

use anyhow::{Result, ensure};
use h5rest_testkit::Program;

use super::{Place, at_most};

/// Makes a file of many objects in this shape.
fn tree(place: &Place, shape: &str, number: usize) -> Result<()> {
    let trees = place.compile("trees")?;
    let number = number.to_string();
    place.prepare(Program::new(trees).args([shape, number.as_str()]))?;
    Ok(())
}

#[test]
fn h5dump_of_the_headers_of_a_thousand_objects() -> Result<()> {
    let place = Place::new("dump")?;
    tree(&place, "mixed", 1000)?;
    let (printed, traffic) = place.counted(place.tool("h5dump")?.arg("-H"))?;
    ensure!(printed.matches("DATASET \"").count() == 899, "{printed}");
    ensure!(printed.matches("ATTRIBUTE \"").count() == 100 + 2 * 899);
    let most = if place.is_h5rest() { 10 } else { 20 };
    at_most(most, &traffic, "h5dump -H of 1000 objects")
}

/// `h5ls -r` of 10,000 groups in one shape (1000 on HSDS, which takes seconds to make more, and of a
/// chain on both).
fn h5ls(shape: &str) -> Result<()> {
    let place = Place::new(shape)?;
    let number = match (shape, place.is_h5rest()) {
        ("chain", _) | (_, false) => 1000,
        _ => 10_000,
    };
    tree(&place, shape, number)?;
    let (printed, traffic) = place.counted(place.tool("h5ls")?.arg("-r"))?;
    let groups = printed.matches(" Group").count();
    ensure!(
        groups >= number - number / 20,
        "{groups} groups of {number}"
    );
    // HSDS follows paths link by link: objects far down cost one request each.
    let most = match (shape, place.is_h5rest()) {
        ("chain", false) => number + 10,
        _ => 40,
    };
    at_most(
        most,
        &traffic,
        &format!("h5ls -r of {groups} groups ({shape})"),
    )
}

#[test]
fn h5ls_of_ten_thousand_groups_in_one() -> Result<()> {
    h5ls("flat")
}

#[test]
fn h5ls_of_a_hundred_times_a_hundred_groups() -> Result<()> {
    h5ls("square")
}

#[test]
fn h5ls_of_a_binary_tree() -> Result<()> {
    h5ls("binary")
}

#[test]
fn h5ls_of_a_chain_of_groups() -> Result<()> {
    h5ls("chain")
}

/// Two hundred groups with four attributes each, made by one program and read back by another.
#[test]
fn small_metadata_written_and_read_back() -> Result<()> {
    let place = Place::new("metadata")?;
    let metadata = place.compile("metadata")?;
    let (_, mut traffic) = place.counted(Program::new(&metadata).arg("write"))?;
    let (_, read) = place.counted(Program::new(&metadata).arg("read"))?;
    let most = if place.is_h5rest() { 2 } else { 8 };
    at_most(most, &read, "reading 200 groups with 800 attributes")?;
    traffic.requests.extend(read.requests);
    at_most(
        20,
        &traffic,
        "writing and reading 200 groups with 800 attributes",
    )
}

/// Five hundred small datasets of numbers, and as many of one string each: what h5py makes of a
/// dictionary. HSDS takes elements of one dataset in a request.
#[test]
fn writing_many_small_datasets() -> Result<()> {
    let place = Place::new("small")?;
    let datasets = place.compile("datasets")?;
    let (_, traffic) = place.counted(Program::new(&datasets).args(["write", "500"]))?;
    let most = if place.is_h5rest() { 10 } else { 1020 };
    at_most(most, &traffic, "writing 1000 small datasets")?;
    place.prepare(Program::new(&datasets).args(["read", "500"]))?;
    Ok(())
}
