//! A program's memory: buffers of elements laid out by a memory type, filled by a seed, and told as
//! bytes that can be compared.
//!
//! Bytes that belong to no member of a compound say nothing (HDF5 may overwrite them or not), and
//! pointers differ: the comparable form leaves out the former and follows the latter.

use std::ffi::{c_char, c_int, c_void};

use fastrand::Rng;

use super::{Failure, Hid, Id, c, h5, lists, ok};

/// The id H5S_BLOCK: memory that holds the selected elements one after another.
pub const BLOCK: Hid = 1;

/// How one element of a memory type is laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    size: usize,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Plain,
    Enumeration(Vec<Vec<u8>>),
    Text { utf8: bool, padding: u8 },
    VariableText,
    Compound(Vec<(usize, Layout)>),
    Array(Box<Layout>),
    Sequence(Box<Layout>),
    Reference,
}

impl Layout {
    /// The layout of a datatype's elements.
    ///
    /// # Errors
    /// When HDF5 refuses to describe it.
    pub fn of(ty: Hid) -> Result<Self, Failure> {
        let size = h5().H5Tget_size(ty);
        let kind = match ok(h5().H5Tget_class(ty))? {
            3 if h5().H5Tis_variable_str(ty) > 0 => Kind::VariableText,
            3 => Kind::Text {
                utf8: h5().H5Tget_cset(ty) == 1,
                padding: if h5().H5Tget_strpad(ty) == 2 { b' ' } else { 0 },
            },
            6 => {
                let mut members = Vec::new();
                for number in 0..ok(h5().H5Tget_nmembers(ty))? as u32 {
                    let member = Id::new(h5().H5Tget_member_type(ty, number))?;
                    let offset = h5().H5Tget_member_offset(ty, number);
                    members.push((offset, Self::of(member.get())?));
                }
                Kind::Compound(members)
            }
            7 => Kind::Reference,
            8 => {
                let count = ok(h5().H5Tget_nmembers(ty))? as u32;
                let values = (0..count).map(|number| lists::enum_member(ty, number));
                Kind::Enumeration(values.collect::<Result<_, _>>()?)
            }
            9 => Kind::Sequence(Box::new(Self::of_base(ty)?)),
            10 => Kind::Array(Box::new(Self::of_base(ty)?)),
            _ => Kind::Plain,
        };
        Ok(Self { size, kind })
    }

    fn of_base(ty: Hid) -> Result<Self, Failure> {
        Self::of(Id::new(h5().H5Tget_super(ty))?.get())
    }

    /// Whether elements hold pointers or references.
    fn has_pointers(&self) -> bool {
        match &self.kind {
            Kind::VariableText | Kind::Sequence(_) | Kind::Reference => true,
            Kind::Compound(members) => members.iter().any(|(_, member)| member.has_pointers()),
            Kind::Array(base) => base.has_pointers(),
            _ => false,
        }
    }
}

/// Elements in memory. What sequences and texts point to belongs to `parts` if the buffer was
/// filled here, and to HDF5 if it was read.
pub struct Buffer {
    layout: Layout,
    bytes: Vec<u8>,
    parts: Vec<Vec<u8>>,
}

impl Layout {
    /// The number of elements, if a buffer may have so many: a server that lies has datasets of any
    /// size.
    ///
    /// # Errors
    /// When it may not.
    pub fn fitting(&self, count: i64) -> Result<usize, Failure> {
        const MOST: usize = 64 << 20;
        let count = usize::try_from(count).unwrap_or(0);
        match count.checked_mul(self.size) {
            Some(bytes) if bytes <= MOST => Ok(count),
            _ => Err(Failure(format!("{count} elements of {} bytes", self.size))),
        }
    }
}

impl Buffer {
    /// Room for `count` elements to read: a pattern that shows what was not written, or zeros where
    /// the pattern would be followed as a pointer.
    pub fn to_read(layout: Layout, count: usize) -> Self {
        // A member that the dataset lacks is left alone in what was written and 0 in what was not.
        let zeros =
            layout.has_pointers() || matches!(layout.kind, Kind::Compound(_) | Kind::Array(_));
        let pattern = if zeros { 0 } else { 0x5A };
        let bytes = vec![pattern; layout.size * count];
        Self {
            layout,
            bytes,
            parts: Vec::new(),
        }
    }

