//! The lies: what each makes of the body of an answer.

use h5rest_testkit::hostile::{DEEP, NOT_UTF8, written};
use serde_json::{Value, json};

/// One kind of lie.
pub struct Case {
    pub name: &'static str,
    /// Makes another body of an answer's; nothing where the lie is about something else.
    pub change: fn(&[u8]) -> Option<Vec<u8>>,
    /// Who cannot believe it.
    pub refused_by: Refused,
}

/// Who says that an answer is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The connector, when it reads documents and elements.
    Connector,
    /// The transfer, when it makes a program's elements.
    Transfer,
    /// Nobody has to: it may be true.
    Nobody,
}

const fn case(name: &'static str, change: fn(&[u8]) -> Option<Vec<u8>>) -> Case {
    Case {
        name,
        change,
        refused_by: Refused::Connector,
    }
}

/// Programs may take it for what it says.
const fn possible(name: &'static str, change: fn(&[u8]) -> Option<Vec<u8>>) -> Case {
    Case {
        name,
        change,
        refused_by: Refused::Nobody,
    }
}

/// All of them.
pub static CASES: [Case; 24] = [
    case("sequences of sequences, 10,000 deep", |body| {
        types(body, || json!(DEEP))
    }),
    case("compounds in compounds, 200 deep", |body| {
        types(body, || {
            nested(
                200,
                |base| json!({"class": "H5T_COMPOUND", "fields": [{"name": "a", "type": base}]}),
            )
        })
    }),
    case("arrays of arrays, 40 deep", |body| {
        types(body, || {
            nested(
                40,
                |base| json!({"class": "H5T_ARRAY", "dims": [1], "base": base}),
            )
        })
    }),
    possible("arrays of arrays, 16 deep", |body| {
        types(body, || {
            nested(
                16,
                |base| json!({"class": "H5T_ARRAY", "dims": [1], "base": base}),
            )
        })
    }),
    case("arrays of arrays that multiply", |body| {
        types(body, || {
            nested(
                40,
                |base| json!({"class": "H5T_ARRAY", "dims": [8], "base": base}),
            )
        })
    }),
    case("opaque elements of 2^63 bytes", |body| {
        types(
            body,
            || json!({"class": "H5T_OPAQUE", "size": 1u64 << 63, "tag": ""}),
        )
    }),
    possible("opaque elements of 2^32 - 1 bytes", |body| {
        types(
            body,
            || json!({"class": "H5T_OPAQUE", "size": u32::MAX, "tag": ""}),
        )
    }),
    case("strings of 2^63 characters", |body| {
        types(
            body,
            || json!({"class": "H5T_STRING", "length": 1u64 << 63}),
        )
    }),
    case("integers of 2^31 bytes", |body| {
        types(body, || {
            json!({"class": "H5T_INTEGER", "size": 1u64 << 31, "precision": 1u64 << 31,
            "byteOrder": "H5T_ORDER_LE", "signed": true, "bitOffset": u32::MAX})
        })
    }),
    possible("members over each other", |body| {
        types(body, || {
            json!({"class": "H5T_COMPOUND", "byteSize": 8, "fields": [
            {"name": "a", "type": "H5T_STD_I32LE", "offset": 0},
            {"name": "b", "type": "H5T_STD_I32LE", "offset": 2}]})
        })
    }),
    possible("members far apart", |body| {
        types(body, || {
            json!({"class": "H5T_COMPOUND", "byteSize": 1u64 << 63, "fields": [
            {"name": "a", "type": "H5T_STD_I32LE", "offset": 0},
            {"name": "a", "type": "H5T_STD_I32LE", "offset": (1u64 << 63) - 4}]})
        })
    }),
    case("extents whose product overflows", |body| {
        shapes(body, &json!([1u64 << 32, 1u64 << 32]))
    }),
    case("an extent of 2^63", |body| {
        shapes(body, &json!([1u64 << 63]))
    }),
    possible("extents that are only large", |body| {
        shapes(body, &json!([1u64 << 40]))
    }),
    case("40 dimensions", |body| shapes(body, &json!(vec![1; 40]))),
    possible("counts of 2^63", |body| {
        members(
            body,
            &[
                "linkCount",
                "attributeCount",
                "nextLinkOrder",
                "nextAttributeOrder",
            ],
            &|_| json!(1u64 << 63),
        )
    }),
    case("ids of another domain", |body| {
        members(body, &["id", "root"], &|value| {
            let text = value.as_str().unwrap_or_default();
            json!(text.replace("11111111-22222222", "99999999-88888888"))
        })
    }),
    case("ids of another class", |body| {
        members(body, &["id"], &|value| {
            let text = value.as_str().unwrap_or_default();
            json!(match text.split_at_checked(1) {
                Some(("d", rest)) => format!("g{rest}"),
                Some(("g", rest)) => format!("t{rest}"),
                _ => format!("d{}", text.get(1..).unwrap_or_default()),
            })
        })
    }),
    possible("names with NUL", |body| renamed(body, "a\0b")),
    case("names that are no UTF-8", |body| renamed(body, NOT_UTF8)),
    Case {
        name: "lengths past the end",
        refused_by: Refused::Transfer,
        change: |body| {
            elements(body, |bytes| {
                for length in bytes.chunks_exact_mut(4) {
                    length.copy_from_slice(&0xFFFF_FFF0u32.to_le_bytes());
                }
            })
        },
    },
    case("elements without their end", |body| {
        elements(body, |bytes| bytes.truncate(bytes.len() / 2))
    }),
    case("twice as many elements", |body| {
        elements(body, |bytes| bytes.extend_from_within(..))
    }),
    case("no document at all", |body| {
        serde_json::from_slice::<Value>(body)
            .ok()
            .map(|_| b"[1,".to_vec())
    }),
];

