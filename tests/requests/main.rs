//! How many requests HDF5 calls and whole programs cost, counted in front of the server: an
//! `h5rest` of the test's own, or the one that `TEST_ENDPOINT` names (a real HSDS).
//!
//! A number here is a promise to users whose server is far away. It may only become smaller.

mod calls;
mod elements;
mod programs;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};
use h5rest_testkit::build::repository;
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Counter, Program, TestDomain, TestServer, Traffic};
use tempfile::TempDir;

/// A server, a counter in front of it, and a domain that is deleted in the end.
struct Place {
    server: TestServer,
    counter: Counter,
    domain: TestDomain,
    folder: TempDir,
}

impl Place {
    fn new(stem: &str) -> Result<Self> {
        let server = TestServer::start()?;
        let counter = Counter::before(server.endpoint())?;
        let domain = TestDomain::new(server.endpoint(), stem);
        Ok(Self {
            server,
            counter,
            domain,
            folder: tempfile::tempdir()?,
        })
    }

    /// Whether the server is an `h5rest`, which has requests that HSDS lacks.
    fn is_h5rest(&self) -> bool {
        matches!(self.server, TestServer::Own(_))
    }

    /// Compiles one of the programs in `c-tests/requests`.
    fn compile(&self, name: &str) -> Result<PathBuf> {
        let program = self.folder.path().join(name);
        let source = repository().join("c-tests/requests").join(name);
        let hdf5 = hdf5::installation(Version::V1_14_5)?;
        let arguments = hdf5.compile_c(&source.with_extension("c"), &program);
        let output = Command::new("cc").args(arguments).output()?;
        let words = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "cc: {words}");
        Ok(program)
    }

    /// Runs a program on the domain without counting.
    fn prepare(&self, program: Program) -> Result<String> {
        let run = program.arg(self.domain.path());
        run.through_connector(self.server.endpoint())?
            .run()?
            .success()
    }

    /// Runs a program on the domain; what it printed, and what it cost.
    fn counted(&self, program: Program) -> Result<(String, Traffic)> {
        self.counter.take();
        let run = program.arg(self.domain.path());
        let run = run.through_connector(self.counter.endpoint())?;
        let printed = run.run()?.success()?;
        Ok((printed, self.counter.take()))
    }

    /// One of HDF5's tools.
    fn tool(&self, name: &str) -> Result<Program> {
        let hdf5 = hdf5::installation(Version::V1_14_5)?;
        Ok(Program::new(hdf5.program(name)))
    }
}

/// Fails if there were more requests than that.
fn at_most(most: usize, traffic: &Traffic, what: &str) -> Result<()> {
    // Shown with --nocapture.
    println!("{what}: {} requests", traffic.total());
    ensure!(
        traffic.total() <= most,
        "{what} cost {} requests, at most {most} were allowed: {:#?}",
        traffic.total(),
        traffic.kinds()
    );
    Ok(())
}
