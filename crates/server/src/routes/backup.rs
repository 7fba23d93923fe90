//! `/backup`: everything the server keeps, for its administrator.

use super::call::Call;
use super::reply::Reply;
use crate::backup::Export;
use crate::error::{ApiError, Result};

/// GET of `/backup`: the store as it is now, while others go on reading and writing.
pub fn get(call: &Call) -> Result<Reply> {
    if call.user.anonymous {
        return Err(ApiError::unauthorized("a backup is for the administrator"));
    }
    if !call.user.unbound {
        return Err(ApiError::forbidden(
            "only the administrator makes a backup of everything",
        ));
    }
    Ok(Reply::Backup(Export::new(call.store().read()?)))
}
