//! Access rights of domains, folders, and single objects of a domain.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::User;
use crate::error::{ApiError, Result};
use crate::model::records::DomainRecord;

/// The user that stands for everybody who has no entry.
pub const DEFAULT: &str = "default";
/// The user that access rights do not bind.
pub const ADMIN: &str = "admin";

/// What one user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Acl {
    /// Make objects, links, attributes; in folders, domains.
    pub create: bool,
    /// See anything.
    pub read: bool,
    /// Change values and extents.
    pub update: bool,
    /// Delete anything.
    pub delete: bool,
    /// See access rights.
    #[serde(rename = "readACL")]
    pub read_acl: bool,
    /// Change access rights.
    #[serde(rename = "updateACL")]
    pub update_acl: bool,
}

/// What a request does, in terms of access rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See anything.
    Read,
    /// Make something.
    Create,
    /// Change values.
    Update,
    /// Delete something.
    Delete,
    /// See access rights.
    ReadAcl,
    /// Change access rights.
    UpdateAcl,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::ReadAcl => "readACL",
            Self::UpdateAcl => "updateACL",
        }
    }
}

impl Acl {
    /// Everything.
    pub const ALL: Self = Self {
        create: true,
        read: true,
        update: true,
        delete: true,
        read_acl: true,
        update_acl: true,
    };

    /// Reading only.
    pub const READ: Self = Self {
        create: false,
        read: true,
        update: false,
        delete: false,
        read_acl: false,
        update_acl: false,
    };

    /// Whether any right is given.
    pub fn grants_anything(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the action is allowed.
    pub fn allows(&self, action: Action) -> bool {
        match action {
            Action::Read => self.read,
            Action::Create => self.create,
            Action::Update => self.update,
            Action::Delete => self.delete,
            Action::ReadAcl => self.read_acl,
            Action::UpdateAcl => self.update_acl,
        }
    }

    /// Sets the rights that a request names; others stay.
    pub fn merge(&mut self, sent: &Map<String, Value>) -> Result<()> {
        // The domain may be named here as well as in the URL.
        for (name, value) in sent.iter().filter(|(name, _)| *name != "domain") {
            let given = match (value.as_bool(), value.as_u64()) {
                (Some(given), _) => given,
                (_, Some(number @ (0 | 1))) => number == 1,
                _ => {
                    return Err(ApiError::bad_request(format!(
                        "{name} is not true or false"
                    )));
                }
            };
            match name.as_str() {
                "create" => self.create = given,
                "read" => self.read = given,
                "update" => self.update = given,
                "delete" => self.delete = given,
                "readACL" => self.read_acl = given,
                "updateACL" => self.update_acl = given,
                _ => {
                    return Err(ApiError::bad_request(format!(
                        "no such access right: {name}"
                    )));
                }
            }
        }
        Ok(())
    }
}

/// Names of rights with commas between them, as on the command line.
impl FromStr for Acl {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let names = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let named = names.map(|name| (name.to_owned(), Value::Bool(true)));
        let mut rights = Self::default();
        let merged = rights.merge(&named.collect());
        merged.map(|()| rights).map_err(|error| error.reason)
    }
}

/// Rights by user name.
pub type Acls = BTreeMap<String, Acl>;

/// Refuses what this user may not do in a domain or folder. A user's own entry decides alone;
/// everybody else falls under `default`.
pub fn check(record: &DomainRecord, path: &str, user: &User, action: Action) -> Result<()> {
    check_object(&record.acls, &Acls::new(), &path, user, action)
}

