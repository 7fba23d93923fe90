//! schemathesis makes requests from the OpenAPI document: sound ones, and wrong ones of many kinds.
//! No answer may be a server's error, have a status or a media type that the document lacks, or a
//! body that is not as the document says.

// Helpers of tests fail the test by panicking, too.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use h5rest_testkit::{H5rest, python};
use serde_json::{Value, json};

const DOMAIN: &str = "/home/test_user1/generated.h5";
const ROOT: &str = "g-11111111-22222222-9999-9999aa-aaaaaa";
/// Requests for each operation, besides those that cover the document's bounds.
const EXAMPLES: &str = "6";
/// Operations that would take away what the others work on.
const DESTRUCTIVE: &str = "^(deleteDomain|deleteObject|putDomain)";

/// The objects of objects.toml.
fn fill(server: &H5rest) {
    let ask = |method: &str, path: &str, body: Value| {
        let path = format!("{path}?domain={DOMAIN}");
        let answer = server.endpoint().request(method, &path, &body.to_string());
        let (status, text) = answer.unwrap();
        assert_eq!(status, 201, "{path}: {text}");
    };
    let link = |name: &str| json!({"id": ROOT, "name": name});
    let attribute = json!({"type": "H5T_STD_I32LE", "shape": [2], "value": [1, 2]});
    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE",
        "charSet": "H5T_CSET_UTF8", "strPad": "H5T_STR_NULLTERM"});
    let fields = json!([{"name": "a", "type": "H5T_STD_I32LE"}, {"name": "b", "type": text}]);
    ask("PUT", "/", json!({"root_id": ROOT}));
    ask(
        "PUT",
        &format!("/groups/{ROOT}/attributes/a"),
        attribute.clone(),
    );
    ask(
        "POST",
        "/datasets",
        json!({"id": "d-11111111-22222222-0000-000000-000001", "link": link("d"),
            "type": {"class": "H5T_COMPOUND", "fields": fields}, "shape": [4, 3],
            "maxdims": [0, 6], "attributes": {"a": attribute}}),
    );
    ask(
        "POST",
        "/datatypes",
        json!({"id": "t-11111111-22222222-0000-000000-000001", "link": link("t"),
            "type": "H5T_STD_I8LE", "attributes": {"a": attribute}}),
    );
}

fn run(server: &H5rest, config: Option<&Path>, options: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(python::program(python::SCHEMATHESIS, "schemathesis").unwrap());
    if let Some(config) = config {
        command.arg("--config-file").arg(config);
    }
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,\
                  response_schema_conformance";
    let output = command
        .arg("run")
        .arg(format!("{}/openapi.json", server.endpoint().url))
        .args(["--auth", "test_user1:test", "--checks", checks])
        .args(["--phases", "coverage,fuzzing", "--max-examples", EXAMPLES])
        .args(["--continue-on-failure", "--no-color", "--warnings", "off"])
        // Every run makes the same requests.
        .args(["--seed", "1", "--generation-deterministic"])
        .args(options)
        // It keeps what it found in the current folder.
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}\n{errors}");
    let counted = text.lines().find(|line| line.contains("generated"));
    println!("{}", counted.unwrap_or_default().trim());
}

#[test]
fn generated_requests() {
    let server = H5rest::of_program(Path::new(env!("CARGO_BIN_EXE_h5rest"))).unwrap();
    fill(&server);
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis/objects.toml");
    let options = ["--exclude-operation-id-regex", DESTRUCTIVE];
    run(&server, Some(&config), &options);
    run(
        &server,
        None,
        &["--include-operation-id-regex", DESTRUCTIVE],
    );
}
