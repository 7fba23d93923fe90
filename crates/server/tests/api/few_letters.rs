//! Requests that cost their sender little, and would cost the server its memory, its stack or its time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;

#[test]
fn more_dimensions_than_hdf5_has() {
    let (client, root) = Client::with_domain();
    let attribute = format!("/groups/{root}/attributes/a");
    for (rank, status) in [(32, 201), (33, 400), (100_000, 400)] {
        let body = json!({"type": "H5T_STD_I8LE", "shape": vec![1; rank], "value": [7]});
        client
            .put(&format!("{attribute}{rank}"), body.clone())
            .expect(status);
        let answer = client.post("/datasets", body.clone()).expect(status);
        assert!(status == 201 || answer.text().contains("at most 32"));
        let many = json!({"attributes": {"b": body}});
        let answer = client.put(
            &format!("/groups/{root}/attributes?replace=1"),
            many.clone(),
        );
        answer.expect(status);
        client.post("/groups", many).expect(status);
    }
    let shown = client.get(&format!("{attribute}32")).expect(200).json();
    assert_eq!(shown["shape"]["dims"].as_array().unwrap().len(), 32);
    let growing = json!({"type": "H5T_STD_I8LE", "shape": [1], "maxdims": [0]});
    let dataset = client.create("datasets", growing);
    let path = format!("/datasets/{dataset}");
    let long = vec![1; 100_000];
    client
        .put(&format!("{path}/shape"), json!({"shape": long}))
        .expect(400);
    let selection = format!("[{}]", vec!["0:1"; 100_000].join(","));
    client
        .put(
            &format!("{path}/value"),
            json!({"select": selection, "value": 1}),
        )
        .expect(400);
    client
        .put(
            &format!("{path}/value"),
            json!({"points": [long], "value": [1]}),
        )
        .expect(400);
    let layout = json!({"layout": {"class": "H5D_CHUNKED", "dims": long}});
    let chunked = json!({"type": "H5T_STD_I8LE", "shape": [1], "creationProperties": layout});
    client.post("/datasets", chunked).expect(400);
    client
        .post(
            "/datasets",
            json!({"type": "H5T_STD_I8LE", "shape": [1], "maxdims": long}),
        )
        .expect(400);
    let array = json!({"class": "H5T_ARRAY", "base": "H5T_STD_I8LE", "dims": long});
    client.post("/datasets", json!({"type": array})).expect(400);
}

#[test]
fn regions_of_more_dimensions_than_hdf5_has() {
    let (client, root) = Client::with_domain();
    let dataset = client.create("datasets", json!({"type": "H5T_STD_I8LE", "shape": [3]}));
    let datatype = json!({"class": "H5T_REFERENCE", "base": "H5T_STD_REF_DSETREG"});
    let attribute = format!("/groups/{root}/attributes/a?replace=1");
    for (rank, status) in [(32, 201), (33, 400), (65_535, 400)] {
        let slices = vec![json!({"type": "index", "value": 0}); rank];
        let reference = json!({"id": dataset, "selection_dict":
            {"shape": vec![1; rank], "select_type": "H5S_SEL_POINTS", "slices": slices}});
        client
            .put(&attribute, json!({"type": datatype, "value": reference}))
            .expect(status);
    }
    client
        .get(&format!("/groups/{root}/attributes/a"))
        .expect(200);
}

#[test]
fn elements_that_were_not_sent() {
    let (client, root) = Client::with_domain();
    let attributes = format!("/groups/{root}/attributes");
    let opaque = |size: u64| json!({"class": "H5T_OPAQUE", "size": size});
    let text = json!({"class": "H5T_STRING", "length": 65_536});
    for (datatype, count, value) in [
        (opaque(0xffff_ffff), 100, Value::Null),
        (opaque(0xffff_ffff), 100, json!("")),
        (text, 350_000, json!("")),
    ] {
        let values = json!(vec![value; count]);
        let body = json!({"type": datatype, "shape": [count], "value": values});
        let refused = client.put(&format!("{attributes}/a"), body.clone());
        refused.expect(400);
        client.post("/datasets", body).expect(400);
        let unwritten = json!({"type": datatype, "shape": [count]});
        let dataset = client.create("datasets", unwritten);
        let path = format!("/datasets/{dataset}/value");
        client.put(&path, json!({"value": values})).expect(400);
    }
    // None of them is too large, but all together.
    let one = json!({"type": opaque(200 << 20), "value": ""});
    let each = |name: &str| (name.to_owned(), one.clone());
    let many: serde_json::Map<String, Value> = ["a", "b", "c"].map(each).into_iter().collect();
    let refused = client.put(&attributes, json!({"attributes": many}));
    assert!(refused.expect(400).text().contains("at once"));
    let groups = [(); 3].map(|()| client.create("groups", json!({})));
    let shared = json!({"attributes": {"a": one}, "obj_ids": groups});
    client.put(&attributes, shared).expect(413);
    let objects = vec![json!({"type": opaque(200 << 20), "value": ""}); 3];
    client.post("/datasets", json!(objects)).expect(400);
    client.get(&attributes).expect(200);
}

