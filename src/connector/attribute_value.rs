//! Values of attributes between wire form and the documents that servers keep.
//!
//! HSDS stores the JSON it is sent. Every value goes as JSON where that is exact; as base64 of
//! the bytes where it is not; and as bytes in a request of their own where HSDS could not show
//! the base64 again (strings that are not UTF-8).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use h5rest_protocol::values::{binary, json};
use h5rest_protocol::{Datatype, Shape};
use serde_json::Value;

use super::error::{Error, Result};

/// Zeros that are made for an attribute that was never written: servers may tell any extent.
const MOST_BYTES: usize = 1 << 30;

/// How a value is sent.
#[derive(Debug, PartialEq)]
pub(super) enum Sent {
    /// There is nothing to send: no elements.
    Nothing,
    /// As the `value` of the attribute's document.
    Json(Value),
    /// As the `value`, with `encoding` base64.
    Base64(String),
    /// As bytes, after the attribute was created without value.
    Bytes,
}

/// Chooses how to send a value given in wire form. `any_bytes` says that the server shows base64
/// of any bytes.
pub(super) fn encode(ty: &Datatype, shape: &Shape, bytes: &[u8], any_bytes: bool) -> Result<Sent> {
    if shape.count() == Some(0) {
        return Ok(Sent::Nothing);
    }
    let dims = shape.dims();
    let text = json::array_to_json(ty, dims, bytes);
    let exact = text.as_ref().is_ok_and(|value| {
        let back = json::array_from_json(ty, dims, value);
        back.is_ok_and(|back| back == bytes) && !misread_by_hsds(ty, shape, bytes)
    });
    if exact {
        // Not finite numbers are bare tokens on the wire.
        let value = json::array_to_reply(ty, dims, bytes)?;
        return Ok(Sent::Json(value));
    }
    if ty.is_variable() && !any_bytes {
        return match text {
            Ok(_) => Err(Error::invalid(
                "a value of variable size cannot be sent exactly",
            )),
            Err(error) => Err(Error::invalid(format!("the value cannot be sent: {error}"))),
        };
    }
    // A string that is not UTF-8 fails as JSON; so does nothing else of fixed size.
    if text.is_ok() || any_bytes {
        Ok(Sent::Base64(BASE64.encode(bytes)))
    } else {
        Ok(Sent::Bytes)
    }
}

/// Values that HSDS refuses as JSON and takes as base64.
fn misread_by_hsds(ty: &Datatype, shape: &Shape, bytes: &[u8]) -> bool {
    let strings = !ty.is_variable() && ty.any(&|inner| matches!(inner, Datatype::String(_)));
    let lone_member = matches!(ty, Datatype::Compound(c) if c.members.len() == 1);
    let array = matches!(shape, Shape::Simple { .. });
    (strings && !bytes.is_ascii()) || (lone_member && array && !ty.is_variable())
}

/// Wire form of what the server sent.
pub(super) fn decode(ty: &Datatype, shape: &Shape, value: &Value, base64: bool) -> Result<Vec<u8>> {
    if let (true, Some(text)) = (base64, value.as_str()) {
        let bytes = BASE64.decode(text);
        return bytes.map_err(|error| Error::protocol(format!("the value is not base64: {error}")));
    }
    Ok(json::array_from_json(ty, shape.dims(), value)?)
}

/// What an attribute holds that was never written.
pub(super) fn zeros(ty: &Datatype, shape: &Shape) -> Result<Vec<u8>> {
    binary::zeros(ty, count(shape)?, MOST_BYTES).map_err(|_| {
        Error::invalid("the attribute was never written, and has more than 1 GiB of zeros")
    })
}

/// Number of elements.
pub(super) fn count(shape: &Shape) -> Result<usize> {
    let count = shape.count().and_then(|count| usize::try_from(count).ok());
    count.ok_or_else(|| Error::invalid("the attribute has more elements than fit memory"))
}

/// Bytes of a value as HDF5 tells them.
pub(super) fn file_size(ty: &Datatype, shape: &Shape) -> u64 {
    let count = shape.count().unwrap_or(u64::MAX);
    ty.file_size().unwrap_or(0).saturating_mul(count)
}

#[cfg(test)]
mod tests {
    use h5rest_protocol::datatype::StringLength;
    use h5rest_protocol::datatype::{ByteOrder, CharSet, FloatType, StringPad, StringType};
    use serde_json::json;

