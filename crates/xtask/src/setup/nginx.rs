//! The web server that installations put in front of HSDS: TLS and HTTP/2 in tests. Debian's program,
//! unpacked and not installed, so that no service is started on the machine. On other systems it must be
//! installed.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use h5rest_testkit::nginx;

use super::Part;
use crate::run::Work;

/// Fetches it unless it is there.
pub fn fetch(cache: &Path) -> Result<()> {
    let part = Part::new(cache, nginx::PART, "1 Debian's nginx".to_owned());
    if part.is_complete() {
        return Ok(());
    }
    let work = Work::begin("Fetching nginx", &part.log())?;
    let folder = part.work_folder()?;
    let stage = folder.join("stage");
    if !Path::new("/usr/bin/apt-get").exists() {
        let installed = ["/usr/sbin/nginx", "/usr/bin/nginx"].map(Path::new);
        let program = installed.into_iter().find(|path| path.exists());
        let program = program.context("this machine has no apt-get: please install nginx")?;
        std::fs::create_dir_all(stage.join("usr/sbin"))?;
        std::os::unix::fs::symlink(program, stage.join("usr/sbin/nginx"))?;
        return part.complete(&stage);
    }
    let download = || {
        let mut download = Command::new("apt-get");
        download.args(["download", "nginx"]).current_dir(&folder);
        work.run(&mut download)
    };
    if download().is_err() {
        // The lists of packages are older than what the mirror has, or missing.
        work.run(Command::new("apt-get").args(["update", "-q"]))?;
        download()?;
    }
    let package = std::fs::read_dir(&folder)?
        .next()
        .context("apt-get has downloaded nothing")??;
    work.run(
        Command::new("dpkg")
            .arg("-x")
            .arg(package.path())
            .arg(&stage),
    )?;
    part.complete(&stage)?;
    work.end();
    Ok(())
}
