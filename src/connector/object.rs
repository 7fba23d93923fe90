//! Groups, datasets and committed datatypes reached through a file: what they are.
//!
//! `resolve`, `create`, `links`, `attributes` and `values` add what can be done with them.

use std::fmt;
use std::sync::Arc;

use h5rest_protocol::creation::Layout;
use h5rest_protocol::{Extent, ObjectClass, ObjectId, StoredType};
use serde_json::{Map, Value};

use super::error::{Error, Result};
use super::external::{Following, LinkAccess};
use super::file::File;
use super::outbox::{Change, Fate};
use super::records::{Content, DatasetInfo};
use super::requests::{Use, Work};
use super::session::Session;

/// What HDF5 can ask about a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupInfo {
    /// Number of its links.
    pub links: u64,
    /// The creation order number that its next link will have.
    pub max_creation_order: i64,
    /// Its creation properties.
    pub properties: Map<String, Value>,
}

/// What HDF5 can ask about any object.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectInfo {
    /// Its id.
    pub id: ObjectId,
    /// Hard links to it.
    pub rc: u32,
    /// Creation time in seconds since 1970; 0 if the object was made to keep no times.
    pub created: f64,
    /// Time of the last change in seconds since 1970; 0 as above.
    pub modified: f64,
    /// Number of its attributes.
    pub attributes: u64,
}

/// A path by which an object was reached, absolute in the file where the path began: soft links
/// and mounted files lead to objects of other files.
#[derive(Clone)]
pub(super) struct Name {
    pub(super) file: Arc<File>,
    pub(super) path: Arc<str>,
}

impl Name {
    pub(super) fn new(file: &Arc<File>, path: &str) -> Self {
        Self {
            file: file.clone(),
            path: path.into(),
        }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && self.path == other.path
    }
}

/// An object and the file handle it was reached through; cheap to clone.
#[derive(Clone)]
pub struct Object {
    file: Arc<File>,
    id: ObjectId,
    name: Option<Name>,
    access: Option<Arc<LinkAccess>>,
    _open: Arc<OpenHandle>,
}

/// Counts an open object for as long as a handle on it exists.
struct OpenHandle {
    session: Arc<Session>,
    id: ObjectId,
}

impl Drop for OpenHandle {
    fn drop(&mut self) {
        self.session.closed(self.id);
    }
}

impl Object {
    pub(super) fn new(file: Arc<File>, id: ObjectId, name: Option<Name>) -> Self {
        let session = file.session().clone();
        session.cache().opened(id);
        Self {
            _open: Arc::new(OpenHandle { session, id }),
            file,
            id,
            name,
            access: None,
        }
    }

    /// The same object, from which names are followed as a link access property list says. What
    /// they lead to is not.
    pub fn following_by(self, access: Option<Arc<LinkAccess>>) -> Self {
        Self { access, ..self }
    }

    pub(super) fn following(&self) -> Following {
        Following::new(self.access.clone())
    }

    /// The same object under another name.
    pub(super) fn at(&self, name: Option<Name>) -> Self {
        Self {
            name,
            ..self.clone()
        }
    }

    /// Its id.
    pub fn id(&self) -> ObjectId {
        self.id
    }

    /// What kind of object it is.
    pub fn class(&self) -> ObjectClass {
        self.id.class
    }

    /// The file handle it was reached through.
    pub fn file(&self) -> &Arc<File> {
        &self.file
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        self.file.session()
    }

    /// The absolute path it was opened by, if it was opened by one.
    pub fn path(&self) -> Option<&str> {
        self.name.as_ref().map(|name| &*name.path)
    }

    /// What it was opened by, if it was opened by a name.
    pub(super) fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// The name of what a link of this group leads to.
    pub(super) fn child_name(&self, link: &str) -> Option<Name> {
        let name = self.name.as_ref()?;
        let slash = if &*name.path == "/" { "" } else { "/" };
        let path = format!("{}{slash}{link}", name.path);
        Some(Name::new(&name.file, &path))
    }

    /// What HDF5's object tokens carry: unique in its domain.
    pub fn token(&self) -> u64 {
        self.id.object
    }

    /// What HDF5 can ask about it.
    pub fn info(&self) -> Result<ObjectInfo> {
        let session = self.session();
        session.load(self.id)?;
        let rc = session.link_count(self.id)?;
        let head = session.head(self.id)?;
        let attributes = session.attributes(self.id)?.len() as u64;
        let (created, modified) = match head.content.keeps_times() {
            true => (head.created, head.modified),
            false => (0.0, 0.0),
        };
        Ok(ObjectInfo {
            id: self.id,
            rc,
            created,
            modified,
            attributes,
        })
    }

    /// What HDF5 can ask about a group.
    pub fn group_info(&self) -> Result<GroupInfo> {
        let Content::Group(properties) = self.session().head(self.id)?.content else {
            return Err(Error::invalid(format!("{self} is no group")));
        };
        let links = self.session().links(self.id)?;
        Ok(GroupInfo {
            links: links.len() as u64,
            max_creation_order: links.next_order(),
            properties: (*properties).clone(),
        })
    }

    /// What HDF5 can ask about a dataset.
    pub fn dataset(&self) -> Result<Arc<DatasetInfo>> {
        let known = self
            .session()
            .look_at(self.id, |head| match &head.content {
                Content::Dataset(dataset) => Some(dataset.clone()),
                _ => None,
            })?;
        known.ok_or_else(|| Error::invalid(format!("{self} is no dataset")))
    }

