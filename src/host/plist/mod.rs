//! Property lists of the host library, to and from the documents that a server keeps.
//!
//! `dataset`, `virtual_layout`, `file` and `group` translate creation property lists; this file has what all share, and the
//! few properties of link creation and transfer that the connector acts on. Called by `vol`.

mod chunk_cache;
mod dataset;
mod file;
mod group;
mod group_format;
mod virtual_layout;

pub use dataset::{
    ORIGIN, keep_pipeline, leave_out_filters, leaves_cut_chunks, of_one_chunk, pipeline, put_first,
};

use std::ffi::{CStr, c_uint, c_void};
use std::ptr;

use h5rest_protocol::datatype::CharSet;
use serde_json::{Map, Value, json};

use super::Host;
use super::id::OwnedId;
use super::symbols::{VlenAlloc, VlenFree};
use crate::connector::{CopyOptions, Error, ErrorKind, FileLocking, LinkOptions, Result};
use crate::ffi::*;

/// How a program wants variable-length data in its buffers allocated and freed.
#[derive(Clone, Copy)]
pub struct VlenMemory {
    pub(crate) allocate: VlenAlloc,
    pub(crate) allocate_info: *mut c_void,
    pub(crate) free: VlenFree,
    pub(crate) free_info: *mut c_void,
}

impl VlenMemory {
    /// The C library's own allocator, which is used unless a program sets another.
    pub const fn malloc() -> Self {
        Self {
            allocate: None,
            allocate_info: ptr::null_mut(),
            free: None,
            free_info: ptr::null_mut(),
        }
    }

    /// Whether the program set an allocator.
    pub fn is_custom(&self) -> bool {
        self.allocate.is_some()
    }
}

impl Host {
    /// A transfer property list like `dxpl`, but without an allocator for variable-length data.
    pub fn without_vlen_memory(&'static self, dxpl: hid_t) -> Result<OwnedId> {
        let copy = self.copy_plist(dxpl)?;
        // SAFETY: changes a list that is ours alone; null means malloc and free.
        let status = unsafe {
            let none = ptr::null_mut();
            (self.h5.H5Pset_vlen_mem_manager)(copy.get(), None, none, None, none)
        };
        self.check(status, "reset the allocator for variable-length data")?;
        Ok(copy)
    }

    /// A new property list of one of the library's classes, e.g. `H5P_CLS_DATASET_CREATE_ID_g`.
    pub fn new_plist(&'static self, class: &'static CStr) -> Result<OwnedId> {
        let class = self.predefined(class)?;
        // SAFETY: makes a new id.
        self.own(
            unsafe { (self.h5.H5Pcreate)(class) },
            "make a property list",
        )
    }

    /// A copy that belongs to the caller.
    pub fn copy_plist(&'static self, plist: hid_t) -> Result<OwnedId> {
        // SAFETY: makes a new id.
        self.own(unsafe { (self.h5.H5Pcopy)(plist) }, "copy a property list")
    }

    /// What an object copy property list says.
    pub fn copy_options(&self, ocpypl: hid_t) -> Result<CopyOptions> {
        self.check_plist(ocpypl, "object copy")?;
        let mut flags = 0;
        if ocpypl > 0 {
            // SAFETY: writes one integer.
            let status = unsafe { (self.h5.H5Pget_copy_object)(ocpypl, &mut flags) };
            self.check(status, "read an object copy property list")?;
        }
        Ok(CopyOptions {
            shallow: flags & H5O_COPY_SHALLOW_HIERARCHY_FLAG != 0,
            expand_soft_links: flags & H5O_COPY_EXPAND_SOFT_LINK_FLAG != 0,
            expand_external_links: flags & H5O_COPY_EXPAND_EXT_LINK_FLAG != 0,
            without_attributes: flags & H5O_COPY_WITHOUT_ATTR_FLAG != 0,
            merge_datatypes: flags & H5O_COPY_MERGE_COMMITTED_DTYPE_FLAG != 0,
            expand_references: flags & H5O_COPY_EXPAND_REFERENCE_FLAG != 0,
        })
    }