    /// `count` elements that follow from `seed`. `references` are those that may be stored.
    pub fn filled(layout: Layout, count: usize, seed: u64, references: &[[u8; 8]]) -> Self {
        let size = layout.size;
        let mut filler = Filler {
            random: Rng::with_seed(seed),
            parts: Vec::new(),
            references,
        };
        let mut bytes = vec![0xC3; size * count];
        for element in bytes.chunks_exact_mut(size.max(1)) {
            filler.fill(&layout, element);
        }
        Self {
            bytes,
            parts: filler.parts,
            layout,
        }
    }

    /// What can be compared, of each element. `name_of` tells which object a reference means.
    pub fn comparable(&self, name_of: &dyn Fn(&[u8]) -> String) -> Vec<Vec<u8>> {
        let elements = self.bytes.chunks_exact(self.layout.size.max(1));
        elements
            .map(|element| {
                let mut out = Vec::with_capacity(element.len());
                // SAFETY: the buffer was filled here or by HDF5 for this layout, or is zero.
                unsafe { append(&self.layout, element, name_of, &mut out) };
                out
            })
            .collect()
    }

    /// Frees what HDF5 allocated for a read, as programs do (H5Treclaim).
    ///
    /// # Errors
    /// When HDF5 refuses.
    pub fn reclaim(mut self, ty: Hid) -> Result<(), Failure> {
        if !self.layout.has_pointers() || !self.parts.is_empty() || self.bytes.is_empty() {
            return Ok(());
        }
        let count = self.bytes.len() / self.layout.size;
        let space = lists::simple_space(&[count as u64], None)?;
        // SAFETY: pointers are HDF5's or null.
        ok(unsafe { (h5().H5Treclaim)(ty, space.get(), 0, self.pointer()) }).map(|_| ())
    }

    fn pointer(&mut self) -> *mut c_void {
        self.bytes.as_mut_ptr().cast()
    }

    fn require(&self, space: Hid, file: Hid, dataset: Hid) -> Result<(), Failure> {
        let extent = if space == BLOCK && file == 0 {
            self.require(0, 0, dataset)?;
            0
        } else if space == BLOCK {
            h5().H5Sget_select_npoints(file)
        } else if space != 0 {
            h5().H5Sget_simple_extent_npoints(space)
        } else if file != 0 {
            h5().H5Sget_simple_extent_npoints(file)
        } else {
            let own = Id::new(h5().H5Dget_space(dataset))?;
            h5().H5Sget_simple_extent_npoints(own.get())
        };
        let needed = usize::try_from(extent).unwrap_or(0) * self.layout.size;
        assert!(self.bytes.len() >= needed, "the buffer is too small");
        Ok(())
    }
}

/// One dataset's part of a transfer: the dataset, the memory type, the memory and the file space.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The dataset.
    pub dataset: Hid,
    /// The type of elements in memory.
    pub ty: Hid,
    /// The memory space; 0 is H5S_ALL.
    pub memory: Hid,
    /// The file space; 0 is H5S_ALL.
    pub file: Hid,
}

/// H5Dread.
///
/// # Errors
/// When the call fails.
pub fn read(part: Part, buffer: &mut Buffer) -> Result<(), Failure> {
    buffer.require(part.memory, part.file, part.dataset)?;
    let Part {
        dataset,
        ty,
        memory,
        file,
    } = part;
    // SAFETY: the buffer has room for the memory space's extent.
    ok(unsafe { (h5().H5Dread)(dataset, ty, memory, file, 0, buffer.pointer()) }).map(|_| ())
}

