//! HDF5's tools show a domain exactly as they show the local file that the same program wrote.

use anyhow::{Context, Result};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Program, TestDomain, TestServer};

use crate::stock::{compile_c, similar};

/// Runs a tool on what `source` wrote locally and on the server, and compares the outputs with the
/// file's name taken out.
fn tool_shows_the_same(tool: &str, arguments: &[&str], source: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let writer = compile_c(Version::V1_14_5, source, &folder)?;
    let tool = hdf5::installation(Version::V1_14_5)?.program(tool);
    let local = folder.path().join("local.h5").display().to_string();
    let server = TestServer::start()?;
    let domain = TestDomain::new(server.endpoint(), "tools");

    Program::new(&writer).arg(&local).run()?.success()?;
    let expected = Program::new(&tool)
        .args(arguments)
        .arg(&local)
        .run()?
        .success()?;
    Program::new(&writer)
        .arg(domain.path())
        .through_connector(server.endpoint())?
        .run()?
        .success()?;
    let found = Program::new(&tool)
        .args(arguments)
        .arg(domain.path())
        .through_connector(server.endpoint())?
        .run()?
        .success()?;
    similar(
        &expected.replace(&local, "FILE"),
        &found.replace(domain.path(), "FILE"),
    )
    .with_context(|| format!("{} {arguments:?} of what {source} wrote", tool.display()))
}

#[test]
fn h5dump_of_datasets() -> Result<()> {
    tool_shows_the_same("h5dump", &[], "c-tests/everyday/atomic_types.c")
}

#[test]
fn h5dump_of_attributes() -> Result<()> {
    tool_shows_the_same("h5dump", &[], "c-tests/everyday/attributes.c")
}

#[test]
fn h5dump_of_strings() -> Result<()> {
    tool_shows_the_same("h5dump", &[], "c-tests/everyday/strings.c")
}

#[test]
fn h5dump_of_compounds() -> Result<()> {
    tool_shows_the_same("h5dump", &[], "c-tests/everyday/compound.c")
}

#[test]
fn h5dump_of_enumerations_and_arrays() -> Result<()> {
    tool_shows_the_same("h5dump", &[], "c-tests/everyday/enum_array.c")
}

#[test]
fn h5dump_of_links() -> Result<()> {
    tool_shows_the_same("h5dump", &[], "c-tests/everyday/links.c")
}

#[test]
fn h5dump_of_a_committed_type() -> Result<()> {
    tool_shows_the_same("h5dump", &[], "c-tests/everyday/committed_types.c")
}

#[test]
fn h5dump_of_headers_and_properties() -> Result<()> {
    tool_shows_the_same("h5dump", &["-H"], "c-tests/everyday/properties.c")
}

#[test]
fn h5ls_of_a_tree() -> Result<()> {
    tool_shows_the_same("h5ls", &["-r"], "c-tests/everyday/iteration.c")
}

#[test]
fn h5ls_of_links() -> Result<()> {
    tool_shows_the_same("h5ls", &["-r"], "c-tests/everyday/links.c")
}

#[test]
fn h5ls_with_data() -> Result<()> {
    tool_shows_the_same("h5ls", &["-r", "-d"], "c-tests/everyday/selections.c")
}