    use super::*;

    fn f64_le() -> Datatype {
        Datatype::Float(FloatType::ieee(8, ByteOrder::Little).unwrap())
    }

    fn fixed_string(length: u32) -> Datatype {
        Datatype::String(StringType {
            length: StringLength::Fixed(length),
            charset: CharSet::Utf8,
            padding: StringPad::NullPadded,
        })
    }

    #[test]
    fn zeros_of_any_extent_do_not_exhaust_memory() {
        let ty = Datatype::integer(4, true);
        let of = |count| {
            zeros(
                &ty,
                &Shape::Simple {
                    dims: vec![count],
                    maxdims: None,
                },
            )
        };
        assert_eq!(of(3).unwrap(), [0; 12]);
        for count in [(1 << 28) + 1, 1 << 38, 1 << 61, u64::MAX] {
            assert!(of(count).is_err(), "{count}");
        }
        let texts = |count| zeros(&Datatype::variable_string(), &Shape::fixed([count]));
        assert_eq!(texts(2).unwrap(), [0xff; 8]);
        assert!(texts(1 << 45).is_err());
    }

    #[test]
    fn json_where_it_is_exact() {
        let sent = encode(&f64_le(), &Shape::fixed([2]), &[0; 16], false).unwrap();
        assert_eq!(sent, Sent::Json(json!([0.0, 0.0])));
        let quiet_with_payload = 0x7ff8_0000_dead_beefu64.to_le_bytes();
        let sent = encode(&f64_le(), &Shape::Scalar, &quiet_with_payload, false).unwrap();
        assert_eq!(sent, Sent::Base64(BASE64.encode(quiet_with_payload)));
        let sent = encode(&f64_le(), &Shape::fixed([0]), &[], false).unwrap();
        assert_eq!(sent, Sent::Nothing);
    }

    #[test]
    fn strings_by_what_is_in_them() {
        let shape = Shape::fixed([2]);
        let sent = encode(&fixed_string(3), &shape, b"ab\0cd\0", false).unwrap();
        assert_eq!(sent, Sent::Json(json!(["ab", "cd"])));
        let sent = encode(&fixed_string(3), &shape, "ü\0cd\0".as_bytes(), false).unwrap();
        assert!(matches!(sent, Sent::Base64(_)));
        let latin1 = b"\xfc\0\0cd\0";
        assert_eq!(
            encode(&fixed_string(3), &shape, latin1, false).unwrap(),
            Sent::Bytes
        );
        let sent = encode(&fixed_string(3), &shape, latin1, true).unwrap();
        assert!(matches!(sent, Sent::Base64(_)));
    }

    #[test]
    fn what_was_sent_reads_back() {
        let ty = Datatype::Vlen(Box::new(Datatype::integer(2, false)));
        let bytes = [4, 0, 0, 0, 1, 0, 2, 0];
        let Sent::Json(value) = encode(&ty, &Shape::Scalar, &bytes, false).unwrap() else {
            panic!("not JSON");
        };
        assert_eq!(value, json!([[1, 2]]));
        assert_eq!(decode(&ty, &Shape::Scalar, &value, false).unwrap(), bytes);
        assert_eq!(
            decode(&ty, &Shape::Scalar, &json!([1, 2]), false).unwrap(),
            bytes
        );
    }

    #[test]
    fn unwritten_is_zero() {
        let strings = Datatype::variable_string();
        assert_eq!(zeros(&strings, &Shape::fixed([2])).unwrap(), [0xff; 8]);
        assert_eq!(zeros(&f64_le(), &Shape::Scalar).unwrap(), [0; 8]);
        assert_eq!(zeros(&f64_le(), &Shape::Null).unwrap(), Vec::<u8>::new());
        // An element that is not there takes no memory, however large it would be.
        let huge = fixed_string(u32::MAX);
        assert_eq!(zeros(&huge, &Shape::Null).unwrap(), Vec::<u8>::new());
        assert_eq!(zeros(&huge, &Shape::fixed([0])).unwrap(), Vec::<u8>::new());
        assert!(zeros(&huge, &Shape::Scalar).is_err());
        assert!(zeros(&f64_le(), &Shape::fixed([u64::MAX])).is_err());
    }
}
