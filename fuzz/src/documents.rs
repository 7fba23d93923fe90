//! JSON documents of the API: types, shapes, links, creation properties, values.

use arbitrary::{Result, Unstructured};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// Ids of objects that targets make beforehand, and of some that nobody made.
pub const IDS: [&str; 8] = [
    "g-11111111-22222222-9999-9999aa-aaaaaa",
    "g-11111111-22222222-aaaa-aaaaaa-aaaaa1",
    "d-11111111-22222222-aaaa-aaaaaa-aaaaa2",
    "d-11111111-22222222-aaaa-aaaaaa-aaaaa3",
    "d-11111111-22222222-aaaa-aaaaaa-aaaaa4",
    "t-11111111-22222222-aaaa-aaaaaa-aaaaa5",
    "d-11111111-22222222-aaaa-aaaaaa-aaaaa6",
    "g-99999999-22222222-aaaa-aaaaaa-aaaaa1",
];

/// Names of links and attributes.
pub const NAMES: [&str; 12] = [
    "a",
    "b",
    "g",
    "d",
    "t",
    "v",
    "soft",
    "ext",
    "",
    "..",
    "a/b",
    "ü\0\u{10ffff}",
];

const PREDEFINED: [&str; 14] = [
    "H5T_STD_I32LE",
    "H5T_STD_U8LE",
    "H5T_STD_I64BE",
    "H5T_STD_U64LE",
    "H5T_STD_I16BE",
    "H5T_IEEE_F64LE",
    "H5T_IEEE_F32BE",
    "H5T_IEEE_F16LE",
    "H5T_STD_B8LE",
    "H5T_NATIVE_INT",
    "H5T_STD_I2040LE",
    "H5T_STD_REF_OBJ",
    "H5T_UNIX_D32LE",
    "H5T_C_S1",
];

/// Words with a meaning somewhere.
const WORDS: [&str; 26] = [
    "",
    "H5S_NULL",
    "H5S_SCALAR",
    "H5S_SIMPLE",
    "H5S_UNLIMITED",
    "H5T_VARIABLE",
    "H5L_TYPE_HARD",
    "H5L_TYPE_SOFT",
    "H5L_TYPE_EXTERNAL",
    "H5L_TYPE_USER_DEFINED",
    "H5D_CHUNKED",
    "H5D_VIRTUAL",
    "H5Z_FILTER_DEFLATE",
    "NaN",
    "-Infinity",
    "base64",
    "/",
    "/g/../g/./a",
    "/home/u/f.h5",
    "\0",
    "groups/g-11111111-22222222-aaaa-aaaaaa-aaaaa1",
    "[0:1]",
    "[:,[0,1]]",
    "a == 1",
    "all",
    "None",
];

/// Once in a while.
pub fn odd(u: &mut Unstructured) -> Result<bool> {
    u.ratio(1, 20)
}

/// A number at which something may break.
pub fn number(u: &mut Unstructured) -> Result<u64> {
    Ok(match u.int_in_range(0..=9)? {
        0..=4 => u.int_in_range(0..=12)?,
        5 => u.int_in_range(0..=300)?,
        6 => 1 << u.int_in_range(0..=63)?,
        7 => (1u64 << u.int_in_range(0..=63)?).wrapping_sub(1),
        8 => u64::MAX - u.int_in_range(0..=2)?,
        _ => u.arbitrary()?,
    })
}

/// Any JSON.
pub fn any(u: &mut Unstructured, depth: u32) -> Result<Value> {
    Ok(match u.int_in_range(0..=if depth == 0 { 6 } else { 9 })? {
        0 => Value::Null,
        1 => json!(u.arbitrary::<bool>()?),
        2 => json!(number(u)?),
        3 => json!(-i64::from(u.arbitrary::<u16>()?)),
        4 => json!(f64::from_bits(u.arbitrary()?)),
        5 => json!(text(u)?),
        6 => json!(u.choose(&IDS)?),
        7 => list(u, 4, |u| any(u, depth - 1))?,
        8 => {
            let mut members = Map::new();
            for _ in 0..u.int_in_range(0..=3)? {
                members.insert(text(u)?, any(u, depth - 1)?);
            }
            Value::Object(members)
        }
        _ => datatype(u, depth - 1)?,
    })
}

/// A list of up to so many.
pub fn list(
    u: &mut Unstructured,
    most: usize,
    mut item: impl FnMut(&mut Unstructured) -> Result<Value>,
) -> Result<Value> {
    let count = u.int_in_range(0..=most)?;
    (0..count)
        .map(|_| item(u))
        .collect::<Result<Vec<_>>>()
        .map(Value::Array)
}

