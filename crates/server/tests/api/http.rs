//! What HTTP offers beside the resources: HEAD, entity tags, compression, other origins, counters,
//! the OpenAPI document.

use std::collections::BTreeSet;
use std::io::Write;

use flate2::write::GzEncoder;
use h5rest_server::app::Settings;
use h5rest_server::auth::Authenticator;
use h5rest_server::store::Store;
use serde_json::{Value, json};

use crate::client::Client;

#[test]
fn head_is_get_without_a_body() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}");
    let get = client.get(&path).expect(200);
    let head = client.send("HEAD", &path, &[], &[]).expect(200);
    assert!(head.bytes.is_empty());
    for name in ["content-type", "content-length", "etag"] {
        assert_eq!(head.headers.get(name), get.headers.get(name), "{name}");
    }
    client.send("HEAD", "/groups/x", &[], &[]).expect(400);
}

#[test]
fn entity_tags_tell_of_changes() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}?include_links=1");
    let ask = |tag: &str| client.send("GET", &path, &[("If-None-Match", tag)], &[]);
    let tag = client.get(&path).headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let same = ask(&tag).expect(304);
    assert!(same.bytes.is_empty());
    assert_eq!(same.headers["etag"], tag.as_str());
    ask("*").expect(304);
    ask("\"other\"").expect(200);
    let link = format!("/groups/{root}/links/a");
    client.put(&link, json!({"h5path": "/x"})).expect(201);
    let other = ask(&tag).expect(200);
    assert_ne!(other.headers["etag"], tag.as_str());
    assert!(
        client
            .put(&link, json!({"h5path": "/x"}))
            .headers
            .get("etag")
            .is_none()
    );
}

#[test]
fn answers_are_compressed_when_asked() {
    let (client, root) = Client::with_domain();
    for name in 0..100 {
        let path = format!("/groups/{root}/links/{name}");
        client.put(&path, json!({"h5path": "/x"})).expect(201);
    }
    let path = format!("/groups/{root}/links");
    let ask = |path: &str, accept: &str, encodings: &str| {
        let headers = [("Accept", accept), ("Accept-Encoding", encodings)];
        let answer = client.send("GET", path, &headers, &[]).expect(200);
        let encoding = answer.headers.get("content-encoding");
        encoding.map(|e| e.to_str().unwrap().to_owned())
    };
    assert_eq!(ask(&path, "*/*", "gzip").as_deref(), Some("gzip"));
    assert_eq!(ask(&path, "*/*", "zstd").as_deref(), Some("zstd"));
    assert_eq!(ask(&path, "*/*", "identity"), None);
    assert_eq!(client.get(&path).headers.get("content-encoding"), None);
    let id = client.create(
        "datasets",
        json!({"type": "H5T_STD_I32LE", "shape": [1000]}),
    );
    let path = format!("/datasets/{id}/value");
    let octets = "application/octet-stream";
    assert_eq!(ask(&path, octets, "gzip, deflate"), None);
    assert_eq!(ask(&path, octets, "gzip, zstd").as_deref(), Some("zstd"));
}

#[test]
fn other_origins_need_to_be_allowed() {
    let origin = [("Origin", "https://viewer.example")];
    let allowed = |client: &Client| {
        let answer = client.send("GET", "/about", &origin, &[]).expect(200);
        answer.headers.get("access-control-allow-origin").cloned()
    };
    assert_eq!(allowed(&Client::start()), None);
    let settings = Settings {
        cors_origins: vec!["https://viewer.example".into()],
        ..Settings::default()
    };
    let client = Client::start_as(Store::in_memory(), Authenticator::Trusting, settings);
    assert_eq!(allowed(&client).unwrap(), "https://viewer.example");
    let ask = [
        ("Origin", "https://viewer.example"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "authorization"),
    ];
    let answer = client.send("OPTIONS", "/", &ask, &[]).expect(200);
    let methods = answer.headers["access-control-allow-methods"]
        .to_str()
        .unwrap();
    assert!(methods.contains("PUT"), "{methods}");
    let other = [("Origin", "https://other.example")];
    let answer = client.send("GET", "/about", &other, &[]).expect(200);
    assert_eq!(answer.headers.get("access-control-allow-origin"), None);
}

