//! What single calls cost, on a file of 24 objects.

use anyhow::{Result, ensure};
use h5rest_testkit::Program;

use super::Place;

/// The steps of `c-tests/requests/calls.c`, and their requests on h5rest and on HSDS.
const COSTS: [(&str, usize, usize); 10] = [
    ("nothing", 0, 0),
    ("H5Fopen", 1, 1),
    ("H5Aread", 0, 1),
    ("H5Gopen", 0, 1),
    ("H5Literate", 0, 0),
    ("H5Dopen", 0, 1),
    ("H5Oget_info", 0, 1),
    ("20 H5Gopen", 0, 1),
    ("H5Ovisit", 0, 0),
    ("H5Drefresh", 1, 1),
];

#[test]
fn every_call_costs_what_it_should() -> Result<()> {
    let place = Place::new("calls")?;
    let calls = place.compile("calls")?;
    place.prepare(Program::new(&calls).arg("write"))?;
    let (_, mut traffic) = place.counted(Program::new(&calls).arg("read"))?;
    // A busy HSDS refuses requests, which are then made again.
    traffic.requests.dedup();
    let mut found = Vec::new();
    let mut since = 0;
    for request in &traffic.requests {
        match request.split_once(".mark-") {
            Some((_, call)) => {
                let call = call.split('&').next().unwrap_or(call);
                found.push((call.replace("%20", " "), since));
                since = 0;
            }
            None => since += 1,
        }
    }
    let expected = COSTS.iter().map(|&(call, h5rest, hsds)| {
        let cost = if place.is_h5rest() { h5rest } else { hsds };
        (call.to_owned(), cost)
    });
    let mut expected: Vec<(String, usize)> = expected.collect();
    // What was refreshed is known again.
    expected.extend([
        ("after H5Drefresh".to_owned(), 0),
        ("H5Fclose".to_owned(), 0),
    ]);
    ensure!(
        found == expected,
        "found    {found:?}\nexpected {expected:?}\n{:#?}",
        traffic.requests
    );
    Ok(())
}
