//! What a program's link access property list says about following links.
//!
//! Lists for groups, datasets and committed datatypes are link access lists, too. Called by
//! `location` and by the callbacks that open or create by name.

use std::ffi::{CString, c_char, c_uint, c_void};
use std::sync::Arc;

use super::info;
use crate::connector::{BeforeOpen, Error, ErrorKind, LinkAccess, Object, Opening, Result};
use crate::ffi::*;
use crate::host::Host;
use crate::host::id::OwnedId;

/// The same object, from which names are followed as an access property list says.
pub fn following(host: &'static Host, object: Object, plist: hid_t) -> Result<Object> {
    Ok(object.following_by(read(host, plist)?))
}

/// What a list says; `None` if it is a default one.
fn read(host: &'static Host, plist: hid_t) -> Result<Option<Arc<LinkAccess>>> {
    let defaults = [
        c"H5P_LST_LINK_ACCESS_ID_g",
        c"H5P_LST_GROUP_ACCESS_ID_g",
        c"H5P_LST_DATASET_ACCESS_ID_g",
        c"H5P_LST_DATATYPE_ACCESS_ID_g",
    ];
    let is_default = |name| host.id_variable(name) == Some(plist);
    if plist <= 0 || defaults.into_iter().any(is_default) {
        return Ok(None);
    }
    let (mut most, mut flags) = (usize::MAX, H5F_ACC_DEFAULT);
    // SAFETY: each writes one integer; HDF5 checks the id.
    unsafe {
        host.check(
            (host.h5.H5Pget_nlinks)(plist, &mut most),
            "read the link limit",
        )?;
        let status = (host.h5.H5Pget_elink_acc_flags)(plist, &mut flags);
        host.check(status, "read the access flags for external links")?;
    }
    let fapl = linked_fapl(host, plist)?;
    let config = fapl.as_ref().map(|fapl| info::config(host, fapl.get()));
    let locking = fapl.as_ref().and_then(|fapl| host.file_locking(fapl.get()));
    Ok(Some(Arc::new(LinkAccess {
        most_links: u32::try_from(most).unwrap_or(u32::MAX),
        prefix: prefix(host, plist)?,
        write: (flags != H5F_ACC_DEFAULT).then_some(flags & H5F_ACC_RDWR != 0),
        follow_writer: (flags != H5F_ACC_DEFAULT).then_some(flags & H5F_ACC_SWMR_READ != 0),
        config: config.transpose()?.map(Arc::new),
        locking,
        chunk_cache: fapl
            .as_ref()
            .map(|fapl| host.chunk_cache_of_file(fapl.get())),
        before_open: callback(host, plist, fapl)?,
    })))
}

/// The file access property list for files of external links, if one is set.
fn linked_fapl(host: &'static Host, plist: hid_t) -> Result<Option<OwnedId>> {
    // SAFETY: a query; the answer is a new id of ours, or the default.
    let fapl = unsafe { (host.h5.H5Pget_elink_fapl)(plist) };
    if fapl == H5P_DEFAULT {
        return Ok(None);
    }
    let fapl = host.own(
        fapl,
        "read the file access property list for external links",
    )?;
    let default = host.id_variable(c"H5P_LST_FILE_ACCESS_ID_g");
    Ok((default != Some(fapl.get())).then_some(fapl))
}

fn prefix(host: &Host, plist: hid_t) -> Result<Option<String>> {
    // SAFETY: without room HDF5 only tells the length; it takes null, but not a size of 0, for that.
    let length = unsafe { (host.h5.H5Pget_elink_prefix)(plist, std::ptr::null_mut(), 0) };
    let length = usize::try_from(length);
    let length = length.map_err(|_| host.failure("read the prefix for external links"))?;
    if length == 0 {
        return Ok(None);
    }
    let mut room = vec![0u8; length + 1];
    // SAFETY: HDF5 writes at most as many bytes as it is told, the NUL among them.
    unsafe { (host.h5.H5Pget_elink_prefix)(plist, room.as_mut_ptr().cast(), room.len()) };
    room.truncate(length);
    String::from_utf8(room).map(Some).map_err(|_| {
        let words = "the prefix for external links is not UTF-8";
        Error::new(ErrorKind::Unsupported, words)
    })
}

/// A set `H5L_elink_traverse_t`.
type ElinkFunction = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    *const c_char,
    *const c_char,
    *mut c_uint,
    hid_t,
    *mut c_void,
) -> herr_t;

/// A program's function to call before the file of an external link is opened.
struct Callback {
    function: ElinkFunction,
    data: *mut c_void,
    fapl: OwnedId,
}

// SAFETY: it is called only by the call that the property list was given to, on its thread; what
// can be sent elsewhere, with an object that it belongs to, is only dropped there.
unsafe impl Send for Callback {}
// SAFETY: as above.
unsafe impl Sync for Callback {}

fn callback(
    host: &'static Host,
    plist: hid_t,
    fapl: Option<OwnedId>,
) -> Result<Option<BeforeOpen>> {
    let (mut function, mut data) = (None, std::ptr::null_mut());
    // SAFETY: writes both pointers.
    let status = unsafe { (host.h5.H5Pget_elink_cb)(plist, &mut function, &mut data) };
    host.check(status, "read the callback for external links")?;
    let Some(function) = function else {
        return Ok(None);
    };
    let fapl = match fapl {
        Some(fapl) => fapl,
        None => host.new_plist(c"H5P_CLS_FILE_ACCESS_ID_g")?,
    };
    let callback = Callback {
        function,
        data,
        fapl,
    };
    Ok(Some(Box::new(move |link| callback.ask(link))))
}

impl Callback {
    fn ask(&self, link: &Opening<'_>) -> Result<bool> {
        let text = |text: &str| CString::new(text).unwrap_or_default();
        let (parent, group) = (text(link.parent_file), text(link.parent_group));
        let (file, path) = (text(link.file), text(link.path));
        let mut flags: c_uint = if link.write {
            H5F_ACC_RDWR
        } else {
            H5F_ACC_RDONLY
        };
        // SAFETY: the program's function, called as H5Pset_elink_cb documents.
        let status = unsafe {
            (self.function)(
                parent.as_ptr(),
                group.as_ptr(),
                file.as_ptr(),
                path.as_ptr(),
                &mut flags,
                self.fapl.get(),
                self.data,
            )
        };
        if status < 0 {
            let words = "the program's callback for external links (H5Pset_elink_cb) failed";
            return Err(Error::new(ErrorKind::Invalid, words));
        }
        if flags & (H5F_ACC_TRUNC | H5F_ACC_EXCL) != 0 {
            let words = "the program's callback for external links wants the file made";
            return Err(Error::new(ErrorKind::Invalid, words));
        }
        Ok(flags & H5F_ACC_RDWR != 0)
    }
}
