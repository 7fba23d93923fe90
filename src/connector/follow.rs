//! Files that were opened to follow a writer (H5F_ACC_SWMR_READ): extents of datasets are the
//! server's whenever the program asks for them (H5Dget_space, H5Drefresh), so that it sees elements as
//! another one appends them. A read keeps to the extent that the program was told last: its buffer has
//! no more room.

use std::sync::Arc;

use h5rest_protocol::Shape;

use super::error::{Error, Result};
use super::object::Object;
use super::records::{Content, DatasetInfo};

impl Object {
    /// Learns a dataset's extent as it is on the server now, if its file follows a writer.
    pub fn follow_writer(&self) -> Result<()> {
        if !self.file().follows_writer() {
            return Ok(());
        }
        let renew = || -> Result<()> {
            let known = self.dataset()?;
            let session = self.session();
            let answer = session.domain_about(self.id())?.extent(self.id())?;
            let Shape::Simple { dims, .. } = Shape::from_json(&answer["shape"])? else {
                return Ok(());
            };
            let mut shape = known.shape.clone();
            if let Shape::Simple { dims: old, .. } = &mut shape
                && *old != dims
            {
                *old = dims;
                let renewed = DatasetInfo {
                    shape,
                    ..(*known).clone()
                };
                if let Some(head) = session.cache().head_mut(self.id()) {
                    head.content = Content::Dataset(Arc::new(renewed));
                }
            }
            Ok(())
        };
        renew().map_err(|error: Error| error.context(format!("cannot ask how large {self} is")))
    }
}
