//! Which servers' certificates are trusted: those that the machine trusts.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// The TLS configuration; reading the machine's certificates takes time, so it is done for
/// encrypted endpoints only.
pub(crate) fn config(encrypted: bool) -> Result<ClientConfig, String> {
    let failed = |error: rustls::Error| format!("cannot set up TLS: {error}");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    Ok(if encrypted {
        builder
            .with_platform_verifier()
            .map_err(failed)?
            .with_no_client_auth()
    } else {
        builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    })
}
