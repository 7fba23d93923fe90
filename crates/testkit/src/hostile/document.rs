//! Documents that are still JSON and say what cannot be.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Stands in a text for bytes that are no UTF-8.
pub const NOT_UTF8: &str = "\u{10fffe}";
/// Stands for a type that is nested deeper than any program can follow.
pub const DEEP: &str = "\u{10fffd}";
/// How deep.
const DEPTH: usize = 10_000;

/// Words that mean something in documents.
const WORDS: [&str; 34] = [
    "H5T_INTEGER",
    "H5T_FLOAT",
    "H5T_STRING",
    "H5T_COMPOUND",
    "H5T_ARRAY",
    "H5T_VLEN",
    "H5T_ENUM",
    "H5T_OPAQUE",
    "H5T_BITFIELD",
    "H5T_REFERENCE",
    "H5T_COMPLEX",
    "H5T_TIME",
    "H5T_VARIABLE",
    "H5T_STD_I32LE",
    "H5T_STD_U8BE",
    "H5T_IEEE_F64LE",
    "H5T_STD_REF",
    "H5T_STD_REF_OBJ",
    "H5T_STD_REF_DSETREG",
    "H5T_STD_I2040LE",
    "H5S_NULL",
    "H5S_SCALAR",
    "H5S_SIMPLE",
    "H5S_UNLIMITED",
    "H5D_CHUNKED",
    "H5D_CONTIGUOUS",
    "H5D_COMPACT",
    "H5D_VIRTUAL",
    "H5L_TYPE_HARD",
    "H5L_TYPE_SOFT",
    "H5L_TYPE_EXTERNAL",
    "H5Z_FILTER_DEFLATE",
    "group",
    "dataset",
];

/// Another document, as bytes.
pub(super) fn changed(mut document: Value, rng: &mut Rng) -> Vec<u8> {
    let original = document.clone();
    for _ in 0..rng.usize(1..5) {
        let count = size(&document);
        let target = rng.usize(0..count);
        let stranger = part(&original, rng.usize(0..size(&original))).cloned();
        if let Some(found) = part_mut(&mut document, target) {
            *found = other(found, stranger.unwrap_or_default(), rng);
        }
    }
    written(&document)
}

/// Number of values in a document, itself counted.
fn size(document: &Value) -> usize {
    1 + match document {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 0,
    }
}

/// The `n`th value of a document.
fn part(document: &Value, n: usize) -> Option<&Value> {
    if n == 0 {
        return Some(document);
    }
    let mut left = n - 1;
    let inner: Box<dyn Iterator<Item = &Value>> = match document {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => return None,
    };
    for value in inner {
        let count = size(value);
        if left < count {
            return part(value, left);
        }
        left -= count;
    }
    None
}

fn part_mut(document: &mut Value, n: usize) -> Option<&mut Value> {
    if n == 0 {
        return Some(document);
    }
    let mut left = n - 1;
    let inner: Box<dyn Iterator<Item = &mut Value>> = match document {
        Value::Array(items) => Box::new(items.iter_mut()),
        Value::Object(members) => Box::new(members.values_mut()),
        _ => return None,
    };
    for value in inner {
        let count = size(value);
        if left < count {
            return part_mut(value, left);
        }
        left -= count;
    }
    None
}

/// Something else in the place of a value.
fn other(value: &Value, stranger: Value, rng: &mut Rng) -> Value {
    match rng.u8(0..12) {
        0 => stranger,
        1 => nested(value, rng),
        2 => [json!(null), json!(true), json!([]), json!({}), json!("")][rng.usize(0..5)].clone(),
        _ => match value {
            Value::Number(_) => number(rng),
            Value::String(text) => string(text, rng),
            Value::Array(items) => array(items, stranger, rng),
            Value::Object(members) => object(members, stranger, rng),
            _ => number(rng),
        },
    }
}

fn number(rng: &mut Rng) -> Value {
    let numbers = [
        json!(0),
        json!(1),
        json!(-1),
        json!(3),
        json!(255),
        json!(1u64 << 31),
        json!(u32::MAX),
        json!(1u64 << 32),
        json!(1u64 << 62),
        json!(1u64 << 63),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(0.5),
        json!(1e300),
        json!(-0.0),
    ];
    numbers[rng.usize(0..numbers.len())].clone()
}

fn string(text: &str, rng: &mut Rng) -> Value {
    let is_id = text.len() == 38 && text.as_bytes()[1] == b'-';
    Value::String(match rng.u8(0..12) {
        0 => String::new(),
        1 => format!("{text}\0{text}"),
        2 => "\0".into(),
        3 => format!("{text}{NOT_UTF8}"),
        4 => text.repeat(1 + (100_000 / text.len().max(1))),
        5 => "..".into(),
        6 => format!("/{text}/./../{text}"),
        7 if is_id => {
            // An object of another domain, or of another class.
            let class = ["g", "d", "t", "c"][rng.usize(0..4)];
            let mut other = format!("{class}{}", &text[1..]);
            if rng.bool() {
                other.replace_range(2..6, "beef");
            }
            other
        }
        8 => text.chars().rev().collect(),
        9 => text.chars().skip(1).collect(),
        _ => WORDS[rng.usize(0..WORDS.len())].into(),
    })
}

