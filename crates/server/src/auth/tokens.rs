//! Bearer tokens: JWTs signed with a configured key, or one of a set of keys.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result as Fallible, bail};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use parking_lot::RwLock;
use serde_json::Value;

use super::{User, acl};
use crate::error::{ApiError, Result};

/// Seconds by which clocks may differ.
const LEEWAY: u64 = 30;

/// What a token must say.
#[derive(Debug, Clone, Default)]
pub struct TokenRules {
    /// What it must be made for; anything if not given.
    pub audience: Option<String>,
    /// Who must have made it; anybody if not given.
    pub issuer: Option<String>,
    /// The claim with the user's name; `sub` counts where it is missing.
    pub user_claim: String,
    /// The name that makes an administrator.
    pub administrator: Option<String>,
}

/// Checks tokens.
pub struct Tokens {
    keys: Keys,
    rules: TokenRules,
}

enum Keys {
    One(Key),
    Set { file: PathBuf, read: RwLock<KeySet> },
}

struct KeySet {
    keys: Vec<(Option<String>, Key)>,
    modified: Option<SystemTime>,
}

/// A key with what it can verify: a token must not choose how its own key is used.
#[derive(Clone)]
struct Key {
    key: DecodingKey,
    algorithms: Vec<Algorithm>,
}

/// Keys stay out of logs.
impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];
const HMAC: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

impl Tokens {
    /// With the key in this file: a public key in PEM, or else a secret of at least 32 bytes.
    ///
    /// # Errors
    /// When it cannot be read, or is no such key.
    pub fn with_key(file: &Path, rules: TokenRules) -> Fallible<Self> {
        let text = fs::read(file)
            .with_context(|| format!("cannot read the key of tokens from {}", file.display()))?;
        let key = Key::read(&text).with_context(|| format!("in {}", file.display()))?;
        Ok(Self {
            keys: Keys::One(key),
            rules,
        })
    }

    /// With the set of keys in this file.
    ///
    /// # Errors
    /// When it cannot be read, or is no such set.
    pub fn with_key_set(file: &Path, rules: TokenRules) -> Fallible<Self> {
        let read = KeySet::read(file)?;
        Ok(Self {
            keys: Keys::Set {
                file: file.to_owned(),
                read: RwLock::new(read),
            },
            rules,
        })
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// 401 for tokens that are not valid, or not valid now.
    pub fn identify(&self, token: &str) -> Result<User> {
        let refused = |why: String| ApiError::unauthorized(format!("bearer token: {why}"));
        let header = decode_header(token).map_err(|e| refused(e.to_string()))?;
        let key = self.key(header.kid.as_deref());
        let key = key.ok_or_else(|| refused("signed with an unknown key".into()))?;
        let Some(first) = key.algorithms.first() else {
            return Err(refused("signed with a key of no use".into()));
        };
        let mut validation = Validation::new(*first);
        validation.algorithms.clone_from(&key.algorithms);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        match &self.rules.audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                validation.required_spec_claims.insert("aud".into());
            }
            None => validation.validate_aud = false,
        }
        if let Some(issuer) = &self.rules.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".into());
        }
        let claims = decode::<Value>(token, &key.key, &validation);
        let claims = claims.map_err(|e| refused(e.to_string()))?.claims;
        let claim = |name: &str| claims.get(name).and_then(Value::as_str);
        let name = claim(&self.rules.user_claim).or_else(|| claim("sub"));
        let name = name.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| refused("names no user".into()))?;
        let is_administrator = self.rules.administrator.as_deref() == Some(name);
        // These names mean more than a user; whoever makes tokens may not know that.
        if [acl::ADMIN, acl::DEFAULT].contains(&name) && !is_administrator {
            return Err(refused(format!("'{name}' is not a user's name")));
        }
        Ok(User {
            name: name.to_owned(),
            unbound: is_administrator,
            anonymous: false,
            otherwise: acl::Acl::default(),
        })
    }

    fn key(&self, id: Option<&str>) -> Option<Key> {
        match &self.keys {
            Keys::One(key) => Some(key.clone()),
            Keys::Set { file, read } => {
                if let Some(found) = read.read().find(id) {
                    return Some(found);
                }
                // The keys may have been changed.
                let modified = modified(file);
                if modified == read.read().modified {
                    return None;
                }
                match KeySet::read(file) {
                    Ok(new) => *read.write() = new,
                    Err(error) => tracing::warn!("the old keys of tokens stay: {error:#}"),
                }
                read.read().find(id)
            }
        }
    }
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|data| data.modified()).ok()
}