/// H5Dwrite.
///
/// # Errors
/// When the call fails.
pub fn write(part: Part, buffer: &Buffer) -> Result<(), Failure> {
    buffer.require(part.memory, part.file, part.dataset)?;
    let Part {
        dataset,
        ty,
        memory,
        file,
    } = part;
    let data = buffer.bytes.as_ptr().cast();
    // SAFETY: the buffer has the memory space's extent.
    ok(unsafe { (h5().H5Dwrite)(dataset, ty, memory, file, 0, data) }).map(|_| ())
}

/// The lists that the multi-dataset calls take.
fn columns(parts: &[Part]) -> [Vec<Hid>; 4] {
    [
        parts.iter().map(|part| part.dataset).collect(),
        parts.iter().map(|part| part.ty).collect(),
        parts.iter().map(|part| part.memory).collect(),
        parts.iter().map(|part| part.file).collect(),
    ]
}

/// H5Dread_multi.
///
/// # Errors
/// When the call fails.
pub fn read_multi(parts: &[Part], buffers: &mut [Buffer]) -> Result<(), Failure> {
    assert_eq!(parts.len(), buffers.len(), "a buffer for each part");
    for (part, buffer) in parts.iter().zip(buffers.iter()) {
        buffer.require(part.memory, part.file, part.dataset)?;
    }
    let [mut ids, mut types, mut memory, mut file] = columns(parts);
    let mut pointers: Vec<*mut c_void> = buffers.iter_mut().map(Buffer::pointer).collect();
    // SAFETY: all lists have as many entries as the count says, each buffer has room.
    ok(unsafe {
        (h5().H5Dread_multi)(
            parts.len(),
            ids.as_mut_ptr(),
            types.as_mut_ptr(),
            memory.as_mut_ptr(),
            file.as_mut_ptr(),
            0,
            pointers.as_mut_ptr(),
        )
    })
    .map(|_| ())
}

/// H5Dwrite_multi.
///
/// # Errors
/// When the call fails.
pub fn write_multi(parts: &[Part], buffers: &[Buffer]) -> Result<(), Failure> {
    assert_eq!(parts.len(), buffers.len(), "a buffer for each part");
    for (part, buffer) in parts.iter().zip(buffers) {
        buffer.require(part.memory, part.file, part.dataset)?;
    }
    let [mut ids, mut types, mut memory, mut file] = columns(parts);
    let mut pointers: Vec<*const c_void> = buffers
        .iter()
        .map(|buffer| buffer.bytes.as_ptr().cast())
        .collect();
    // SAFETY: as above.
    ok(unsafe {
        (h5().H5Dwrite_multi)(
            parts.len(),
            ids.as_mut_ptr(),
            types.as_mut_ptr(),
            memory.as_mut_ptr(),
            file.as_mut_ptr(),
            0,
            pointers.as_mut_ptr(),
        )
    })
    .map(|_| ())
}

/// H5Aread.
///
/// # Errors
/// When the call fails.
pub fn read_attribute(attribute: Hid, ty: Hid, buffer: &mut Buffer) -> Result<(), Failure> {
    require_attribute(attribute, buffer)?;
    // SAFETY: the buffer has room for the attribute's extent.
    ok(unsafe { (h5().H5Aread)(attribute, ty, buffer.pointer()) }).map(|_| ())
}

/// H5Awrite.
///
/// # Errors
/// When the call fails.
pub fn write_attribute(attribute: Hid, ty: Hid, buffer: &Buffer) -> Result<(), Failure> {
    require_attribute(attribute, buffer)?;
    // SAFETY: the buffer has the attribute's extent.
    ok(unsafe { (h5().H5Awrite)(attribute, ty, buffer.bytes.as_ptr().cast()) }).map(|_| ())
}

fn require_attribute(attribute: Hid, buffer: &Buffer) -> Result<(), Failure> {
    let space = Id::new(h5().H5Aget_space(attribute))?;
    buffer.require(space.get(), 0, 0)
}

