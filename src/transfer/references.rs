//! References between their forms on the wire and in memory.
//!
//! A [`Translator`] belongs to one transfer. `elements` calls it for every reference that it meets.
//! References of the kind `H5T_STD_REF` own an identifier and memory of HDF5: what was made and did
//! not reach the program is given up with the translator.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use h5rest_protocol::datatype::{OBJECT_REFERENCE_SIZE, ReferenceType};
use h5rest_protocol::values::binary::write_blob;
use h5rest_protocol::values::reference::{
    Part, Reference, RegionReference, Target, object_of_text, text_of_object,
};
use h5rest_protocol::{ObjectClass, ObjectId};

use crate::connector::{Error, ErrorKind, File, Object, Result};
use crate::host::Host;
use crate::host::old_region::OldRegion;
use crate::host::reference::{Found, LentFile, MEMORY_SIZE, Memory, References};

/// What HDF5 is shown of our files; `vol` knows.
pub trait Handles: Sync {
    /// A handle for a file that the HDF5 in a slot may use.
    fn lend(&self, slot: usize, file: &Arc<File>) -> LentFile;

    /// What is shown in place of an object's token.
    fn shown_token(&self, file: &Arc<File>, token: u64) -> u64;

    /// The token in place of which this is shown.
    fn real_token(&self, file: &Arc<File>, shown: u64) -> u64;

    /// A reference of the kind `H5T_STD_REF_DSETREG` for a program. It is good as long as the file
    /// stays open.
    fn old_region(&self, file: &Arc<File>, region: &RegionReference) -> Result<OldRegion>;

    /// What such a reference says: token, extents, region.
    fn read_old_region(
        &self,
        host: &'static Host,
        file: &Arc<File>,
        reference: &OldRegion,
    ) -> Result<RegionReference>;
}

/// As functions pass it around.
pub type Lend = &'static dyn Handles;

/// Translates the references of one transfer.
pub struct Translator {
    host: &'static Host,
    file: Arc<File>,
    lend: Lend,
    /// Made at the first reference of the kind `H5T_STD_REF`.
    references: OnceCell<References>,
    /// References that were made and belong to nobody yet, with their number.
    made: RefCell<HashMap<Memory, usize>>,
}

impl Translator {
    /// For transfers from and to a file.
    pub fn new(host: &'static Host, file: &Arc<File>, lend: Lend) -> Self {
        Self {
            host,
            file: Arc::clone(file),
            lend,
            references: OnceCell::new(),
            made: RefCell::default(),
        }
    }

    fn references(&self) -> Result<&References> {
        if self.references.get().is_none() {
            let made = self
                .host
                .references(self.lend.lend(self.host.slot(), &self.file))?;
            let _ = self.references.set(made);
        }
        self.references
            .get()
            .ok_or_else(|| Error::new(ErrorKind::Protocol, "no references"))
    }

    /// Adds a reference in memory to `staged`: of the kind `wanted`, made of one on the wire.
    pub fn to_memory(
        &self,
        told: ReferenceType,
        wire: &[u8],
        wanted: ReferenceType,
        staged: &mut Vec<u8>,
    ) -> Result<()> {
        match (told, wanted) {
            (ReferenceType::Object, ReferenceType::Object) => {
                let shown = |id: ObjectId| self.lend.shown_token(&self.file, id.object);
                let token = object_of_text(wire)?.map_or(0, shown);
                staged.extend(token.to_le_bytes());
            }
            (ReferenceType::Object, ReferenceType::Any) => {
                let whole = |id: ObjectId| (id.object, None, Part::Whole);
                staged.extend(self.make(object_of_text(wire)?.map(whole))?);
            }
            (ReferenceType::Region, ReferenceType::Any) => {
                let region = RegionReference::from_blob(wire)?;
                let parts = region.map(|r| (r.dataset.object, None, Part::Region(r.region)));
                staged.extend(self.make(parts)?);
            }
            (ReferenceType::Any, ReferenceType::Any) => {
                let parts = Reference::from_blob(wire)?.map(|reference| {
                    let (token, file) = match reference.target {
                        Target::Object(id) => (id.object, None),
                        Target::Token(token) => (token, None),
                        Target::Elsewhere { file, token } => (token, Some(file)),
                    };
                    (token, file, reference.part)
                });
                staged.extend(self.make(parts)?);
            }
            (ReferenceType::Region, ReferenceType::Region) => {
                staged.extend(match RegionReference::from_blob(wire)? {
                    None => OldRegion::default(),
                    Some(region) => self.lend.old_region(&self.file, &region)?,
                });
            }
            _ => return Err(only_to_new()),
        }
        Ok(())
    }

