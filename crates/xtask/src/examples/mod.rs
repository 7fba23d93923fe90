//! `cargo xtask examples`: the example programs that come with HDF5, unmodified, natively and
//! through the connector. Both must print the same.
//!
//! What cannot be expected is named, with its reason, in `tests/examples/exceptions.txt`.

mod compare;
mod exceptions;
mod programs;

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use h5rest_testkit::hdf5::{self, Installation, Version};
use h5rest_testkit::{Endpoint, Program};

use crate::setup;
use crate::target::Target;
use crate::test::Counts;
use compare::Printed;
use exceptions::{Exceptions, What};
use programs::Example;

/// How long one program may run.
const LIMIT: Duration = Duration::from_secs(120);

/// Folders that `h5_extlink` and `h5_elink_unix2win` ask for in their comments.
const FOLDERS: [&str; 3] = ["red", "blue", "u2w"];

/// What is asked for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The server behind the connector
    #[arg(long, value_enum, default_value = "h5rest")]
    target: Target,
    /// The release of HDF5: 1.14.5, or 2.2.0 with the C programs of 1.14.5
    #[arg(long, value_parser = Version::numbered, default_value = "1.14.5")]
    hdf5: Version,
    /// Only the examples with this text in their name, for example C/H5T/ or h5ex_d_alloc; what
    /// they print is shown
    name: Option<String>,
}

impl Options {
    /// All examples on h5rest with one release of HDF5.
    pub fn with(hdf5: Version) -> Self {
        Self {
            target: Target::H5rest,
            hdf5,
            name: None,
        }
    }
}

/// Runs the examples and prints a line for each.
pub fn run(options: &Options) -> Result<Counts> {
    setup::run()?;
    let hdf5 = hdf5::installation(options.hdf5)?;
    let tools = hdf5::installation(Version::V1_14_5)?;
    let mut examples = programs::all(&tools)?;
    let exceptions = Exceptions::read(&examples)?;
    examples.retain(|example| example.can_be_built_with(options.hdf5));
    if let Some(name) = &options.name {
        examples.retain(|example| example.name().contains(name.as_str()));
    }
    if examples.is_empty() {
        bail!("no example has {:?} in its name", options.name);
    }
    let server = options.target.start()?;
    let work = tempfile::tempdir().context("cannot make a folder for the examples")?;
    let runner = Runner {
        hdf5: &hdf5,
        tools: &tools,
        endpoint: server.endpoint(),
        work: work.path(),
        exceptions: &exceptions,
        target: options.target,
        verbose: options.name.is_some(),
    };
    let mut counts = Counts::default();
    for example in &examples {
        match runner.outcome(example) {
            Ok(Outcome::Same) => {
                counts.passed += 1;
                println!("same      {}", example.name());
            }
            Ok(Outcome::Excepted(reason)) => println!("excepted  {}: {reason}", example.name()),
            Err(error) => {
                counts.failed += 1;
                println!("FAILED    {}: {error:#}", example.name());
            }
        }
    }
    Ok(counts)
}

/// What became of one example; a difference that no exception names is an error.
enum Outcome {
    Same,
    Excepted(String),
}

struct Runner<'a> {
    hdf5: &'a Installation,
    /// The installation that has h5repack.
    tools: &'a Installation,
    endpoint: &'a Endpoint,
    work: &'a Path,
    exceptions: &'a Exceptions,
    target: Target,
    verbose: bool,
}

impl Runner<'_> {
    fn outcome(&self, example: &Example) -> Result<Outcome> {
        let expected = self
            .exceptions
            .of(&example.name(), self.target, self.hdf5.version);
        let (what, reason) = match expected {
            Some((what, reason)) => (Some(what), reason.to_owned()),
            None => (None, String::new()),
        };
        match programs::compile(self.hdf5, example) {
            Ok(()) if what == Some(What::Unbuilt) => {
                bail!("compiles, though tests/examples/exceptions.txt says otherwise")
            }
            Ok(()) => {}
            Err(_) if what == Some(What::Unbuilt) => return Ok(Outcome::Excepted(reason)),
            Err(error) => return Err(error),
        }
        let native = self.run_one(example, None)?;
        if what == Some(What::FailsNatively) {
            if native.succeeded() {
                bail!("succeeds natively, though tests/examples/exceptions.txt says otherwise");
            }
            return Ok(Outcome::Excepted(reason));
        }
        if !native.succeeded() {
            bail!("does not run natively:\n{native}");
        }
        let connected = self.run_one(example, Some(self.endpoint))?;
        if self.verbose {
            println!("--- natively\n{native}\n--- through the connector\n{connected}");
        }
        let compared = native.compare(&connected, &example.name());
        match (what, compared) {
            (None, Ok(())) => Ok(Outcome::Same),
            (Some(_), Ok(())) => {
                println!("better: {} needs no exception any more", example.name());
                Ok(Outcome::Same)
            }
            (Some(_), Err(_)) if !connected.crashed() => Ok(Outcome::Excepted(reason)),
            (_, Err(difference)) => Err(difference),
        }
    }

    /// Runs what an example needs, and the example, in a folder of its own.
    fn run_one(&self, example: &Example, endpoint: Option<&Endpoint>) -> Result<Printed> {
        let side = if endpoint.is_some() { "rest" } else { "native" };
        let label = example.name().replace('/', "-");
        let folder = self.work.join(side).join(&label);
        let home = format!("/home/{}/examples/{label}/", self.endpoint.username);
        for name in FOLDERS {
            fs::create_dir_all(folder.join(name))?;
        }
        if let Some(endpoint) = endpoint {
            let examples = format!("/home/{}/examples", endpoint.username);
            let own = home.trim_end_matches('/').to_owned();
            let inner = FOLDERS.iter().map(|name| format!("{home}{name}"));
            for name in [examples, own].into_iter().chain(inner) {
                endpoint.create_folder(&name, &endpoint.username)?;
            }
        }
        if let Some(sample) = example.sample_file() {
            self.bring(&sample, &folder, &home, endpoint)?;
        }
        for earlier in example.needs() {
            let earlier = example.sibling(earlier);
            programs::compile(self.hdf5, &earlier)?;
            self.program(&earlier, &folder, &home, endpoint)?.run()?;
        }
        let program = self.program(example, &folder, &home, endpoint)?;
        Ok(Printed::from(program.run()?))
    }

    fn program(
        &self,
        example: &Example,
        folder: &Path,
        home: &str,
        endpoint: Option<&Endpoint>,
    ) -> Result<Program> {
        let program = Program::new(programs::binary(self.hdf5, example)?)
            .current_dir(folder)
            .time_limit(LIMIT);
        match endpoint {
            None => Ok(program),
            Some(endpoint) => Ok(program
                .through_connector(endpoint)?
                .env("HDF5_REST_HOME", home)),
        }
    }

    /// Puts a file that an example reads where it looks for it.
    fn bring(
        &self,
        sample: &Path,
        folder: &Path,
        home: &str,
        endpoint: Option<&Endpoint>,
    ) -> Result<()> {
        let name = sample.file_name().context("a sample file has a name")?;
        let Some(endpoint) = endpoint else {
            fs::copy(sample, folder.join(name))?;
            return Ok(());
        };
        Program::new(self.tools.program("h5repack"))
            .args(["--src-vol-name=native", "--dst-vol-name=REST"])
            .arg(sample)
            .arg(name)
            .current_dir(folder)
            .through_connector(endpoint)?
            .env("HDF5_REST_HOME", home)
            .run()?
            .success()?;
        Ok(())
    }
}