/// H5Pset_fill_value with the first element of the buffer.
///
/// # Errors
/// When the call fails.
pub fn set_fill_value(plist: Hid, ty: Hid, buffer: &Buffer) -> Result<(), Failure> {
    assert!(!buffer.bytes.is_empty(), "one element");
    // SAFETY: the buffer holds an element of the type.
    ok(unsafe { (h5().H5Pset_fill_value)(plist, ty, buffer.bytes.as_ptr().cast()) }).map(|_| ())
}

/// H5Pget_fill_value into the first element of the buffer.
///
/// # Errors
/// When the call fails.
pub fn get_fill_value(plist: Hid, ty: Hid, buffer: &mut Buffer) -> Result<(), Failure> {
    assert!(!buffer.bytes.is_empty(), "one element");
    // SAFETY: the buffer has room for an element of the type.
    ok(unsafe { (h5().H5Pget_fill_value)(plist, ty, buffer.pointer()) }).map(|_| ())
}

/// H5Rcreate of an object reference.
///
/// # Errors
/// When the call fails.
pub fn reference_to(at: Hid, path: &str) -> Result<[u8; 8], Failure> {
    let mut reference = [0; 8];
    let place = reference.as_mut_ptr().cast();
    // SAFETY: `hobj_ref_t` has 8 bytes; kind 0 is H5R_OBJECT, the space is unused.
    ok(unsafe { (h5().H5Rcreate)(place, at, c(path).as_ptr(), 0, -1) })?;
    Ok(reference)
}

/// H5Rget_name of an object reference: a path of the object, or what failed.
pub fn referenced_name(at: Hid, reference: &[u8]) -> String {
    let mut name = [0_u8; 256];
    let place: *mut c_char = name.as_mut_ptr().cast();
    let length: isize =
        // SAFETY: callers pass the 8 bytes of a `hobj_ref_t`; the name's size is told.
        unsafe { (h5().H5Rget_name)(at, 0 as c_int, reference.as_ptr().cast(), place, name.len()) };
    match usize::try_from(length) {
        Ok(length) => String::from_utf8_lossy(&name[..length.min(255)]).into_owned(),
        Err(_) => "no object".into(),
    }
}

struct Filler<'a> {
    random: Rng,
    parts: Vec<Vec<u8>>,
    references: &'a [[u8; 8]],
}

impl Filler<'_> {
    fn fill(&mut self, layout: &Layout, out: &mut [u8]) {
        match &layout.kind {
            Kind::Plain => self.plain(out),
            Kind::Enumeration(values) if values.is_empty() => out.fill(0),
            Kind::Enumeration(values) => {
                let choice = self.random.usize(..values.len());
                out.copy_from_slice(&values[choice]);
            }
            Kind::Text { utf8, padding } => {
                let text = text(&mut self.random, *utf8, out.len());
                out.fill(*padding);
                out[..text.len()].copy_from_slice(text.as_bytes());
            }
            Kind::VariableText => {
                let pointer = if self.random.u8(..12) == 0 {
                    0
                } else {
                    let length = self.random.usize(..24);
                    let mut text = text(&mut self.random, true, length).into_bytes();
                    text.push(0);
                    self.keep(text)
                };
                out.copy_from_slice(&pointer.to_ne_bytes());
            }
            Kind::Compound(members) => {
                for (offset, member) in members {
                    self.fill(member, &mut out[*offset..offset + member.size]);
                }
            }
            Kind::Array(base) => {
                for element in out.chunks_exact_mut(base.size.max(1)) {
                    self.fill(base, element);
                }
            }
            Kind::Sequence(base) => {
                let length = self.random.usize(..4);
                let mut elements = vec![0xC3; base.size * length];
                for element in elements.chunks_exact_mut(base.size.max(1)) {
                    self.fill(base, element);
                }
                let pointer = if length == 0 { 0 } else { self.keep(elements) };
                out[..8].copy_from_slice(&length.to_ne_bytes());
                out[8..16].copy_from_slice(&pointer.to_ne_bytes());
            }
            Kind::Reference => {
                let choice = self.random.usize(..=self.references.len());
                let reference = self.references.get(choice).copied().unwrap_or_default();
                out.copy_from_slice(&reference);
            }
        }
    }

    fn keep(&mut self, part: Vec<u8>) -> usize {
        let address = part.as_ptr().addr();
        // The vector moves, its bytes stay.
        self.parts.push(part);
        address
    }

    /// Small numbers as often as any: they survive conversions.
    fn plain(&mut self, out: &mut [u8]) {
        match self.random.u8(..8) {
            0 => out.fill(0),
            1 => out.fill(0xFF),
            2 | 3 => {
                out.fill(0);
                if let Some(first) = out.first_mut() {
                    *first = self.random.u8(..);
                }
            }
            4 if out.len() == 4 => {
                let value = f32::from(self.random.i16(..)) / 4.0;
                out.copy_from_slice(&value.to_ne_bytes());
            }
            4 if out.len() == 8 => {
                let value = f64::from(self.random.i32(..)) / 8.0;
                out.copy_from_slice(&value.to_ne_bytes());
            }
            _ => self.random.fill(out),
        }
    }
}

