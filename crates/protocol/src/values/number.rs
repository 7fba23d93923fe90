//! Numbers between their bytes and Rust's: integers and bit strings of any layout up to 128 bits,
//! IEEE floats of 16, 32 and 64 bits. Used by the JSON encoding.

use crate::datatype::{BitLayout, BitPad, ByteOrder, FloatType};

/// The bits of up to 16 bytes as one number; `None` if there are more.
fn bits_of(bytes: &[u8], order: ByteOrder) -> Option<u128> {
    let mut wide = [0u8; 16];
    let place = wide.get_mut(..bytes.len())?;
    place.copy_from_slice(bytes);
    order.exchange_with_little(place);
    Some(u128::from_le_bytes(wide))
}

/// The reverse of [`bits_of`].
fn bytes_of(bits: u128, size: u32, order: ByteOrder) -> Option<Vec<u8>> {
    let mut bytes = bits.to_le_bytes().get(..size as usize)?.to_vec();
    order.exchange_with_little(&mut bytes);
    Some(bytes)
}

/// `count` ones from the lowest bit up.
fn ones(count: u32) -> u128 {
    match count {
        0 => 0,
        1..=127 => (1 << count) - 1,
        _ => u128::MAX,
    }
}

/// The significant bits of an element; `None` for layouts wider than 128 bits.
pub(super) fn unsigned(bytes: &[u8], layout: &BitLayout) -> Option<u128> {
    let bits = bits_of(bytes, layout.order)?;
    Some((bits >> layout.offset.min(127)) & ones(layout.precision))
}

/// The significant bits of an element as a two's complement number.
pub(super) fn signed(bytes: &[u8], layout: &BitLayout) -> Option<i128> {
    let bits = unsigned(bytes, layout)?;
    let unused = 128u32.checked_sub(layout.precision)?;
    Some(((bits << unused) as i128) >> unused)
}

/// The element whose significant bits are the low ones of `bits`; unused bits are filled as the
/// layout says, "background" ones with zeros.
pub(super) fn element(bits: u128, layout: &BitLayout) -> Option<Vec<u8>> {
    let end = layout.offset.checked_add(layout.precision)?;
    let mut all = (bits & ones(layout.precision)) << layout.offset.min(127);
    if layout.lsb_pad == BitPad::One {
        all |= ones(layout.offset);
    }
    if layout.msb_pad == BitPad::One {
        all |= ones(layout.size.checked_mul(8)?) & !ones(end);
    }
    bytes_of(all, layout.size, layout.order)
}

/// Whether `value` can be told apart from all others in this layout.
pub(super) fn fits(value: i128, layout: &BitLayout, is_signed: bool) -> bool {
    let Some(unused) = 128u32.checked_sub(layout.precision) else {
        return false;
    };
    if is_signed {
        (value << unused) >> unused == value
    } else {
        value >= 0 && ((value as u128) << unused) >> unused == value as u128
    }
}

/// The number an IEEE element of 2, 4 or 8 bytes stands for; `None` for other layouts.
pub(super) fn float(bytes: &[u8], layout: &FloatType) -> Option<f64> {
    if !layout.is_ieee() {
        return None;
    }
    let bits = bits_of(bytes, layout.bits.order)?;
    match bytes.len() {
        2 => Some(half_to_f64(bits as u16)),
        4 => Some(f64::from(f32::from_bits(bits as u32))),
        8 => Some(f64::from_bits(bits as u64)),
        _ => None,
    }
}

/// The IEEE element nearest to `value`; `None` for layouts other than 2, 4 or 8 bytes.
pub(super) fn float_element(value: f64, layout: &FloatType) -> Option<Vec<u8>> {
    if !layout.is_ieee() {
        return None;
    }
    let bits = match layout.bits.size {
        2 => u128::from(f64_to_half(value)),
        4 => u128::from((value as f32).to_bits()),
        8 => u128::from(value.to_bits()),
        _ => return None,
    };
    bytes_of(bits, layout.bits.size, layout.bits.order)
}

/// Halves, by the three cases of IEEE 754: subnormal, special, normal.
fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let mantissa = f64::from(bits & 0x3ff);
    match exponent {
        0 => sign * mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        _ => sign * (1.0 + mantissa / 1024.0) * 2f64.powi(exponent - 15),
    }
}

/// Rounds to nearest, ties to even, as IEEE 754 asks.
fn f64_to_half(value: f64) -> u16 {
    let sign = u16::from(value.is_sign_negative()) << 15;
    let magnitude = value.abs();
    if value.is_nan() {
        return sign | 0x7e00;
    }
    // 65520 is half way between the largest half and the next power of two.
    if magnitude >= 65520.0 {
        return sign | 0x7c00;
    }
    // Below 2^-14 halves are multiples of 2^-24, and the bits are just that multiple.
    if magnitude < 2f64.powi(-14) {
        return sign | (magnitude * 2f64.powi(24)).round_ties_even() as u16;
    }
    let exponent = ((magnitude.to_bits() >> 52) as i32) - 1023;
    let units = (magnitude * 2f64.powi(10 - exponent)).round_ties_even() as u16;
    // A carry out of the mantissa lands in the exponent, where it belongs.
    sign | ((((exponent + 15) as u16) << 10) + (units - 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for (bits, value) in [
            (0x0000u16, 0.0),
            (0x0001, 2f64.powi(-24)),
            (0x03ff, 1023.0 * 2f64.powi(-24)),
            (0x0400, 2f64.powi(-14)),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x7c00, f64::INFINITY),
        ] {
            assert_eq!(half_to_f64(bits), value);
            assert_eq!(f64_to_half(value), bits);
        }
        assert!(half_to_f64(0x7e00).is_nan());
        assert_eq!(
            f64_to_half(1.0 + 1.0 / 2048.0),
            0x3c00,
            "a tie goes to the even neighbour"
        );
        assert_eq!(
            f64_to_half(2047.5),
            0x6800,
            "a carry goes into the exponent"
        );
        for bits in 0..0x7c00u16 {
            assert_eq!(f64_to_half(half_to_f64(bits)), bits);
        }
    }

    #[test]
    fn odd_layouts() {
        let layout = BitLayout {
            precision: 12,
            offset: 2,
            lsb_pad: BitPad::One,
            msb_pad: BitPad::One,
            ..BitLayout::whole(2, ByteOrder::Big)
        };
        let bytes = element(-5i128 as u128, &layout).unwrap();
        assert_eq!(bytes, [0xff, 0xef]);
        assert_eq!(signed(&bytes, &layout), Some(-5));
        assert_eq!(unsigned(&bytes, &layout), Some(0xffb));
        assert!(fits(2047, &layout, true) && !fits(2048, &layout, true));
        assert!(fits(4095, &layout, false) && !fits(-1, &layout, false));
        let wide = BitLayout::whole(16, ByteOrder::Little);
        assert_eq!(signed(&[0xff; 16], &wide), Some(-1));
        assert_eq!(unsigned(&[0xff; 17], &wide), None);
    }
}
