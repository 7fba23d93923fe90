//! The two types between which HDF5 converts the elements of a transfer: the staged one and the program's,
//! as HDF5 is to see them. Called by `convert`.

use h5rest_protocol::datatype::Datatype;

use super::types::{holds_references, memory_size, with_opaque_references};
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::hid_t;
use crate::host::Host;
use crate::host::id::OwnedId;

/// Identifiers of both types. They are made for each transfer, because programs can find and close
/// identifiers that are there between their calls (H5Fget_obj_ids).
pub struct Ends {
    staged: OwnedId,
    memory: Memory,
}

enum Memory {
    /// The program's own identifier.
    Given(hid_t),
    /// A type of the same layout.
    Made(OwnedId),
}

impl Ends {
    /// For a program's type that `memory` describes and that the program passes as `memory_id`.
    pub fn new(
        host: &'static Host,
        staged: &Datatype,
        memory: &Datatype,
        memory_id: hid_t,
    ) -> Result<Self> {
        let size = memory_size(staged)?;
        let ends = match holds_references(staged) || holds_references(memory) {
            // References are copied: see `with_opaque_references`.
            true => Self {
                staged: host.build_type(&with_opaque_references(staged))?,
                memory: Memory::Made(host.build_type(&with_opaque_references(memory))?),
            },
            false => Self {
                staged: host.build_type(staged)?,
                memory: Memory::Given(memory_id),
            },
        };
        // The elements that HDF5 is given are `staged` and the program's.
        if host.type_size(ends.staged())? != size
            || host.type_size(ends.memory())? != host.type_size(memory_id)?
        {
            return Err(unexpected_layout());
        }
        Ok(ends)
    }

    /// The staged type.
    pub fn staged(&self) -> hid_t {
        self.staged.get()
    }

    /// The program's type.
    pub fn memory(&self) -> hid_t {
        match &self.memory {
            Memory::Given(id) => *id,
            Memory::Made(id) => id.get(),
        }
    }
}

/// The error for a type that HDF5 lays out otherwise than the connector does.
pub fn unexpected_layout() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "this HDF5 library lays the dataset's type out in an unexpected way",
    )
}
