//! Bodies of requests as the API's schemas describe them, with parts that they do not.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use h5rest_server::routes::openapi;
use serde_json::{Map, Value, json};

use crate::documents::{self, IDS};
use crate::requests;

/// How deep schemas are followed.
const DEPTH: u32 = 6;

static SCHEMAS: LazyLock<Value> = LazyLock::new(|| {
    let document = openapi::document("").expect("the document is sound");
    document["components"]["schemas"].clone()
});

/// A document of the schema with this name.
pub fn named(u: &mut Unstructured, name: &str) -> Result<Value> {
    of_schema(u, &SCHEMAS[name], DEPTH)
}

fn of_schema(u: &mut Unstructured, schema: &Value, depth: u32) -> Result<Value> {
    if depth == 0 || documents::odd(u)? {
        return documents::any(u, 2);
    }
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next())
    {
        return of_reference(u, name, depth);
    }
    if let Some(values) = schema["enum"].as_array() {
        return Ok(u.choose(values)?.clone());
    }
    if let Some(choices) = schema["anyOf"].as_array()
        && choices
            .iter()
            .all(|choice| choice.get("required").is_none())
    {
        let choice = u.choose(choices)?;
        return of_schema(u, choice, depth - 1);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => u.choose(kinds)?.as_str(),
        kind => kind.as_str(),
    };
    Ok(match kind {
        Some("boolean") => json!(u.arbitrary::<bool>()?),
        Some("integer" | "number") => json!(documents::number(u)?),
        Some("string") => json!(documents::text(u)?),
        Some("array") => documents::list(u, 4, |u| of_schema(u, &schema["items"], depth - 1))?,
        Some("object") | None if schema["properties"].is_object() => object(u, schema, depth)?,
        Some("object") => members(u, &schema["additionalProperties"], depth)?,
        _ => documents::any(u, 3)?,
    })
}

fn of_reference(u: &mut Unstructured, name: &str, depth: u32) -> Result<Value> {
    match name {
        "Id" => Ok(json!(u.choose(&IDS)?)),
        "Type" => documents::datatype(u, 3),
        "Shape" => documents::shape(u),
        "Dims" => documents::dims(u),
        "Link" => documents::link(u),
        _ => of_schema(u, &SCHEMAS[name], depth - 1),
    }
}

fn object(u: &mut Unstructured, schema: &Value, depth: u32) -> Result<Value> {
    let mut all = Map::new();
    // A document that is another one with more members.
    for base in schema["allOf"].as_array().into_iter().flatten() {
        if let Value::Object(members) = of_schema(u, base, depth)? {
            all.extend(members);
        }
    }
    let is_required = |name: &str| {
        let required = schema["required"].as_array();
        required.is_some_and(|names| names.iter().any(|one| one == name))
    };
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        let there = match is_required(name) {
            true => !documents::odd(u)?,
            false => u.ratio(1, 3)?,
        };
        if there {
            all.insert(name.clone(), member(u, name, inner, depth)?);
        }
    }
    Ok(Value::Object(all))
}

/// Members whose schema says less than their name.
fn member(u: &mut Unstructured, name: &str, schema: &Value, depth: u32) -> Result<Value> {
    match name {
        "creationProperties" => documents::creation(u),
        "select" => documents::selection(u).map(Value::String),
        "query" if schema["type"] == "string" => documents::query(u, 2).map(Value::String),
        "value_base64" => documents::base64(u).map(Value::String),
        "id" if u.ratio(3, 4)? => Ok(json!(u.choose(&IDS)?)),
        "path" => requests::path_of_any(u).map(Value::String),
        "body" => {
            let name = *u.choose(&[
                "NewGroup",
                "NewDataset",
                "NewLinks",
                "NewAttribute",
                "NewValues",
            ])?;
            of_schema(u, &SCHEMAS[name], depth - 1)
        }
        _ => of_schema(u, schema, depth - 1),
    }
}

fn members(u: &mut Unstructured, schema: &Value, depth: u32) -> Result<Value> {
    let mut all = Map::new();
    for _ in 0..u.int_in_range(0..=3)? {
        let name = documents::text(u)?;
        let value = match schema.is_object() {
            true => of_schema(u, schema, depth - 1)?,
            false => documents::any(u, 2)?,
        };
        all.insert(name, value);
    }
    Ok(Value::Object(all))
}
