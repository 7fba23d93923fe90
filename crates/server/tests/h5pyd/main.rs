//! The tools of h5pyd 1.0.0, unmodified, on `h5rest`. Left out is hsmv, which loses the data that
//! it moves, on HSDS as here: it deletes the old domain with the root group that the new one
//! shares.

// Helpers of tests fail the test by panicking, too.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::{H5rest, python};
use tempfile::TempDir;

/// The folder that tests make their domains in.
const FOLDER: &str = "/home/test_user1/tools/";

/// A server, and an empty local folder.
struct Bench {
    server: H5rest,
    folder: TempDir,
}

impl Bench {
    /// With [`FOLDER`] made.
    fn new() -> Self {
        let bench = Self {
            server: H5rest::of_program(Path::new(env!("CARGO_BIN_EXE_h5rest"))).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        };
        bench.run("hstouch", &[FOLDER]);
        bench
    }

    fn local(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a program of the Python environment; its exit code and what it printed.
    #[track_caller]
    fn try_run(&self, program: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let endpoint = self.server.endpoint();
        let output = Command::new(python::program(python::HSDS, program).unwrap())
            .args(arguments)
            .current_dir(self.folder.path())
            // h5pyd keeps files in the home folder, and reads them.
            .env("HOME", self.folder.path())
            .env("HS_ENDPOINT", &endpoint.url)
            .env("HS_USERNAME", &endpoint.username)
            .env("HS_PASSWORD", &endpoint.password)
            .output()
            .unwrap();
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text += &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    }

    /// The same; it must succeed.
    #[track_caller]
    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let (code, text) = self.try_run(program, arguments);
        assert_eq!(code, Some(0), "{program} {arguments:?}: {text}");
        text
    }

    /// Runs one of the scripts beside this file.
    #[track_caller]
    fn script(&self, name: &str, arguments: &[&Path]) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/h5pyd")
            .join(name);
        let mut all = vec![path.to_str().unwrap()];
        all.extend(arguments.iter().map(|path| path.to_str().unwrap()));
        self.run("python3", &all)
    }

    /// A local sample file, loaded as `sample.h5`; its path, and the domain's.
    #[track_caller]
    fn sample(&self) -> (PathBuf, String) {
        let file = self.local("sample.h5");
        self.script("make_sample.py", &[&file]);
        self.run("hsload", &[file.to_str().unwrap(), FOLDER]);
        (file, format!("{FOLDER}sample.h5"))
    }
}

#[test]
fn hsload_hsdiff_hsget() {
    let bench = Bench::new();
    let (file, domain) = bench.sample();
    bench.run("hsdiff", &[file.to_str().unwrap(), &domain]);
    let back = bench.local("back.h5");
    bench.run("hsget", &[&domain, back.to_str().unwrap()]);
    assert_eq!(
        bench.script("compare_samples.py", &[&file, &back]),
        "same\n"
    );
    // A file that differs in one number.
    let change = "import h5py, sys; h5py.File(sys.argv[1], 'a')['group/chunked'][39, 49] = 0";
    bench.run("python3", &["-c", change, back.to_str().unwrap()]);
    let (code, text) = bench.try_run("hsdiff", &[back.to_str().unwrap(), &domain]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("/group/chunked"), "{text}");
}

/// Files of HDF5's own tests. Most others fail in h5pyd 1.0.0 itself, with HSDS as with h5rest.
#[test]
fn samples_of_hdf5() {
    let bench = Bench::new();
    let source = hdf5::installation(Version::V1_14_5).unwrap().source();
    let samples = source.join("tools/test");
    for (sample, comes_back) in [
        ("h5dump/testfiles/tvlstr.h5", true),
        // hsget cannot write arrays of compounds.
        ("h5dump/testfiles/tarray4.h5", false),
        ("h5repack/testfiles/h5repack_fletcher.h5", true),
        ("h5repack/testfiles/h5repack_named_dtypes.h5", true),
    ] {
        let file = samples.join(sample);
        let domain = format!("{FOLDER}{}", file.file_name().unwrap().to_str().unwrap());
        bench.run("hsload", &[file.to_str().unwrap(), &domain]);
        bench.run("hsdiff", &[file.to_str().unwrap(), &domain]);
        if comes_back {
            let back = bench.local("back.h5");
            bench.run("hsget", &[&domain, back.to_str().unwrap()]);
            bench.run("hsdiff", &[back.to_str().unwrap(), &domain]);
        }
    }
}

