//! `h5rest passwd`: a line of the password file, the password as an argon2 hash.

use std::fs;
use std::io::{BufRead, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::auth::PasswordFile;

/// Sets a user's password.
#[derive(Debug, Args)]
pub(super) struct Passwd {
    /// The user.
    user: String,
    /// The password file to change; it is made if it does not exist. Without it the line is
    /// printed.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Passwd {
    /// Asks for the password on a terminal, or reads it from the first line of the input.
    pub fn run(self) -> Result<()> {
        let password = match std::io::stdin().is_terminal() {
            true => ask()?,
            false => {
                let mut line = String::new();
                std::io::stdin().lock().read_line(&mut line)?;
                line.trim_end_matches(['\r', '\n']).to_owned()
            }
        };
        let line = PasswordFile::line(&self.user, &password)?;
        match &self.file {
            None => println!("{line}"),
            Some(file) => replace(file, &self.user, &line)?,
        }
        Ok(())
    }
}

fn ask() -> Result<String> {
    let password = rpassword::prompt_password("Password: ")?;
    if rpassword::prompt_password("Again: ")? != password {
        bail!("the two passwords differ");
    }
    Ok(password)
}

/// Puts the line in place of the user's, or at the end. The file is replaced as a whole, so that
/// a server that starts meanwhile reads the old one or the new one.
fn replace(file: &Path, user: &str, line: &str) -> Result<()> {
    let old = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", file.display()));
        }
    };
    let prefix = format!("{user}:");
    let is_theirs = |old: &&str| old.starts_with(&prefix);
    let mut lines: Vec<&str> = old.lines().filter(|old| !is_theirs(old)).collect();
    lines.push(line);
    let text = lines.join("\n") + "\n";
    PasswordFile::parse(&text).with_context(|| format!("in {}", file.display()))?;
    let new = file.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut options = fs::OpenOptions::new();
        let mut out = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&new, file)
    };
    write().with_context(|| format!("cannot write {}", file.display()))
}
