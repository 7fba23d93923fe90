//! From names to objects: paths, soft and external links, tokens, positions.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use h5rest_protocol::{Link, ObjectClass, ObjectId};

use super::error::{Error, ErrorKind, Result};
use super::external::Following;
use super::file::File;
use super::index::{IndexBy, Order};
use super::links::LinkEntry;
use super::object::{Name, Object};
use super::session::Session;

/// The parts of a path that name something: HDF5 takes `a//b/./c` as `a/b/c`, and knows no `..`.
pub(super) fn components(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
}

/// A path's last component and what is before it; no component if it names where it starts, or ends
/// in one that stays where it is (`a/.`).
pub(super) fn split_last(path: &str) -> (&str, Option<&str>) {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let last = parts.next_back().filter(|part| *part != ".");
    let Some(name) = last else {
        return (path, None);
    };
    // The last component is a substring; what follows it are only slashes and dots.
    let end = path.rfind(name).unwrap_or(0);
    (&path[..end], last)
}

impl Object {
    /// The object that a path names, from here or (if it starts with `/`) from the root group.
    /// Follows soft and external links.
    pub fn open(&self, path: &str) -> Result<Object> {
        let open = || {
            let object = self.walk(path, &mut self.following())?;
            object.session().load(object.id()).map_err(dangling)?;
            Ok(object)
        };
        open().map_err(|error: Error| error.context(format!("cannot open '{path}' from {self}")))
    }

    /// Whether a path leads to an object. A link that leads nowhere is no failure, a missing link is.
    pub fn object_exists(&self, path: &str) -> Result<bool> {
        match self.open(path) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let dangling = self.link_dangles(path)?;
                if dangling { Ok(false) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a path ends at a link without an object. Of a soft link's target only the last name
    /// may be missing: HDF5 takes other missing names for a failure.
    fn link_dangles(&self, path: &str) -> Result<bool> {
        let Ok((group, name)) = self.link_place(path) else {
            return Ok(false);
        };
        match group.find_link(name)? {
            None => Ok(false),
            Some(LinkEntry {
                link: Link::Soft(target),
                ..
            }) => match group.link_place(&target) {
                Ok((group, name)) if group.find_link(name)?.is_some() => group.link_dangles(name),
                Ok(_) => Ok(true),
                Err(_) => Ok(false),
            },
            Some(_) => Ok(true),
        }
    }

    /// The object with this token in the same domain.
    pub fn open_token(&self, token: u64) -> Result<Object> {
        let id = self.session().id_of_token(token)?;
        self.session().load(id)?;
        let name = id.is_root().then(|| Name::new(self.file(), "/"));
        Ok(Object::new(self.file().clone(), id, name))
    }

    /// The object of this id in the same domain.
    pub fn open_id(&self, id: ObjectId) -> Result<Object> {
        self.session().load(id).map_err(dangling)?;
        Ok(Object::new(self.file().clone(), id, None))
    }

    /// What a hard link to this id in this group leads to.
    pub fn open_child(&self, id: ObjectId) -> Result<Object> {
        Ok(self.open_id(id)?.over_mounts())
    }

    /// The object that the `n`th link of a group leads to.
    pub fn open_link(&self, group_path: &str, by: IndexBy, order: Order, n: u64) -> Result<Object> {
        let group = self.open(group_path)?;
        let name = group.nth_link(by, order, n)?;
        group.open(&name)
    }

    /// The group that holds a path's last component, and that component; `None` if the path names
    /// where it starts.
    pub(super) fn parent_of<'p>(&self, path: &'p str) -> Result<(Object, Option<&'p str>)> {
        let (before, last) = split_last(path);
        let parent = self.walk(before, &mut self.following())?;
        if last.is_some() && parent.class() != ObjectClass::Group {
            return Err(Error::not_found(format!("{parent} is no group")));
        }
        Ok((parent, last))
    }

    /// Follows a path; the object it ends at need not exist on the server.
    pub(super) fn walk(&self, path: &str, following: &mut Following) -> Result<Object> {
        let mut at = match path.starts_with('/') {
            true => self.file().root(),
            false => self.clone(),
        };
        for name in components(path) {
            at = at.step(name, following)?;
        }
        Ok(at.following_by(None))
    }

    /// Follows one link of this group.
    fn step(&self, name: &str, following: &mut Following) -> Result<Object> {
        if self.class() != ObjectClass::Group {
            return Err(Error::not_found(format!(
                "{self} is no group, so it has no '{name}'"
            )));
        }
        self.check_link(name)?;
        let link = {
            let links = self.session().links(self.id()).map_err(dangling)?;
            let record = links.get(name);
            record.map(|record| record.link.clone())
        };
        let link = link.ok_or_else(|| Error::not_found(format!("no link '{name}' in {self}")))?;
        let path = self.child_name(name);
        match link {
            Link::Hard(id) => Ok(Object::new(self.file().clone(), id, path).over_mounts()),
            Link::Soft(target) => {
                following.one_more()?;
                let found = self.walk(&target, following);
                let found = found.map_err(|error| error.context(format!("soft link '{name}'")))?;
                // What lies behind an external link is called by its path in that file.
                let same_tree = Arc::ptr_eq(&found.file().mount_top(), &self.file().mount_top());
                Ok(if same_tree { found.at(path) } else { found })
            }
            Link::External { file, path } => {
                following.one_more()?;
                let words = format!("external link '{name}' to '{path}' in file '{file}'");
                let open = self.open_link_target(&file, &path, &following.access);
                let found = open.and_then(|file| file.root().walk(&path, following));
                found.map_err(|error| error.context(words))
            }
            Link::UserDefined { class, .. } => Err(Error::unsupported(&format!(
                "following the link '{name}' of user-defined class {class}: HDF5 keeps the functions \
                 of such links (H5Lregister) from connectors; H5Lget_val tells what it holds"
            ))),
        }
    }

    /// A path of this object: the one it was opened by if that still leads to it (a link may have
    /// been moved or deleted since, or a file mounted on the way), or else one of hard links.
    /// `None` if there is none.
    pub fn find_path(&self) -> Result<Option<String>> {
        if let Some(name) = self.name()
            && name.leads_to(self)
        {
            return below_mount_point(&name.file, &name.path);
        }
        let Some(path) = self.session().path_of(self.id())? else {
            return Ok(None);
        };
        if Name::new(self.file(), &path).leads_to(self) {
            below_mount_point(self.file(), &path)
        } else {
            Ok(None)
        }
    }
}

impl Name {
    fn leads_to(&self, object: &Object) -> bool {
        let relative = self.path.trim_start_matches('/');
        let root = self.file.own_root();
        let found = root.walk(relative, &mut root.following());
        // A mount point keeps its name, though that leads to the mounted file.
        found.is_ok_and(|found| {
            found.id() == object.id() || found.id() == object.clone().over_mounts().id()
        })
    }
}

/// An absolute path in a file, seen from the top of the tree of mounted files.
fn below_mount_point(file: &Arc<File>, path: &str) -> Result<Option<String>> {
    let Some(point) = file.mount_point() else {
        return Ok(Some(path.to_owned()));
    };
    // A mount point that lost its links has no name, nor has what is below it.
    let above = match point.name() {
        Some(name) if name.leads_to(&point) => below_mount_point(&name.file, &name.path)?,
        _ => match point.session().path_of(point.id())? {
            Some(path) => below_mount_point(point.file(), &path)?,
            None => None,
        },
    };
    Ok(above.map(|above| match path {
        "/" => above,
        path => format!("{}{path}", above.trim_end_matches('/')),
    }))
}

/// The link is there, what it leads to is not.
fn dangling(error: Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => error.context("the link leads to an object that does not exist"),
        _ => error,
    }
}

