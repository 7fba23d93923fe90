//! Domains and folders: a tree of names, each domain with a root group.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use h5rest_protocol::ObjectId;

use super::objects;
use super::records::{self, DomainRecord, Header};
use crate::auth::acl::{self, Acl};
use crate::error::{ApiError, Result};
use crate::store::{Overlay, Reader, Store, keys};

/// A domain or folder that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDomain {
    /// Its absolute path.
    pub path: String,
    /// Whose it will be.
    pub owner: String,
    /// Its root group; `None` makes a folder.
    pub root: Option<ObjectId>,
    /// Whether the root group exists already, as that of another domain.
    pub linked: bool,
    /// Creation properties of the root group.
    pub root_properties: Option<serde_json::Value>,
}

/// The path of the folder that holds this path; `None` at the top.
pub fn parent(path: &str) -> Option<&str> {
    let (parent, _) = path.rsplit_once('/')?;
    (!parent.is_empty()).then_some(parent)
}

/// The record at this path, if there is one.
pub fn find(reader: &dyn Reader, path: &str) -> Result<Option<DomainRecord>> {
    records::get(reader, &keys::domain(path))
}

/// The record at this path; 410 if it was deleted lately, 404 if there is none.
pub fn get(reader: &dyn Reader, store: &Store, path: &str) -> Result<DomainRecord> {
    match find(reader, path)? {
        Some(record) => Ok(record),
        None if store.was_deleted(&keys::domain(path)) => {
            Err(ApiError::gone(format!("domain {path} was deleted")))
        }
        None => Err(ApiError::not_found(format!("domain {path} does not exist"))),
    }
}

/// The record at this path as it is now, if it is still of what was seen there before; 409 if somebody
/// else has made another domain or folder there since, which is not meant.
pub fn get_same(
    reader: &dyn Reader,
    store: &Store,
    path: &str,
    seen: &DomainRecord,
) -> Result<DomainRecord> {
    let record = get(reader, store, path)?;
    match (record.root, record.created) == (seen.root, seen.created) {
        true => Ok(record),
        false => Err(ApiError::conflict(format!(
            "{path} was deleted and made anew meanwhile"
        ))),
    }
}

/// Writes a record.
pub fn put(change: &mut Overlay<'_>, path: &str, record: &DomainRecord) -> Result<()> {
    change.put(keys::domain(path), records::encode(record)?);
    Ok(())
}

/// Makes a domain or folder in an existing folder, or at the top.
pub fn create(change: &mut Overlay<'_>, store: &Store, new: &NewDomain) -> Result<DomainRecord> {
    let path = &new.path;
    if find(change, path)?.is_some() {
        return Err(ApiError::conflict(format!("domain {path} exists already")));
    }
    let folder = match parent(path) {
        None => None,
        Some(parent) => {
            let folder = get(change, store, parent)
                .map_err(|e| ApiError::new(e.status, format!("parent folder: {}", e.reason)))?;
            if folder.root.is_some() {
                return Err(ApiError::bad_request("Parent domain must be a folder"));
            }
            Some(folder)
        }
    };
    if let Some(root) = new.root.filter(|_| new.linked)
        && !objects::exists(change, root)?
    {
        return Err(objects::missing(store, root));
    }
    let now = store.clock.now();
    let record = DomainRecord {
        root: new.root,
        owner: new.owner.clone(),
        acls: first_acls(folder.as_ref(), &new.owner, new.root.is_none()),
        created: now,
        modified: now,
    };
    if let Some(root) = new.root.filter(|_| !new.linked) {
        if objects::exists(change, root)? {
            return Err(ApiError::conflict(format!(
                "root group {root} exists already"
            )));
        }
        let header = Header {
            created: now,
            datatype: None,
            creation: new.root_properties.clone(),
            chunk: None,
            filtering: 0,
        };
        objects::create(change, root, &header)?;
    }
    put(change, path, &record)?;
    Ok(record)
}

/// What a new domain's access rights are: the folder's, as far as they grant something and are
/// for particular users (so the folder's owner keeps a hand on what others make in it);
/// everything for the owner; folders can be read by all.
fn first_acls(
    folder: Option<&DomainRecord>,
    owner: &str,
    is_folder: bool,
) -> BTreeMap<String, Acl> {
    let inherited = folder.into_iter().flat_map(|f| {
        let particular = |name: &str| name != acl::DEFAULT && name != acl::ADMIN;
        f.acls
            .iter()
            .filter(move |(name, acl)| particular(name) && acl.grants_anything())
    });
    let mut acls: BTreeMap<String, Acl> = inherited.map(|(n, a)| (n.clone(), *a)).collect();
    acls.insert(owner.to_owned(), Acl::ALL);
    if is_folder && owner != acl::DEFAULT {
        acls.insert(acl::DEFAULT.to_owned(), Acl::READ);
    }
    acls
}

/// Deletes a domain or an empty folder. The objects go too unless `keep_root`.
pub fn delete(
    change: &mut Overlay<'_>,
    path: &str,
    record: &DomainRecord,
    keep_root: bool,
) -> Result<()> {
    if record.root.is_none() {
        let entries = keys::folder(path);
        if change.any(&entries, &keys::end_of(&entries))? {
            return Err(ApiError::conflict(format!("folder {path} is not empty")));
        }
    }
    if let Some(root) = record.root.filter(|_| !keep_root) {
        let prefix = keys::objects(root.domain);
        let end = keys::end_of(&prefix);
        change.delete_range(prefix, end);
    }
    change.delete(keys::domain(path));
    Ok(())
}

/// The entries of a folder (`""` is the top) by name; `take` says for each name whether it is
/// wanted and when to stop.
pub fn entries(
    reader: &dyn Reader,
    folder: &str,
    after: Option<&str>,
    take: &mut dyn FnMut(&str, DomainRecord) -> ControlFlow<()>,
) -> Result<()> {
    let prefix = keys::folder(folder);
    let mut start = prefix.clone();
    if let Some(name) = after {
        start.extend_from_slice(name.as_bytes());
        start.push(0);
    }
    let mut problem = None;
    reader.scan(&start, &keys::end_of(&prefix), &mut |key, value| {
        let name = String::from_utf8_lossy(&key[prefix.len()..]);
        match records::decode(&value) {
            Ok(record) => take(&name, record),
            Err(error) => {
                problem = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    problem.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_was_made_anew_is_another_one() {
        let store = Arc::new(Store::in_memory());
        let make = |root: Option<ObjectId>| {
            let new = NewDomain {
                path: "/f".into(),
                owner: "u".into(),
                root,
                linked: false,
                root_properties: None,
            };
            let own = store.clone();
            store.write(move |change| {
                change.delete(keys::domain("/f"));
                create(change, &own, &new)
            })
        };
        let same = |seen: &DomainRecord| {
            let reader = store.read().unwrap();
            get_same(&*reader, &store, "/f", seen).map_err(|error| error.status.as_u16())
        };
        let first = make(Some(ObjectId::new_root())).unwrap();
        assert_eq!(same(&first).unwrap().root, first.root);
        let second = make(Some(ObjectId::new_root())).unwrap();
        assert_eq!(same(&first), Err(409));
        assert_eq!(same(&second).unwrap().root, second.root);
        // Folders have no root that tells them apart.
        let folder = make(None).unwrap();
        make(None).unwrap();
        assert_eq!(same(&folder), Err(409));
    }
}
