//! Reads the server's documents of objects, links and attributes.
//!
//! Most of what an answer says it says again and again: types, shapes, creation properties. So one
//! [`Reader`] reads a whole answer, and objects share what is the same.

use std::sync::Arc;

use h5rest_protocol::creation::DatasetCreation;
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::document::Node;
use h5rest_protocol::{Link, ObjectClass, ObjectId, Shape, StoredType};
use serde_json::{Map, Value};

use super::annotations::{self, Annotations};
use super::disguise::{self, Disguise};
use super::error::{Error, Result};
use super::hints;
use super::index::Indexed;
use super::records::{
    AttributeRecord, AttributeValue, Attributes, Content, DatasetInfo, Head, LinkRecord, Links,
};

/// What was read last of an answer, by the documents that said it.
#[derive(Debug)]
struct Known<K, T>(Vec<(K, T)>);

/// So many are remembered: to compare them takes less than to read one.
const MOST_KNOWN: usize = 16;

impl<K, T> Default for Known<K, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq, T: Clone> Known<K, T> {
    /// What this says, which is read unless it was lately.
    fn get_or_read(&mut self, key: K, read: impl FnOnce() -> Result<T>) -> Result<T> {
        if let Some((_, known)) = self.0.iter().find(|(known, _)| *known == key) {
            return Ok(known.clone());
        }
        let new = read()?;
        if self.0.len() == MOST_KNOWN {
            self.0.remove(0);
        }
        self.0.push((key, new.clone()));
        Ok(new)
    }
}

/// Reads the documents of one answer.
#[derive(Debug, Default)]
pub(super) struct Reader<'d> {
    types: Known<Node<'d>, (Arc<StoredType>, Disguise)>,
    /// By shape, and the bounds beside it.
    shapes: Known<(Node<'d>, Option<Node<'d>>), Arc<Shape>>,
    group_properties: Known<Option<Node<'d>>, Arc<Map<String, Value>>>,
    /// By type, properties, and the layout beside them.
    dataset_properties: Known<[Option<Node<'d>>; 3], (DatasetCreation, Option<Value>)>,
}

fn expected<'d>(document: Node<'d>, key: &str) -> Result<Node<'d>> {
    let missing = || Error::protocol(format!("the server's answer has no '{key}'"));
    document.get(key).ok_or_else(missing)
}

fn properties(document: Option<Node<'_>>) -> Map<String, Value> {
    match document.map(Node::to_value) {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    }
}

impl<'d> Reader<'d> {
    /// An object's own data.
    pub(super) fn head(&mut self, id: ObjectId, document: Node<'d>) -> Result<Head> {
        if !document.is_object() {
            return Err(Error::protocol("the server's answer describes no object"));
        }
        let content = match id.class {
            ObjectClass::Group => {
                let told = document.get("creationProperties");
                let read = || Ok(Arc::new(properties(told)));
                Content::Group(self.group_properties.get_or_read(told, read)?)
            }
            ObjectClass::Dataset => Content::Dataset(Arc::new(self.dataset(document)?)),
            ObjectClass::Datatype => {
                let told = expected(document, "type")?;
                let (mut ty, _) = disguise::reveal(&told.to_value())?;
                // The type of a committed datatype is that datatype, also where the server omits it.
                ty.committed = Some(id);
                let properties = hints::take_datatype_properties(&mut ty);
                Content::Datatype(Arc::new((ty, properties)))
            }
        };
        let created = document.member("created").as_f64().unwrap_or(0.0);
        let modified = document.member("lastModified").as_f64();
        let annotations = document.get("annotations").map(Node::to_value);
        Ok(Head {
            created,
            modified: modified.unwrap_or(created),
            annotations: annotations
                .map_or_else(Annotations::default, |told| Annotations::from_json(&told)),
            content,
        })
    }

    fn ty(&mut self, told: Node<'d>) -> Result<(Arc<StoredType>, Disguise)> {
        let read = || {
            let (ty, disguise) = disguise::reveal(&told.to_value())?;
            Ok((Arc::new(ty), disguise))
        };
        self.types.get_or_read(told, read)
    }

    fn dataset(&mut self, document: Node<'d>) -> Result<DatasetInfo> {
        let told = expected(document, "type")?;
        let (ty, disguise) = self.ty(told)?;
        let (own, beside) = (document.get("creationProperties"), document.get("layout"));
        let read = || {
            let mut properties = properties(own);
            // Data written by HSDS before 1.0 have the layout beside the properties.
            if let (false, Some(layout)) = (properties.contains_key("layout"), beside) {
                properties.insert("layout".into(), layout.to_value());
            }
            hints::restore_dataset_properties(&mut properties);
            let told = disguise.told(&ty.datatype);
            let mut creation = DatasetCreation::from_json(&Value::Object(properties), &told)?;
            hints::take_filters(&mut creation);
            let bounds = creation.extra.shift_remove(hints::BOUNDS);
            Ok((creation, bounds))
        };
        let properties = [Some(told), own, beside];
        let (creation, bounds) = self.dataset_properties.get_or_read(properties, read)?;
        let shape = Shape::from_json(&expected(document, "shape")?.to_value())?;
        Ok(DatasetInfo {
            shape: hints::with_bounds(shape, bounds.as_ref()),
            creation,
            disguise,
            ty,
        })
    }

