//! The job as each of those who are compared does it: a C program, h5pyd, curl.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use h5rest_testkit::{Endpoint, Program, python};

use super::{BYTES, Times};
use crate::run;

/// `c-tests/bench/transfer.c` on a local file, or through the connector.
pub(super) fn transfer(program: &Path, file: &str, endpoint: Option<&Endpoint>) -> Result<Times> {
    let mut program = Program::new(program).arg(file);
    if let Some(endpoint) = endpoint {
        program = program.through_connector(endpoint)?;
    }
    times(&program.run()?.success()?)
}

/// `c-tests/requests/metadata.c`: 200 groups with four attributes each, written and read back.
pub(super) fn metadata(program: &Path, file: &str, endpoint: Option<&Endpoint>) -> Result<Times> {
    let mut found = Times::new();
    for job in ["write", "read"] {
        let mut program = Program::new(program).arg(job).arg(file);
        if let Some(endpoint) = endpoint {
            program = program.through_connector(endpoint)?;
        }
        let printed = program.run()?.success()?;
        found.insert(job.to_owned(), printed.trim().parse()?);
    }
    Ok(found)
}

/// The same as [`transfer`] with h5pyd; `script` is a file with `h5pyd.py`.
pub(super) fn h5pyd(script: &Path, domain: &str, endpoint: &Endpoint) -> Result<Times> {
    let python = python::program(python::HSDS, "python3")?;
    let program = Program::new(python)
        .arg(script)
        .arg(domain)
        .env("HS_ENDPOINT", &endpoint.url)
        .env("HS_USERNAME", &endpoint.username)
        .env("HS_PASSWORD", &endpoint.password);
    times(&program.run()?.success()?)
}

/// Lines of a job's name and its seconds.
fn times(output: &str) -> Result<Times> {
    let line = |line: &str| {
        let parts = line.split_once(' ');
        let (name, seconds) = parts.context("the program printed no time")?;
        Ok((name.to_owned(), seconds.parse()?))
    };
    output.lines().map(line).collect()
}

/// One GET and one PUT of the whole dataset with curl.
pub(super) fn plain_http(endpoint: &Endpoint, domain: &str, folder: &Path) -> Result<Times> {
    let (status, answer) = endpoint.request("GET", &format!("/datasets?domain={domain}"), "")?;
    let answer: serde_json::Value = serde_json::from_str(&answer)
        .with_context(|| format!("listing the datasets of {domain} gave {status}"))?;
    let id = answer["datasets"][0]
        .as_str()
        .context("the domain has no dataset")?;
    let url = format!("{}/datasets/{id}/value?domain={domain}", endpoint.url);
    let data = folder.join("data.bin");
    let wanted = ["-H", "Accept: application/octet-stream"];
    let read = curl(endpoint, &url, &wanted, &data)?;
    let bytes = std::fs::metadata(&data)?.len();
    if bytes != BYTES as u64 {
        bail!("plain HTTP gave {bytes} bytes");
    }
    let body = format!("@{}", data.display());
    let sent = ["-X", "PUT", "-H", "Content-Type: application/octet-stream"];
    let arguments = [&sent[..], &["--data-binary", &body]].concat();
    let write = curl(endpoint, &url, &arguments, Path::new("/dev/null"))?;
    Ok(Times::from([
        ("read".to_owned(), read),
        ("write".to_owned(), write),
    ]))
}

fn curl(endpoint: &Endpoint, url: &str, arguments: &[&str], output: &Path) -> Result<f64> {
    let text = run::output(
        Command::new("curl")
            .args(["--silent", "--show-error", "--fail", "--noproxy", "*"])
            // No wait for "100 Continue": the connector does not wait either.
            .args(["-H", "Expect:", "--write-out", "%{time_total}", "--output"])
            .arg(output)
            .arg("-H")
            .arg(format!("Authorization: {}", endpoint.authorization()))
            .args(arguments)
            .arg(url),
    )?;
    text.trim().parse().context("curl printed no time")
}
