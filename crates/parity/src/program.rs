//! What a random program is: plain data that can be printed, kept in a file, cut down, and carried
//! out on any file. Programs are data and not seeds, so that a kept one means the same when the
//! generator has learnt something new.

use serde::{Deserialize, Serialize};

/// A program: the calls that one case makes on a new file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Whether the root group tracks the creation order of links and attributes.
    pub ordered: bool,
    /// The calls, one after another.
    pub steps: Vec<Step>,
}

/// The object that a step is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Object {
    /// Opened by this path for the step and closed after it.
    Path(String),
    /// One that an earlier step left open under this number.
    Open(u8),
}

/// Byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Little-endian.
    Little,
    /// Big-endian.
    Big,
}

/// Where bits of a number are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bits {
    /// Bytes.
    pub size: usize,
    /// Byte order.
    pub order: Order,
    /// Significant bits; 0 for all.
    pub precision: usize,
    /// The lowest significant bit.
    pub offset: usize,
}

/// A member of a compound, `gap` bytes behind the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Unused bytes before it.
    pub gap: usize,
    /// Its type.
    pub ty: Type,
}

/// A datatype.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Type {
    /// A variable of the library, without `H5T_` and `_g`: `NATIVE_INT`.
    Predefined(String),
    /// An integer.
    Integer { bits: Bits, signed: bool },
    /// A bit field.
    BitField(Bits),
    /// A float by H5Tset_fields (sign, exponent, mantissa), exponent bias and normalisation.
    Float {
        size: usize,
        order: Order,
        fields: [usize; 5],
        bias: usize,
        norm: u8,
    },
    /// A string of fixed size; padding 0 null-terminated, 1 null-padded, 2 space-padded.
    Text {
        size: usize,
        padding: u8,
        utf8: bool,
    },
    /// A string of variable size.
    VariableText { padding: u8, utf8: bool },
    /// Opaque bytes with a tag.
    Opaque { size: usize, tag: String },
    /// A compound, `tail` unused bytes at its end.
    Compound { members: Vec<Member>, tail: usize },
    /// An enumeration.
    Enumeration {
        base: Box<Type>,
        members: Vec<(String, i64)>,
    },
    /// An array.
    Array { dims: Vec<u64>, base: Box<Type> },
    /// A sequence of variable length.
    Sequence(Box<Type>),
    /// An object reference (H5T_STD_REF_OBJ).
    Reference,
    /// The committed datatype at this path.
    Committed(String),
}

/// The type of elements in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemoryType {
    /// The dataset's or attribute's own.
    Same,
    /// What H5Tget_native_type makes of its own.
    Native,
    /// Another one: values are converted.
    Other(Type),
}

/// A dataspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Space {
    /// No elements at all.
    Null,
    /// One element.
    Scalar,
    /// A grid; the largest extents, if given (`u64::MAX` for no limit).
    Simple {
        dims: Vec<u64>,
        maximum: Option<Vec<u64>>,
    },
}

/// A regular hyperslab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slab {
    /// First element.
    pub start: Vec<u64>,
    /// Distance of blocks.
    pub stride: Vec<u64>,
    /// Number of blocks.
    pub count: Vec<u64>,
    /// Size of blocks.
    pub block: Vec<u64>,
}

/// A selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selected {
    /// The id H5S_ALL instead of a space.
    Whole,
    /// H5Sselect_all.
    All,
    /// H5Sselect_none.
    None,
    /// H5Sselect_hyperslab, by operation (`H5S_seloper_t`).
    Slabs(Vec<(u8, Slab)>),
    /// H5Sselect_elements, by operation.
    Points(Vec<(u8, Vec<Vec<u64>>)>),
}

/// A selection, moved by H5Soffset_simple.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// What is selected.
    pub selected: Selected,
    /// How far it is moved; empty for not at all.
    pub offset: Vec<i64>,
}

/// Where elements are in memory, relative to what is selected in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemorySpace {
    /// H5S_ALL.
    Whole,
    /// H5S_BLOCK.
    Block,
    /// A row of as many elements, `step` apart, with others before and after.
    Row { before: u64, step: u64, after: u64 },
    /// A grid of some columns, of which the first elements are selected one by one.
    Grid { columns: u64 },
    /// Points of a row in an order that follows from the seed.
    Scattered { seed: u64, extra: u64 },
    /// One that may not fit.
    Given { space: Space, selection: Selection },
}

/// What is moved between a dataset and memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The dataset.
    pub dataset: Object,
    /// The type in memory.
    pub memory_type: MemoryType,
    /// The place in memory.
    pub memory: MemorySpace,
    /// The place in the file.
    pub file: Selection,
    /// Which values are written.
    pub seed: u64,
}

/// Properties that a dataset is created with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creation {
    /// H5Pset_layout, if set: 0 compact, 1 contiguous, 2 chunked.
    pub layout: Option<u8>,
    /// The shape of chunks.
    pub chunk: Vec<u64>,
    /// Shuffle before compressing.
    pub shuffle: bool,
    /// Level of deflate.
    pub deflate: Option<u8>,
    /// Checksums.
    pub fletcher32: bool,
    /// Fill value.
    pub fill: Fill,
    /// H5Pset_alloc_time, if set.
    pub alloc_time: Option<u8>,
    /// H5Pset_fill_time, if set.
    pub fill_time: Option<u8>,
    /// Whether the creation order of attributes is tracked.
    pub ordered: bool,
}