/// Some text.
pub fn text(u: &mut Unstructured) -> Result<String> {
    Ok(match u.int_in_range(0..=9)? {
        0..=3 => (*u.choose(&NAMES)?).to_owned(),
        4..=6 => (*u.choose(&WORDS)?).to_owned(),
        7 => (*u.choose(&PREDEFINED)?).to_owned(),
        8 => (*u.choose(&IDS)?).to_owned(),
        _ => {
            let length = u.int_in_range(0..=40)?.min(u.len());
            String::from_utf8_lossy(u.bytes(length)?).into_owned()
        }
    })
}

/// A type document.
pub fn datatype(u: &mut Unstructured, depth: u32) -> Result<Value> {
    if odd(u)? {
        return any(u, depth.min(2));
    }
    let inner = |u: &mut Unstructured| datatype(u, depth.saturating_sub(1));
    let mut document = match u.int_in_range(0..=if depth == 0 { 7 } else { 13 })? {
        0 | 1 => json!(u.choose(&PREDEFINED)?),
        2 => json!({"class": "H5T_INTEGER", "base": u.choose(&PREDEFINED)?}),
        3 => json!({"class": "H5T_FLOAT", "base": u.choose(&PREDEFINED[5..8])?}),
        4 => json!({"class": "H5T_STRING", "length": length(u)?,
            "charSet": u.choose(&["H5T_CSET_ASCII", "H5T_CSET_UTF8"])?,
            "strPad": u.choose(&["H5T_STR_NULLTERM", "H5T_STR_NULLPAD", "H5T_STR_SPACEPAD"])?}),
        5 => json!({"class": "H5T_OPAQUE", "size": number(u)?, "tag": text(u)?}),
        6 => json!({"class": "H5T_REFERENCE",
            "base": u.choose(&["H5T_STD_REF_OBJ", "H5T_STD_REF_DSETREG", "H5T_STD_REF"])?}),
        7 => json!({"class": u.choose(&["H5T_INTEGER", "H5T_FLOAT", "H5T_BITFIELD", "H5T_TIME"])?,
            "size": number(u)?, "byteOrder": u.choose(&["H5T_ORDER_LE", "H5T_ORDER_BE"])?,
            "precision": number(u)?, "bitOffset": number(u)?, "signBitPosition": number(u)?,
            "expBitPosition": number(u)?, "expBits": number(u)?, "mantBitPosition": number(u)?,
            "mantBits": number(u)?, "expBias": number(u)?}),
        8 => json!({"class": "H5T_VLEN", "base": inner(u)?}),
        9 => json!({"class": "H5T_ARRAY", "base": inner(u)?, "dims": dims(u)?}),
        10 | 11 => {
            let padded: bool = u.ratio(1, 3)?;
            let fields = list(u, 4, |u| {
                let mut field = json!({"name": text(u)?, "type": inner(u)?});
                if padded {
                    field["offset"] = json!(number(u)?);
                }
                Ok(field)
            })?;
            let mut document = json!({"class": "H5T_COMPOUND", "fields": fields});
            if padded {
                document["byteSize"] = json!(number(u)?);
            }
            document
        }
        12 => {
            let members = list(u, 4, |u| Ok(json!({"name": text(u)?, "value": number(u)?})))?;
            json!({"class": "H5T_ENUM", "base": inner(u)?, "members": members})
        }
        _ => json!({"class": "H5T_COMPLEX", "base": u.choose(&PREDEFINED[5..8])?}),
    };
    if odd(u)?
        && let Some(members) = document.as_object_mut()
    {
        members.insert(text(u)?, any(u, 1)?);
    }
    Ok(document)
}

fn length(u: &mut Unstructured) -> Result<Value> {
    Ok(if u.arbitrary()? {
        json!("H5T_VARIABLE")
    } else {
        json!(number(u)?)
    })
}

/// Extents, mostly small.
pub fn dims(u: &mut Unstructured) -> Result<Value> {
    if odd(u)? {
        return any(u, 1);
    }
    list(u, 4, |u| {
        Ok(if odd(u)? {
            json!(number(u)?)
        } else {
            json!(u.int_in_range(0..=5)?)
        })
    })
}

/// A shape in one of its forms.
pub fn shape(u: &mut Unstructured) -> Result<Value> {
    Ok(match u.int_in_range(0..=6)? {
        0 | 1 => dims(u)?,
        2 => json!("H5S_SCALAR"),
        3 => json!("H5S_NULL"),
        4 => json!({"class": "H5S_SIMPLE", "dims": dims(u)?, "maxdims": maxdims(u)?}),
        5 => json!({"class": "H5S_SIMPLE", "dims": dims(u)?}),
        _ => any(u, 2)?,
    })
}

/// Upper bounds.
pub fn maxdims(u: &mut Unstructured) -> Result<Value> {
    list(u, 4, |u| {
        Ok(match u.int_in_range(0..=2)? {
            0 => json!("H5S_UNLIMITED"),
            1 => json!(number(u)?),
            _ => json!(0),
        })
    })
}

