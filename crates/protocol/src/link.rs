//! Links of a group: hard, soft, external, user-defined.

use serde_json::{Map, Value, json};

use crate::error::{ProtocolError, Result};
use crate::id::ObjectId;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Link {
    /// To an object of the same domain.
    Hard(ObjectId),
    /// To a path, resolved when followed.
    Soft(String),
    /// To a path in another domain.
    External {
        /// The other domain's name as the user gave it.
        file: String,
        /// The path in it.
        path: String,
    },
    /// A link class that the HDF5 program registered; the server keeps it, only the program
    /// understands it.
    UserDefined {
        /// HDF5's link class number, 65 to 255.
        class: u8,
        /// The program's own data.
        data: Vec<u8>,
    },
}

impl Link {
    /// The value of the `class` member.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Hard(_) => "H5L_TYPE_HARD",
            Self::Soft(_) => "H5L_TYPE_SOFT",
            Self::External { .. } => "H5L_TYPE_EXTERNAL",
            Self::UserDefined { .. } => "H5L_TYPE_USER_DEFINED",
        }
    }

    /// The members that say where the link leads, `class` included.
    pub fn to_json(&self) -> Value {
        let class = self.class();
        match self {
            Self::Hard(id) => json!({"class": class, "id": id}),
            Self::Soft(path) => json!({"class": class, "h5path": path}),
            Self::External { file, path } => {
                json!({"class": class, "h5path": path, "file": file})
            }
            Self::UserDefined { class: ud, data } => {
                use base64::Engine as _;
                let data = base64::engine::general_purpose::STANDARD.encode(data);
                json!({"class": class, "ud_class": ud, "ud_data": data})
            }
        }
    }

    /// Reads a link document; `class` may be missing if the other members tell, and `h5domain`
    /// is an old name of `file`.
    pub fn from_json(document: &Value) -> Result<Self> {
        let bad = || ProtocolError::InvalidLink(document.to_string());
        let members = document.as_object().ok_or_else(bad)?;
        let class = members.get("class").and_then(Value::as_str);
        let link = read_target(members)?.ok_or_else(bad)?;
        if class.is_some_and(|given| given != link.class()) {
            return Err(bad());
        }
        Ok(link)
    }
}

/// The target that the members name; `None` if there is none or more than one.
fn read_target(members: &Map<String, Value>) -> Result<Option<Link>> {
    let text = |key: &str| members.get(key).and_then(Value::as_str);
    let file = text("file").or_else(|| text("h5domain"));
    Ok(match (text("id"), text("h5path"), file) {
        (Some(id), None, None) => Some(Link::Hard(id.parse()?)),
        (None, Some(path), None) => Some(Link::Soft(path.to_owned())),
        (None, Some(path), Some(file)) => Some(Link::External {
            file: file.to_owned(),
            path: path.to_owned(),
        }),
        (None, None, None) => read_user_defined(members),
        _ => None,
    })
}

fn read_user_defined(members: &Map<String, Value>) -> Option<Link> {
    use base64::Engine as _;
    let class = u8::try_from(members.get("ud_class")?.as_u64()?).ok()?;
    let data = members.get("ud_data")?.as_str()?;
    let data = base64::engine::general_purpose::STANDARD
        .decode(data)
        .ok()?;
    Some(Link::UserDefined { class, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_round_trip() {
        let id = ObjectId::new_root();
        for link in [
            Link::Hard(id),
            Link::Soft("a/b".into()),
            Link::External {
                file: "f.h5".into(),
                path: "/x".into(),
            },
            Link::UserDefined {
                class: 70,
                data: vec![0, 255, 3],
            },
        ] {
            assert_eq!(Link::from_json(&link.to_json()).unwrap(), link);
        }
    }

    #[test]
    fn class_may_be_missing_but_must_agree() {
        assert_eq!(
            Link::from_json(&json!({"h5path": "p", "h5domain": "/d"})).unwrap(),
            Link::External {
                file: "/d".into(),
                path: "p".into()
            }
        );
        assert!(Link::from_json(&json!({"h5path": "p", "class": "H5L_TYPE_HARD"})).is_err());
        assert!(Link::from_json(&json!({"class": "H5L_TYPE_SOFT"})).is_err());
    }
}
