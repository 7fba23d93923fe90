//! From the protocol's description of a type to a type of the host library.

use std::ffi::CStr;

use h5rest_protocol::datatype::{
    BitLayout, BitPad, ByteOrder, CharSet, CompoundType, Datatype, EnumType, FloatType,
    IntegerType, Normalization, ReferenceType, StringLength, StringPad, StringType,
};

use super::super::Host;
use super::super::id::OwnedId;
use super::super::names;
use crate::connector::{Error, ErrorKind, Result};
use crate::ffi::*;

impl Host {
    /// Makes the type that `datatype` describes.
    pub fn build_type(&'static self, datatype: &Datatype) -> Result<OwnedId> {
        match datatype {
            Datatype::Integer(integer) => self.build_integer(integer),
            Datatype::Float(float) => self.build_float(float),
            Datatype::Time(bits) => self.build_time(bits),
            Datatype::Bitfield(bits) => {
                let ty = self.copy_predefined(c"H5T_STD_B8LE_g")?;
                self.set_bits(&ty, bits)?;
                Ok(ty)
            }
            Datatype::String(string) => self.build_string(string),
            Datatype::Opaque { size, tag } => self.build_opaque(*size, tag),
            Datatype::Compound(compound) => self.build_compound(compound),
            Datatype::Reference(kind) => self.copy_predefined(match kind {
                ReferenceType::Object => c"H5T_STD_REF_OBJ_g",
                ReferenceType::Region => c"H5T_STD_REF_DSETREG_g",
                ReferenceType::Any => c"H5T_STD_REF_g",
            }),
            Datatype::Enum(ty) => self.build_enum(ty),
            Datatype::Vlen(base) => {
                let base = self.build_type(base)?;
                // SAFETY: makes a new id.
                let ty = unsafe { (self.h5.H5Tvlen_create)(base.get()) };
                self.own(ty, "make a variable-length type")
            }
            Datatype::Array { base, dims } => {
                let base = self.build_type(base)?;
                let rank = dims.len() as u32;
                // SAFETY: `dims` has one entry per dimension.
                let ty = unsafe { (self.h5.H5Tarray_create2)(base.get(), rank, dims.as_ptr()) };
                self.own(ty, "make an array type")
            }
            Datatype::Complex(part) => self.build_complex(part),
        }
    }

    fn copy_predefined(&'static self, variable: &'static CStr) -> Result<OwnedId> {
        self.copy_type(self.predefined(variable)?)
    }

    /// The library's own type for a number of a common form. It is not to be closed.
    pub fn standard_number(&self, datatype: &Datatype) -> Option<hid_t> {
        let variable = match datatype {
            Datatype::Integer(integer) => standard_integer(integer),
            Datatype::Float(float) => standard_float(float),
            _ => None,
        };
        self.predefined(variable?).ok()
    }

    fn build_integer(&'static self, integer: &IntegerType) -> Result<OwnedId> {
        if let Some(variable) = standard_integer(integer) {
            return self.copy_predefined(variable);
        }
        let ty = self.copy_predefined(c"H5T_STD_U8LE_g")?;
        let sign = if integer.signed {
            H5T_SGN_2
        } else {
            H5T_SGN_NONE
        };
        self.set_bits(&ty, &integer.bits)?;
        // SAFETY: changes a type that is ours alone.
        let status = unsafe { (self.h5.H5Tset_sign)(ty.get(), sign) };
        self.check(status, "make an integer type")?;
        Ok(ty)
    }

    /// Gives a new one-byte integer or bitfield its layout: growing sets the precision too, so
    /// the precision comes after the size, and the offset after that.
    fn set_bits(&self, ty: &OwnedId, bits: &BitLayout) -> Result<()> {
        let id = ty.get();
        // SAFETY: each call changes a type that is ours alone; HDF5 checks the values.
        let statuses = unsafe {
            [
                (self.h5.H5Tset_size)(id, bits.size as usize),
                (self.h5.H5Tset_order)(id, order(bits.order)),
                (self.h5.H5Tset_precision)(id, bits.precision as usize),
                (self.h5.H5Tset_offset)(id, bits.offset as usize),
                (self.h5.H5Tset_pad)(id, pad(bits.lsb_pad), pad(bits.msb_pad)),
            ]
        };
        for status in statuses {
            self.check(status, "lay out the bits of a number type")?;
        }
        Ok(())
    }

    fn build_float(&'static self, float: &FloatType) -> Result<OwnedId> {
        if let Some(variable) = standard_float(float) {
            return self.copy_predefined(variable);
        }
        // A type into which HDF5 has changed the order itself would lose it in a local file: the message in an
        // object's header has room for it from its third version on, which only HDF5's own types ask for.
        let ty = self.copy_predefined(match float.bits.order {
            ByteOrder::Vax => c"H5T_VAX_F64_g",
            _ => c"H5T_IEEE_F64LE_g",
        })?;
        self.set_float(&ty, float)?;
        Ok(ty)
    }

