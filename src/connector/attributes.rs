//! Attributes of objects: create, open, read, write, list, rename, delete.

use std::sync::Arc;

use bytes::Bytes;
use h5rest_client::ServerInfo;
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::document::Document;
use h5rest_protocol::{Shape, StoredType};
use serde_json::{Value, json};

use super::attribute_name::{AttributeName, Lost, Remains, are_alike};
use super::attribute_value::{self, Sent};
use super::disguise::Disguise;
use super::document::{Reader, guessed_charset};
use super::error::{Error, Result};
use super::index::{IndexBy, Order};
use super::object::Object;
use super::outbox::{Change, Fate, Subject};
use super::records::{AttributeRecord, AttributeValue, Attributes};
use super::{annotations, disguise, hints};

/// An attribute as HDF5 programs see it.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeInfo {
    /// Its name.
    pub name: String,
    /// HDF5's creation order number, if the object tracks it.
    pub creation_order: i64,
    /// How many of the attributes that are there were created before.
    pub position: u64,
    /// Declared encoding of the name.
    pub charset: CharSet,
    /// Bytes of its value as HDF5 programs see it.
    pub data_size: u64,
    /// Its type.
    pub ty: StoredType,
    /// Its extent.
    pub shape: Shape,
}

/// An open attribute; cheap to clone.
#[derive(Debug, Clone)]
pub struct Attribute {
    object: Object,
    name: Arc<AttributeName>,
    ty: Arc<StoredType>,
    shape: Arc<Shape>,
    disguise: Disguise,
    is_new: bool,
}

/// What a new attribute is to be.
struct Declared<'a> {
    name: &'a str,
    ty: &'a StoredType,
    shape: &'a Shape,
    charset: CharSet,
}

impl Declared<'_> {
    /// The attribute's document without value.
    fn document(&self, server: &ServerInfo) -> (Value, Disguise) {
        let (mut ty, disguise) = disguise::tell(self.ty, server);
        // HSDS keeps unknown members of an attribute's type, not of the attribute.
        hints::add_charset(self.name, self.charset, &mut ty);
        if let Some(bounds) = hints::bounds(self.shape) {
            ty[hints::BOUNDS] = bounds;
        }
        let document = json!({"type": ty, "shape": self.shape.to_json()});
        (document, disguise)
    }
}

impl Object {
    /// Creates an attribute, which reads as zeros until it is written.
    pub fn create_attribute(
        &self,
        name: &str,
        ty: StoredType,
        shape: Shape,
        charset: CharSet,
    ) -> Result<Attribute> {
        let create = || {
            self.file().check_writable()?;
            self.check_name_is_free(name)?;
            if self.attribute_exists(name)? {
                return Err(Error::exists("it has one of that name"));
            }
            self.add_attribute(name, ty, shape, charset, None)?;
            let attribute = self.attribute(name)?;
            Ok(Attribute {
                is_new: true,
                ..attribute
            })
        };
        create().map_err(|error: Error| self.on_attribute("create", name, error))
    }

    /// Opens an attribute.
    pub fn open_attribute(&self, name: &str) -> Result<Attribute> {
        let opened = self.attribute(name);
        opened.map_err(|error| self.on_attribute("open", name, error))
    }

    /// Opens the `n`th attribute.
    pub fn open_attribute_at(&self, by: IndexBy, order: Order, n: u64) -> Result<Attribute> {
        let name = self.nth_attribute(by, order, n)?;
        self.open_attribute(&name)
    }

    /// Whether it has an attribute of that name.
    pub fn attribute_exists(&self, name: &str) -> Result<bool> {
        self.check_attribute(name)?;
        Ok(self.session().attributes(self.id())?.contains(name))
    }

    /// Deletes an attribute.
    pub fn delete_attribute(&self, name: &str) -> Result<()> {
        let delete = || {
            self.file().check_writable()?;
            if !self.attribute_exists(name)? {
                return Err(no_attribute());
            }
            let left_open = self.left_open(name)?;
            self.post(Change::DeleteAttribute {
                id: self.id(),
                name: name.to_owned(),
            })?;
            self.session().cache().remove_attribute(self.id(), name);
            if let Some((handles, remains)) = left_open {
                handles.delete(remains);
            }
            self.session().changed(self.id());
            Ok(())
        };
        delete().map_err(|error: Error| self.on_attribute("delete", name, error))
    }

    /// The handles of an attribute that is about to be deleted, if there are any, and what they will see.
    fn left_open(&self, name: &str) -> Result<Option<(Arc<AttributeName>, Remains)>> {
        let known = self.session().attributes(self.id())?;
        let handles = known.get(name).and_then(|record| record.name.clone());
        drop(known);
        // The cache has one, and this is another.
        let Some(handles) = handles.filter(|handles| Arc::strong_count(handles) > 2) else {
            return Ok(None);
        };
        let attribute = self.attribute(name)?;
        let remains = Remains {
            info: attribute.info()?,
            // A value that cannot be read must not keep it from being deleted.
            value: attribute.read_if_written().ok().flatten().map(Into::into),
        };
        Ok(Some((handles, remains)))
    }

