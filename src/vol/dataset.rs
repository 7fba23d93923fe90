//! Dataset callbacks.

use std::ffi::{c_char, c_void};
use std::slice;

use h5rest_protocol::ObjectClass;
use h5rest_protocol::creation::{DatasetCreation, Layout};

use super::datatype::{shown_type, stored_type};
use super::delivery;
use super::entry;
use super::filters;
use super::group::expect;
use super::handle::{self, borrow};
use super::link_access::following;
use super::location::{decode, optional_text, text};
use super::old_format;
use super::old_references::{self, OurFiles};
use super::request;
use super::shared_file;
use super::transfer_call::Call;
use crate::connector::requests::{Follows, Kind, Use};
use crate::connector::{Allocated, Error, ErrorKind, Object, Result, tracks_attribute_order};
use crate::ffi::*;
use crate::host::Host;
use crate::host::id::OwnedId;
use crate::transfer::user_buffer::UserBuffer;
use crate::transfer::{self, Direction};

/// The callbacks of one slot.
pub const fn class<const S: usize>() -> H5VL_dataset_class_t {
    H5VL_dataset_class_t {
        create: Some(create::<S>),
        open: Some(open::<S>),
        read: Some(read::<S>),
        write: Some(write::<S>),
        get: Some(get::<S>),
        specific: Some(specific::<S>),
        optional: Some(super::optional::dataset::<S>),
        close: Some(close::<S>),
    }
}

unsafe extern "C" fn create<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    name: *const c_char,
    lcpl: hid_t,
    type_id: hid_t,
    space_id: hid_t,
    dcpl: hid_t,
    dapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Dcreate", |host| {
        host.check_plist(dapl, "dataset access")?;
        // SAFETY: arguments of the callback that is running.
        let (location, name) = unsafe { (decode(host, object, params)?, optional_text(name)?) };
        let base = following(host, location.object()?, dapl)?;
        let ty = stored_type(host, type_id, &base)?;
        let shape = host.describe_space(space_id)?;
        let mut creation = host.dataset_creation(dcpl)?;
        old_format::check_unused_bits(base.file(), &ty, || {
            Ok(tracks_attribute_order(&creation.extra))
        })?;
        transfer::virtual_dataset::check(&creation, &shape)?;
        if ty.datatype.is_variable() && host.never_fills(dcpl) {
            // HDF5 refuses it: elements that were never written could not be read.
            return Err(Error::new(
                ErrorKind::Invalid,
                "variable-length data need fill values, but the fill time is H5D_FILL_TIME_NEVER",
            ));
        }
        filters::check(host, &creation, &ty.datatype, &shape)?;
        creation.fill_value = transfer::fill_to_wire(host, dcpl, &ty.datatype, &base, &OurFiles)?;
        filters::set_up(host, &mut creation, &ty.datatype, &shape, base.file())?;
        check_times(&mut creation, ty.datatype.is_variable())?;
        let grows = shape.maxdims().is_some();
        if grows && creation.layout == Some(Layout::Compact) {
            return Err(Error::new(
                ErrorKind::Invalid,
                "a compact dataset cannot be extendible",
            ));
        }
        let link = host.link_options(lcpl)?;
        let dataset = base.create_dataset(name.as_deref(), &link, ty, shape, creation)?;
        Ok(given(host, dataset, dapl))
    })
}

/// A new handle of a dataset, opened with an access property list.
fn given(host: &'static Host, dataset: Object, dapl: hid_t) -> *mut c_void {
    let access = access(host, dapl);
    let bytes = access.as_ref().map(OwnedId::get);
    if let Some(bytes) = bytes.and_then(|dapl| host.chunk_cache_of_dataset(dapl)) {
        dataset.set_chunk_cache(bytes);
    }
    handle::of_dataset(host, dataset, access)
}

/// What HDF5 says about allocation and fill times when it creates a dataset.
fn check_times(creation: &mut DatasetCreation, variable: bool) -> Result<()> {
    let is = |key: &str, time: &str| creation.extra.get(key).is_some_and(|value| value == time);
    let late = is("allocTime", "H5D_ALLOC_TIME_LATE") || is("allocTime", "H5D_ALLOC_TIME_INCR");
    if late && creation.layout == Some(Layout::Compact) {
        return Err(Error::new(
            ErrorKind::Invalid,
            "a compact dataset is allocated when it is created, not later",
        ));
    }
    let mut always = is("fillTime", "H5D_FILL_TIME_ALLOC");
    let default = creation.fill_value.is_none() && !creation.extra.contains_key("fillUndefined");
    if variable && default && is("fillTime", "H5D_FILL_TIME_IFSET") {
        // Pointers to nowhere must never be read.
        creation
            .extra
            .insert("fillTime".into(), "H5D_FILL_TIME_ALLOC".into());
        always = true;
    }
    if always && creation.extra.get("fillUndefined").is_some() {
        return Err(Error::new(
            ErrorKind::Invalid,
            "the fill value is to be written when space is allocated, but there is none",
        ));
    }
    Ok(())
}

