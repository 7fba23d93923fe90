//! Changes of a domain's metadata that requests ask for: read and checked first, made when their
//! turn comes, alone or in one commit with others (`batch`).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::reply::Reply;
use crate::attempt::Attempt;
use crate::error::{ApiError, Result};
use crate::store::{Overlay, Reader};

/// A change that is ready to be made.
pub type Edit = Box<dyn FnOnce(&mut Overlay<'_>) -> Result<Reply> + Send>;

/// Reads a request, checks what its user may do, and returns the change that it asks for. The reader
/// shows the state just before the change.
pub type ReadEdit = fn(&Call, &dyn Reader) -> Result<Edit>;

/// Links or attributes that one request makes at most by naming each for several objects,
const MOST_SHARED: usize = 1 << 20;
/// and bytes of their records, about: they are held until the commit.
const MOST_SHARED_BYTES: usize = 256 << 20;

/// Refuses to make the same links or attributes in more objects than one change can: a short request could
/// keep all other changes waiting. What is sent for each object on its own is bounded by the body.
pub fn check_shared<T>(
    objects: usize,
    sent: &[T],
    what: &str,
    length: impl Fn(&T) -> Result<usize>,
) -> Result<()> {
    if objects <= 1 {
        return Ok(());
    }
    let lengths = sent.iter().map(length);
    let bytes = lengths.sum::<Result<usize>>()?.saturating_mul(objects);
    let entries = sent.len().saturating_mul(objects);
    if entries <= MOST_SHARED && bytes <= MOST_SHARED_BYTES {
        return Ok(());
    }
    Err(ApiError::too_large(format!(
        "{} {what} for each of {objects} objects would be {entries} of {} MiB, and one request makes at most \
         {MOST_SHARED} of {} MiB so: name fewer objects in each of several requests",
        sent.len(),
        bytes >> 20,
        MOST_SHARED_BYTES >> 20
    )))
}

/// Reads and makes a change, unless this request has made it before.
pub fn once(
    by: &Attempt,
    change: &mut Overlay<'_>,
    edit: impl FnOnce(&mut Overlay<'_>) -> Result<Reply>,
) -> Result<Reply> {
    let made = by.make(change, |change| {
        // Changes have documents for answers.
        Ok(match edit(change)? {
            Reply::Json(status, document) => json!([status.as_u16(), document]),
            _ => json!([StatusCode::OK.as_u16(), {}]),
        })
    })?;
    Ok(reply_of(&made))
}

/// What was answered to this request when [`once`] made it before, if it did.
pub fn answered(by: &Attempt, reader: &dyn Reader) -> Result<Option<Reply>> {
    Ok(by.answered(reader)?.as_ref().map(reply_of))
}

fn reply_of(made: &Value) -> Reply {
    let status = made[0].as_u64().and_then(|n| u16::try_from(n).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    Reply::Json(status.unwrap_or_default(), made[1].clone())
}

impl Call {
    /// Makes a change on its own.
    pub fn change(&self, read: ReadEdit) -> Result<Reply> {
        let by = self.attempt()?;
        let reader = self.store().read()?;
        if let Some(reply) = answered(&by, &*reader)? {
            return Ok(reply);
        }
        let edit = read(self, &*reader)?;
        drop(reader);
        self.store().write(move |change| once(&by, change, edit))
    }
}