impl KeySet {
    fn read(file: &Path) -> Fallible<Self> {
        let modified = modified(file);
        let text = fs::read(file)
            .with_context(|| format!("cannot read the keys of tokens from {}", file.display()))?;
        let set: JwkSet = serde_json::from_slice(&text)
            .with_context(|| format!("{} is no set of keys (JWKS)", file.display()))?;
        let mut keys = Vec::new();
        for jwk in &set.keys {
            let algorithms = algorithms(jwk);
            // Sets hold keys for other purposes, too.
            if let (Ok(key), false) = (DecodingKey::from_jwk(jwk), algorithms.is_empty()) {
                keys.push((jwk.common.key_id.clone(), Key { key, algorithms }));
            }
        }
        if keys.is_empty() {
            bail!("{} has no key that can verify tokens", file.display());
        }
        Ok(Self { keys, modified })
    }

    /// The key of this id; a token without one means the only key.
    fn find(&self, id: Option<&str>) -> Option<Key> {
        let found = match (id, self.keys.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(id), keys) => keys.iter().find(|(known, _)| known.as_deref() == Some(id)),
        };
        found.map(|(_, key)| key.clone())
    }
}

impl Key {
    fn read(text: &[u8]) -> Fallible<Self> {
        let with = |key: DecodingKey, algorithms: &[Algorithm]| Self {
            key,
            algorithms: algorithms.to_vec(),
        };
        if text.starts_with(b"-----BEGIN") {
            if let Ok(key) = DecodingKey::from_rsa_pem(text) {
                return Ok(with(key, &RSA));
            }
            if let Ok(key) = DecodingKey::from_ed_pem(text) {
                return Ok(with(key, &[Algorithm::EdDSA]));
            }
            if let Ok(key) = DecodingKey::from_ec_pem(text) {
                return Ok(with(key, &[Algorithm::ES256, Algorithm::ES384]));
            }
            bail!("expected a public key: RSA, elliptic curve or Ed25519");
        }
        let secret = text.trim_ascii_end();
        if secret.len() < 32 {
            bail!("a secret of less than 32 bytes can be guessed");
        }
        Ok(with(DecodingKey::from_secret(secret), &HMAC))
    }
}

