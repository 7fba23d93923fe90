//! `/datasets/<id>/type`.

use serde_json::json;

use super::call::Call;
use super::reply::Reply;
use crate::auth::acl::Action;
use crate::error::Result;
use crate::model::objects;

/// GET of a dataset's type.
pub fn get_type(call: &Call) -> Result<Reply> {
    let reader = call.store().read()?;
    let (domain, id) = call.open_object(&*reader, Action::Read)?;
    let header = objects::header(&*reader, call.store(), id)?;
    let hrefs = call.hrefs(&[
        ("self", format!("/datasets/{id}/type")),
        ("owner", format!("/datasets/{id}")),
        ("root", format!("/groups/{}", domain.root)),
    ]);
    Ok(Reply::ok(json!({"type": header.datatype, "hrefs": hrefs})))
}
