//! The jobs as each of those who are compared does them: a C program, h5pyd, curl. What a job prints
//! are lines of a column's name and seconds.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, Program, build, python};

use super::{BYTES, Times};
use crate::run;

/// One run of a job that takes longer has failed.
const LIMIT: Duration = Duration::from_secs(60);

/// Compiles a program of `c-tests` with HDF5 1.14.5.
pub(super) fn compile(source: &str, program: &Path) -> Result<PathBuf> {
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    let source = build::repository().join("c-tests").join(source);
    let mut compiler = Command::new("cc");
    run::output(compiler.arg("-O2").args(hdf5.compile_c(&source, program)))?;
    Ok(program.to_owned())
}

/// A program that times itself, on a local file or through the connector.
pub(super) fn timed(program: &Path, file: &str, endpoint: Option<&Endpoint>) -> Result<Times> {
    times(&output(Program::new(program).arg(file), endpoint)?)
}

/// `c-tests/requests/metadata.c`: 200 groups with four attributes each, written and read back.
pub(super) fn metadata(program: &Path, file: &str, endpoint: Option<&Endpoint>) -> Result<Times> {
    let mut found = Times::new();
    for job in ["write", "read"] {
        let printed = output(Program::new(program).arg(job).arg(file), endpoint)?;
        found.insert(job.to_owned(), printed.trim().parse()?);
    }
    Ok(found)
}

fn output(program: Program, endpoint: Option<&Endpoint>) -> Result<String> {
    let program = match endpoint {
        Some(endpoint) => program.through_connector(endpoint)?,
        None => program,
    };
    program.time_limit(LIMIT).run()?.success()
}

/// The same jobs with h5pyd; `script` is one of the Python programs here.
pub(super) fn h5pyd(script: &Path, domain: &str, endpoint: &Endpoint) -> Result<Times> {
    let python = python::program(python::HSDS, "python3")?;
    let program = Program::new(python)
        .arg(script)
        .arg(domain)
        .env("HS_ENDPOINT", &endpoint.url)
        .env("HS_USERNAME", &endpoint.username)
        .env("HS_PASSWORD", &endpoint.password);
    times(&program.time_limit(LIMIT).run()?.success()?)
}

fn times(output: &str) -> Result<Times> {
    let line = |line: &str| {
        let parts = line.split_once(' ');
        let (name, seconds) = parts.context("the program printed no time")?;
        Ok((name.to_owned(), seconds.parse()?))
    };
    output.lines().map(line).collect()
}

/// The whole dataset of a domain by plain HTTP.
pub(super) struct PlainHttp<'a> {
    endpoint: &'a Endpoint,
    /// Address of the dataset's values.
    url: String,
    /// A file with all of them.
    data: PathBuf,
}

impl<'a> PlainHttp<'a> {
    /// Finds the dataset, and keeps its values in `folder` to write them again.
    pub(super) fn new(endpoint: &'a Endpoint, domain: &str, folder: &Path) -> Result<Self> {
        let (status, answer) =
            endpoint.request("GET", &format!("/datasets?domain={domain}"), "")?;
        let answer: serde_json::Value = serde_json::from_str(&answer)
            .with_context(|| format!("listing the datasets of {domain} gave {status}"))?;
        let id = answer["datasets"][0].as_str();
        let id = id.context("the domain has no dataset")?;
        let http = Self {
            endpoint,
            url: format!("{}/datasets/{id}/value?domain={domain}", endpoint.url),
            data: folder.join("data.bin"),
        };
        http.get(&http.data)?;
        let bytes = std::fs::metadata(&http.data)?.len();
        if bytes != BYTES as u64 {
            bail!("plain HTTP gave {bytes} bytes");
        }
        Ok(http)
    }

    /// One GET and one PUT with curl.
    pub(super) fn times(&self) -> Result<Times> {
        let nowhere = Path::new("/dev/null");
        let body = format!("@{}", self.data.display());
        let sent = ["-X", "PUT", "-H", "Content-Type: application/octet-stream"];
        let arguments = [&sent[..], &["--data-binary", &body]].concat();
        Ok(Times::from([
            ("read".to_owned(), self.get(nowhere)?),
            ("write".to_owned(), self.curl(&arguments, nowhere)?),
        ]))
    }

    fn get(&self, output: &Path) -> Result<f64> {
        self.curl(&["-H", "Accept: application/octet-stream"], output)
    }

    fn curl(&self, arguments: &[&str], output: &Path) -> Result<f64> {
        let text = run::output(
            Command::new("curl")
                .args(["--silent", "--show-error", "--fail", "--noproxy", "*"])
                .args(["--max-time", &LIMIT.as_secs().to_string()])
                // No wait for "100 Continue": the connector does not wait either.
                .args(["-H", "Expect:", "--write-out", "%{time_total}", "--output"])
                .arg(output)
                .arg("-H")
                .arg(format!("Authorization: {}", self.endpoint.authorization()))
                .args(arguments)
                .arg(&self.url),
        )?;
        text.trim().parse().context("curl printed no time")
    }
}
