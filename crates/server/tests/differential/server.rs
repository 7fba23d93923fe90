//! Sending one request to one of the two servers.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use h5rest_protocol::values::text;
use serde_json::Value;

/// A request of a script.
#[derive(Clone, Default)]
pub struct Request {
    /// GET and so on.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Who asks; `nobody` sends no credentials.
    pub user: Option<String>,
    /// The domain to name; `none` names none.
    pub domain: Option<String>,
    /// Whether elements are wanted in wire form.
    pub wants_bytes: bool,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// A JSON body.
    pub text: Option<String>,
    /// A binary body.
    pub bytes: Option<Vec<u8>>,
}

impl Request {
    /// A further line of the JSON body.
    pub fn add_text(&mut self, line: &str) {
        let text = self.text.get_or_insert_default();
        text.push_str(line);
        text.push('\n');
    }
}

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// `Content-Type` without parameters.
    pub media_type: String,
    /// Its body, the server's own address taken out.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body's document, if it is one.
    pub fn document(&self) -> Option<Value> {
        (self.media_type == "application/json")
            .then(|| text::parse_lenient(&self.body).ok())
            .flatten()
    }
}

/// The answers to one request.
pub struct Exchange {
    /// Of `h5rest`.
    pub own: Answer,
    /// Of HSDS.
    pub hsds: Answer,
}

/// How long HSDS may be busy.
const BUSY: Duration = Duration::from_secs(60);

/// One of the two.
pub struct Server {
    url: String,
    agent: ureq::Agent,
}

impl Server {
    /// The one at this address.
    pub fn new(url: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .allow_non_standard_methods(true)
            .build();
        Self {
            url: url.to_owned(),
            agent: agent.into(),
        }
    }

    /// Sends the request. HSDS refuses requests with 503 when it is busy, before it does any work:
    /// then it is asked again.
    pub fn run(&self, request: &Request) -> Answer {
        let started = Instant::now();
        loop {
            let answer = self.send(request);
            if answer.status != 503 || started.elapsed() > BUSY {
                return answer;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn send(&self, request: &Request) -> Answer {
        let mut url = format!("{}{}", self.url, request.target);
        let domain = request.domain.as_deref().unwrap_or("none");
        if domain != "none" && !url.contains("domain=") {
            let mark = if url.contains('?') { '&' } else { '?' };
            url += &format!("{mark}domain={domain}");
        }
        let mut sent = ureq::http::Request::builder()
            .method(request.method.as_str())
            .uri(encoded(&url));
        let password = |user: &str| if user == "admin" { "admin" } else { "test" };
        match request.user.as_deref().unwrap_or("test_user1") {
            "nobody" => {}
            user => {
                let pair = BASE64.encode(format!("{user}:{}", password(user)));
                sent = sent.header("Authorization", format!("Basic {pair}"));
            }
        }
        if request.wants_bytes {
            sent = sent.header("Accept", "application/octet-stream");
        }
        let (body, kind) = match (&request.text, &request.bytes) {
            (_, Some(bytes)) => (bytes.clone(), "application/octet-stream"),
            (Some(text), None) => (text.clone().into_bytes(), "application/json"),
            (None, None) => (Vec::new(), "application/json"),
        };
        sent = sent.header("Content-Type", kind);
        for (name, value) in &request.headers {
            sent = sent.header(name.as_str(), value.as_str());
        }
        let mut answer = self.agent.run(sent.body(body).unwrap()).unwrap();
        let kind = answer.headers().get("content-type");
        let kind = kind.map_or("", |kind| kind.to_str().unwrap_or_default());
        let media_type = kind.split(';').next().unwrap_or_default().to_owned();
        let status = answer.status().as_u16();
        let mut body = answer.body_mut().read_to_vec().unwrap();
        if media_type != "application/octet-stream" {
            let text = String::from_utf8_lossy(&body);
            // HSDS puts its bucket before some names of domains.
            let text = text.replace(&self.url, "");
            body = text.replace("domain=hsdstest/", "domain=/").into_bytes();
        }
        Answer {
            status,
            media_type,
            body,
        }
    }
}

/// The URL with what may not stand in one encoded, so that scripts stay readable.
fn encoded(url: &str) -> String {
    let one = |c: char| match c {
        '<' | '>' | '"' | '|' | ' ' => format!("%{:02X}", u32::from(c)),
        c => c.to_string(),
    };
    url.chars().map(one).collect()
}
