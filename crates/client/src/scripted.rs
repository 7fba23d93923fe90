//! A transport that plays a script: unit tests say what the server answers, and see what it was
//! asked.

use std::collections::VecDeque;

use parking_lot::Mutex;

use crate::request::{Head, Receiver, Request, Response, Sink};
use crate::transport::{Transport, TransportError, TransportFailure};

/// One scripted answer.
type Step = Result<(Head, Vec<u8>), TransportError>;

/// Answers requests in the order of its script, and remembers them.
#[derive(Debug, Default)]
pub struct ScriptedTransport {
    steps: Mutex<VecDeque<Step>>,
    requests: Mutex<Vec<Request>>,
}

impl ScriptedTransport {
    /// An empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next answer has this status and body.
    pub fn reply(&self, status: u16, body: impl Into<Vec<u8>>) {
        let head = Head {
            status,
            ..Head::default()
        };
        self.step(head, body);
    }

    /// The next answer starts so.
    pub fn step(&self, head: Head, body: impl Into<Vec<u8>>) {
        self.steps.lock().push_back(Ok((head, body.into())));
    }

    /// The next request gets no answer.
    pub fn fail(&self, failure: TransportFailure) {
        let error = TransportError::new(failure, "as the script says");
        self.steps.lock().push_back(Err(error));
    }

    /// The requests so far, as method and target.
    pub fn requests(&self) -> Vec<String> {
        let requests = self.requests.lock();
        requests.iter().map(Request::to_string).collect()
    }

    /// The body of the `n`th request as text.
    pub fn body(&self, n: usize) -> String {
        let requests = self.requests.lock();
        let body = requests.get(n).and_then(|request| request.body.as_ref());
        body.map_or_else(String::new, |(_, bytes)| {
            String::from_utf8_lossy(bytes).into_owned()
        })
    }

    /// What the requests so far are called.
    pub fn names(&self) -> Vec<Option<String>> {
        let requests = self.requests.lock();
        requests
            .iter()
            .map(|request| request.name.clone())
            .collect()
    }

    /// Answers not asked for yet.
    pub fn left(&self) -> usize {
        self.steps.lock().len()
    }
}

impl Transport for ScriptedTransport {
    fn send(&self, request: &Request, sink: Sink<'_>) -> Result<Response, TransportError> {
        self.requests.lock().push(request.clone());
        let step = self.steps.lock().pop_front();
        let unexpected = || {
            let message = format!("the script has no answer to {request}");
            Err(TransportError::new(TransportFailure::Hopeless, message))
        };
        let (head, body) = step.unwrap_or_else(unexpected)?;
        let broken = |words| TransportError::new(TransportFailure::Broken, words);
        let mut receiver = Receiver::new(&head, sink);
        receiver.take(&body).map_err(broken)?;
        let moved = receiver.moved();
        let body = receiver.finish().map_err(broken)?;
        Ok(Response {
            moved,
            head,
            body,
            repeated: false,
        })
    }
}