#[test]
fn bodies_have_limits() {
    let settings = Settings {
        max_json_size: 1000,
        max_request_size: 4000,
        ..Settings::default()
    };
    let client = Client::start_as(Store::in_memory(), Authenticator::Trusting, settings);
    let client = client.about("/home/u/limits.h5");
    client.put("/", json!({})).expect(201);
    let id = client.create("datasets", json!({"type": "H5T_STD_U8LE", "shape": [5000]}));
    let path = format!("/datasets/{id}/value?select=[0:4000]");
    client.put_bytes(&path, &[1; 4000]).expect(200);
    client
        .put_bytes(&format!("/datasets/{id}/value"), &[1; 5000])
        .expect(413);
    let long = json!({"value": vec![1; 600], "select": "[0:600]"});
    client
        .put(&format!("/datasets/{id}/value"), long)
        .expect(413);
}

/// What is packed in an unknown way is neither stored as it is, nor unpacked: the head of this frame demands a
/// window of 2 GiB.
#[test]
fn bodies_packed_otherwise_are_refused() {
    let (client, _) = Client::with_domain();
    let frame = |content: &[u8]| {
        let head = [0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3];
        let block = (content.len() as u32) << 3 | 1;
        [&head, &block.to_le_bytes()[..3], content].concat()
    };
    let send = |path: &str, kind: &str, packing: &str, body: &[u8]| {
        let headers = [("Content-Type", kind), ("Content-Encoding", packing)];
        client.send("PUT", path, &headers, body)
    };
    let (json, octets) = ("application/json", "application/octet-stream");
    let body = frame(&[1; 100]);
    let shape = json!({"type": "H5T_STD_U8LE", "shape": [body.len()]});
    let value = format!("/datasets/{}/value", client.create("datasets", shape));
    for packing in ["zstd", "br", "gzip, gzip"] {
        send(&value, octets, packing, &body).expect(415);
        let refused = client.about("/home/u/other").send(
            "PUT",
            "/",
            &[("Content-Type", json), ("Content-Encoding", packing)],
            &frame(b"{}"),
        );
        assert!(refused.expect(415).text().contains("gzip and deflate"));
    }
    assert_eq!(client.get_bytes(&value).bytes, vec![0; body.len()]);
    send(&value, octets, "identity", &body).expect(200);
}

#[test]
fn compressed_bodies_have_the_same_limits() {
    let settings = Settings {
        max_json_size: 1 << 20,
        max_request_size: 8 << 20,
        ..Settings::default()
    };
    let client = Client::start_as(Store::in_memory(), Authenticator::Trusting, settings);
    let client = client.about("/home/u/compressed.h5");
    let root = client.put("/", json!({})).expect(201).json()["root"].clone();
    let send = |path: &str, kind: &str, body: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(body).unwrap();
        let packed = encoder.finish().unwrap();
        assert!(packed.len() < 64 << 10);
        let headers = [("Content-Type", kind), ("Content-Encoding", "gzip")];
        client.send("PUT", path, &headers, &packed)
    };
    let attribute = format!("/groups/{}/attributes/a", root.as_str().unwrap());
    let document = json!({"type": "H5T_STD_U8LE", "shape": [2 << 20]}).to_string();
    send(&attribute, "application/json", document.as_bytes()).expect(201);
    let padded = document + &" ".repeat(2 << 20);
    send(&attribute, "application/json", padded.as_bytes()).expect(413);
    let octets = "application/octet-stream";
    send(&format!("{attribute}/value"), octets, &vec![0; 2 << 20]).expect(413);
    // Elements of datasets are stored while they are unpacked.
    let id = client.create(
        "datasets",
        json!({"type": "H5T_STD_U8LE", "shape": [4 << 20]}),
    );
    let path = format!("/datasets/{id}/value");
    send(&path, octets, &vec![7; 4 << 20]).expect(200);
    assert!(client.get_bytes(&path).expect(200).bytes == vec![7; 4 << 20]);
    send(&path, octets, &vec![8; (4 << 20) + 1]).expect(400);
    send(&path, octets, &vec![8; (4 << 20) - 1]).expect(400);
    assert!(client.get_bytes(&path).expect(200).bytes == vec![7; 4 << 20]);
    let id = client.create(
        "datasets",
        json!({"type": "H5T_STD_U8LE", "shape": [16 << 20]}),
    );
    let path = format!("/datasets/{id}/value");
    send(&path, octets, &vec![0; 16 << 20]).expect(413);
}

