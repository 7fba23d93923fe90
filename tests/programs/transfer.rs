//! `h5rest put` and `h5rest get`: whole files, to a server and back; what an interruption leaves, and
//! what a second start makes of it.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{Endpoint, Finished, Program, TestDomain, TestServer, build, connector};
use serde_json::Value;
use tempfile::TempDir;

use crate::stock::compile_c;

/// Sample files of HDF5 with many kinds of types, links, properties.
const SAMPLES: [&str; 7] = [
    "h5dump/testfiles/thlink.h5",
    "h5dump/testfiles/tattrreg.h5",
    "h5dump/testfiles/tcompound_complex.h5",
    "h5dump/testfiles/tnamed_dtype_attr.h5",
    "h5copy/testfiles/h5copytst.h5",
    "h5diff/testfiles/h5diff_extlink_src.h5",
    "h5repack/testfiles/h5repack_refs.h5",
];

struct Place {
    server: TestServer,
    folder: TempDir,
}

impl Place {
    fn new() -> Result<Self> {
        Ok(Self {
            server: TestServer::start()?,
            folder: tempfile::tempdir()?,
        })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn domain(&self, stem: &str) -> TestDomain {
        TestDomain::new(self.server.endpoint(), stem)
    }

    /// `h5rest` with these arguments, on the HDF5 of the tests.
    fn h5rest(&self, arguments: &[&str]) -> Result<Program> {
        Program::new(build::folder()?.join(build::SERVER))
            .args(arguments)
            .env("HDF5_REST_LIBRARY", library(Version::V1_14_5)?)
            .through_connector(self.server.endpoint())
    }

    fn run(&self, arguments: &[&str]) -> Result<Finished> {
        self.h5rest(arguments)?.run()
    }

    /// A file of many datasets, all different.
    fn many_datasets(&self) -> Result<String> {
        let writer = compile_c(
            Version::V1_14_5,
            "tests/programs/many_datasets.c",
            &self.folder,
        )?;
        let file = self.path("many.h5");
        Program::new(writer).arg(&file).arg("60").run()?.success()?;
        Ok(file)
    }

    /// Starts a copy that notes its progress after every block.
    fn start(&self, arguments: &[&str]) -> Result<Child> {
        let mut command = Command::new(build::folder()?.join(build::SERVER));
        command
            .args(arguments)
            .args(["--note-every", "0"])
            .env("HDF5_REST_LIBRARY", library(Version::V1_14_5)?)
            .envs(connector::environment(self.server.endpoint())?)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().context("cannot start h5rest")
    }
}

fn library(version: Version) -> Result<PathBuf> {
    Ok(hdf5::installation(version)?.lib_dir().join("libhdf5.so"))
}

fn h5diff_finds_nothing(one: &str, other: &str) -> Result<()> {
    let tool = hdf5::installation(Version::V1_14_5)?.program("h5diff");
    Program::new(tool)
        .args([one, other])
        .run()?
        .success()
        .map(drop)
}

/// How many datasets the note of a copy says are done; `None` if there is no note (any more).
fn noted(endpoint: &Endpoint, domain: &str) -> Result<Option<u64>> {
    let get = |target: String| endpoint.request("GET", &target, "");
    let (_, document) = get(format!("/?domain={domain}"))?;
    let document: Value = serde_json::from_str(&document).unwrap_or_default();
    let Some(root) = document["root"].as_str() else {
        return Ok(None);
    };
    let name = "h5rest%20copy%20in%20progress";
    let (status, attribute) = get(format!("/groups/{root}/attributes/{name}?domain={domain}"))?;
    if status != 200 {
        return Ok(None);
    }
    let attribute: Value = serde_json::from_str(&attribute)?;
    let note = attribute["value"].as_str().unwrap_or_default();
    let note: Value = serde_json::from_str(note.trim_end_matches('\0')).unwrap_or_default();
    Ok(note["dataset"].as_u64())
}

/// Waits until some of a copy is there, and kills it; `None` if it came to its end before that.
fn interrupt<T>(mut copy: Child, some: impl Fn() -> Result<Option<T>>) -> Result<Option<T>> {
    let mut there = None;
    while there.is_none() && copy.try_wait()?.is_none() {
        there = some()?;
        std::thread::yield_now();
    }
    copy.kill()?;
    let ended = copy.wait()?;
    ensure!(
        ended.success() || ended.signal() == Some(libc::SIGKILL),
        "the copy failed: {ended}"
    );
    Ok(there.filter(|_| !ended.success()))
}

/// Interrupts one copy after the other until one has not come to its end: where this process stands still
/// meanwhile, it does.
fn interrupted<T>(mut copy: impl FnMut(u32) -> Result<Option<T>>) -> Result<T> {
    for attempt in 0..5 {
        if let Some(interrupted) = copy(attempt)? {
            return Ok(interrupted);
        }
    }
    bail!("every copy ended before it was interrupted")
}

/// Starts a copy to the server and kills it when some of it is there: the domain, and how many datasets.
fn interrupted_put(place: &Place, file: &str, stem: &str) -> Result<(TestDomain, u64)> {
    interrupted(|_| {
        let domain = place.domain(stem);
        let note = || noted(place.server.endpoint(), domain.path());
        let copy = place.start(&["put", file, domain.path()])?;
        let done = interrupt(copy, || Ok(note()?.filter(|done| *done > 2)))?;
        // It is taken away at the end of the copy.
        let is_left = note()?.is_some();
        Ok(done.filter(|_| is_left).map(|done| (domain, done)))
    })
}

#[test]
fn files_come_back_as_they_were() -> Result<()> {
    let place = Place::new()?;
    let samples = hdf5::installation(Version::V1_14_5)?
        .source()
        .join("tools/test");
    for (number, sample) in SAMPLES.iter().enumerate() {
        let sample = samples.join(sample).display().to_string();
        let (domain, back) = (place.domain("put"), place.path(&format!("{number}.h5")));
        let put = place.run(&["put", &sample, domain.path()])?;
        let put = put.success().with_context(|| format!("put {sample}"))?;
        ensure!(put.contains("verified"), "{put}");
        place.run(&["get", domain.path(), &back])?.success()?;
        h5diff_finds_nothing(&sample, &back)?;
        ensure!(
            !Path::new(&format!("{back}.part")).exists(),
            "{back}.part is left"
        );
    }
    Ok(())
}

/// The library that the h5py and netCDF4 wheels have, in its newest release.
#[test]
fn hdf5_2_copies_too() -> Result<()> {
    let place = Place::new()?;
    let samples = hdf5::installation(Version::V1_14_5)?
        .source()
        .join("tools/test");
    let file = samples.join(SAMPLES[4]).display().to_string();
    let (domain, back) = (place.domain("hdf5-2"), place.path("back.h5"));
    for arguments in [["put", &file, domain.path()], ["get", domain.path(), &back]] {
        let program = place.h5rest(&arguments)?;
        program
            .env("HDF5_REST_LIBRARY", library(Version::V2_2_0)?)
            .run()?
            .success()?;
    }
    h5diff_finds_nothing(&file, &back)
}

#[test]
fn an_interrupted_put_goes_on() -> Result<()> {
    let place = Place::new()?;
    let file = place.many_datasets()?;
    let (domain, done) = interrupted_put(&place, &file, "interrupted")?;
    let again = place.run(&["put", &file, domain.path()])?;
    let told = again.stderr.clone();
    let printed = again.success()?;
    ensure!(told.contains("an earlier copy is continued"), "{told}");
    ensure!(
        printed.contains("continued, verified"),
        "{printed} after {done}"
    );
    ensure!(
        noted(place.server.endpoint(), domain.path())?.is_none(),
        "the note is left"
    );
    let back = place.path("back.h5");
    place.run(&["get", domain.path(), &back])?.success()?;
    h5diff_finds_nothing(&file, &back)
}

#[test]
fn an_interrupted_get_goes_on_or_begins_anew() -> Result<()> {
    let place = Place::new()?;
    let file = place.many_datasets()?;
    let domain = place.domain("got");
    place.run(&["put", &file, domain.path()])?.success()?;
    // A tenth of the file.
    let enough = std::fs::metadata(&file)?.len() / 10;
    let back = interrupted(|attempt| {
        let back = place.path(&format!("back{attempt}.h5"));
        let part = format!("{back}.part");
        let size = || std::fs::metadata(&part).map_or(0, |part| part.len());
        let copy = place.start(&["get", domain.path(), &back])?;
        let some = interrupt(copy, || Ok((size() >= enough).then_some(())))?;
        // It has its other name at the end of the copy.
        let some = some.filter(|()| Path::new(&part).exists());
        ensure!(
            some.is_none() || !Path::new(&back).exists(),
            "{back} is there before it is complete"
        );
        Ok(some.map(|()| back))
    })?;
    place.run(&["get", domain.path(), &back])?.success()?;
    h5diff_finds_nothing(&file, &back)
}

/// What is there is not replaced, and what was begun from another file is not continued.
#[test]
fn nothing_is_replaced_unasked() -> Result<()> {
    let place = Place::new()?;
    let file = place.many_datasets()?;
    let back = place.path("back.h5");
    let (domain, _) = interrupted_put(&place, &file, "there")?;
    std::fs::copy(&file, &back)?;
    let refused = place.run(&["put", &back, domain.path()])?.failure()?;
    ensure!(
        refused.contains("was begun as a copy of another file"),
        "{refused}"
    );
    place
        .run(&["put", "--overwrite", &back, domain.path()])?
        .success()?;
    for arguments in [["put", &file, domain.path()], ["get", domain.path(), &back]] {
        let refused = place.run(&arguments)?.failure()?;
        ensure!(refused.contains("is there already"), "{refused}");
        ensure!(refused.contains("--overwrite"), "{refused}");
    }
    Ok(())
}

/// Elements that change behind an interrupted copy's back are found by the comparison at its end.
#[test]
fn a_copy_that_differs_is_told() -> Result<()> {
    let place = Place::new()?;
    let file = place.many_datasets()?;
    let (domain, _) = interrupted_put(&place, &file, "changed")?;
    let endpoint = place.server.endpoint();
    let (_, found) = endpoint.request(
        "GET",
        &format!("/?domain={}&h5path=/set000", domain.path()),
        "",
    )?;
    let found: Value = serde_json::from_str(&found)?;
    let id = found["id"].as_str().context("the first dataset is there")?;
    let target = format!("/datasets/{id}/value?domain={}&select=[0:1]", domain.path());
    let (status, text) = endpoint.request("PUT", &target, r#"{"value": [123456.5]}"#)?;
    ensure!(status == 200, "{status}: {text}");
    let refused = place.run(&["put", &file, domain.path()])?.failure()?;
    ensure!(refused.contains("/set000: has other elements"), "{refused}");
    Ok(())
}
