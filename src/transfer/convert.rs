//! From staged elements to the program's type and back, with HDF5's own conversions.
//!
//! One [`Conversion`] serves a transfer: it knows the [`Forms`] that elements take, and who owns
//! variable-length data made on the way. Called by `read`, `write`, `attribute`.

use std::collections::HashSet;
use std::sync::Arc;

use h5rest_protocol::datatype::Datatype;

use super::elements;
use super::ends::Ends;
use super::fetch::zeroed;
use super::forms::Forms;
use super::references::Translator;
use super::transform::Transform;
use super::types::needs_background;
use super::user_buffer::{Elements, Heap, free_converted};
use crate::connector::{Object, Result};
use crate::ffi::hid_t;
use crate::host::Host;
use crate::host::id::OwnedId;
use crate::host::plist::VlenMemory;

/// How elements of one dataset or attribute become a program's, and back.
pub struct Conversion {
    host: &'static Host,
    forms: Arc<Forms>,
    /// The types between which HDF5 converts, staged and the program's; `None` if they are the same.
    ends: Option<Ends>,
    /// What the program wants done with its elements on the way.
    transform: Option<Transform>,
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
    /// Prepares transfers between a dataset's elements and those of the program's type `memory_id`,
    /// which take these forms. `references` are those of the file that the data are in.
    pub fn new(
        host: &'static Host,
        forms: Arc<Forms>,
        memory_id: hid_t,
        dxpl: hid_t,
        references: Translator,
    ) -> Result<Self> {
        let transform = match host.data_transform(dxpl) {
            Some(text) => Transform::new(&text, &forms.memory)?,
            None => None,
        };
        let ends = match forms.converts {
            true => Some(Ends::new(host, &forms.staged, &forms.memory, memory_id)?),
            false => None,
        };
        let program_memory = host.vlen_memory(dxpl);
        let own_dxpl = match program_memory.is_custom() {
            true => Some(host.without_vlen_memory(dxpl)?),
            false => None,
        };
        Ok(Self {
            host,
            forms,
            ends,
            transform,
            dxpl,
            own_dxpl,
            program_memory,
            references,
        })
    }

    /// Whether HDF5 knows a way to convert, which it asks before it looks at what is selected. A
    /// conversion of no elements tells.
    pub fn check(&self, direction: Direction) -> Result<()> {
        let Some(ends) = &self.ends else {
            return Ok(());
        };
        if self.is_between_sequences() {
            return Ok(());
        }
        let (from, to) = match direction {
            Direction::Read => (ends.staged(), ends.memory()),
            Direction::Write => (ends.memory(), ends.staged()),
        };
        let room = self.staged_size().max(self.memory_size());
        let (mut elements, mut background) = (zeroed(1, room)?, zeroed(1, room)?);
        let background = Some(&mut background[..]);
        self.host
            .convert(from, to, 0, &mut elements, background, self.dxpl())
    }

    /// Between sequences HDF5 always sees a way, until there are elements to convert.
    pub fn is_between_sequences(&self) -> bool {
        let sequence = |part: &Datatype| matches!(part, Datatype::Vlen(_));
        let converts = self.forms.converts;
        converts && self.staged().any(&sequence) && self.memory().any(&sequence)
    }

    /// Elements as they are on the wire.
    pub fn wire(&self) -> &Datatype {
        &self.forms.wire
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
        !self.forms.converts && self.transform.is_none() && self.wire_is_staged()
    }

    /// Whether elements have the same fixed size on the wire as staged.
    pub fn wire_is_staged(&self) -> bool {
        self.forms.wire_is_staged
    }

    /// Size of one element on the wire, if that is fixed.
    pub fn wire_size(&self) -> Option<usize> {
        self.forms.wire.wire_size()
    }

    /// Whether an element that is read may be thrown away or copied: nothing of it is owned by one
    /// place.
    pub fn owns_nothing(&self) -> bool {
        !self.forms.staged_has_pointers && !self.forms.staged_has_references
    }

    /// Bytes of one staged element.
    pub fn staged_size(&self) -> usize {
        self.forms.staged_size
    }

    /// Bytes that one element is taken for when requests are planned: what those of variable size
    /// point to is not known before.
    pub fn planned_size(&self) -> usize {
        const VARIABLE: usize = 128;
        match self.forms.staged_has_pointers {
            true => self.staged_size().max(VARIABLE),
            false => self.staged_size(),
        }
    }

    /// Bytes of one element in the program's buffer.
    pub fn memory_size(&self) -> usize {
        self.forms.memory_size
    }

    /// The stored type without gaps.
    pub fn staged(&self) -> &Datatype {
        &self.forms.staged
    }