    /// Deletes the `n`th attribute.
    pub fn delete_attribute_at(&self, by: IndexBy, order: Order, n: u64) -> Result<()> {
        let name = self.nth_attribute(by, order, n)?;
        self.delete_attribute(&name)
    }

    /// Gives an attribute another name.
    pub fn rename_attribute(&self, old: &str, new: &str) -> Result<()> {
        let rename = || {
            self.file().check_writable()?;
            let attribute = self.attribute(old)?;
            if old == new {
                return Ok(());
            }
            self.check_name_is_free(new)?;
            if self.attribute_exists(new)? {
                return Err(Error::exists(format!("there is one named '{new}' already")));
            }
            // A declared encoding is told only where the name does not tell it.
            let same_guess = guessed_charset(old) == guessed_charset(new);
            if self.session().server().is_h5rest() && same_guess {
                self.post(Change::RenameAttribute {
                    id: self.id(),
                    old: old.to_owned(),
                    new: new.to_owned(),
                })?;
            } else {
                self.replace_attribute(&attribute, old, new)?;
            }
            self.session().attributes(self.id())?.rename(old, new);
            attribute.name.rename(new);
            self.session().changed(self.id());
            Ok(())
        };
        rename().map_err(|error: Error| self.on_attribute("rename", old, error))
    }

    /// All attributes.
    pub fn attributes(&self, by: IndexBy, order: Order) -> Result<Vec<AttributeInfo>> {
        let attributes = self.session().attributes(self.id())?;
        let positions = attributes.positions();
        let list = attributes.list(by, order).into_iter();
        list.map(|(name, at, record)| {
            let position = positions.get(&at).copied().unwrap_or(0);
            info(name, at, position, record)
        })
        .collect()
    }

    /// The name of the `n`th attribute.
    pub fn nth_attribute(&self, by: IndexBy, order: Order, n: u64) -> Result<String> {
        let mut attributes = self.session().attributes(self.id())?;
        let (name, count) = (attributes.nth(by, order, n), attributes.len());
        drop(attributes);
        match name {
            Some(name) => Ok(name.to_string()),
            None => Err(Error::not_found(format!(
                "{self} has {count} attributes, none at index {n}"
            ))),
        }
    }

    // ---- steps ------------------------------------------------------------------------------

    /// Refuses the name that the connector itself needs where the server has no annotations.
    fn check_name_is_free(&self, name: &str) -> Result<()> {
        if name != annotations::ATTRIBUTE || self.session().server().is_h5rest() {
            return Ok(());
        }
        let words = "on HSDS the connector keeps comments and reference counts in it";
        Err(Error::unsupported(&format!(
            "attributes named '{name}': {words}"
        )))
    }

    /// Makes a new attribute, with its value if it has one, and notes it.
    pub(super) fn add_attribute(
        &self,
        name: &str,
        ty: StoredType,
        shape: Shape,
        charset: CharSet,
        bytes: Option<Vec<u8>>,
    ) -> Result<()> {
        let declared = Declared {
            name,
            ty: &ty,
            shape: &shape,
            charset,
        };
        let (disguise, _) = self.post_attribute(&declared, bytes.as_deref(), false)?;
        let record = AttributeRecord {
            name: None,
            declared: Ok((Arc::new(ty), Arc::new(shape))),
            disguise,
            charset,
            value: bytes.map_or(AttributeValue::Unwritten, |bytes| {
                AttributeValue::Wire(bytes.into())
            }),
        };
        self.note_attribute(name, record);
        Ok(())
    }

    /// Renames where the server cannot: it gets a copy, then loses the old one.
    fn replace_attribute(&self, attribute: &Attribute, old: &str, new: &str) -> Result<()> {
        let declared = Declared {
            name: new,
            ty: &attribute.ty,
            shape: &attribute.shape,
            charset: self.attribute_charset(old)?,
        };
        let written = self.attribute_is_written(old)?;
        let bytes = written.then(|| attribute.read()).transpose()?;
        let (_, made) = self.post_attribute(&declared, bytes.as_deref(), false)?;
        let deletion = Change::DeleteAttribute {
            id: self.id(),
            name: old.to_owned(),
        };
        // The only copy must not go if the server refuses the new one.
        self.post_after(deletion, Some(&made)).map(drop)
    }

    /// Whether an attribute was ever written.
    pub(super) fn attribute_is_written(&self, name: &str) -> Result<bool> {
        let attributes = self.session().attributes(self.id())?;
        let record = attributes.get(name).ok_or_else(no_attribute)?;
        Ok(!matches!(record.value, AttributeValue::Unwritten))
    }

