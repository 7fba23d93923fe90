//! The domain that a request is about: its name in the request, and whether this user may use it.

use axum::http::StatusCode;
use h5rest_protocol::ObjectId;

use super::call::Call;
use crate::app::HOME;
use crate::auth::acl::{self, Action};
use crate::error::{ApiError, Result};
use crate::model::domains;
use crate::model::records::DomainRecord;
use crate::store::Reader;

/// A domain that a request may use.
#[derive(Debug, Clone)]
pub struct Open {
    /// Its path.
    pub path: String,
    /// Its record.
    pub record: DomainRecord,
    /// Its root group.
    pub root: ObjectId,
}

impl Call {
    /// The path of the domain that the request is about; `None` if it names none.
    pub fn domain_path(&self) -> Result<Option<String>> {
        let sent = match self.query.get("domain") {
            Some(sent) => Some(sent.to_owned()),
            None => match self.headers().get("x-hdf-domain").map(|v| v.to_str()) {
                Some(Ok(sent)) => Some(sent.to_owned()),
                Some(Err(_)) => return Err(ApiError::bad_request("Invalid domain name")),
                None => None,
            },
        };
        sent.filter(|s| !s.is_empty() && s != "/")
            .map(|s| normal_path(&s))
            .transpose()
    }

    /// The path of the domain that the request must name.
    pub fn required_path(&self) -> Result<String> {
        let path = self.domain_path()?;
        path.ok_or_else(|| ApiError::bad_request("no domain given (query domain=/path)"))
    }

    /// The record of the domain or folder, if this user may do `action` there.
    pub fn record(&self, reader: &dyn Reader, action: Action) -> Result<(String, DomainRecord)> {
        let path = self.required_path()?;
        let record = domains::get(reader, self.store(), &path)?;
        acl::check(&record, &path, &self.user, action)?;
        Ok((path, record))
    }

    /// The domain, if this user may do `action` in it.
    pub fn open(&self, reader: &dyn Reader, action: Action) -> Result<Open> {
        let (path, record) = self.record(reader, action)?;
        open_record(path, record)
    }

    /// The domain; what this user may do there is not asked, but with single objects.
    pub fn open_unchecked(&self, reader: &dyn Reader) -> Result<Open> {
        let path = self.required_path()?;
        let Some(batch) = self.batch() else {
            return self.open_unchecked_path(reader, &path);
        };
        if let Some(record) = batch.record.get() {
            return open_record(path, record.clone());
        }
        let domain = self.open_unchecked_path(reader, &path)?;
        let _ = batch.record.set(domain.record.clone());
        Ok(domain)
    }

    /// The same for another domain, by path.
    pub fn open_unchecked_path(&self, reader: &dyn Reader, path: &str) -> Result<Open> {
        open_record(path.to_owned(), domains::get(reader, self.store(), path)?)
    }

    /// Another domain by path, if this user may do `action` in it.
    pub fn open_path(&self, reader: &dyn Reader, path: &str, action: Action) -> Result<Open> {
        let record = domains::get(reader, self.store(), path)?;
        acl::check(&record, path, &self.user, action)?;
        open_record(path.to_owned(), record)
    }
}

fn open_record(path: String, record: DomainRecord) -> Result<Open> {
    match record.root {
        Some(root) => Ok(Open { path, root, record }),
        None => Err(ApiError::bad_request(format!(
            "{path} is a folder, not a domain"
        ))),
    }
}

impl Open {
    /// Refuses objects of other domains.
    pub fn check_member(&self, id: ObjectId) -> Result<()> {
        if id.root_of() == self.root {
            return Ok(());
        }
        let reason = format!("{id} is not a member of the domain {}", self.path);
        Err(ApiError::bad_request(reason))
    }
}

/// The absolute path that a domain name means: `/home/u/f`, `bucket/home/u/f`,
/// `hdf5://home/u/f`.
pub fn normal_path(sent: &str) -> Result<String> {
    let bad = || {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            format!("Invalid domain name: '{sent}'"),
        )
    };
    let path = sent.strip_prefix("hdf5:/").unwrap_or(sent);
    let path = match path.find('/') {
        Some(0) => path,
        Some(at) => &path[at..],
        None => return Err(bad()),
    };
    let odd = |name: &str| name.is_empty() || name == "." || name == "..";
    let sound = path.len() >= 2 && !path.contains('\0') && !path[1..].split('/').any(odd);
    if sound {
        Ok(path.to_owned())
    } else {
        Err(bad())
    }
}

/// Whether a path is a user's own folder.
pub fn is_home(path: &str) -> Option<&str> {
    let user = path.strip_prefix(HOME)?.strip_prefix('/')?;
    (!user.contains('/')).then_some(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_names() {
        for (sent, path) in [
            ("/home/u/f.h5", "/home/u/f.h5"),
            ("bucket/home/u", "/home/u"),
            ("hdf5://home/u f", "/home/u f"),
        ] {
            assert_eq!(normal_path(sent).unwrap(), path);
        }
        for sent in [
            "f.h5",
            "/",
            "/home/",
            "/home/../x",
            "//x",
            "/a/./b",
            "/a\0b",
        ] {
            assert!(normal_path(sent).is_err(), "{sent}");
        }
        assert_eq!(is_home("/home/u"), Some("u"));
        assert_eq!(is_home("/home/u/f"), None);
    }
}
