//! Elements in memory: read from one file, compared, and written to another one, with references
//! made anew on the way.
//!
//! The memory type is a copy of the file's type, so that HDF5 converts nothing: every bit of a
//! number stays, whatever its layout. Sequences and texts are HDF5's own allocations, which are
//! given back when the elements are dropped.

use std::ffi::{CStr, c_char, c_void};

use super::{Failure, Hid, Id, h5, lists, ok, references};

/// Which kind of reference a type stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// `hobj_ref_t`: H5R_OBJECT of HDF5 1.8.
    OldObject,
    /// `hdset_reg_ref_t`: H5R_DATASET_REGION of HDF5 1.8.
    OldRegion,
    /// `H5R_ref_t`: objects, regions, attributes.
    New,
}

/// How one element is laid out.
#[derive(Clone, Debug)]
struct Layout {
    size: usize,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Plain,
    Text,
    Compound(Vec<(usize, Layout)>),
    Array(Box<Layout>),
    Sequence(Box<Layout>),
    Reference(ReferenceKind),
}

impl Layout {
    fn of(ty: Hid) -> Result<Self, Failure> {
        let size = h5().H5Tget_size(ty);
        let base = || Self::of(Id::new(h5().H5Tget_super(ty))?.get()).map(Box::new);
        let kind = match ok(h5().H5Tget_class(ty))? {
            3 if h5().H5Tis_variable_str(ty) > 0 => Kind::Text,
            6 => {
                let mut members = Vec::new();
                for number in 0..ok(h5().H5Tget_nmembers(ty))? as u32 {
                    let member = Id::new(h5().H5Tget_member_type(ty, number))?;
                    let offset = h5().H5Tget_member_offset(ty, number);
                    members.push((offset, Self::of(member.get())?));
                }
                Kind::Compound(members)
            }
            7 => Kind::Reference(references::kind_of(ty)),
            9 => Kind::Sequence(base()?),
            10 => Kind::Array(base()?),
            _ => Kind::Plain,
        };
        Ok(Self { size, kind }.simplified())
    }

    /// Plain where every byte is some plain part's: most compounds, and arrays.
    fn simplified(mut self) -> Self {
        let is_plain = match &self.kind {
            Kind::Array(base) => matches!(base.kind, Kind::Plain),
            Kind::Compound(members) => {
                let plain = members.iter().all(|(_, m)| matches!(m.kind, Kind::Plain));
                plain && members.iter().map(|(_, m)| m.size).sum::<usize>() == self.size
            }
            _ => false,
        };
        if is_plain {
            self.kind = Kind::Plain;
        }
        self
    }

    /// Whether any part is found by `wanted`.
    fn any(&self, wanted: &dyn Fn(&Kind) -> bool) -> bool {
        wanted(&self.kind)
            || match &self.kind {
                Kind::Compound(members) => members.iter().any(|(_, m)| m.any(wanted)),
                Kind::Array(base) | Kind::Sequence(base) => base.any(wanted),
                _ => false,
            }
    }

    /// Whether HDF5 allocates memory for parts of elements.
    fn has_allocations(&self) -> bool {
        self.any(&|kind| {
            matches!(
                kind,
                Kind::Text | Kind::Sequence(_) | Kind::Reference(ReferenceKind::New)
            )
        })
    }
}

/// A memory type and what its elements are made of.
#[derive(Debug)]
pub struct ElementType {
    ty: Id,
    layout: Layout,
}

impl ElementType {
    /// The memory type for elements that are stored as `stored`.
    ///
    /// # Errors
    /// When HDF5 refuses to describe it.
    pub fn of(stored: Hid) -> Result<Self, Failure> {
        let ty = Id::new(h5().H5Tcopy(stored))?;
        let layout = Layout::of(ty.get())?;
        Ok(Self { ty, layout })
    }

    /// Whether elements of both types mean the same, bit by bit.
    pub fn equals(&self, other: &Self) -> bool {
        let (one, two) = (self.ty.get(), other.ty.get());
        if h5().H5Tequal(one, two) > 0 {
            return true;
        }
        // HDF5 also compares the byte order of the characters, which was kept on big-endian machines.
        let texts = [self, other].map(|ty| matches!(ty.layout.kind, Kind::Text));
        texts == [true, true]
            && h5().H5Tget_cset(one) == h5().H5Tget_cset(two)
            && h5().H5Tget_strpad(one) == h5().H5Tget_strpad(two)
    }

    /// The type in memory, for an object of another file.
    pub fn id(&self) -> Hid {
        self.ty.get()
    }

    /// Bytes of an element, without what it points to.
    pub fn size(&self) -> usize {
        self.layout.size
    }

    /// Whether elements hold references, which mean nothing in another file.
    pub fn has_references(&self) -> bool {
        self.layout.any(&|kind| matches!(kind, Kind::Reference(_)))
    }

