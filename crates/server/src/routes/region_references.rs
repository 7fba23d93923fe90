//! `regionref=`: the elements that a region reference selects. The reference lies in a dataset or an
//! attribute of the same domain; of several, `select` names one.
//!
//! As on HSDS, the region is taken of the dataset that the URL names, whatever dataset the
//! reference was made of.

use bytes::Bytes;
use h5rest_protocol::datatype::ReferenceType;
use h5rest_protocol::selection::{self, Selection};
use h5rest_protocol::values::binary;
use h5rest_protocol::values::reference::RegionReference;
use h5rest_protocol::{Datatype, ObjectClass, ObjectId, Shape};
use serde_json::Value;

use super::access::Access;
use super::call::Call;
use super::open::Open;
use crate::auth::acl::Action;
use crate::error::{ApiError, Result};
use crate::model::attributes;
use crate::store::Reader;
use crate::values::regions::Chosen;
use crate::values::{Dataset, Target, read};

/// What the request's region reference selects of a dataset.
#[derive(Debug)]
pub enum Referred {
    /// The request names none.
    NotAsked,
    /// It is null.
    Null,
    /// These elements.
    To(Chosen),
}

/// Follows the request's region reference, if it names one.
pub fn follow(
    call: &Call,
    reader: &dyn Reader,
    domain: &Open,
    dataset: &Dataset,
) -> Result<Referred> {
    let Some(path) = call.query.get("regionref") else {
        return Ok(Referred::NotAsked);
    };
    let element = match Source::parse(path)? {
        Source {
            id,
            attribute: None,
        } => in_dataset(call, reader, domain, id)?,
        Source {
            id,
            attribute: Some(name),
        } => in_attribute(call, reader, domain, id, &name)?,
    };
    let reference = match element.is_empty() {
        true => None,
        false => RegionReference::from_blob(binary::blob(&element)?)?,
    };
    match reference {
        None => Ok(Referred::Null),
        Some(reference) => {
            Chosen::new(&reference.region, dataset.dims(), &dataset.chunk).map(Referred::To)
        }
    }
}

/// Where the reference lies.
#[derive(Debug, PartialEq)]
struct Source {
    id: ObjectId,
    attribute: Option<String>,
}

impl Source {
    /// Reads `/datasets/<id>`, or `/<groups or datasets>/<id>/attributes/<name>`.
    fn parse(path: &str) -> Result<Self> {
        let bad =
            || ApiError::bad_request(format!("regionref '{path}' is no dataset or attribute"));
        let mut parts = path.strip_prefix('/').ok_or_else(bad)?.splitn(4, '/');
        let (collection, id) = (parts.next(), parts.next().ok_or_else(bad)?);
        let id: ObjectId = id.parse()?;
        let attribute = match (parts.next(), parts.next()) {
            (None, None) => None,
            (Some("attributes"), Some(name)) if !name.is_empty() => Some(name.to_owned()),
            _ => return Err(bad()),
        };
        let sound = collection == Some(id.class.collection())
            && (attribute.is_some() || id.class == ObjectClass::Dataset);
        match sound {
            true => Ok(Self { id, attribute }),
            false => Err(bad()),
        }
    }
}

/// The element that `select` names, in wire form.
fn in_dataset(call: &Call, reader: &dyn Reader, domain: &Open, id: ObjectId) -> Result<Bytes> {
    domain.check_member(id)?;
    Access::new(call, reader, domain)?.check(id, Action::Read)?;
    let source = Dataset::open(reader, call.store(), id)?;
    check_type(&source.datatype)?;
    let selection = one(call, &source.shape)?;
    read::read(
        reader,
        &source,
        &Target::selection(&selection, &source.chunk)?,
    )
}

fn in_attribute(
    call: &Call,
    reader: &dyn Reader,
    domain: &Open,
    id: ObjectId,
    name: &str,
) -> Result<Bytes> {
    domain.check_member(id)?;
    Access::new(call, reader, domain)?.check(id, Action::Read)?;
    let source = attributes::get(reader, call.store(), id, name)?;
    let datatype = source.datatype()?;
    check_type(&datatype)?;
    let shape = source.shape()?;
    let selection = one(call, &shape)?;
    let pairs = selection.iter().zip(shape.dims());
    let place = pairs.fold(0, |place, (dim, &extent)| place * extent + dim.index(0));
    let elements = source.elements()?;
    let count = shape.count().and_then(|n| usize::try_from(n).ok());
    let ranges = binary::split(&datatype, &elements, count.unwrap_or(0))?;
    let range = ranges
        .into_iter()
        .nth(usize::try_from(place).unwrap_or(usize::MAX));
    Ok(range.map_or_else(Bytes::new, |range| elements.slice(range)))
}

fn check_type(datatype: &Datatype) -> Result<()> {
    match datatype {
        Datatype::Reference(ReferenceType::Region) => Ok(()),
        _ => Err(ApiError::bad_request(
            "regionref: these are no region references",
        )),
    }
}

/// The one element that `select` names; a scalar has no other.
fn one(call: &Call, shape: &Shape) -> Result<Selection> {
    let dims = match shape {
        Shape::Null => {
            return Err(ApiError::bad_request(
                "regionref: a null shape has no references",
            ));
        }
        Shape::Scalar => return Ok(Vec::new()),
        Shape::Simple { dims, .. } => dims,
    };
    let selection = match call.query.get("select") {
        Some(text) => selection::from_json(&Value::from(text), dims)?,
        None => selection::all(dims),
    };
    match selection::count(&selection) {
        Some(1) => Ok(selection),
        count => Err(ApiError::bad_request(format!(
            "regionref: select names {} references instead of one",
            count.unwrap_or(u64::MAX)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        let root = ObjectId::new_root();
        let dataset = root.new_in_domain(ObjectClass::Dataset);
        let source = |path: String| Source::parse(&path).ok();
        let expected = |id, attribute: Option<&str>| {
            let attribute = attribute.map(str::to_owned);
            Some(Source { id, attribute })
        };
        assert_eq!(
            source(format!("/datasets/{dataset}")),
            expected(dataset, None)
        );
        let of_group = source(format!("/groups/{root}/attributes/a/b"));
        assert_eq!(of_group, expected(root, Some("a/b")));
        for wrong in [
            format!("datasets/{dataset}"),
            format!("/groups/{dataset}"),
            format!("/groups/{root}"),
            format!("/datasets/{dataset}/attributes"),
            format!("/datasets/{dataset}/attributes/"),
            format!("/datasets/{dataset}/value/a"),
            "/datasets".to_owned(),
            "/datasets/x".to_owned(),
        ] {
            assert_eq!(source(wrong.clone()), None, "{wrong}");
        }
    }
}