/// A text of at most `limit` bytes, full length now and then.
fn text(random: &mut Rng, utf8: bool, limit: usize) -> String {
    let wanted = match random.u8(..4) {
        0 => 0,
        1 => limit,
        _ => random.usize(..=limit),
    };
    let mut text = String::new();
    loop {
        let letter = match random.u8(..10) {
            0 if utf8 => *random
                .choice(&['\u{e4}', '\u{20ac}', '\u{1f600}'])
                .unwrap_or(&'x'),
            1 => ' ',
            2 => *random.choice(&['"', '\\', '/', '\n', '\t']).unwrap_or(&'"'),
            _ => char::from(random.u8(b'!'..=b'~')),
        };
        if text.len() + letter.len_utf8() > wanted {
            return text;
        }
        text.push(letter);
    }
}

/// # Safety
/// Pointers in the element must be null or point to what the layout says.
unsafe fn append(
    layout: &Layout,
    element: &[u8],
    name_of: &dyn Fn(&[u8]) -> String,
    out: &mut Vec<u8>,
) {
    match &layout.kind {
        Kind::Plain | Kind::Enumeration(_) | Kind::Text { .. } => out.extend_from_slice(element),
        Kind::VariableText => {
            let pointer = word(element) as *const c_char;
            if pointer.is_null() {
                out.extend_from_slice(b"<null>");
            } else {
                // SAFETY: the caller says that it points to a C string.
                let text = unsafe { std::ffi::CStr::from_ptr(pointer) };
                out.push(b'"');
                out.extend_from_slice(text.to_bytes());
                out.push(b'"');
            }
        }
        Kind::Compound(members) => {
            for (offset, member) in members {
                let bytes = &element[*offset..offset + member.size];
                // SAFETY: as for the whole element.
                unsafe { append(member, bytes, name_of, out) };
            }
        }
        Kind::Array(base) => {
            for part in element.chunks_exact(base.size.max(1)) {
                // SAFETY: as for the whole element.
                unsafe { append(base, part, name_of, out) };
            }
        }
        Kind::Sequence(base) => {
            let (length, pointer) = (word(element), word(&element[8..]) as *const u8);
            out.extend_from_slice(format!("<{length}").as_bytes());
            if length > 0 && !pointer.is_null() {
                // SAFETY: the caller says that it points to `length` elements.
                let bytes = unsafe { std::slice::from_raw_parts(pointer, length * base.size) };
                for part in bytes.chunks_exact(base.size.max(1)) {
                    // SAFETY: as for the whole element.
                    unsafe { append(base, part, name_of, out) };
                }
            } else if length > 0 {
                out.extend_from_slice(b" of nothing");
            }
            out.push(b'>');
        }
        Kind::Reference if element.iter().all(|byte| *byte == 0) => out.extend_from_slice(b"<no>"),
        Kind::Reference => out.extend_from_slice(format!("<{}>", name_of(element)).as_bytes()),
    }
}

fn word(bytes: &[u8]) -> usize {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[..8]);
    usize::from_ne_bytes(word)
}