    /// Whether elements point to memory of HDF5's.
    pub fn has_allocations(&self) -> bool {
        self.layout.has_allocations()
    }

    /// Whether all bytes of an element are its value, so that equal bytes are equal elements.
    pub fn is_plain(&self) -> bool {
        matches!(self.layout.kind, Kind::Plain)
    }
}

/// What is asked about objects that references lead to.
pub trait Objects {
    /// The path in both files of the object with this token in the source.
    fn path(&self, token: &[u8; 16]) -> Option<&CStr>;
}

/// Elements in memory.
#[derive(Debug)]
pub struct Elements<'a> {
    ty: &'a ElementType,
    bytes: Vec<u8>,
    count: usize,
}

impl<'a> Elements<'a> {
    fn zeros(ty: &'a ElementType, count: usize) -> Self {
        let bytes = vec![0; ty.size() * count];
        Self { ty, bytes, count }
    }

    /// Reads the selected elements of a dataset.
    ///
    /// # Errors
    /// When the call fails.
    pub fn read(
        ty: &'a ElementType,
        dataset: Hid,
        selected: Hid,
        count: usize,
    ) -> Result<Self, Failure> {
        let mut elements = Self::zeros(ty, count);
        let memory = lists::simple_space(&[count as u64], None)?;
        let place = elements.bytes.as_mut_ptr().cast();
        let plist = 0;
        // SAFETY: there is room for `count` elements, which the memory space has.
        ok(unsafe { (h5().H5Dread)(dataset, ty.ty.get(), memory.get(), selected, plist, place) })?;
        Ok(elements)
    }

    /// Writes them to the selected elements of a dataset.
    ///
    /// # Errors
    /// When the call fails.
    pub fn write(&self, dataset: Hid, selected: Hid) -> Result<(), Failure> {
        let memory = lists::simple_space(&[self.count as u64], None)?;
        let (ty, place) = (self.ty.ty.get(), self.bytes.as_ptr().cast());
        // SAFETY: the memory space has as many elements as the buffer.
        ok(unsafe { (h5().H5Dwrite)(dataset, ty, memory.get(), selected, 0, place) }).map(|_| ())
    }

    /// Reads an attribute of `count` elements.
    ///
    /// # Errors
    /// When the call fails.
    pub fn read_attribute(
        ty: &'a ElementType,
        attribute: Hid,
        count: usize,
    ) -> Result<Self, Failure> {
        let mut elements = Self::zeros(ty, count);
        let place = elements.bytes.as_mut_ptr().cast();
        // SAFETY: there is room for all elements.
        ok(unsafe { (h5().H5Aread)(attribute, ty.ty.get(), place) })?;
        Ok(elements)
    }

    /// Writes them to an attribute of as many elements.
    ///
    /// # Errors
    /// When the call fails.
    pub fn write_attribute(&self, attribute: Hid) -> Result<(), Failure> {
        let place = self.bytes.as_ptr().cast();
        // SAFETY: the buffer has all elements.
        ok(unsafe { (h5().H5Awrite)(attribute, self.ty.ty.get(), place) }).map(|_| ())
    }

    /// One element: a dataset's fill value.
    ///
    /// # Errors
    /// When HDF5 cannot tell it.
    pub fn fill_value(ty: &'a ElementType, plist: Hid) -> Result<Self, Failure> {
        let mut elements = Self::zeros(ty, 1);
        let place = elements.bytes.as_mut_ptr().cast();
        // SAFETY: there is room for one element.
        ok(unsafe { (h5().H5Pget_fill_value)(plist, ty.ty.get(), place) })?;
        Ok(elements)
    }

    /// Whether every element has the bytes of the one in `other`.
    pub fn are_all(&self, other: &Elements<'_>) -> bool {
        let size = self.ty.size().max(1);
        other.bytes.len() == size && self.bytes.chunks_exact(size).all(|e| e == other.bytes)
    }

    /// Hands on, in order, bytes by which elements of two files can be compared: gaps of compounds
    /// left out, texts and sequences followed, references as the path of what they lead to.
    /// `objects` knows the objects of the file at `file`, from which the elements were read.
    pub fn comparable(&self, file: Hid, objects: &dyn Objects, out: &mut dyn FnMut(&[u8])) {
        if self.ty.is_plain() {
            return out(&self.bytes);
        }
        for element in self.bytes.chunks_exact(self.ty.size().max(1)) {
            let mut told = Told { file, objects, out };
            // SAFETY: HDF5 filled the buffer for this layout, or it is zero.
            unsafe { told.tell(&self.ty.layout, element) };
        }
    }

