//! Changes that are sent again: made once, and answered as they were the first time.

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::faulty_disk::{EIO, FaultyDisk};

/// Sends a change that the client calls by this name.
fn named(client: &Client, name: &str, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [
        ("Content-Type", "application/json"),
        ("Idempotency-Key", name),
    ];
    client.send(method, path, &headers, body.to_string().as_bytes())
}

#[test]
fn a_late_deletion_spares_the_domain_that_was_made_anew() {
    let (client, root) = Client::with_domain();
    let none = json!({});
    named(&client, "1", "DELETE", "/", &none).expect(200);
    let made = named(&client, "2", "PUT", "/", &none).expect(201).json();
    assert_ne!(made["root"], root);
    // The answer to the first attempt was lost, and the second one is late.
    named(&client, "1", "DELETE", "/", &none).expect(200);
    assert_eq!(client.get("/").expect(200).json()["root"], made["root"]);
    // Nor does a late PUT bring a deleted domain back, or fail over another one.
    assert_eq!(named(&client, "2", "PUT", "/", &none).json(), made);
    named(&client, "3", "DELETE", "/", &none).expect(200);
    assert_eq!(named(&client, "2", "PUT", "/", &none).json(), made);
    client.get("/").expect(410);
}

#[test]
fn a_repetition_may_be_written_in_another_way() {
    let (client, _) = Client::with_domain();
    let name = [("Idempotency-Key", "1")];
    let delete = |client: &Client, path: &str| {
        client.send("DELETE", path, &name, b"").expect(200);
    };
    delete(&client, "/?a=b&c=d");
    let made = client.put("/", json!({})).expect(201).json();
    delete(&client.about("%2Fhome%2Fu%2Ff.h5"), "/?c=%64&a=b");
    assert_eq!(client.get("/").expect(200).json()["root"], made["root"]);
    // What means something else is another change.
    delete(&client, "/?a=c&c=d");
    client.get("/").expect(410);
}

#[test]
fn an_object_is_made_once() {
    let (client, root) = Client::with_domain();
    let dataset = json!({"type": "H5T_STD_U8LE", "shape": [3], "value": [1, 2, 3],
        "link": {"id": root, "name": "d"}});
    let datatype = json!({"type": "H5T_STD_U8LE"});
    let group = json!({"link": {"id": root, "name": "g"}});
    for (collection, body) in [
        ("groups", group),
        ("datasets", dataset),
        ("datatypes", datatype),
    ] {
        let path = format!("/{collection}");
        let make = || named(&client, "1", "POST", &path, &body).expect(201).json();
        let first = make();
        assert_eq!(make(), first);
        let own = format!("{path}/{}", first["id"].as_str().unwrap());
        client.get(&own).expect(200);
        client.delete(&own).expect(200);
        assert_eq!(make(), first);
        client.get(&own).expect(410);
    }
    // A list, too.
    let list = json!([{"link": {"id": root, "name": "x"}}, {"link": {"id": root, "name": "y"}}]);
    let first = named(&client, "2", "POST", "/groups", &list).expect(201);
    assert_eq!(first.json()["objects"].as_array().unwrap().len(), 2);
    let again = named(&client, "2", "POST", "/groups", &list).expect(201);
    assert_eq!(again.json(), first.json());
}

#[test]
fn a_dataset_is_made_with_its_elements_or_not_at_all() {
    for size in [4, 100_000] {
        let mut left = 0;
        loop {
            assert!(left < 10, "it never succeeds");
            let disk = FaultyDisk::new();
            let server = disk.start();
            let domain = "domain=/home/u/f.h5";
            let put = server.send("PUT", &format!("/?{domain}"), "{}").unwrap();
            let root: Value = serde_json::from_str(&put.1).unwrap();
            let root = root["root"].as_str().unwrap();
            let id = format!("d{}-0000-000000-000001", &root[1..19]);
            let elements = vec![7u8; size];
            let body = json!({"id": id, "type": "H5T_STD_U8LE", "shape": [size],
                "value": elements});
            let make = || {
                let path = format!("/datasets?{domain}");
                server.send_named("n", "POST", &path, &body.to_string())
            };
            let shown = || {
                let path = format!("/datasets/{id}/value?{domain}");
                let (status, bytes) = server
                    .send_bytes("GET", &path, "application/octet-stream", b"")
                    .unwrap();
                (status == 200).then_some(bytes)
            };
            disk.fail_after(&[("sync", EIO)], left);
            let (status, text) = make().unwrap();
            disk.repair();
            if let Some(found) = shown() {
                assert!(found == elements, "{size} bytes, after {left} syncs");
            }
            let again = make().unwrap();
            assert_eq!(again.0, 201, "after {status} {text}: {}", again.1);
            assert!(shown().unwrap() == elements);
            if status == 201 {
                break;
            }
            left += 1;
        }
        assert!(left > 0, "no sync has failed");
    }
}

#[test]
fn an_extent_grows_once_and_the_answer_is_that_of_then() {
    let (client, _) = Client::with_domain();
    let body = json!({"type": "H5T_STD_U8LE", "shape": [4], "maxdims": [9]});
    let path = format!("/datasets/{}", client.create("datasets", body));
    let shape = format!("{path}/shape");
    let extend = || named(&client, "1", "PUT", &shape, &json!({"extend": 3}));
    assert_eq!(extend().expect(201).json()["selection"], "[4:7]");
    assert_eq!(extend().expect(201).json()["selection"], "[4:7]");
    client.put(&shape, json!({"shape": [9]})).expect(201);
    // There is no room for three more.
    assert_eq!(extend().expect(201).json()["selection"], "[4:7]");
    assert_eq!(client.get(&shape).json()["shape"]["dims"], json!([9]));
    client.delete(&path).expect(200);
    assert_eq!(extend().expect(201).json()["selection"], "[4:7]");
}

