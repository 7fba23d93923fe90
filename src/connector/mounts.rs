//! Mounted files (H5Fmount): a group stands for the root group of another file.
//!
//! As in HDF5, what is mounted belongs to the group itself, by whatever name or file handle it is
//! reached (so the table is the session's), while the tree of mounted files joins file *handles*:
//! absolute names start at the top of that tree, and its files stay mounted until no identifier of
//! any of them is left. `resolve` steps over mount points; `vol` mounts, unmounts, and counts the
//! identifiers that programs hold.

use std::sync::Arc;

use h5rest_protocol::{ObjectClass, ObjectId};
use parking_lot::Mutex;

use super::error::{Error, Result};
use super::file::File;
use super::object::Object;
use super::session::Session;

/// A group that stands for the root group of another file.
#[derive(Debug)]
struct Mount {
    point: Object,
    child: Arc<File>,
}

/// The groups of one domain that something is mounted on.
#[derive(Debug, Default)]
pub(super) struct Mounts(Mutex<Vec<Mount>>);

/// Identifiers that programs hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenIds {
    /// Of files.
    pub files: usize,
    /// Of objects and attributes.
    pub objects: usize,
}

/// A file handle's place in a tree of mounted files.
#[derive(Debug, Default)]
pub(super) struct Mounting {
    parent: Mutex<Option<Arc<File>>>,
    open: Mutex<OpenIds>,
}

impl Session {
    /// What is mounted on a group: the group itself before, and the file.
    fn mounted_on(&self, group: ObjectId) -> Option<(Object, Arc<File>)> {
        let mounts = self.mounts().0.lock();
        let mount = mounts.iter().find(|mount| mount.point.id() == group)?;
        Some((mount.point.clone(), mount.child.clone()))
    }
}

impl Object {
    /// Whether something is mounted on this group.
    pub fn is_mount_point(&self) -> bool {
        self.session().mounted_on(self.id()).is_some()
    }

    /// What this object stands for: itself, or the root group of the file mounted on it.
    pub(super) fn over_mounts(self) -> Object {
        let mut at = self;
        // A file may be mounted on the root group of a mounted file.
        while let Some((point, child)) = at.session().mounted_on(at.id()) {
            let root = child.own_root();
            // By the mount point's own name it is the root group of the child, and is called so
            // when the child is mounted no more; by another name it keeps that name.
            at = match at.name() {
                name if name == point.name() => root,
                name => root.at(name.cloned()),
            };
        }
        at
    }

    /// Mounts a file on this group (H5Fmount).
    pub fn mount(&self, child: &Arc<File>) -> Result<()> {
        let refused = |words: &str| {
            let what = format!("cannot mount '{}' on {self}: {words}", child.name());
            Err(Error::invalid(what))
        };
        if self.class() != ObjectClass::Group {
            return refused("only groups can be mount points");
        }
        if child.mount_parent().is_some() {
            return refused("the file is mounted already");
        }
        if self.file().is_linked() {
            return refused("the mount point was reached through an external link");
        }
        if self.is_mount_point() {
            return refused("another file is mounted there");
        }
        let mut ancestor = Some(self.file().clone());
        while let Some(file) = ancestor {
            if file.same_domain(child) {
                return refused("a file cannot be mounted inside itself");
            }
            ancestor = file.mount_parent();
        }
        *child.mounting().parent.lock() = Some(self.file().clone());
        self.session().mounts().0.lock().push(Mount {
            point: self.clone(),
            child: child.clone(),
        });
        Ok(())
    }

    /// Ends the mounting of a file on this group, or of the file of which this is the root group
    /// (H5Funmount).
    pub fn unmount(&self) -> Result<()> {
        let is_root = self.id() == self.session().root();
        let mount = match self.file().mount_parent().filter(|_| is_root) {
            Some(parent) => parent.take_mount(|mount| Arc::ptr_eq(&mount.child, self.file())),
            None => self
                .file()
                .take_mount(|mount| mount.point.id() == self.id()),
        };
        let mount = mount.ok_or_else(|| Error::invalid(format!("{self} is no mount point")))?;
        *mount.child.mounting().parent.lock() = None;
        settle(&mount.child);
        Ok(())
    }
}

impl File {
    /// The file that this one is mounted in.
    pub(super) fn mount_parent(&self) -> Option<Arc<File>> {
        self.mounting().parent.lock().clone()
    }

    /// The top of the tree of mounted files; absolute names start at its root group.
    pub(super) fn mount_top(self: &Arc<Self>) -> Arc<File> {
        let mut top = self.clone();
        while let Some(parent) = top.mount_parent() {
            top = parent;
        }
        top
    }

    /// The group that this file is mounted on.
    pub(super) fn mount_point(self: &Arc<Self>) -> Option<Object> {
        let parent = self.mount_parent()?;
        let mounts = parent.session().mounts().0.lock();
        let mount = mounts
            .iter()
            .find(|mount| Arc::ptr_eq(&mount.child, self))?;
        Some(mount.point.clone())
    }

    fn take_mount(&self, wanted: impl Fn(&Mount) -> bool) -> Option<Mount> {
        let mut mounts = self.session().mounts().0.lock();
        let at = mounts.iter().position(wanted)?;
        Some(mounts.remove(at))
    }

    /// All file handles of the tree of mounted files that this one is in.
    pub fn mounted_together(self: &Arc<Self>) -> Vec<Arc<File>> {
        let mut all = vec![self.mount_top()];
        let mut seen = 0;
        while let Some(file) = all.get(seen).cloned() {
            let mounts = file.session().mounts().0.lock();
            let children = mounts.iter().map(|mount| &mount.child);
            // Others are mounted by way of another handle on the same domain.
            let ours = |child: &&Arc<File>| {
                let parent = child.mount_parent();
                parent.is_some_and(|parent| Arc::ptr_eq(&parent, &file))
            };
            all.extend(children.filter(ours).cloned());
            seen += 1;
        }
        all
    }

    /// Identifiers that programs hold on this file and those mounted together with it.
    pub fn open_ids(self: &Arc<Self>) -> OpenIds {
        let mut sum = OpenIds::default();
        for file in self.mounted_together() {
            let open = *file.mounting().open.lock();
            sum.files += open.files;
            sum.objects += open.objects;
        }
        sum
    }

    /// Identifiers that programs hold on this file alone.
    pub fn own_open_ids(&self) -> OpenIds {
        *self.mounting().open.lock()
    }

    /// Notes that a program got an identifier of the file (`is_file`) or of an object in it.
    pub fn id_opened(&self, is_file: bool) {
        let mut open = self.mounting().open.lock();
        if is_file {
            open.files += 1;
        } else {
            open.objects += 1;
        }
    }

    /// Notes that an identifier was closed. With the last one of a tree of mounted files, mounting
    /// ends.
    pub fn id_closed(self: &Arc<Self>, is_file: bool) {
        {
            let mut open = self.mounting().open.lock();
            if is_file {
                open.files = open.files.saturating_sub(1);
            } else {
                open.objects = open.objects.saturating_sub(1);
            }
        }
        settle(self);
    }
}

/// Ends mounting in a tree of files of which no program has an identifier any more: without this
/// the files would hold each other.
fn settle(file: &Arc<File>) {
    let together = file.mounted_together();
    if together.len() == 1 || file.open_ids() != OpenIds::default() {
        return;
    }
    for child in together {
        let parent = child.mounting().parent.lock().take();
        if let Some(parent) = parent {
            // Dropped without a lock: a mount point whose last link is gone is deleted now.
            drop(parent.take_mount(|mount| Arc::ptr_eq(&mount.child, &child)));
        }
    }
}