/// What a key of a set can verify: the algorithm it names, if it fits, or all that fit.
fn algorithms(jwk: &Jwk) -> Vec<Algorithm> {
    let fitting: &[Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &RSA,
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => &[Algorithm::ES256],
            EllipticCurve::P384 => &[Algorithm::ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(_) => &[Algorithm::EdDSA],
        AlgorithmParameters::OctetKey(_) => &HMAC,
    };
    let named = jwk.common.key_algorithm.map(|named| named.to_string());
    let named = named.and_then(|named| named.parse::<Algorithm>().ok());
    match named {
        Some(named) => fitting.iter().copied().filter(|a| *a == named).collect(),
        None => fitting.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
    use serde_json::json;

    const SECRET: &str = "a secret of more than thirty-two bytes";

    fn rules() -> TokenRules {
        TokenRules {
            audience: Some("h5rest".into()),
            issuer: Some("here".into()),
            user_claim: "preferred_username".into(),
            administrator: Some("boss".into()),
        }
    }

    fn claims(name: &str) -> Value {
        let now = get_current_timestamp();
        json!({"preferred_username": name, "aud": "h5rest", "iss": "here", "exp": now + 100})
    }

    fn token(claims: &Value, id: Option<&str>, secret: &str) -> String {
        let header = Header {
            kid: id.map(str::to_owned),
            ..Header::new(Algorithm::HS256)
        };
        encode(
            &header,
            claims,
            &EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap()
    }

    fn with(mut claims: Value, name: &str, value: Value) -> Value {
        claims[name] = value;
        claims
    }

    #[test]
    fn tokens_with_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        fs::write(&file, format!("{SECRET}\n")).unwrap();
        let tokens = Tokens::with_key(&file, rules()).unwrap();
        let identify = |claims: &Value| tokens.identify(&token(claims, None, SECRET));
        let user = identify(&claims("ann")).unwrap();
        assert_eq!((user.name.as_str(), user.unbound), ("ann", false));
        assert!(identify(&claims("boss")).unwrap().unbound);
        let unnamed = with(
            with(claims("x"), "preferred_username", json!(7)),
            "sub",
            json!("s"),
        );
        assert_eq!(identify(&unnamed).unwrap().name, "s");
        let now = get_current_timestamp();
        for wrong in [
            with(claims("ann"), "exp", json!(now - 100)),
            with(claims("ann"), "exp", Value::Null),
            with(claims("ann"), "nbf", json!(now + 1000)),
            with(claims("ann"), "aud", json!("other")),
            with(claims("ann"), "iss", json!("elsewhere")),
            with(claims("ann"), "aud", Value::Null),
            claims("admin"),
            claims("default"),
            claims(""),
        ] {
            assert_eq!(identify(&wrong).unwrap_err().status, 401, "{wrong}");
        }
        let forged = token(&claims("ann"), None, "another secret of more than 32 bytes");
        assert_eq!(tokens.identify(&forged).unwrap_err().status, 401);
        assert_eq!(tokens.identify("x.y.z").unwrap_err().status, 401);
        // {"alg":"none"}
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token(&claims("a"), None, SECRET));
        assert_eq!(tokens.identify(&unsigned).unwrap_err().status, 401);
        assert!(!format!("{tokens:?}").contains("secret"));
    }

    #[test]
    fn keys_of_a_set_are_found_by_their_ids_and_read_again() {
        use base64::Engine as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("jwks.json");
        let jwk = |id: &str, secret: &str| {
            let k = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret);
            json!({"kty": "oct", "kid": id, "alg": "HS256", "k": k})
        };
        let write = |keys: Vec<Value>| {
            fs::write(&file, json!({"keys": keys}).to_string()).unwrap();
        };
        write(vec![jwk("1", SECRET), jwk("2", "second")]);
        let tokens = Tokens::with_key_set(&file, rules()).unwrap();
        let status = |id: Option<&str>, secret: &str| {
            let outcome = tokens.identify(&token(&claims("ann"), id, secret));
            outcome.map_or_else(|e| e.status.as_u16(), |_| 200)
        };
        assert_eq!(status(Some("1"), SECRET), 200);
        assert_eq!(status(Some("2"), "second"), 200);
        assert_eq!(status(Some("2"), SECRET), 401);
        assert_eq!(status(None, SECRET), 401);
        assert_eq!(status(Some("3"), "third"), 401);
        write(vec![jwk("3", "third")]);
        let later = SystemTime::now() + std::time::Duration::from_secs(5);
        fs::File::options()
            .write(true)
            .open(&file)
            .and_then(|file| file.set_modified(later))
            .unwrap();
        assert_eq!(status(Some("3"), "third"), 200);
        assert_eq!(status(Some("1"), SECRET), 401);
    }

    #[test]
    fn bad_keys_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        for text in ["short", "-----BEGIN NOTHING-----\n"] {
            fs::write(&file, text).unwrap();
            assert!(Tokens::with_key(&file, rules()).is_err(), "{text}");
        }
        for text in ["{}", "{\"keys\": []}", "x"] {
            fs::write(&file, text).unwrap();
            assert!(Tokens::with_key_set(&file, rules()).is_err(), "{text}");
        }
    }
}