    /// Fails if the server has refused a change of this attribute after its call.
    fn check_attribute(&self, name: &str) -> Result<()> {
        let subject = || Subject::Attribute(self.id(), name.to_owned());
        self.session().check(subject)
    }

    fn attribute(&self, name: &str) -> Result<Attribute> {
        self.check_attribute(name)?;
        let mut attributes = self.session().attributes(self.id())?;
        let record = attributes.get_mut(name).ok_or_else(no_attribute)?;
        let (ty, shape) = record.declared.clone()?;
        let shared = record.name.get_or_insert_with(|| AttributeName::new(name));
        let (name, disguise) = (shared.clone(), record.disguise);
        drop(attributes);
        Ok(Attribute {
            object: self.clone(),
            name,
            ty,
            shape,
            disguise,
            is_new: false,
        })
    }

    fn attribute_charset(&self, name: &str) -> Result<CharSet> {
        let attributes = self.session().attributes(self.id())?;
        let record = attributes.get(name).ok_or_else(no_attribute)?;
        Ok(record.charset)
    }

    fn note_attribute(&self, name: &str, record: AttributeRecord) {
        let mut cache = self.session().cache();
        cache.insert_attribute(self.id(), name, record);
        drop(cache);
        self.session().changed(self.id());
    }

    fn note_value(&self, name: &str, value: AttributeValue) {
        let mut cache = self.session().cache();
        cache.set_attribute_value(self.id(), name, value);
    }

    /// Has an attribute made with its value (if it has one), in the way that fits the value. Returns
    /// how its type is disguised, and what becomes of the change.
    fn post_attribute(
        &self,
        declared: &Declared<'_>,
        bytes: Option<&[u8]>,
        replace: bool,
    ) -> Result<(Disguise, Fate)> {
        let server = self.session().server();
        let (ty, shape, name) = (&declared.ty.datatype, declared.shape, declared.name);
        let (mut document, disguise) = declared.document(server);
        let count = shape.count().and_then(|count| usize::try_from(count).ok());
        let sent = match bytes {
            Some(bytes) => {
                let told = disguise.put_on(ty, bytes.to_vec(), count.unwrap_or(0))?;
                attribute_value::encode(&disguise.told(ty), shape, &told, server.is_h5rest())?
            }
            None => Sent::Nothing,
        };
        let sent_apart = sent == Sent::Bytes;
        match sent {
            Sent::Nothing | Sent::Bytes => {}
            Sent::Json(value) => document["value"] = value,
            Sent::Base64(text) => {
                document["value"] = json!(text);
                document["encoding"] = json!("base64");
            }
        }
        let change = Change::PutAttribute {
            id: self.id(),
            name: name.to_owned(),
            document,
            bytes: bytes.filter(|_| sent_apart).map(Bytes::copy_from_slice),
            replace,
        };
        let fate = self.post_after(change, None)?;
        Ok((disguise, fate))
    }

    fn on_attribute(&self, what: &str, name: &str, error: Error) -> Error {
        error.context(format!("cannot {what} attribute '{name}' of {self}"))
    }
}

impl Attribute {
    /// The object it belongs to.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// Its name, which a rename may have changed since it was opened.
    pub fn name(&self) -> String {
        self.name.get()
    }

    /// All that HDF5 can ask about it.
    pub fn info(&self) -> Result<AttributeInfo> {
        if let Some(remains) = self.name.remains() {
            return Ok(remains.info);
        }
        let name = self.name();
        let look = || {
            self.object.check_attribute(&name)?;
            let attributes = self.object.session().attributes(self.object.id())?;
            let record = self.record(&attributes, &name)?;
            let at = attributes.order_of(&name).ok_or_else(no_attribute)?;
            info(&name, at, attributes.position_of(at), record)
        };
        look().map_err(|error: Error| self.object.on_attribute("look at", &name, error))
    }

