//! Following links as a link access property list says, and finding the files that external links
//! name.

use std::fmt;
use std::sync::{Arc, LazyLock};

use super::chunk_cache::ChunkCache;
use super::error::{Error, ErrorKind, Result};
use super::file::{File, FileLocking};
use super::object::Object;
use crate::config::Config;

/// Soft and external links followed in one name, unless a program says otherwise. It is what ends
/// cycles.
const MOST_LINKS_FOLLOWED: u32 = 16;

/// What a link access property list says.
pub struct LinkAccess {
    /// Soft and external links that may be followed in one name (`H5Pset_nlinks`).
    pub most_links: u32,
    /// Where to look for the files that external links name (`H5Pset_elink_prefix`).
    pub prefix: Option<String>,
    /// Whether such files are opened for writing (`H5Pset_elink_acc_flags`); else as the file with
    /// the link was.
    pub write: Option<bool>,
    /// Whether such files, opened for reading, follow a writer (a flag there, too); else as the file
    /// with the link does.
    pub follow_writer: Option<bool>,
    /// Settings for such files (`H5Pset_elink_fapl`); else those of the file with the link.
    pub config: Option<Arc<Config>>,
    /// How such files are locked (there, too); else as the file with the link.
    pub locking: Option<FileLocking>,
    /// The chunk cache for their datasets (there, too); else as the file with the link.
    pub chunk_cache: Option<ChunkCache>,
    /// Asked before such a file is opened (`H5Pset_elink_cb`). Only while the call is running that
    /// the list was given to, and on its thread.
    pub before_open: Option<BeforeOpen>,
}

/// Says whether to open for writing; an error ends the call.
pub type BeforeOpen = Box<dyn Fn(&Opening<'_>) -> Result<bool> + Send + Sync>;

/// An external link that is about to be followed.
#[derive(Debug)]
pub struct Opening<'a> {
    /// The file with the link.
    pub parent_file: &'a str,
    /// The group with the link.
    pub parent_group: &'a str,
    /// The file that it names.
    pub file: &'a str,
    /// The object in that file.
    pub path: &'a str,
    /// Whether the file will be opened for writing.
    pub write: bool,
}

impl Default for LinkAccess {
    fn default() -> Self {
        Self {
            most_links: MOST_LINKS_FOLLOWED,
            prefix: None,
            write: None,
            follow_writer: None,
            config: None,
            locking: None,
            chunk_cache: None,
            before_open: None,
        }
    }
}

impl fmt::Debug for LinkAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkAccess")
            .field("most_links", &self.most_links)
            .field("prefix", &self.prefix)
            .field("write", &self.write)
            .finish_non_exhaustive()
    }
}

/// One name on its way to an object.
pub(super) struct Following {
    left: u32,
    pub(super) access: Arc<LinkAccess>,
}

impl Following {
    pub(super) fn new(access: Option<Arc<LinkAccess>>) -> Self {
        static DEFAULT: LazyLock<Arc<LinkAccess>> = LazyLock::new(Arc::default);
        let access = access.unwrap_or_else(|| DEFAULT.clone());
        Self {
            left: access.most_links,
            access,
        }
    }

    /// Uses up one of the links that may be followed.
    pub(super) fn one_more(&mut self) -> Result<()> {
        let Some(left) = self.left.checked_sub(1) else {
            let most = self.access.most_links;
            return Err(Error::invalid(format!(
                "more than {most} soft or external links to follow (H5Pset_nlinks)"
            )));
        };
        self.left = left;
        Ok(())
    }
}

impl Object {
    /// Opens a file that this group's file names, as it was opened itself.
    pub(super) fn open_external(&self, name: &str) -> Result<Arc<File>> {
        self.find_file(name, &[], None, self.file().writable())
    }

