//! The JSON grammar of datatypes: that of HSDS where it has one, that of the RESTful HDF5 paper
//! for what HSDS lacks (user-defined number layouts, bitfields), and this project's for the rest.

mod numbers;

use serde_json::{Map, Value, json};

use self::numbers::{
    bits_to_json, float_to_json, integer_to_json, name_of, number, predefined, read_bitfield,
    read_bits, read_float, read_integer,
};
use super::{
    CharSet, CompoundType, Datatype, EnumType, Member, ReferenceType, StoredType, StringLength,
    StringPad, StringType,
};
use crate::error::{ProtocolError, Result};
use crate::shape::MAX_RANK;

/// Types nest at most this deep, so that a hostile document cannot exhaust the stack.
const MAX_DEPTH: usize = 64;

impl StoredType {
    /// The document for a request: that of the type, plus `id` if it is a committed one.
    pub fn to_json(&self) -> Value {
        let mut document = self.datatype.to_json();
        if let Some(id) = self.committed {
            document["id"] = json!(id);
        }
        for (key, value) in &self.extra {
            document[key] = value.clone();
        }
        document
    }

    /// Reads a type document or a predefined name such as `H5T_STD_I32LE`.
    pub fn from_json(document: &Value) -> Result<Self> {
        let datatype = Datatype::from_json(document)?;
        let id = document.get("id").and_then(Value::as_str);
        let mut known = None;
        let mut extra = Map::new();
        if let Some(members) = document.as_object() {
            for (key, value) in members {
                let ours = GRAMMAR_KEYS.contains(&key.as_str()) || {
                    let known = known.get_or_insert_with(|| datatype.to_json());
                    known.get(key).is_some()
                };
                if !ours {
                    extra.insert(key.clone(), value.clone());
                }
            }
        }
        Ok(Self {
            datatype,
            committed: id.map(str::parse).transpose()?,
            extra,
        })
    }
}

/// Keys that are never extra: those of most types, for which [`Datatype::to_json`] need not be asked, and those
/// that other writers use and it need not produce.
const GRAMMAR_KEYS: [&str; 12] = [
    "class", "base", "charSet", "id", "members", "mapping", "fields", "byteSize", "size", "tag",
    "strPad", "length",
];

impl Datatype {
    /// The document for this type.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Integer(i) => integer_to_json(i),
            Self::Float(f) => float_to_json(f, "H5T_FLOAT"),
            Self::Time(bits) => bits_to_json(bits, "H5T_TIME"),
            Self::Bitfield(bits) if bits.is_whole() => {
                json!({"class": "H5T_BITFIELD", "base": name_of("STD_B", bits)})
            }
            Self::Bitfield(bits) => bits_to_json(bits, "H5T_BITFIELD"),
            Self::String(s) => string_to_json(s),
            Self::Opaque { size, tag } => {
                json!({"class": "H5T_OPAQUE", "size": size, "tag": tag})
            }
            Self::Compound(c) => compound_to_json(c),
            Self::Reference(r) => json!({"class": "H5T_REFERENCE", "base": reference_name(*r)}),
            Self::Enum(e) => enum_to_json(e),
            Self::Vlen(base) => json!({"class": "H5T_VLEN", "base": base.to_json()}),
            Self::Array { base, dims } => {
                json!({"class": "H5T_ARRAY", "base": base.to_json(), "dims": dims})
            }
            Self::Complex(part) => {
                json!({"class": "H5T_COMPLEX", "base": Self::Float(*part).to_json()})
            }
        }
    }

    /// Reads a type document or a predefined name.
    pub fn from_json(document: &Value) -> Result<Self> {
        read(document, MAX_DEPTH)
    }
}

fn bad(what: &str, document: &Value) -> ProtocolError {
    let mut text = document.to_string();
    if text.len() > 200 {
        let end = (0..=200).rev().find(|&at| text.is_char_boundary(at));
        text.truncate(end.unwrap_or(0));
        text.push_str("...");
    }
    ProtocolError::InvalidType(format!("{what} in {text}"))
}

fn read(document: &Value, depth: usize) -> Result<Datatype> {
    if depth == 0 {
        return Err(ProtocolError::InvalidType(format!(
            "nested more than {MAX_DEPTH} deep"
        )));
    }
    if let Some(name) = document.as_str() {
        return predefined(name).ok_or_else(|| bad("unknown predefined type", document));
    }
    let class = document.get("class").and_then(Value::as_str);
    match class.ok_or_else(|| bad("no class", document))? {
        "H5T_INTEGER" => read_integer(document).map(Datatype::Integer),
        "H5T_FLOAT" => read_float(document).map(Datatype::Float),
        "H5T_TIME" => read_bits(document).map(Datatype::Time),
        "H5T_BITFIELD" => read_bitfield(document),
        "H5T_STRING" => read_string(document),
        "H5T_OPAQUE" => read_opaque(document),
        "H5T_COMPOUND" => read_compound(document, depth),
        "H5T_REFERENCE" => read_reference(document),
        "H5T_ENUM" => read_enum(document),
        "H5T_VLEN" => Ok(Datatype::Vlen(Box::new(read_base(document, depth)?))),
        "H5T_ARRAY" => read_array(document, depth),
        "H5T_COMPLEX" => match read_base(document, depth)? {
            Datatype::Float(part) => Ok(Datatype::Complex(part)),
            _ => Err(bad(
                "complex number of something else than floats",
                document,
            )),
        },
        _ => Err(bad("unknown class", document)),
    }
}

