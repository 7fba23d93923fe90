//! Changes of a domain's metadata that requests ask for: read and checked first, made when their
//! turn comes, alone or in one commit with others (`batch`).

use super::call::Call;
use super::reply::Reply;
use crate::error::Result;
use crate::store::{Overlay, Reader};

/// A change that is ready to be made.
pub type Edit = Box<dyn FnOnce(&mut Overlay<'_>) -> Result<Reply> + Send>;

/// Reads a request, checks what its user may do, and returns the change that it asks for. The reader
/// shows the state just before the change.
pub type ReadEdit = fn(&Call, &dyn Reader) -> Result<Edit>;

impl Call {
    /// Makes a change on its own.
    pub fn change(&self, read: ReadEdit) -> Result<Reply> {
        let reader = self.store().read()?;
        let edit = read(self, &*reader)?;
        drop(reader);
        self.store().write(edit)
    }
}
