//! `h5rest link`.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

/// What every HDF5 file starts with; netCDF looks for it before it asks HDF5.
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Writes a link file: a local file that opens as the remote domain it names.
#[derive(Debug, Args)]
pub(super) struct Link {
    /// The domain: `/home/user/file.h5`, `hdf5://home/user/file.h5`, or with its server
    /// `http://host:port/home/user/file.h5`.
    domain: String,
    /// The file to write; it must not exist.
    file: PathBuf,
    /// The server, where the domain does not name it.
    #[arg(
        long,
        env = "HSDS_ENDPOINT",
        default_value = "http://127.0.0.1:5101",
        value_name = "URL"
    )]
    endpoint: String,
}

impl Link {
    /// Writes the file.
    pub fn run(self) -> Result<()> {
        let content = content(&self.domain, &self.endpoint)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&self.file)
            .with_context(|| format!("cannot make {}", self.file.display()))?;
        file.write_all(&content)
            .with_context(|| format!("cannot write {}", self.file.display()))?;
        Ok(())
    }
}

/// The signature, and a document that names endpoint and domain; never credentials.
fn content(domain: &str, endpoint: &str) -> Result<Vec<u8>> {
    let (endpoint, path) = match domain.split_once("://") {
        Some(("hdf5", path)) => (
            endpoint.to_owned(),
            format!("/{}", path.trim_start_matches('/')),
        ),
        Some((scheme, rest)) => {
            let (host, path) = rest
                .split_once('/')
                .with_context(|| format!("{domain} names a server but no domain"))?;
            (format!("{scheme}://{host}"), format!("/{path}"))
        }
        None => (endpoint.to_owned(), domain.to_owned()),
    };
    let host = endpoint
        .split_once("://")
        .map_or(endpoint.as_str(), |(_, host)| host);
    if host.contains('@') {
        bail!("link files hold no credentials: leave them out of {host}");
    }
    if !path.starts_with('/') || path.len() < 2 {
        bail!("{domain} is not a domain: expected an absolute path such as /home/user/file.h5");
    }
    let document = json!({"endpoint": endpoint.trim_end_matches('/'), "domain": path});
    Ok([SIGNATURE, document.to_string().as_bytes(), b"\n"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(domain: &str) -> serde_json::Value {
        let content = content(domain, "http://h:1/").unwrap();
        serde_json::from_slice(content.strip_prefix(SIGNATURE).unwrap()).unwrap()
    }

    #[test]
    fn endpoint_and_domain() {
        let expected = json!({"endpoint": "http://h:1", "domain": "/home/u/f.h5"});
        assert_eq!(document("/home/u/f.h5"), expected);
        assert_eq!(document("hdf5://home/u/f.h5"), expected);
        assert_eq!(document("http://h:1/home/u/f.h5"), expected);
        for wrong in ["f.h5", "http://h:1", "http://u:p@h:1/f", "/"] {
            assert!(content(wrong, "http://h:1").is_err(), "{wrong}");
        }
    }
}
