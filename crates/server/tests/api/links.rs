//! Links: one, and many at once.

use serde_json::{Value, json};

use crate::client::Client;

fn titles(answer: &Value) -> Vec<&str> {
    answer["links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["title"].as_str().unwrap())
        .collect()
}

#[test]
fn every_kind_of_link() {
    let (client, root) = Client::with_domain();
    let group = client.create("groups", json!({}));
    let path = |title: &str| format!("/groups/{root}/links/{title}");
    for (title, body) in [
        ("hard", json!({"id": group})),
        ("soft", json!({"h5path": "/x"})),
        ("ext", json!({"h5path": "/x", "file": "/home/u/o"})),
        (
            "ud",
            json!({"class": "H5L_TYPE_USER_DEFINED", "ud_class": 70, "ud_data": "AQI="}),
        ),
    ] {
        client.put(&path(title), body.clone()).expect(201);
        client.put(&path(title), body.clone()).expect(200);
        let found = client.get(&path(title)).expect(200).json();
        for (key, value) in body.as_object().unwrap() {
            assert_eq!(found["link"][key], *value, "{title}");
        }
        assert_eq!(found["link"]["title"], title);
    }
    client
        .put(&path("soft"), json!({"h5path": "/y"}))
        .expect(409);
    client.put(&path("x"), json!({"h5path": ""})).expect(400);
    client
        .put(&path("x"), json!({"id": group, "h5path": "/x"}))
        .expect(400);
    client
        .put(&path("a%2Fb"), json!({"h5path": "/x"}))
        .expect(400);
    let absent = format!("g-{}-0000-000000-000001", &root[2..19]);
    client.put(&path("x"), json!({"id": absent})).expect(404);
    assert_eq!(
        client.get(&format!("/groups/{root}")).json()["linkCount"],
        4
    );
}

#[test]
fn deletions_may_say_where_links_lead() {
    let (client, root) = Client::with_domain();
    let group = client.create("groups", json!({"link": {"id": root, "name": "a"}}));
    let path = |title: &str| format!("/groups/{root}/links/{title}");
    client.put(&path("b"), json!({"id": group})).expect(201);
    client
        .put(&path("soft"), json!({"h5path": "/a"}))
        .expect(201);
    let to = |path: String, target: &str| client.delete(&format!("{path}leads_to={target}"));
    let refused = to(path("a?"), &root).expect(409);
    assert!(refused.text().contains(&root), "{}", refused.text());
    to(path("soft?"), &group).expect(409);
    to(path("none?"), &group).expect(404);
    to(path("a?"), "g-1").expect(400);
    to(path("a?"), &group).expect(200);
    to(path("a?"), &group).expect(410);
    // All or none of them.
    let several = |titles: &str| format!("/groups/{root}/links?titles={titles}&");
    to(several("b/soft"), &group).expect(409);
    client.get(&path("b")).expect(200);
    to(several("b"), &group).expect(200);
    client.get(&path("b")).expect(410);
}

#[test]
fn titles_of_any_text() {
    let (client, root) = Client::with_domain();
    for title in ["%C3%A9", "%20", "a%25b", "%3F%23%26", "%0A", "%22"] {
        let path = format!("/groups/{root}/links/{title}");
        client.put(&path, json!({"h5path": "/x"})).expect(201);
        client.get(&path).expect(200);
        client.delete(&path).expect(200);
        client.get(&path).expect(410);
        client.delete(&path).expect(200);
    }
}

#[test]
fn listings_have_pages_orders_and_patterns() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}/links");
    for title in ["c", "a", "b"] {
        client
            .put(&format!("{path}/{title}"), json!({"h5path": "/x"}))
            .expect(201);
    }
    let many = json!({"links": {"z2": {"h5path": "/x"}, "z1": {"h5path": "/x"}}});
    client.put(&path, many.clone()).expect(201);
    client.put(&path, many).expect(200);
    let list = |query: &str| client.get(&format!("{path}{query}")).expect(200).json();
    assert_eq!(titles(&list("")), ["a", "b", "c", "z1", "z2"]);
    assert_eq!(titles(&list("?CreateOrder=1")), ["c", "a", "b", "z2", "z1"]);
    assert_eq!(
        titles(&list("?CreateOrder=1&Marker=a&Limit=2")),
        ["b", "z2"]
    );
    assert_eq!(titles(&list("?pattern=z*&Limit=1")), ["z1"]);
    client.get(&format!("{path}?Marker=nope")).expect(404);
}

