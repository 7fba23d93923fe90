//! Rights of single objects, beside those of their domain. The root group has none: its rights are
//! the domain's.

use h5rest_protocol::ObjectId;

use super::records;
use crate::auth::acl::Acls;
use crate::error::Result;
use crate::store::keys::{self, Part};
use crate::store::{Overlay, Reader};

/// Whether any object of the domain with this root has rights of its own.
pub fn any(reader: &dyn Reader, root: ObjectId) -> Result<bool> {
    Ok(reader.get(&keys::part(root, Part::Acls))?.is_some())
}

/// An object's own rights; most have none.
pub fn get(reader: &dyn Reader, id: ObjectId) -> Result<Acls> {
    Ok(records::get(reader, &keys::part(id, Part::Acls))?.unwrap_or_default())
}

/// Sets an object's own rights; it is not the root group.
pub fn put(change: &mut Overlay<'_>, id: ObjectId, acls: &Acls) -> Result<()> {
    change.put(keys::part(id, Part::Acls), records::encode(acls)?);
    change.put(
        keys::part(id.root_of(), Part::Acls),
        records::encode(&Acls::new())?,
    );
    Ok(())
}