    /// Replaces references of the file `from` by such of the file `to`, and returns how many led
    /// nowhere: they become null.
    ///
    /// # Errors
    /// When a reference cannot be made.
    pub fn move_references(
        &mut self,
        from: Hid,
        to: Hid,
        objects: &dyn Objects,
    ) -> Result<usize, Failure> {
        let mut lost = 0;
        let layout = &self.ty.layout;
        for element in self.bytes.chunks_exact_mut(layout.size.max(1)) {
            // SAFETY: HDF5 filled the buffer for this layout, or it is zero.
            unsafe { move_one(layout, element, (from, to, objects), &mut lost) }?;
        }
        Ok(lost)
    }
}

impl Drop for Elements<'_> {
    fn drop(&mut self) {
        if !self.ty.has_allocations() || self.count == 0 {
            return;
        }
        if let Ok(space) = lists::simple_space(&[self.count as u64], None) {
            let place: *mut c_void = self.bytes.as_mut_ptr().cast();
            // SAFETY: pointers are HDF5's or null, and freed once.
            unsafe { (h5().H5Treclaim)(self.ty.ty.get(), space.get(), 0, place) };
        }
    }
}

struct Told<'a> {
    file: Hid,
    objects: &'a dyn Objects,
    out: &'a mut dyn FnMut(&[u8]),
}

impl Told<'_> {
    /// # Safety
    /// Pointers in the element must be null or point to what the layout says.
    unsafe fn tell(&mut self, layout: &Layout, element: &[u8]) {
        match &layout.kind {
            Kind::Plain => (self.out)(element),
            Kind::Text => {
                let pointer = word(element) as *const c_char;
                if pointer.is_null() {
                    return (self.out)(b"\0null");
                }
                // SAFETY: the caller says that it points to a C string.
                (self.out)(unsafe { CStr::from_ptr(pointer) }.to_bytes_with_nul());
            }
            Kind::Compound(members) => {
                for (offset, member) in members {
                    // SAFETY: as for the whole element.
                    unsafe { self.tell(member, &element[*offset..offset + member.size]) };
                }
            }
            Kind::Array(base) => {
                for part in element.chunks_exact(base.size.max(1)) {
                    // SAFETY: as for the whole element.
                    unsafe { self.tell(base, part) };
                }
            }
            Kind::Sequence(base) => {
                let length = word(element);
                (self.out)(&length.to_le_bytes());
                // SAFETY: the caller says that it points to `length` elements.
                let parts = unsafe { sequence(element, base.size) };
                for part in parts.chunks_exact(base.size.max(1)) {
                    // SAFETY: as for the whole element.
                    unsafe { self.tell(base, part) };
                }
            }
            Kind::Reference(kind) => {
                let text = references::describe(*kind, element, self.file, self.objects);
                (self.out)(&text);
            }
        }
    }
}

/// # Safety
/// As for [`Told::tell`].
unsafe fn move_one(
    layout: &Layout,
    element: &mut [u8],
    files: (Hid, Hid, &dyn Objects),
    lost: &mut usize,
) -> Result<(), Failure> {
    match &layout.kind {
        Kind::Plain | Kind::Text => {}
        Kind::Compound(members) => {
            for (offset, member) in members {
                let part = &mut element[*offset..offset + member.size];
                // SAFETY: as for the whole element.
                unsafe { move_one(member, part, files, lost) }?;
            }
        }
        Kind::Array(base) => {
            for part in element.chunks_exact_mut(base.size.max(1)) {
                // SAFETY: as for the whole element.
                unsafe { move_one(base, part, files, lost) }?;
            }
        }
        Kind::Sequence(base) => {
            let (length, pointer) = (word(element), word(&element[8..]) as *mut u8);
            if length > 0 && !pointer.is_null() {
                let size = length * base.size;
                // SAFETY: the caller says that it points to `length` elements, which are ours.
                let parts = unsafe { std::slice::from_raw_parts_mut(pointer, size) };
                for part in parts.chunks_exact_mut(base.size.max(1)) {
                    // SAFETY: as for the whole element.
                    unsafe { move_one(base, part, files, lost) }?;
                }
            }
        }
        Kind::Reference(kind) => {
            let (from, to, objects) = files;
            if !references::move_to(*kind, element, from, to, objects)? {
                *lost += 1;
            }
        }
    }
    Ok(())
}

/// The elements of a sequence.
///
/// # Safety
/// The element must be an `hvl_t` that points to as many elements of this size as it says.
unsafe fn sequence(element: &[u8], size: usize) -> &[u8] {
    let (length, pointer) = (word(element), word(&element[8..]) as *const u8);
    if length == 0 || pointer.is_null() {
        return &[];
    }
    // SAFETY: by the contract of this function.
    unsafe { std::slice::from_raw_parts(pointer, length * size) }
}

fn word(bytes: &[u8]) -> usize {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[..8]);
    usize::from_ne_bytes(word)
}
