//! From a type of the host library to the protocol's description of it.

use std::ffi::{CStr, c_char, c_int, c_uint};

use h5rest_protocol::datatype::{
    BitLayout, BitPad, ByteOrder, CharSet, CompoundType, Datatype, EnumType, FloatType,
    IntegerType, Member, Normalization, ReferenceType, StringLength, StringPad, StringType,
};

use super::super::Host;
use super::super::id::OwnedId;
use super::super::names;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::*;

impl Host {
    /// Describes a type of any class.
    pub fn describe_type(&'static self, ty: hid_t) -> Result<Datatype> {
        // SAFETY: a query about an id.
        match unsafe { (self.h5.H5Tget_class)(ty) } {
            H5T_INTEGER => self.describe_integer(ty).map(Datatype::Integer),
            H5T_FLOAT => self.describe_float(ty).map(Datatype::Float),
            H5T_TIME => self.describe_bits(ty).map(Datatype::Time),
            H5T_STRING => self.describe_string(ty),
            H5T_BITFIELD => self.describe_bits(ty).map(Datatype::Bitfield),
            H5T_OPAQUE => self.describe_opaque(ty),
            H5T_COMPOUND => self.describe_compound(ty),
            H5T_REFERENCE => self.describe_reference(ty),
            H5T_ENUM => self.describe_enum(ty),
            H5T_VLEN => {
                let base = self.super_type(ty)?;
                let base = self.describe_type(base.get())?;
                Ok(Datatype::Vlen(Box::new(base)))
            }
            H5T_ARRAY => self.describe_array(ty),
            H5T_COMPLEX => {
                let part = self.super_type(ty)?;
                self.describe_float(part.get()).map(Datatype::Complex)
            }
            class if class < 0 => Err(self.failure("tell the class of a datatype")),
            class => Err(Error::unsupported(&format!(
                "datatypes of HDF5 class {class}"
            ))),
        }
    }

    fn super_type(&'static self, ty: hid_t) -> Result<OwnedId> {
        // SAFETY: makes a new id.
        let base = unsafe { (self.h5.H5Tget_super)(ty) };
        self.own(base, "tell the base of a datatype")
    }

    fn describe_bits(&self, ty: hid_t) -> Result<BitLayout> {
        let size = self.type_size(ty)?;
        let (mut lsb, mut msb) = (H5T_PAD_ZERO, H5T_PAD_ZERO);
        // SAFETY: a query about an id.
        let class = unsafe { (self.h5.H5Tget_class)(ty) };
        // SAFETY: queries about an id; the pads go into two locals. H5Tget_pad and H5Tget_offset
        // fail for times, whose bits are all significant.
        let (order, precision, offset) = unsafe {
            if class != H5T_TIME {
                (self.h5.H5Tget_pad)(ty, &mut lsb, &mut msb);
            }
            let precision = (self.h5.H5Tget_precision)(ty);
            let offset = match class {
                H5T_TIME => 0,
                _ => (self.h5.H5Tget_offset)(ty),
            };
            ((self.h5.H5Tget_order)(ty), precision, offset)
        };
        let order = match order {
            // Single bytes may be of no order.
            H5T_ORDER_LE | H5T_ORDER_NONE => ByteOrder::Little,
            H5T_ORDER_BE => ByteOrder::Big,
            H5T_ORDER_VAX if class == H5T_FLOAT => ByteOrder::Vax,
            _ => {
                return Err(Error::unsupported(
                    "integers in the byte order of the VAX, or a mixed one",
                ));
            }
        };
        let number = |value: usize| u32::try_from(value).map_err(|_| too_large());
        Ok(BitLayout {
            size: number(size)?,
            order,
            precision: number(precision)?,
            offset: u32::try_from(offset).map_err(|_| self.failure("tell a bit offset"))?,
            lsb_pad: pad(lsb),
            msb_pad: pad(msb),
        })
    }

