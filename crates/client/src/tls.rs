//! Which servers' certificates are trusted: those that the machine trusts.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// The TLS configuration; reading the machine's certificates takes time, so it is done for
/// encrypted endpoints only. The server chooses one of the `protocols`, by their names in ALPN.
pub(crate) fn config(encrypted: bool, protocols: &[&[u8]]) -> Result<ClientConfig, String> {
    let failed = |error: rustls::Error| format!("cannot set up TLS: {error}");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    if !encrypted {
        let trusted = builder.with_root_certificates(RootCertStore::empty());
        return Ok(trusted.with_no_client_auth());
    }
    let verified = builder.with_platform_verifier().map_err(failed)?;
    let mut config = verified.with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Ok(config)
}
