//! Dataset creation properties.

use std::ffi::{CStr, CString, c_char, c_uint};

use h5rest_protocol::creation::{DatasetCreation, Filter, Layout};
use serde_json::{Map, Value, json};

use super::super::Host;
use super::super::id::OwnedId;
use super::super::names;
use crate::connector::{
    Error, ExternalFile, Result, external_files, keep_external_files, keep_mappings, mappings,
};
use crate::ffi::*;

/// Documents name allocation and fill times as HDF5 does.
const ALLOC_TIMES: [(H5D_alloc_time_t, &str); 3] = [
    (H5D_ALLOC_TIME_EARLY, "H5D_ALLOC_TIME_EARLY"),
    (H5D_ALLOC_TIME_LATE, "H5D_ALLOC_TIME_LATE"),
    (H5D_ALLOC_TIME_INCR, "H5D_ALLOC_TIME_INCR"),
];
const FILL_TIMES: [(H5D_fill_time_t, &str); 3] = [
    (H5D_FILL_TIME_ALLOC, "H5D_FILL_TIME_ALLOC"),
    (H5D_FILL_TIME_NEVER, "H5D_FILL_TIME_NEVER"),
    (H5D_FILL_TIME_IFSET, "H5D_FILL_TIME_IFSET"),
];

/// Member that keeps the exact pipeline: servers know filters by name and with fewer details.
const PIPELINE: &str = "filterPipeline";
/// Member that keeps the options of chunks (`H5Pset_chunk_opts`).
const CHUNK_OPTIONS: &str = "chunkOptions";
/// Member that says that the program undefined the fill value.
const FILL_UNDEFINED: &str = "fillUndefined";

/// Bytes of an external file's name, with its NUL, and one more.
const LONGEST_FILE_NAME: usize = 4097;

/// In a prefix of external files: the folder of the HDF5 file.
pub const ORIGIN: &[u8] = b"${ORIGIN}";

impl Host {
    /// What a dataset creation property list says; the fill value is left to
    /// [`Host::fill_value`], because it depends on the dataset's type.
    pub fn dataset_creation(&'static self, dcpl: hid_t) -> Result<DatasetCreation> {
        let mut creation = DatasetCreation {
            layout: self.layout(dcpl)?,
            filters: self.filters(dcpl)?,
            fill_value: None,
            extra: Map::new(),
        };
        self.read_object_properties(dcpl, &mut creation.extra);
        if creation.layout.is_none() {
            keep_mappings(&self.virtual_mappings(dcpl)?, &mut creation.extra);
        }
        let mut options = 0;
        if let Some(Layout::Chunked(_)) = creation.layout {
            // SAFETY: writes one integer; on failure it keeps the default.
            unsafe { (self.h5.H5Pget_chunk_opts)(dcpl, &mut options) };
        }
        if options != 0 {
            creation.extra.insert(CHUNK_OPTIONS.into(), json!(options));
        }
        let external = self.external_files(dcpl)?;
        if !external.is_empty() {
            keep_external_files(&external, &mut creation.extra);
        }
        let (mut alloc, mut fill) = (H5D_ALLOC_TIME_DEFAULT, H5D_FILL_TIME_IFSET);
        // SAFETY: each writes one integer; HDF5 checks the id.
        unsafe {
            (self.h5.H5Pget_alloc_time)(dcpl, &mut alloc);
            (self.h5.H5Pget_fill_time)(dcpl, &mut fill);
        }
        if let Some((_, name)) = ALLOC_TIMES.iter().find(|(value, _)| *value == alloc) {
            creation.extra.insert("allocTime".into(), json!(name));
        }
        if let Some((_, name)) = FILL_TIMES.iter().find(|(value, _)| *value == fill) {
            creation.extra.insert("fillTime".into(), json!(name));
        }
        keep_pipeline(&creation.filters, &mut creation.extra);
        if self.fill_status(dcpl)? == H5D_FILL_VALUE_UNDEFINED {
            creation.extra.insert(FILL_UNDEFINED.into(), json!(true));
        }
        Ok(creation)
    }

    /// Whether elements that were never written may have any value.
    pub fn never_fills(&self, dcpl: hid_t) -> bool {
        let mut fill = H5D_FILL_TIME_IFSET;
        // SAFETY: writes one integer; on failure it keeps the default.
        unsafe { (self.h5.H5Pget_fill_time)(dcpl, &mut fill) };
        fill == H5D_FILL_TIME_NEVER
    }

    fn fill_status(&self, dcpl: hid_t) -> Result<H5D_fill_value_t> {
        let mut status = H5D_FILL_VALUE_DEFAULT;
        // SAFETY: writes one integer.
        let outcome = unsafe { (self.h5.H5Pfill_value_defined)(dcpl, &mut status) };
        self.check(outcome, "read the fill value")?;
        Ok(status)
    }