fn array(items: &[Value], stranger: Value, rng: &mut Rng) -> Value {
    let mut items = items.to_vec();
    match rng.u8(0..7) {
        0 => items.clear(),
        1 => drop(items.pop()),
        2 => items.push(stranger),
        3 => {
            let again = items.clone();
            items.extend(again);
        }
        4 => {
            let one = items.first().cloned().unwrap_or(stranger);
            items = vec![one; rng.usize(30..2000)];
        }
        5 => items.reverse(),
        _ => items = (0..rng.usize(1..40)).map(|_| number(rng)).collect(),
    }
    Value::Array(items)
}

fn object(members: &Map<String, Value>, stranger: Value, rng: &mut Rng) -> Value {
    let mut members = members.clone();
    let names: Vec<String> = members.keys().cloned().collect();
    let Some(name) = names.get(rng.usize(0..names.len().max(1))).cloned() else {
        return stranger;
    };
    match rng.u8(0..7) {
        0 => drop(members.shift_remove(&name)),
        1 => {
            if let Some(value) = members.shift_remove(&name) {
                let text = string(&name, rng);
                members.insert(text.as_str().unwrap_or_default().into(), value);
            }
        }
        2 => drop(members.insert(name, stranger)),
        3 => {
            let value = members.get(&name).cloned().unwrap_or_default();
            for n in 0..rng.usize(1..500) {
                members.insert(format!("{name}{n}"), value.clone());
            }
        }
        4 => {
            // The values of two members change places.
            let with = names[rng.usize(0..names.len())].clone();
            let (one, two) = (members[&name].clone(), members[&with].clone());
            members.insert(name, two);
            members.insert(with, one);
        }
        5 => {
            let class = WORDS[rng.usize(0..WORDS.len())];
            members.insert("class".into(), class.into());
        }
        _ => {
            for key in [
                "offset", "size", "byteSize", "length", "dims", "maxdims", "created",
            ] {
                if rng.bool() {
                    members.insert(key.into(), number(rng));
                }
            }
        }
    }
    Value::Object(members)
}

/// A type or a list around a value, once or deeper than anybody can follow.
fn nested(value: &Value, rng: &mut Rng) -> Value {
    match rng.u8(0..7) {
        0 => json!(DEEP),
        1 => json!({"class": "H5T_ARRAY", "base": DEEP, "dims": [1]}),
        2 => (0..rng.usize(1..100)).fold(
            value.clone(),
            |base, _| json!({"class": "H5T_VLEN", "base": base}),
        ),
        3 => (0..rng.usize(1..70)).fold(
            value.clone(),
            |base, _| json!({"class": "H5T_ARRAY", "base": base, "dims": [2]}),
        ),
        4 => (0..rng.usize(1..60)).fold(value.clone(), |base, _| {
            json!({"class": "H5T_COMPOUND", "fields": [{"name": "a", "type": base.clone()},
                {"name": "a", "type": "H5T_STD_I8LE", "offset": 0}], "byteSize": 8})
        }),
        5 => json!({"class": "H5T_ARRAY", "base": value, "dims": [number(rng), number(rng)]}),
        _ => json!([value, value]),
    }
}

/// The document's text, with what no document can hold in the place of its marks.
pub fn written(document: &Value) -> Vec<u8> {
    let text = document.to_string();
    let deep = format!(
        "{}1{}",
        r#"{"class":"H5T_VLEN","base":"#.repeat(DEPTH),
        "}".repeat(DEPTH)
    );
    let text = text.replace(&format!("\"{DEEP}\""), &deep);
    let mut bytes = Vec::with_capacity(text.len());
    for (number, piece) in text.split(NOT_UTF8).enumerate() {
        if number > 0 {
            bytes.extend_from_slice(b"\xff\xc0\x80\xed\xa0\x80");
        }
        bytes.extend_from_slice(piece.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_and_found() {
        let mut document = json!({"a": [1, {"b": 2}], "c": 3});
        assert_eq!(size(&document), 6);
        assert_eq!(part(&document, 2), Some(&json!(1)));
        assert_eq!(part(&document, 4), Some(&json!(2)));
        *part_mut(&mut document, 5).expect("the last part") = json!(7);
        assert_eq!(document["c"], 7);
        assert_eq!(part(&document, 6), None);
    }

    #[test]
    fn changes_follow_from_the_seed() {
        let document = json!({"type": {"class": "H5T_INTEGER", "base": "H5T_STD_I32LE"},
            "shape": {"class": "H5S_SIMPLE", "dims": [2, 3]}, "id": "g-1"});
        let mut different = 0;
        for seed in 0..200 {
            let one = changed(document.clone(), &mut Rng::with_seed(seed));
            let two = changed(document.clone(), &mut Rng::with_seed(seed));
            assert_eq!(one, two);
            different += usize::from(one != document.to_string().as_bytes());
        }
        assert!(different > 180, "{different} of 200 are other documents");
    }
}
