//! `h5rest fsck`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::check::{self, Finding};
use crate::store::Store;

/// Checks a store that no server uses, and says what is wrong with it.
///
/// It changes nothing, except that the database finishes or undoes a commit that was interrupted,
/// as at every start of the server. Exit status 1 means that something is wrong.
#[derive(Debug, Args)]
pub(super) struct Fsck {
    /// The folder given to `h5rest serve --root`.
    #[arg(value_name = "DIR")]
    root: PathBuf,
    /// Do not read the elements of datasets, only what describes them.
    #[arg(long)]
    quick: bool,
}

impl Fsck {
    /// Prints one line per finding and a summary.
    pub fn run(self) -> Result<()> {
        let name = self.root.display();
        let (store, below) =
            Store::inspect(&self.root).with_context(|| format!("cannot check {name}"))?;
        let mut problems = below.len();
        below.iter().for_each(|text| println!("problem: {text}"));
        let summary = check::check(&store, self.quick, &mut |finding| match finding {
            Finding::Problem(text) => {
                problems += 1;
                println!("problem: {text}");
            }
            Finding::Note(text) => println!("note: {text}"),
        })
        .with_context(|| format!("cannot check {name}"))?;
        println!("{summary}");
        match problems {
            0 => Ok(()),
            1 => bail!("1 problem in {name}"),
            more => bail!("{more} problems in {name}"),
        }
    }
}