#[test]
fn filters() {
    let bench = Bench::new();
    let domain = format!("{FOLDER}filters.h5");
    let text = bench.script("filters.py", &[Path::new(&domain)]);
    assert_eq!(text, "14 ways\n");
    let text = bench.run("hsls", &["-r", "-v", &domain]);
    assert!(
        text.contains("/lz4_shuffle Dataset {100/100, 200/200}"),
        "{text}"
    );
}

#[test]
fn hsls() {
    let bench = Bench::new();
    let (_, domain) = bench.sample();
    let text = bench.run("hsls", &[FOLDER]);
    assert!(text.contains(&domain) && text.contains("2 items"), "{text}");
    let text = bench.run("hsls", &["-r", "-v", "--showattrs", &domain]);
    for part in [
        "/group/chunked",
        "/group/chunked Dataset {40/40, 50/50}",
        "growing Dataset {10/Inf}",
        "SoftLink {/group/chunked}",
        "ExternalLink {/x//other.h5}",
        "/type Datatype",
        "/table Table {2/2}",
        "Dataset, same as",
        "attr: unit",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn hstouch_hsrm() {
    let bench = Bench::new();
    let domain = format!("{FOLDER}touched.h5");
    bench.run("hstouch", &[&domain]);
    assert!(bench.run("hsls", &[FOLDER]).contains(&domain));
    // It must be empty first.
    bench.run("hsrm", &[&domain]);
    let text = bench.run("hsls", &[FOLDER]);
    assert!(text.contains("1 items"), "{text}");
    bench.run("hsrm", &[FOLDER]);
    let text = bench.run("hsls", &["/home/test_user1/"]);
    assert!(!text.contains("tools"), "{text}");
}

#[test]
fn hsacl() {
    let bench = Bench::new();
    let domain = format!("{FOLDER}rights.h5");
    bench.run("hstouch", &[&domain]);
    let line = |user: &str| {
        let text = bench.run("hsacl", &[&domain]);
        let line = text.lines().find(|line| line.contains(user));
        line.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let all = "test_user1 True True True True True True";
    assert_eq!(line("test_user1").as_deref(), Some(all));
    assert_eq!(line("test_user2"), None);
    bench.run("hsacl", &[&domain, "+ru", "test_user2"]);
    let some = "test_user2 False True True False False False";
    assert_eq!(line("test_user2").as_deref(), Some(some));
    bench.run("hsacl", &[&domain, "-u", "test_user2"]);
    let read = "test_user2 False True False False False False";
    assert_eq!(line("test_user2").as_deref(), Some(read));
}

#[test]
fn hsinfo_hsstat() {
    let bench = Bench::new();
    let (_, domain) = bench.sample();
    let text = bench.run("hsinfo", &[]);
    assert!(text.contains("server state: READY"), "{text}");
    assert!(text.contains("server version: 1.0.2"), "{text}");
    let text = bench.run("hsstat", &[&domain]);
    assert!(text.contains("owner:           test_user1"), "{text}");
    let chunks = text.lines().find(|line| line.contains("num chunks"));
    assert!(chunks.is_some_and(|line| !line.ends_with(" 0")), "{text}");
}

#[test]
fn hscopy_hsdel() {
    let bench = Bench::new();
    let (file, domain) = bench.sample();
    let copy = format!("{FOLDER}copy.h5");
    bench.run("hscopy", &[&domain, &copy]);
    bench.run("hsdiff", &[file.to_str().unwrap(), &copy]);
    bench.run("hsdel", &[&copy]);
    let text = bench.run("hsls", &[FOLDER]);
    assert!(!text.contains("copy.h5"), "{text}");
}
