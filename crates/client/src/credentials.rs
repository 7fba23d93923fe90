//! Who asks: user name and password, bearer token, API key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// A text that must not show in logs and errors.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the request only.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What a server is told about the user; everything may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// User name, also when it is not sent because a token is.
    pub username: Option<String>,
    /// The password that goes with it.
    pub password: Option<Secret>,
    /// A bearer token; goes before user name and password.
    pub bearer_token: Option<Secret>,
    /// A key that some gateways in front of HSDS want besides.
    pub api_key: Option<Secret>,
}

impl Credentials {
    /// The headers to send; their values are secret.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if let Some(token) = &self.bearer_token {
            headers.push(("authorization", format!("Bearer {}", token.expose())));
        } else if let Some(username) = &self.username {
            // h5rest without a password file goes by the name alone, so it is sent even so.
            let password = self.password.as_ref().map_or("", Secret::expose);
            let pair = BASE64.encode(format!("{username}:{password}"));
            headers.push(("authorization", format!("Basic {pair}")));
        }
        if let Some(key) = &self.api_key {
            headers.push(("x-api-key", key.expose().to_owned()));
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_goes_before_password_and_nothing_shows() {
        let mut credentials = Credentials {
            username: Some("u".into()),
            password: Some(Secret::new("hidden1")),
            ..Credentials::default()
        };
        assert_eq!(
            credentials.headers(),
            [("authorization", "Basic dTpoaWRkZW4x".into())]
        );
        credentials.bearer_token = Some(Secret::new("hidden2"));
        credentials.api_key = Some(Secret::new("hidden3"));
        let expected = [
            ("authorization", "Bearer hidden2".into()),
            ("x-api-key", "hidden3".into()),
        ];
        assert_eq!(credentials.headers(), expected);
        assert!(!format!("{credentials:?}").contains("hidden"));
    }
}
