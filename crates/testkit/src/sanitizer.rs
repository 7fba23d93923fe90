//! Running programs with a connector that was built with AddressSanitizer (`cargo xtask memcheck`).
//!
//! The plugin is instrumented, the programs that load it are not, so the sanitizer's runtime is put
//! before everything else in their processes. GCC's runtime understands what rustc compiles in. The
//! server is an executable and has a runtime of its own. Both write what they find into one folder.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::build;

/// Names the folder for reports in the environment of test programs that run other programs.
const REPORTS: &str = "H5REST_SANITIZER_REPORTS";

/// Leaks that are not the connector's, each with its reason.
const SUPPRESSIONS: &str = "tests/memory/leaks.supp";

/// How programs are observed.
#[derive(Clone, Debug)]
pub struct Sanitizer {
    runtime: PathBuf,
    reports: PathBuf,
}

static IN_USE: OnceLock<Option<Sanitizer>> = OnceLock::new();

/// How programs of this process are observed: as [`observe`] said, or the variable
/// `H5REST_SANITIZER_REPORTS`; none of both means not at all.
///
/// # Errors
/// When the variable is set and there is no runtime.
pub fn in_use() -> Result<Option<&'static Sanitizer>> {
    if IN_USE.get().is_none()
        && let Some(reports) = env::var_os(REPORTS).filter(|value| !value.is_empty())
    {
        observe(Path::new(&reports))?;
    }
    Ok(IN_USE.get_or_init(|| None).as_ref())
}

/// Lets the sanitizer observe all programs that this process starts from now on, with reports in
/// the folder `reports`.
///
/// # Errors
/// When there is no runtime.
pub fn observe(reports: &Path) -> Result<()> {
    let sanitizer = Sanitizer {
        runtime: runtime()?,
        reports: reports.to_owned(),
    };
    IN_USE.get_or_init(|| Some(sanitizer));
    Ok(())
}

impl Sanitizer {
    /// What the environment of a program that loads the connector needs.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut environment = self.options();
        environment.push(("LD_PRELOAD", self.runtime.clone().into()));
        environment
    }

    /// What the environment of a program needs that was built with the sanitizer as a whole.
    pub fn options(&self) -> Vec<(&'static str, OsString)> {
        // The report says what went wrong; a program's own exit status stays what it is. Frames
        // name their library, and stacks are unwound by the book: HDF5 has no frame pointers.
        // Memory that nobody has is refused as it is without the sanitizer. What HDF5 itself does wrong
        // is told, too, and its program goes on.
        let mut options = OsString::from(
            "detect_leaks=1:allocator_may_return_null=1:halt_on_error=0:exitcode=0:\
             fast_unwind_on_malloc=0:\
             log_exe_name=1:stack_trace_format='    #%n %p %f (%m) %S':log_path=",
        );
        options.push(self.reports.join("report"));
        let mut leaks = OsString::from("print_suppressions=0:suppressions=");
        leaks.push(build::repository().join(SUPPRESSIONS));
        vec![("ASAN_OPTIONS", options), ("LSAN_OPTIONS", leaks)]
    }

    /// For programs that start other programs: what makes them use this sanitizer.
    pub fn handed_on(&self) -> (&'static str, &Path) {
        (REPORTS, &self.reports)
    }
}

/// GCC's runtime.
fn runtime() -> Result<PathBuf> {
    let output = Command::new("cc")
        .arg("-print-file-name=libasan.so")
        .output()
        .context("cannot ask the C compiler for libasan.so")?;
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    // A compiler that has none repeats the name.
    if !path.is_absolute() {
        bail!("the C compiler has no AddressSanitizer runtime (libasan.so); please install GCC's");
    }
    path.canonicalize()
        .with_context(|| format!("{} does not exist", path.display()))
}
