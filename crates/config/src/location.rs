//! Which domain, on which server, a file name means.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use h5rest_client::{Client, Credentials, Domain, Endpoint};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::{Config, ConfigError, Result};

/// What an HDF5 file starts with; a link file starts with it too, so that programs which look for
/// themselves (netCDF) hand the file to HDF5.
const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";
/// A longer file is no link file.
const LONGEST_LINK: u64 = 64 << 10;

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// The server.
    pub endpoint: Endpoint,
    /// The domain: an absolute path without trailing `/` (but for the top folder).
    pub domain: String,
    /// Whom the server is told; nothing if the credentials are for another one.
    pub credentials: Credentials,
    /// The bucket, if one is configured.
    pub bucket: Option<String>,
}

impl Location {
    /// Another domain on the same server, for the same user.
    pub fn beside(&self, path: &str) -> Result<Location> {
        let beside = Location {
            domain: domain_of(path),
            ..self.clone()
        };
        beside.of_a_file(path)
    }

    /// Refuses the top folder, which can be no file.
    fn of_a_file(self, name: &str) -> Result<Location> {
        match self.domain.as_str() {
            "/" => Err(ConfigError::Name(format!("'{name}' names no file"))),
            _ => Ok(self),
        }
    }

    /// The domain, reached with this client.
    pub fn domain(&self, client: Client) -> Domain {
        Domain::new(client, &self.domain, self.bucket.clone())
    }
}

impl Config {
    /// The location that a program means by `name`.
    pub fn locate(&self, name: &str) -> Result<Location> {
        self.check()?;
        let location = match link_file(Path::new(name)) {
            Some(link) => self.follow_link_file(name, &link),
            None => self.place(name, true),
        };
        location.and_then(|location| location.of_a_file(name))
    }

    /// The location that a command means by `name` where a folder will do, too: `/` is the top
    /// folder, no name the home folder.
    pub fn locate_folder(&self, name: Option<&str>) -> Result<Location> {
        self.check()?;
        match name {
            None => self.here(&self.home()?),
            Some(name) if link_file(Path::new(name)).is_some() => self.locate(name),
            Some(name) => self.place(name, true),
        }
    }

    /// Whether `name` can mean a domain, by its form, by being a link file, or because there is an
    /// endpoint and no local file of that name. Sends no request.
    pub fn may_be_remote(&self, name: &str) -> bool {
        let remote = ["hdf5:", "http:", "https:", "http+unix:"];
        remote.iter().any(|scheme| name.starts_with(scheme))
            || link_file(Path::new(name)).is_some()
            || (self.has_endpoint() && !Path::new(name).exists())
    }

    /// The location that a file (an external link, a link file) means by `name`: it may point
    /// anywhere, so it cannot have credentials sent that nobody configured for that place.
    pub fn locate_untrusted(&self, name: &str) -> Result<Location> {
        self.check()?;
        self.place(name, false)?.of_a_file(name)
    }

    fn follow_link_file(&self, name: &str, link: &Value) -> Result<Location> {
        let text = |key: &str| link.get(key).and_then(Value::as_str);
        let located = match (text("endpoint"), text("domain")) {
            (Some(endpoint), Some(domain)) => self.at(endpoint, domain, false),
            (None, Some(domain)) => self.place(domain, false),
            _ => Err(ConfigError::Settings(
                "the link file names no domain".into(),
            )),
        };
        located.map_err(|error| error.context(&format!("cannot follow link file '{name}'")))
    }

    /// Reads the form of a name.
    fn place(&self, name: &str, trusted: bool) -> Result<Location> {
        if let Some(rest) = name.strip_prefix("hdf5:") {
            let path = format!("/{}", rest.trim_start_matches('/'));
            return self.here(&path);
        }
        if let Some((scheme, _)) = name.split_once("://") {
            return match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" | "http+unix" => self.at_url(name, trusted),
                _ => Err(ConfigError::Name(format!(
                    "file name '{name}' has the unknown scheme '{scheme}'"
                ))),
            };
        }
        if name.starts_with('/') {
            return self.here(name);
        }
        let home = self.home()?;
        self.here(&format!("{home}/{name}"))
    }

    /// The folder of relative names, without trailing `/`.
    pub fn home(&self) -> Result<String> {
        let home = match (&self.home, &self.credentials.username) {
            (Some(home), _) if home.starts_with('/') => home.clone(),
            (Some(home), _) => {
                return Err(ConfigError::Settings(format!(
                    "HDF5_REST_HOME (or home=) is '{home}', not an absolute path"
                )));
            }
            (None, Some(user)) => format!("/home/{user}"),
            (None, None) => {
                return Err(ConfigError::Settings(
                    "a relative file name needs a home folder on the server: set HSDS_USERNAME, \
                     or HDF5_REST_HOME=/folder"
                        .into(),
                ));
            }
        };
        Ok(home.trim_end_matches('/').to_owned())
    }

    fn here(&self, path: &str) -> Result<Location> {
        let endpoint = self.endpoint()?.clone();
        Ok(Location {
            endpoint,
            domain: domain_of(path),
            credentials: self.credentials.clone(),
            bucket: self.bucket.clone(),
        })
    }

    /// A URL: the configured endpoint (which may end in a path) and the rest, or any other one.
    fn at_url(&self, url: &str, trusted: bool) -> Result<Location> {
        let invalid = |problem: String| ConfigError::Name(format!("file name '{url}': {problem}"));
        let configured = self.endpoint.as_ref().and_then(|endpoint| {
            let rest = url.strip_prefix(&endpoint.to_string())?;
            rest.starts_with('/').then_some((endpoint.clone(), rest))
        });
        let (endpoint, path) = match configured {
            Some(found) => found,
            None => Endpoint::split(url).map_err(invalid)?,
        };
        let path = percent_decode_str(path).decode_utf8();
        let path = path.map_err(|_| invalid("its path is not UTF-8".into()))?;
        self.at_endpoint(endpoint, &path, trusted)
    }

    fn at(&self, endpoint: &str, domain: &str, trusted: bool) -> Result<Location> {
        let endpoint = Endpoint::parse(endpoint).map_err(ConfigError::Settings)?;
        self.at_endpoint(endpoint, domain, trusted)
    }

    fn at_endpoint(&self, endpoint: Endpoint, path: &str, trusted: bool) -> Result<Location> {
        let ours = match &self.endpoint {
            Some(configured) => *configured == endpoint,
            // Credentials without an endpoint were meant for whatever the program names.
            None => trusted,
        };
        let credentials = if ours {
            self.credentials.clone()
        } else {
            Credentials::default()
        };
        Ok(Location {
            endpoint,
            domain: domain_of(path),
            credentials,
            bucket: self.bucket.clone().filter(|_| ours),
        })
    }
}

