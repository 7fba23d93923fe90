//! What a user may do with the objects of a domain: each has its own rights, or those of the domain
//! ([`crate::auth::acl`] tells which count).

use h5rest_protocol::ObjectId;
use serde_json::Value;

use super::call::{Call, Shared};
use super::open::Open;
use crate::auth::User;
use crate::auth::acl::{self, Acls, Action};
use crate::error::Result;
use crate::model::{domains, object_acls};
use crate::store::{Reader, Store};

/// The rights of one user with the objects of one domain.
pub struct Access<'a> {
    reader: &'a dyn Reader,
    domain: &'a Open,
    user: &'a User,
    /// Whether any object has rights of its own: in most domains none has, and none is looked for.
    any: bool,
}

impl<'a> Access<'a> {
    /// Those of the user who asks.
    pub fn new(call: &'a Call, reader: &'a dyn Reader, domain: &'a Open) -> Result<Self> {
        let is_own = |batch: &&Shared| {
            let record = batch.record.get();
            record.is_some_and(|record| record.root == Some(domain.root))
        };
        let batch = call.batch().filter(is_own);
        let any = match batch.and_then(|batch| batch.any_acls.get()) {
            _ if call.user.unbound => false,
            Some(&any) => any,
            None => object_acls::any(reader, domain.root)?,
        };
        if let Some(batch) = batch {
            let _ = batch.any_acls.set(any);
        }
        Ok(Self {
            reader,
            domain,
            user: &call.user,
            any,
        })
    }

    /// Refuses what the user may not do with the object.
    pub fn check(&self, id: ObjectId, action: Action) -> Result<()> {
        check(self.reader, self.domain, self.user, self.any, id, action)
    }

    /// The same rights for a change that is made later.
    pub fn kept(&self) -> Rights {
        Rights {
            domain: self.domain.clone(),
            user: self.user.clone(),
            any: self.any,
        }
    }

    /// Refuses the use of a committed datatype that the user may not see.
    pub fn check_type(&self, document: &Value) -> Result<()> {
        let id = document.get("id").and_then(Value::as_str);
        match id.and_then(|id| id.parse::<ObjectId>().ok()) {
            Some(id) if id.root_of() == self.domain.root => self.check(id, Action::Read),
            _ => Ok(()),
        }
    }

    /// Whether the user may see the object.
    pub fn shows(&self, id: ObjectId) -> bool {
        self.check(id, Action::Read).is_ok()
    }
}

/// The rights of one user with the objects of one domain, to be asked for inside of a change: what it
/// reaches may have been made by the change itself, or by another one since the request was read.
#[derive(Debug)]
pub struct Rights {
    domain: Open,
    user: User,
    any: bool,
}

impl Rights {
    /// As they are now; 404, 409 or 410 if the domain is not there any more.
    pub fn now(self, reader: &dyn Reader, store: &Store) -> Result<Self> {
        let Open { path, record, root } = self.domain;
        let record = domains::get_same(reader, store, &path, &record)?;
        let any = !self.user.unbound && object_acls::any(reader, root)?;
        Ok(Self {
            domain: Open { path, record, root },
            any,
            ..self
        })
    }

    /// Refuses what the user may not do with the object.
    pub fn check(&self, reader: &dyn Reader, id: ObjectId, action: Action) -> Result<()> {
        check(reader, &self.domain, &self.user, self.any, id, action)
    }
}

/// Refuses what the user may not do with the object; without `any` no object has rights of its own.
fn check(
    reader: &dyn Reader,
    domain: &Open,
    user: &User,
    any: bool,
    id: ObjectId,
    action: Action,
) -> Result<()> {
    let own = match any && !id.is_root() {
        true => object_acls::get(reader, id)?,
        false => Acls::new(),
    };
    acl::check_object(&domain.record.acls, &own, &Named(domain, id), user, action)
}

/// An object in the words of a refusal.
struct Named<'a>(&'a Open, ObjectId);

impl std::fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} {})", self.0.path, self.1.class.name(), self.1)
    }
}

impl Call {
    /// The domain, and the object of it that the URL's path names, whether it exists or not, if
    /// this user may do `action` with it.
    pub fn open_object(&self, reader: &dyn Reader, action: Action) -> Result<(Open, ObjectId)> {
        let domain = self.open_unchecked(reader)?;
        match self.object(&domain) {
            Ok(id) => {
                Access::new(self, reader, &domain)?.check(id, action)?;
                Ok((domain, id))
            }
            // Who may not look into the domain learns nothing about its objects.
            Err(error) => {
                acl::check(&domain.record, &domain.path, &self.user, action)?;
                Err(error)
            }
        }
    }
}
