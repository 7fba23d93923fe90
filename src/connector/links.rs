//! Links of groups: create, look up, list, move, copy. `unlink` deletes.

use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::{Link, ObjectId};
use serde_json::{Map, Value};

use super::error::{Error, Result};
use super::hints;
use super::index::{IndexBy, Order};
use super::object::Object;
use super::outbox::{Change, Fate, Subject};
use super::records::LinkRecord;
use super::resolve::components;

/// A link as HDF5 programs see it.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkEntry {
    /// Its name in the group.
    pub name: String,
    /// Where it leads.
    pub link: Link,
    /// HDF5's creation order number: counts from 0 in its group, never reused.
    pub creation_order: i64,
    /// Declared encoding of the name.
    pub charset: CharSet,
}

/// What a link creation property list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkOptions {
    /// Whether missing groups on the way are created.
    pub intermediate: bool,
    /// Declared encoding of the name.
    pub charset: CharSet,
}

/// Creation properties of groups about their links.
const OF_LINKS: [&str; 5] = [
    "CreateOrder",
    "linkCreationOrder",
    "linkPhaseChange",
    "estimatedLinkInfo",
    "localHeapSizeHint",
];

/// Where a new link goes: a group, and a name that is free in it.
pub(super) struct FreeName<'p> {
    pub(super) group: Object,
    pub(super) name: &'p str,
}

/// A link that was copied.
struct Copied {
    group: Object,
    name: String,
    /// Where it leads, if it is a hard link.
    target: Option<ObjectId>,
    /// What becomes of the copy.
    copy: Fate,
}

impl Object {
    /// Creates a link. Paths are relative to this object; groups on the way are reached through
    /// links of any kind, the last component is the new link.
    pub fn create_link(&self, path: &str, link: Link, options: &LinkOptions) -> Result<()> {
        let create = || {
            let free = self.free_name(path, options.intermediate, &Map::new())?;
            let link = normalized(link);
            free.group.check_storable(&link)?;
            free.group
                .put_link(free.name, link, options.charset)
                .map(drop)
        };
        create().map_err(|error: Error| {
            error.context(format!("cannot create link '{path}' from {self}"))
        })
    }

    /// Creates a hard link to an object of the same file.
    pub fn create_hard_link(
        &self,
        path: &str,
        target: &Object,
        options: &LinkOptions,
    ) -> Result<()> {
        let create = || {
            let free = self.free_name(path, options.intermediate, &Map::new())?;
            same_file(&free.group, target)?;
            target.session().load(target.id())?;
            free.group
                .put_link(free.name, Link::Hard(target.id()), options.charset)
                .map(drop)
        };
        create().map_err(|error: Error| {
            error.context(format!("cannot create hard link '{path}' to {target}"))
        })
    }

    /// The link that a path's last component names.
    pub fn link(&self, path: &str) -> Result<LinkEntry> {
        self.link_in_group(path).map(|(_, entry)| entry)
    }

    /// The link that a path's last component names, with the group that it is in.
    pub fn link_in_group(&self, path: &str) -> Result<(Object, LinkEntry)> {
        let look = || {
            let (group, name) = self.link_place(path)?;
            let entry = group.find_link(name)?;
            let entry = entry.ok_or_else(|| no_link(&group, name))?;
            Ok((group, entry))
        };
        look().map_err(|error: Error| {
            error.context(format!("cannot look up link '{path}' from {self}"))
        })
    }

    /// Whether a path's last component names a link; a missing group on the way is an error. No
    /// link leads from an object to itself, but HDF5 takes `/` for one.
    pub fn link_exists(&self, path: &str) -> Result<bool> {
        let look = || match self.parent_of(path)? {
            (_, None) => Ok(path == "/"),
            (group, Some(name)) => Ok(group.find_link(name)?.is_some()),
        };
        look().map_err(|error: Error| {
            error.context(format!("cannot look for link '{path}' from {self}"))
        })
    }

    /// The `n`th link of a group, with the group.
    pub fn link_at(
        &self,
        group_path: &str,
        by: IndexBy,
        order: Order,
        n: u64,
    ) -> Result<(Object, LinkEntry)> {
        let group = self.open(group_path)?;
        let name = group.nth_link(by, order, n)?;
        let entry = group.find_link(&name)?;
        let entry = entry.ok_or_else(|| no_link(&group, &name))?;
        Ok((group, entry))
    }

