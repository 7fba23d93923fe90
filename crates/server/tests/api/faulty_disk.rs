//! A store on a disk that fails when a test says so, and loses what was not synced when the power is
//! cut. The disk is `disk.c`, preloaded into the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::process::Process;

/// Numbers of errors, as the kernel gives them.
pub const EIO: i32 = 5;
/// No space left on the device.
pub const ENOSPC: i32 = 28;
/// Read-only file system.
pub const EROFS: i32 = 30;

/// The disk and the store on it.
pub struct FaultyDisk {
    folder: TempDir,
}

/// The library that makes a disk fail, compiled once.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<TempDir> = OnceLock::new();
    let made = LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/disk.c");
        let compiled = Command::new("cc")
            .args([
                "-Wall", "-Werror", "-O1", "-shared", "-fPIC", "-pthread", "-o",
            ])
            .arg(folder.path().join("disk.so"))
            .args([source.as_os_str(), "-ldl".as_ref()])
            .status()
            .unwrap();
        assert!(compiled.success());
        folder
    });
    made.path()
}

impl FaultyDisk {
    /// An empty one that works.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["store/segments", "durable/segments"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("fault"), "").unwrap();
        Self { folder }
    }

    /// The folder of the store.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// A server on it.
    pub fn start(&self) -> Process {
        // Whatever is there now is on the disk: others may have changed it, too.
        replace(&self.folder.path().join("durable"), &self.store());
        let set = |name: &str, file: &str| (name.to_owned(), self.folder.path().join(file));
        let environment = [
            ("LD_PRELOAD".to_owned(), library().join("disk.so")),
            set("DISK_UNDER", "store/"),
            set("DISK_SHADOW", "durable/"),
            set("DISK_FAULT", "fault"),
        ];
        let store = self.store();
        Process::in_environment(&["--root", store.to_str().unwrap()], &environment)
    }

    /// From now on these operations fail, each line as `disk.c` tells.
    pub fn fail(&self, faults: &[(&str, i32)]) {
        self.fail_after(faults, 0);
    }

    /// The same, after the first `skip` of each.
    pub fn fail_after(&self, faults: &[(&str, i32)], skip: u32) {
        let lines = faults
            .iter()
            .map(|(name, number)| format!("{name} {number} {skip}\n"));
        let next = self.folder.path().join("fault.next");
        fs::write(&next, lines.collect::<String>()).unwrap();
        // At once, so that no half of it is read.
        fs::rename(next, self.folder.path().join("fault")).unwrap();
    }

    /// Everything works again.
    pub fn repair(&self) {
        self.fail(&[]);
    }

    /// Waits until an operation is held, by `("hold", 1)`: the next sync then waits until the fault is
    /// taken away.
    pub fn wait_until_held(&self) {
        let held = self.folder.path().join("fault.held");
        while !held.exists() {
            std::thread::yield_now();
        }
        fs::remove_file(held).unwrap();
    }

    /// What is there when the power comes back: nothing that no sync has reached. The server must
    /// be gone.
    pub fn cut_power(&self) {
        replace(&self.store(), &self.folder.path().join("durable"));
    }
}

/// Makes the files of a store those of another one.
fn replace(to: &Path, from: &Path) {
    let files = |folder: &Path| {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_file()).collect::<Vec<_>>()
    };
    for name in ["", "segments"] {
        let (from, to) = (from.join(name), to.join(name));
        files(&to)
            .iter()
            .for_each(|file| fs::remove_file(file).unwrap());
        for file in files(&from) {
            fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
    }
}
