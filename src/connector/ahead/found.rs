//! What an answer says of one object.

use h5rest_protocol::{ObjectClass, ObjectId};
use serde_json::Value;

use super::super::annotations::{self, Annotations};
use super::super::document;
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
    pub(super) fn read(
        id: ObjectId,
        mut object: Value,
        complete: bool,
        in_attribute: bool,
    ) -> Result<Self> {
        let mut head = document::head(id, &object)?;
        let mut attributes = object.get_mut("attributes").map(Value::take);
        if let Some(attributes) = attributes.as_mut().filter(|_| in_attribute)
            && let Some(kept) = document::take_attribute(attributes, annotations::ATTRIBUTE)
        {
            head.annotations = Annotations::from_attribute(&kept);
        }
        let attributes = attributes.map(|attributes| document::attributes(&attributes, complete));
        let links = object
            .get("links")
            .filter(|_| id.class == ObjectClass::Group)
            .map(document::links);
        let (next_link, next_attribute) = document::next_numbers(&object);
        Ok(Self {
            id,
            head,
            links: links.transpose()?,
            attributes: attributes.transpose()?,
            next_link,
            next_attribute,
        })
    }
}
