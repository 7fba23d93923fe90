//! Aliases: hidden datasets that HDF5 finds in place of ours, for references of HDF5 1.8.
//!
//! H5Rget_region reads the extents of the dataset at an address. So every dataset that a region
//! reference refers to gets an alias in the hidden file of the `facade`: a dataset of the same
//! extents, whose address stands for our token. It has no elements, and changes its extents with the
//! dataset. Called by `old_region` and `vol`.

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

use h5rest_protocol::region::Region;
use h5rest_protocol::{Extent, Shape};

use super::Host;
use super::facade::Facade;
use super::id::OwnedId;
use super::locate::Library;
use super::old_region::OldRegion;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::*;

symbols! {
    /// What aliases are found and changed with.
    AliasSymbols,
    H5VLobject_specific(*mut c_void, *const H5VL_loc_params_t, hid_t, *mut H5VL_object_specific_args_t, hid_t, *mut *mut c_void) -> herr_t;
    H5VLdataset_open(*mut c_void, *const H5VL_loc_params_t, hid_t, *const c_char, hid_t, hid_t, *mut *mut c_void) -> *mut c_void;
    H5VLdataset_specific(*mut c_void, hid_t, *mut H5VL_dataset_specific_args_t, hid_t, *mut *mut c_void) -> herr_t;
}

/// Bytes of an alias' chunk at most. Chunks are never made, but HDF5 looks for those that shrinking
/// cuts off, so there should be few.
const CHUNK: u64 = 1 << 30;

/// The aliases in one hidden file.
#[derive(Default)]
pub struct Aliases {
    /// By our token.
    by_token: HashMap<u64, Alias>,
    /// What is known of references to regions.
    pub(super) regions: HashMap<OldRegion, (u64, Region)>,
    /// Those references by what the heap of the hidden file holds for them.
    pub(super) by_heap_object: HashMap<Vec<u8>, OldRegion>,
    /// Number of hidden datasets, for their names.
    count: usize,
}

struct Alias {
    name: CString,
    /// The extents that it has.
    shape: Shape,
    address: u64,
}

impl Aliases {
    /// Whether the hidden file holds nothing yet that could be taken for another file's.
    pub fn is_empty(&self) -> bool {
        self.by_token.is_empty()
    }
}

fn symbols(host: &Host) -> Result<AliasSymbols> {
    AliasSymbols::resolve(&host.library).map_err(|missing| {
        let words = format!("this HDF5 library lacks {missing}");
        Error::new(ErrorKind::Unsupported, words)
    })
}

/// A place in the hidden file.
fn location(type_: H5VL_loc_type_t, loc_data: H5VL_loc_data_u) -> H5VL_loc_params_t {
    H5VL_loc_params_t {
        obj_type: H5I_FILE,
        type_,
        loc_data,
    }
}

/// The hidden file itself.
fn itself() -> H5VL_loc_params_t {
    let token = ptr::null_mut();
    let loc_by_token = H5VL_loc_by_token_t { token };
    location(H5VL_OBJECT_BY_SELF, H5VL_loc_data_u { loc_by_token })
}

impl Facade {
    /// The address of the alias that the dataset with this token has here.
    pub fn alias_of(&self, token: u64) -> Option<u64> {
        let aliases = self.aliases.lock();
        aliases.by_token.get(&token).map(|alias| alias.address)
    }

    /// The address of the alias of a dataset of these extents. `claim` lets an address mean it, or says
    /// that the address means something else in another hidden file of the same domain, now or before.
    pub fn alias(&self, token: u64, shape: &Shape, claim: &dyn Fn(u64) -> bool) -> Result<u64> {
        let mut aliases = self.aliases.lock();
        if let Some(alias) = aliases.by_token.get_mut(&token)
            && self.follow(alias, shape).is_ok()
        {
            return Ok(alias.address);
        }
        let alias = loop {
            let name = CString::new(format!("alias{}", aliases.count)).unwrap_or_default();
            let address = self.host.quietly(|| self.make_alias(&name, shape))?;
            aliases.count += 1;
            if claim(address) {
                break Alias {
                    name,
                    shape: shape.clone(),
                    address,
                };
            }
        };
        let address = alias.address;
        aliases.by_token.insert(token, alias);
        Ok(address)
    }

    /// Whether the dataset with this token has an alias.
    pub fn has_alias(&self, token: u64) -> bool {
        self.aliases.lock().by_token.contains_key(&token)
    }

    /// Gives the alias of a dataset that has one the extents that the dataset has now.
    pub fn follow_extents(&self, token: u64, shape: &Shape) -> Result<()> {
        match self.aliases.lock().by_token.get_mut(&token) {
            Some(alias) => self.follow(alias, shape),
            None => Ok(()),
        }
    }

    fn follow(&self, alias: &mut Alias, shape: &Shape) -> Result<()> {
        // Its dimensions are what the server says of the dataset; their number is the file's for ever.
        if alias.shape.dims().len() != shape.dims().len() {
            return Err(Error::invalid(
                "a dataset cannot have another number of dimensions than before",
            ));
        }
        if alias.shape != *shape {
            let name = &alias.name;
            self.host.quietly(|| self.resize_alias(name, shape))?;
            alias.shape = shape.clone();
        }
        Ok(())
    }

