//! A transport that counts: tests assert how many requests a call costs.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::request::{Request, Response, Sink};
use crate::transport::{Transport, TransportError};

/// Counts the requests that go through another transport.
#[derive(Debug)]
pub struct CountingTransport {
    inner: Arc<dyn Transport>,
    counts: Mutex<BTreeMap<String, u64>>,
}

impl CountingTransport {
    /// Counts what goes to `inner`.
    pub fn new(inner: Arc<dyn Transport>) -> Self {
        Self {
            inner,
            counts: Mutex::default(),
        }
    }

    /// Requests by kind, such as `GET /groups/{id}/links`, since the last reset.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.lock().clone()
    }

    /// All requests since the last reset.
    pub fn total(&self) -> u64 {
        self.counts.lock().values().sum()
    }

    /// Starts again from zero.
    pub fn reset(&self) {
        self.counts.lock().clear();
    }
}

impl Transport for CountingTransport {
    fn send(&self, request: &Request, sink: Sink<'_>) -> Result<Response, TransportError> {
        *self.counts.lock().entry(kind_of(request)).or_insert(0) += 1;
        self.inner.send(request, sink)
    }

    fn send_with(
        &self,
        request: &Request,
        body: &[u8],
        sink: Sink<'_>,
    ) -> Result<Response, TransportError> {
        *self.counts.lock().entry(kind_of(request)).or_insert(0) += 1;
        self.inner.send_with(request, body, sink)
    }
}

/// Method and path with ids and names replaced, so that requests of one kind count together.
fn kind_of(request: &Request) -> String {
    let mut kind = format!("{} ", request.method.name());
    let segments: Vec<&str> = request.path.split('/').skip(1).collect();
    for (at, segment) in segments.iter().enumerate() {
        let shown = match (at, segments.get(at.wrapping_sub(1))) {
            (1, _) => "{id}",
            (3, Some(&("links" | "attributes"))) => "{name}",
            _ => segment,
        };
        kind.push('/');
        kind.push_str(shown);
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Method;
    use crate::scripted::ScriptedTransport;

    #[test]
    fn counts_by_kind() {
        let script = ScriptedTransport::new();
        for _ in 0..3 {
            script.reply(200, "{}");
        }
        let counting = CountingTransport::new(Arc::new(script));
        for path in ["/groups/g-1/links/a", "/groups/g-2/links/b", "/"] {
            let request = Request::new(Method::Get, path);
            counting.send(&request, Sink::Collect).unwrap();
        }
        assert_eq!(counting.total(), 3);
        assert_eq!(counting.counts()["GET /groups/{id}/links/{name}"], 2);
        assert_eq!(counting.counts()["GET /"], 1);
    }
}