/// Refuses what this user may not do with `object`, which has rights of its own beside those of
/// its domain. One entry decides alone: the user's own with the object, the user's own with the
/// domain, `default` with the object, `default` with the domain; the first of these that is there.
/// Where none is, the server's own default counts (`--default-acl`).
pub fn check_object(
    domain: &Acls,
    own: &Acls,
    object: &dyn Display,
    user: &User,
    action: Action,
) -> Result<()> {
    if user.unbound {
        return Ok(());
    }
    let entry = [&*user.name, DEFAULT]
        .into_iter()
        .find_map(|name| own.get(name).or_else(|| domain.get(name)));
    if entry.unwrap_or(&user.otherwise).allows(action) {
        return Ok(());
    }
    if user.anonymous {
        return Err(ApiError::unauthorized(format!(
            "{object} needs a user name and password"
        )));
    }
    let name = action.name();
    Err(ApiError::forbidden(format!(
        "{} has no '{name}' permission on {object}",
        user.name
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(record: &DomainRecord, name: &str, action: Action) -> Option<u16> {
        let user = User {
            name: name.into(),
            unbound: name == ADMIN,
            anonymous: name == DEFAULT,
            otherwise: Acl::default(),
        };
        check(record, "/d", &user, action)
            .err()
            .map(|e| e.status.as_u16())
    }

    #[test]
    fn own_entry_then_default() {
        let acls = [
            ("owner", Acl::ALL),
            ("barred", Acl::default()),
            (DEFAULT, Acl::READ),
        ];
        let record = DomainRecord {
            root: None,
            owner: "owner".into(),
            acls: acls.map(|(name, acl)| (name.to_owned(), acl)).into(),
            created: 0.0,
            modified: 0.0,
        };
        assert_eq!(status(&record, "owner", Action::Delete), None);
        assert_eq!(status(&record, "other", Action::Read), None);
        assert_eq!(status(&record, "other", Action::Update), Some(403));
        assert_eq!(status(&record, "barred", Action::Read), Some(403));
        assert_eq!(status(&record, DEFAULT, Action::Read), None);
        assert_eq!(status(&record, DEFAULT, Action::Create), Some(401));
        assert_eq!(status(&record, ADMIN, Action::UpdateAcl), None);
    }

    #[test]
    fn rights_of_objects() {
        let acls = |entries: &[(&str, Acl)]| -> Acls {
            let named = entries.iter().map(|(name, acl)| ((*name).to_owned(), *acl));
            named.collect()
        };
        let nothing = Acl::default();
        // What the object says of the user and of others, what the domain says; may the user read?
        for (own, domain, expected) in [
            (vec![], vec![], false),
            (vec![("u", Acl::READ)], vec![("u", nothing)], true),
            (vec![("u", nothing)], vec![("u", Acl::ALL)], false),
            (
                vec![("u", nothing), (DEFAULT, Acl::ALL)],
                vec![(DEFAULT, Acl::ALL)],
                false,
            ),
            (vec![(DEFAULT, nothing)], vec![("u", Acl::READ)], true),
            (vec![(DEFAULT, Acl::ALL)], vec![("u", nothing)], false),
            (vec![(DEFAULT, Acl::READ)], vec![(DEFAULT, nothing)], true),
            (vec![(DEFAULT, nothing)], vec![(DEFAULT, Acl::ALL)], false),
            (vec![], vec![(DEFAULT, Acl::READ)], true),
            (vec![("v", Acl::ALL)], vec![], false),
        ] {
            let user = User {
                name: "u".into(),
                unbound: false,
                anonymous: false,
                otherwise: Acl::default(),
            };
            let outcome = check_object(&acls(&domain), &acls(&own), &"it", &user, Action::Read);
            assert_eq!(outcome.is_ok(), expected, "{own:?} {domain:?}");
        }
    }

    #[test]
    fn rights_where_nothing_is_said() {
        let user = User {
            name: "u".into(),
            unbound: false,
            anonymous: false,
            otherwise: Acl::READ,
        };
        let may = |own: &Acls, domain: &Acls, action| {
            check_object(domain, own, &"it", &user, action).is_ok()
        };
        let (nothing, none) = (Acls::from([(DEFAULT.into(), Acl::default())]), Acls::new());
        assert!(may(&none, &none, Action::Read));
        assert!(!may(&none, &none, Action::Update));
        assert!(!may(&nothing, &none, Action::Read) && !may(&none, &nothing, Action::Read));
    }

    #[test]
    fn rights_by_name() {
        let rights: Acl = "read, updateACL".parse().unwrap();
        let expected = Acl {
            update_acl: true,
            ..Acl::READ
        };
        assert_eq!(rights, expected);
        assert_eq!("".parse(), Ok(Acl::default()));
        assert!("write".parse::<Acl>().is_err());
    }

    #[test]
    fn merging() {
        let mut acl = Acl::READ;
        let merge = |acl: &mut Acl, sent: Value| acl.merge(sent.as_object().unwrap());
        merge(
            &mut acl,
            json!({"update": 1, "read": false, "domain": "/d"}),
        )
        .unwrap();
        assert!(acl.update && !acl.read);
        assert!(merge(&mut acl, json!({"write": true})).is_err());
        assert!(merge(&mut acl, json!({"read": "yes"})).is_err());
        let text = serde_json::to_value(Acl::ALL).unwrap();
        assert_eq!(text["readACL"], json!(true));
    }
}