    /// The user's fill value as one element of `ty`; `None` if there is none. Variable parts are
    /// pointers that the caller frees.
    pub fn fill_value(&self, dcpl: hid_t, ty: hid_t) -> Result<Option<Vec<u8>>> {
        if self.fill_status(dcpl)? != H5D_FILL_VALUE_USER_DEFINED {
            return Ok(None);
        }
        let mut element = vec![0u8; self.type_size(ty)?];
        // SAFETY: the buffer has the size of one element of `ty`.
        let status = unsafe { (self.h5.H5Pget_fill_value)(dcpl, ty, element.as_mut_ptr().cast()) };
        self.check(status, "convert the fill value to the dataset's type")?;
        Ok(Some(element))
    }

    fn layout(&self, dcpl: hid_t) -> Result<Option<Layout>> {
        // SAFETY: a query about an id.
        match unsafe { (self.h5.H5Pget_layout)(dcpl) } {
            H5D_COMPACT => Ok(Some(Layout::Compact)),
            H5D_CONTIGUOUS => Ok(Some(Layout::Contiguous)),
            H5D_CHUNKED => {
                let mut dims = [0u64; H5S_MAX_RANK + 1];
                // SAFETY: the buffer has as many entries as HDF5 is told.
                let rank =
                    unsafe { (self.h5.H5Pget_chunk)(dcpl, dims.len() as i32, dims.as_mut_ptr()) };
                let rank =
                    usize::try_from(rank).map_err(|_| self.failure("read the chunk size"))?;
                Ok(Some(Layout::Chunked(dims[..rank.min(dims.len())].to_vec())))
            }
            // No server has such a layout: its mappings are properties of our own.
            H5D_VIRTUAL => Ok(None),
            _ => Err(self.failure("read a dataset's layout")),
        }
    }

    fn external_files(&self, dcpl: hid_t) -> Result<Vec<ExternalFile>> {
        // SAFETY: a query about an id; it fails for lists without external files in some versions.
        let count = unsafe { (self.h5.H5Pget_external_count)(dcpl) };
        let one = |n: c_uint| {
            let mut name = [0 as c_char; LONGEST_FILE_NAME];
            let (mut offset, mut size) = (0, 0);
            // SAFETY: the buffer has the size that HDF5 is told.
            let status = unsafe {
                (self.h5.H5Pget_external)(
                    dcpl,
                    n,
                    name.len(),
                    name.as_mut_ptr(),
                    &mut offset,
                    &mut size,
                )
            };
            self.check(status, "read an external file")?;
            if name[LONGEST_FILE_NAME - 1] != 0 {
                return Err(Error::unsupported("external files of so long a name"));
            }
            // SAFETY: HDF5 copied a string with its NUL (the last byte was not needed).
            let name = unsafe { CStr::from_ptr(name.as_ptr()) };
            Ok(ExternalFile {
                name: names::from_bytes(name.to_bytes()),
                offset,
                size,
            })
        };
        (0..c_uint::try_from(count).unwrap_or(0)).map(one).collect()
    }

    /// Where a dataset access property list says that external files are; empty if it does not.
    pub fn external_prefix(&self, dapl: hid_t) -> Result<Vec<u8>> {
        if dapl <= 0 {
            return Ok(Vec::new());
        }
        let mut prefix = vec![0u8; LONGEST_FILE_NAME];
        // SAFETY: the buffer has the size that HDF5 is told.
        let length = unsafe {
            (self.h5.H5Pget_efile_prefix)(dapl, prefix.as_mut_ptr().cast(), prefix.len())
        };
        let length = usize::try_from(length)
            .map_err(|_| self.failure("read the prefix of external files"))?;
        if length >= prefix.len() {
            return Err(Error::unsupported(
                "a prefix of external files that is so long",
            ));
        }
        prefix.truncate(length);
        Ok(prefix)
    }

    /// The access property list of an open dataset: as in HDF5, the folder of the dataset's file has
    /// taken the place of `${ORIGIN}`.
    pub fn opened_dapl(&'static self, dapl: hid_t, folder: &str) -> Result<OwnedId> {
        let copy = self.copy_plist(dapl)?;
        let prefix = self.external_prefix(dapl)?;
        if let Some(rest) = prefix.strip_prefix(ORIGIN) {
            let resolved = CString::new([folder.as_bytes(), rest].concat()).unwrap_or_default();
            // SAFETY: changes a list that is ours alone; HDF5 copies the text.
            let status = unsafe { (self.h5.H5Pset_efile_prefix)(copy.get(), resolved.as_ptr()) };
            self.check(status, "note the prefix of external files")?;
        }
        Ok(copy)
    }

