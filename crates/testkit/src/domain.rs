//! Temporary domains: a name nobody else uses, deleted when the test is done with it.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::endpoint::Endpoint;

/// A unique domain name in the test user's home folder. The domain is not created (programs do
/// that), but deleted on drop.
#[derive(Debug)]
pub struct TestDomain {
    endpoint: Endpoint,
    path: String,
}

impl TestDomain {
    /// A name that starts with `stem`, for example `/home/test_user1/stem-1a2b-0.h5`.
    pub fn new(endpoint: &Endpoint, stem: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let nanos = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_nanos());
        let path = format!(
            "/home/{}/{stem}-{:x}-{:x}-{count}.h5",
            endpoint.username,
            process::id(),
            nanos & 0xffff_ffff,
        );
        Self {
            endpoint: endpoint.clone(),
            path,
        }
    }

    /// The domain's full name.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl Drop for TestDomain {
    fn drop(&mut self) {
        // A test that failed early never created it, and a server that is gone needs no cleaning.
        let _ = self
            .endpoint
            .request("DELETE", &format!("/?domain={}", self.path), "");
    }
}
