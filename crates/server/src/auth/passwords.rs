//! The password file: `user:password` lines, the password plain or as an argon2 or bcrypt hash.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Argon2, PasswordHash, PasswordVerifier};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Users and their passwords.
#[derive(Default)]
pub struct PasswordFile {
    users: HashMap<String, String>,
}

/// Passwords stay out of logs.
impl fmt::Debug for PasswordFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.users.keys()).finish()
    }
}

impl PasswordFile {
    /// Reads the file; empty lines and lines that start with `#` mean nothing.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the password file {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in the password file {}", path.display()))
    }

    /// Reads a password file's text.
    pub fn parse(text: &str) -> Result<Self> {
        let mut users = HashMap::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_end_matches('\r');
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((name, password)) = line.split_once(':').filter(|(n, p)| is_sound(n, p))
            else {
                bail!("line {}: expected user:password", number + 1);
            };
            if users.insert(name.to_owned(), password.to_owned()).is_some() {
                bail!("line {}: user {name} is there twice", number + 1);
            }
        }
        Ok(Self { users })
    }

    /// The names of all users.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(String::as_str)
    }

    /// Whether this is the user's password.
    pub fn verify(&self, name: &str, password: &str) -> bool {
        let Some(stored) = self.users.get(name) else {
            // An answer that comes at once would tell that there is no such user.
            if let Some(other) = self.users.values().next() {
                is_same(other, password);
            }
            return false;
        };
        is_same(stored, password)
    }

    /// A line of the file, with the password as an argon2 hash.
    ///
    /// # Errors
    /// For names that cannot be a user's, and passwords that are empty.
    pub fn line(name: &str, password: &str) -> Result<String> {
        if !is_sound(name, password) || name.contains([':', '\n', '\r']) || name.starts_with('#') {
            bail!("'{name}' cannot be a user's name, or the password is empty");
        }
        let salt = SaltString::generate(&mut OsRng);
        let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
        let hash = hash.map_err(|e| anyhow!("cannot hash the password: {e}"))?;
        Ok(format!("{name}:{hash}"))
    }
}

/// Whether this is the password that is stored so.
fn is_same(stored: &str, password: &str) -> bool {
    match stored {
        stored if stored.starts_with("$argon2") => {
            let hash = PasswordHash::new(stored);
            let check = |h| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &h)
                    .is_ok()
            };
            hash.is_ok_and(check)
        }
        stored
            if ["$2a$", "$2b$", "$2y$"]
                .iter()
                .any(|p| stored.starts_with(p)) =>
        {
            bcrypt::verify(password, stored).unwrap_or(false)
        }
        stored => same(stored.as_bytes(), password.as_bytes()),
    }
}

/// Names become folders under /home.
fn is_sound(name: &str, password: &str) -> bool {
    !name.is_empty() && !name.contains('/') && name != "." && name != ".." && !password.is_empty()
}

/// Compares in a time that tells neither where the first difference is, nor the length.
fn same(a: &[u8], b: &[u8]) -> bool {
    Sha256::digest(a).ct_eq(&Sha256::digest(b)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_hashed() {
        let bcrypt = bcrypt::hash("geheim", 4).unwrap();
        // argon2id of "geheim", least cost.
        let argon2 = {
            let params = argon2::Params::new(8, 1, 1, None).unwrap();
            let hasher = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
            let salt = SaltString::from_b64("c29tZXNhbHQ").unwrap();
            hasher.hash_password(b"geheim", &salt).unwrap().to_string()
        };
        let text = format!("# users\n\nplain:geheim\r\nb:{bcrypt}\na:{argon2}\n");
        let file = PasswordFile::parse(&text).unwrap();
        for name in ["plain", "a", "b"] {
            assert!(file.verify(name, "geheim"), "{name}");
            assert!(!file.verify(name, "geheim "), "{name}");
            assert!(!file.verify(name, ""), "{name}");
        }
        assert!(!file.verify("nobody", "geheim"));
        assert!(!format!("{file:?}").contains("geheim"));
    }

    #[test]
    fn bad_lines_are_named() {
        for text in ["nopassword", "u:", ":p", "a/b:p", "u:p\nu:q"] {
            let error = PasswordFile::parse(text).unwrap_err().to_string();
            assert!(error.starts_with("line "), "{error}");
        }
    }
}
