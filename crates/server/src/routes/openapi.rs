//! `/openapi.json`: the OpenAPI 3.1 document of the API, made from the list of operations.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::operations::{ALL, Body, CONFLICT, FAILURES, Operation};
use super::reply::Reply;
use crate::error::{ApiError, Result};

/// The documents that requests and answers carry.
const SCHEMAS: &str = include_str!("openapi_schemas.json");

/// What a query parameter is.
#[derive(Clone, Copy)]
enum Kind {
    /// 1 or 0.
    Flag,
    /// Not negative.
    Number,
    /// Anything.
    Text,
}
use Kind::{Flag, Number, Text};

/// All query parameters.
#[rustfmt::skip]
const PARAMETERS: &[(&str, Kind, &str)] = &[
    ("Limit", Number, "Most entries of the answer"),
    ("Marker", Text, "The entry behind which the answer starts"),
    ("pattern", Text, "Only names that match: *, ?, [a-c]"),
    ("CreateOrder", Flag, "In order of creation"),
    ("follow_links", Flag, "Of every object that hard links lead to"),
    ("IncludeData", Flag, "With values"),
    ("max_data_size", Number, "No values of more bytes"),
    ("encoding", Text, "base64"),
    ("ignore_nan", Flag, "null in place of NaN and infinities"),
    ("replace", Flag, "In place of others of that name"),
    ("separator", Text, "What stands between names; / unless given"),
    ("titles", Text, "Titles of links"),
    ("leads_to", Text, "Only hard links to the object of this id: others are refused (not on HSDS)"),
    ("attr_names", Text, "Names of attributes"),
    ("include_links", Flag, "With all links"),
    ("include_attrs", Flag, "With all attributes"),
    ("follow_soft_links", Flag, "Paths lead through soft links"),
    ("follow_external_links", Flag, "Paths lead through external links"),
    ("per_path", Flag, "Tell of each path that fails why, in place of failing altogether"),
    ("h5path", Text, "Path of an object"),
    ("parent_id", Text, "The group at which a relative path begins"),
    ("implicit", Flag, "Make the groups of the path that are missing"),
    ("getalias", Flag, "With a path that leads there"),
    ("getobjs", Flag, "With every object"),
    ("max_objects", Number, "With so many objects of the domain at most (not on HSDS)"),
    ("max_bytes", Number, "No more objects when the answer is so long"),
    ("getdnids", Flag, "With the ids of the data nodes"),
    ("verbose", Flag, "With counts and sizes"),
    ("folder", Flag, "A folder"),
    ("flush", Flag, "Answer when everything is durable"),
    ("rescan", Flag, "Count again"),
    ("keep_root", Flag, "Objects stay"),
    ("meta_only", Flag, "Forget what is remembered"),
    ("query", Text, "A condition on fields, as open < 2900 AND symbol == 'AAPL'"),
    ("select", Text, "A selection, as [0:10:2,3,[1,5]]"),
    ("regionref", Text, "Where a region reference is: /datasets/<id>, or /groups/<id>/attributes/<name>; select names one of several"),
    ("fields", Text, "Fields of a compound, colons between them"),
    ("reduce_dim", Flag, "Without dimensions of one element"),
    ("null_strings", Flag, "Null strings are told from empty ones in wire form"),
    ("element_count", Number, "Elements of the body, which are repeated"),
    ("append", Number, "Extend by so much, and store behind the old end"),
    ("append_dim", Number, "The dimension to extend"),
];

/// GET of the document.
pub fn get(call: &Call) -> Result<Reply> {
    Ok(Reply::ok(document(&call.app.settings.endpoint)?))
}

/// The document of a server at this address.
///
/// # Errors
/// When the schemas are no JSON, which a test checks.
pub fn document(endpoint: &str) -> Result<Value> {
    let schemas: Value = serde_json::from_str(SCHEMAS)
        .map_err(|e| ApiError::internal(format!("openapi_schemas.json: {e}")))?;
    let mut paths = Map::new();
    for operation in ALL {
        let all = operation.paths();
        let many = all.len() > 1;
        for path in all {
            let entry = paths.entry(path.clone()).or_insert_with(|| json!({}));
            entry[operation.method.to_lowercase()] = described(operation, &path, many);
        }
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "HDF REST API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "HDF5 data behind HTTP, as HSDS 1.0.2 speaks it, and more.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": endpoint}],
        "security": [{}, {"basic": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }))
}