/// The fill value of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fill {
    /// None was set.
    #[default]
    Default,
    /// H5Pset_fill_value with NULL.
    Undefined,
    /// A value of the dataset's type that follows from the seed.
    Value(u64),
}

/// How a walk goes: index (0 name, 1 creation order) and direction (0 up, 1 down, 2 any).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// `H5_index_t`
    pub index: u8,
    /// `H5_iter_order_t`
    pub order: u8,
}

/// One step: a few calls of HDF5 that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Closes everything and opens the file again.
    Reopen { write: bool },
    /// H5Fflush.
    Flush,
    /// Opens an object and leaves it open under a number.
    Open { path: String, number: u8 },
    /// Closes what is open under a number.
    Close(u8),
    /// H5Gcreate2 at an object; without a name H5Gcreate_anon. May be left open.
    CreateGroup {
        at: Object,
        name: Option<String>,
        intermediate: bool,
        ordered: bool,
        keep: Option<u8>,
    },
    /// H5Dcreate2; without a name H5Dcreate_anon. May be left open.
    CreateDataset {
        at: Object,
        name: Option<String>,
        ty: Type,
        space: Space,
        creation: Creation,
        keep: Option<u8>,
    },
    /// H5Tcommit2.
    Commit {
        at: Object,
        name: String,
        ty: Type,
        keep: Option<u8>,
    },
    /// H5Olink.
    Link {
        object: Object,
        at: Object,
        name: String,
    },
    /// H5Dwrite.
    Write(Transfer),
    /// H5Dread.
    Read(Transfer),
    /// H5Dwrite_multi.
    WriteMulti(Vec<Transfer>),
    /// H5Dread_multi.
    ReadMulti(Vec<Transfer>),
    /// H5Dset_extent.
    SetExtent { dataset: Object, dims: Vec<u64> },
    /// H5Acreate2, and H5Awrite if there is a seed.
    CreateAttribute {
        object: Object,
        name: String,
        ty: Type,
        space: Space,
        utf8: bool,
        value: Option<u64>,
    },
    /// H5Awrite.
    WriteAttribute {
        object: Object,
        name: String,
        memory_type: MemoryType,
        seed: u64,
    },
    /// H5Aread.
    ReadAttribute {
        object: Object,
        name: String,
        memory_type: MemoryType,
    },
    /// H5Arename.
    RenameAttribute {
        object: Object,
        from: String,
        to: String,
    },
    /// H5Adelete.
    DeleteAttribute { object: Object, name: String },
    /// H5Aexists, H5Aget_info_by_name, and of the open attribute what it tells.
    ShowAttribute { object: Object, name: String },
    /// H5Aget_info_by_idx, H5Aget_name_by_idx, H5Aopen_by_idx.
    ShowAttributeAt { object: Object, by: By, n: u64 },
    /// H5Adelete_by_idx.
    DeleteAttributeAt { object: Object, by: By, n: u64 },
    /// H5Aiterate2.
    ListAttributes {
        object: Object,
        by: By,
        start: u64,
        stop: Option<usize>,
    },
    /// H5Lcreate_hard.
    HardLink {
        object: Object,
        path: String,
        at: Object,
        name: String,
        intermediate: bool,
    },
    /// H5Lcreate_soft.
    SoftLink {
        target: String,
        at: Object,
        name: String,
    },
    /// H5Lcreate_external.
    ExternalLink {
        file: String,
        target: String,
        at: Object,
        name: String,
    },
    /// H5Lcopy or H5Lmove.
    MoveLink {
        copy: bool,
        from: Object,
        path: String,
        to: Object,
        name: String,
        intermediate: bool,
    },
    /// H5Ldelete.
    DeleteLink { at: Object, name: String },
    /// H5Ldelete_by_idx.
    DeleteLinkAt { at: Object, by: By, n: u64 },
    /// H5Lexists, H5Lget_info2, H5Lget_val, H5Oexists_by_name.
    ShowLink { at: Object, name: String },
    /// H5Lget_info_by_idx2, H5Lget_name_by_idx, H5Oopen_by_idx.
    ShowLinkAt { at: Object, by: By, n: u64 },
    /// H5Literate2.
    ListLinks {
        at: Object,
        by: By,
        start: u64,
        stop: Option<usize>,
    },
    /// H5Lvisit2 and H5Ovisit3.
    Visit { at: Object, by: By },
    /// H5Ocopy with flags (`H5O_COPY_*`).
    Copy {
        from: Object,
        path: String,
        to: Object,
        name: String,
        flags: u8,
        intermediate: bool,
    },
    /// H5Oget_info3, H5Iget_name, and what its kind tells.
    Show { object: Object },
    /// H5Oflush or H5Orefresh.
    Refresh { object: Object, flush: bool },
}