    /// The filters of a dataset or group creation property list.
    pub fn filters(&self, dcpl: hid_t) -> Result<Vec<Filter>> {
        // SAFETY: a query about an id.
        let count = unsafe { (self.h5.H5Pget_nfilters)(dcpl) };
        let count = c_uint::try_from(count).map_err(|_| self.failure("count filters"))?;
        (0..count).map(|n| self.filter(dcpl, n)).collect()
    }

    fn filter(&self, dcpl: hid_t, n: c_uint) -> Result<Filter> {
        let (mut flags, mut config) = (0, 0);
        let mut parameters = vec![0 as c_uint; 256];
        let mut given = parameters.len();
        let mut name = [0 as c_char; 128];
        // SAFETY: all buffers have the sizes that HDF5 is told; it ends the name with NUL.
        let id = unsafe {
            (self.h5.H5Pget_filter2)(
                dcpl,
                n,
                &mut flags,
                &mut given,
                parameters.as_mut_ptr(),
                name.len(),
                name.as_mut_ptr(),
                &mut config,
            )
        };
        let id = u32::try_from(id).map_err(|_| self.failure("read a filter"))?;
        parameters.truncate(given);
        name[name.len() - 1] = 0;
        // SAFETY: ends in NUL, set above.
        let name = unsafe { CStr::from_ptr(name.as_ptr()) }.to_string_lossy();
        Ok(Filter {
            id,
            flags,
            name: name.into_owned(),
            parameters,
        })
    }

    /// The dataset creation property list that these properties came from. `fill` is the fill
    /// value as one element of the given type.
    pub fn dataset_plist(
        &'static self,
        creation: &DatasetCreation,
        fill: Option<(&OwnedId, &[u8])>,
    ) -> Result<OwnedId> {
        let plist = self.new_plist(c"H5P_CLS_DATASET_CREATE_ID_g")?;
        let id = plist.get();
        self.write_object_properties(id, &creation.extra)?;
        match mappings(&creation.extra) {
            Some(mappings) => self.set_virtual(id, &mappings)?,
            None => self.set_layout(id, creation.layout.as_ref())?,
        }
        self.set_chunk_options(id, &creation.extra)?;
        for file in external_files(&creation.extra) {
            let name = names::to_c(&file.name)?;
            // SAFETY: the name is a C string that outlives the call.
            let status =
                unsafe { (self.h5.H5Pset_external)(id, name.as_ptr(), file.offset, file.size) };
            self.check(status, "set an external file")?;
        }
        for filter in pipeline(creation) {
            self.add_filter(id, &filter);
        }
        self.set_times(id, &creation.extra)?;
        if let Some((ty, element)) = fill {
            assert!(
                element.len() >= self.type_size(ty.get())?,
                "a whole element"
            );
            // SAFETY: the element has the size of its type (checked); HDF5 copies it.
            let status =
                unsafe { (self.h5.H5Pset_fill_value)(id, ty.get(), element.as_ptr().cast()) };
            self.check(status, "set the fill value")?;
        } else if creation.extra.get(FILL_UNDEFINED) == Some(&json!(true)) {
            // SAFETY: a null value undefines the fill value.
            let status = unsafe { (self.h5.H5Pset_fill_value)(id, -1, std::ptr::null()) };
            self.check(status, "undefine the fill value")?;
        }
        Ok(plist)
    }

    fn set_layout(&self, plist: hid_t, layout: Option<&Layout>) -> Result<()> {
        // SAFETY: changes a list that is ours alone; `dims` has as many entries as HDF5 is told.
        let status = unsafe {
            match layout {
                Some(Layout::Compact) => (self.h5.H5Pset_layout)(plist, H5D_COMPACT),
                Some(Layout::Chunked(dims)) if !dims.is_empty() => {
                    (self.h5.H5Pset_chunk)(plist, dims.len() as i32, dims.as_ptr())
                }
                _ => (self.h5.H5Pset_layout)(plist, H5D_CONTIGUOUS),
            }
        };
        self.check(status, "set a dataset's layout")
    }

    fn set_chunk_options(&self, plist: hid_t, extra: &Map<String, Value>) -> Result<()> {
        let options = extra.get(CHUNK_OPTIONS).and_then(Value::as_u64);
        let Some(options) = options.and_then(|options| c_uint::try_from(options).ok()) else {
            return Ok(());
        };
        // SAFETY: changes a list that is ours alone; HDF5 checks the value.
        let status = unsafe { (self.h5.H5Pset_chunk_opts)(plist, options) };
        self.check(status, "set the options of chunks")
    }

