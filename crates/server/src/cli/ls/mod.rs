//! `h5rest ls`.

mod describe;
mod folder;
mod objects;
mod table;
mod target;

use anyhow::Result;
use clap::Args;

use super::connection::{self, Connection};
use target::Target;

/// Lists a folder of the server, or the objects of a file.
///
/// NAME is what HDF5 programs would call it: a folder or file (`/home/ann`, `first.h5`,
/// `http://host:5101/home/ann/first.h5`), or a path in a file (`first.h5/days/rain`). Without a name
/// the home folder is listed.
#[derive(Debug, Args)]
pub(super) struct Ls {
    /// Folder, file, or path in a file.
    name: Option<String>,
    /// Also what is in the folders below, or in the groups below.
    #[arg(short, long)]
    recursive: bool,
    /// One line with everything: owners, sizes and times of files; types, layouts, filters and
    /// numbers of attributes of objects.
    #[arg(short, long)]
    long: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Ls {
    /// Prints the list.
    pub fn run(self) -> Result<()> {
        let config = self.connection.config();
        let location = config.locate_folder(self.name.as_deref())?;
        let client = connection::client(&location, config.timeout)?;
        let lines = match target::find(client, &location)? {
            Target::Folder(folder) => folder::list(&folder, self.recursive, self.long)?,
            Target::Object { domain, path, id } => {
                let options = objects::Options {
                    recursive: self.recursive,
                    long: self.long,
                    parallel: config.parallel,
                };
                objects::list(&domain, &path, id, &options)?
            }
        };
        table::print(&lines)
    }
}