    /// Turns a new 8-byte float into any other. Fields must lie within the precision (counted from
    /// the offset when that changes), and the precision within the size, at every step: the type
    /// first grows to where both the old and the new ones fit.
    fn set_float(&self, ty: &OwnedId, float: &FloatType) -> Result<()> {
        let (id, bits) = (ty.get(), &float.bits);
        let norm = match float.normalization {
            Normalization::Implied => H5T_NORM_IMPLIED,
            Normalization::MsbSet => H5T_NORM_MSBSET,
            Normalization::None => H5T_NORM_NONE,
        };
        // SAFETY: each call changes a type that is ours alone; HDF5 checks the values.
        unsafe {
            let fields = || {
                (self.h5.H5Tset_fields)(
                    id,
                    float.sign_position as usize,
                    float.exponent_position as usize,
                    float.exponent_bits as usize,
                    float.mantissa_position as usize,
                    float.mantissa_bits as usize,
                )
            };
            let large = (bits.size as usize).max(8);
            let what = "lay out a floating-point type";
            // Twice as large, so that the offset fits before the precision has shrunk.
            self.check((self.h5.H5Tset_size)(id, 2 * large), what)?;
            self.check((self.h5.H5Tset_precision)(id, 8 * large), what)?;
            self.check(fields(), what)?;
            self.check((self.h5.H5Tset_offset)(id, bits.offset as usize), what)?;
            self.check(
                (self.h5.H5Tset_precision)(id, bits.precision as usize),
                what,
            )?;
            self.check((self.h5.H5Tset_size)(id, bits.size as usize), what)?;
            for status in [
                (self.h5.H5Tset_ebias)(id, float.exponent_bias as usize),
                (self.h5.H5Tset_norm)(id, norm),
                (self.h5.H5Tset_inpad)(id, pad(float.internal_pad)),
                (self.h5.H5Tset_pad)(id, pad(bits.lsb_pad), pad(bits.msb_pad)),
                (self.h5.H5Tset_order)(id, order(bits.order)),
            ] {
                self.check(status, what)?;
            }
        }
        Ok(())
    }

    /// HDF5 declares times of 32 and 64 bits in both byte orders, and no others; a program may have
    /// changed their precision.
    fn build_time(&'static self, bits: &BitLayout) -> Result<OwnedId> {
        let ty = self.copy_predefined(match (bits.size, bits.order) {
            (4, ByteOrder::Little) => c"H5T_UNIX_D32LE_g",
            (4, ByteOrder::Big) => c"H5T_UNIX_D32BE_g",
            (8, ByteOrder::Little) => c"H5T_UNIX_D64LE_g",
            (8, ByteOrder::Big) => c"H5T_UNIX_D64BE_g",
            (size, _) => {
                return Err(Error::unsupported(&format!("times of {size} bytes")));
            }
        })?;
        if bits.precision != bits.size * 8 {
            // SAFETY: changes a type that is ours alone.
            let status = unsafe { (self.h5.H5Tset_precision)(ty.get(), bits.precision as usize) };
            self.check(status, "set the precision of a time")?;
        }
        Ok(ty)
    }

    fn build_string(&'static self, string: &StringType) -> Result<OwnedId> {
        let ty = self.copy_predefined(c"H5T_C_S1_g")?;
        let size = match string.length {
            StringLength::Variable => H5T_VARIABLE,
            // HSDS admits strings of length 0, HDF5 does not: such elements are one NUL.
            StringLength::Fixed(length) => (length as usize).max(1),
        };
        let cset = match string.charset {
            CharSet::Ascii => H5T_CSET_ASCII,
            CharSet::Utf8 => H5T_CSET_UTF8,
        };
        let padding = match string.padding {
            StringPad::NullTerminated => H5T_STR_NULLTERM,
            StringPad::NullPadded => H5T_STR_NULLPAD,
            StringPad::SpacePadded => H5T_STR_SPACEPAD,
        };
        // SAFETY: each call changes a type that is ours alone.
        for status in unsafe {
            [
                (self.h5.H5Tset_size)(ty.get(), size),
                (self.h5.H5Tset_strpad)(ty.get(), padding),
                (self.h5.H5Tset_cset)(ty.get(), cset),
            ]
        } {
            self.check(status, "make a string type")?;
        }
        Ok(ty)
    }

    fn build_opaque(&'static self, size: u32, tag: &str) -> Result<OwnedId> {
        // SAFETY: makes a new id.
        let ty = unsafe { (self.h5.H5Tcreate)(H5T_OPAQUE, size as usize) };
        let ty = self.own(ty, "make an opaque type")?;
        let tag = names::to_c(tag)?;
        // SAFETY: changes a type that is ours alone; HDF5 copies the tag.
        let status = unsafe { (self.h5.H5Tset_tag)(ty.get(), tag.as_ptr()) };
        self.check(status, "tag an opaque type")?;
        Ok(ty)
    }