    /// Adds a filter for programs to see. One that the library does not have cannot be shown in
    /// a property list, and need not be: the server applies the filters.
    pub(super) fn add_filter(&self, plist: hid_t, filter: &Filter) {
        // SAFETY: changes a list that is ours alone; the parameters have the length HDF5 is told.
        self.quietly(|| unsafe {
            (self.h5.H5Pset_filter)(
                plist,
                filter.id as H5Z_filter_t,
                filter.flags,
                filter.parameters.len(),
                filter.parameters.as_ptr(),
            )
        });
    }

    fn set_times(&self, plist: hid_t, extra: &Map<String, Value>) -> Result<()> {
        let text = |key: &str| extra.get(key).and_then(Value::as_str);
        if let Some((value, _)) = ALLOC_TIMES
            .iter()
            .find(|(_, n)| Some(*n) == text("allocTime"))
        {
            // A time that was set is not equal to the same one that the layout has by itself (H5Pequal).
            let mut own = H5D_ALLOC_TIME_DEFAULT;
            // SAFETY: writes one integer, and changes a list that is ours alone.
            let status = unsafe {
                (self.h5.H5Pget_alloc_time)(plist, &mut own);
                match own == *value {
                    true => 0,
                    false => (self.h5.H5Pset_alloc_time)(plist, *value),
                }
            };
            self.check(status, "set the allocation time")?;
        }
        if let Some((value, _)) = FILL_TIMES
            .iter()
            .find(|(_, n)| Some(*n) == text("fillTime"))
        {
            // SAFETY: as above.
            let status = unsafe { (self.h5.H5Pset_fill_time)(plist, *value) };
            self.check(status, "set the fill time")?;
        }
        Ok(())
    }
}

/// `[id, flags, name, parameters]`
fn filter_to_json(filter: &Filter) -> Value {
    json!([filter.id, filter.flags, filter.name, filter.parameters])
}

/// Keeps the exact filters of a dataset or group, if there are any.
pub fn keep_pipeline(filters: &[Filter], extra: &mut Map<String, Value>) {
    if !filters.is_empty() {
        let pipeline = filters.iter().map(filter_to_json).collect();
        extra.insert(PIPELINE.into(), pipeline);
    }
}

/// The exact filters that were kept.
pub fn kept_pipeline(extra: &Map<String, Value>) -> Option<Vec<Filter>> {
    let exact = extra.get(PIPELINE).and_then(Value::as_array)?;
    Some(exact.iter().filter_map(filter_from_json).collect())
}

/// Whether chunks that the extent cuts are stored without filters (`H5Pset_chunk_opts`).
pub fn leaves_cut_chunks(creation: &DatasetCreation) -> bool {
    let options = creation.extra.get(CHUNK_OPTIONS).and_then(Value::as_u64);
    options.is_some_and(|options| options & u64::from(H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0)
}

/// The creation properties of a single whole chunk of a dataset: with its filters, or without any.
pub fn of_one_chunk(creation: &DatasetCreation, with_filters: bool) -> DatasetCreation {
    let mut one = creation.clone();
    for of_many in [CHUNK_OPTIONS, "allocTime"] {
        one.extra.shift_remove(of_many);
    }
    if !with_filters {
        leave_out_filters(&mut one);
    }
    one
}

/// Takes all filters out.
pub fn leave_out_filters(creation: &mut DatasetCreation) {
    creation.filters.clear();
    creation.extra.shift_remove(PIPELINE);
}

/// The filters of a dataset, as exactly as they are known.
pub fn pipeline(creation: &DatasetCreation) -> Vec<Filter> {
    let exact = kept_pipeline(&creation.extra);
    let mut filters = exact.unwrap_or_else(|| creation.filters.clone());
    for filter in &mut filters {
        if filter.parameters.is_empty() {
            // What HDF5 found out about the dataset when it was created.
            let told = creation.filters.iter().find(|told| told.id == filter.id);
            filter.parameters = told.map_or_else(Vec::new, |told| told.parameters.clone());
        }
    }
    filters
}

/// Puts a filter in front of all others of a dataset.
pub fn put_first(creation: &mut DatasetCreation, first: Filter) {
    let mut filters = pipeline(creation);
    creation.extra.shift_remove(PIPELINE);
    filters.insert(0, first);
    creation.filters = filters;
}

fn filter_from_json(entry: &Value) -> Option<Filter> {
    let number = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok());
    Some(Filter {
        id: number(entry.get(0)?)?,
        flags: number(entry.get(1)?)?,
        name: entry.get(2)?.as_str()?.to_owned(),
        parameters: entry
            .get(3)?
            .as_array()?
            .iter()
            .map(number)
            .collect::<Option<_>>()?,
    })
}
