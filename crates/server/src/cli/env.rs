//! `h5rest env`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

/// Prints the exports that make HDF5 programs of this shell use the connector.
#[derive(Debug, Args)]
pub(super) struct Env {
    /// Folder of the plugin; by default that of this program, or `lib` beside it.
    #[arg(long, value_name = "DIR")]
    plugin: Option<PathBuf>,
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:5101", value_name = "URL")]
    endpoint: String,
    /// Who asks.
    #[arg(long, value_name = "USER")]
    username: Option<String>,
}

/// What the plugin's file is called here.
pub(super) const PLUGIN: &str = "libhdf5_vol_rest.so";

impl Env {
    /// Prints one export per line, for `eval "$(h5rest env)"`.
    pub fn run(self) -> Result<()> {
        let folder = match self.plugin {
            Some(folder) => folder,
            None => beside_this_program()?,
        };
        let quote = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        println!(
            "export HDF5_PLUGIN_PATH={}",
            quote(&folder.display().to_string())
        );
        println!("export HDF5_VOL_CONNECTOR=REST");
        println!("export HSDS_ENDPOINT={}", quote(&self.endpoint));
        if let Some(user) = self.username {
            println!("export HSDS_USERNAME={}", quote(&user));
            println!("# and HSDS_PASSWORD, which is not printed here");
        }
        Ok(())
    }
}

/// The folder with the plugin: after a build that of the program, after an installation a
/// library folder beside it.
pub(super) fn beside_this_program() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let folder = program.parent().unwrap_or(Path::new("."));
    let candidates = ["", "../lib/hdf5/plugin", "../lib", "../lib64"].map(|c| folder.join(c));
    let found = candidates.iter().find(|c| c.join(PLUGIN).exists());
    let found = found.with_context(|| {
        format!(
            "cannot find {PLUGIN} beside {}: name its folder with --plugin",
            program.display()
        )
    })?;
    Ok(found.canonicalize()?)
}
