//! How many bytes an element takes: on the wire, and as HDF5 programs see it.

use super::{Datatype, ReferenceType, StringLength};

/// An object reference on the wire is the object's id as text, padded with NUL.
pub const OBJECT_REFERENCE_SIZE: usize = 48;

/// Arrays lie in each other at most this deep: HDF5's conversion takes twice as long for each one more,
/// seconds at 28 and hours at 40.
const MOST_ARRAYS: usize = 16;

impl Datatype {
    /// Whether HDF5 can convert arrays that lie in each other like this one's.
    pub(super) fn arrays_are_few(&self) -> bool {
        self.arrays() <= MOST_ARRAYS
    }

    /// How many arrays lie in each other at most, whatever is between them.
    fn arrays(&self) -> usize {
        match self {
            Self::Array { base, .. } => 1 + base.arrays(),
            Self::Vlen(base) => base.arrays(),
            Self::Compound(compound) => {
                let members = compound.members.iter();
                members.map(|m| m.datatype.arrays()).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Bytes of one element on the wire: compounds are packed, numbers keep their own layout.
    /// `None` if the number varies from element to element or does not fit memory.
    pub fn wire_size(&self) -> Option<usize> {
        match self {
            Self::Integer(i) => Some(i.bits.size as usize),
            Self::Float(f) => Some(f.bits.size as usize),
            Self::Time(bits) | Self::Bitfield(bits) => Some(bits.size as usize),
            Self::Complex(f) => (f.bits.size as usize).checked_mul(2),
            Self::Opaque { size, .. } => Some(*size as usize),
            Self::Enum(e) => Some(e.base.bits.size as usize),
            Self::String(s) => match s.length {
                StringLength::Fixed(n) => Some(n as usize),
                StringLength::Variable => None,
            },
            Self::Reference(ReferenceType::Object) => Some(OBJECT_REFERENCE_SIZE),
            Self::Reference(_) | Self::Vlen(_) => None,
            Self::Array { base, dims } => {
                let items = product(dims)?;
                base.wire_size()?.checked_mul(usize::try_from(items).ok()?)
            }
            Self::Compound(c) => c.members.iter().try_fold(0usize, |sum, member| {
                sum.checked_add(member.datatype.wire_size()?)
            }),
        }
    }

    /// Bytes of one element in a native file, which HDF5 shows as sizes of attributes and to
    /// filters: there a variable string is a length and the place of its bytes, as a sequence is.
    pub fn file_size(&self) -> Option<u64> {
        match self {
            Self::String(string) if string.length == StringLength::Variable => Some(16),
            Self::Array { base, dims } => base.file_size()?.checked_mul(product(dims)?),
            Self::Compound(compound) => {
                compound
                    .members
                    .iter()
                    .try_fold(compound.size, |size, member| {
                        let datatype = &member.datatype;
                        size.checked_add(
                            datatype.file_size()?.checked_sub(datatype.memory_size()?)?,
                        )
                    })
            }
            other => other.memory_size(),
        }
    }

    /// Bytes of one element as HDF5 programs see it (what `H5Tget_size` says for the memory form:
    /// 16 for sequences, 8 for variable strings). `None` if it does not fit 64 bits.
    pub fn memory_size(&self) -> Option<u64> {
        match self {
            Self::Compound(c) => Some(c.size),
            Self::Vlen(_) => Some(16),
            Self::String(s) if s.length == StringLength::Variable => Some(8),
            Self::Reference(ReferenceType::Object) => Some(8),
            Self::Reference(ReferenceType::Region) => Some(12),
            Self::Reference(ReferenceType::Any) => Some(64),
            Self::Array { base, dims } => base.memory_size()?.checked_mul(product(dims)?),
            fixed => fixed.wire_size().map(|n| n as u64),
        }
    }
}

/// Number of items of an array type.
pub fn product(dims: &[u64]) -> Option<u64> {
    dims.iter().try_fold(1u64, |n, &d| n.checked_mul(d))
}
