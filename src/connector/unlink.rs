//! Deleting links, and with the last hard link the object.
//!
//! HDF5 counts the hard links of an object and deletes it with the last one, when no program has
//! it open any more; what only it linked goes with it. The server does neither: it deletes what
//! it is told to. Objects that link each other in a circle stay, as they do in HDF5.

use h5rest_protocol::{Link, ObjectClass, ObjectId};

use super::cache::{Cache, hard_targets};
use super::error::{Error, ErrorKind, Result};
use super::index::{IndexBy, Order};
use super::links::no_link;
use super::object::Object;
use super::outbox::{Change, Fate};
use super::session::Session;

impl Object {
    /// Deletes the link that a path's last component names.
    pub fn delete_link(&self, path: &str) -> Result<()> {
        let delete = || {
            let (group, name) = self.link_place(path)?;
            group.unlink(name)
        };
        delete().map_err(|error: Error| {
            error.context(format!("cannot delete link '{path}' from {self}"))
        })
    }

    /// Deletes the `n`th link of a group.
    pub fn delete_link_at(
        &self,
        group_path: &str,
        by: IndexBy,
        order: Order,
        n: u64,
    ) -> Result<()> {
        let group = self.open(group_path)?;
        let name = group.nth_link(by, order, n)?;
        group.unlink(&name)
    }

    /// Deletes a link of this group.
    fn unlink(&self, name: &str) -> Result<()> {
        self.file().check_writable()?;
        let found = self.find_link(name)?;
        let entry = found.ok_or_else(|| no_link(self, name))?;
        let session = self.session();
        let leads_to = match entry.link {
            Link::Hard(target) => {
                session.count_links_to(target)?;
                let goes = !target.is_root() && kept_by_at_most(1, &session.cache(), target);
                session.name_target(Some(target), goes)
            }
            _ => None,
        };
        match self.take_link(name, leads_to, None)? {
            // If the server refuses that, the object has its link and stays.
            (Some(Link::Hard(target)), fate) => session.unlinked(target, &fate),
            _ => Ok(()),
        }
    }
}

impl Object {
    /// Adds to the object's count of links without making one (`H5Oincr_refcount`), or takes away
    /// from it (`H5Odecr_refcount`), which may delete it.
    pub fn adjust_link_count(&self, by: i32) -> Result<()> {
        self.file().check_writable()?;
        let session = self.session();
        session.load(self.id())?;
        session.count_links_to(self.id())?;
        let count = {
            let cache = session.cache();
            let count = cache.known_references_to(self.id());
            // What is open and may have unknown links has at least one.
            let unknown = !cache.knows_all_links_to(self.id()) && count < 1;
            if unknown { 1 } else { count }
        };
        if count + i64::from(by) < 0 {
            return Err(Error::invalid(format!("{self} has no link left to take")));
        }
        let mut root = session.annotations(session.root())?;
        if !root.domain_has_references {
            root.domain_has_references = true;
            session.annotate(session.root(), root)?;
        }
        let mut annotations = session.annotations(self.id())?;
        annotations.references = annotations.references.saturating_add(by);
        let fate = session.annotate(self.id(), annotations)?;
        if count + i64::from(by) == 0 {
            return session.unlinked(self.id(), &fate);
        }
        session.cache().spare(self.id());
        Ok(())
    }
}

impl Session {
    /// Makes sure that the hard links to an object are counted. What cannot be counted is never
    /// deleted.
    fn count_links_to(&self, id: ObjectId) -> Result<()> {
        let known = self.cache().knows_all_links_to(id);
        if !known {
            self.load_all_links()?;
        }
        self.load_references_to(id)
    }

