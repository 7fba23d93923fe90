//! Which form of a datatype the wire carries, and which forms elements take on their way.
//!
//! - *wire*: packed bytes, variable parts behind their length, references as text;
//! - *staged*: the dataset's own type as HDF5 lays it out in memory, but packed, and with the kinds
//!   of reference that the program's type has;
//! - *memory*: the program's type.
//!
//! `elements` translates between wire and staged, HDF5's conversion between staged and memory.

use h5rest_protocol::datatype::{CompoundType, Datatype, Member, ReferenceType, StringLength};

use crate::connector::{Error, ErrorKind, Result};
use crate::host::reference::MEMORY_SIZE as REFERENCE_SIZE;

/// The same type without gaps in its compounds: what staged elements are made of.
pub fn packed(datatype: &Datatype) -> Datatype {
    match datatype {
        Datatype::Compound(compound) => {
            let mut offset = 0;
            let members = compound.members.iter().map(|member| {
                let datatype = packed(&member.datatype);
                let at = offset;
                offset += datatype.memory_size().unwrap_or(0);
                Member {
                    name: member.name.clone(),
                    offset: at,
                    datatype,
                }
            });
            let members = members.collect();
            Datatype::Compound(CompoundType {
                members,
                size: offset,
            })
        }
        Datatype::Vlen(base) => Datatype::Vlen(Box::new(packed(base))),
        Datatype::Array { base, dims } => Datatype::Array {
            base: Box::new(packed(base)),
            dims: dims.clone(),
        },
        // HDF5 has no strings without room for a character.
        Datatype::String(string) if string.length == StringLength::Fixed(0) => {
            let mut one = *string;
            one.length = StringLength::Fixed(1);
            Datatype::String(one)
        }
        other => other.clone(),
    }
}

/// Whether staged elements of the type are, byte for byte, what the wire carries.
pub fn wire_is_staged(datatype: &Datatype) -> bool {
    !datatype.is_variable()
        && !datatype.any(&|part| match part {
            Datatype::Reference(_) => true,
            Datatype::String(string) => string.length == StringLength::Fixed(0),
            _ => false,
        })
}

/// Bytes of one staged or memory element.
pub fn memory_size(datatype: &Datatype) -> Result<usize> {
    let size = datatype.memory_size().and_then(|n| usize::try_from(n).ok());
    size.ok_or_else(|| Error::new(ErrorKind::Invalid, "a datatype too large for memory"))
}

/// Whether elements only hold the places of their data.
pub fn is_place(datatype: &Datatype) -> bool {
    match datatype {
        Datatype::Vlen(_) => true,
        Datatype::String(string) => string.length == StringLength::Variable,
        _ => false,
    }
}

/// Whether a write from `memory` leaves parts of stored elements as they were: a compound of
/// which the program's type lacks members.
pub fn covers(stored: &Datatype, memory: &Datatype) -> bool {
    match (stored, memory) {
        (Datatype::Compound(stored), Datatype::Compound(memory)) => {
            stored.members.iter().all(|member| {
                let same = memory.members.iter().find(|m| m.name == member.name);
                same.is_some_and(|same| covers(&member.datatype, &same.datatype))
            })
        }
        (Datatype::Array { base: a, .. }, Datatype::Array { base: b, .. }) => covers(a, b),
        _ => true,
    }
}

/// The part of `datatype` that a conversion from or to `other` touches: a program's compound may
/// have members that the dataset lacks, whose bytes are the program's own affair. Offsets and sizes
/// stay those of `datatype`.
pub fn common_part(datatype: &Datatype, other: &Datatype) -> Datatype {
    match (datatype, other) {
        (Datatype::Compound(ours), Datatype::Compound(theirs)) => {
            let members = ours.members.iter().filter_map(|member| {
                let same = theirs.members.iter().find(|m| m.name == member.name)?;
                Some(Member {
                    datatype: common_part(&member.datatype, &same.datatype),
                    ..member.clone()
                })
            });
            Datatype::Compound(CompoundType {
                members: members.collect(),
                size: ours.size,
            })
        }
        (Datatype::Array { base, dims }, Datatype::Array { base: other, .. }) => Datatype::Array {
            base: Box::new(common_part(base, other)),
            dims: dims.clone(),
        },
        (Datatype::Vlen(base), Datatype::Vlen(other)) => {
            Datatype::Vlen(Box::new(common_part(base, other)))
        }
        _ => datatype.clone(),
    }
}

/// The stored type with the kinds of reference that the program's type has: HDF5 dereferences null
/// when it is asked to turn one kind into another, so `elements` makes the kind that is wanted.
pub fn with_references_of(stored: &Datatype, memory: &Datatype) -> Datatype {
    match (stored, memory) {
        (Datatype::Reference(_), Datatype::Reference(wanted)) => Datatype::Reference(*wanted),
        (Datatype::Compound(ours), Datatype::Compound(theirs)) => {
            let members = ours.members.iter().map(|member| {
                let same = theirs.members.iter().find(|m| m.name == member.name);
                Member {
                    datatype: match same {
                        Some(same) => with_references_of(&member.datatype, &same.datatype),
                        None => member.datatype.clone(),
                    },
                    ..member.clone()
                }
            });
            Datatype::Compound(CompoundType {
                members: members.collect(),
                size: ours.size,
            })
        }
        (Datatype::Array { base, dims }, Datatype::Array { base: other, .. }) => Datatype::Array {
            base: Box::new(with_references_of(base, other)),
            dims: dims.clone(),
        },
        (Datatype::Vlen(base), Datatype::Vlen(other)) => {
            Datatype::Vlen(Box::new(with_references_of(base, other)))
        }
        _ => stored.clone(),
    }
}