fn read_base(document: &Value, depth: usize) -> Result<Datatype> {
    let base = document
        .get("base")
        .ok_or_else(|| bad("no base", document))?;
    read(base, depth - 1)
}

// ---- numbers ------------------------------------------------------------------------------

fn string_to_json(string: &StringType) -> Value {
    json!({
        "class": "H5T_STRING",
        "length": match string.length {
            StringLength::Fixed(n) => json!(n),
            StringLength::Variable => json!("H5T_VARIABLE"),
        },
        "charSet": match string.charset {
            CharSet::Ascii => "H5T_CSET_ASCII",
            CharSet::Utf8 => "H5T_CSET_UTF8",
        },
        "strPad": match string.padding {
            StringPad::NullTerminated => "H5T_STR_NULLTERM",
            StringPad::NullPadded => "H5T_STR_NULLPAD",
            StringPad::SpacePadded => "H5T_STR_SPACEPAD",
        },
    })
}

fn read_string(document: &Value) -> Result<Datatype> {
    let length = match document.get("length") {
        Some(Value::String(s)) if s == "H5T_VARIABLE" => StringLength::Variable,
        Some(_) => StringLength::Fixed(number(document, "length")?),
        None => return Err(bad("no length", document)),
    };
    let charset = match document.get("charSet").and_then(Value::as_str) {
        Some("H5T_CSET_ASCII") | None => CharSet::Ascii,
        Some("H5T_CSET_UTF8") => CharSet::Utf8,
        Some(_) => return Err(bad("unknown charSet", document)),
    };
    // HSDS never looks at strPad; writers without one mean C strings if variable, else NUL filled.
    let padding = match document.get("strPad").and_then(Value::as_str) {
        Some("H5T_STR_NULLTERM") => StringPad::NullTerminated,
        Some("H5T_STR_NULLPAD") => StringPad::NullPadded,
        Some("H5T_STR_SPACEPAD") => StringPad::SpacePadded,
        None if length == StringLength::Variable => StringPad::NullTerminated,
        None => StringPad::NullPadded,
        Some(_) => return Err(bad("unknown strPad", document)),
    };
    Ok(Datatype::String(StringType {
        length,
        charset,
        padding,
    }))
}

fn reference_name(kind: ReferenceType) -> &'static str {
    match kind {
        ReferenceType::Object => "H5T_STD_REF_OBJ",
        ReferenceType::Region => "H5T_STD_REF_DSETREG",
        ReferenceType::Any => "H5T_STD_REF",
    }
}

fn reference_from_name(stem: &str) -> Option<ReferenceType> {
    match stem {
        "STD_REF_OBJ" | "STD_REF_OBJECT" => Some(ReferenceType::Object),
        "STD_REF_DSETREG" => Some(ReferenceType::Region),
        "STD_REF" => Some(ReferenceType::Any),
        _ => None,
    }
}

fn read_reference(document: &Value) -> Result<Datatype> {
    let name = document.get("base").and_then(Value::as_str);
    let kind = name.and_then(|n| reference_from_name(n.strip_prefix("H5T_")?));
    kind.map(Datatype::Reference)
        .ok_or_else(|| bad("unknown reference", document))
}

fn read_opaque(document: &Value) -> Result<Datatype> {
    let tag = document.get("tag").and_then(Value::as_str).unwrap_or("");
    match number(document, "size")? {
        0 => Err(bad("size 0", document)),
        size => Ok(Datatype::Opaque {
            size,
            tag: tag.to_owned(),
        }),
    }
}

// ---- compound, enum, array ----------------------------------------------------------------

/// Gaps between members matter to HDF5 programs only; the wire is packed. HSDS keeps members that
/// it does not know, but takes `size` for the size of an element on the wire: hence `byteSize`.
fn compound_to_json(compound: &CompoundType) -> Value {
    let has_gaps = !compound.is_packed();
    let field = |m: &Member| {
        let mut field = json!({"name": m.name, "type": m.datatype.to_json()});
        if has_gaps {
            field["offset"] = json!(m.offset);
        }
        field
    };
    let fields: Vec<Value> = compound.members.iter().map(field).collect();
    let mut document = json!({"class": "H5T_COMPOUND", "fields": fields});
    if has_gaps {
        document["byteSize"] = json!(compound.size);
    }
    document
}

