//! Who asks, and what they may do.

pub mod acl;
mod logins;
mod passwords;
mod tokens;

use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use parking_lot::RwLock;

use self::acl::Acl;
use crate::error::{ApiError, Result};

pub use logins::Logins;
pub use passwords::PasswordFile;
pub use tokens::{TokenRules, Tokens};

/// Verified credentials remembered at most; hashed passwords are slow to check on purpose.
const MOST_VERIFIED: usize = 10_000;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name; `default` for those who gave none.
    pub name: String,
    /// Whether access rights do not bind this user.
    pub unbound: bool,
    /// Whether no credentials came with the request.
    pub anonymous: bool,
    /// What the user may do where no entry says anything, neither the user's own nor `default`.
    pub otherwise: Acl,
}

/// How requests prove who sends them.
#[derive(Debug)]
pub enum Authenticator {
    /// They need not: every request is allowed and acts as the user it names.
    Trusting,
    /// By name and password, or by a token.
    Checking {
        /// Who has a password.
        passwords: PasswordFile,
        /// Which tokens count, if any do.
        tokens: Option<Box<Tokens>>,
        /// Passwords that were found right, as they were sent, and whose they are.
        verified: RwLock<HashMap<String, String>>,
    },
}

impl Authenticator {
    /// Checks passwords against this file.
    pub fn with_passwords(file: PasswordFile) -> Self {
        Self::checking(file, None)
    }

    /// Checks passwords and tokens.
    pub fn checking(passwords: PasswordFile, tokens: Option<Tokens>) -> Self {
        Self::Checking {
            passwords,
            tokens: tokens.map(Box::new),
            verified: RwLock::default(),
        }
    }

    /// What `WWW-Authenticate` says to those who need credentials.
    pub fn challenges(&self) -> Vec<&'static str> {
        let basic = "Basic realm=\"h5rest\", charset=\"UTF-8\"";
        match self {
            Self::Checking {
                tokens: Some(_),
                passwords,
                ..
            } => {
                let bearer = "Bearer realm=\"h5rest\"";
                match passwords.users().next() {
                    Some(_) => vec![basic, bearer],
                    None => vec![bearer],
                }
            }
            _ => vec![basic],
        }
    }

    /// Users that are known beforehand.
    pub fn users(&self) -> Vec<&str> {
        match self {
            Self::Trusting => Vec::new(),
            Self::Checking { passwords, .. } => passwords.users().collect(),
        }
    }

    /// Whether requests are trusted to say who they are.
    pub fn is_trusting(&self) -> bool {
        matches!(self, Self::Trusting)
    }

    /// Whether [`Authenticator::identify`] will not take long.
    pub fn is_quick(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get(header::AUTHORIZATION);
        match (self, sent.and_then(|sent| sent.to_str().ok())) {
            // Tokens are signed: nothing is hashed a thousand times, and who has one must not wait for
            // those who try passwords.
            (Self::Checking { .. }, Some(sent)) if scheme(sent).eq_ignore_ascii_case("bearer") => {
                true
            }
            (Self::Checking { verified, .. }, Some(sent)) => verified.read().contains_key(sent),
            _ => true,
        }
    }

    /// Who sends a request with these headers; may take long where passwords are hashed.
    pub fn identify(&self, headers: &HeaderMap) -> Result<User> {
        let Some(sent) = headers.get(header::AUTHORIZATION) else {
            return Ok(User {
                name: acl::DEFAULT.to_owned(),
                unbound: self.is_trusting(),
                anonymous: true,
                otherwise: Acl::default(),
            });
        };
        let sent = sent.to_str().map_err(|_| malformed())?;
        let known = |name: String| User {
            unbound: self.is_trusting() || name == acl::ADMIN,
            anonymous: false,
            otherwise: Acl::default(),
            name,
        };
        match self {
            Self::Trusting => credentials(sent).map(|(name, _)| known(name)),
            Self::Checking {
                tokens: Some(tokens),
                ..
            } if scheme(sent).eq_ignore_ascii_case("bearer") => {
                tokens.identify(sent["bearer".len()..].trim())
            }
            Self::Checking {
                passwords,
                verified,
                ..
            } => {
                if let Some(name) = verified.read().get(sent) {
                    return Ok(known(name.clone()));
                }
                let (name, password) = credentials(sent)?;
                if !passwords.verify(&name, &password) {
                    return Err(ApiError::unauthorized("unknown user or wrong password"));
                }
                let mut verified = verified.write();
                if verified.len() >= MOST_VERIFIED {
                    verified.clear();
                }
                verified.insert(sent.to_owned(), name.clone());
                Ok(known(name))
            }
        }
    }
}

fn scheme(sent: &str) -> &str {
    sent.split(' ').next().unwrap_or_default()
}

/// Name and password of a Basic authorization.
fn credentials(sent: &str) -> Result<(String, String)> {
    let (scheme, encoded) = sent.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(ApiError::bad_request(format!(
            "authorization scheme {scheme} is not supported here"
        )));
    }
    let decoded = BASE64.decode(encoded.trim()).map_err(|_| malformed())?;
    let text = String::from_utf8(decoded).map_err(|_| malformed())?;
    let (name, password) = text.split_once(':').ok_or_else(malformed)?;
    if name.is_empty() {
        return Err(malformed());
    }
    Ok((name.to_owned(), password.to_owned()))
}

fn malformed() -> ApiError {
    ApiError::bad_request("malformed Authorization header")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(authorization: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
        headers
    }

    fn basic(text: &str) -> HeaderMap {
        headers(&format!("Basic {}", BASE64.encode(text)))
    }

    #[test]
    fn passwords_are_checked() {
        let file = PasswordFile::parse("admin:secret\nu:p:q\n").unwrap();
        let authenticator = Authenticator::with_passwords(file);
        for _ in 0..2 {
            let user = authenticator.identify(&basic("u:p:q")).unwrap();
            assert_eq!(
                (user.name.as_str(), user.unbound, user.anonymous),
                ("u", false, false)
            );
        }
        assert!(
            authenticator
                .identify(&basic("admin:secret"))
                .unwrap()
                .unbound
        );
        assert!(authenticator.identify(&HeaderMap::new()).unwrap().anonymous);
        let status = |headers| {
            authenticator
                .identify(&headers)
                .unwrap_err()
                .status
                .as_u16()
        };
        assert_eq!(status(basic("u:wrong")), 401);
        assert_eq!(status(basic("nobody:p")), 401);
        assert_eq!(status(basic("u")), 400);
        assert_eq!(status(headers("Basic ???")), 400);
        assert_eq!(status(headers("Bearer x")), 400);
        assert_eq!(status(headers("Basic")), 400);
    }

    #[test]
    fn without_passwords_everybody_is_believed() {
        let user = Authenticator::Trusting
            .identify(&basic("u:anything"))
            .unwrap();
        assert_eq!((user.name.as_str(), user.unbound), ("u", true));
        assert!(
            Authenticator::Trusting
                .identify(&HeaderMap::new())
                .unwrap()
                .unbound
        );
    }
}