    fn describe_integer(&self, ty: hid_t) -> Result<IntegerType> {
        // SAFETY: a query about an id.
        let sign = unsafe { (self.h5.H5Tget_sign)(ty) };
        self.check(sign, "tell the sign of an integer type")?;
        Ok(IntegerType {
            bits: self.describe_bits(ty)?,
            signed: sign == H5T_SGN_2,
        })
    }

    fn describe_float(&self, ty: hid_t) -> Result<FloatType> {
        let (mut spos, mut epos, mut esize, mut mpos, mut msize) = (0, 0, 0, 0, 0);
        // SAFETY: queries about an id into five locals.
        let (status, bias, norm, inpad) = unsafe {
            (
                (self.h5.H5Tget_fields)(
                    ty, &mut spos, &mut epos, &mut esize, &mut mpos, &mut msize,
                ),
                (self.h5.H5Tget_ebias)(ty),
                (self.h5.H5Tget_norm)(ty),
                (self.h5.H5Tget_inpad)(ty),
            )
        };
        self.check(status, "tell the fields of a floating-point type")?;
        let bits = self.describe_bits(ty)?;
        // HDF5 counts field positions from the lowest significant bit, as the protocol does.
        Ok(FloatType {
            bits,
            sign_position: spos as u32,
            exponent_position: epos as u32,
            exponent_bits: esize as u32,
            exponent_bias: bias as u64,
            mantissa_position: mpos as u32,
            mantissa_bits: msize as u32,
            normalization: match norm {
                H5T_NORM_MSBSET => Normalization::MsbSet,
                H5T_NORM_NONE => Normalization::None,
                _ => Normalization::Implied,
            },
            internal_pad: pad(inpad),
        })
    }

    fn describe_string(&self, ty: hid_t) -> Result<Datatype> {
        // SAFETY: queries about an id.
        let (variable, cset, padding) = unsafe {
            (
                (self.h5.H5Tis_variable_str)(ty),
                (self.h5.H5Tget_cset)(ty),
                (self.h5.H5Tget_strpad)(ty),
            )
        };
        self.check(variable, "describe a string type")?;
        let length = if variable > 0 {
            StringLength::Variable
        } else {
            StringLength::Fixed(u32::try_from(self.type_size(ty)?).map_err(|_| too_large())?)
        };
        Ok(Datatype::String(StringType {
            length,
            charset: match cset {
                H5T_CSET_UTF8 => CharSet::Utf8,
                _ => CharSet::Ascii,
            },
            padding: match padding {
                H5T_STR_NULLPAD => StringPad::NullPadded,
                H5T_STR_SPACEPAD => StringPad::SpacePadded,
                _ => StringPad::NullTerminated,
            },
        }))
    }

    fn describe_opaque(&self, ty: hid_t) -> Result<Datatype> {
        // SAFETY: returns a string that the caller frees, or null.
        let tag = unsafe { (self.h5.H5Tget_tag)(ty) };
        Ok(Datatype::Opaque {
            size: u32::try_from(self.type_size(ty)?).map_err(|_| too_large())?,
            tag: self.take_string(tag).unwrap_or_default(),
        })
    }

    fn describe_reference(&self, ty: hid_t) -> Result<Datatype> {
        for (variable, kind) in [
            (c"H5T_STD_REF_OBJ_g", ReferenceType::Object),
            (c"H5T_STD_REF_DSETREG_g", ReferenceType::Region),
            (c"H5T_STD_REF_g", ReferenceType::Any),
        ] {
            if self.same_type(ty, self.predefined(variable)?)? {
                return Ok(Datatype::Reference(kind));
            }
        }
        Err(Error::unsupported("references of an unknown kind"))
    }

    fn describe_compound(&'static self, ty: hid_t) -> Result<Datatype> {
        let mut members = Vec::new();
        for n in 0..self.member_count(ty)? {
            // SAFETY: queries about the n-th member, which exists; the type is a new id.
            let (offset, member) = unsafe {
                (
                    (self.h5.H5Tget_member_offset)(ty, n),
                    (self.h5.H5Tget_member_type)(ty, n),
                )
            };
            let member = self.own(member, "tell the type of a compound member")?;
            members.push(Member {
                name: self.member_name(ty, n)?,
                offset: offset as u64,
                datatype: self.describe_type(member.get())?,
            });
        }
        Ok(Datatype::Compound(CompoundType {
            members,
            size: self.type_size(ty)? as u64,
        }))
    }

