//! Datatypes: every class of HDF5, with all that HDF5 programs can ask about them.
//!
//! [`Datatype`] is what elements are made of. [`StoredType`] adds what a dataset or attribute
//! remembers besides: whether the type is a committed one. The JSON grammar is in `json`.

mod json;
mod size;

pub use size::{OBJECT_REFERENCE_SIZE, product};

use serde_json::{Map, Value};

use crate::id::ObjectId;

/// Byte order of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
    /// Most significant pair of bytes first, in each pair the least significant one: the floats of the
    /// VAX. HDF5's file format has no other numbers in this order.
    Vax,
}

impl ByteOrder {
    /// Brings the bytes of a number from this order to little endian, or back.
    pub fn exchange_with_little(self, bytes: &mut [u8]) {
        match self {
            Self::Little => (),
            Self::Big => bytes.reverse(),
            Self::Vax => {
                bytes.reverse();
                bytes.chunks_exact_mut(2).for_each(<[u8]>::reverse);
            }
        }
    }
}

/// What fills the bits that a number does not use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BitPad {
    /// Zeros.
    #[default]
    Zero,
    /// Ones.
    One,
    /// Whatever was there.
    Background,
}

/// How the significant bits of a number lie in its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BitLayout {
    /// Bytes of storage.
    pub size: u32,
    /// Order of these bytes.
    pub order: ByteOrder,
    /// Significant bits.
    pub precision: u32,
    /// Position of the least significant of them.
    pub offset: u32,
    /// Filling below the significant bits.
    pub lsb_pad: BitPad,
    /// Filling above the significant bits.
    pub msb_pad: BitPad,
}

impl BitLayout {
    /// All bits of `size` bytes are significant.
    pub fn whole(size: u32, order: ByteOrder) -> Self {
        Self {
            size,
            order,
            precision: size.saturating_mul(8),
            offset: 0,
            lsb_pad: BitPad::Zero,
            msb_pad: BitPad::Zero,
        }
    }

    /// Whether every bit counts, so that only size and order tell such types apart.
    pub fn is_whole(&self) -> bool {
        self.precision == self.size.saturating_mul(8) && self.offset == 0
    }
}

/// An integer of any width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IntegerType {
    /// Where its bits lie.
    pub bits: BitLayout,
    /// Two's complement, or unsigned.
    pub signed: bool,
}

impl IntegerType {
    /// An integer that uses all bits of `size` bytes.
    pub fn whole(size: u32, signed: bool, order: ByteOrder) -> Self {
        Self {
            bits: BitLayout::whole(size, order),
            signed,
        }
    }
}

/// How a floating-point mantissa is normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Normalization {
    /// The leading 1 is not stored (IEEE).
    Implied,
    /// The leading bit is stored and always 1.
    MsbSet,
    /// Not normalised.
    None,
}

/// A floating-point number of any layout; bit positions count from the least significant bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FloatType {
    /// Where its bits lie.
    pub bits: BitLayout,
    /// Position of the sign bit.
    pub sign_position: u32,
    /// Position of the exponent's lowest bit.
    pub exponent_position: u32,
    /// Bits of exponent.
    pub exponent_bits: u32,
    /// What is subtracted from the exponent.
    pub exponent_bias: u64,
    /// Position of the mantissa's lowest bit.
    pub mantissa_position: u32,
    /// Bits of mantissa.
    pub mantissa_bits: u32,
    /// How the mantissa is normalised.
    pub normalization: Normalization,
    /// Filling of bits that belong to no field.
    pub internal_pad: BitPad,
}

impl FloatType {
    /// The IEEE 754 format of 2, 4, 8 or 16 bytes; `None` for other sizes.
    pub fn ieee(size: u32, order: ByteOrder) -> Option<Self> {
        let (exponent_bits, mantissa_bits) = match size {
            2 => (5, 10),
            4 => (8, 23),
            8 => (11, 52),
            16 => (15, 112),
            _ => return None,
        };
        Some(Self {
            bits: BitLayout::whole(size, order),
            sign_position: exponent_bits + mantissa_bits,
            exponent_position: mantissa_bits,
            exponent_bits,
            exponent_bias: (1 << (exponent_bits - 1)) - 1,
            mantissa_position: 0,
            mantissa_bits,
            normalization: Normalization::Implied,
            internal_pad: BitPad::Zero,
        })
    }

    /// Whether this is exactly the IEEE 754 format of its size.
    pub fn is_ieee(&self) -> bool {
        self.bits.order != ByteOrder::Vax
            && Self::ieee(self.bits.size, self.bits.order) == Some(*self)
    }
}

/// Character encoding of strings and names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CharSet {
    /// US-ASCII (by declaration: the bytes are not checked by HDF5).
    Ascii,
    /// UTF-8.
    Utf8,
}

/// What follows the characters of a string shorter than its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StringPad {
    /// Ends at the first NUL.
    NullTerminated,
    /// Filled up with NUL.
    NullPadded,
    /// Filled up with blanks.
    SpacePadded,
}

