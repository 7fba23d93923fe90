//! What an answer says of one object.

use h5rest_protocol::document::{Document, Node};
use h5rest_protocol::{ObjectClass, ObjectId};
use serde_json::Value;

use super::super::annotations::{self, Annotations};
use super::super::document::{self, Reader};
use super::super::error::Result;
use super::super::records::{Attributes, Head, Links};

/// An object as an answer describes it.
#[derive(Debug)]
pub(in super::super) struct Found {
    pub(in super::super) id: ObjectId,
    pub(in super::super) head: Head,
    /// Of a group, unless the answer left them out.
    pub(in super::super) links: Option<Links>,
    /// Unless the answer left them out.
    pub(in super::super) attributes: Option<Attributes>,
    /// The creation order number that the next link gets, 0 if the server does not tell.
    pub(in super::super) next_link: i64,
    /// The same for attributes.
    pub(in super::super) next_attribute: i64,
}

impl Found {
    /// Reads an object's document. `complete` says that an attribute without value was never
    /// written. Where the server has no annotations, an attribute holds them.
    pub(super) fn read<'d>(
        reader: &mut Reader<'d>,
        id: ObjectId,
        object: Node<'d>,
        complete: bool,
        in_attribute: bool,
    ) -> Result<Self> {
        let mut head = reader.head(id, object)?;
        let told = object.get("attributes");
        if in_attribute && let Some(kept) = told.and_then(annotations::attribute_among) {
            head.annotations = Annotations::from_attribute(&kept.to_value());
        }
        let attributes = told.map(|told| reader.attributes(told, complete, in_attribute));
        let links = object
            .get("links")
            .filter(|_| id.class == ObjectClass::Group)
            .map(|told| reader.links(told));
        let (next_link, next_attribute) = document::next_numbers(object);
        Ok(Self {
            id,
            head,
            links: links.transpose()?,
            attributes: attributes.transpose()?,
            next_link,
            next_attribute,
        })
    }

    /// Reads the document of a single object.
    pub(super) fn read_single(
        id: ObjectId,
        object: &Value,
        complete: bool,
        in_attribute: bool,
    ) -> Result<Self> {
        let object = Document::of(object);
        let mut reader = Reader::default();
        Self::read(&mut reader, id, object.root(), complete, in_attribute)
    }
}