    fn describe_enum(&'static self, ty: hid_t) -> Result<Datatype> {
        let base = self.super_type(ty)?;
        let base = self.describe_integer(base.get())?;
        let size = base.bits.size as usize;
        if size > 8 {
            return Err(Error::unsupported("enums of more than 64 bits"));
        }
        let mut members = Vec::new();
        for n in 0..self.member_count(ty)? {
            let mut value = vec![0u8; size];
            // SAFETY: the buffer has the size of the enum's base type.
            let status = unsafe { (self.h5.H5Tget_member_value)(ty, n, value.as_mut_ptr().cast()) };
            self.check(status, "tell the value of an enum member")?;
            members.push((self.member_name(ty, n)?, integer_from_bytes(&base, &value)));
        }
        Ok(Datatype::Enum(EnumType { base, members }))
    }

    fn describe_array(&'static self, ty: hid_t) -> Result<Datatype> {
        // SAFETY: a query about an id.
        let rank = unsafe { (self.h5.H5Tget_array_ndims)(ty) };
        let rank = usize::try_from(rank).map_err(|_| self.failure("describe an array type"))?;
        let mut dims = vec![0u64; rank];
        // SAFETY: the buffer has one entry per dimension.
        let status = unsafe { (self.h5.H5Tget_array_dims2)(ty, dims.as_mut_ptr()) };
        self.check(status, "describe an array type")?;
        let base = self.super_type(ty)?;
        Ok(Datatype::Array {
            base: Box::new(self.describe_type(base.get())?),
            dims,
        })
    }

    fn member_count(&self, ty: hid_t) -> Result<c_uint> {
        // SAFETY: a query about an id.
        let count: c_int = unsafe { (self.h5.H5Tget_nmembers)(ty) };
        c_uint::try_from(count).map_err(|_| self.failure("count the members of a datatype"))
    }

    fn member_name(&self, ty: hid_t, n: c_uint) -> Result<String> {
        // SAFETY: returns a string that the caller frees, or null.
        let name = unsafe { (self.h5.H5Tget_member_name)(ty, n) };
        self.take_string(name)
            .ok_or_else(|| self.failure("tell the name of a datatype member"))
    }

    /// Copies a name that the library allocated for the caller, and frees it.
    pub(in crate::host) fn take_string(&self, text: *mut c_char) -> Option<String> {
        if text.is_null() {
            return None;
        }
        // SAFETY: a C string of the library's, not null.
        let copy = names::from_bytes(unsafe { CStr::from_ptr(text) }.to_bytes());
        // SAFETY: allocated by the library for its caller, freed once.
        unsafe { (self.h5.H5free_memory)(text.cast()) };
        Some(copy)
    }
}

fn pad(pad: H5T_pad_t) -> BitPad {
    match pad {
        H5T_PAD_ONE => BitPad::One,
        H5T_PAD_BACKGROUND => BitPad::Background,
        _ => BitPad::Zero,
    }
}

fn too_large() -> Error {
    Error::new(
        ErrorKind::Invalid,
        "a datatype of more than 4 GiB".to_owned(),
    )
}

/// Value of an integer of at most 8 bytes, all of whose bits count.
fn integer_from_bytes(ty: &IntegerType, bytes: &[u8]) -> i128 {
    let mut wide = [0u8; 8];
    let place = &mut wide[..bytes.len()];
    place.copy_from_slice(bytes);
    ty.bits.order.exchange_with_little(place);
    let value = u64::from_le_bytes(wide);
    let spare = 64 - 8 * bytes.len() as u32;
    if ty.signed {
        i128::from(((value << spare) as i64) >> spare)
    } else {
        i128::from(value)
    }
}