#[test]
fn counters_for_prometheus() {
    let (client, root) = Client::with_domain();
    client.get(&format!("/groups/{root}")).expect(200);
    client.get("/groups/x").expect(400);
    client.with_user(Some(("u", "wrong"))).get("/").expect(401);
    let text = client.with_user(None).get("/metrics").expect(200).text();
    for line in [
        "h5rest_requests_total{operation=\"getObject\",status=\"200\"} 1",
        "h5rest_requests_total{operation=\"getObject\",status=\"400\"} 1",
        "h5rest_requests_total{operation=\"putDomain\",status=\"201\"} 1",
        "h5rest_refused_logins_total 1",
        "h5rest_requests_running 1",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[test]
fn large_bodies_are_stored_while_they_come() {
    let settings = Settings {
        stream_from: 1 << 20,
        ..Settings::default()
    };
    let client = Client::start_as(Store::in_memory(), Authenticator::Trusting, settings);
    let client = client.about("/home/u/large.h5");
    client.put("/", json!({})).expect(201);
    // 96 MiB: more than one part. Chunks do not divide the extents.
    let layout = json!({"class": "H5D_CHUNKED", "dims": [1000, 1000]});
    let id = client.create(
        "datasets",
        json!({"type": "H5T_STD_U64LE", "shape": [3072, 4096],
            "creationProperties": {"layout": layout}}),
    );
    let path = format!("/datasets/{id}/value");
    let bytes: Vec<u8> = (0..3072u64 * 4096).flat_map(u64::to_le_bytes).collect();
    client.put_bytes(&path, &bytes).expect(200);
    assert!(client.get_bytes(&path).expect(200).bytes == bytes);
    let part = &bytes[..2 << 20];
    client
        .put_bytes(&format!("{path}?select=[1:65,:]"), part)
        .expect(200);
    let row = client.get_bytes(&format!("{path}?select=[64,4095]"));
    assert_eq!(row.bytes, (64u64 * 4096 - 1).to_le_bytes());
    client.put_bytes(&path, part).expect(400);
    client
        .put_bytes(&format!("{path}?select=[0:9999,:]"), part)
        .expect(400);
    // Text of variable length.
    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE",
        "charSet": "H5T_CSET_UTF8", "strPad": "H5T_STR_NULLTERM"});
    let id = client.create("datasets", json!({"type": text, "shape": [2]}));
    let long = [
        &(1u32 << 20).to_le_bytes()[..],
        &vec![b'x'; 1 << 20],
        &[0; 4],
    ];
    let path = format!("/datasets/{id}/value");
    client.put_bytes(&path, &long.concat()).expect(200);
    assert!(client.get_bytes(&path).bytes == long.concat());
}

/// A path of the document with its parameters filled in.
fn filled(path: &str, root: &str) -> String {
    let path = path.replace("/groups/{id}", &format!("/groups/{root}"));
    let path = path.replace("{id}", &root.replacen('g', "d", 1));
    path.replace("{user}", "u")
        .replace("{title}", "t")
        .replace("{name}", "n")
}

#[test]
fn openapi_document_has_the_routes() {
    let (client, root) = Client::with_domain();
    let document = client
        .with_user(None)
        .get("/openapi.json")
        .expect(200)
        .json();
    assert_eq!(document["openapi"], "3.1.0");
    let methods = ["GET", "PUT", "POST", "DELETE", "PATCH"];
    for (path, operations) in document["paths"].as_object().unwrap() {
        let known: BTreeSet<String> = operations.as_object().unwrap().keys().cloned().collect();
        for method in methods {
            let about = client.about("/home/u/none.h5");
            let answer = about.send(method, &filled(path, &root), &[], b"{}");
            let expected = known.contains(&method.to_lowercase());
            assert_eq!(
                answer.status != 405,
                expected,
                "{method} {path}: {}",
                answer.text()
            );
            assert!(
                !answer.text().contains("this API has no"),
                "{method} {path}"
            );
        }
    }
    let expected: Value = json!(["200", "304"]);
    let responses = &document["paths"]["/datasets/{id}/value"]["get"]["responses"];
    let statuses: Vec<&String> = responses.as_object().unwrap().keys().collect();
    for status in expected.as_array().unwrap() {
        assert!(statuses.iter().any(|s| *s == status), "{status}");
    }
}