    fn resize_alias(&self, name: &CStr, shape: &Shape) -> Result<()> {
        let own = symbols(self.host)?;
        let (native, dxpl) = (self.native.get(), self.dxpl()?);
        let dapl = self.host.predefined(c"H5P_LST_DATASET_ACCESS_ID_g")?;
        let size = shape.dims().as_ptr();
        let mut args = H5VL_dataset_specific_args_t {
            op_type: H5VL_DATASET_SET_EXTENT,
            args: H5VL_dataset_specific_args_u {
                set_extent: H5VL_dataset_set_extent_args_t { size },
            },
        };
        let (itself, none) = (itself(), ptr::null_mut());
        // SAFETY: all ids are valid, the location is the hidden file itself; the opened object is
        // closed at once. A dataset keeps its number of dimensions, so there is a size for each.
        unsafe {
            let open = own.H5VLdataset_open;
            let dataset = open(self.file, &itself, native, name.as_ptr(), dapl, dxpl, none);
            self.made(dataset)?;
            let changed = (own.H5VLdataset_specific)(dataset, native, &mut args, dxpl, none);
            (self.symbols.H5VLdataset_close)(dataset, native, dxpl, none);
            self.host
                .check(changed, "change the extents of a dataset in memory")
        }
    }

    fn make_alias(&self, name: &CStr, shape: &Shape) -> Result<u64> {
        let host = self.host;
        let list = |name: &'static CStr| host.predefined(name);
        let chunks = chunks_for(shape);
        let space = match (shape, &chunks) {
            // Extents that may grow need chunks.
            (Shape::Simple { dims, .. }, None) => host.build_space(&Shape::fixed(dims.clone()))?,
            _ => host.build_space(shape)?,
        };
        let dcpl = host.new_plist(c"H5P_CLS_DATASET_CREATE_ID_g")?;
        if let Some(chunks) = &chunks {
            set_chunks(host, &dcpl, chunks)?;
        }
        let byte = list(c"H5T_STD_I8LE_g")?;
        let (dxpl, none, itself) = (self.dxpl()?, ptr::null_mut(), itself());
        // SAFETY: all ids are valid, the location is the hidden file itself; the result is a raw
        // object that is closed at once. Its elements are never written, so they take no room.
        unsafe {
            let dataset = (self.symbols.H5VLdataset_create)(
                self.file,
                &itself,
                self.native.get(),
                name.as_ptr(),
                list(c"H5P_LST_LINK_CREATE_ID_g")?,
                byte,
                space.get(),
                dcpl.get(),
                list(c"H5P_LST_DATASET_ACCESS_ID_g")?,
                dxpl,
                none,
            );
            self.made(dataset)?;
            let close = self.symbols.H5VLdataset_close;
            let status = close(dataset, self.native.get(), dxpl, none);
            host.check(status, "close an object in memory")?;
        }
        self.address_of(name)
    }

    fn address_of(&self, name: &CStr) -> Result<u64> {
        let own = symbols(self.host)?;
        let loc_by_name = H5VL_loc_by_name_t {
            name: name.as_ptr(),
            lapl_id: self.host.predefined(c"H5P_LST_LINK_ACCESS_ID_g")?,
        };
        let by_name = location(H5VL_OBJECT_BY_NAME, H5VL_loc_data_u { loc_by_name });
        let mut token = H5O_token_t { __data: [0; 16] };
        let mut args = H5VL_object_specific_args_t {
            op_type: H5VL_OBJECT_LOOKUP,
            args: H5VL_object_specific_args_u {
                lookup: H5VL_object_lookup_args_t {
                    token_ptr: &mut token,
                },
            },
        };
        let dxpl = self.dxpl()?;
        // SAFETY: the location is a name in the hidden file; the answer goes into a local.
        let status = unsafe {
            let (native, none) = (self.native.get(), ptr::null_mut());
            (own.H5VLobject_specific)(self.file, &by_name, native, &mut args, dxpl, none)
        };
        self.host.check(status, "find an object in memory")?;
        let mut address = [0; 8];
        address.copy_from_slice(&token.__data[..8]);
        Ok(u64::from_le_bytes(address))
    }
}

fn set_chunks(host: &'static Host, dcpl: &OwnedId, chunks: &[u64]) -> Result<()> {
    // SAFETY: changes a list that is ours alone; one size for each dimension.
    let status =
        unsafe { (host.h5.H5Pset_chunk)(dcpl.get(), chunks.len() as c_int, chunks.as_ptr()) };
    host.check(status, "set the chunks of a dataset in memory")
}

/// Chunks that let an alias of these extents change them as the dataset may: as large as the
/// dataset, if that is not too large. `None` where there can be no chunks.
fn chunks_for(shape: &Shape) -> Option<Vec<u64>> {
    let Shape::Simple { dims, maxdims } = shape else {
        return None;
    };
    let mut room = CHUNK;
    let chunk = |(n, &dim): (usize, &u64)| {
        let most = match maxdims.as_ref().map(|bounds| &bounds[n]) {
            Some(Extent::Unlimited) => u64::MAX,
            Some(Extent::Fixed(most)) => *most,
            None => dim,
        };
        let size = dim.max(1).min(room);
        room /= size;
        (most > 0).then_some(size)
    };
    dims.iter().enumerate().map(chunk).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_as_large_as_the_dataset_but_bounded() {
        assert_eq!(chunks_for(&Shape::fixed([10, 4])), Some(vec![10, 4]));
        let large = chunks_for(&Shape::fixed([1 << 40, 7, 3])).unwrap();
        assert_eq!(large, [CHUNK, 1, 1]);
        let growing = Shape::Simple {
            dims: vec![0, 3],
            maxdims: Some(vec![Extent::Unlimited, Extent::Fixed(3)]),
        };
        assert_eq!(chunks_for(&growing), Some(vec![1, 3]));
        assert_eq!(chunks_for(&Shape::fixed([0, 3])), None);
        assert_eq!(chunks_for(&Shape::Scalar), None);
    }
}