    /// What is known of it: not of another one that has its name now, as far as that can be told.
    fn record<'a>(&self, attributes: &'a Attributes, name: &str) -> Result<&'a AttributeRecord> {
        match self.name.lost() {
            None => {}
            Some(Lost::Gone) => return Err(no_attribute()),
            Some(Lost::Replaced) => return Err(replaced()),
        }
        let record = attributes.get(name).ok_or_else(no_attribute)?;
        let declared = record.declared.as_ref().map_err(Error::clone)?;
        match are_alike(declared, &(self.ty.clone(), self.shape.clone())) {
            true => Ok(record),
            false => Err(replaced()),
        }
    }

    /// Whether this handle created it.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Its type.
    pub fn ty(&self) -> &StoredType {
        &self.ty
    }

    /// Its extent.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// All its elements in wire form; zeros if it was never written.
    pub fn read(&self) -> Result<Vec<u8>> {
        match self.read_if_written()? {
            Some(bytes) => Ok(bytes),
            None => attribute_value::zeros(&self.ty.datatype, &self.shape),
        }
    }

    /// All its elements in wire form, if it was ever written.
    pub fn read_if_written(&self) -> Result<Option<Vec<u8>>> {
        if let Some(remains) = self.name.remains() {
            return Ok(remains.value.map(|bytes| bytes.to_vec()));
        }
        let name = self.name();
        let read = self.read_named(&name);
        read.map_err(|error| self.object.on_attribute("read", &name, error))
    }

    fn read_named(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let object = &self.object;
        object.check_attribute(name)?;
        let value = {
            let attributes = object.session().attributes(object.id())?;
            self.record(&attributes, name)?.value.clone()
        };
        let value = match value {
            AttributeValue::OnServer => self.fetch(name)?,
            known => known,
        };
        let bytes = match &value {
            AttributeValue::Wire(bytes) => bytes.to_vec(),
            AttributeValue::Document { value, base64 } => {
                let told = self.disguise.told(&self.ty.datatype);
                let bytes = attribute_value::decode(&told, &self.shape, value, *base64)?;
                let count = attribute_value::count(&self.shape)?;
                self.disguise
                    .take_off(&self.ty.datatype, bytes, count, None)?
            }
            AttributeValue::Unwritten | AttributeValue::OnServer => {
                object.note_value(name, AttributeValue::Unwritten);
                return Ok(None);
            }
        };
        self.check_length(&bytes)?;
        object.note_value(name, AttributeValue::Wire(bytes[..].into()));
        Ok(Some(bytes))
    }

    /// Whether reading it needs no request.
    pub fn is_at_hand(&self) -> bool {
        if self.name.remains().is_some() {
            return true;
        }
        let object = &self.object;
        let mut cache = object.session().cache();
        let record = cache.attributes_mut(object.id());
        let record = record.and_then(|attributes| attributes.get_mut(&self.name()));
        record.is_some_and(|record| !matches!(record.value, AttributeValue::OnServer))
    }

    /// Asks for a value that did not come with the object.
    fn fetch(&self, name: &str) -> Result<AttributeValue> {
        let domain = self.object.session().domain_about(self.object.id())?;
        let document = domain.attribute(self.object.id(), name)?;
        let document = Document::of(&document);
        let (_, record) = Reader::default().attribute(name, document.root(), true);
        Ok(record.value)
    }

    /// Replaces all its elements, given in wire form.
    pub fn write(&self, bytes: Vec<u8>) -> Result<()> {
        let name = self.name();
        let write = || {
            self.object.file().check_writable()?;
            self.check_length(&bytes)?;
            if self.name.write_remains(&bytes) {
                return Ok(());
            }
            self.object.check_attribute(&name)?;
            let charset = {
                let attributes = self.object.session().attributes(self.object.id())?;
                self.record(&attributes, &name)?.charset
            };
            if self.shape.count() == Some(0) {
                return Ok(());
            }
            let declared = Declared {
                name: &name,
                ty: &self.ty,
                shape: &self.shape,
                charset,
            };
            self.object.post_attribute(&declared, Some(&bytes), true)?;
            self.object
                .note_value(&name, AttributeValue::Wire(bytes.into()));
            self.object.session().changed(self.object.id());
            Ok(())
        };
        write().map_err(|error: Error| self.object.on_attribute("write", &name, error))
    }

    /// Values of fixed size have exactly one length.
    fn check_length(&self, bytes: &[u8]) -> Result<()> {
        let count = self
            .shape
            .count()
            .and_then(|count| usize::try_from(count).ok());
        let expected = self.ty.datatype.wire_size().zip(count);
        let expected = expected.and_then(|(size, count)| size.checked_mul(count));
        match expected {
            Some(size) if size != bytes.len() => Err(Error::protocol(format!(
                "its value has {} bytes instead of {size}",
                bytes.len()
            ))),
            _ => Ok(()),
        }
    }
}

fn replaced() -> Error {
    Error::invalid(
        "another program has replaced it by one of another type or extent: open it again",
    )
}

fn no_attribute() -> Error {
    Error::not_found("it has none of that name")
}

fn info(
    name: &str,
    creation_order: i64,
    position: u64,
    record: &AttributeRecord,
) -> Result<AttributeInfo> {
    let (ty, shape) = record.declared.clone()?;
    Ok(AttributeInfo {
        name: name.to_owned(),
        creation_order,
        position,
        charset: record.charset,
        data_size: attribute_value::file_size(&ty.datatype, &shape),
        ty: (*ty).clone(),
        shape: (*shape).clone(),
    })
}
