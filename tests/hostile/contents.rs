//! The domain that is lied about: one of everything.

use anyhow::{Result, ensure};
use h5rest_testkit::Endpoint;
use serde_json::{Value, json};

/// What can be opened.
pub const PATHS: [&str; 7] = [
    "/",
    "group",
    "group/numbers",
    "records",
    "strings",
    "sequences",
    "committed",
];

/// Links that lead to each other, or to their own file without end.
pub const ENDLESS: [&str; 3] = ["circle", "group/circle", "outside"];

const ROOT: &str = "g-11111111-22222222-9999-9999aa-aaaaaa";

fn id(class: char, number: u32) -> String {
    format!("{class}-11111111-22222222-aaaa-aaaaaa-aaaa{number:02}")
}

/// Its name.
pub fn domain() -> String {
    "/home/test_user1/lies.h5".into()
}

/// Makes it.
pub fn make(endpoint: &Endpoint) -> Result<()> {
    for (method, path, body) in requests() {
        let target = format!("{path}?domain={}", domain());
        let (status, answer) = endpoint.request(method, &target, &body.to_string())?;
        ensure!(status < 300, "{method} {path}: {status} {answer}");
    }
    Ok(())
}

fn requests() -> Vec<(&'static str, String, Value)> {
    let (group, committed) = (id('g', 1), id('t', 2));
    let [numbers, records, strings, sequences] = [3, 4, 5, 6].map(|number| id('d', number));
    let record = json!({"class": "H5T_COMPOUND", "fields": [
        {"name": "number", "type": "H5T_STD_I32LE"}, {"name": "more", "type": "H5T_IEEE_F64LE"}]});
    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE",
        "charSet": "H5T_CSET_UTF8", "strPad": "H5T_STR_NULLTERM"});
    let sequence = json!({"class": "H5T_VLEN", "base": "H5T_STD_I32LE"});
    let link = |to: &str, name: &str| json!({"id": to, "name": name});
    let dataset = |id: &str, ty: &Value, shape: Value, to: &str, name: &str| json!({"id": id, "type": ty, "shape": shape, "link": link(to, name)});
    let datasets = || "/datasets".to_owned();
    let value = |id: &str| format!("/datasets/{id}/value");
    vec![
        ("PUT", "/".into(), json!({"root_id": ROOT})),
        (
            "POST",
            "/groups".into(),
            json!({"id": group, "link": link(ROOT, "group")}),
        ),
        (
            "POST",
            datasets(),
            dataset(
                &numbers,
                &json!("H5T_STD_I32LE"),
                json!([4, 5]),
                &group,
                "numbers",
            ),
        ),
        (
            "POST",
            datasets(),
            dataset(&records, &record, json!([3]), ROOT, "records"),
        ),
        (
            "POST",
            datasets(),
            dataset(&strings, &text, json!([2]), ROOT, "strings"),
        ),
        (
            "POST",
            datasets(),
            dataset(&sequences, &sequence, json!([2]), ROOT, "sequences"),
        ),
        (
            "POST",
            "/datatypes".into(),
            json!({"id": committed, "type": record, "link": link(ROOT, "committed")}),
        ),
        (
            "PUT",
            value(&numbers),
            json!({"value": vec![vec![7; 5]; 4]}),
        ),
        ("PUT", value(&strings), json!({"value": ["one", "two"]})),
        ("PUT", value(&sequences), json!({"value": [[1], [1, 2, 3]]})),
        (
            "PUT",
            format!("/groups/{ROOT}/attributes/scale"),
            json!({"type": "H5T_IEEE_F64LE", "shape": [2], "value": [1.5, 2.5]}),
        ),
        (
            "PUT",
            format!("/datasets/{numbers}/attributes/title"),
            json!({"type": text, "value": "numbers"}),
        ),
        (
            "PUT",
            format!("/groups/{ROOT}/links/circle"),
            json!({"h5path": "/group/circle"}),
        ),
        (
            "PUT",
            format!("/groups/{group}/links/circle"),
            json!({"h5path": "/circle"}),
        ),
        (
            "PUT",
            format!("/groups/{ROOT}/links/outside"),
            json!({"h5path": "/outside", "h5domain": domain()}),
        ),
    ]
}