impl Session {
    /// The shortest path of hard links from the root group to an object.
    pub(super) fn path_of(&self, id: ObjectId) -> Result<Option<String>> {
        if id == self.root() {
            return Ok(Some("/".into()));
        }
        let lost = {
            let cache = self.cache();
            cache.knows_all_links_to(id) && cache.known_links_to(id) == 0
        };
        if lost {
            return Ok(None);
        }
        let complete = self.load_all_links()?;
        let mut seen = HashSet::from([self.root().object]);
        let mut next = VecDeque::from([(self.root(), String::new())]);
        while let Some((group, path)) = next.pop_front() {
            // Groups that were all known may have been evicted since.
            if complete && self.cache().links(group).is_none() {
                match self.links(group) {
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    links => drop(links?),
                }
            }
            let cache = self.cache();
            let Some(links) = cache.links(group) else {
                continue;
            };
            for (name, record) in links.iter() {
                let Link::Hard(target) = record.link else {
                    continue;
                };
                let path = format!("{path}/{name}");
                if target == id {
                    return Ok(Some(path));
                }
                if target.class == ObjectClass::Group && seen.insert(target.object) {
                    next.push_back((target, path));
                }
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_hdf5_does() {
        let parts = |path| components(path).collect::<Vec<_>>();
        assert_eq!(parts("/a//b/./c/"), ["a", "b", "c"]);
        assert_eq!(parts("."), Vec::<&str>::new());
        assert_eq!(parts(".."), [".."]);
        for (path, before, last) in [
            ("/a/b", "/a/", Some("b")),
            ("a", "", Some("a")),
            ("/", "/", None),
            (".", ".", None),
            ("a/a//", "a/", Some("a")),
            ("a/a/./", "a/a/./", None),
            ("/a", "/", Some("a")),
            ("x/..//", "x/", Some("..")),
        ] {
            assert_eq!(split_last(path), (before, last), "{path}");
        }
    }
}
