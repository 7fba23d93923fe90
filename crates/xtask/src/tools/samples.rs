//! One sample: what is done with it.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use h5rest_testkit::hdf5::Installation;
use h5rest_testkit::program::Finished;
use h5rest_testkit::{Endpoint, Program, build};

use super::Surroundings;
use super::sides;

/// The checks, in the order in which they are made.
pub const CHECKS: [&str; 6] = ["up", "put", "dump", "ls", "down", "get"];

/// In the place of a check: none of them.
pub const ALL: &str = "all";

/// How long one tool may run.
const LIMIT: Duration = Duration::from_secs(60);

/// A sample file of HDF5's source.
#[derive(Debug)]
pub struct Sample {
    /// Its path below the source's folder.
    pub name: String,
    path: PathBuf,
    number: usize,
}

/// What HDF5 says when h5repack meets a soft or external link: it calls H5Lcopy, which does not go
/// from one connector to another. Nothing of this reaches the connector.
const REFUSED_BY_HDF5: &str = "Objects are accessed through different VOL connectors";

/// What became of a check.
pub enum Outcome {
    /// As it should.
    Same,
    /// As it should, though an exception says otherwise.
    Better,
    /// As an exception says.
    Excepted,
    /// HDF5 refuses to copy the sample's soft or external links to another connector.
    RefusedByHdf5,
    /// Not as it should.
    Failed(anyhow::Error),
}

/// The folder on the server.
pub fn folder(endpoint: &Endpoint) -> String {
    format!("/home/{}/tools", endpoint.username)
}

/// The folder of what `h5rest put` made; its name is as long as the other.
pub fn folder_of_put(endpoint: &Endpoint) -> String {
    format!("/home/{}/byput", endpoint.username)
}

/// All files of HDF5's source that are called `.h5`.
pub fn all(hdf5: &Installation) -> Result<Vec<Sample>> {
    let source = hdf5.source();
    let mut paths = Vec::new();
    find(&source, &mut paths)?;
    paths.sort();
    let sample = |(number, path): (usize, PathBuf)| Sample {
        name: path
            .strip_prefix(&source)
            .unwrap_or(&path)
            .display()
            .to_string(),
        path,
        number,
    };
    Ok(paths.into_iter().enumerate().map(sample).collect())
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder);
    for entry in entries.with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "h5") {
            found.push(path);
        }
    }
    Ok(())
}

/// Makes all checks, or none if HDF5 itself cannot copy the sample with its elements: h5repack passes
/// over datasets whose filters it does not have, which h5dump tells.
pub fn run(
    surroundings: &Surroundings<'_>,
    sample: &Sample,
    work: &Path,
) -> Option<Vec<(&'static str, Outcome)>> {
    if surroundings.exceptions.has(ALL, &sample.name) {
        return None;
    }
    let work = work.join(sample.number.to_string());
    fs::create_dir_all(&work).ok()?;
    let domain = format!("{}/{:04}.h5", folder(surroundings.endpoint), sample.number);
    let checks = Checks {
        surroundings,
        sample,
        // Where h5dump breaks lines depends on the length of the file's name.
        native: format!("{:_<width$}.h5", "native", width = domain.len() - 3),
        domain,
        work: work.clone(),
        refused: Cell::new(false),
    };
    let copied = checks.native_copy();
    let outcomes = copied.then(|| {
        let outcome = |check| (check, checks.outcome(check));
        CHECKS.into_iter().map(outcome).collect()
    });
    let _ = fs::remove_dir_all(&work);
    outcomes
}

struct Checks<'a> {
    surroundings: &'a Surroundings<'a>,
    sample: &'a Sample,
    /// The name of the native copy, as long as that of the domain.
    native: String,
    domain: String,
    work: PathBuf,
    /// Whether HDF5 refuses to copy the sample's links to another connector.
    refused: Cell<bool>,
}

