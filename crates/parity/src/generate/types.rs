//! Random datatypes.

use super::Generator;
use crate::program::{Bits, Member, Type};

/// Sign, exponent, its size, mantissa, its size; bytes; bias. From IEEE halves to odd ones, but none
/// with unused bits: the connector leaves other ones there than native files (docs/COMPATIBILITY.md).
const FLOATS: [([usize; 5], usize, usize); 8] = [
    ([15, 10, 5, 0, 10], 2, 15),
    ([31, 23, 8, 0, 23], 4, 127),
    ([63, 52, 11, 0, 52], 8, 1023),
    ([15, 7, 8, 0, 7], 2, 127),
    ([7, 3, 4, 0, 3], 1, 7),
    ([23, 15, 8, 0, 15], 3, 127),
    ([47, 37, 10, 0, 37], 6, 511),
    ([7, 2, 5, 0, 2], 1, 15),
];

/// Memory types of programs.
const NATIVE: [&str; 12] = [
    "NATIVE_SCHAR",
    "NATIVE_UCHAR",
    "NATIVE_SHORT",
    "NATIVE_USHORT",
    "NATIVE_INT",
    "NATIVE_UINT",
    "NATIVE_LONG",
    "NATIVE_ULONG",
    "NATIVE_FLOAT",
    "NATIVE_DOUBLE",
    "STD_I32BE",
    "IEEE_F64BE",
];

impl Generator {
    /// A datatype, with others inside up to `depth`.
    pub fn datatype(&mut self, depth: u32) -> Type {
        let kinds = if depth == 0 { 9 } else { 14 };
        match self.random.u8(..kinds) {
            0 | 1 => self.integer(),
            2 => self.plain_number(),
            3 => self.float(),
            4 => self.text(),
            5 => self.variable_text(),
            6 => {
                let bits = self.bits();
                Type::BitField(bits)
            }
            7 => Type::Opaque {
                size: self.random.usize(1..12),
                tag: self
                    .pick(&["", "tag", "a longer tag \u{e9}"])
                    .unwrap_or_default()
                    .into(),
            },
            8 => self.reference_or_committed(),
            9 | 10 => self.compound(depth),
            11 => self.enumeration(),
            12 => self.array(depth),
            _ => Type::Sequence(Box::new(self.datatype(depth - 1))),
        }
    }

    /// An everyday number.
    pub fn plain_number(&mut self) -> Type {
        let name = self.pick(&NATIVE).unwrap_or("NATIVE_INT");
        Type::Predefined(name.into())
    }

    fn reference_or_committed(&mut self) -> Type {
        match self.pick(&self.committed.clone()) {
            Some(path) if self.random.bool() => Type::Committed(path),
            _ => Type::Reference,
        }
    }

    fn bits(&mut self) -> Bits {
        let size = match self.random.u8(..6) {
            0 => self.random.usize(1..=9),
            1 => 16,
            _ => 1 << self.random.usize(..4),
        };
        let (mut precision, mut offset) = (0, 0);
        if self.one_in(4) {
            precision = self.random.usize(1..=size * 8);
            offset = self.random.usize(..=size * 8 - precision);
        }
        Bits {
            size,
            order: self.order(),
            precision,
            offset,
        }
    }

    fn integer(&mut self) -> Type {
        let bits = self.bits();
        Type::Integer {
            bits,
            signed: self.random.bool(),
        }
    }

    fn float(&mut self) -> Type {
        let usual = self.random.bool();
        let limit = if usual { 3 } else { FLOATS.len() };
        let (fields, size, bias) = FLOATS[self.random.usize(..limit)];
        Type::Float {
            size,
            order: self.order(),
            fields,
            bias,
            norm: 0,
        }
    }

    fn text(&mut self) -> Type {
        Type::Text {
            size: self.random.usize(1..20),
            padding: self.random.u8(..3),
            utf8: self.random.bool(),
        }
    }

    fn variable_text(&mut self) -> Type {
        Type::VariableText {
            padding: if self.one_in(4) {
                self.random.u8(..3)
            } else {
                0
            },
            utf8: self.random.bool(),
        }
    }

