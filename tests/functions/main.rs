//! docs/FUNCTIONS.md says of every function of HDF5 what it does through the connector. Here the
//! table is held against the headers of the HDF5 releases and against what the functions do: the
//! programs of `c-tests/functions` call them on a local file and through the connector.

mod headers;
mod table;

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Result, ensure};
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, Program, TestDomain, TestServer};
use table::{Outcome, Table};

/// The programs of `c-tests/functions`, one for each family of functions.
const PROBES: [&str; 5] = ["attributes", "datasets", "files", "groups_links", "objects"];

#[test]
fn every_function_has_a_row_and_every_row_a_function() -> Result<()> {
    let table = Table::read()?;
    let mut functions = Vec::new();
    for version in Version::ALL {
        functions.extend(headers::functions(&hdf5::installation(version)?)?);
    }
    let without_row: Vec<&String> = functions
        .iter()
        .filter(|function| table.row(function).is_none())
        .collect();
    ensure!(without_row.is_empty(), "no row for {without_row:?}");
    let without_function: Vec<&str> = table
        .names()
        .filter(|name| {
            !functions
                .iter()
                .any(|function| table::matches(name, function))
        })
        .collect();
    ensure!(
        without_function.is_empty(),
        "no function {without_function:?}"
    );
    Ok(())
}

#[test]
fn functions_do_what_the_table_says_on_hdf5_1_14_5() -> Result<()> {
    compare(Version::V1_14_5)
}

#[test]
fn functions_do_what_the_table_says_on_hdf5_2_2_0() -> Result<()> {
    compare(Version::V2_2_0)
}

fn compare(version: Version) -> Result<()> {
    let table = Table::read()?;
    let server = TestServer::start()?;
    let hsds = !server
        .endpoint()
        .request("GET", "/about", "")?
        .1
        .contains("h5rest");
    let known = headers::functions(&hdf5::installation(version)?)?;
    let (native, connected) = probe(version, server.endpoint())?;
    let mut wrong = Vec::new();
    for function in &known {
        let Some(row) = table.row(function) else {
            continue; // The other test tells.
        };
        let expected = if hsds { row.hsds } else { row.h5rest };
        let found = (native.get(function), connected.get(function));
        let right = match expected {
            Outcome::Works | Outcome::Differs => found == (Some(&true), Some(&true)),
            Outcome::Refused => found == (Some(&true), Some(&false)),
            Outcome::Elsewhere => true,
        };
        if !right {
            wrong.push(format!(
                "{function}: the table says {expected:?}; natively {}, through the connector {}",
                words(found.0),
                words(found.1)
            ));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn words(found: Option<&bool>) -> &'static str {
    match found {
        Some(true) => "it works",
        Some(false) => "it fails",
        None => "it was not called (see c-tests/functions)",
    }
}

/// Whether each function succeeded: on a local file, and through the connector.
type Found = BTreeMap<String, bool>;

fn probe(version: Version, endpoint: &Endpoint) -> Result<(Found, Found)> {
    let hdf5 = hdf5::installation(version)?;
    let folder = tempfile::tempdir()?;
    let (mut native, mut connected) = (Found::new(), Found::new());
    for name in PROBES {
        let source = repository().join(format!("c-tests/functions/{name}.c"));
        let program = folder.path().join(name);
        let compiled = Command::new("cc")
            .args(hdf5.compile_c(&source, &program))
            .output()?;
        ensure!(
            compiled.status.success(),
            "{}",
            String::from_utf8_lossy(&compiled.stderr)
        );
        let local = Program::new(&program)
            .arg(folder.path().join("local.h5"))
            .current_dir(folder.path());
        read(&local.run()?.success()?, &mut native);
        let domain = TestDomain::new(endpoint, name);
        let remote = Program::new(&program)
            .arg(domain.path())
            .current_dir(folder.path())
            .through_connector(endpoint)?;
        read(&remote.run()?.success()?, &mut connected);
    }
    Ok((native, connected))
}

/// Lines `H5Fopen ok`; a function that is called twice must succeed twice.
fn read(printed: &str, found: &mut Found) {
    for line in printed.lines() {
        let (name, succeeded) = match line.split_once(' ') {
            Some((name, "ok")) => (name, true),
            Some((name, "failed")) => (name, false),
            _ => continue,
        };
        let all = found.entry(name.to_owned()).or_insert(true);
        *all &= succeeded;
    }
}