#[test]
fn an_update_by_query_is_answered_as_it_was() {
    let (client, _) = Client::with_domain();
    let body = json!({"type": "H5T_STD_U8LE", "shape": [4], "value": [1, 5, 1, 5]});
    let path = format!("/datasets/{}", client.create("datasets", body));
    let value = format!("{path}/value");
    let update = |name: &str, query: &str, new: u8| {
        let path = format!("{value}?query=_%3D%3D{query}");
        named(&client, name, "PUT", &path, &json!({"value": new}))
            .expect(200)
            .json()["indices"]
            .clone()
    };
    let shown = || client.get_bytes(&value).bytes;
    assert_eq!(update("1", "5", 6), json!([[1], [3]]));
    assert_eq!(update("1", "5", 6), json!([[1], [3]]));
    client.put_bytes(&value, &[5, 5, 5, 5]).expect(200);
    assert_eq!(update("1", "5", 6), json!([[1], [3]]));
    assert_eq!(shown(), [5, 5, 5, 5]);
    // One that finds nothing is through as well.
    assert_eq!(update("2", "9", 1), json!([]));
    client.put_bytes(&value, &[9, 9, 9, 9]).expect(200);
    assert_eq!(update("2", "9", 1), json!([]));
    assert_eq!(shown(), [9, 9, 9, 9]);
    let elements = || {
        let headers = [
            ("Content-Type", "application/octet-stream"),
            ("Idempotency-Key", "3"),
        ];
        client.send("PUT", &value, &headers, b"abcd")
    };
    elements().expect(200);
    client.delete(&path).expect(200);
    elements().expect(200);
    assert_eq!(update("1", "5", 6), json!([[1], [3]]));
}

#[test]
fn rights_are_set_once() {
    let (client, _) = Client::with_domain();
    let set = |name: &str, may: bool| {
        named(&client, name, "PUT", "/acls/v", &json!({"read": may})).expect(201)
    };
    set("1", true);
    set("2", false);
    set("1", true);
    assert_eq!(client.get("/acls/v").json()["acl"]["read"], false);
}

#[test]
fn what_a_change_needs_may_be_gone_when_it_is_sent_again() {
    let (client, root) = Client::with_domain();
    let group = client.create("groups", json!({"link": {"id": root, "name": "g"}}));
    let group = format!("/groups/{group}");
    let link = format!("{group}/links/a");
    let attribute = format!("{group}/attributes/a");
    let changes = [
        ("PUT", &link, json!({"h5path": "/x"}), 201),
        (
            "PUT",
            &attribute,
            json!({"type": "H5T_STD_U8LE", "value": 1}),
            201,
        ),
        ("POST", &attribute, json!({"rename": "b"}), 200),
        ("DELETE", &link, json!({}), 200),
        ("DELETE", &group, json!({}), 200),
    ];
    for _ in 0..2 {
        for (at, (method, path, body, status)) in changes.iter().enumerate() {
            named(&client, &at.to_string(), method, path, body).expect(*status);
        }
    }
}

#[test]
fn what_is_kept_of_a_batch_is_short() {
    let (client, root) = Client::with_domain();
    let long = "x".repeat(2000);
    let refused = |n: usize| json!({"method": "PUT", "path": format!("/{n}/{long}")});
    let refused: Vec<Value> = (0..10_000).map(refused).collect();
    let batch = json!({"id": "1", "operations": refused});
    let first = client.post("/batch", batch.clone()).expect(200);
    assert!(first.bytes.len() < 2 << 20, "{} bytes", first.bytes.len());
    let verdicts = first.json();
    assert_eq!(verdicts["results"].as_array().unwrap().len(), 10_000);
    assert_eq!(verdicts["results"][9_999]["status"], 400);
    assert_eq!(client.post("/batch", batch).expect(200).bytes, first.bytes);
    // One of nothing is not kept at all.
    let none = json!({"id": "2", "operations": []});
    client.post("/batch", none).expect(200);
    let body = json!({"link": {"id": root, "name": "a"}});
    let operations = json!([{"method": "POST", "path": "/groups", "body": body}]);
    let some = json!({"id": "2", "operations": operations});
    let made = client.post("/batch", some).expect(200).json();
    assert_eq!(made["results"], json!([{"status": 201}]));
}

#[test]
fn nobody_makes_the_changes_of_others_be_forgotten() {
    let (client, root) = Client::with_domain();
    let link = format!("/groups/{root}/links/a");
    let make = || named(&client, "1", "PUT", &link, &json!({"h5path": "/x"}));
    make().expect(201);
    client.delete(&link).expect(200);
    let batch = |id: &str| {
        let operations = json!([{"method": "PUT", "path": "/groups/x/links/a", "body": {}}]);
        json!({"id": id, "operations": operations})
    };
    client.post("/batch", batch("mine")).expect(200);
    let other = client.with_user(Some(("v", "p")));
    let others = other.about("/home/v/f.h5");
    others.put("/", json!({})).expect(201);
    for n in 0..1200 {
        others.post("/batch", batch(&n.to_string())).expect(200);
    }
    // It is known still: the same name is not taken for another batch.
    let operations = json!([{"method": "POST", "path": "/groups", "body": {}}]);
    let again = json!({"id": "mine", "operations": operations});
    let answer = client.post("/batch", again).expect(200).json();
    assert_eq!(answer["results"][0]["status"], 400);
    make().expect(201);
    client.get(&link).expect(410);
}