/// Whether the types have references at the same places, so that HDF5's conversion leaves them alone.
pub fn keeps_references(from: &Datatype, to: &Datatype) -> bool {
    match (from, to) {
        (Datatype::Reference(from), Datatype::Reference(to)) => from == to,
        (Datatype::Compound(from), Datatype::Compound(to)) => from.members.iter().all(|member| {
            let same = to.members.iter().find(|m| m.name == member.name);
            same.is_none_or(|same| keeps_references(&member.datatype, &same.datatype))
        }),
        (Datatype::Array { base: from, .. }, Datatype::Array { base: to, .. })
        | (Datatype::Vlen(from), Datatype::Vlen(to)) => keeps_references(from, to),
        _ => !from.has_references() && !to.has_references(),
    }
}

/// The same type with bytes that mean nothing to HDF5 in place of every reference of the kind
/// `H5T_STD_REF`. It converts such references also where both types have them, and from memory to memory
/// it copies as many bytes as the reference has when it is stored: far more than it has here, if it is to
/// a region of many points or to an attribute with a long name.
pub fn with_opaque_references(datatype: &Datatype) -> Datatype {
    match datatype {
        Datatype::Reference(ReferenceType::Any) => Datatype::Opaque {
            size: REFERENCE_SIZE as u32,
            tag: "H5T_STD_REF".to_owned(),
        },
        Datatype::Compound(compound) => {
            let members = compound.members.iter().map(|member| Member {
                datatype: with_opaque_references(&member.datatype),
                ..member.clone()
            });
            Datatype::Compound(CompoundType {
                members: members.collect(),
                size: compound.size,
            })
        }
        Datatype::Vlen(base) => Datatype::Vlen(Box::new(with_opaque_references(base))),
        Datatype::Array { base, dims } => Datatype::Array {
            base: Box::new(with_opaque_references(base)),
            dims: dims.clone(),
        },
        other => other.clone(),
    }
}

/// Whether elements hold references of the kind `H5T_STD_REF`, which own things.
pub fn holds_references(datatype: &Datatype) -> bool {
    datatype.any(&|part| matches!(part, Datatype::Reference(ReferenceType::Any)))
}

/// Whether converting to the type needs the elements that are there already.
pub fn needs_background(datatype: &Datatype) -> bool {
    datatype.any(&|part| matches!(part, Datatype::Compound(_)))
}

/// Whether elements hold pointers to memory of their own.
pub fn holds_pointers(datatype: &Datatype) -> bool {
    datatype.any(&|part| match part {
        Datatype::Vlen(_) => true,
        Datatype::String(string) => string.length == StringLength::Variable,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compound(members: &[(&str, u64, Datatype)], size: u64) -> Datatype {
        let member = |(name, offset, datatype): &(&str, u64, Datatype)| Member {
            name: (*name).to_owned(),
            offset: *offset,
            datatype: datatype.clone(),
        };
        Datatype::Compound(CompoundType {
            members: members.iter().map(member).collect(),
            size,
        })
    }

    #[test]
    fn gaps_disappear_at_every_level() {
        let inner = compound(&[("x", 4, Datatype::integer(1, true))], 8);
        let array = Datatype::Array {
            base: Box::new(inner),
            dims: vec![3],
        };
        let padded = compound(&[("a", 0, Datatype::integer(2, true)), ("b", 8, array)], 40);
        let packed = packed(&padded);
        assert_eq!(packed.memory_size(), Some(5));
        assert_eq!(packed.wire_size(), Some(5));
        assert!(wire_is_staged(&packed));
    }

    #[test]
    fn opaque_references_lie_where_references_were() {
        let array = Datatype::Array {
            base: Box::new(Datatype::Reference(ReferenceType::Any)),
            dims: vec![2],
        };
        let object = Datatype::Reference(ReferenceType::Object);
        let inner = compound(&[("a", 8, array), ("o", 136, object)], 144);
        let outer = compound(&[("s", 8, Datatype::Vlen(Box::new(inner.clone())))], 40);
        for referring in [&inner, &outer] {
            let opaque = with_opaque_references(referring);
            assert!(!holds_references(&opaque));
            assert_eq!(opaque.memory_size(), referring.memory_size());
        }
        assert!(with_opaque_references(&outer).has_references());
    }

    #[test]
    fn subsets_do_not_cover() {
        let (one, two) = (Datatype::integer(4, true), Datatype::integer(8, true));
        let both = compound(&[("a", 0, one.clone()), ("b", 4, two.clone())], 12);
        let other_order = compound(&[("b", 0, two), ("a", 8, one.clone())], 12);
        assert!(covers(&both, &other_order));
        assert!(!covers(&both, &compound(&[("a", 0, one)], 4)));
    }
}
