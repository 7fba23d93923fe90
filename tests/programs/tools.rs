//! HDF5's tools show a domain exactly as they show the local file that the same program wrote.

use anyhow::{Context, Result};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{H5rest, Program, TestDomain, TestServer};

use crate::stock::{compile_c, similar};

/// Runs a tool on what `source` wrote locally and on the server, and compares the outputs with the
/// file's name taken out.
fn tool_shows_the_same(tool: &str, arguments: &[&str], source: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let writer = compile_c(Version::V1_14_5, source, &folder)?;
    let tool = hdf5::installation(Version::V1_14_5)?.program(tool);
    let server = TestServer::start()?;
    let domain = TestDomain::new(server.endpoint(), "tools");
    // Where h5dump breaks lines depends on the length of the file's name.
    let folder_length = folder.path().display().to_string().len() + "/.h5".len();
    let width = domain.path().len().saturating_sub(folder_length);
    let local = folder.path().join(format!("{:_<width$}.h5", "local"));
    let local = local.display().to_string();

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
fn h5dump_of_references() -> Result<()> {
    tool_shows_the_same("h5dump", &[], "c-tests/everyday/references.c")
}

/// Whatever kind is stored, h5dump reads the new one.
#[test]
fn h5dump_of_old_references() -> Result<()> {
    tool_shows_the_same("h5dump", &[], "c-tests/everyday/old_references.c")
}

#[test]
fn h5dump_of_data_of_variable_length() -> Result<()> {
    tool_shows_the_same("h5dump", &[], "c-tests/everyday/variable_length.c")
}

/// It compares what references lead to. Always on h5rest: h5diff compares no dataset whose storage
/// size is 0, which HSDS tells of those that it has not measured yet.
#[test]
fn h5diff_of_references_on_h5rest() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = H5rest::in_memory()?;
    let h5diff = hdf5::installation(Version::V1_14_5)?.program("h5diff");
    for source in ["references", "old_references"] {
        let source = format!("c-tests/everyday/{source}.c");
        let writer = compile_c(Version::V1_14_5, &source, &folder)?;
        let local = ["one.h5", "other.h5"].map(|name| folder.path().join(name));
        for file in &local {
            Program::new(&writer).arg(file).run()?.success()?;
        }
        let expected = Program::new(&h5diff).arg("--verbose=1").args(&local);
        let domains = ["one", "other"].map(|stem| TestDomain::new(server.endpoint(), stem));
        for domain in &domains {
            Program::new(&writer)
                .arg(domain.path())
                .through_connector(server.endpoint())?
                .run()?
                .success()?;
        }
        let found = Program::new(&h5diff)
            .args(["--verbose=1", domains[0].path(), domains[1].path()])
            .through_connector(server.endpoint())?;
        similar(&expected.run()?.success()?, &found.run()?.success()?)?;
    }
    Ok(())
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