/// The path with `.`, `..`, empty segments and trailing `/` taken out, which HSDS refuses.
fn domain_of(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    format!("/{}", segments.join("/"))
}

/// Whether a local file is a link file.
pub fn is_link_file(path: &Path) -> bool {
    link_file(path).is_some()
}

/// The content of a link file, if that is what is at `path`.
fn link_file(path: &Path) -> Option<Value> {
    let mut file = File::open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > LONGEST_LINK {
        return None;
    }
    let mut signature = [0; 8];
    file.read_exact(&mut signature).ok()?;
    if signature != SIGNATURE {
        return None;
    }
    let mut content = Vec::new();
    file.take(LONGEST_LINK).read_to_end(&mut content).ok()?;
    let link: Value = serde_json::from_slice(&content).ok()?;
    link.get("domain").is_some().then_some(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(info: &str) -> Config {
        let mut problems = Vec::new();
        let source = super::super::sources::from_info(info, &mut problems);
        let own = super::super::sources::Own::from_environment(|_| None);
        Config::resolve(&[source], &own, problems)
    }

    #[test]
    fn names_of_all_forms() {
        let config = config("endpoint=http://h:5101/;username=u;password=p");
        for (name, domain) in [
            ("/home/u/f.h5", "/home/u/f.h5"),
            ("/home/u//x/./f.h5/", "/home/u/x/f.h5"),
            ("hdf5://home/u/f.h5", "/home/u/f.h5"),
            ("hdf5:/home/u/f.h5", "/home/u/f.h5"),
            ("http://h:5101/home/u/f%201.h5", "/home/u/f 1.h5"),
            ("f.h5", "/home/u/f.h5"),
            ("./a/../f.h5", "/home/u/f.h5"),
        ] {
            let place = config.locate(name).unwrap();
            assert_eq!(place.domain, domain);
            assert_eq!(place.endpoint.to_string(), "http://h:5101");
            assert_eq!(place.credentials.username.as_deref(), Some("u"));
        }
        assert!(config.locate("s3://bucket/f").is_err());
        assert!(config.locate("/").is_err());
    }

    #[test]
    fn a_prefix_of_the_endpoint_is_not_the_domain() {
        let config = config("endpoint=https://h.org/api/hsds;username=u");
        let place = config.locate("https://h.org/api/hsds/home/u/f").unwrap();
        assert_eq!(place.domain, "/home/u/f");
        assert_eq!(place.endpoint.to_string(), "https://h.org/api/hsds");
    }

    #[test]
    fn folders() {
        let config = config("endpoint=http://h:5101;username=u");
        for (name, domain) in [
            (None, "/home/u"),
            (Some("/"), "/"),
            (Some("/home/"), "/home"),
            (Some("http://h:5101"), "/"),
            (Some("data/"), "/home/u/data"),
        ] {
            assert_eq!(config.locate_folder(name).unwrap().domain, domain);
        }
    }

    #[test]
    fn other_servers_get_no_credentials() {
        let configured = config("endpoint=http://h:5101;username=u;password=p");
        let place = configured.locate("http://other:5101/home/u/f.h5").unwrap();
        assert_eq!(place.credentials, Credentials::default());
        let free = config("username=u;password=p");
        let place = free.locate("http://other:5101/home/u/f.h5").unwrap();
        assert_eq!(place.credentials.username.as_deref(), Some("u"));
        let place = free
            .locate_untrusted("http://other:5101/home/u/f.h5")
            .unwrap();
        assert_eq!(place.credentials, Credentials::default());
    }

    #[test]
    fn relative_names_need_a_home() {
        let error = config("endpoint=http://h").locate("f.h5").unwrap_err();
        assert!(matches!(error, ConfigError::Settings(_)));
        let place = config("endpoint=http://h;home=/data/")
            .locate("f.h5")
            .unwrap();
        assert_eq!(place.domain, "/data/f.h5");
    }

    #[test]
    fn link_files_stand_for_their_target() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("link.h5");
        let mut content = SIGNATURE.to_vec();
        content.extend(br#"{"endpoint": "http://far:1", "domain": "/home/x/f.h5"}"#);
        std::fs::write(&path, content).unwrap();
        let config = config("endpoint=http://h:5101;username=u;password=p");
        let place = config.locate(path.to_str().unwrap()).unwrap();
        assert_eq!(place.endpoint.to_string(), "http://far:1");
        assert_eq!(place.domain, "/home/x/f.h5");
        assert_eq!(place.credentials, Credentials::default());
        assert!(config.may_be_remote(path.to_str().unwrap()));
        std::fs::write(&path, SIGNATURE).unwrap();
        assert!(!config.may_be_remote(path.to_str().unwrap()));
    }
}