    fn make(&self, parts: Option<(u64, Option<String>, Part)>) -> Result<Memory> {
        let Some((token, file, part)) = parts else {
            return Ok([0; MEMORY_SIZE]);
        };
        let made = self.references()?.make(token, file.as_deref(), &part)?;
        *self.made.borrow_mut().entry(made).or_default() += 1;
        Ok(made)
    }

    /// Leaves these references to the program, and gives up all others that were made.
    pub fn hand_over(&self, theirs: Vec<Memory>) {
        {
            let mut made = self.made.borrow_mut();
            for reference in theirs {
                if let Some(count) = made.get_mut(&reference) {
                    *count = count.saturating_sub(1);
                }
            }
        }
        self.give_up();
    }

    fn give_up(&self) {
        let made = self.made.take();
        let Some(references) = self.references.get() else {
            return;
        };
        for (reference, count) in made {
            for _ in 0..count {
                references.destroy(&reference);
            }
        }
    }

    /// Adds a reference on the wire: of the kind `told`, made of a program's.
    pub fn to_wire(
        &self,
        given: ReferenceType,
        staged: &[u8],
        told: ReferenceType,
        object: &Object,
        wire: &mut Vec<u8>,
    ) -> Result<()> {
        match (given, told) {
            (ReferenceType::Object, ReferenceType::Object) => {
                let token = self.lend.real_token(&self.file, token_of(staged)?);
                wire.extend(text_of(token, object)?);
            }
            (ReferenceType::Object, ReferenceType::Any) => {
                let found = match self.lend.real_token(&self.file, token_of(staged)?) {
                    0 => None,
                    token => Some(Found {
                        token,
                        file: None,
                        part: Part::Whole,
                    }),
                };
                write_blob(&blob_of(found, object)?, wire)?;
            }
            (ReferenceType::Any, ReferenceType::Any) => {
                let reference = staged.try_into();
                let reference = reference.map_err(|_| half())?;
                let found = self.references()?.look_at(reference)?;
                write_blob(&blob_of(found, object)?, wire)?;
            }
            (ReferenceType::Region, ReferenceType::Region) if staged.iter().all(|&b| b == 0) => {
                write_blob(&[], wire)?;
            }
            (ReferenceType::Region, ReferenceType::Region) => {
                let reference: &OldRegion = staged.try_into().map_err(|_| half())?;
                let found = self
                    .lend
                    .read_old_region(self.host, &self.file, reference)?;
                write_blob(&found.to_blob(), wire)?;
            }
            _ => return Err(only_to_new()),
        }
        Ok(())
    }
}

impl Drop for Translator {
    fn drop(&mut self) {
        self.give_up();
    }
}

/// As in HDF5.
fn only_to_new() -> Error {
    Error::new(
        ErrorKind::Invalid,
        "references can be converted to H5T_STD_REF, and to no other kind",
    )
}

fn half() -> Error {
    Error::new(ErrorKind::Invalid, "half a reference")
}

/// An object reference in memory is the object's token, which is the object half of its id.
fn token_of(staged: &[u8]) -> Result<u64> {
    let token = staged.first_chunk::<8>().ok_or_else(half)?;
    Ok(u64::from_le_bytes(*token))
}

/// On the wire it is the object's id as text. As in native HDF5, the object need not be there any
/// more: then only its token matters.
fn text_of(token: u64, object: &Object) -> Result<[u8; OBJECT_REFERENCE_SIZE]> {
    if token == 0 {
        return Ok([0; OBJECT_REFERENCE_SIZE]);
    }
    match object.open_token(token) {
        Ok(object) => Ok(text_of_object(object.id())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(text_of_object(ObjectId {
            class: ObjectClass::Group,
            object: token,
            ..object.id()
        })),
        Err(error) => Err(error),
    }
}

/// The content of the blob of a general reference that is stored beside `object`.
fn blob_of(found: Option<Found>, object: &Object) -> Result<Vec<u8>> {
    let Some(found) = found else {
        return Ok(Vec::new());
    };
    let target = match found.file {
        Some(file) => Target::Elsewhere {
            file,
            token: found.token,
        },
        None => target_of(found.token, matches!(found.part, Part::Region(_)), object)?,
    };
    let reference = Reference {
        target,
        part: found.part,
    };
    Ok(reference.to_blob())
}

/// The object of a token. As in native HDF5, it need not be there any more.
fn target_of(token: u64, is_dataset: bool, object: &Object) -> Result<Target> {
    if is_dataset {
        return Ok(Target::Object(ObjectId {
            class: ObjectClass::Dataset,
            object: token,
            ..object.id()
        }));
    }
    match object.open_token(token) {
        Ok(object) => Ok(Target::Object(object.id())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Target::Token(token)),
        Err(error) => Err(error),
    }
}