    fn compound(&mut self, depth: u32) -> Type {
        let count = self.random.usize(1..5);
        let mut members = Vec::new();
        for number in 0..count {
            let name = match self.random.u8(..12) {
                0 => format!("m\u{f6}{number}"),
                1 => format!("with blank {number}"),
                _ => format!("m{number}"),
            };
            let gap = if self.one_in(4) {
                self.random.usize(1..9)
            } else {
                0
            };
            members.push(Member {
                name,
                gap,
                ty: self.datatype(depth - 1),
            });
        }
        let tail = if self.one_in(6) {
            self.random.usize(1..9)
        } else {
            0
        };
        Type::Compound { members, tail }
    }

    fn enumeration(&mut self) -> Type {
        let size = if self.one_in(5) {
            self.random.usize(1..=8)
        } else {
            1 << self.random.usize(..4)
        };
        let signed = self.random.bool();
        let bits = Bits {
            size,
            order: self.order(),
            precision: 0,
            offset: 0,
        };
        let mut values: Vec<i64> = (0..self.random.usize(1..6))
            .map(|_| self.random.i64(0..100))
            .collect();
        // Elements that nobody wrote are 0 in the program's type, converted or not: only where 0 is a
        // member it makes no difference whether they were converted.
        values.push(0);
        if signed && self.random.bool() {
            values.push(-1);
        }
        values.sort_unstable();
        values.dedup();
        self.random.shuffle(&mut values);
        let members = values.into_iter().map(|value| (format!("V{value}"), value));
        Type::Enumeration {
            members: members.collect(),
            base: Box::new(Type::Integer { bits, signed }),
        }
    }

    fn array(&mut self, depth: u32) -> Type {
        let rank = self.random.usize(1..4);
        let dims = (0..rank).map(|_| self.random.u64(1..4)).collect();
        Type::Array {
            dims,
            base: Box::new(self.datatype(depth - 1)),
        }
    }

    /// A memory type to which values of `ty` can be converted, as a rule.
    pub fn converted(&mut self, ty: &Type) -> Type {
        match ty {
            Type::Predefined(_) | Type::Integer { .. } | Type::Float { .. } => {
                match self.random.u8(..4) {
                    0 => self.integer(),
                    1 => self.float(),
                    _ => self.plain_number(),
                }
            }
            Type::BitField(_) => {
                let bits = self.bits();
                Type::BitField(bits)
            }
            Type::Text { .. } => self.text(),
            // Whether HDF5 converts between encodings depends on what it converted before.
            Type::VariableText { utf8, .. } => Type::VariableText {
                padding: 0,
                utf8: *utf8,
            },
            Type::Enumeration { members, .. } => {
                let mut members = members.clone();
                self.random.shuffle(&mut members);
                let bits = Bits {
                    size: 8,
                    order: self.order(),
                    precision: 0,
                    offset: 0,
                };
                if self.one_in(3) {
                    return self.plain_number();
                }
                Type::Enumeration {
                    members,
                    base: Box::new(Type::Integer { bits, signed: true }),
                }
            }
            Type::Compound { members, .. } => {
                // Some of the members, in another order, at other places, and maybe a new one.
                let mut chosen: Vec<Member> = members
                    .iter()
                    .filter(|_| self.random.u8(..4) > 0)
                    .cloned()
                    .collect();
                self.random.shuffle(&mut chosen);
                for member in &mut chosen {
                    if self.random.bool() {
                        member.ty = self.converted(&member.ty);
                    }
                    member.gap = if self.one_in(4) {
                        self.random.usize(1..9)
                    } else {
                        0
                    };
                }
                // A member that the dataset lacks keeps its value when elements are read, but becomes
                // 0 in those that nobody wrote, which only a native file knows of. So do elements of
                // which a write names no member.
                if chosen.is_empty() {
                    chosen.extend(members.first().cloned());
                }
                if self.writing && self.one_in(6) {
                    let ty = self.plain_number();
                    chosen.push(Member {
                        name: "extra".into(),
                        gap: 0,
                        ty,
                    });
                }
                Type::Compound {
                    members: chosen,
                    tail: self.random.usize(..3),
                }
            }
            Type::Array { dims, base } => Type::Array {
                dims: dims.clone(),
                base: Box::new(self.converted(base)),
            },
            // Members that the program leaves out keep what elements of the sequence that was there
            // before had, which servers do not keep apart.
            Type::Sequence(base) if matches!(**base, Type::Compound { .. }) => ty.clone(),
            Type::Sequence(base) => Type::Sequence(Box::new(self.converted(base))),
            Type::Opaque { .. } | Type::Reference | Type::Committed(_) => ty.clone(),
        }
    }
}
