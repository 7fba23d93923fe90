//! The forms that the elements of a dataset take for one type of a program, and the memory of those
//! that were needed last: programs pass the same type again and again, and finding out about a type
//! takes longer than moving a few elements.
//!
//! `convert` makes elements of one form those of another.

use std::sync::Arc;

use h5rest_protocol::datatype::Datatype;
use parking_lot::Mutex;

use super::ends::unexpected_layout;
use super::types::{
    common_part, holds_pointers, holds_references, keeps_references, memory_size, needs_background,
    packed, wire_is_staged, with_references_of,
};
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::hid_t;
use crate::host::Host;

/// What there is to know of a stored type and a program's type.
pub struct Forms {
    /// The type that is stored.
    stored: Datatype,
    /// The type that the wire carries.
    pub wire: Datatype,
    /// Staged elements are what the wire carries.
    pub wire_is_staged: bool,
    /// The stored type without gaps, with the program's kinds of reference.
    pub staged: Datatype,
    /// HDF5 converts between staged elements and the program's: they are not of the same type.
    pub converts: bool,
    /// Bytes of a staged element.
    pub staged_size: usize,
    /// Staged elements have pointers.
    pub staged_has_pointers: bool,
    /// Staged elements have references that own things.
    pub staged_has_references: bool,
    /// The program's type.
    pub memory: Datatype,
    /// Bytes of an element of the program.
    pub memory_size: usize,
    /// What the dataset and the program's type have in common, laid out as in the program's.
    pub shared: Datatype,
    /// What they have in common has pointers.
    pub shared_has_pointers: bool,
    /// The program's type is the stored one, with its gaps.
    pub is_stored_type: bool,
}

impl Forms {
    /// Finds out about the program's type `memory_id`.
    fn new(host: &'static Host, stored: &Datatype, memory_id: hid_t) -> Result<Self> {
        let memory = host.describe_type(memory_id)?;
        let staged = packed(&with_references_of(stored, &memory));
        let staged_id = host.build_type(&staged)?;
        let same = host.same_type(staged_id.get(), memory_id)?;
        let is_stored_type = same
            || (needs_background(stored)
                && host.same_type(host.build_type(stored)?.get(), memory_id)?);
        if !same && !keeps_references(&staged, &memory) {
            return Err(Error::new(
                ErrorKind::Invalid,
                "references can only be converted to references",
            ));
        }
        if host.type_size(staged_id.get())? != memory_size(&staged)? {
            return Err(unexpected_layout());
        }
        let forms = Self::of_types(stored, memory, !same, is_stored_type)?;
        Ok(Self {
            memory_size: host.type_size(memory_id)?,
            ..forms
        })
    }

    fn of_types(
        stored: &Datatype,
        memory: Datatype,
        converts: bool,
        is_stored_type: bool,
    ) -> Result<Self> {
        let staged = packed(&with_references_of(stored, &memory));
        let wire = packed(stored);
        let shared = common_part(&memory, &staged);
        let size = memory_size(&staged)?;
        Ok(Self {
            stored: stored.clone(),
            wire_is_staged: wire_is_staged(&wire),
            wire,
            converts,
            staged_size: size,
            staged_has_pointers: holds_pointers(&staged),
            staged_has_references: holds_references(&staged),
            staged,
            memory,
            memory_size: size,
            shared_has_pointers: holds_pointers(&shared),
            shared,
            is_stored_type,
        })
    }
}

/// The forms that the latest transfer of an open dataset took. No identifier is among them: programs would
/// find it (H5Fget_obj_ids), and may close what they find.
#[derive(Default)]
pub struct LatestForms(Mutex<Option<Latest>>);

struct Latest {
    /// The program's type as HDF5 encodes it: its identifier may stand for another type by now.
    memory: Vec<u8>,
    forms: Arc<Forms>,
}

impl LatestForms {
    /// The forms for the program's type `memory_id`, found out about unless they are known.
    pub fn of(
        &self,
        host: &'static Host,
        stored: &Datatype,
        memory_id: hid_t,
    ) -> Result<Arc<Forms>> {
        if let Some(forms) = stored_number(host, stored, memory_id)? {
            return Ok(forms);
        }
        let mut latest = self.0.lock();
        if let Some(known) = &*latest
            && known.forms.stored == *stored
            && host.is_encoded_as(memory_id, &known.memory)
        {
            return Ok(known.forms.clone());
        }
        let forms = Arc::new(Forms::new(host, stored, memory_id)?);
        // A type that has no binary form is found out about each time.
        let memory = host.quietly(|| host.encode_type(memory_id)).ok();
        *latest = memory.map(|memory| Latest {
            memory,
            forms: forms.clone(),
        });
        Ok(forms)
    }
}

/// The forms for the program's type `memory_id`.
pub fn forms(host: &'static Host, stored: &Datatype, memory_id: hid_t) -> Result<Arc<Forms>> {
    match stored_number(host, stored, memory_id)? {
        Some(forms) => Ok(forms),
        None => Forms::new(host, stored, memory_id).map(Arc::new),
    }
}

/// Those of numbers that programs take as they are stored: there are few.
static NUMBERS: Mutex<Vec<Arc<Forms>>> = Mutex::new(Vec::new());

/// The forms for a number that the program takes as it is stored; `None` if `memory_id` is another type.
fn stored_number(
    host: &'static Host,
    stored: &Datatype,
    memory_id: hid_t,
) -> Result<Option<Arc<Forms>>> {
    match host.standard_number(stored) {
        Some(predefined) if host.same_type(predefined, memory_id)? => number(stored).map(Some),
        _ => Ok(None),
    }
}

fn number(stored: &Datatype) -> Result<Arc<Forms>> {
    let mut known = NUMBERS.lock();
    if let Some(forms) = known.iter().find(|forms| forms.stored == *stored) {
        return Ok(forms.clone());
    }
    let forms = Arc::new(Forms::of_types(stored, stored.clone(), false, true)?);
    known.push(forms.clone());
    Ok(forms)
}
