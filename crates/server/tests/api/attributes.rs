//! Attributes: one, and many at once; their values in every form.

use serde_json::{Value, json};

use crate::client::Client;

const STRING: &str =
    r#"{"class": "H5T_STRING", "length": "H5T_VARIABLE", "charSet": "H5T_CSET_UTF8"}"#;

fn string() -> Value {
    serde_json::from_str(STRING).unwrap()
}

fn names(answer: &Value) -> Vec<&str> {
    answer["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["name"].as_str().unwrap())
        .collect()
}

#[test]
fn values_of_every_kind() {
    let (client, root) = Client::with_domain();
    let fixed = json!({"class": "H5T_STRING", "length": 4, "charSet": "H5T_CSET_UTF8", "strPad": "H5T_STR_NULLPAD"});
    let record = json!({"class": "H5T_COMPOUND", "fields": [
        {"name": "a", "type": "H5T_STD_I32LE"}, {"name": "s", "type": string()}]});
    let array = json!({"class": "H5T_ARRAY", "base": "H5T_STD_U8LE", "dims": [2]});
    let sequence = json!({"class": "H5T_VLEN", "base": "H5T_STD_U8LE"});
    for (at, (datatype, shape, value, bytes)) in [
        (
            json!("H5T_STD_I32LE"),
            json!([]),
            json!(-2),
            vec![0xfe, 0xff, 0xff, 0xff],
        ),
        (
            json!("H5T_STD_U16BE"),
            json!([2]),
            json!([1, 258]),
            vec![0, 1, 1, 2],
        ),
        (
            fixed,
            json!([2]),
            json!(["é", "abcd"]),
            b"\xc3\xa9\0\0abcd".to_vec(),
        ),
        (
            string(),
            json!([2]),
            json!(["", "é"]),
            b"\0\0\0\0\x02\0\0\0\xc3\xa9".to_vec(),
        ),
        (
            record,
            json!([1]),
            json!([[1, "x"]]),
            b"\x01\0\0\0\x01\0\0\0x".to_vec(),
        ),
        (array, json!([]), json!([1, 2]), vec![1, 2]),
        (sequence, json!([]), json!([[1, 2]]), vec![2, 0, 0, 0, 1, 2]),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/groups/{root}/attributes/a{at}");
        let body = json!({"type": datatype, "shape": shape, "value": value});
        client.put(&path, body).expect(201);
        assert_eq!(
            client.get(&path).expect(200).json()["value"],
            value,
            "{datatype}"
        );
        assert_eq!(
            client.get(&format!("{path}/value")).expect(200).json()["value"],
            value
        );
        let as_bytes = format!("{path}/value?null_strings=1");
        assert_eq!(client.get_bytes(&as_bytes).expect(200).bytes, bytes);
        client
            .put_bytes(&format!("{path}/value"), &bytes)
            .expect(200);
        client
            .put(&format!("{path}/value"), json!({"value": value}))
            .expect(200);
        assert_eq!(client.get_bytes(&as_bytes).expect(200).bytes, bytes);
        client
            .put_bytes(&format!("{path}/value"), &bytes[1..])
            .expect(400);
    }
}

#[test]
fn bytes_that_json_cannot_tell() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}/attributes/a");
    let fixed = json!({"class": "H5T_STRING", "length": 2, "charSet": "H5T_CSET_ASCII"});
    client
        .put(&path, json!({"type": fixed, "shape": [2]}))
        .expect(201);
    assert_eq!(client.get(&path).expect(200).json()["value"], json!(null));
    assert_eq!(
        client.get_bytes(&format!("{path}/value")).expect(200).bytes,
        [0; 4]
    );
    client
        .put_bytes(&format!("{path}/value"), b"\xff\xfeab")
        .expect(200);
    let found = client.get(&path).expect(200).json();
    assert_eq!(
        (&found["value"], &found["encoding"]),
        (&json!("//5hYg=="), &json!("base64"))
    );
    let list = client
        .get(&format!("/groups/{root}/attributes?IncludeData=1"))
        .expect(200)
        .json();
    assert_eq!(list["attributes"][0]["encoding"], "base64");
    let body = json!({"type": fixed, "shape": [1], "value": "/w==", "encoding": "base64"});
    client.put(&format!("{path}2"), body).expect(400);
}

