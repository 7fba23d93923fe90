//! Requests to the server: an operation of its table, with everything that varies in it.

use arbitrary::{Result, Unstructured};
use axum::body::Body as HttpBody;
use axum::http::Request;
use h5rest_client::segment;
use h5rest_server::routes::operations::{ALL, Body, Operation};

use crate::bodies;
use crate::documents::{self, IDS, NAMES};
use crate::server::DOMAIN;

/// Domains and folders.
const DOMAINS: [&str; 7] = [
    DOMAIN,
    "/home/u/other.h5",
    "/home/u/",
    "/home",
    "/home/v/f.h5",
    "/",
    "f.h5",
];

/// Who asks: names with passwords, right and wrong, and what is no name.
const CREDENTIALS: [&str; 6] = [
    "Basic dTpw",
    "Basic YWRtaW46cA==",
    "Basic djpw",
    "Basic dTp3cm9uZw==",
    "Bearer x",
    "Basic !",
];

/// A request; `None` where its parts make none that HTTP allows.
pub fn request(u: &mut Unstructured) -> Result<Option<Request<HttpBody>>> {
    let operation = u.choose(ALL)?;
    let path = match documents::odd(u)? {
        true => format!("/{}", documents::text(u)?),
        false => path(u, operation)?,
    };
    let uri = format!("{path}?{}", query(u, operation)?);
    let mut request = Request::builder().method(operation.method).uri(uri);
    let (kind, body) = body(u, operation.takes)?;
    request = request.header("content-type", kind);
    if u.ratio(7, 8)? {
        request = request.header("authorization", *u.choose(&CREDENTIALS[..])?);
    } else {
        request = request.header("authorization", CREDENTIALS[0]);
    }
    if u.arbitrary()? {
        request = request.header(
            "accept",
            *u.choose(&["application/octet-stream", "*/*", "application/json"])?,
        );
    }
    if u.ratio(1, 6)? {
        let encoding = *u.choose(&["gzip", "deflate", "identity", "gzip, gzip", "br"])?;
        request = request.header("content-encoding", encoding);
    }
    if u.ratio(1, 6)? {
        request = request.header("accept-encoding", *u.choose(&["zstd", "gzip", "*"])?);
    }
    if u.ratio(1, 8)? {
        request = request.header("if-none-match", documents::text(u)?.replace('\0', ""));
    }
    if u.ratio(1, 8)? {
        request = request.header("content-length", documents::number(u)?);
    } else {
        request = request.header("content-length", body.len());
    }
    Ok(request.body(HttpBody::from(body)).ok())
}

/// The path of some operation, as in a batch.
pub fn path_of_any(u: &mut Unstructured) -> Result<String> {
    let operation = u.choose(ALL)?;
    path(u, operation)
}

fn path(u: &mut Unstructured, operation: &Operation) -> Result<String> {
    let paths = operation.paths();
    let template = u.choose(&paths)?;
    let mut path = String::new();
    for part in template.split('/').skip(1) {
        path.push('/');
        path += &match part {
            "{id}" if !documents::odd(u)? => (*u.choose(&IDS)?).to_owned(),
            "{user}" => (*u.choose(&["u", "v", "admin", "default", "group:x", ""])?).to_owned(),
            part if part.starts_with('{') => segment(&match u.arbitrary()? {
                true => (*u.choose(&NAMES)?).to_owned(),
                false => documents::text(u)?,
            }),
            part => part.to_owned(),
        };
    }
    Ok(path)
}

fn query(u: &mut Unstructured, operation: &Operation) -> Result<String> {
    let mut pairs = Vec::new();
    if !documents::odd(u)? {
        let domain = match u.ratio(1, 6)? {
            true => documents::text(u)?,
            false => (*u.choose(&DOMAINS[..])?).to_owned(),
        };
        let domain = if u.ratio(3, 4)? {
            DOMAIN.to_owned()
        } else {
            domain
        };
        pairs.push(format!("domain={}", segment(&domain)));
    }
    for name in operation.query {
        if u.ratio(1, 3)? {
            pairs.push(format!("{name}={}", segment(&value(u, name)?)));
        }
    }
    Ok(pairs.join("&"))
}

fn value(u: &mut Unstructured, name: &str) -> Result<String> {
    if documents::odd(u)? {
        return documents::text(u);
    }
    Ok(match name {
        "select" => documents::selection(u)?,
        "query" => documents::query(u, 3)?,
        "encoding" => "base64".to_owned(),
        "fields" => (*u.choose(&["a", "a:b", "b:b:b", ":", ""])?).to_owned(),
        "h5path" | "Marker" | "pattern" | "titles" | "attr_names" | "separator" | "h5paths" => {
            let text = (*u.choose(&[
                "/g/a", "a", "a*", "[a-", "[a-c]?", "a/b", "*", "", "/", "soft/x",
            ])?)
            .to_owned();
            if u.ratio(1, 4)? {
                documents::text(u)?
            } else {
                text
            }
        }
        "regionref" => format!("/datasets/{}", u.choose(&IDS)?),
        "Limit" | "max_objects" | "max_bytes" | "max_data_size" | "element_count" | "append"
        | "append_dim" => documents::number(u)?.to_string(),
        _ => (*u.choose(&["1", "0", "", "true"])?).to_owned(),
    })
}

fn body(u: &mut Unstructured, takes: Body) -> Result<(&'static str, Vec<u8>)> {
    const JSON: &str = "application/json";
    const OCTETS: &str = "application/octet-stream";
    let octets = |u: &mut Unstructured| -> Result<Vec<u8>> {
        let length = u.int_in_range(0..=200)?.min(u.len());
        Ok(u.bytes(length)?.to_vec())
    };
    Ok(match takes {
        Body::Json(_) if documents::odd(u)? => (JSON, octets(u)?),
        Body::Json(schema) => (JSON, bodies::named(u, schema)?.to_string().into_bytes()),
        Body::Elements(schema) if u.arbitrary()? => {
            (JSON, bodies::named(u, schema)?.to_string().into_bytes())
        }
        Body::Elements(_) => (OCTETS, octets(u)?),
        Body::None | Body::Octets | Body::Metrics if documents::odd(u)? => (JSON, octets(u)?),
        Body::None | Body::Octets | Body::Metrics => (JSON, Vec::new()),
    })
}
