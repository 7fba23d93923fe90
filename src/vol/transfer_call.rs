//! H5Dread and H5Dwrite calls, which may be about several datasets: done at once, or queued.
//!
//! Called by `dataset`.

use std::ffi::c_void;
use std::slice;
use std::sync::Arc;

use super::delivery::Delivery;
use super::handle::borrow;
use super::old_references::OurFiles;
use crate::connector::requests::{Follows, Job, Kind, Use, Work};
use crate::connector::{Object, Result, Session};
use crate::ffi::{H5P_DEFAULT, hid_t};
use crate::host::Host;
use crate::host::id::OwnedId;
use crate::transfer::later::{self, Deliver, Later};
use crate::transfer::user_buffer::UserBuffer;
use crate::transfer::{self, Direction, Transfer};

/// The arrays of a read or write call.
pub struct Call<'a> {
    datasets: &'a [*mut c_void],
    memory_types: &'a [hid_t],
    memory_spaces: &'a [hid_t],
    file_spaces: &'a [hid_t],
    dxpl: hid_t,
}

impl<'a> Call<'a> {
    /// # Safety
    /// Each pointer must be to `count` entries.
    pub unsafe fn new(
        count: usize,
        datasets: *mut *mut c_void,
        memory_types: *mut hid_t,
        memory_spaces: *mut hid_t,
        file_spaces: *mut hid_t,
        dxpl: hid_t,
    ) -> Self {
        // SAFETY: by the contract of this function.
        unsafe {
            Self {
                datasets: slice::from_raw_parts(datasets, count),
                memory_types: slice::from_raw_parts(memory_types, count),
                memory_spaces: slice::from_raw_parts(memory_spaces, count),
                file_spaces: slice::from_raw_parts(file_spaces, count),
                dxpl,
            }
        }
    }

    /// Calls `each` with every dataset and its transfer; the first failure ends the call.
    pub fn for_each(
        &self,
        host: &'static Host,
        direction: Direction,
        mut each: impl FnMut(usize, &Object, &Transfer) -> Result<()>,
    ) -> Result<()> {
        // A call about several datasets fails before it has moved anything.
        if self.datasets.len() > 1 {
            self.visit(host, &mut |_, object, transfer| {
                transfer::check(object, transfer, direction)
            })?;
        }
        self.visit(host, &mut each)
    }

    fn visit(
        &self,
        host: &'static Host,
        each: &mut impl FnMut(usize, &Object, &Transfer) -> Result<()>,
    ) -> Result<()> {
        for (n, &dataset) in self.datasets.iter().enumerate() {
            // SAFETY: HDF5 passes datasets that it has open.
            let dataset = unsafe { borrow(dataset) }?.as_object("a dataset")?;
            let transfer = Transfer {
                host,
                memory_type: self.memory_types[n],
                memory_space: self.memory_spaces[n],
                file_space: self.file_spaces[n],
                dxpl: self.dxpl,
                lend: &OurFiles,
                access: dataset.access.as_ref().map_or(H5P_DEFAULT, OwnedId::get),
                latest: Some(&dataset.latest),
            };
            let object = &dataset.object;
            each(n, object, &transfer).map_err(|error| error.context(named(object)))?;
        }
        Ok(())
    }

    fn objects(&self) -> impl Iterator<Item = Result<&'a Object>> {
        self.datasets.iter().map(|&dataset| {
            // SAFETY: HDF5 passes datasets that it has open.
            let dataset = unsafe { borrow(dataset) }?.as_object("a dataset")?;
            Ok(&dataset.object)
        })
    }

    /// Waits for what is queued and must come before this call.
    pub fn settle(&self, usage: Use) -> Result<()> {
        self.objects()
            .try_for_each(|object| object.map(|object| object.settle(usage)))
    }

    /// Queues a read; `None` if it must be done now. Also returns what is left to do once it has
    /// succeeded.
    pub fn read_later(
        &self,
        host: &'static Host,
        buffers: &[*mut c_void],
    ) -> Result<Option<(Arc<Job>, Arc<Delivery>)>> {
        let Some(session) = self.session()? else {
            return Ok(None);
        };
        let (mut works, mut deliveries, mut must_be_now) = (Vec::new(), Vec::new(), false);
        self.for_each(host, Direction::Read, |n, dataset, transfer| {
            // SAFETY: the program's buffer for this dataset, which it leaves to us until it has
            // waited for the request; it is used only then.
            let buffer = unsafe { UserBuffer::new(buffers[n]) };
            match later::read(dataset, transfer, buffer)? {
                Later::Queued((work, deliver)) => {
                    works.push(in_words(dataset, work));
                    deliveries.push((named(dataset), deliver));
                }
                Later::Nothing => {}
                Later::Now => must_be_now = true,
            }
            Ok(())
        })?;
        let work = later::all(works, session.parallel());
        let (false, Some(work)) = (must_be_now, work) else {
            return Ok(None);
        };
        let deliver: Deliver = Box::new(move || {
            deliveries
                .into_iter()
                .try_for_each(|(name, deliver)| deliver().map_err(|error| error.context(name)))
        });
        let objects = self.objects().map(|object| Ok(object?.id()));
        let objects = objects.collect::<Result<_>>()?;
        let job = session.submit(Kind::Values, self.follows(Use::Reads)?, work);
        let delivery = Delivery::new(&session, objects, &job, deliver);
        Ok(Some((job, delivery)))
    }

    /// Queues a write; `None` if it must be done now.
    pub fn write_later(
        &self,
        host: &'static Host,
        buffers: &[*const c_void],
    ) -> Result<Option<Arc<Job>>> {
        let Some(session) = self.session()? else {
            return Ok(None);
        };
        let (mut works, mut must_be_now) = (Vec::new(), false);
        self.for_each(host, Direction::Write, |n, dataset, transfer| {
            // SAFETY: the program's buffer for this dataset, which a write only reads, and now.
            let buffer = unsafe { UserBuffer::new(buffers[n].cast_mut()) };
            match later::write(dataset, transfer, buffer)? {
                Later::Queued(work) => works.push(in_words(dataset, work)),
                Later::Nothing => {}
                Later::Now => must_be_now = true,
            }
            Ok(())
        })?;
        let work = later::all(works, session.parallel());
        let (false, Some(work)) = (must_be_now, work) else {
            return Ok(None);
        };
        let follows = self.follows(Use::Changes)?;
        Ok(Some(session.submit(Kind::Values, follows, work)))
    }

    fn follows(&self, usage: Use) -> Result<Follows> {
        let ids = self.objects().map(|object| Ok((object?.id(), usage)));
        Ok(Follows::Objects(ids.collect::<Result<_>>()?))
    }

    /// The domain that all datasets are in; calls across files are not queued.
    fn session(&self) -> Result<Option<Arc<Session>>> {
        let mut session: Option<Arc<Session>> = None;
        for object in self.objects() {
            let own = object?.file().session();
            match &session {
                Some(other) if !Arc::ptr_eq(other, own) => return Ok(None),
                _ => session = Some(own.clone()),
            }
        }
        Ok(session)
    }
}

/// What a dataset is called in errors of its transfers.
fn named(dataset: &Object) -> String {
    let id = dataset.id().to_string();
    format!("dataset '{}'", dataset.path().unwrap_or(&id))
}

/// Work whose failure names the dataset.
fn in_words(dataset: &Object, work: Work) -> Work {
    let name = named(dataset);
    Box::new(move || work().map_err(|error| error.context(name)))
}