    /// A committed datatype and its creation properties.
    pub fn datatype(&self) -> Result<(StoredType, Map<String, Value>)> {
        match self.session().head(self.id)?.content {
            Content::Datatype(datatype) => Ok((*datatype).clone()),
            _ => Err(Error::invalid(format!("{self} is no committed datatype"))),
        }
    }

    /// Changes a dataset's extent within its bounds.
    pub fn set_extent(&self, dims: &[u64]) -> Result<()> {
        if let Some(resized) = self.resized(dims)? {
            self.post_extent(dims, is_growth(self.dataset()?.shape.dims(), dims))?;
            self.note_extent(resized);
        }
        Ok(())
    }

    /// Changes a dataset's extent for this process at once; the work that is returned does it on
    /// the server. `None` if it has this extent.
    pub fn set_extent_later(&self, dims: &[u64]) -> Result<Option<Work>> {
        let Some(resized) = self.resized(dims)? else {
            return Ok(None);
        };
        let grows = is_growth(self.dataset()?.shape.dims(), dims);
        self.note_extent(resized);
        let (mut noted, dims) = (NotedExtent(Some(self.clone())), dims.to_vec());
        Ok(Some(Box::new(move || {
            let done = noted
                .0
                .as_ref()
                .map_or(Ok(()), |dataset| dataset.post_extent(&dims, grows));
            if done.is_ok() {
                drop(noted.0.take());
            }
            done
        })))
    }

    /// A growing extent may be sent later. What a shrinking one cuts off is gone, and must have been
    /// written before.
    fn post_extent(&self, dims: &[u64], grows: bool) -> Result<()> {
        let session = self.session();
        let post = || match grows {
            true => self.post(Change::Grow {
                id: self.id,
                dims: dims.to_vec(),
            }),
            false => {
                session.send_values(self.id)?;
                session.without_writes(self.id, || {
                    Ok(session.domain()?.put_extent(self.id, dims)?)
                })
            }
        };
        let posted = post();
        session.forget_values(self.id);
        posted.map_err(|error: Error| error.context(format!("cannot resize {self}")))?;
        session.changed(self.id);
        Ok(())
    }

    /// Has a change of this object made on the server, see [`Session::post`].
    pub(super) fn post(&self, change: Change) -> Result<()> {
        self.session().post(change, self.place())
    }

    /// The same for a change that depends on another one, see [`Session::post_after`].
    pub(super) fn post_after(&self, change: Change, after: Option<&Fate>) -> Result<Fate> {
        self.session().post_after(change, self.place(), after)
    }

    /// Its path, for messages about changes of it.
    pub(super) fn place(&self) -> Option<Arc<str>> {
        self.name.as_ref().map(|name| name.path.clone())
    }

    fn note_extent(&self, resized: DatasetInfo) {
        if let Some(head) = self.session().cache().head_mut(self.id) {
            head.content = Content::Dataset(Arc::new(resized));
        }
    }

    /// A dataset with another extent within its bounds; `None` if it has that extent.
    fn resized(&self, dims: &[u64]) -> Result<Option<DatasetInfo>> {
        self.file.check_writable()?;
        let dataset = self.dataset()?;
        let mut shape = dataset.shape.clone();
        let wrong = |words: &str| {
            Err(Error::invalid(format!(
                "cannot resize {self} to {dims:?}: {words}"
            )))
        };
        if let Some(Layout::Contiguous | Layout::Compact) = dataset.creation.layout
            && !dataset.is_external()
        {
            return wrong("only chunked datasets, and those in external files, can be resized");
        }
        let h5rest_protocol::Shape::Simple {
            dims: current,
            maxdims,
        } = &mut shape
        else {
            return wrong("it has no dimensions");
        };
        if current.len() != dims.len() {
            return wrong(&format!("it has {} dimensions", current.len()));
        }
        if current == dims {
            return Ok(None);
        }
        let fixed = || {
            current
                .iter()
                .map(|&extent| Extent::Fixed(extent))
                .collect()
        };
        let bounds = maxdims.get_or_insert_with(fixed);
        if !bounds
            .iter()
            .zip(dims)
            .all(|(bound, &size)| bound.allows(size))
        {
            return wrong("that is beyond its maximum extent");
        }
        current.copy_from_slice(dims);
        Ok(Some(DatasetInfo {
            shape,
            ..(*dataset).clone()
        }))
    }

    /// Waits until every queued operation is done that a call with this use of it follows.
    pub fn settle(&self, usage: Use) {
        self.session().settle(self.id, usage);
    }

    /// Forgets what is known of it, so that the next question goes to the server.
    pub fn refresh(&self) -> Result<()> {
        self.settle(Use::Changes);
        self.session().flush_values(self.id)?;
        self.session().send_changes()?;
        self.session().forget(self.id);
        self.session().fetch_single(self.id)
    }

    /// Returns when the server has it durably, also what is queued.
    pub fn flush(&self) -> Result<()> {
        self.file.flush()
    }
}

/// A dataset with an extent that the server does not have yet. If the work that was to bring it there fails,
/// or is given up before it begins, only the server knows what the extent is.
struct NotedExtent(Option<Object>);

impl Drop for NotedExtent {
    fn drop(&mut self) {
        if let Some(dataset) = self.0.take() {
            dataset.session().forget(dataset.id);
        }
    }
}

/// Whether a dataset gets smaller in no dimension.
fn is_growth(current: &[u64], dims: &[u64]) -> bool {
    current.iter().zip(dims).all(|(old, new)| new >= old)
}

/// What it is called in messages: `dataset '/a/b'`.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = self.id.class.name();
        match self.path() {
            Some(path) => write!(f, "{class} '{path}'"),
            None => write!(f, "{class} {}", self.id),
        }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} in '{}'", self.file.name())
    }
}