    /// A group's links as an object of documents by name, or as a list of documents with titles.
    pub(super) fn links(&mut self, document: Node<'d>) -> Result<Links> {
        let mut found = Vec::new();
        for (name, link) in document.members() {
            found.push((Place::of(link), name, link_record(name, link)?));
        }
        for link in document.items() {
            let name = expected(link, "title")?.as_str().unwrap_or_default();
            found.push((Place::of(link), name, link_record(name, link)?));
        }
        Ok(placed(found))
    }

    /// An object's attributes as an object of documents by name, or as a list with names.
    /// `complete` says that a document without value means an attribute without value. With
    /// `kept_there`, that of the annotations is not among them.
    pub(super) fn attributes(
        &mut self,
        document: Node<'d>,
        complete: bool,
        kept_there: bool,
    ) -> Result<Attributes> {
        let mut found = Vec::new();
        let is_hidden = |name: &str| kept_there && name == annotations::ATTRIBUTE;
        for (name, attribute) in document.members().filter(|(name, _)| !is_hidden(name)) {
            let (place, record) = self.attribute(name, attribute, complete);
            found.push((place, name, record));
        }
        for attribute in document.items() {
            let name = expected(attribute, "name")?.as_str().unwrap_or_default();
            if !is_hidden(name) {
                let (place, record) = self.attribute(name, attribute, complete);
                found.push((place, name, record));
            }
        }
        Ok(placed(found))
    }

    /// One attribute. A type that nobody understands must not make its neighbours unreadable.
    pub(super) fn attribute(
        &mut self,
        name: &str,
        document: Node<'d>,
        complete: bool,
    ) -> (Place, AttributeRecord) {
        let (mut place, mut is_base64) = (Place::default(), false);
        let (mut ty, mut shape, mut value) = (None, None, None);
        for (member, told) in document.members() {
            match member {
                "type" => ty = Some(told),
                "shape" => shape = Some(told),
                "value" => value = Some(told),
                "encoding" => is_base64 = told.as_str() == Some("base64"),
                _ => place.note(member, told),
            }
        }
        let value = match value {
            Some(value) if value.is_null() => AttributeValue::Unwritten,
            None if complete => AttributeValue::Unwritten,
            None => AttributeValue::OnServer,
            Some(value) => AttributeValue::Document {
                value: value.to_value(),
                base64: is_base64,
            },
        };
        let declared = self.declaration(ty, shape);
        let disguise = declared
            .as_ref()
            .map_or(Disguise::None, |(_, _, disguise)| *disguise);
        let record = AttributeRecord {
            name: None,
            declared: declared.map(|(ty, shape, _)| (ty, shape)),
            disguise,
            charset: charset(name, ty),
            value,
        };
        (place, record)
    }

    fn declaration(
        &mut self,
        ty: Option<Node<'d>>,
        shape: Option<Node<'d>>,
    ) -> Result<(Arc<StoredType>, Arc<Shape>, Disguise)> {
        let missing = |key| Error::protocol(format!("the server's answer has no '{key}'"));
        let told = ty.ok_or_else(|| missing("type"))?;
        let (ty, disguise) = self.ty(told)?;
        let shape = shape.ok_or_else(|| missing("shape"))?;
        let bounds = told.get(hints::BOUNDS);
        let read = || {
            let shape = Shape::from_json(&shape.to_value())?;
            let bounds = bounds.map(Node::to_value);
            Ok(Arc::new(hints::with_bounds(shape, bounds.as_ref())))
        };
        let shape = self.shapes.get_or_read((shape, bounds), read)?;
        Ok((ty, shape, disguise))
    }
}

/// What stands in a document of a link or an attribute about its place among the others.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// HDF5's creation order number, which h5rest tells.
    number: Option<i64>,
    /// Time of creation.
    created: f64,
}

impl Place {
    fn of(document: Node<'_>) -> Self {
        let mut place = Self::default();
        for (member, told) in document.members() {
            place.note(member, told);
        }
        place
    }

    /// Takes what a member of the document says about it.
    fn note(&mut self, member: &str, told: Node<'_>) {
        match member {
            "creationOrder" => self.number = told.as_i64(),
            "created" => self.created = told.as_f64().unwrap_or(0.0),
            _ => {}
        }
    }
}