    fn build_compound(&'static self, compound: &CompoundType) -> Result<OwnedId> {
        let size = usize::try_from(compound.size).map_err(|_| too_large())?;
        // SAFETY: makes a new id.
        let ty = unsafe { (self.h5.H5Tcreate)(H5T_COMPOUND, size) };
        let ty = self.own(ty, "make a compound type")?;
        for member in &compound.members {
            let name = names::to_c(&member.name)?;
            let offset = usize::try_from(member.offset).map_err(|_| too_large())?;
            let of_member = self.build_type(&member.datatype)?;
            // SAFETY: changes a type that is ours alone; HDF5 copies name and type, and checks
            // that the member fits.
            let status =
                unsafe { (self.h5.H5Tinsert)(ty.get(), name.as_ptr(), offset, of_member.get()) };
            self.check(
                status,
                &format!("add member '{}' to a compound type", member.name),
            )?;
        }
        Ok(ty)
    }

    fn build_enum(&'static self, ty: &EnumType) -> Result<OwnedId> {
        let base = self.build_integer(&ty.base)?;
        // SAFETY: makes a new id.
        let id = unsafe { (self.h5.H5Tenum_create)(base.get()) };
        let id = self.own(id, "make an enum type")?;
        for (name, value) in &ty.members {
            let value = integer_to_bytes(&ty.base, *value);
            let c_name = names::to_c(name)?;
            // SAFETY: the value has the size of the base type; HDF5 copies both.
            let status = unsafe {
                (self.h5.H5Tenum_insert)(id.get(), c_name.as_ptr(), value.as_ptr().cast())
            };
            self.check(status, &format!("add '{name}' to an enum type"))?;
        }
        Ok(id)
    }

    fn build_complex(&'static self, part: &FloatType) -> Result<OwnedId> {
        let Some(create) = self.optional.H5Tcomplex_create else {
            let (major, minor, release) = self.version();
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "complex numbers need HDF5 2.0 or newer, this is {major}.{minor}.{release}"
                ),
            ));
        };
        let part = self.build_float(part)?;
        // SAFETY: makes a new id.
        self.own(unsafe { create(part.get()) }, "make a complex type")
    }
}

/// The variable that holds the predefined type, if there is one.
fn standard_integer(integer: &IntegerType) -> Option<&'static CStr> {
    let bits = &integer.bits;
    let whole = bits.precision == bits.size.saturating_mul(8)
        && bits.offset == 0
        && (bits.lsb_pad, bits.msb_pad) == (BitPad::Zero, BitPad::Zero);
    let little = bits.order == ByteOrder::Little;
    Some(match (bits.size, integer.signed, little) {
        _ if !whole => return None,
        (1, true, true) => c"H5T_STD_I8LE_g",
        (1, false, true) => c"H5T_STD_U8LE_g",
        (2, true, true) => c"H5T_STD_I16LE_g",
        (2, false, true) => c"H5T_STD_U16LE_g",
        (4, true, true) => c"H5T_STD_I32LE_g",
        (4, false, true) => c"H5T_STD_U32LE_g",
        (8, true, true) => c"H5T_STD_I64LE_g",
        (8, false, true) => c"H5T_STD_U64LE_g",
        (2, true, false) => c"H5T_STD_I16BE_g",
        (2, false, false) => c"H5T_STD_U16BE_g",
        (4, true, false) => c"H5T_STD_I32BE_g",
        (4, false, false) => c"H5T_STD_U32BE_g",
        (8, true, false) => c"H5T_STD_I64BE_g",
        (8, false, false) => c"H5T_STD_U64BE_g",
        _ => return None,
    })
}

/// The same for floats.
fn standard_float(float: &FloatType) -> Option<&'static CStr> {
    Some(match (float.bits.size, float.bits.order) {
        _ if !float.is_ieee() => return None,
        (4, ByteOrder::Little) => c"H5T_IEEE_F32LE_g",
        (4, ByteOrder::Big) => c"H5T_IEEE_F32BE_g",
        (8, ByteOrder::Little) => c"H5T_IEEE_F64LE_g",
        (8, ByteOrder::Big) => c"H5T_IEEE_F64BE_g",
        _ => return None,
    })
}

fn order(order: ByteOrder) -> H5T_order_t {
    match order {
        ByteOrder::Little => H5T_ORDER_LE,
        ByteOrder::Big => H5T_ORDER_BE,
        ByteOrder::Vax => H5T_ORDER_VAX,
    }
}

fn pad(pad: BitPad) -> H5T_pad_t {
    match pad {
        BitPad::Zero => H5T_PAD_ZERO,
        BitPad::One => H5T_PAD_ONE,
        BitPad::Background => H5T_PAD_BACKGROUND,
    }
}

fn too_large() -> Error {
    Error::new(
        ErrorKind::Invalid,
        "a datatype too large for memory".to_owned(),
    )
}

/// Bytes of an enum value in its base type; wider base types are sign-extended.
fn integer_to_bytes(ty: &IntegerType, value: i128) -> Vec<u8> {
    let mut bytes = value.to_le_bytes().to_vec();
    let fill = if value < 0 { 0xff } else { 0 };
    bytes.resize(ty.bits.size as usize, fill);
    ty.bits.order.exchange_with_little(&mut bytes);
    bytes
}
