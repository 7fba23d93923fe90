//! What posing as native means for programs, for each value of `HDF5_REST_FACADE`, on every HDF5.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use h5rest_testkit::hdf5::{self, Installation, Version};
use h5rest_testkit::{Program, TestDomain, TestServer};

/// What `facade.c` prints after its first three lines, whatever the setting: files are found by
/// their objects, and local files can be counted and closed while remote objects are open.
const ALWAYS: &str = "\
file: same file id
file opened again: same file id
open in the local file: 2
open in the remote file: 6
still open: 0
";

fn build(hdf5: &Installation, folder: &Path) -> Result<PathBuf> {
    let program = folder.join(format!("facade-{}", hdf5.version.number()));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/facade.c");
    Program::new("cc")
        .args(hdf5.compile_c(&source, &program))
        .arg("-lhdf5_hl")
        .run()?
        .success()?;
    Ok(program)
}

/// Runs `facade.c` with a setting; `None` leaves it to the default.
fn answers(setting: Option<&str>, expected: &str) -> Result<()> {
    let server = TestServer::start()?;
    let folder = tempfile::tempdir()?;
    for version in Version::ALL {
        let program = build(&hdf5::installation(version)?, folder.path())?;
        let domain = TestDomain::new(server.endpoint(), "facade");
        let mut run = Program::new(program)
            .arg(domain.path())
            .arg(folder.path().join("local.h5"))
            .through_connector(server.endpoint())?;
        if let Some(setting) = setting {
            run = run.env("HDF5_REST_FACADE", setting);
        }
        let printed = run.run()?.success()?;
        let wanted = format!("{expected}{ALWAYS}");
        ensure!(
            printed == wanted,
            "{setting:?} with HDF5 {}: printed\n{printed}instead of\n{wanted}",
            version.number()
        );
    }
    Ok(())
}

/// HDF5 makes its old calls, and the program that asks hears the truth.
#[test]
fn by_default_hdf5_takes_files_for_native_and_programs_are_told_the_truth() -> Result<()> {
    let expected = "\
H5VLobject_is_native: 0
H5Literate1: 0, 4 links
references of dimension scales: old
";
    answers(None, expected)?;
    answers(Some("auto"), expected)
}

#[test]
fn everyone_takes_files_for_native_when_told_so() -> Result<()> {
    answers(
        Some("on"),
        "\
H5VLobject_is_native: 1
H5Literate1: 0, 4 links
references of dimension scales: old
",
    )
}

#[test]
fn nobody_takes_files_for_native_when_it_is_off() -> Result<()> {
    answers(
        Some("off"),
        "\
H5VLobject_is_native: 0
H5Literate1: -1, 0 links
references of dimension scales: new
",
    )
}
