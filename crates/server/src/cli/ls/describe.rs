//! Objects, types and layouts in a few words.

use h5rest_protocol::creation::{DatasetCreation, Filter, Layout};
use h5rest_protocol::datatype::{
    BitLayout, ByteOrder, FloatType, IntegerType, ReferenceType, StringLength,
};
use h5rest_protocol::{Datatype, Extent, Link, ObjectClass, ObjectId, Shape};
use serde_json::Value;

use super::table::shown;

/// What kind of object it is.
pub(super) fn class(id: ObjectId) -> &'static str {
    match id.class {
        ObjectClass::Group => "group",
        ObjectClass::Dataset => "dataset",
        ObjectClass::Datatype => "datatype",
    }
}

/// An object with what can be told of it on a line.
pub(super) fn object(id: ObjectId, document: &Value) -> String {
    let datatype = Datatype::from_json(&document["type"]);
    let ty = || match &datatype {
        Ok(datatype) => type_name(datatype),
        Err(_) => "unknown type".into(),
    };
    match id.class {
        ObjectClass::Group => "group".into(),
        ObjectClass::Datatype => format!("datatype {}", ty()),
        ObjectClass::Dataset => {
            let mut words = vec!["dataset".to_owned(), extent(&document["shape"]), ty()];
            let known = datatype.as_ref().ok();
            words.extend(known.and_then(|datatype| storage(document, datatype)));
            words.join(" ")
        }
    }
}

/// How many attributes it has.
pub(super) fn attributes(document: &Value) -> String {
    match document["attributeCount"].as_u64() {
        None | Some(0) => String::new(),
        Some(1) => "1 attribute".into(),
        Some(count) => format!("{count} attributes"),
    }
}

/// Where a link leads that is not a hard one.
pub(super) fn link(link: &Link) -> String {
    match link {
        Link::Hard(id) => class(*id).into(),
        Link::Soft(path) => format!("soft link to {}", shown(path)),
        Link::External { file, path } => {
            format!("external link to {} in {}", shown(path), shown(file))
        }
        Link::UserDefined { class, .. } => format!("link of class {class}"),
    }
}

/// `{4, 2/unlimited}`: extents, with bounds where they differ.
fn extent(document: &Value) -> String {
    match Shape::from_json(document) {
        Ok(Shape::Null) => "{null}".into(),
        Ok(Shape::Scalar) => "{scalar}".into(),
        Ok(Shape::Simple { dims, maxdims }) => {
            let bound = |at: usize| maxdims.as_ref().and_then(|bounds| bounds.get(at));
            let texts = dims.iter().enumerate().map(|(at, dim)| match bound(at) {
                Some(Extent::Unlimited) => format!("{dim}/unlimited"),
                Some(Extent::Fixed(most)) if most != dim => format!("{dim}/{most}"),
                _ => dim.to_string(),
            });
            format!("{{{}}}", texts.collect::<Vec<_>>().join(", "))
        }
        Err(_) => "{unknown}".into(),
    }
}

/// Layout and filters, if there is something to tell.
fn storage(document: &Value, datatype: &Datatype) -> Option<String> {
    let creation = DatasetCreation::from_json(&document["creationProperties"], datatype).ok()?;
    let layout = Layout::from_json(&document["layout"]).or(creation.layout);
    let mut words: Vec<String> = match layout? {
        Layout::Compact => vec!["compact".into()],
        Layout::Contiguous => vec!["contiguous".into()],
        Layout::Chunked(dims) => vec![format!("chunks {{{}}}", list(&dims))],
    };
    words.extend(creation.filters.iter().map(filter));
    Some(words.join(" "))
}

fn filter(filter: &Filter) -> String {
    match (filter.id, filter.parameters.first()) {
        (1, Some(level)) => format!("deflate({level})"),
        (id, _) if filter.name.is_empty() => format!("filter {id}"),
        _ => shown(&filter.name),
    }
}

fn list(dims: &[u64]) -> String {
    let dims: Vec<String> = dims.iter().map(u64::to_string).collect();
    dims.join(", ")
}

fn type_name(datatype: &Datatype) -> String {
    match datatype {
        Datatype::Integer(integer) => integer_name(integer),
        Datatype::Float(float) => float_name(float),
        Datatype::Complex(float) => format!("complex of {}", float_name(float)),
        Datatype::Time(bits) => format!("time{}", bits.size * 8),
        Datatype::Bitfield(bits) => format!("bitfield{}{}", bits.size * 8, order(bits)),
        Datatype::String(string) => match string.length {
            StringLength::Fixed(size) => format!("string of {size}"),
            StringLength::Variable => "string".into(),
        },
        Datatype::Opaque { size, .. } => format!("opaque of {size}"),
        Datatype::Reference(ReferenceType::Region) => "region reference".into(),
        Datatype::Reference(ReferenceType::Object) => "object reference".into(),
        Datatype::Reference(ReferenceType::Any) => "reference".into(),
        Datatype::Enum(enumeration) => {
            let names: Vec<String> = enumeration.members.iter().map(|m| shown(&m.0)).collect();
            format!("enum {{{}}}", names.join(", "))
        }
        Datatype::Vlen(base) => format!("sequence of {}", type_name(base)),
        Datatype::Array { base, dims } => {
            format!("array {{{}}} of {}", list(dims), type_name(base))
        }
        Datatype::Compound(compound) => {
            let members = compound.members.iter();
            let texts = members.map(|m| format!("{}: {}", shown(&m.name), type_name(&m.datatype)));
            format!("compound {{{}}}", texts.collect::<Vec<_>>().join(", "))
        }
    }
}

fn integer_name(integer: &IntegerType) -> String {
    let sign = if integer.signed { "" } else { "u" };
    format!("{sign}int{}{}", integer.bits.size * 8, order(&integer.bits))
}

fn float_name(float: &FloatType) -> String {
    let own = if float.is_ieee() { "" } else { " (not IEEE)" };
    format!("float{}{}{own}", float.bits.size * 8, order(&float.bits))
}

/// Little-endian, the usual case, is not told; bytes have no order.
fn order(bits: &BitLayout) -> &'static str {
    match bits.order {
        ByteOrder::Big if bits.size > 1 => " big-endian",
        ByteOrder::Vax => " of the VAX",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dataset_on_a_line() {
        let id = ObjectId::new_root().new_in_domain(ObjectClass::Dataset);
        let document = json!({
            "type": {"class": "H5T_COMPOUND", "fields": [
                {"name": "a", "type": {"class": "H5T_INTEGER", "base": "H5T_STD_U8BE"}},
                {"name": "b", "type": {"class": "H5T_FLOAT", "base": "H5T_IEEE_F64BE"}}]},
            "shape": {"class": "H5S_SIMPLE", "dims": [4, 2], "maxdims": ["H5S_UNLIMITED", 2]},
            "creationProperties": {
                "layout": {"class": "H5D_CHUNKED", "dims": [2, 2]},
                "filters": [{"class": "H5Z_FILTER_DEFLATE", "id": 1, "level": 3}]},
        });
        assert_eq!(
            object(id, &document),
            "dataset {4/unlimited, 2} compound {a: uint8, b: float64 big-endian} chunks {2, 2} \
             deflate(3)"
        );
    }
}
