//! `cargo xtask bench`: one job (64 MiB of doubles, chunks of 256 x 1024: write, read, 64 scattered
//! boxes) on a local file, through the connector on both servers, and, as the floor, the same bytes
//! by plain HTTP from the same servers. Everything in one run on one machine, best of several.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, H5rest, Hsds, Program, TestDomain, build};

use crate::{run, setup};

/// How often each job runs; the best counts.
const RUNS: usize = 5;
/// Size of the data, for the rates.
const MEBIBYTES: f64 = 64.0;

/// Seconds by job (`write`, `read`, `boxes`).
type Times = BTreeMap<String, f64>;

/// Runs everything and prints the table.
pub fn run() -> Result<()> {
    setup::run()?;
    build::release()?;
    let folder = tempfile::tempdir()?;
    let program = folder.path().join("transfer");
    let hdf5 = hdf5::installation(Version::V1_14_5)?;
    let source = build::repository()
        .join("c-tests")
        .join("bench")
        .join("transfer.c");
    run::output(Command::new("cc").args(hdf5.compile_c(&source, &program)))?;

    let mut rows = Vec::new();
    let local = folder.path().join("local.h5");
    rows.push((
        "native HDF5, local file",
        best(|| job(&program, &local.display().to_string(), None))?,
    ));
    {
        let server = H5rest::on_disk(&folder.path().join("store"))?;
        let (through, plain) = on_server(&program, server.endpoint(), folder.path())?;
        rows.push(("connector on h5rest", through));
        rows.push(("plain HTTP on h5rest", plain));
    }
    {
        let server = H5rest::in_memory()?;
        let (through, plain) = on_server(&program, server.endpoint(), folder.path())?;
        rows.push(("connector on h5rest --memory", through));
        rows.push(("plain HTTP on h5rest --memory", plain));
    }
    {
        let server = Hsds::start()?;
        let (through, plain) = on_server(&program, server.endpoint(), folder.path())?;
        rows.push(("connector on HSDS", through));
        rows.push(("plain HTTP on HSDS", plain));
    }
    print(&rows);
    Ok(())
}

/// The job through the connector, and the same bytes by plain HTTP.
fn on_server(program: &Path, endpoint: &Endpoint, folder: &Path) -> Result<(Times, Times)> {
    let domain = TestDomain::new(endpoint, "bench");
    let through = best(|| job(program, domain.path(), Some(endpoint)))?;
    let plain = best(|| plain_http(endpoint, domain.path(), folder))?;
    Ok((through, plain))
}

fn job(program: &Path, file: &str, endpoint: Option<&Endpoint>) -> Result<Times> {
    let mut program = Program::new(program).arg(file);
    if let Some(endpoint) = endpoint {
        program = program.through_connector(endpoint)?;
    }
    let output = program.run()?.success()?;
    output
        .lines()
        .map(|line| {
            let (name, seconds) = line
                .split_once(' ')
                .context("the program printed no time")?;
            Ok((name.to_owned(), seconds.parse()?))
        })
        .collect()
}

/// One GET and one PUT of the whole dataset with curl.
fn plain_http(endpoint: &Endpoint, domain: &str, folder: &Path) -> Result<Times> {
    let (status, answer) = endpoint.request("GET", &format!("/datasets?domain={domain}"), "")?;
    let answer: serde_json::Value = serde_json::from_str(&answer)
        .with_context(|| format!("listing the datasets of {domain} gave {status}"))?;
    let id = answer["datasets"][0]
        .as_str()
        .context("the domain has no dataset")?;
    let url = format!("{}/datasets/{id}/value?domain={domain}", endpoint.url);
    let data = folder.join("data.bin");
    let read = curl(
        endpoint,
        &url,
        &["-H", "Accept: application/octet-stream"],
        &data,
    )?;
    let bytes = std::fs::metadata(&data)?.len();
    if bytes != 64 << 20 {
        bail!("plain HTTP gave {bytes} bytes");
    }
    let upload = format!("@{}", data.display());
    let arguments = [
        "-X",
        "PUT",
        "-H",
        "Content-Type: application/octet-stream",
        "--data-binary",
        &upload,
    ];
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

/// The best time of each job over several runs.
fn best(mut run: impl FnMut() -> Result<Times>) -> Result<Times> {
    let mut best = run()?;
    for _ in 1..RUNS {
        for (name, seconds) in run()? {
            best.entry(name)
                .and_modify(|known| *known = known.min(seconds));
        }
    }
    Ok(best)
}

fn print(rows: &[(&str, Times)]) {
    println!("64 MiB of doubles, chunks of 256 x 1024, best of {RUNS} (seconds; MiB per second)");
    println!(
        "{:32} {:>16} {:>16} {:>16}",
        "", "write", "read", "64 boxes 64 x 64"
    );
    for (name, times) in rows {
        let cell = |job: &str| match times.get(job) {
            Some(seconds) if job == "boxes" => format!("{seconds:.3}"),
            Some(seconds) => format!("{seconds:.3} {:7.0}", MEBIBYTES / seconds),
            None => "-".to_owned(),
        };
        println!(
            "{name:32} {:>16} {:>16} {:>16}",
            cell("write"),
            cell("read"),
            cell("boxes")
        );
    }
}
