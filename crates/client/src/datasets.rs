//! What only datasets have: an extent that changes, and storage.

use h5rest_protocol::ObjectId;
use serde_json::Value;

use crate::client::{Result, member};
use crate::domain::Domain;
use crate::operation::Operation;
use crate::request::Method;

impl Domain {
    /// Changes a dataset's extent, which must have as many dimensions as before.
    pub fn put_extent(&self, id: ObjectId, dims: &[u64]) -> Result<()> {
        self.change(Operation::put_extent(id, dims)?)
    }

    /// Makes a dataset at least so large (on h5rest; others make it so large).
    pub fn grow(&self, id: ObjectId, dims: &[u64]) -> Result<()> {
        self.change(Operation::grow(id, dims)?)
    }

    /// A dataset's extent now: `{shape: {...}}`.
    pub fn extent(&self, id: ObjectId) -> Result<Value> {
        self.client
            .json(&self.scope(member(Method::Get, id, "/shape")))
    }

    /// Bytes of storage that a dataset takes, if the server knows (HSDS: as of its last scan).
    pub fn allocated_size(&self, id: ObjectId) -> Result<Option<u64>> {
        Ok(self.with_storage(id)?["allocated_size"].as_u64())
    }

    /// Number of chunks that are stored of a dataset, if the server knows, as above.
    pub fn stored_chunks(&self, id: ObjectId) -> Result<Option<u64>> {
        Ok(self.with_storage(id)?["num_chunks"].as_u64())
    }

    fn with_storage(&self, id: ObjectId) -> Result<Value> {
        let request = self
            .scope(member(Method::Get, id, ""))
            .flag("verbose", true);
        self.client.json(&request)
    }
}