fn read_compound(document: &Value, depth: usize) -> Result<Datatype> {
    let fields = document.get("fields").and_then(Value::as_array);
    let fields = fields.filter(|f| !f.is_empty());
    let fields = fields.ok_or_else(|| bad("no fields", document))?;
    let (mut members, mut end) = (Vec::with_capacity(fields.len()), 0u64);
    for field in fields {
        let name = field.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| bad("a field without name", document))?;
        let ty = field.get("type");
        let datatype = read(
            ty.ok_or_else(|| bad("a field without type", document))?,
            depth - 1,
        )?;
        let size = datatype.memory_size();
        let size = size.ok_or_else(|| bad("a field of impossible size", document))?;
        members.push(Member {
            name: name.to_owned(),
            offset: end,
            datatype,
        });
        end = end
            .checked_add(size)
            .ok_or_else(|| bad("impossible size", document))?;
    }
    // HDF5 keeps the size of a type in 32 bits.
    if u32::try_from(end).is_err() {
        return Err(bad("impossible size", document));
    }
    let mut compound = CompoundType { members, size: end };
    apply_padding(&mut compound, document, fields);
    Ok(Datatype::Compound(compound))
}

/// Takes the offsets and the size from the document if they make a sound layout; other writers
/// leave them away, or count variable members differently.
fn apply_padding(compound: &mut CompoundType, document: &Value, fields: &[Value]) {
    let size = document.get("byteSize").or_else(|| document.get("size"));
    let Some(size) = size.and_then(Value::as_u64) else {
        return;
    };
    let mut spans = Vec::with_capacity(fields.len());
    for (member, field) in compound.members.iter().zip(fields) {
        let Some(offset) = field.get("offset").and_then(Value::as_u64) else {
            return;
        };
        let end = member
            .datatype
            .memory_size()
            .and_then(|n| offset.checked_add(n));
        let Some(end) = end.filter(|&end| end <= size) else {
            return;
        };
        spans.push((offset, end));
    }
    let mut sorted = spans.clone();
    sorted.sort_unstable();
    // Padding is bounded so that a hostile size cannot make a program allocate without end.
    let packed: u64 = spans.iter().map(|(start, end)| end - start).sum();
    let overlap = sorted.windows(2).any(|pair| pair[0].1 > pair[1].0);
    if overlap || size > packed.saturating_add(1 << 20) {
        return;
    }
    for (member, (offset, _)) in compound.members.iter_mut().zip(spans) {
        member.offset = offset;
    }
    compound.size = size;
}

/// Both forms: HSDS returns `members` as sent, H5Web and older clients want `mapping`.
fn enum_to_json(ty: &EnumType) -> Value {
    let members: Vec<Value> = ty
        .members
        .iter()
        .map(|(name, value)| json!({"name": name, "value": integer_value(*value)}))
        .collect();
    let mapping: Map<String, Value> = ty
        .members
        .iter()
        .map(|(name, value)| (name.clone(), integer_value(*value)))
        .collect();
    json!({
        "class": "H5T_ENUM",
        "base": integer_to_json(&ty.base),
        "members": members,
        "mapping": mapping,
    })
}

/// JSON integers are written exactly within 64 bits; HDF5 has no wider enums.
fn integer_value(value: i128) -> Value {
    i64::try_from(value).map_or_else(|_| json!(value as u64), |v| json!(v))
}

fn read_enum(document: &Value) -> Result<Datatype> {
    let base = document
        .get("base")
        .ok_or_else(|| bad("no base", document))?;
    let base = match read(base, 2)? {
        Datatype::Integer(integer) => integer,
        _ => return Err(bad("an enum of something else than integers", document)),
    };
    let integer = |value: &Value| {
        let wide = value.as_i64().map(i128::from);
        wide.or_else(|| value.as_u64().map(i128::from))
            .ok_or_else(|| bad("an enum value that is no integer", document))
    };
    let members = match (document.get("members"), document.get("mapping")) {
        (Some(Value::Array(items)), _) => items
            .iter()
            .map(|item| {
                let name = item.get("name").and_then(Value::as_str);
                let name = name.ok_or_else(|| bad("an enum member without name", document))?;
                Ok((name.to_owned(), integer(&item["value"])?))
            })
            .collect::<Result<Vec<_>>>()?,
        (_, Some(Value::Object(map))) => map
            .iter()
            .map(|(name, value)| Ok((name.clone(), integer(value)?)))
            .collect::<Result<Vec<_>>>()?,
        _ => return Err(bad("no members", document)),
    };
    Ok(Datatype::Enum(EnumType { base, members }))
}

fn read_array(document: &Value, depth: usize) -> Result<Datatype> {
    let dims = match document.get("dims") {
        Some(Value::Array(items)) => items.iter().map(Value::as_u64).collect::<Option<Vec<_>>>(),
        Some(single) => single.as_u64().map(|n| vec![n]),
        None => None,
    };
    let sound = |dims: &Vec<u64>| !dims.is_empty() && dims.len() <= MAX_RANK && !dims.contains(&0);
    let dims = dims.filter(sound);
    let dims = dims.ok_or_else(|| bad("no usable dims", document))?;
    let array = Datatype::Array {
        base: Box::new(read_base(document, depth)?),
        dims,
    };
    match array.memory_size().filter(|_| array.arrays_are_few()) {
        Some(size) if u32::try_from(size).is_ok() => Ok(array),
        _ => Err(bad("an array of impossible size or depth", document)),
    }
}

#[cfg(test)]
mod tests;
