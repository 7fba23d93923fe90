//! Sample files of HDF5's source that a test program opens by name. Through the connector that name
//! means a domain, so they are copied to the server first.

use std::process::Command;

use anyhow::{Context, Result};
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, Finished, Program};

use crate::run;

/// How a sample is copied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copying {
    /// All of it, with HDF5's own h5repack.
    Whole,
    /// The objects that can be read (`c-tests/conformance/copy_readable.c`): the test expects that
    /// the damaged one cannot be opened, and h5repack refuses the whole file.
    Readable,
    /// As `Readable`, with a type that HDF5 takes for damaged unless checks are relaxed.
    Relaxed,
}

/// Suites that open samples as domains, and which. (Others read theirs as local files.)
const OPENED: [(&str, &[(&str, Copying)]); 2] = [
    ("testhdf5:array", &[("tarrold.h5", Copying::Whole)]),
    (
        "testhdf5:misc",
        &[
            ("tmtimeo.h5", Copying::Whole),
            ("tmisc38a.h5", Copying::Readable),
            ("tmisc38b.h5", Copying::Relaxed),
        ],
    ),
];

/// Copies what a suite opens. Returns what the programs are to take for the folder of HDF5's tests,
/// where the samples are in `testfiles`; `None` if the suite opens none. Whichever release is tested,
/// 1.14.5 copies: it has the samples and the tools.
pub fn upload(endpoint: &Endpoint, suite: &str) -> Result<Option<String>> {
    let Some((_, samples)) = OPENED.iter().find(|(of, _)| *of == suite) else {
        return Ok(None);
    };
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    let home = format!("/home/{}", endpoint.username);
    let folder = format!("{home}/testfiles");
    endpoint.create_folder(&folder, &endpoint.username)?;
    let programs = tempfile::tempdir().context("cannot make a folder for a program")?;
    for (sample, copying) in *samples {
        let local = hdf5.source().join("test").join("testfiles").join(sample);
        let program = match copying {
            Copying::Whole => Program::new(hdf5.program("h5repack"))
                .args(["--src-vol-name=native", "--dst-vol-name=REST"]),
            Copying::Readable | Copying::Relaxed => {
                let program = programs.path().join("copy_readable");
                let source = repository().join("c-tests/conformance/copy_readable.c");
                let headers = repository().join("c-tests/everyday");
                let mut compiler = Command::new("cc");
                compiler
                    .arg(format!("-I{}", headers.display()))
                    .args(hdf5.compile_c(&source, &program));
                run::output(&mut compiler)?;
                Program::new(program)
            }
        };
        let mut program = program.arg(&local).arg(format!("{folder}/{sample}"));
        if *copying == Copying::Relaxed {
            program = program.arg("relaxed");
        }
        program
            .through_connector(endpoint)?
            .run()
            .and_then(Finished::success)
            .with_context(|| format!("cannot copy {} to the server", local.display()))?;
    }
    Ok(Some(home))
}
