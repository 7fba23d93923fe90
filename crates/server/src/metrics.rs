//! Counters of the server, shown at `/metrics` in Prometheus's text form.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// What requests are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    operation: &'static str,
    status: u16,
}

/// See [`Request`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

/// What is counted. Cheap to change from any thread.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Operation, Histogram>,
    /// Requests that are being answered.
    pub running: Gauge,
    /// Connections that are open.
    pub connections: Gauge,
    /// Bytes of the bodies of requests.
    pub received: Counter<u64, AtomicU64>,
    /// Requests whose credentials were wrong.
    pub refused_logins: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        // From 100 microseconds to 26 seconds.
        let buckets = || Histogram::new(exponential_buckets(0.0001, 4.0, 10));
        let mut metrics = Self {
            registry: Registry::with_prefix("h5rest"),
            requests: Family::default(),
            durations: Family::new_with_constructor(buckets),
            running: Gauge::default(),
            connections: Gauge::default(),
            received: Counter::default(),
            refused_logins: Counter::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests answered", self.requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time until the answer's head",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register(
            "requests_running",
            "Requests being answered",
            self.running.clone(),
        );
        registry.register("connections", "Open connections", self.connections.clone());
        registry.register_with_unit(
            "received",
            "Bodies of requests",
            Unit::Bytes,
            self.received.clone(),
        );
        registry.register(
            "refused_logins",
            "Requests with wrong credentials",
            self.refused_logins.clone(),
        );
    }

    /// Counts an answered request.
    pub fn answered(&self, operation: &'static str, status: u16, took: Duration) {
        let label = Request { operation, status };
        self.requests.get_or_create(&label).inc();
        let durations = self.durations.get_or_create(&Operation { operation });
        durations.observe(took.as_secs_f64());
    }

    /// All of it as text.
    ///
    /// # Errors
    /// When the text cannot be made, which no input can cause.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_what_was_counted() {
        let metrics = Metrics::default();
        metrics.running.inc();
        metrics.answered("getLink", 404, Duration::from_millis(3));
        metrics.received.inc_by(17);
        let text = metrics.text().unwrap();
        for line in [
            "h5rest_requests_total{operation=\"getLink\",status=\"404\"} 1",
            "h5rest_request_duration_seconds_count{operation=\"getLink\"} 1",
            "h5rest_requests_running 1",
            "h5rest_received_bytes_total 17",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
    }
}