#[test]
fn numbers_that_are_not_finite() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}/attributes/n");
    let body = r#"{"type": "H5T_IEEE_F64LE", "shape": [3], "value": [NaN, -Infinity, 1.5]}"#;
    client.send("PUT", &path, &[], body.as_bytes()).expect(201);
    let text = client.get(&format!("{path}/value")).expect(200).text();
    assert!(
        text.starts_with(r#"{"value":[NaN,-Infinity,1.5]"#),
        "{text}"
    );
    let cleared = client
        .get(&format!("{path}?ignore_nan=1"))
        .expect(200)
        .json();
    assert_eq!(cleared["value"], json!([null, null, 1.5]));
}

#[test]
fn names_conflicts_and_replacement() {
    let (client, root) = Client::with_domain();
    let list = format!("/groups/{root}/attributes");
    let path = format!("{list}/a%2Fb");
    let body = json!({"type": "H5T_STD_U8LE", "value": 1});
    client.put(&path, body.clone()).expect(201);
    client.put(&path, body.clone()).expect(200);
    let created = client.get(&path).json()["created"].clone();
    let other = json!({"type": "H5T_STD_U8LE", "shape": [2], "value": [1, 2]});
    client.put(&path, other.clone()).expect(409);
    client.put(&format!("{path}?replace=1"), other).expect(201);
    let replaced = client.get(&path).expect(200).json();
    assert_eq!(
        (&replaced["created"], &replaced["name"]),
        (&created, &json!("a/b"))
    );
    let clash = json!({"attributes": {"new": body, "a/b": body}});
    client.put(&list, clash).expect(409);
    client.get(&format!("{list}/new")).expect(404);
    client.delete(&path).expect(200);
    client.get(&path).expect(410);
    client.delete(&path).expect(200);
    client
        .put(&path, json!({"type": "H5T_STD_U8LE", "value": 300}))
        .expect(400);
    client
        .put(
            &path,
            json!({"type": "H5T_STD_U8LE", "shape": "H5S_NULL", "value": 3}),
        )
        .expect(400);
    client.put(&path, json!({"value": 3})).expect(400);
}

#[test]
fn listings_and_lookups() {
    let (client, root) = Client::with_domain();
    let group = client.create("groups", json!({"link": {"id": root, "name": "g"}}));
    let list = format!("/groups/{root}/attributes");
    let one = |value: u8| json!({"type": "H5T_STD_U8LE", "value": value});
    let body = json!({"attributes": {"c": one(1), "a": one(2), "b": one(3)}});
    client.put(&list, body.clone()).expect(201);
    client.put(&list, body).expect(200);
    let get = |query: &str| client.get(&format!("{list}{query}")).expect(200).json();
    assert_eq!(names(&get("")), ["a", "b", "c"]);
    assert_eq!(names(&get("?CreateOrder=1")), ["c", "a", "b"]);
    assert_eq!(names(&get("?Marker=a&Limit=1")), ["b"]);
    assert_eq!(names(&get("?pattern=[ab]")), ["a", "b"]);
    assert!(get("")["attributes"][0].get("value").is_none());
    assert_eq!(get("?IncludeData=1")["attributes"][0]["value"], 2);
    assert_eq!(
        get("?IncludeData=1&encoding=base64")["attributes"][0]["value"],
        "Ag=="
    );
    let multi = json!({"attributes": {"m": one(9)}, "obj_ids": [root, group]});
    client.put(&list, multi).expect(201);
    let each = json!({"obj_ids": {&group: {"attributes": {"e": one(8)}}}});
    client.put(&list, each).expect(201);
    let post = |body: Value| client.post(&format!("{list}?IncludeData=1"), body);
    assert_eq!(
        names(&post(json!({"attr_names": ["m", "a"]})).expect(200).json()),
        ["m", "a"]
    );
    post(json!({"attr_names": ["m", "nope"]})).expect(404);
    let found = post(json!({"obj_ids": {&root: ["a"], &group: ["e"]}}))
        .expect(200)
        .json();
    assert_eq!(found["attributes"][&group][0]["value"], 8);
    let all = get("?follow_links=1");
    assert_eq!(all["attributes"][&group].as_array().unwrap().len(), 2);
    client
        .delete(&format!("{list}?attr_names=a,b,zz&separator=,"))
        .expect(200);
    assert_eq!(names(&get("")), ["c", "m"]);
    assert_eq!(
        client.get(&format!("/groups/{root}")).json()["attributeCount"],
        2
    );
}

