//! Numbers in JSON: integers, bit fields, times and floats, by a predefined name or by how their bits lie.
//! Called by the parent module.

use serde_json::{Value, json};

use super::{bad, reference_from_name};
use crate::datatype::{
    BitLayout, BitPad, ByteOrder, Datatype, FloatType, IntegerType, Normalization,
};
use crate::error::Result;

pub(super) fn integer_to_json(integer: &IntegerType) -> Value {
    let bits = &integer.bits;
    if bits.is_whole() {
        let prefix = if integer.signed { "STD_I" } else { "STD_U" };
        return json!({"class": "H5T_INTEGER", "base": name_of(prefix, bits)});
    }
    let mut document = bits_to_json(bits, "H5T_INTEGER");
    document["signType"] = json!(if integer.signed {
        "H5T_SGN_2"
    } else {
        "H5T_SGN_NONE"
    });
    document
}

pub(super) fn float_to_json(float: &FloatType, class: &str) -> Value {
    let bits = &float.bits;
    if float.is_ieee() {
        return json!({"class": class, "base": name_of("IEEE_F", bits)});
    }
    let mut document = bits_to_json(bits, class);
    document["signBitPos"] = json!(float.sign_position);
    document["expBitPos"] = json!(float.exponent_position);
    document["expBits"] = json!(float.exponent_bits);
    document["expBias"] = json!(float.exponent_bias);
    document["mantBitPos"] = json!(float.mantissa_position);
    document["mantBits"] = json!(float.mantissa_bits);
    document["mantNorm"] = json!(match float.normalization {
        Normalization::Implied => "H5T_NORM_IMPLIED",
        Normalization::MsbSet => "H5T_NORM_MSBSET",
        Normalization::None => "H5T_NORM_NONE",
    });
    document["intlbPad"] = json!(pad_name(float.internal_pad));
    document
}

pub(super) fn bits_to_json(bits: &BitLayout, class: &str) -> Value {
    json!({
        "class": class,
        "size": bits.size,
        "byteOrder": match bits.order {
            ByteOrder::Little => "H5T_ORDER_LE",
            ByteOrder::Big => "H5T_ORDER_BE",
            ByteOrder::Vax => "H5T_ORDER_VAX",
        },
        "precision": bits.precision,
        "bitOffset": bits.offset,
        "lsbPad": pad_name(bits.lsb_pad),
        "msbPad": pad_name(bits.msb_pad),
    })
}

fn pad_name(pad: BitPad) -> &'static str {
    match pad {
        BitPad::Zero => "H5T_PAD_ZERO",
        BitPad::One => "H5T_PAD_ONE",
        BitPad::Background => "H5T_PAD_BACKGROUND",
    }
}

/// `H5T_` + prefix + bits + byte order, which is not that of the VAX.
pub(super) fn name_of(prefix: &str, bits: &BitLayout) -> String {
    let order = if bits.order == ByteOrder::Big {
        "BE"
    } else {
        "LE"
    };
    format!("H5T_{prefix}{}{order}", u64::from(bits.size) * 8)
}

/// Reads `H5T_STD_I32LE` and its like; inside `base` HSDS lets the byte order away, which means
/// little endian.
pub(super) fn predefined(name: &str) -> Option<Datatype> {
    let name = name.strip_prefix("H5T_")?;
    if let Some(kind) = reference_from_name(name) {
        return Some(Datatype::Reference(kind));
    }
    let (stem, order) = match (name.strip_suffix("LE"), name.strip_suffix("BE")) {
        (Some(stem), _) => (stem, ByteOrder::Little),
        (_, Some(stem)) => (stem, ByteOrder::Big),
        _ => (name, ByteOrder::Little),
    };
    let size = |digits: &str| -> Option<u32> {
        let bits: u32 = digits.parse().ok()?;
        (bits > 0 && bits.is_multiple_of(8) && bits <= 8 * 255).then_some(bits / 8)
    };
    let (kind, digits) = stem.split_at_checked(stem.find(|c: char| c.is_ascii_digit())?)?;
    match kind {
        "STD_I" => Some(Datatype::Integer(IntegerType::whole(
            size(digits)?,
            true,
            order,
        ))),
        "STD_U" => Some(Datatype::Integer(IntegerType::whole(
            size(digits)?,
            false,
            order,
        ))),
        "STD_B" => Some(Datatype::Bitfield(BitLayout::whole(size(digits)?, order))),
        "IEEE_F" => FloatType::ieee(size(digits)?, order).map(Datatype::Float),
        _ => None,
    }
}