/// Bytes of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StringLength {
    /// Always this many bytes.
    Fixed(u32),
    /// As many as each string needs.
    Variable,
}

/// A character string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StringType {
    /// Fixed or variable.
    pub length: StringLength,
    /// Its encoding.
    pub charset: CharSet,
    /// Its padding.
    pub padding: StringPad,
}

/// What a reference refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceType {
    /// An object (`H5T_STD_REF_OBJ`).
    Object,
    /// A region of a dataset (`H5T_STD_REF_DSETREG`).
    Region,
    /// Object, region or attribute (`H5T_STD_REF`, HDF5 1.12 and later).
    Any,
}

/// One member of a compound type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its place in the element as HDF5 programs see it; the wire is always packed.
    pub offset: u64,
    /// Its type.
    pub datatype: Datatype,
}

/// A record of named members.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CompoundType {
    /// The members in order of declaration, which is their order on the wire.
    pub members: Vec<Member>,
    /// Bytes of the element as HDF5 programs see it, gaps included. Members of variable length
    /// count as in HDF5 memory (16 bytes for sequences, 8 for strings).
    pub size: u64,
}

impl CompoundType {
    /// Whether the members follow each other without gaps, in order of declaration.
    pub fn is_packed(&self) -> bool {
        let end = self.members.iter().try_fold(0u64, |at, member| {
            let size = member.datatype.memory_size()?;
            (member.offset == at).then(|| at.checked_add(size))?
        });
        end == Some(self.size)
    }
}

/// A set of named integers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EnumType {
    /// The integer that is stored.
    pub base: IntegerType,
    /// Names and values in order of declaration.
    pub members: Vec<(String, i128)>,
}

/// What an element is made of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Datatype {
    /// `H5T_INTEGER`
    Integer(IntegerType),
    /// `H5T_FLOAT`
    Float(FloatType),
    /// `H5T_TIME` (declared by HDF5, without conversions)
    Time(BitLayout),
    /// `H5T_STRING`
    String(StringType),
    /// `H5T_BITFIELD`
    Bitfield(BitLayout),
    /// `H5T_OPAQUE`
    Opaque {
        /// Bytes of an element.
        size: u32,
        /// The description HDF5 keeps with it.
        tag: String,
    },
    /// `H5T_COMPOUND`
    Compound(CompoundType),
    /// `H5T_REFERENCE`
    Reference(ReferenceType),
    /// `H5T_ENUM`
    Enum(EnumType),
    /// `H5T_VLEN`
    Vlen(Box<Datatype>),
    /// `H5T_ARRAY`
    Array {
        /// Type of each item.
        base: Box<Datatype>,
        /// Extents, slowest first; never empty.
        dims: Vec<u64>,
    },
    /// `H5T_COMPLEX` (HDF5 2.0 and later): two floats, real part first.
    Complex(FloatType),
}

/// The type of a dataset, attribute or committed datatype, with what it remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredType {
    /// What elements are made of.
    pub datatype: Datatype,
    /// The committed datatype object that it was made from.
    pub committed: Option<ObjectId>,
    /// Members of the top-level document that this grammar does not know; kept as they are.
    pub extra: Map<String, Value>,
}

impl From<Datatype> for StoredType {
    fn from(datatype: Datatype) -> Self {
        Self {
            datatype,
            committed: None,
            extra: Map::new(),
        }
    }
}

impl Datatype {
    /// A whole little-endian integer.
    pub fn integer(size: u32, signed: bool) -> Self {
        Self::Integer(IntegerType::whole(size, signed, ByteOrder::Little))
    }

    /// A string of variable length in UTF-8.
    pub fn variable_string() -> Self {
        Self::String(StringType {
            length: StringLength::Variable,
            charset: CharSet::Utf8,
            padding: StringPad::NullTerminated,
        })
    }

    /// Whether elements have no fixed number of bytes on the wire.
    pub fn is_variable(&self) -> bool {
        match self {
            Self::String(s) => s.length == StringLength::Variable,
            Self::Vlen(_) | Self::Reference(ReferenceType::Region | ReferenceType::Any) => true,
            Self::Array { base, .. } => base.is_variable(),
            Self::Compound(c) => c.members.iter().any(|m| m.datatype.is_variable()),
            _ => false,
        }
    }

    /// Whether elements refer to objects, regions or attributes.
    pub fn has_references(&self) -> bool {
        self.any(&|part| matches!(part, Self::Reference(_)))
    }

    /// Whether `found` holds for this type or any type inside it.
    pub fn any(&self, found: &dyn Fn(&Datatype) -> bool) -> bool {
        found(self)
            || match self {
                Self::Vlen(base) | Self::Array { base, .. } => base.any(found),
                Self::Compound(c) => c.members.iter().any(|m| m.datatype.any(found)),
                _ => false,
            }
    }
}