#[test]
fn a_soft_link_to_itself_with_a_long_path_behind_it() {
    let (client, root) = Client::with_domain();
    let links = format!("/groups/{root}/links");
    let follow = |path: &str| {
        let start = Instant::now();
        let answer = client.get(&format!("/?h5path={path}&follow_soft_links=1"));
        assert!(start.elapsed() < Duration::from_secs(30));
        answer
    };
    let tail = "/a".repeat(4 << 20);
    for (name, target) in [
        ("long", format!("long{tail}")),
        ("absolute", format!("/absolute{}", &tail[..12_000])),
    ] {
        let link = json!({"h5path": target});
        client.put(&format!("{links}/{name}"), link).expect(201);
        let refused = follow(&format!("/{name}")).expect(400).text();
        assert!(refused.contains("circle"), "{refused}");
        assert!(refused.len() < 1000);
    }
    // A hard link to a group itself needs no soft ones.
    client
        .put(&format!("{links}/self"), json!({"id": root}))
        .expect(201);
    let paths = |count: usize| json!({"h5paths": ["/self".repeat(count)]});
    client.post("/?per_path=1", paths(9000)).expect(200);
    let refused = client.post("/?per_path=1", paths(200_000)).text();
    assert!(refused.contains("10000 names"), "{refused}");
    client
        .put(&format!("{links}/soft"), json!({"h5path": "self/./self//"}))
        .expect(201);
    follow("/soft/soft").expect(200);
}

/// A document of so many lists in each other.
fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!([inner]))
}

#[test]
fn documents_that_could_not_be_read_back() {
    let (client, root) = Client::with_domain();
    let link = format!("/groups/{root}/links/deep");
    let with_extra = |depth| json!({"h5path": "/x", "extra": nested(depth - 1)});
    for (depth, status) in [(126, 400), (101, 400), (100, 201)] {
        client.put(&link, with_extra(depth)).expect(status);
        let datatype = json!({"class": "H5T_OPAQUE", "size": 1, "extra": nested(depth - 2)});
        let attribute = json!({"type": datatype});
        let path = format!("/groups/{root}/attributes/deep");
        client.put(&path, attribute).expect(status);
        let creation = json!({"extra": nested(depth - 2)});
        let dataset = json!({"type": "H5T_STD_I8LE", "creationProperties": creation});
        client.post("/datasets", dataset).expect(status);
    }
    let shown = client.get(&link).expect(200).json();
    assert_eq!(shown["link"]["extra"], nested(99));
    client
        .get(&format!("/groups/{root}?include_links=1&include_attrs=1"))
        .expect(200);
    client
        .get(&format!("/groups/{root}/attributes/deep"))
        .expect(200);
    for part in ["links", "attributes", "datasets"] {
        let path = match part {
            "datasets" => "/datasets".to_owned(),
            part => format!("/groups/{root}/{part}"),
        };
        client.get(&path).expect(200);
    }
    client
        .get("/?verbose=1&getobjs=1&include_attrs=1")
        .expect(200);
}

#[test]
fn patterns_that_take_long() {
    let (client, root) = Client::with_domain();
    let links = format!("/groups/{root}/links");
    let name = "[a".repeat(500);
    client
        .put(&format!("{links}/%5Bb"), json!({"h5path": "/x"}))
        .expect(201);
    client
        .put(&links, json!({"links": {name: {"h5path": "/x"}}}))
        .expect(201);
    let attribute = json!({"type": "H5T_STD_I8LE"});
    client
        .put(&format!("/groups/{root}/attributes/%5Bb"), attribute)
        .expect(201);
    let collections = [
        links,
        format!("/groups/{root}/attributes"),
        "/domains".to_owned(),
    ];
    let start = Instant::now();
    for path in &collections {
        let find = |pattern: &str| client.get(&format!("{path}?pattern={pattern}&folder=/home/u/"));
        find(&"*%5B".repeat(512)).expect(200);
        find(&format!("*{}", "%5B".repeat(1023))).expect(200);
        let refused = find(&"%5B".repeat(1025)).expect(400).text();
        assert!(refused.contains("1024"), "{refused}");
    }
    let all = client.get(&format!(
        "{}?follow_links=1&pattern={}",
        collections[0],
        "*".repeat(1025)
    ));
    all.expect(400);
    let found = client
        .get(&format!("{}?pattern=%5Bb", collections[0]))
        .expect(200);
    assert_eq!(found.json()["links"].as_array().unwrap().len(), 1);
    assert!(start.elapsed() < Duration::from_secs(60));
}