#[test]
fn large_values() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}/attributes/big");
    client
        .put(&path, json!({"type": "H5T_STD_U8LE", "shape": [3_000_000]}))
        .expect(201);
    let bytes: Vec<u8> = (0..3_000_000u32).map(|n| n as u8).collect();
    client
        .put_bytes(&format!("{path}/value"), &bytes)
        .expect(200);
    assert_eq!(
        client.get_bytes(&format!("{path}/value")).expect(200).bytes,
        bytes
    );
    client
        .put(
            &format!("{path}2"),
            json!({"type": "H5T_STD_U8LE", "shape": [1u64 << 60]}),
        )
        .expect(400);
}

#[test]
fn a_new_name_leaves_everything_else() {
    let (client, root) = Client::with_domain();
    let path = |name: &str| format!("/groups/{root}/attributes/{name}");
    for (name, value) in [("a", 1), ("b", 2)] {
        let body = json!({"type": "H5T_STD_I32LE", "value": value});
        client.put(&path(name), body).expect(201);
    }
    let before = client.get(&path("a")).expect(200).json();
    client
        .post(&path("a"), json!({"rename": "ü/x"}))
        .expect(200);
    client.get(&path("a")).expect(410);
    let mut after = client.get(&path("%C3%BC%2Fx")).expect(200).json();
    assert_eq!(after["name"], "ü/x");
    for member in ["name", "hrefs", "lastModified"] {
        after[member] = before[member].clone();
    }
    assert_eq!(after, before);

    client
        .post(&path("b"), json!({"rename": "ü/x"}))
        .expect(409);
    client.post(&path("b"), json!({"rename": "b"})).expect(200);
    client.post(&path("b"), json!({"rename": ""})).expect(400);
    client.post(&path("c"), json!({"rename": "d"})).expect(404);
    let object = client.get(&format!("/groups/{root}")).expect(200).json();
    assert_eq!(object["attributeCount"], 2);
}

#[test]
fn numbers_are_not_given_again_until_none_is_left() {
    let (client, root) = Client::with_domain();
    let path = |name: &str| format!("/groups/{root}/attributes/{name}");
    let make = |name: &str| {
        client
            .put(&path(name), json!({"type": "H5T_STD_I32LE"}))
            .expect(201);
        client.get(&path(name)).expect(200).json()["creationOrder"].clone()
    };
    let next = || {
        let object = client.get(&format!("/groups/{root}")).expect(200).json();
        object["nextAttributeOrder"].clone()
    };
    client
        .put(&format!("/groups/{root}/links/l"), json!({"h5path": "x"}))
        .expect(201);
    assert_eq!(
        (make("a"), make("b"), next()),
        (json!(0), json!(1), json!(2))
    );
    client.delete(&path("b")).expect(200);
    assert_eq!((make("c"), next()), (json!(2), json!(3)));
    for name in ["a", "c"] {
        client.delete(&path(name)).expect(200);
    }
    assert_eq!((next(), make("d")), (json!(0), json!(0)));
}

/// As HSDS: elements of variable size come as JSON, whatever is accepted, but to those who know null strings.
#[test]
fn bytes_of_variable_size_are_for_those_who_ask() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}/attributes/a");
    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE", "charSet": "H5T_CSET_UTF8"});
    client
        .put(&path, json!({"type": text, "value": "x"}))
        .expect(201);
    let value = format!("{path}/value");
    assert_eq!(client.get_bytes(&value).expect(200).json()["value"], "x");
    let bytes = client.get_bytes(&format!("{value}?null_strings=1"));
    assert_eq!(bytes.expect(200).bytes, b"\x01\0\0\0x");
}
