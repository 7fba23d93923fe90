//! `h5rest backup`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use h5rest_client::{Client, Credentials, Endpoint, HttpTransport, Secret};

use crate::backup::Import;
use crate::store::Store;

/// How long the server may stay silent.
const PATIENCE: Duration = Duration::from_secs(60);

/// Copies everything that a running server keeps into a new store, which `h5rest serve --root` can
/// serve.
///
/// It shows one moment; others go on reading and writing meanwhile. The user must be the
/// administrator.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Folder of the new store; it must be empty or not exist.
    #[arg(value_name = "DIR")]
    to: PathBuf,
    /// The server.
    #[arg(
        long,
        env = "HSDS_ENDPOINT",
        default_value = "http://127.0.0.1:5101",
        value_name = "URL"
    )]
    endpoint: String,
    /// The administrator.
    #[arg(
        long,
        env = "HSDS_USERNAME",
        default_value = "admin",
        value_name = "USER"
    )]
    username: String,
    /// Their password. On the command line others of this machine can see it.
    #[arg(
        long,
        env = "HSDS_PASSWORD",
        default_value = "",
        hide_env_values = true,
        hide_default_value = true,
        value_name = "PASSWORD"
    )]
    password: String,
}

impl Backup {
    /// Makes the copy; a copy that could not be finished is removed, or marked as such if this is killed.
    pub fn run(self) -> Result<()> {
        let made = !self.to.exists();
        if !made && fs::read_dir(&self.to)?.next().is_some() {
            bail!("{} is not empty: name a new folder", self.to.display());
        }
        let copied = self.copy();
        if copied.is_err() {
            let _ = remove(&self.to, made);
        }
        let records = copied
            .with_context(|| format!("cannot copy {} to {}", self.endpoint, self.to.display()))?;
        println!("{records} records in {}", self.to.display());
        Ok(())
    }

    fn copy(&self) -> Result<u64> {
        let endpoint = Endpoint::parse(&self.endpoint).map_err(|problem| anyhow!(problem))?;
        let credentials = Credentials {
            username: Some(self.username.clone()),
            password: Some(Secret::new(&*self.password)),
            ..Credentials::default()
        };
        let transport = HttpTransport::new(endpoint, &credentials, PATIENCE)
            .map_err(|problem| anyhow!(problem))?;
        let store = Store::filling(&self.to)?;
        let mut import = Import::into(&store);
        Client::new(Arc::new(transport))
            .backup(&mut |piece| import.take(piece).map_err(|error| error.to_string()))?;
        let records = import.finish()?;
        drop(store);
        Store::filled(&self.to)?;
        Ok(records)
    }
}

/// Leaves the folder as it was found.
fn remove(folder: &Path, made: bool) -> std::io::Result<()> {
    fs::remove_dir_all(folder)?;
    if made { Ok(()) } else { fs::create_dir(folder) }
}
