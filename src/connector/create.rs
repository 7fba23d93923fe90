//! Creating groups, datasets and committed datatypes, with their first link.

use std::sync::Arc;

use h5rest_protocol::creation::DatasetCreation;
use h5rest_protocol::{Extent, Link, ObjectClass, Shape, StoredType};
use serde_json::{Map, Value, json};

use super::annotations::Annotations;
use super::error::{Error, Result};
use super::links::{FreeName, LinkOptions};
use super::object::Object;
use super::outbox::{Change, Fate};
use super::records::{Content, DatasetInfo, Head};
use super::session::{Session, now};
use super::{disguise, external_storage, hints, hsds, layout};

impl Object {
    /// Creates a group; without a name it has no link yet.
    pub fn create_group(
        &self,
        name: Option<&str>,
        link: &LinkOptions,
        properties: Map<String, Value>,
    ) -> Result<Object> {
        let mut body = Map::new();
        if !properties.is_empty() {
            body.insert(
                "creationProperties".into(),
                Value::Object(properties.clone()),
            );
        }
        let content = Content::Group(Arc::new(properties));
        self.create(ObjectClass::Group, name, link, body, content)
    }

    /// Creates a dataset; without a name it has no link yet.
    pub fn create_dataset(
        &self,
        name: Option<&str>,
        link: &LinkOptions,
        ty: StoredType,
        shape: Shape,
        creation: DatasetCreation,
    ) -> Result<Object> {
        external_storage::check(&creation, &ty.datatype, &shape)?;
        let fill = creation.fill_value.as_deref();
        let (told, disguise) = disguise::tell_with_fill(&ty, self.session().server(), fill);
        let told_type = disguise.told(&ty.datatype);
        let mut properties = match creation.to_json(&told_type) {
            Value::Object(properties) => properties,
            _ => Map::new(),
        };
        hints::add_filters(&creation, &mut properties);
        if creation.extra.contains_key(external_storage::FILES) {
            // Servers have no contiguous datasets that can grow; of this one they store nothing.
            hints::keep_dataset_property(&mut properties, "layout", None);
        }
        if let Some(bounds) = bounds_at_zero(&creation, &shape) {
            properties.insert(hints::BOUNDS.into(), bounds);
        }
        if !self.session().server().is_h5rest() {
            hsds::adapt_properties(&mut properties, &creation, (&ty.datatype, disguise), &shape);
        }
        layout::check(&properties, &shape, &told_type).map_err(|error| {
            let name = name.unwrap_or("(anonymous)");
            error.context(format!("cannot create dataset '{name}' from {self}"))
        })?;
        let mut body = Map::new();
        body.insert("type".into(), told);
        shape_members(&shape, &creation, &mut body);
        if !properties.is_empty() {
            body.insert("creationProperties".into(), Value::Object(properties));
        }
        let dataset = DatasetInfo {
            ty: Arc::new(ty),
            shape,
            creation,
            disguise,
        };
        let content = Content::Dataset(Arc::new(dataset));
        self.create(ObjectClass::Dataset, name, link, body, content)
    }

    /// Creates a committed datatype; without a name it has no link yet.
    pub fn commit_datatype(
        &self,
        name: Option<&str>,
        link: &LinkOptions,
        mut ty: StoredType,
        properties: Map<String, Value>,
    ) -> Result<Object> {
        ty.committed = None;
        let mut told = ty.clone();
        hints::add_datatype_properties(&mut told, &properties);
        let mut body = Map::new();
        let (told, _) = disguise::tell(&told, self.session().server());
        body.insert("type".into(), told);
        let content = Content::Datatype(Arc::new((ty, properties)));
        self.create(ObjectClass::Datatype, name, link, body, content)
    }

    /// Makes the object and notes it and its link.
    fn create(
        &self,
        class: ObjectClass,
        name: Option<&str>,
        options: &LinkOptions,
        body: Map<String, Value>,
        content: Content,
    ) -> Result<Object> {
        let create = || {
            let inherited = content.inherited();
            let free = name.map(|name| self.free_name(name, options.intermediate, &inherited));
            match free.transpose()? {
                Some(free) => free.create(class, options, body, content),
                None => self.create_unlinked(class, body, content),
            }
        };
        create().map_err(|error: Error| {
            let name = name.unwrap_or("(anonymous)");
            error.context(format!(
                "cannot create {} '{name}' from {self}",
                class.name()
            ))
        })
    }

    fn create_unlinked(
        &self,
        class: ObjectClass,
        body: Map<String, Value>,
        content: Content,
    ) -> Result<Object> {
        self.file().check_writable()?;
        let session = self.session();
        let id = session.new_id(class);
        let link = None;
        self.post(Change::Create { id, body, link })?;
        {
            let mut cache = session.cache();
            cache.made(id, head(committed_as(content, id)));
            // Unless it gets a link, or is counted as linked (H5Oincr_refcount).
            cache.doom(id, Fate::done());
        }
        session.changed(id);
        session.make_room_if_crowded(id);
        Ok(Object::new(self.file().clone(), id, None))
    }
}