/// A copy of an access property list that is not the default.
fn access(host: &'static Host, dapl: hid_t) -> Option<OwnedId> {
    let default = host.id_variable(c"H5P_LST_DATASET_ACCESS_ID_g");
    let given = dapl > 0 && default != Some(dapl);
    given.then(|| host.copy_plist(dapl).ok()).flatten()
}

unsafe extern "C" fn open<const S: usize>(
    object: *mut c_void,
    params: *const H5VL_loc_params_t,
    name: *const c_char,
    dapl: hid_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> *mut c_void {
    entry::object::<S>("H5Dopen", |host| {
        host.check_plist(dapl, "dataset access")?;
        // SAFETY: arguments of the callback that is running.
        let (location, name) = unsafe { (decode(host, object, params)?, text(name)?) };
        let dataset = following(host, location.object()?, dapl)?.open(&name)?;
        expect(&dataset, ObjectClass::Dataset, &name)?;
        Ok(given(host, dataset, dapl))
    })
}

unsafe extern "C" fn read<const S: usize>(
    count: usize,
    datasets: *mut *mut c_void,
    memory_types: *mut hid_t,
    memory_spaces: *mut hid_t,
    file_spaces: *mut hid_t,
    dxpl: hid_t,
    buffers: *mut *mut c_void,
    req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Dread", |host| {
        // SAFETY: HDF5 passes arrays of `count` entries.
        let (call, buffers) = unsafe {
            let call = Call::new(
                count,
                datasets,
                memory_types,
                memory_spaces,
                file_spaces,
                dxpl,
            );
            (call, slice::from_raw_parts(buffers, count))
        };
        if request::is_wanted(host, req)
            && let Some((job, delivery)) = call.read_later(host, buffers)?
        {
            // SAFETY: the argument of this callback, not null.
            unsafe { request::give(req, "H5Dread", job, Some(delivery)) };
            return Ok(());
        }
        call.settle(Use::Reads)?;
        call.for_each(host, Direction::Read, |n, dataset, transfer| {
            // SAFETY: the program's buffer for this dataset, which it leaves to us for the call.
            let buffer = unsafe { UserBuffer::new(buffers[n]) };
            transfer::read::read(dataset, transfer, buffer)
        })
    })
}

unsafe extern "C" fn write<const S: usize>(
    count: usize,
    datasets: *mut *mut c_void,
    memory_types: *mut hid_t,
    memory_spaces: *mut hid_t,
    file_spaces: *mut hid_t,
    dxpl: hid_t,
    buffers: *mut *const c_void,
    req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Dwrite", |host| {
        // SAFETY: HDF5 passes arrays of `count` entries.
        let (call, buffers) = unsafe {
            let call = Call::new(
                count,
                datasets,
                memory_types,
                memory_spaces,
                file_spaces,
                dxpl,
            );
            (call, slice::from_raw_parts(buffers, count))
        };
        if request::is_wanted(host, req)
            && let Some(job) = call.write_later(host, buffers)?
        {
            // SAFETY: the argument of this callback, not null.
            unsafe { request::give(req, "H5Dwrite", job, None) };
            return Ok(());
        }
        call.settle(Use::Changes)?;
        call.for_each(host, Direction::Write, |n, dataset, transfer| {
            // SAFETY: the program's buffer for this dataset, which a write only reads.
            let buffer = unsafe { UserBuffer::new(buffers[n].cast_mut()) };
            transfer::write::write(dataset, transfer, buffer)
        })
    })
}

unsafe extern "C" fn get<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_dataset_get_args_t,
    _dxpl: hid_t,
    _req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Dget", |host| {
        // SAFETY: HDF5 passes an object and arguments whose member `op_type` names.
        unsafe { get_property(host, borrow(object)?.as_object("a dataset")?, &mut *args) }
    })
}

