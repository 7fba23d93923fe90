//! What programs say when something is wrong: one clear error within seconds, never a crash; and a
//! plugin that is merely there changes nothing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use h5rest_testkit::dead::DeadServer;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::silent::SilentServer;
use h5rest_testkit::{Endpoint, Program, TestServer, connector, python};

use crate::stock::compile_c;

/// Longer than any of these may take: timeouts of 3 seconds, a retry, and a slow machine.
const SECONDS: Duration = Duration::from_secs(30);

fn h5dump() -> Result<Program> {
    let tool = hdf5::installation(Version::V1_14_5)?.program("h5dump");
    Ok(Program::new(tool).time_limit(SECONDS))
}

fn h5py(script: &str, file: &Path) -> Result<Program> {
    let python3 = python::program(python::H5PY, "python3")?;
    Ok(Program::new(python3)
        .args(["-c", script])
        .arg(file)
        .time_limit(SECONDS))
}

const OPEN: &str = "import h5py, sys; h5py.File(sys.argv[1], 'r')";

// ---- the plugin is on the path, and nothing is configured

/// Compares a run with the plugin's folder on the path with one that has an empty folder there (with
/// no path at all, HDF5 complains about its own default folder instead).
fn fails_as_without_the_plugin(make: impl Fn() -> Result<Program>) -> Result<String> {
    let home = tempfile::tempdir()?;
    let run = |plugins: &Path| {
        make()?
            .env("HOME", home.path())
            .env("HDF5_PLUGIN_PATH", plugins)
            .run()?
            .failure()
    };
    let empty = tempfile::tempdir()?;
    let without = run(empty.path())?;
    let with = run(&connector::plugin_dir()?)?;
    ensure!(
        with == without,
        "without the plugin:\n{without}\nwith it:\n{with}"
    );
    Ok(with)
}

#[test]
fn h5dump_of_a_missing_file_fails_as_without_the_plugin() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let missing = folder.path().join("missing.h5");
    for stack in ["--enable-error-stack=2", "--enable-error-stack=0"] {
        fails_as_without_the_plugin(|| Ok(h5dump()?.arg(stack).arg(&missing)))?;
    }
    Ok(())
}

#[test]
fn h5dump_of_a_text_file_fails_as_without_the_plugin() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let text = folder.path().join("text.h5");
    fs::write(&text, "this is no HDF5 file\n")?;
    fails_as_without_the_plugin(|| Ok(h5dump()?.arg("--enable-error-stack=2").arg(&text)))?;
    Ok(())
}

#[test]
fn h5py_still_says_file_not_found() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let missing = folder.path().join("missing.h5");
    let text = fails_as_without_the_plugin(|| h5py(OPEN, &missing))?;
    ensure!(text.contains("FileNotFoundError"), "{text}");
    Ok(())
}

#[test]
fn h5py_fails_on_a_text_file_as_without_the_plugin() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let text = folder.path().join("text.h5");
    fs::write(&text, "this is no HDF5 file\n")?;
    fails_as_without_the_plugin(|| h5py(OPEN, &text))?;
    Ok(())
}

/// h5py's mode `a` tries to open first and creates when that says the file is missing.
#[test]
fn h5py_creates_a_local_file_in_mode_a() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("new.h5");
    h5py(
        "import h5py, sys; h5py.File(sys.argv[1], 'a')['x'] = 1",
        &file,
    )?
    .env("HDF5_PLUGIN_PATH", connector::plugin_dir()?)
    .run()?
    .success()?;
    ensure!(
        fs::read(&file)?.starts_with(b"\x89HDF\r\n\x1a\n"),
        "no HDF5 file was written"
    );
    Ok(())
}

// ---- the connector is selected, and its server is not to be had

/// Runs a C program of each HDF5 release, h5dump and h5py, and checks that each fails by itself
/// with a text that names `reason`.
fn everyone_fails_with(endpoint: Option<&Endpoint>, reason: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = Path::new("/home/test_user1/nothing-here.h5");
    let mut programs = vec![
        h5dump()?.arg("--enable-error-stack=2").arg(file),
        h5py(OPEN, file)?,
    ];
    for version in Version::ALL {
        let program = compile_c(version, "tests/programs/open.c", &folder)?;
        programs.push(Program::new(program).arg(file).time_limit(SECONDS));
    }
    for program in programs {
        let program = program
            .env("HOME", folder.path())
            .env("HDF5_REST_TIMEOUT", "3");
        let program = match endpoint {
            Some(endpoint) => program.through_connector(endpoint)?,
            None => program
                .env("HDF5_PLUGIN_PATH", connector::plugin_dir()?)
                .env("HDF5_VOL_CONNECTOR", "REST"),
        };
        let name = program.to_string();
        let text = program.run()?.failure()?;
        ensure!(
            text.contains(reason),
            "{name}\ndoes not say {reason:?}:\n{text}"
        );
        ensure!(!text.contains("panicked"), "{name}\nshows a panic:\n{text}");
    }
    Ok(())
}

#[test]
fn no_endpoint_is_said_so() -> Result<()> {
    everyone_fails_with(None, "HSDS_ENDPOINT")
}

#[test]
fn dead_endpoint_is_said_so() -> Result<()> {
    let dead = DeadServer::start()?;
    let url = dead.url()?;
    everyone_fails_with(Some(&Endpoint::of_test_user(&url)), &url)
}

#[test]
fn silent_endpoint_is_given_up() -> Result<()> {
    let server = SilentServer::start()?;
    let url = server.url()?;
    everyone_fails_with(Some(&Endpoint::of_test_user(&url)), &url)
}

#[test]
fn wrong_password_is_said_so() -> Result<()> {
    let server = TestServer::start()?;
    let mut endpoint = server.endpoint().clone();
    endpoint.password = "not the password".into();
    everyone_fails_with(Some(&endpoint), "401")
}

#[test]
fn password_is_never_printed() -> Result<()> {
    let server = TestServer::start()?;
    let mut endpoint = server.endpoint().clone();
    endpoint.password = "kept-to-ourselves".into();
    let text = h5dump()?
        .args(["--enable-error-stack=2", "/home/test_user1/nothing-here.h5"])
        .env("HDF5_REST_LOG", "trace")
        .through_connector(&endpoint)?
        .run()?
        .failure()?;
    for secret in [
        endpoint.password.as_str(),
        endpoint.authorization().trim_start_matches("Basic "),
    ] {
        ensure!(!text.contains(secret), "shows the password:\n{text}");
    }
    Ok(())
}

#[test]
fn missing_domain_is_file_not_found_in_h5py() -> Result<()> {
    let server = TestServer::start()?;
    let text = h5py(OPEN, Path::new("/home/test_user1/nothing-here.h5"))?
        .through_connector(server.endpoint())?
        .run()?
        .failure()?;
    ensure!(text.contains("FileNotFoundError"), "{text}");
    Ok(())
}
