//! What HDF5 keeps with an object beside its attributes: a comment, and references that no link
//! stands for (`H5Oincr_refcount`).
//!
//! `h5rest` has a place for it. On HSDS it is an attribute, the only thing there that can change
//! with an object, which programs do not see through this connector.

use serde_json::{Map, Value, json};

use h5rest_protocol::ObjectId;
use h5rest_protocol::document::Node;

use super::error::{Error, Result};
use super::object::Object;
use super::outbox::{Change, Fate};
use super::session::Session;

/// The attribute that keeps them where the server has no place for them: a JSON text.
pub(super) const ATTRIBUTE: &str = "_hdf5_annotations";

/// The attribute that keeps them among those of an object, by name or in a list with names.
pub(super) fn attribute_among(attributes: Node<'_>) -> Option<Node<'_>> {
    let mut list = attributes.items();
    let in_list = list.find(|one| one.member("name").as_str() == Some(ATTRIBUTE));
    in_list.or_else(|| attributes.get(ATTRIBUTE))
}

/// What is kept with an object beside its attributes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Annotations {
    comment: Option<String>,
    /// Added to the number of its hard links.
    pub(super) references: i32,
    /// Of a root group: whether any object of the domain ever had references.
    pub(super) domain_has_references: bool,
}

impl Annotations {
    /// Reads the document that the server keeps.
    pub(super) fn from_json(document: &Value) -> Self {
        let references = document["references"].as_i64();
        Self {
            comment: document["comment"].as_str().map(str::to_owned),
            references: references.map_or(0, |count| i32::try_from(count).unwrap_or(i32::MAX)),
            domain_has_references: document["domainHasReferences"] == json!(true),
        }
    }

    /// Reads the value of the attribute.
    pub(super) fn from_attribute(document: &Value) -> Self {
        let text = document["value"].as_str();
        let kept = text.and_then(|text| serde_json::from_str(text).ok());
        Self::from_json(&kept.unwrap_or_default())
    }

    /// All members; null for what is not there.
    fn to_json(&self) -> Map<String, Value> {
        let count = (self.references != 0).then_some(self.references);
        let flag = self.domain_has_references.then_some(true);
        let members = [
            ("comment", json!(self.comment)),
            ("references", json!(count)),
            ("domainHasReferences", json!(flag)),
        ];
        members
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect()
    }
}

impl Session {
    pub(super) fn annotations(&self, id: ObjectId) -> Result<Annotations> {
        Ok(self.head(id)?.annotations)
    }

    /// Sends changed annotations and notes them; what becomes of the change.
    pub(super) fn annotate(&self, id: ObjectId, new: Annotations) -> Result<Fate> {
        let old = self.annotations(id)?;
        if old == new {
            return Ok(Fate::done());
        }
        let (old, mut members) = (old.to_json(), new.to_json());
        let change = if self.server().is_h5rest() {
            members.retain(|name, value| old.get(name) != Some(value));
            Change::Annotate { id, members }
        } else {
            members.retain(|_, value| !value.is_null());
            if members.is_empty() {
                let name = ATTRIBUTE.to_owned();
                Change::DeleteAttribute { id, name }
            } else {
                let ty = json!({"class": "H5T_STRING", "charSet": "H5T_CSET_UTF8",
                    "strPad": "H5T_STR_NULLTERM", "length": "H5T_VARIABLE"});
                let text = Value::Object(members).to_string();
                let document = json!({"type": ty, "shape": "H5S_SCALAR", "value": text});
                Change::PutAttribute {
                    id,
                    name: ATTRIBUTE.to_owned(),
                    document,
                    bytes: None,
                    replace: true,
                }
            }
        };
        let fate = self.post_after(change, None, None)?;
        if let Some(head) = self.cache().head_mut(id) {
            head.annotations = new;
        }
        self.changed(id);
        Ok(fate)
    }
}

impl Object {
    /// Its comment.
    pub fn comment(&self) -> Result<Option<String>> {
        Ok(self.session().annotations(self.id())?.comment)
    }

    /// Gives it a comment in place of an old one; `None` only takes that away.
    pub fn set_comment(&self, comment: Option<&str>) -> Result<()> {
        let set = || {
            self.file().check_writable()?;
            let old = self.session().annotations(self.id())?;
            let comment = comment.map(str::to_owned);
            self.session()
                .annotate(self.id(), Annotations { comment, ..old })
                .map(drop)
        };
        set().map_err(|error: Error| error.context(format!("cannot change the comment of {self}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_back() {
        let annotations = Annotations {
            comment: Some("ü\n".into()),
            references: -1,
            domain_has_references: true,
        };
        let document = Value::Object(annotations.to_json());
        assert_eq!(Annotations::from_json(&document), annotations);
        let attribute = json!({"value": document.to_string()});
        assert_eq!(Annotations::from_attribute(&attribute), annotations);
        let none = Value::Object(Annotations::default().to_json());
        assert_eq!(Annotations::from_json(&none), Annotations::default());
        for strange in [json!({"value": 5}), json!({"value": "{"}), json!(null)] {
            assert_eq!(
                Annotations::from_attribute(&strange),
                Annotations::default()
            );
        }
    }
}