pub(super) fn read_integer(document: &Value) -> Result<IntegerType> {
    if let Some(name) = document.get("base").and_then(Value::as_str) {
        return match predefined(name) {
            Some(Datatype::Integer(integer)) => Ok(integer),
            _ => Err(bad("unknown integer", document)),
        };
    }
    let signed = match document.get("signType").and_then(Value::as_str) {
        Some("H5T_SGN_2") => true,
        Some("H5T_SGN_NONE") => false,
        _ => return Err(bad("no base and no signType", document)),
    };
    Ok(IntegerType {
        bits: read_bits(document)?,
        signed,
    })
}

pub(super) fn read_bitfield(document: &Value) -> Result<Datatype> {
    match document.get("base").and_then(Value::as_str) {
        Some(name) => match predefined(name) {
            Some(bitfield @ Datatype::Bitfield(_)) => Ok(bitfield),
            _ => Err(bad("unknown bitfield", document)),
        },
        None => read_bits(document).map(Datatype::Bitfield),
    }
}

pub(super) fn read_float(document: &Value) -> Result<FloatType> {
    if let Some(name) = document.get("base").and_then(Value::as_str) {
        return match predefined(name) {
            Some(Datatype::Float(float)) => Ok(float),
            _ => Err(bad("unknown float", document)),
        };
    }
    let normalization = match document.get("mantNorm").and_then(Value::as_str) {
        Some("H5T_NORM_IMPLIED") | None => Normalization::Implied,
        Some("H5T_NORM_MSBSET") => Normalization::MsbSet,
        Some("H5T_NORM_NONE") => Normalization::None,
        Some(_) => return Err(bad("unknown mantNorm", document)),
    };
    let float = FloatType {
        bits: read_ordered_bits(document)?,
        sign_position: number(document, "signBitPos")?,
        exponent_position: number(document, "expBitPos")?,
        exponent_bits: number(document, "expBits")?,
        exponent_bias: wide_number(document, "expBias")?,
        mantissa_position: number(document, "mantBitPos")?,
        mantissa_bits: number(document, "mantBits")?,
        normalization,
        internal_pad: read_pad(document, "intlbPad")?,
    };
    let within = |position: u32, bits: u32| {
        bits > 0
            && position
                .checked_add(bits)
                .is_some_and(|end| end <= float.bits.precision + float.bits.offset)
    };
    let fits = within(float.sign_position, 1)
        && within(float.exponent_position, float.exponent_bits)
        && within(float.mantissa_position, float.mantissa_bits);
    fits.then_some(float)
        .ok_or_else(|| bad("fields outside the significant bits", document))
}

/// Bits in an order that any number can have.
pub(super) fn read_bits(document: &Value) -> Result<BitLayout> {
    match read_ordered_bits(document)? {
        bits if bits.order == ByteOrder::Vax => Err(bad("byteOrder of floats", document)),
        bits => Ok(bits),
    }
}

fn read_ordered_bits(document: &Value) -> Result<BitLayout> {
    let size: u32 = number(document, "size")?;
    let order = match document.get("byteOrder").and_then(Value::as_str) {
        Some("H5T_ORDER_LE") | None => ByteOrder::Little,
        Some("H5T_ORDER_BE") => ByteOrder::Big,
        Some("H5T_ORDER_VAX") if size.is_multiple_of(2) => ByteOrder::Vax,
        Some(_) => return Err(bad("unknown byteOrder", document)),
    };
    let whole = BitLayout::whole(size, order);
    let bits = BitLayout {
        precision: optional(document, "precision")?.unwrap_or(whole.precision),
        offset: optional(document, "bitOffset")?.unwrap_or(0),
        lsb_pad: read_pad(document, "lsbPad")?,
        msb_pad: read_pad(document, "msbPad")?,
        ..whole
    };
    let end = bits.precision.checked_add(bits.offset);
    let fits = size > 0 && bits.precision > 0 && end.is_some_and(|end| end <= whole.precision);
    fits.then_some(bits)
        .ok_or_else(|| bad("bits that do not fit the size", document))
}

fn read_pad(document: &Value, key: &str) -> Result<BitPad> {
    match document.get(key).and_then(Value::as_str) {
        None | Some("H5T_PAD_ZERO") => Ok(BitPad::Zero),
        Some("H5T_PAD_ONE") => Ok(BitPad::One),
        Some("H5T_PAD_BACKGROUND") => Ok(BitPad::Background),
        Some(_) => Err(bad("unknown padding", document)),
    }
}

fn wide_number(document: &Value, key: &str) -> Result<u64> {
    let value = document.get(key).and_then(Value::as_u64);
    value.ok_or_else(|| bad(&format!("no {key}"), document))
}

pub(super) fn number(document: &Value, key: &str) -> Result<u32> {
    let value = wide_number(document, key)?;
    u32::try_from(value).map_err(|_| bad(&format!("{key} too large"), document))
}

fn optional(document: &Value, key: &str) -> Result<Option<u32>> {
    match document.get(key) {
        None => Ok(None),
        Some(_) => number(document, key).map(Some),
    }
}

// ---- strings, references ------------------------------------------------------------------