/// A document of a gigabyte.
pub fn gigabyte() -> Vec<u8> {
    const SIZE: usize = 1 << 30;
    let zeros = b"0,".repeat(SIZE / 2);
    [&b"{\"links\": ["[..], &zeros, b"0]}"].concat()
}

fn nested(depth: usize, around: fn(Value) -> Value) -> Value {
    (0..depth).fold(json!("H5T_STD_I32LE"), |base, _| around(base))
}

/// Every type is another one.
fn types(body: &[u8], ty: fn() -> Value) -> Option<Vec<u8>> {
    members(body, &["type"], &|_| ty())
}

/// Every shape of a dataset or attribute has these extents.
fn shapes(body: &[u8], dims: &Value) -> Option<Vec<u8>> {
    members(
        body,
        &["shape"],
        &|_| json!({"class": "H5S_SIMPLE", "dims": dims}),
    )
}

/// Changes all members of these names, at every depth.
fn members(body: &[u8], names: &[&str], other: &dyn Fn(&Value) -> Value) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(body).ok()?;
    change(&mut document, names, other);
    Some(written(&document))
}

fn change(document: &mut Value, names: &[&str], other: &dyn Fn(&Value) -> Value) {
    match document {
        Value::Array(items) => items.iter_mut().for_each(|item| change(item, names, other)),
        Value::Object(members) => {
            for (name, value) in members {
                match names.contains(&name.as_str()) {
                    true => *value = other(value),
                    false => change(value, names, other),
                }
            }
        }
        _ => {}
    }
}

/// The names of links and attributes, where they are members' names and where they are values, have
/// this at their end.
fn renamed(body: &[u8], end: &str) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(body).ok()?;
    rename(&mut document, end);
    Some(written(&document))
}

fn rename(document: &mut Value, end: &str) {
    match document {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, end)),
        Value::Object(members) => {
            for name in ["links", "attributes"] {
                if let Some(Value::Object(named)) = members.get_mut(name) {
                    let renamed = std::mem::take(named).into_iter();
                    *named = renamed
                        .map(|(name, value)| (format!("{name}{end}"), value))
                        .collect();
                }
            }
            for (name, value) in members {
                match value {
                    Value::String(text) if name == "title" || name == "name" => text.push_str(end),
                    value => rename(value, end),
                }
            }
        }
        _ => {}
    }
}

/// Changes bodies that are no documents.
fn elements(body: &[u8], other: fn(&mut Vec<u8>)) -> Option<Vec<u8>> {
    if body.is_empty() || serde_json::from_slice::<Value>(body).is_ok() {
        return None;
    }
    let mut body = body.to_vec();
    other(&mut body);
    Some(body)
}
