//! Many objects in one answer.

use serde_json::{Value, json};

use crate::client::Client;

/// A domain with `/a/x`, `/a/y` and `/b`, each with an attribute; the ids of all four and the root's.
fn tree() -> (Client, String, [String; 4]) {
    let (client, root) = Client::with_domain();
    let make = |group: &str, name: &str| {
        let attributes = json!({"name": {"type": "H5T_STD_I32LE", "shape": [2], "value": [1, 2]}});
        let body = json!({"link": {"id": group, "name": name}, "attributes": attributes});
        client.create("groups", body)
    };
    let a = make(&root, "a");
    let ids = [a.clone(), make(&a, "x"), make(&a, "y"), make(&root, "b")];
    (client, root, ids)
}

fn ids_of(objects: &Value) -> Vec<&str> {
    let objects = objects.as_object().unwrap();
    objects.keys().map(String::as_str).collect()
}

#[test]
fn opening_brings_the_nearest_objects() {
    let (client, root, [a, x, y, b]) = tree();
    let all = client.get("/?max_objects=9").expect(200).json();
    assert_eq!(all["domain_objs_complete"], true);
    assert_eq!(ids_of(&all["domain_objs"]), [&root, &a, &b, &x, &y]);
    assert_eq!(all["root"], root.as_str());
    let found = &all["domain_objs"][&x];
    assert_eq!(found["attributes"]["name"]["value"], json!([1, 2]));
    assert_eq!(found["links"], json!({}));
    assert_eq!(all["domain_objs"][&root]["links"]["a"]["id"], a.as_str());
    let some = client.get("/?max_objects=3").expect(200).json();
    assert_eq!(some["domain_objs_complete"], false);
    assert_eq!(ids_of(&some["domain_objs"]), [&root, &a, &b]);
    let none = client.get("/?max_objects=0").expect(200).json();
    assert_eq!(none["domain_objs"], json!({}));
    assert!(client.get("/").json().get("domain_objs").is_none());
    client.get("/?max_objects=-1").expect(400);
}

#[test]
fn answers_stay_within_bytes() {
    let (client, root, [a, ..]) = tree();
    let some = client.get("/?max_objects=9&max_bytes=1000").expect(200);
    let some = some.json();
    assert_eq!(some["domain_objs_complete"], false);
    assert!(ids_of(&some["domain_objs"]).len() < 5);
    // More links than fit are left out, and so is what they lead to; but not of what was asked for.
    let small = client
        .get("/?max_objects=9&max_bytes=100")
        .expect(200)
        .json();
    assert_eq!(ids_of(&small["domain_objs"]), [&root]);
    assert!(small["domain_objs"][&root].get("links").is_none());
    assert_eq!(small["domain_objs"][&root]["linkCount"], 2);
    let asked = client.post("/?max_bytes=100", json!({"ids": [root, a]}));
    let asked = asked.expect(200).json();
    assert_eq!(ids_of(&asked["objects"]), [&root]);
    assert!(asked["objects"][&root]["links"]["b"].is_object());
    assert_eq!(asked["complete"], false);
    let values = client.get("/?max_objects=9&max_data_size=7").json();
    let shown = &values["domain_objs"][&a]["attributes"]["name"];
    assert!(shown.get("value").is_none() && shown["shape"].is_object());
}

#[test]
fn objects_are_found_by_their_ids() {
    let (client, root, [a, x, y, b]) = tree();
    let listed = client.post("/", json!({"ids": [y, a]})).expect(200).json();
    assert_eq!(ids_of(&listed["objects"]), [&y, &a]);
    assert_eq!(listed["complete"], true);
    let deep = client.post("/?follow_links=1", json!({"ids": [root, b]}));
    let deep = deep.expect(200).json();
    assert_eq!(ids_of(&deep["objects"]), [&root, &a, &x, &y, &b]);
    let some = client.post("/?follow_links=1&max_objects=2", json!({"ids": [root]}));
    let some = some.expect(200).json();
    assert_eq!(ids_of(&some["objects"]), [&root, &a]);
    assert_eq!(some["complete"], false);
    client.delete(&format!("/groups/{x}")).expect(200);
    let gone = client.post("/", json!({"ids": [x, y]})).expect(200).json();
    assert_eq!(gone["objects"][&x], Value::Null);
    assert_eq!(gone["objects"][&y]["id"], y.as_str());
    client.post("/", json!({"ids": "all"})).expect(400);
    client.post("/", json!({"ids": ["x"]})).expect(400);
    let other = "g-11111111-22222222-3333-444444-555555";
    client.post("/", json!({"ids": [other]})).expect(400);
}

#[test]
fn circles_end() {
    let (client, root, [a, ..]) = tree();
    let back = json!({"links": {"back": {"id": root}}});
    client.put(&format!("/groups/{a}/links"), back).expect(201);
    let all = client.get("/?max_objects=99").expect(200).json();
    assert_eq!(ids_of(&all["domain_objs"]).len(), 5);
    assert_eq!(all["domain_objs_complete"], true);
    let deep = client.post("/?follow_links=1", json!({"ids": [a]}));
    assert_eq!(ids_of(&deep.expect(200).json()["objects"]).len(), 5);
}