fn described(operation: &Operation, path: &str, many: bool) -> Value {
    let first = path.split('/').nth(1).unwrap_or_default();
    let id = match many {
        true => format!("{}_{first}", operation.id),
        false => operation.id.to_owned(),
    };
    let mut document = json!({
        "operationId": id,
        "summary": operation.summary,
        "parameters": parameters(operation, path),
        "responses": responses(operation),
    });
    let required = operation.method == "PUT" || operation.method == "POST";
    if let Some(content) = content(operation.takes) {
        let optional = matches!(operation.takes, Body::Json("NewDomain" | "DeleteDomain"));
        document["requestBody"] = json!({"required": required && !optional, "content": content});
    }
    document
}

/// What is in the path, which domain, and the operation's own parameters.
fn parameters(operation: &Operation, path: &str) -> Value {
    let mut all = Vec::new();
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')) {
        let name = name.trim_end_matches('}');
        all.push(json!({"name": name, "in": "path", "required": true,
            "schema": {"type": "string", "minLength": 1}}));
    }
    let of_domain = !matches!(
        path,
        "/about" | "/info" | "/backup" | "/metrics" | "/openapi.json"
    );
    if of_domain {
        for (name, what) in [
            ("domain", "The domain or folder, as /home/user/file.h5"),
            (
                "bucket",
                "Where it is; this server has one bucket under any name",
            ),
        ] {
            all.push(json!({"name": name, "in": "query", "description": what,
                "schema": {"type": "string"}}));
        }
        all.push(json!({"name": "X-Hdf-domain", "in": "header",
            "description": "The domain, unless the query names one",
            "schema": {"type": "string"}}));
    }
    for name in operation.query {
        let known = PARAMETERS.iter().find(|(known, ..)| known == name);
        let (kind, what) = known.map_or((Text, ""), |(_, kind, what)| (*kind, *what));
        let schema = match kind {
            Flag => json!({"enum": ["0", "1"]}),
            Number => json!({"type": "integer", "minimum": 0}),
            Text => json!({"type": "string"}),
        };
        all.push(json!({"name": name, "in": "query", "description": what, "schema": schema}));
    }
    Value::Array(all)
}

fn responses(operation: &Operation) -> Value {
    let mut all = Map::new();
    for status in operation.success {
        let mut answer = json!({"description": reason(*status)});
        if *status != 204
            && let Some(content) = content(operation.gives)
        {
            answer["content"] = content;
        }
        all.insert(status.to_string(), answer);
    }
    if operation.method == "GET" {
        all.insert("304".into(), json!({"description": reason(304)}));
    }
    let conflict = (operation.method != "GET").then_some(CONFLICT);
    for status in FAILURES.into_iter().chain(conflict) {
        let text = json!({"text/plain": {"schema": {"type": "string"}}});
        let mut answer = json!({"description": reason(status), "content": text});
        if status == 401 {
            let challenge = json!({"schema": {"type": "string"}});
            answer["headers"] = json!({"WWW-Authenticate": challenge});
        }
        all.insert(status.to_string(), answer);
    }
    Value::Object(all)
}

fn content(body: Body) -> Option<Value> {
    let schema = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    match body {
        Body::None => None,
        Body::Json(name) => Some(json!({"application/json": {"schema": schema(name)}})),
        Body::Elements(name) => Some(json!({
            "application/json": {"schema": schema(name)},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        })),
        Body::Octets => Some(json!({"application/octet-stream": {"schema": {"type": "string"}}})),
        Body::Metrics => {
            Some(json!({"application/openmetrics-text": {"schema": {"type": "string"}}}))
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "Done",
        201 => "Made",
        204 => "Done; there is nothing to say",
        304 => "As it was at the time of If-None-Match",
        400 => "The request is wrong",
        401 => "Credentials are needed, or wrong",
        403 => "This user may not",
        404 => "There is no such thing",
        408 => "The body did not come in time",
        409 => "It contradicts what is there",
        410 => "It was deleted",
        413 => "More than this server takes or gives at once",
        431 => "URL or headers are too long",
        503 => "The storage cannot be used now",
        507 => "The storage is full",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_complete() {
        let document = document("http://localhost").unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let text = document.to_string();
        let mut used = std::collections::BTreeSet::new();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "no schema {name}");
            used.insert(name);
        }
        for name in schemas.keys() {
            assert!(used.contains(name.as_str()), "nothing uses {name}");
        }
        let mut ids = std::collections::BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{id} twice");
                for parameter in operation["parameters"].as_array().unwrap() {
                    assert_ne!(parameter["description"], "", "{method} {path} {parameter}");
                }
            }
        }
        for (name, ..) in PARAMETERS {
            let found = ALL.iter().any(|operation| operation.query.contains(name));
            assert!(found, "no operation has {name}");
        }
    }
}