    /// Makes sure that the references to an object that no link stands for are known. Few domains
    /// have any, so others need not pay for it.
    fn load_references_to(&self, id: ObjectId) -> Result<()> {
        if self.cache().head(id).is_none() && self.annotations(self.root())?.domain_has_references {
            return match self.load(id) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                loaded => loaded,
            };
        }
        Ok(())
    }

    /// Hard links to an object, as far as known; what is open and not known to be without one has
    /// at least one.
    pub(super) fn link_count(&self, id: ObjectId) -> Result<u32> {
        self.count_links_to(id)?;
        if id.class == ObjectClass::Datatype && !self.cache().is_ours(id) {
            self.learn_top()?;
        }
        let cache = self.cache();
        let count = u32::try_from(cache.known_references_to(id)).unwrap_or(0);
        let count = match id.class {
            ObjectClass::Datatype => count + cache.known_users_of(id),
            _ => count,
        };
        Ok(if id.is_root() {
            // The file itself links its root group.
            count + 1
        } else if cache.knows_all_links_to(id) {
            count
        } else {
            count.max(1)
        })
    }

    /// What the deletion of a link to an object names, so that another link is left alone that somebody has
    /// put there meanwhile, and an object that somebody has moved. A server that looks itself is always
    /// told. Others are asked before, which is worth it if the object `goes` with this link, and it is not one
    /// that only this session knows.
    pub(super) fn name_target(&self, target: Option<ObjectId>, goes: bool) -> Option<ObjectId> {
        let looks = self.server().has(h5rest_client::CONDITIONAL);
        target.filter(|&target| looks || (goes && !self.cache().is_ours(target)))
    }

    /// After a hard link to `target` was deleted; `after` tells what becomes of that change.
    fn unlinked(&self, target: ObjectId, after: &Fate) -> Result<()> {
        {
            let mut cache = self.cache();
            if target.is_root() || !is_lost(&cache, target) {
                return Ok(());
            }
            if cache.is_open(target) {
                cache.doom(target, after.clone());
                return Ok(());
            }
        }
        self.delete_tree(target, after)
    }

    /// Deletes an object whose last handle was closed and that was to go then, unless a datatype has got
    /// users meanwhile.
    pub(super) fn delete_doomed(&self, id: ObjectId, after: &Fate) -> Result<()> {
        let used = id.class == ObjectClass::Datatype && self.cache().known_users_of(id) > 0;
        match used {
            true => Ok(()),
            false => self.delete_tree(id, after),
        }
    }

    /// Deletes an object unless it has a link, is open, or is gone.
    pub(super) fn delete_unlinked(&self, id: ObjectId) -> Result<()> {
        if self.cache().head(id).is_some() {
            self.unlinked(id, &Fate::done())?;
        }
        Ok(())
    }

    /// Deletes an object without links, and what only it linked; all of it only if the change was made by
    /// which it lost its last link.
    fn delete_tree(&self, id: ObjectId, after: &Fate) -> Result<()> {
        let mut lost = vec![id];
        while let Some(id) = lost.pop() {
            if after.is_refused() {
                return Ok(());
            }
            lost.extend(self.release_children(id, after)?);
            self.drop_values(id);
            let done = self.post_after(Change::Delete { id }, None, Some(after));
            done.map_err(|error| error.context(format!("cannot delete {} {id}", id.class.name())))?;
            self.changed(self.root());
        }
        Ok(())
    }

    /// Takes an object and its links out of the cache; returns what was linked by it alone and is
    /// not open.
    fn release_children(&self, id: ObjectId, after: &Fate) -> Result<Vec<ObjectId>> {
        if id.class == ObjectClass::Group {
            let known = self.links(id).map(drop);
            if let Err(error) = known
                && error.kind() != ErrorKind::NotFound
            {
                return Err(error);
            }
        }
        let children: Vec<ObjectId> = self
            .cache()
            .links(id)
            .map_or_else(Vec::new, |links| hard_targets(links).collect());
        for child in &children {
            self.load_references_to(*child)?;
        }
        let mut cache = self.cache();
        cache.deleted(id);
        let (mut lost, mut seen) = (Vec::new(), Vec::new());
        for child in children {
            if child == id || child.is_root() || seen.contains(&child) || !is_lost(&cache, child) {
                continue;
            }
            seen.push(child);
            if cache.is_open(child) {
                cache.doom(child, after.clone());
            } else {
                lost.push(child);
            }
        }
        Ok(lost)
    }
}

/// Whether it is certain that no hard link leads to an object.
fn is_lost(cache: &Cache, id: ObjectId) -> bool {
    kept_by_at_most(0, cache, id)
}

/// Whether it is certain that an object is kept by at most so many hard links, and by nothing else.
/// Datatypes are also kept for the datasets and attributes made with them, of which only those of this
/// session's types are known.
fn kept_by_at_most(most: i64, cache: &Cache, id: ObjectId) -> bool {
    let unused =
        id.class != ObjectClass::Datatype || (cache.is_ours(id) && cache.known_users_of(id) == 0);
    unused && cache.knows_all_links_to(id) && cache.known_references_to(id) <= most
}
