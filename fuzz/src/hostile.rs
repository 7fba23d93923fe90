//! A server that lies, as the connector's way to a server: requests are answered by an honest server of
//! this process, and some of its answers are changed as the fuzzer's bytes say.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use axum::body::Body;
use axum::http::Request as HttpRequest;
use fastrand::Rng;
use h5rest_client::fuzzing::Receiver;
use h5rest_client::{
    Format, Head, Method, Request, Response, Sink, Transport, TransportError, TransportFailure,
};
use h5rest_testkit::hostile;
use hdf5_vol_rest::config::Config;
use hdf5_vol_rest::connector::use_transport;

use crate::server::Server;

/// Where the connector believes the server to be.
const ENDPOINT: &str = "http://h5rest:1";

/// An answer is changed if its byte is this or more.
const LIE_FROM: u8 = 160;

static STATE: LazyLock<Mutex<State>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct State {
    server: Option<Arc<Server>>,
    lies: VecDeque<u8>,
}

/// From now on this server is asked, and answers are changed as `lies` say; when they are used up,
/// answers are honest.
pub fn serve(server: Server, lies: &[u8]) {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    state.server = Some(Arc::new(server));
    state.lies = lies.iter().copied().collect();
}

/// Settings as a program gives them.
pub fn info() -> String {
    format!("endpoint={ENDPOINT};username=u;password=p")
}

/// Has a connector with these settings reach this server and no other.
pub fn settings() -> Config {
    let config = Config::from_info(Some(&info()));
    use_transport(&config, "/home/u/any.h5", |_| Arc::new(Hostile)).expect("a transport");
    config
}

#[derive(Debug)]
struct Hostile;

impl Transport for Hostile {
    fn send(&self, request: &Request, sink: Sink<'_>) -> Result<Response, TransportError> {
        let (server, lie) = {
            let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
            (state.server.clone(), next_lie(&mut state.lies))
        };
        let hopeless = |words: String| TransportError::new(TransportFailure::Hopeless, words);
        let server = server.ok_or_else(|| hopeless("nobody is there".into()))?;
        let request = http(request).ok_or_else(|| hopeless("no such request".into()))?;
        let answer = server.send(request);
        let mut body = answer.body.to_vec();
        if let Some(seed) = lie {
            body = hostile::changed(body, &mut Rng::with_seed(seed));
        }
        let head = Head {
            status: answer.status,
            length: Some(body.len() as u64),
            ..Head::default()
        };
        let mut receiver = Receiver::new(&head, sink);
        receiver.take(&body).map_err(hopeless)?;
        let moved = receiver.moved();
        let body = receiver.finish().map_err(hopeless)?;
        Ok(Response {
            head,
            body,
            moved,
            repeated: false,
        })
    }
}

fn next_lie(lies: &mut VecDeque<u8>) -> Option<u64> {
    let first = lies.pop_front()?;
    if first < LIE_FROM {
        return None;
    }
    let low = lies.pop_front().unwrap_or(0);
    Some(u64::from(first) << 8 | u64::from(low))
}

fn http(request: &Request) -> Option<HttpRequest<Body>> {
    let method = match request.method {
        Method::Get => "GET",
        Method::Put => "PUT",
        Method::Post => "POST",
        Method::Delete => "DELETE",
    };
    let media = |format: Format| format.media_type();
    let mut http = HttpRequest::builder()
        .method(method)
        .uri(request.target())
        .header("authorization", "Basic dTpw")
        .header("accept", media(request.accept));
    let body = match &request.body {
        Some((format, body)) => {
            http = http.header("content-type", media(*format));
            Body::from(body.clone())
        }
        None => Body::empty(),
    };
    http.body(body).ok()
}