    pub(super) fn nth_link(&self, by: IndexBy, order: Order, n: u64) -> Result<String> {
        self.check_link_index(by)?;
        let mut links = self.group_links()?;
        let (name, count) = (links.nth(by, order, n), links.len());
        drop(links);
        match name {
            Some(name) => Ok(name.to_string()),
            None => Err(Error::not_found(format!(
                "{self} has {count} links, none at index {n}"
            ))),
        }
    }

    /// All links of this group.
    pub fn links(&self, by: IndexBy, order: Order) -> Result<Vec<LinkEntry>> {
        let links = self.group_links()?;
        let list = links.list(by, order).into_iter();
        Ok(list
            .map(|(name, at, record)| entry(name, at, record))
            .collect())
    }

    /// Gives a link another place or name. What it leads to is not touched.
    pub fn move_link(
        &self,
        from: &str,
        to_loc: &Object,
        to: &str,
        options: &LinkOptions,
    ) -> Result<()> {
        let place = self.link_place(from);
        let writable = place.and_then(|(group, _)| group.file().check_writable());
        let done = writable
            .and_then(|()| self.copy_to(from, to_loc, to, options))
            .and_then(|old| {
                // The target has its new link already, so no deletion follows from this. But if the server
                // refuses that link, the old one is its only one.
                let leads_to = old.group.session().name_target(old.target, false);
                let taken = old.group.take_link(&old.name, leads_to, Some(&old.copy));
                taken.map(drop)
            });
        done.map_err(|error| {
            error.context(format!("cannot move link '{from}' of {self} to '{to}'"))
        })
    }

    /// Makes a link that leads to the same place.
    pub fn copy_link(
        &self,
        from: &str,
        to_loc: &Object,
        to: &str,
        options: &LinkOptions,
    ) -> Result<()> {
        let done = self.copy_to(from, to_loc, to, options).map(drop);
        done.map_err(|error| {
            error.context(format!("cannot copy link '{from}' of {self} to '{to}'"))
        })
    }

    /// Copies a link.
    fn copy_to(
        &self,
        from: &str,
        to_loc: &Object,
        to: &str,
        options: &LinkOptions,
    ) -> Result<Copied> {
        let (group, name) = self.link_place(from)?;
        let old = group
            .find_link(name)?
            .ok_or_else(|| no_link(&group, name))?;
        let free = to_loc.free_name(to, options.intermediate, &Map::new())?;
        if let Link::Hard(_) = old.link {
            same_file(&group, &free.group)?;
        }
        let target = match old.link {
            Link::Hard(target) => Some(target),
            _ => None,
        };
        let copy = free.group.put_link(free.name, old.link, options.charset)?;
        Ok(Copied {
            group,
            name: name.to_owned(),
            target,
            copy,
        })
    }

    // ---- steps ------------------------------------------------------------------------------