/// # Safety
/// `args` must have been filled by HDF5 for its operation.
unsafe fn get_property(
    host: &'static Host,
    handle: &handle::ObjectHandle,
    args: &mut H5VL_dataset_get_args_t,
) -> Result<()> {
    let dataset = &handle.object;
    // SAFETY: the member that `op_type` names is the valid one, and its pointers are writable.
    unsafe {
        match args.op_type {
            H5VL_DATASET_GET_DAPL => {
                let plist = match &handle.access {
                    Some(access) => {
                        let domain = &dataset.file().session().location().domain;
                        let folder = domain.rsplit_once('/').map_or("", |(folder, _)| folder);
                        host.opened_dapl(access.get(), folder)?
                    }
                    None => host.new_plist(c"H5P_CLS_DATASET_ACCESS_ID_g")?,
                };
                let layout = &dataset.dataset()?.creation.layout;
                let is_chunked = matches!(layout, Some(Layout::Chunked(_)));
                let of_file = dataset.file().chunk_cache_settings();
                host.show_chunk_cache(&plist, is_chunked, of_file)?;
                args.args.get_dapl.dapl_id = plist.into_raw();
            }
            H5VL_DATASET_GET_DCPL => {
                let info = dataset.dataset()?;
                let plist = transfer::creation_plist(
                    host,
                    &info.creation,
                    &info.ty.datatype,
                    dataset.file(),
                    &OurFiles,
                )?;
                args.args.get_dcpl.dcpl_id = plist.into_raw();
            }
            H5VL_DATASET_GET_SPACE => {
                dataset.follow_writer()?;
                let access = handle.access.as_ref().map(OwnedId::get);
                let shape = transfer::virtual_dataset::shape(host, dataset, access)?;
                let space = host.build_space(&shape)?;
                args.args.get_space.space_id = space.into_raw();
            }
            H5VL_DATASET_GET_SPACE_STATUS => {
                dataset.settle(Use::Reads);
                let status = match dataset.allocated()? {
                    Allocated::Nothing => H5D_SPACE_STATUS_NOT_ALLOCATED,
                    Allocated::Part => H5D_SPACE_STATUS_PART_ALLOCATED,
                    Allocated::Whole => H5D_SPACE_STATUS_ALLOCATED,
                };
                if let Some(room) = args.args.get_space_status.status.as_mut() {
                    *room = status;
                }
            }
            H5VL_DATASET_GET_STORAGE_SIZE => {
                dataset.settle(Use::Reads);
                *args.args.get_storage_size.storage_size = dataset.allocated_size()?;
            }
            H5VL_DATASET_GET_TYPE => {
                args.args.get_type.type_id = shown_type(host, &dataset.dataset()?.ty, dataset)?;
            }
            other => return Err(Error::unsupported(&format!("dataset query {other}"))),
        }
    }
    Ok(())
}

unsafe extern "C" fn specific<const S: usize>(
    object: *mut c_void,
    args: *mut H5VL_dataset_specific_args_t,
    _dxpl: hid_t,
    req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5D", |host| {
        // SAFETY: HDF5 passes an object and arguments whose member `op_type` names.
        let (dataset, args) = unsafe { (&borrow(object)?.as_object("a dataset")?.object, &*args) };
        match args.op_type {
            H5VL_DATASET_SET_EXTENT => {
                let rank = dataset.dataset()?.shape.dims().len();
                if rank == 0 {
                    return Err(Error::new(
                        ErrorKind::Invalid,
                        "a scalar or null dataset has no extent to change",
                    ));
                }
                // SAFETY: one size per dimension of the dataset.
                let size = unsafe { slice::from_raw_parts(args.args.set_extent.size, rank) };
                if request::is_wanted(host, req) {
                    // SAFETY: the argument of this callback, not null.
                    return unsafe { set_extent_later(dataset, size, req) };
                }
                dataset.settle(Use::Changes);
                dataset.set_extent(size)?;
                old_references::extents_changed(dataset);
                Ok(())
            }
            H5VL_DATASET_FLUSH => {
                dataset.flush()?;
                // SAFETY: the member that `op_type` names is the valid one.
                let id = unsafe { args.args.flush.dset_id };
                shared_file::object_flushed(dataset.file(), id)
            }
            H5VL_DATASET_REFRESH => {
                transfer::virtual_dataset::refresh(host, dataset)?;
                old_references::extents_changed(dataset);
                Ok(())
            }
            other => Err(Error::unsupported(&format!("dataset operation {other}"))),
        }
    })
}

/// # Safety
/// As for [`request::give`].
unsafe fn set_extent_later(dataset: &Object, size: &[u64], req: *mut *mut c_void) -> Result<()> {
    if let Some(work) = dataset.set_extent_later(size)? {
        old_references::extents_changed(dataset);
        let follows = Follows::object(dataset.id(), Use::Changes);
        let session = dataset.file().session();
        let job = session.submit(Kind::Extent, follows, work);
        // SAFETY: by the contract of this function.
        unsafe { request::give(req, "H5Dset_extent", job, None) };
    }
    Ok(())
}

unsafe extern "C" fn close<const S: usize>(
    object: *mut c_void,
    _dxpl: hid_t,
    req: *mut *mut c_void,
) -> herr_t {
    entry::done::<S>("H5Dclose", |host| {
        if req.is_null() {
            // SAFETY: a dataset of ours.
            let dataset = &unsafe { borrow(object) }?.as_object("a dataset")?.object;
            delivery::complete_all(host, dataset.file().session(), Some(dataset.id()));
        }
        // SAFETY: HDF5 gives the object back and does not use it again.
        unsafe { handle::close(host, object) }
    })
}
