//! From staged elements to the program's type and back, with HDF5's own conversions.
//!
//! One [`Conversion`] serves a transfer: it knows the wire form, the staged type and the program's
//! type, and who owns variable-length data made on the way. Called by `read`, `write`, `attribute`.

use std::collections::HashSet;

use h5rest_protocol::datatype::Datatype;

use super::elements;
use super::references::Translator;
use super::transform::Transform;
use super::types::{
    common_part, holds_pointers, holds_references, keeps_references, memory_size, needs_background,
    packed, wire_is_staged, with_references_of,
};
use super::user_buffer::{Elements, Heap, free_converted};
use crate::connector::{Error, ErrorKind, Object, Result};
use crate::ffi::hid_t;
use crate::host::Host;
use crate::host::id::OwnedId;
use crate::host::plist::VlenMemory;

/// How elements of one dataset or attribute become a program's, and back.
pub struct Conversion {
    host: &'static Host,
    /// The type that the wire carries.
    wire: Datatype,
    /// The stored type without gaps, with the program's kinds of reference.
    staged: Datatype,
    staged_id: OwnedId,
    staged_size: usize,
    /// The program's type.
    memory: Datatype,
    /// What the dataset and the program's type have in common, laid out as in the program's.
    shared: Datatype,
    memory_id: hid_t,
    memory_size: usize,
    /// What the program wants done with its elements on the way.
    transform: Option<Transform>,
    /// Both are the same to HDF5.
    same: bool,
    /// The program's type is the stored one, with its gaps.
    is_stored_type: bool,
    /// The program's transfer property list, but with `malloc` for variable-length data if it
    /// names another allocator: what is only on its way must not come from that.
    dxpl: hid_t,
    own_dxpl: Option<OwnedId>,
    /// The program's allocator for what it will own.
    program_memory: VlenMemory,
    references: Translator,
}

/// Which way elements go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the dataset to the program.
    Read,
    /// From the program to the dataset.
    Write,
}