fn link_record(name: &str, document: Node<'_>) -> Result<LinkRecord> {
    let says_more = |(member, _): (&str, Node<'_>)| {
        matches!(member, "h5path" | "file" | "h5domain" | hints::TRUE_LINK)
    };
    let link = match document.get("id").and_then(Node::as_str) {
        // Nearly all are of this kind.
        Some(target)
            if document.member("class").as_str() == Some("H5L_TYPE_HARD")
                && !document.members().any(says_more) =>
        {
            Link::Hard(target.parse()?)
        }
        _ => hints::true_link(&document.to_value())?,
    };
    Ok(LinkRecord {
        link,
        charset: charset(name, Some(document)),
    })
}

/// The declared encoding of a name.
fn charset(name: &str, document: Option<Node<'_>>) -> CharSet {
    let told = document.and_then(|document| document.get(hints::CHARSET));
    hints::charset(name, told.and_then(Node::as_str))
}

/// By the numbers that the server tells. One that tells none: creation order is the order of
/// creation times; equal ones (old servers stamp a whole batch with one time) keep the order of the
/// document.
fn placed<T>(mut found: Vec<(Place, &str, T)>) -> Indexed<T> {
    let numbers = found.iter().map(|(place, ..)| place.number);
    let numbers: Option<Vec<i64>> = numbers.collect();
    if let Some(numbers) = numbers.filter(|numbers| all_differ(numbers)) {
        let items = numbers.into_iter().zip(found);
        return Indexed::numbered(items.map(|(number, (_, name, item))| (number, name, item)));
    }
    found.sort_by(|(a, ..), (b, ..)| a.created.total_cmp(&b.created));
    Indexed::in_order(found.into_iter().map(|(_, name, item)| (name, item)))
}

fn all_differ(numbers: &[i64]) -> bool {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}

/// The numbers that the next link and the next attribute of an object get, if the server tells.
pub(super) fn next_numbers(document: Node<'_>) -> (i64, i64) {
    let number = |key: &str| document.member(key).as_i64().unwrap_or(0);
    (number("nextLinkOrder"), number("nextAttributeOrder"))
}

/// HSDS has no declared encodings; names outside ASCII can only be UTF-8.
pub(super) fn guessed_charset(name: &str) -> CharSet {
    if name.is_ascii() {
        CharSet::Ascii
    } else {
        CharSet::Utf8
    }
}

#[cfg(test)]
mod tests {
    use h5rest_protocol::document::Document;
    use serde_json::json;

    use super::super::index::{IndexBy, Order};
    use super::*;

    #[test]
    fn creation_order_is_that_of_the_times() {
        let id = ObjectId::new_root();
        let document = json!({
            "b": {"class": "H5L_TYPE_HARD", "id": id, "created": 3.0},
            "a": {"class": "H5L_TYPE_SOFT", "h5path": "x", "created": 2.0},
            "ü": {"class": "H5L_TYPE_EXTERNAL", "h5path": "x", "file": "f", "created": 1.0}});
        let document = Document::of(&document);
        let links = Reader::default().links(document.root()).unwrap();
        let listed: Vec<String> = links
            .list(IndexBy::CreationOrder, Order::Increasing)
            .into_iter()
            .map(|(name, _, _)| name.to_string())
            .collect();
        assert_eq!(listed, ["ü", "a", "b"]);
        assert_eq!(links.get("ü").unwrap().charset, CharSet::Utf8);
    }

    #[test]
    fn old_layouts_beside_the_properties_are_seen() {
        let id = ObjectId::new_root().new_in_domain(ObjectClass::Dataset);
        let document = json!({"type": "H5T_STD_I32LE", "shape": {"class": "H5S_SIMPLE", "dims": [4]},
            "layout": {"class": "H5D_CHUNKED", "dims": [2]}, "created": 5.5, "lastModified": 6.5});
        let document = Document::of(&document);
        let head = Reader::default().head(id, document.root()).unwrap();
        let Content::Dataset(dataset) = head.content else {
            panic!("no dataset");
        };
        let layout = dataset.creation.layout.clone();
        assert_eq!(
            layout,
            Some(h5rest_protocol::creation::Layout::Chunked(vec![2]))
        );
        assert_eq!((head.created, head.modified), (5.5, 6.5));
    }

    #[test]
    fn one_strange_attribute_does_not_hide_the_others() {
        let document = json!([
            {"name": "odd", "type": {"class": "H5T_WHAT"}, "shape": {"class": "H5S_SCALAR"}},
            {"name": "good", "type": "H5T_STD_I8LE", "shape": {"class": "H5S_SCALAR"}, "value": 1}]);
        let document = Document::of(&document);
        let attributes = Reader::default().attributes(document.root(), false, false);
        let attributes = attributes.unwrap();
        assert!(attributes.get("odd").unwrap().declared.is_err());
        assert!(attributes.get("good").unwrap().declared.is_ok());
    }
}
