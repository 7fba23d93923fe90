//! What all handles of a virtual dataset share: how its extent follows from its sources, and which extent
//! the program was told.
//!
//! As in HDF5, the handle that opens a dataset first decides for those that are opened beside it, whatever
//! their access property lists say: buffers have room for what another handle told. Handles of `vol` keep
//! the view alive, `transfer` asks for it.

use std::sync::{Arc, Weak};

use h5rest_protocol::{ObjectId, Shape};
use parking_lot::Mutex;

use super::by_object::ByObject;
use super::error::Result;
use super::object::Object;

/// What a dataset access property list says of a virtual dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VirtualAccess {
    /// The extent ends before the first source that is missing, not behind the last one there is.
    pub first_missing: bool,
    /// Sources of numbered names that may be missing in a row before the search ends.
    pub gap: u64,
    /// Where the files of sources are looked for.
    pub prefix: String,
}

/// A virtual dataset as all its open handles see it.
#[derive(Debug)]
pub struct VirtualView {
    /// What the first of them was opened with.
    pub access: VirtualAccess,
    told: Mutex<Option<Shape>>,
}

impl VirtualView {
    /// Notes the extent that the program is told.
    pub fn tell(&self, extent: &Shape) {
        *self.told.lock() = Some(extent.clone());
    }

    /// The extent that the program was told last, or the one that it is `now`. As in HDF5, "everything"
    /// means this extent until the program asks again, even if sources have grown: its buffer may have no
    /// room for more.
    pub fn told(&self, now: Shape) -> Shape {
        self.told.lock().get_or_insert(now).clone()
    }
}

/// The views of a domain's datasets that are open.
#[derive(Debug, Default)]
pub(super) struct VirtualViews(Mutex<ByObject<Weak<VirtualView>>>);

impl VirtualViews {
    /// A dataset is not open any more.
    pub(super) fn closed(&self, dataset: ObjectId) {
        let mut views = self.0.lock();
        if let Some(view) = views.get(&dataset.object)
            && view.strong_count() == 0
        {
            views.remove(&dataset.object);
        }
    }
}

impl Object {
    /// The view that the open handles of this dataset share; if there is none, a new one with this access.
    pub fn virtual_view(
        &self,
        access: impl FnOnce() -> Result<VirtualAccess>,
    ) -> Result<Arc<VirtualView>> {
        let mut views = self.session().virtual_views().0.lock();
        if let Some(view) = views.get(&self.id().object).and_then(Weak::upgrade) {
            return Ok(view);
        }
        let view = Arc::new(VirtualView {
            access: access()?,
            told: Mutex::new(None),
        });
        views.insert(self.id().object, Arc::downgrade(&view));
        Ok(view)
    }
}