    /// Fails unless `plist` is a property list or the default. HDF5 leaves it to the connector to
    /// look at the access property lists (and a few others) that a program passes.
    pub fn check_plist(&self, plist: hid_t, what: &str) -> Result<()> {
        // SAFETY: a query about any number.
        if plist == H5P_DEFAULT || unsafe { (self.h5.H5Iget_type)(plist) } == H5I_GENPROP_LST {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Invalid,
            format!("the {what} property list is not a property list"),
        ))
    }

    /// What a link creation property list says about a new link.
    pub fn link_options(&self, lcpl: hid_t) -> Result<LinkOptions> {
        self.check_plist(lcpl, "link creation")?;
        let (mut intermediate, mut cset) = (0 as c_uint, H5T_CSET_ASCII);
        // SAFETY: both write one integer; for H5P_DEFAULT or a list of another class they fail
        // and leave the defaults.
        unsafe {
            if lcpl > 0 {
                (self.h5.H5Pget_create_intermediate_group)(lcpl, &mut intermediate);
                (self.h5.H5Pget_char_encoding)(lcpl, &mut cset);
            }
        }
        Ok(LinkOptions {
            intermediate: intermediate > 0,
            charset: charset(cset),
        })
    }

    /// Character set of an attribute's name.
    pub fn name_charset(&self, acpl: hid_t) -> Result<CharSet> {
        self.check_plist(acpl, "attribute creation")?;
        let mut cset = H5T_CSET_ASCII;
        if acpl > 0 {
            // SAFETY: writes one integer.
            unsafe { (self.h5.H5Pget_char_encoding)(acpl, &mut cset) };
        }
        Ok(charset(cset))
    }

    /// An attribute creation property list with this character set.
    pub fn attribute_plist(&'static self, charset: CharSet) -> Result<OwnedId> {
        let plist = self.new_plist(c"H5P_CLS_ATTRIBUTE_CREATE_ID_g")?;
        let cset = match charset {
            CharSet::Ascii => H5T_CSET_ASCII,
            CharSet::Utf8 => H5T_CSET_UTF8,
        };
        // SAFETY: changes a list that is ours alone.
        let status = unsafe { (self.h5.H5Pset_char_encoding)(plist.get(), cset) };
        self.check(status, "set the character set of a name")?;
        Ok(plist)
    }

    /// The expression of a transfer property list's data transform, if it has one.
    pub fn data_transform(&self, dxpl: hid_t) -> Option<String> {
        if dxpl <= 0 || self.is_default_transfer(dxpl) {
            return None;
        }
        // SAFETY: without a buffer the call tells the length. Without a transform it fails.
        let length = self
            .quietly(|| unsafe { (self.h5.H5Pget_data_transform)(dxpl, std::ptr::null_mut(), 0) });
        let length = usize::try_from(length).ok().filter(|&length| length > 0)?;
        let mut text = vec![0u8; length + 1];
        // SAFETY: the buffer has the size that is given.
        unsafe { (self.h5.H5Pget_data_transform)(dxpl, text.as_mut_ptr().cast(), text.len()) };
        text.truncate(length);
        Some(String::from_utf8_lossy(&text).into_owned())
    }

    /// Whether this is the list that H5P_DEFAULT stands for.
    pub fn is_default_transfer(&self, dxpl: hid_t) -> bool {
        self.default_transfer() == Some(dxpl)
    }

    /// The list that H5P_DEFAULT stands for.
    pub fn default_transfer(&self) -> Option<hid_t> {
        let variable = std::ptr::with_exposed_provenance::<hid_t>(self.default_transfer);
        // SAFETY: null, or the library's variable of this name, which is a `hid_t`.
        (!variable.is_null()).then(|| unsafe { variable.read_volatile() })
    }

    /// A copy of the access property list of a file that is open now: what the default close degree
    /// means is decided by then.
    pub fn opened_fapl(&'static self, fapl: hid_t) -> Result<OwnedId> {
        let copy = self.copy_plist(fapl)?;
        if self.close_degree(fapl) == H5F_CLOSE_DEFAULT {
            // SAFETY: changes a list that is ours alone.
            let status = unsafe { (self.h5.H5Pset_fclose_degree)(copy.get(), H5F_CLOSE_WEAK) };
            self.check(status, "note the close degree of a file")?;
        }
        Ok(copy)
    }

    /// What a file access property list says about locks.
    pub fn file_locking(&self, fapl: hid_t) -> Option<FileLocking> {
        let (mut used, mut optional) = (false, false);
        // SAFETY: writes two truth values.
        let status = unsafe { (self.h5.H5Pget_file_locking)(fapl, &mut used, &mut optional) };
        (status >= 0).then_some(FileLocking { used, optional })
    }

    /// The access property list of a file that was opened without one of its own.
    pub fn linked_fapl(&'static self, locking: Option<FileLocking>) -> Result<OwnedId> {
        let plist = self.new_plist(c"H5P_CLS_FILE_ACCESS_ID_g")?;
        if let Some(FileLocking { used, optional }) = locking {
            // SAFETY: changes a list that is ours alone.
            let status = unsafe { (self.h5.H5Pset_file_locking)(plist.get(), used, optional) };
            self.check(status, "note how a file is locked")?;
        }
        Ok(plist)
    }

    /// What closing a file means for objects left open, by its access property list.
    pub fn close_degree(&self, fapl: hid_t) -> H5F_close_degree_t {
        let mut degree = H5F_CLOSE_DEFAULT;
        // SAFETY: writes one integer; on failure it keeps the default.
        unsafe { (self.h5.H5Pget_fclose_degree)(fapl, &mut degree) };
        degree
    }

    /// The function that a program wants called when an object of a file is flushed, with its argument
    /// (H5Pset_object_flush_cb).
    pub fn flush_callback(&self, fapl: hid_t) -> (H5F_flush_cb_t, *mut c_void) {
        let (mut function, mut data) = (None, ptr::null_mut());
        if fapl > 0 {
            // SAFETY: writes both pointers; on failure they stay null.
            unsafe { (self.h5.H5Pget_object_flush_cb)(fapl, &mut function, &mut data) };
        }
        (function, data)
    }

    /// The oldest file format that objects may be written in, by a file access property list.
    pub fn oldest_format(&self, fapl: hid_t) -> H5F_libver_t {
        let (mut low, mut high) = (H5F_LIBVER_EARLIEST, H5F_LIBVER_EARLIEST);
        // SAFETY: writes two integers; on failure they keep the default.
        unsafe { (self.h5.H5Pget_libver_bounds)(fapl, &mut low, &mut high) };
        low
    }

    /// Whether numbers may be stored in types that are mostly unused bits, by a file access property
    /// list. Releases before 1.14.4 have no rule against it.
    pub fn allows_unused_bits(&self, fapl: hid_t) -> bool {
        let Some(get) = self.optional.H5Pget_relax_file_integrity_checks else {
            return true;
        };
        let mut flags = 0;
        // SAFETY: writes one integer; on failure it keeps the default.
        unsafe { get(fapl, &mut flags) };
        flags & H5F_RFIC_UNUSUAL_NUM_UNUSED_NUMERIC_BITS != 0
    }

    /// The allocator that the transfer property list names for variable-length data.
    pub fn vlen_memory(&self, dxpl: hid_t) -> VlenMemory {
        let mut memory = VlenMemory::malloc();
        if dxpl > 0 && !self.is_default_transfer(dxpl) {
            // SAFETY: writes the four values into locals; on failure they keep the default.
            unsafe {
                (self.h5.H5Pget_vlen_mem_manager)(
                    dxpl,
                    &mut memory.allocate,
                    &mut memory.allocate_info,
                    &mut memory.free,
                    &mut memory.free_info,
                );
            }
        }
        memory
    }

    /// Attribute and time properties, which all object creation property lists share.
    fn read_object_properties(&self, plist: hid_t, properties: &mut Map<String, Value>) {
        let (mut order, mut compact, mut dense, mut times) = (0, 8, 6, true);
        // SAFETY: each writes into locals; HDF5 checks the id.
        unsafe {
            (self.h5.H5Pget_attr_creation_order)(plist, &mut order);
            (self.h5.H5Pget_attr_phase_change)(plist, &mut compact, &mut dense);
            (self.h5.H5Pget_obj_track_times)(plist, &mut times);
        }
        if order != 0 {
            properties.insert("attributeCreationOrder".into(), json!(order_name(order)));
        }
        if (compact, dense) != (8, 6) {
            properties.insert("attributePhaseChange".into(), json!([compact, dense]));
        }
        if !times {
            properties.insert("trackTimes".into(), json!(false));
        }
    }

    fn write_object_properties(&self, plist: hid_t, properties: &Map<String, Value>) -> Result<()> {
        let what = "set object creation properties";
        if let Some(order) = order_flags(properties.get("attributeCreationOrder")) {
            // SAFETY: changes a list that is ours alone.
            let status = unsafe { (self.h5.H5Pset_attr_creation_order)(plist, order) };
            self.check(status, what)?;
        }
        if let Some((compact, dense)) = pair(properties.get("attributePhaseChange")) {
            // SAFETY: as above.
            let status = unsafe { (self.h5.H5Pset_attr_phase_change)(plist, compact, dense) };
            self.check(status, what)?;
        }
        if properties.get("trackTimes") == Some(&json!(false)) {
            // SAFETY: as above.
            let status = unsafe { (self.h5.H5Pset_obj_track_times)(plist, false) };
            self.check(status, what)?;
        }
        Ok(())
    }
}

fn charset(cset: H5T_cset_t) -> CharSet {
    match cset {
        H5T_CSET_UTF8 => CharSet::Utf8,
        _ => CharSet::Ascii,
    }
}

/// Creation order flags as the C REST VOL spells them on HSDS.
fn order_name(flags: c_uint) -> &'static str {
    if flags & H5P_CRT_ORDER_INDEXED != 0 {
        "H5P_CRT_ORDER_TRACKED|H5P_CRT_ORDER_INDEXED"
    } else {
        "H5P_CRT_ORDER_TRACKED"
    }
}

fn order_flags(value: Option<&Value>) -> Option<c_uint> {
    let text = value?.as_str()?;
    let tracked = text.contains("TRACKED") || text.contains("INDEXED");
    let indexed = text.contains("INDEXED");
    tracked.then_some(if indexed {
        H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED
    } else {
        H5P_CRT_ORDER_TRACKED
    })
}

/// Two unsigned numbers in a list.
fn pair(value: Option<&Value>) -> Option<(c_uint, c_uint)> {
    let list = value?.as_array()?;
    let number = |at: usize| c_uint::try_from(list.get(at)?.as_u64()?).ok();
    Some((number(0)?, number(1)?))
}