/// A link document.
pub fn link(u: &mut Unstructured) -> Result<Value> {
    Ok(match u.int_in_range(0..=5)? {
        0 | 1 => json!({"id": u.choose(&IDS)?}),
        2 => json!({"class": "H5L_TYPE_SOFT", "h5path": text(u)?}),
        3 => json!({"class": "H5L_TYPE_EXTERNAL", "h5path": text(u)?, "h5domain": text(u)?}),
        4 => json!({"class": "H5L_TYPE_USER_DEFINED", "ud_class": number(u)?,
            "ud_data": base64(u)?}),
        _ => any(u, 2)?,
    })
}

/// Creation properties of a dataset.
pub fn creation(u: &mut Unstructured) -> Result<Value> {
    if odd(u)? {
        return any(u, 2);
    }
    let mut document = Map::new();
    if u.arbitrary()? {
        let class = u.choose(&[
            "H5D_CHUNKED",
            "H5D_CONTIGUOUS",
            "H5D_COMPACT",
            "H5D_CHUNKED_REF",
        ])?;
        document.insert("layout".into(), json!({"class": class, "dims": dims(u)?}));
    }
    if u.arbitrary()? {
        document.insert("filters".into(), list(u, 3, filter)?);
    }
    if u.arbitrary()? {
        document.insert("fillValue".into(), any(u, 2)?);
        if u.arbitrary()? {
            document.insert("fillValue_encoding".into(), json!("base64"));
            document.insert("fillValue".into(), json!(base64(u)?));
        }
    }
    Ok(Value::Object(document))
}

/// An entry of a pipeline of filters.
pub fn filter(u: &mut Unstructured) -> Result<Value> {
    const CLASSES: [&str; 9] = [
        "H5Z_FILTER_DEFLATE",
        "H5Z_FILTER_SHUFFLE",
        "H5Z_FILTER_FLETCHER32",
        "H5Z_FILTER_ZSTD",
        "H5Z_FILTER_LZ4",
        "H5Z_FILTER_BLOSC",
        "H5Z_FILTER_BITSHUFFLE",
        "H5Z_FILTER_SCALEOFFSET",
        "H5Z_FILTER_USER",
    ];
    let mut document = json!({"class": u.choose(&CLASSES)?});
    if u.arbitrary()? {
        document["level"] = json!(number(u)?);
    }
    if u.arbitrary()? {
        document["name"] = json!(u.choose(&["gzip", "zstd", "lz4", "zlib", "blosclz", ""])?);
    }
    if u.ratio(1, 4)? {
        document["id"] = json!(number(u)?);
        document["parameters"] = list(u, 8, |u| Ok(json!(number(u)?)))?;
    }
    Ok(document)
}

/// Bytes as text.
pub fn base64(u: &mut Unstructured) -> Result<String> {
    let length = u.int_in_range(0..=64)?.min(u.len());
    Ok(STANDARD.encode(u.bytes(length)?))
}

/// The text of a selection.
pub fn selection(u: &mut Unstructured) -> Result<String> {
    if odd(u)? {
        return text(u);
    }
    let mut parts = Vec::new();
    for _ in 0..u.int_in_range(0..=4)? {
        parts.push(match u.int_in_range(0..=5)? {
            0 => ":".to_owned(),
            1 => number(u)?.to_string(),
            2 => format!("{}:{}", number(u)?, number(u)?),
            3 => format!("{}:{}:{}", number(u)?, number(u)?, number(u)?),
            4 => format!("[{},{}]", number(u)?, number(u)?),
            _ => format!("0:{}", number(u)?),
        });
    }
    Ok(format!("[{}]", parts.join(",")))
}

/// A condition on elements.
pub fn query(u: &mut Unstructured, depth: u32) -> Result<String> {
    const FIELDS: [&str; 8] = ["_", "a", "b", "\"a\"", "field('a')", "'b'", "ü", "c"];
    const VALUES: [&str; 10] = [
        "1",
        "-7",
        "0.5",
        "1e400",
        "'text'",
        "b'x'",
        "true",
        "word",
        "18446744073709551616",
        "''",
    ];
    Ok(match u.int_in_range(0..=if depth == 0 { 2 } else { 7 })? {
        0 | 1 => {
            let how = u.choose(&["==", "=", "!=", "<", "<=", ">", ">="])?;
            format!("{} {how} {}", u.choose(&FIELDS)?, u.choose(&VALUES)?)
        }
        2 => format!(
            "{}.{}",
            u.choose(&FIELDS)?,
            u.choose(&["is_null()", "is_valid()", "isin(1, 'x')"])?
        ),
        3 => format!("({})", query(u, depth - 1)?),
        4 => format!("{} & {}", query(u, depth - 1)?, query(u, depth - 1)?),
        5 => format!("{} OR {}", query(u, depth - 1)?, query(u, depth - 1)?),
        6 => format!("~{}", query(u, depth - 1)?),
        _ => format!(
            "{} NOT IN ({}, {})",
            u.choose(&FIELDS)?,
            u.choose(&VALUES)?,
            text(u)?
        ),
    })
}