/// Creation properties that groups made on the way to an object have from it, as in HDF5.
const INHERITED: [&str; 3] = [
    "attributeCreationOrder",
    "attributePhaseChange",
    "trackTimes",
];

impl Content {
    fn properties(&self) -> &Map<String, Value> {
        match self {
            Content::Group(properties) => properties,
            Content::Dataset(dataset) => &dataset.creation.extra,
            Content::Datatype(datatype) => &datatype.1,
        }
    }

    /// Whether times are told of the object (H5Pset_obj_track_times).
    pub(super) fn keeps_times(&self) -> bool {
        self.properties().get("trackTimes") != Some(&Value::Bool(false))
    }

    fn inherited(&self) -> Map<String, Value> {
        if matches!(self, Content::Datatype(_)) {
            return Map::new();
        }
        let wanted = self
            .properties()
            .iter()
            .filter(|(name, _)| INHERITED.contains(&name.as_str()));
        wanted
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

impl FreeName<'_> {
    fn create(
        &self,
        class: ObjectClass,
        options: &LinkOptions,
        mut body: Map<String, Value>,
        content: Content,
    ) -> Result<Object> {
        let session = self.group.session();
        // HSDS keeps nothing with a link that comes with its object.
        let mut kept = json!({});
        hints::add_charset(self.name, options.charset, &mut kept);
        if session.server().is_h5rest() && kept != json!({}) {
            body.insert("link".into(), kept);
        }
        let id = session.new_id(class);
        let link = Some((self.group.id(), self.name.to_owned()));
        self.group.post(Change::Create { id, body, link })?;
        session.cache().made(id, head(committed_as(content, id)));
        self.group
            .note_link(self.name, Link::Hard(id), options.charset);
        session.changed(id);
        session.make_room_if_crowded(id);
        self.group.step_to(id, self.name)
    }
}

impl Object {
    /// The object that was just made under `name` in this group.
    fn step_to(&self, id: h5rest_protocol::ObjectId, name: &str) -> Result<Object> {
        Ok(Object::new(self.file().clone(), id, self.child_name(name)))
    }
}

/// Of an object that is made now, by this machine's clock: the server's answer comes later.
fn head(content: Content) -> Head {
    let created = now();
    Head {
        created,
        modified: created,
        annotations: Annotations::default(),
        content,
    }
}

impl Session {
    /// Notes the root group of a domain that was just made, of which the server told this: it has
    /// nothing yet.
    pub(super) fn note_new_root(&self, domain: &Value, properties: Map<String, Value>) {
        let mut root = head(Content::Group(Arc::new(properties)));
        let time = |key: &str| domain[key].as_f64();
        root.created = time("created").unwrap_or(root.created);
        root.modified = time("lastModified").unwrap_or(root.created);
        self.cache().made(self.root(), root);
    }
}

/// A committed datatype's own type is that datatype.
fn committed_as(content: Content, id: h5rest_protocol::ObjectId) -> Content {
    match content {
        Content::Datatype(datatype) => {
            let (mut ty, properties) = (*datatype).clone();
            ty.committed = Some(id);
            Content::Datatype(Arc::new((ty, properties)))
        }
        content => content,
    }
}

/// `shape` and `maxdims` of a dataset's request: HSDS wants lists or class names, no documents.
fn shape_members(shape: &Shape, creation: &DatasetCreation, body: &mut Map<String, Value>) {
    let document = shape.to_json();
    match shape {
        Shape::Null | Shape::Scalar => {
            body.insert("shape".into(), document["class"].clone());
        }
        Shape::Simple { dims, .. } => {
            body.insert("shape".into(), json!(dims));
            // Bounds make a dataset chunked on HSDS, which a fixed one in one piece is not; without
            // them a chunked one could not shrink, which HDF5 allows.
            let bounds = document
                .get("maxdims")
                .cloned()
                .unwrap_or_else(|| json!(dims));
            if is_chunked(creation) || bounds != json!(dims) {
                body.insert("maxdims".into(), bounds);
            }
        }
    }
}

fn is_chunked(creation: &DatasetCreation) -> bool {
    matches!(
        creation.layout,
        Some(h5rest_protocol::creation::Layout::Chunked(_))
    )
}

/// The largest extents, where one is 0: to servers that means an extent that may grow without end.
fn bounds_at_zero(creation: &DatasetCreation, shape: &Shape) -> Option<Value> {
    let zero = |bound: &Extent| *bound == Extent::Fixed(0);
    match shape {
        Shape::Simple {
            dims,
            maxdims: None,
        } => (is_chunked(creation) && dims.contains(&0)).then(|| dims.clone().into()),
        shape => hints::bounds(shape).filter(|_| {
            let bounds = shape.maxdims();
            bounds.is_some_and(|bounds| bounds.iter().any(zero))
        }),
    }
}