impl Conversion {
    /// Prepares transfers between `stored` and the program's type. `references` are those of the
    /// file that the data are in.
    pub fn new(
        host: &'static Host,
        stored: &Datatype,
        memory_id: hid_t,
        dxpl: hid_t,
        references: Translator,
    ) -> Result<Self> {
        let memory = host.describe_type(memory_id)?;
        let transform = match host.data_transform(dxpl) {
            Some(text) => Transform::new(&text, &memory)?,
            None => None,
        };
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
        let staged_size = memory_size(&staged)?;
        if host.type_size(staged_id.get())? != staged_size {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "this HDF5 library lays the dataset's type out in an unexpected way",
            ));
        }
        let program_memory = host.vlen_memory(dxpl);
        let own_dxpl = match program_memory.is_custom() {
            true => Some(host.without_vlen_memory(dxpl)?),
            false => None,
        };
        Ok(Self {
            host,
            memory_size: host.type_size(memory_id)?,
            shared: common_part(&memory, &staged),
            wire: packed(stored),
            staged,
            staged_id,
            staged_size,
            memory,
            memory_id,
            transform,
            same,
            is_stored_type,
            dxpl,
            own_dxpl,
            program_memory,
            references,
        })
    }

    /// Whether HDF5 knows a way to convert, which it asks before it looks at what is selected. A
    /// conversion of no elements tells.
    pub fn check(&self, direction: Direction) -> Result<()> {
        let sequence = |part: &Datatype| matches!(part, Datatype::Vlen(_));
        // Between sequences HDF5 always sees a way, until there are elements to convert.
        if self.same || (self.staged.any(&sequence) && self.memory.any(&sequence)) {
            return Ok(());
        }
        let (from, to) = match direction {
            Direction::Read => (self.staged_id.get(), self.memory_id),
            Direction::Write => (self.memory_id, self.staged_id.get()),
        };
        let room = self.staged_size.max(self.memory_size);
        let (mut elements, mut background) = (vec![0; room], vec![0; room]);
        let background = Some(&mut background[..]);
        self.host
            .convert(from, to, 0, &mut elements, background, self.dxpl())
    }

    /// The same, but elements arrive as they are.
    pub fn without_transform(self) -> Self {
        Self {
            transform: None,
            ..self
        }
    }

    fn dxpl(&self) -> hid_t {
        self.own_dxpl.as_ref().map_or(self.dxpl, OwnedId::get)
    }

    /// Whether the wire's bytes are the program's.
    pub fn is_straight(&self) -> bool {
        self.same && self.transform.is_none() && self.wire_is_staged()
    }

    /// Whether elements have the same fixed size on the wire as staged.
    pub fn wire_is_staged(&self) -> bool {
        wire_is_staged(&self.wire)
    }

    /// Size of one element on the wire, if that is fixed.
    pub fn wire_size(&self) -> Option<usize> {
        self.wire.wire_size()
    }

    /// Whether an element that is read may be thrown away or copied: nothing of it is owned by one
    /// place.
    pub fn owns_nothing(&self) -> bool {
        !holds_pointers(&self.staged) && !holds_references(&self.staged)
    }

    /// Bytes of one staged element.
    pub fn staged_size(&self) -> usize {
        self.staged_size
    }

    /// Bytes of one element in the program's buffer.
    pub fn memory_size(&self) -> usize {
        self.memory_size
    }

    /// The stored type without gaps.
    pub fn staged(&self) -> &Datatype {
        &self.staged
    }

    /// The program's type.
    pub fn memory(&self) -> &Datatype {
        &self.memory
    }

    /// Whether reading needs the bytes that are in the program's buffer already: members of its
    /// compound that the dataset lacks keep their values. Elements of the stored type itself are
    /// replaced whole, as native HDF5 does without a conversion; their gaps, which no server keeps,
    /// read as zeros.
    pub fn read_needs_background(&self) -> bool {
        !self.is_stored_type && needs_background(&self.memory)
    }

    /// Turns wire bytes into staged elements; pointers in them belong to the heap.
    pub fn decode(&self, wire: Vec<u8>, count: usize, heap: &mut Heap) -> Result<Vec<u8>> {
        if self.wire_is_staged() {
            return Ok(wire);
        }
        elements::decode(
            (&self.wire, &self.staged),
            &wire,
            count,
            heap,
            &self.references,
        )
    }

    /// A heap for variable-length data on their way.
    pub fn heap(&self) -> Heap {
        Heap::malloc()
    }

    /// Turns `count` staged elements into the program's. `background` holds `count` elements as
    /// they are in the program's buffer, if [`Conversion::read_needs_background`]. The heap's data
    /// pass to the program as far as the result uses them.
    pub fn to_memory(
        &self,
        mut staged: Vec<u8>,
        count: usize,
        mut background: Option<Vec<u8>>,
        heap: Heap,
    ) -> Result<Vec<u8>> {
        if !self.same {
            staged.resize(count * self.staged_size.max(self.memory_size), 0);
            if background.is_none() && needs_background(&self.memory) {
                background = Some(vec![0; count * self.memory_size]);
            }
            self.host.convert(
                self.staged_id.get(),
                self.memory_id,
                count,
                &mut staged,
                background.as_deref_mut(),
                self.dxpl(),
            )?;
            staged.truncate(count * self.memory_size);
        }
        if let Some(transform) = &self.transform {
            transform.apply(&mut staged)?;
        }
        if holds_references(&self.staged) {
            let theirs = elements::references(&self.shared, self.vouch(&staged))?;
            self.references.hand_over(theirs);
        }
        if holds_pointers(&self.shared) {
            return self.hand_over(staged, heap);
        }
        Ok(staged)
    }

    /// Leaves the data that converted elements point to with the program: as they are, or moved
    /// to where its allocator wants them. Whatever else the heap holds is freed.
    fn hand_over(&self, memory: Vec<u8>, heap: Heap) -> Result<Vec<u8>> {
        // A conversion that leaves a member as it is copies its pointer; else it has made new
        // data and the old ones are ours to free.
        let used = self.pointers_in(&self.shared, &memory)?;
        if !self.program_memory.is_custom() {
            heap.keep_only(&used);
            return Ok(memory);
        }
        let mut theirs = Heap::new(self.program_memory);
        let moved = elements::move_to(&self.shared, self.vouch(&memory), &mut theirs)?;
        theirs.keep_all();
        free_converted(used.difference(&heap.addresses()).copied());
        Ok(moved)
    }

    /// Turns `count` elements of the program into wire bytes. `stored` holds as many staged
    /// elements as they are on the server, for members that the program's type lacks; data they
    /// point to stay the caller's.
    pub fn to_wire(
        &self,
        mut memory: Vec<u8>,
        count: usize,
        stored: Option<Vec<u8>>,
        object: &Object,
    ) -> Result<Vec<u8>> {
        if let Some(transform) = &self.transform {
            transform.apply(&mut memory)?;
        }
        if self.same {
            return self.encode(memory, object);
        }
        let before = if holds_pointers(&self.shared) {
            self.pointers_in(&self.shared, &memory)?
        } else {
            HashSet::new()
        };
        memory.resize(count * self.staged_size.max(self.memory_size), 0);
        let mut kept = before;
        if let Some(stored) = &stored
            && holds_pointers(&self.staged)
        {
            kept.extend(self.pointers_in(&self.staged, stored)?);
        }
        let mut background = match stored {
            Some(stored) => Some(stored),
            None if needs_background(&self.staged) => Some(vec![0; count * self.staged_size]),
            None => None,
        };
        self.host.convert(
            self.memory_id,
            self.staged_id.get(),
            count,
            &mut memory,
            background.as_deref_mut(),
            self.dxpl(),
        )?;
        memory.truncate(count * self.staged_size);
        if !holds_pointers(&self.staged) {
            return self.encode(memory, object);
        }
        let after = self.pointers_in(&self.staged, &memory)?;
        let wire = self.encode(memory, object);
        free_converted(after.difference(&kept).copied());
        wire
    }

    fn encode(&self, staged: Vec<u8>, object: &Object) -> Result<Vec<u8>> {
        if self.wire_is_staged() {
            return Ok(staged);
        }
        let types = (&self.wire, &self.staged);
        elements::encode(types, self.vouch(&staged), object, &self.references)
    }

    /// Addresses of everything that staged elements point to.
    pub fn pointers_in_staged(&self, staged: &[u8]) -> Result<HashSet<usize>> {
        self.pointers_in(&self.staged, staged)
    }

    fn pointers_in(&self, ty: &Datatype, bytes: &[u8]) -> Result<HashSet<usize>> {
        elements::addresses(ty, self.vouch(bytes))
    }

    fn vouch<'a>(&self, bytes: &'a [u8]) -> Elements<'a> {
        Elements::of_conversion(bytes)
    }
}