    /// Opens the file of an external link in this group.
    pub(super) fn open_link_target(
        &self,
        name: &str,
        path: &str,
        access: &LinkAccess,
    ) -> Result<Arc<File>> {
        let mut write = access.write.unwrap_or(self.file().writable());
        if let Some(ask) = &access.before_open {
            let group = self.find_path()?.unwrap_or_default();
            write = ask(&Opening {
                parent_file: self.file().name(),
                parent_group: &group,
                file: name,
                path,
                write,
            })?;
        }
        let variable = std::env::var("HDF5_EXT_PREFIX").unwrap_or_default();
        let prefixes = variable.split(':').chain(access.prefix.as_deref());
        let prefixes: Vec<&str> = prefixes.filter(|prefix| !prefix.is_empty()).collect();
        let file = self.find_file(name, &prefixes, access.config.as_ref(), write)?;
        let follow_writer = access.follow_writer.unwrap_or(self.file().follows_writer());
        if follow_writer && !write {
            file.follow_writer();
        }
        file.note_locking(access.locking.or(self.file().locking()));
        file.note_chunk_cache(access.chunk_cache.or(self.file().chunk_cache_settings()));
        Ok(file)
    }

    /// Looks for a file as HDF5 does: as it stands, where prefixes say, beside this file, and, as
    /// it is here that a program's names without a folder are, in the home folder. Of a name with
    /// folders HDF5 tries the last part, too.
    fn find_file(
        &self,
        name: &str,
        prefixes: &[&str],
        own_config: Option<&Arc<Config>>,
        write: bool,
    ) -> Result<Arc<File>> {
        let file = self.file();
        let config = own_config.unwrap_or(file.config());
        let folder = &file.session().location().domain;
        let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        let is_whole = name.starts_with('/') || name.contains("://") || name.starts_with("hdf5:");
        let mut names: Vec<String> = Vec::new();
        let mut rest = name;
        if is_whole {
            names.push(name.to_owned());
            rest = name.rsplit('/').next().unwrap_or(name);
        }
        names.extend(prefixes.iter().map(|prefix| under(prefix, folder, rest)));
        names.push(format!("{folder}/{rest}"));
        if let (false, Ok(home)) = (is_whole, config.home()) {
            names.push(format!("{home}/{rest}"));
        }
        let mut missing = None;
        for candidate in names {
            // A path is on the server of the file that has the link, wherever that is, unless the
            // program gave settings of their own for the files of links.
            let place = if candidate.starts_with('/') && own_config.is_none() {
                file.session().location().beside(&candidate)
            } else {
                config.locate_untrusted(&candidate)
            };
            let open = |location| {
                let linked = File::open_linked(config, location, &candidate, write)?;
                linked.session().told_by(file.session());
                Ok(linked)
            };
            match place.map_err(Error::from).and_then(open) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    missing.get_or_insert(error);
                }
                result => return result,
            }
        }
        Err(missing.unwrap_or_else(|| Error::not_found(format!("no file '{name}'"))))
    }
}

/// A name behind a prefix, which may be `${ORIGIN}` for the folder of the file with the link.
fn under(prefix: &str, folder: &str, name: &str) -> String {
    let prefix = match prefix.strip_prefix("${ORIGIN}") {
        Some(rest) => format!("{folder}{rest}"),
        None => prefix.to_owned(),
    };
    format!("{}/{name}", prefix.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_go_before_names() {
        assert_eq!(under("/data/", "/home/u", "f.h5"), "/data/f.h5");
        assert_eq!(under("sub", "/home/u", "f.h5"), "sub/f.h5");
        assert_eq!(under("${ORIGIN}/x", "/home/u", "f.h5"), "/home/u/x/f.h5");
    }

    #[test]
    fn only_so_many_links_are_followed() {
        let access = LinkAccess {
            most_links: 2,
            ..LinkAccess::default()
        };
        let mut following = Following::new(Some(Arc::new(access)));
        assert!(following.one_more().is_ok() && following.one_more().is_ok());
        assert!(following.one_more().is_err());
    }
}