    /// The group and name of an existing link's path.
    pub(super) fn link_place<'p>(&self, path: &'p str) -> Result<(Object, &'p str)> {
        match self.parent_of(path)? {
            (group, Some(name)) => Ok((group, name)),
            (group, None) => Err(Error::invalid(format!(
                "'{path}' is {group} itself, not a link"
            ))),
        }
    }

    /// The group and name of a new link's path, creating missing groups if wanted; these have
    /// `inherited` among their creation properties.
    pub(super) fn free_name<'p>(
        &self,
        path: &'p str,
        intermediate: bool,
        inherited: &Map<String, Value>,
    ) -> Result<FreeName<'p>> {
        let (group, name) = if intermediate {
            self.parent_of_created(path, inherited)?
        } else {
            self.parent_of(path)?
        };
        group.file().check_writable()?;
        let name = name.ok_or_else(|| Error::exists(format!("'{path}' is {group} itself")))?;
        match group.find_link(name)? {
            Some(_) => Err(Error::exists(format!(
                "{group} has a link '{name}' already"
            ))),
            None => Ok(FreeName { group, name }),
        }
    }

    /// Like `parent_of`, making the groups that are missing. How they keep links they have from the
    /// group they are in.
    fn parent_of_created<'p>(
        &self,
        path: &'p str,
        inherited: &Map<String, Value>,
    ) -> Result<(Object, Option<&'p str>)> {
        let mut at = match path.starts_with('/') {
            true => self.file().root(),
            false => self.clone(),
        };
        let mut following = self.following();
        let mut parts = components(path).peekable();
        while let Some(name) = parts.next() {
            if parts.peek().is_none() {
                return Ok((at.following_by(None), Some(name)));
            }
            at = match at.find_link(name)? {
                Some(_) => at.walk(name, &mut following)?,
                None => {
                    let options = LinkOptions {
                        intermediate: false,
                        charset: CharSet::Ascii,
                    };
                    let mut properties = inherited.clone();
                    for (key, value) in at.group_info()?.properties {
                        if OF_LINKS.contains(&key.as_str()) {
                            properties.insert(key, value);
                        }
                    }
                    at.create_group(Some(name), &options, properties)?
                }
            };
        }
        Ok((at, None))
    }

    /// A link of this group, if it has one of that name.
    pub(super) fn find_link(&self, name: &str) -> Result<Option<LinkEntry>> {
        self.check_link(name)?;
        let links = self.group_links()?;
        let found = links.get(name).zip(links.order_of(name));
        Ok(found.map(|(record, at)| entry(name, at, record)))
    }

    /// Fails if the server has refused a change of this link after its call.
    pub(super) fn check_link(&self, name: &str) -> Result<()> {
        let subject = || Subject::Link(self.id(), name.to_owned());
        self.session().check(subject)
    }

    fn group_links(&self) -> Result<parking_lot::MappedMutexGuard<'_, super::records::Links>> {
        if self.id().class != h5rest_protocol::ObjectClass::Group {
            return Err(Error::invalid(format!("{self} is no group")));
        }
        self.session().links(self.id())
    }

    /// Makes a new link of this group; what becomes of it.
    fn put_link(&self, name: &str, link: Link, charset: CharSet) -> Result<Fate> {
        let session = self.session();
        let mut document = match &link {
            Link::UserDefined { .. } if !session.server().is_h5rest() => hints::as_soft_link(&link),
            _ => link.to_json(),
        };
        hints::add_charset(name, charset, &mut document);
        let change = Change::PutLink {
            group: self.id(),
            name: name.to_owned(),
            document,
        };
        let fate = self.post_after(change, None)?;
        self.note_link(name, link, charset);
        Ok(fate)
    }

    /// Notes a link that the server has, or will have.
    pub(super) fn note_link(&self, name: &str, link: Link, charset: CharSet) {
        let record = LinkRecord { link, charset };
        self.session().cache().insert_link(self.id(), name, record);
        self.session().changed(self.id());
    }

    /// Deletes a link of this group, if it still leads where it should (see [`Session::name_target`]) and
    /// a change before it was made. Returns what it led to, and what becomes of the deletion.
    pub(super) fn take_link(
        &self,
        name: &str,
        leads_to: Option<ObjectId>,
        after: Option<&Fate>,
    ) -> Result<(Option<Link>, Fate)> {
        let session = self.session();
        let change = Change::DeleteLink {
            group: self.id(),
            name: name.to_owned(),
            leads_to,
        };
        let fate = self.post_after(change, after)?;
        let record = session.cache().remove_link(self.id(), name);
        session.changed(self.id());
        Ok((record.map(|record| record.link), fate))
    }

    /// What no server keeps is refused before anything is sent.
    fn check_storable(&self, link: &Link) -> Result<()> {
        match link {
            Link::Soft(path) if path.is_empty() => Err(Error::invalid("a soft link needs a path")),
            Link::External { file, path } if file.is_empty() || path.is_empty() => Err(
                Error::invalid("an external link needs a file name and a path"),
            ),
            _ => Ok(()),
        }
    }
}

fn entry(name: &str, creation_order: i64, record: &LinkRecord) -> LinkEntry {
    LinkEntry {
        name: name.to_owned(),
        link: record.link.clone(),
        creation_order,
        charset: record.charset,
    }
}

/// HDF5 keeps the path of a soft link without repeated and closing slashes.
fn normalized(link: Link) -> Link {
    let Link::Soft(path) = link else { return link };
    let mut out = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter != '/' || !out.ends_with('/') {
            out.push(letter);
        }
    }
    if out.len() > 1 && out.ends_with('/') {
        out.pop();
    }
    Link::Soft(out)
}

pub(super) fn no_link(group: &Object, name: &str) -> Error {
    Error::not_found(format!("no link '{name}' in {group}"))
}

fn same_file(group: &Object, target: &Object) -> Result<()> {
    if group.file().same_domain(target.file()) {
        return Ok(());
    }
    let (ours, theirs): (ObjectId, ObjectId) = (group.id(), target.id());
    log::debug!("hard link refused: {ours} and {theirs} are in different domains");
    Err(Error::invalid(format!(
        "a hard link cannot lead from file '{}' to file '{}'",
        group.file().name(),
        target.file().name()
    )))
}
