//! Addresses of servers: `http://host:port`, `https://host/prefix`, `http+unix://%2Fpath%2Fsocket`.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use reqwest::Url;

/// A server's address in one spelling: lower case host, no default port, no trailing `/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    text: String,
    base: String,
    /// Length of what stands before the host in the base.
    scheme: usize,
    /// Of the network address, if it is one.
    port: u16,
    socket: Option<PathBuf>,
}

impl Endpoint {
    /// Reads an address; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_end_matches('/');
        match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http+unix") => unix(rest),
            Some((scheme, _))
                if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
            {
                http(text)
            }
            _ => Err(format!(
                "endpoint '{text}' does not start with http://, https:// or http+unix://"
            )),
        }
    }

    /// Splits the URL of a domain into its endpoint and the domain's path, which is still
    /// percent-encoded.
    pub fn split(url: &str) -> Result<(Self, &str), String> {
        let (_, rest) = url
            .split_once("://")
            .ok_or_else(|| format!("'{url}' is not a URL"))?;
        let path = rest.find('/').map_or("", |at| &rest[at..]);
        let endpoint = Self::parse(&url[..url.len() - path.len()])?;
        Ok((endpoint, path))
    }

    /// What requests' targets are appended to.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Host and port as the base has them, for the `Host` header.
    pub(crate) fn authority(&self) -> &str {
        let rest = &self.base[self.scheme..];
        rest.split('/').next().unwrap_or(rest)
    }

    /// What stands before every path.
    pub(crate) fn prefix(&self) -> &str {
        &self.base[self.scheme + self.authority().len()..]
    }

    /// Where to connect; the host without the brackets around an IPv6 address.
    pub(crate) fn host_and_port(&self) -> (&str, u16) {
        let authority = self.authority();
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next(),
            None => authority.split(':').next(),
        };
        (host.unwrap_or(authority), self.port)
    }

    /// The socket file, if it is not a network address.
    pub fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    /// Whether connections are encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.base.starts_with("https:")
    }

    /// Whether it is on this machine, where no proxy may stand between.
    pub fn is_local(&self) -> bool {
        let host = self.base.split("://").nth(1).unwrap_or_default();
        self.socket.is_some()
            || host.starts_with("localhost")
            || host.starts_with("127.")
            || host.starts_with("[::1]")
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn unix(rest: &str) -> Result<Endpoint, String> {
    let socket = percent_decode_str(rest).decode_utf8_lossy().into_owned();
    if !socket.starts_with('/') {
        return Err(format!(
            "endpoint 'http+unix://{rest}' must name the socket by its absolute path with each / \
             written as %2F"
        ));
    }
    Ok(Endpoint {
        text: format!("http+unix://{rest}"),
        // HSDS does not look at the host; HTTP/1.1 wants one.
        base: "http://localhost".into(),
        scheme: "http://".len(),
        port: 0,
        socket: Some(PathBuf::from(socket)),
    })
}

fn http(text: &str) -> Result<Endpoint, String> {
    let url = Url::parse(text).map_err(|error| format!("endpoint '{text}': {error}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "the endpoint at host '{}' carries a user name or password: set them separately",
            url.host_str().unwrap_or_default()
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("endpoint '{text}' has a query or fragment"));
    }
    let text = url.as_str().trim_end_matches('/').to_owned();
    Ok(Endpoint {
        base: text.clone(),
        scheme: url.scheme().len() + "://".len(),
        port: url.port_or_known_default().unwrap_or(80),
        text,
        socket: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        for (given, text) in [
            ("http://LocalHost:5101/", "http://localhost:5101"),
            ("https://h.org:443", "https://h.org"),
            ("HTTPS://h.org/api/hsds//", "https://h.org/api/hsds"),
            (
                "http+unix://%2Ftmp%2Fs.sock/",
                "http+unix://%2Ftmp%2Fs.sock",
            ),
        ] {
            assert_eq!(Endpoint::parse(given).unwrap().to_string(), text);
        }
        let unix = Endpoint::parse("http+unix://%2Ftmp%2Fs.sock").unwrap();
        assert_eq!(unix.socket(), Some(Path::new("/tmp/s.sock")));
        assert!(unix.is_local());
    }

    #[test]
    fn where_to_connect() {
        for (given, authority, host, port, prefix) in [
            ("http://h.org", "h.org", "h.org", 80, ""),
            ("http://h.org:81/a/b/", "h.org:81", "h.org", 81, "/a/b"),
            ("http://[::1]:5101", "[::1]:5101", "::1", 5101, ""),
        ] {
            let endpoint = Endpoint::parse(given).unwrap();
            assert_eq!(endpoint.authority(), authority);
            assert_eq!(endpoint.host_and_port(), (host, port));
            assert_eq!(endpoint.prefix(), prefix);
        }
    }

    #[test]
    fn refuses_with_a_reason_and_without_the_password() {
        for bad in [
            "localhost:5101",
            "ftp://h",
            "http+unix://tmp",
            "http://h?x=1",
        ] {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
        let refused = Endpoint::parse("http://u:secret@h").unwrap_err();
        assert!(!refused.contains("secret"), "{refused}");
    }

    #[test]
    fn urls_of_domains_are_split() {
        let (endpoint, path) = Endpoint::split("http://h:1/home/u/f%20.h5").unwrap();
        assert_eq!(
            (endpoint.to_string().as_str(), path),
            ("http://h:1", "/home/u/f%20.h5")
        );
        let (endpoint, path) = Endpoint::split("http+unix://%2Ftmp%2Fs/home/f").unwrap();
        assert_eq!(
            (endpoint.socket(), path),
            (Some(Path::new("/tmp/s")), "/home/f")
        );
    }
}