impl Checks<'_> {
    fn outcome(&self, check: &str) -> Outcome {
        let result = match check {
            "up" => self.up(),
            "dump" => self.shows_the_same("h5dump", &[]),
            "ls" => self.shows_the_same("h5ls", &["-r", "-v"]),
            "down" => self.down(),
            "put" => self.put(),
            _ => self.get(),
        };
        let refused_by_hdf5 =
            |error: &anyhow::Error| format!("{error:#}").contains(REFUSED_BY_HDF5);
        if ["up", "down"].contains(&check) && result.as_ref().is_err_and(refused_by_hdf5) {
            self.refused.set(true);
            return Outcome::RefusedByHdf5;
        }
        let excepted = self.surroundings.exceptions.has(check, &self.sample.name);
        match (result, excepted) {
            (Ok(()), false) => Outcome::Same,
            (Ok(()), true) => Outcome::Better,
            (Err(_), true) => Outcome::Excepted,
            (Err(error), false) => Outcome::Failed(error),
        }
    }

    /// A tool of HDF5 in the sample's folder, where samples that it refers to are.
    fn tool(&self, name: &str) -> Program {
        let folder = self.sample.path.parent().unwrap_or(Path::new("."));
        Program::new(self.surroundings.hdf5.program(name))
            .current_dir(folder)
            .time_limit(LIMIT)
    }

    fn copy_of(&self, name: &str) -> PathBuf {
        self.work.join(name)
    }

    fn native_copy(&self) -> bool {
        let copy = self.copy_of(&self.native);
        let run = self
            .tool("h5repack")
            .arg(&self.sample.path)
            .arg(&copy)
            .run();
        let copied = run.and_then(Finished::success).is_ok() && copy.is_file();
        copied && {
            let shown = self.tool("h5dump").arg(&copy).run();
            shown.and_then(Finished::success).is_ok()
        }
    }

    fn up(&self) -> Result<()> {
        self.tool("h5repack")
            .args([
                "--enable-error-stack",
                "--src-vol-name=native",
                "--dst-vol-name=REST",
            ])
            .arg(&self.sample.path)
            .arg(&self.domain)
            .through_connector(self.surroundings.endpoint)?
            .run()?
            .success()
            .map(drop)
    }

    fn down(&self) -> Result<()> {
        let back = self.copy_of("back.h5");
        self.tool("h5repack")
            .args([
                "--enable-error-stack",
                "--src-vol-name=REST",
                "--dst-vol-name=native",
            ])
            .arg(self.shown())
            .arg(&back)
            .through_connector(self.surroundings.endpoint)?
            .run()?
            .success()?;
        self.finds_nothing(&self.copy_of(&self.native), &back)
    }

    /// h5diff of two local files.
    fn finds_nothing(&self, one: &Path, other: &Path) -> Result<()> {
        let diff = self.tool("h5diff").arg(one).arg(other).run()?;
        match diff.status.code() {
            Some(0) => Ok(()),
            _ => bail!("{diff}"),
        }
    }

    /// A tool prints of the domain what it prints of the native copy.
    fn shows_the_same(&self, tool: &str, arguments: &[&str]) -> Result<()> {
        let program = |file: &str| {
            Program::new(self.surroundings.hdf5.program(tool))
                .args(arguments)
                .arg(file)
                .current_dir(&self.work)
                .time_limit(LIMIT)
        };
        let native = program(&self.native).run()?;
        let domain = self.shown();
        let remote = program(&domain)
            .through_connector(self.surroundings.endpoint)?
            .run()?;
        sides::compare(&native, &remote, (&self.native, &domain))
    }

    fn h5rest(&self) -> Result<Program> {
        let folder = self.sample.path.parent().unwrap_or(Path::new("."));
        let library = self.surroundings.hdf5.lib_dir().join("libhdf5.so");
        Program::new(build::folder()?.join(build::SERVER))
            .current_dir(folder)
            .time_limit(LIMIT)
            .env("HDF5_REST_LIBRARY", library)
            .through_connector(self.surroundings.endpoint)
    }

    /// The domain that is looked at. What h5repack cannot bring up, `h5rest put` does.
    fn shown(&self) -> String {
        match self.refused.get() || self.surroundings.exceptions.has("up", &self.sample.name) {
            true => self.second_domain(),
            false => self.domain.clone(),
        }
    }

    fn second_domain(&self) -> String {
        format!(
            "{}/{:04}.h5",
            folder_of_put(self.surroundings.endpoint),
            self.sample.number
        )
    }

    fn put(&self) -> Result<()> {
        let (program, domain) = (self.h5rest()?, self.second_domain());
        program
            .arg("put")
            .arg(&self.sample.path)
            .arg(domain)
            .run()?
            .success()
            .map(drop)
    }

    fn get(&self) -> Result<()> {
        let got = self.copy_of("got.h5");
        let (program, domain) = (self.h5rest()?, self.second_domain());
        program.arg("get").arg(domain).arg(&got).run()?.success()?;
        self.finds_nothing(&self.sample.path, &got)
    }
}