#[test]
fn clients_say_when_a_link_was_made() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}/links");
    client
        .put(&format!("{path}/now"), json!({"h5path": "/x"}))
        .expect(201);
    let now = client.get(&format!("{path}/now")).json()["created"]
        .as_f64()
        .unwrap();
    let body = json!({"links": {"later": {"h5path": "/x", "created": now + 200.0},
        "sooner": {"h5path": "/x", "created": now - 200.0}, "absurd": {"h5path": "/x", "created": 5.0}}});
    client.put(&path, body).expect(201);
    let list = client
        .get(&format!("{path}?CreateOrder=1"))
        .expect(200)
        .json();
    assert_eq!(titles(&list), ["sooner", "now", "absurd", "later"]);
}

#[test]
fn unknown_members_are_kept() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}/links");
    let body = json!({"links": {"l": {"h5path": "/x", "hint": {"corder": 7}}}});
    client.put(&path, body).expect(201);
    let found = client.get(&path).expect(200).json();
    assert_eq!(found["links"][0]["hint"], json!({"corder": 7}));
    // Also of a link that an object is made with, whose target is not the client's to choose.
    let link = json!({"id": root, "name": "g", "nameCharSet": "H5T_CSET_UTF8", "class": "x"});
    let group = client.create("groups", json!({"link": link}));
    let found = client.get(&format!("{path}/g")).expect(200).json();
    assert_eq!(found["link"]["id"], json!(group));
    assert_eq!(found["link"]["nameCharSet"], "H5T_CSET_UTF8");
    assert_eq!(found["link"]["class"], "H5L_TYPE_HARD");
}

#[test]
fn several_groups_at_once() {
    let (client, root) = Client::with_domain();
    let group = client.create("groups", json!({"link": {"id": root, "name": "g"}}));
    let path = format!("/groups/{root}/links");
    let shared = json!({"links": {"s": {"h5path": "/x"}}, "grp_ids": [root, group]});
    client.put(&path, shared).expect(201);
    let each = json!({"grp_ids": {&root: {"links": {"r": {"h5path": "/r"}}},
        &group: {"links": {"s": {"h5path": "/other"}}}}});
    client.put(&path, each).expect(409);
    client.get(&format!("{path}/r")).expect(404);
    let found = client
        .post(&path, json!({"grp_ids": [root, group]}))
        .expect(200)
        .json();
    assert_eq!(found["links"][&group][0]["title"], "s");
    assert_eq!(found["links"][&root].as_array().unwrap().len(), 2);
    let some = json!({"grp_ids": {&root: ["s", "nope"], &group: ["s"]}});
    let found = client.post(&path, some).expect(200).json();
    assert_eq!(found["links"][&root].as_array().unwrap().len(), 1);
    let single = client
        .post(&path, json!({"grp_ids": [group]}))
        .expect(200)
        .json();
    assert_eq!(titles(&single), ["s"]);
    assert_eq!(
        titles(
            &client
                .post(&path, json!({"titles": ["g"]}))
                .expect(200)
                .json()
        ),
        ["g"]
    );
    client
        .post(&path, json!({"titles": ["g", "nope"]}))
        .expect(404);
    let all = client
        .get(&format!("{path}?follow_links=1"))
        .expect(200)
        .json();
    assert_eq!(all["links"].as_object().unwrap().len(), 2);
    client
        .delete(&format!("{path}?titles=s/g/nope"))
        .expect(200);
    assert_eq!(
        client.get(&format!("/groups/{root}")).json()["linkCount"],
        0
    );
}

#[test]
fn a_deleted_object_leaves_its_links() {
    let (client, root) = Client::with_domain();
    let group = client.create("groups", json!({"link": {"id": root, "name": "g"}}));
    client.delete(&format!("/groups/{group}")).expect(200);
    let found = client
        .get(&format!("/groups/{root}/links/g"))
        .expect(200)
        .json();
    assert_eq!(found["link"]["id"], group.as_str());
    client.get("/?h5path=/g").expect(410);
    client
        .get(&format!("/groups/{root}/links?follow_links=1"))
        .expect(200);
}

/// Clients send links again without what others noted of them: these are the same links.
#[test]
fn a_link_is_its_name_and_its_target() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}/links");
    let noted = json!({"h5path": "/x", "nameCharSet": "H5T_CSET_UTF8"});
    client.put(&format!("{path}/a"), noted).expect(201);
    let again = json!({"links": {"a": {"class": "H5L_TYPE_SOFT", "h5path": "/x", "created": 5.0}}});
    client.put(&path, again).expect(200);
    let link = client.get(&format!("{path}/a")).expect(200).json()["link"].clone();
    assert_eq!(link["nameCharSet"], "H5T_CSET_UTF8");
    let other = json!({"links": {"a": {"h5path": "/y"}}});
    client.put(&path, other).expect(409);
}