    /// The program's type.
    pub fn memory(&self) -> &Datatype {
        &self.forms.memory
    }

    /// Whether reading needs the bytes that are in the program's buffer already: members of its
    /// compound that the dataset lacks keep their values. Elements of the stored type itself are
    /// replaced whole, as native HDF5 does without a conversion; their gaps, which no server keeps,
    /// read as zeros.
    pub fn read_needs_background(&self) -> bool {
        !self.forms.is_stored_type && needs_background(self.memory())
    }

    /// Turns wire bytes into staged elements; pointers in them belong to the heap.
    pub fn decode(&self, wire: Vec<u8>, count: usize, heap: &mut Heap) -> Result<Vec<u8>> {
        if self.wire_is_staged() {
            return Ok(wire);
        }
        elements::decode(
            (&self.forms.wire, &self.forms.staged),
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
        let (staged_size, memory_size) = (self.staged_size(), self.memory_size());
        if let Some(ends) = &self.ends {
            staged.resize(count * staged_size.max(memory_size), 0);
            if background.is_none() && needs_background(self.memory()) {
                background = Some(vec![0; count * memory_size]);
            }
            self.host.convert(
                ends.staged(),
                ends.memory(),
                count,
                &mut staged,
                background.as_deref_mut(),
                self.dxpl(),
            )?;
            staged.truncate(count * memory_size);
        }
        if let Some(transform) = &self.transform {
            transform.apply(&mut staged)?;
        }
        if self.forms.staged_has_references {
            let theirs = elements::references(&self.forms.shared, self.vouch(&staged))?;
            self.references.hand_over(theirs);
        }
        if self.forms.shared_has_pointers {
            return self.hand_over(staged, heap);
        }
        Ok(staged)
    }

    /// Leaves the data that converted elements point to with the program: as they are, or moved
    /// to where its allocator wants them. Whatever else the heap holds is freed.
    fn hand_over(&self, memory: Vec<u8>, heap: Heap) -> Result<Vec<u8>> {
        // A conversion that leaves a member as it is copies its pointer; else it has made new
        // data and the old ones are ours to free.
        let used = self.pointers_in(&self.forms.shared, &memory)?;
        if !self.program_memory.is_custom() {
            heap.keep_only(&used);
            return Ok(memory);
        }
        let mut theirs = Heap::new(self.program_memory);
        let moved = elements::move_to(&self.forms.shared, self.vouch(&memory), &mut theirs);
        // What the conversion has made is copied, or lost with the read if the program's allocator failed.
        free_converted(used.difference(&heap.addresses()).copied());
        let moved = moved?;
        theirs.keep_all();
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
        let Some(ends) = &self.ends else {
            return self.encode(memory, object);
        };
        let (staged_size, has_pointers) = (self.staged_size(), self.forms.staged_has_pointers);
        let before = if self.forms.shared_has_pointers {
            self.pointers_in(&self.forms.shared, &memory)?
        } else {
            HashSet::new()
        };
        memory.resize(count * staged_size.max(self.memory_size()), 0);
        let mut kept = before;
        if let Some(stored) = &stored
            && has_pointers
        {
            kept.extend(self.pointers_in_staged(stored)?);
        }
        let mut background = match stored {
            Some(stored) => Some(stored),
            None if needs_background(self.staged()) => Some(vec![0; count * staged_size]),
            None => None,
        };
        self.host.convert(
            ends.memory(),
            ends.staged(),
            count,
            &mut memory,
            background.as_deref_mut(),
            self.dxpl(),
        )?;
        memory.truncate(count * staged_size);
        if !has_pointers {
            return self.encode(memory, object);
        }
        let after = self.pointers_in_staged(&memory)?;
        let wire = self.encode(memory, object);
        free_converted(after.difference(&kept).copied());
        wire
    }

    fn encode(&self, staged: Vec<u8>, object: &Object) -> Result<Vec<u8>> {
        if self.wire_is_staged() {
            return Ok(staged);
        }
        let types = (&self.forms.wire, &self.forms.staged);
        elements::encode(types, self.vouch(&staged), object, &self.references)
    }

    /// Addresses of everything that staged elements point to.
    pub fn pointers_in_staged(&self, staged: &[u8]) -> Result<HashSet<usize>> {
        self.pointers_in(&self.forms.staged, staged)
    }

    fn pointers_in(&self, ty: &Datatype, bytes: &[u8]) -> Result<HashSet<usize>> {
        elements::addresses(ty, self.vouch(bytes))
    }

    fn vouch<'a>(&self, bytes: &'a [u8]) -> Elements<'a> {
        Elements::of_conversion(bytes)
    }
}
