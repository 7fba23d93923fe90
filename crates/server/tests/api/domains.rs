//! Domains, folders, and objects by path.

use serde_json::json;

use crate::client::{Client, DOMAIN};

#[test]
fn a_domain_comes_and_goes() {
    let client = Client::start();
    client.get("/").expect(404);
    let made = client.put("/", json!({})).expect(201).json();
    assert_eq!(made["owner"], "u");
    assert_eq!(made["acls"]["u"]["updateACL"], true);
    client.put("/", json!({})).expect(409);
    assert_eq!(client.send("PUT", "/?flush=1", &[], b"null").status, 204);
    let found = client.get("/").expect(200).json();
    assert_eq!(
        (&found["root"], &found["class"]),
        (&made["root"], &json!("domain"))
    );
    assert_eq!(
        found["h5rest"]["features"].as_array().map(Vec::is_empty),
        Some(false)
    );
    assert_eq!(client.delete("/").expect(200).json(), json!(null));
    client.get("/").expect(410);
    client.put("/", json!({})).expect(201);
}

#[test]
fn what_has_nothing_to_do_here_is_done_at_once() {
    let (client, _) = Client::with_domain();
    client.put("/?rescan=1", json!({})).expect(204);
    client.put("/", json!({"flush": true})).expect(204);
    let nodes = client.put("/?flush=1&getdnids=1", json!({})).expect(200);
    assert_eq!(nodes.json()["dn_ids"].as_array().unwrap().len(), 1);
    // Forgetting what is remembered deletes nothing.
    client.delete("/?meta_only=1").expect(200);
    client.get("/").expect(200);
    client
        .about("/home/u/none.h5")
        .put("/?rescan=1", json!({}))
        .expect(404);
}

#[test]
fn names_of_domains() {
    let client = Client::start();
    for name in ["f", "/home/u/", "/home/u/../x", "/home//x"] {
        client.about(name).put("/", json!({})).expect(400);
    }
    client
        .about("/home/u/none/f")
        .put("/", json!({}))
        .expect(404);
    client.put("/", json!({})).expect(201);
    client
        .about("/home/u/f.h5/inner")
        .put("/", json!({}))
        .expect(400);
    client.about("/top").put("/", json!({})).expect(403);
    let odd = client.about("/home/u/%C3%A9%20%25%3F%23%0A");
    odd.put("/", json!({})).expect(201);
    let listed = client.about("/home/u").get("/domains").expect(200).json();
    assert_eq!(listed["domains"][1]["name"], "/home/u/\u{e9} %?#\n");
}

#[test]
fn the_header_names_the_domain_too() {
    let (client, root) = Client::with_domain();
    let nowhere = client.about("");
    let found = nowhere
        .send("GET", "/", &[("X-Hdf-domain", DOMAIN)], &[])
        .expect(200)
        .json();
    assert_eq!(found["root"], root.as_str());
    let other = client.about(&format!("bucket{DOMAIN}"));
    assert_eq!(other.get("/").expect(200).json()["root"], root.as_str());
    assert_eq!(
        nowhere.get("/").expect(200).json()["domains"][0]["name"],
        "/home"
    );
    nowhere.get("/groups").expect(400);
}

#[test]
fn folders_are_listed_in_pages() {
    let client = Client::start();
    client
        .about("/home/u/dir")
        .put("/", json!({"folder": true}))
        .expect(201);
    for name in ["b", "a", "c1", "c2"] {
        client
            .about(&format!("/home/u/dir/{name}"))
            .put("/", json!({}))
            .expect(201);
    }
    let folder = client.about("/home/u/dir");
    assert_eq!(folder.get("/").expect(200).json()["class"], "folder");
    let names = |path: &str| -> Vec<String> {
        let listed = folder.get(path).expect(200).json();
        let names = listed["domains"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d["name"].clone());
        names
            .map(|name| name.as_str().unwrap()["/home/u/dir/".len()..].to_owned())
            .collect()
    };
    assert_eq!(names("/domains"), ["a", "b", "c1", "c2"]);
    assert_eq!(names("/domains?Limit=2"), ["a", "b"]);
    assert_eq!(names("/domains?Marker=/home/u/dir/b"), ["c1", "c2"]);
    assert_eq!(names("/domains?pattern=c*&Limit=1"), ["c1"]);
    folder.delete("/").expect(409);
    folder.get("/groups").expect(400);
}

#[test]
fn a_domain_takes_its_objects_along() {
    let (client, root) = Client::with_domain();
    let group = client.create("groups", json!({"link": {"id": root, "name": "g"}}));
    client
        .about("/home/u/other")
        .put("/", json!({"linked_domain": DOMAIN}))
        .expect(201);
    let other = client.about("/home/u/other");
    other.get(&format!("/groups/{group}")).expect(200);
    client.delete("/?keep_root=1").expect(200);
    other.get(&format!("/groups/{group}")).expect(200);
    other.delete("/").expect(200);
    client.put("/", json!({"root_id": root})).expect(201);
    client.get(&format!("/groups/{group}")).expect(404);
}

#[test]
fn root_ids_and_properties_can_be_chosen() {
    let client = Client::start();
    let root = "g-11111111-22222222-9999-9999aa-aaaaaa";
    let body = json!({"root_id": root, "group": {"creationProperties": {"CreateOrder": 1}}});
    assert_eq!(client.put("/", body).expect(201).json()["root"], root);
    let group = client.get(&format!("/groups/{root}")).expect(200).json();
    assert_eq!(group["creationProperties"]["CreateOrder"], 1);
    let other = client.about("/home/u/other");
    other.put("/", json!({"root_id": root})).expect(409);
    other.get("/").expect(404);
    other
        .put(
            "/",
            json!({"root_id": "g-11111111-22222222-9999-9999aa-aaaaab"}),
        )
        .expect(400);
}

#[test]
fn paths_lead_to_objects() {
    let (client, root) = Client::with_domain();
    let inner = client.create("groups", json!({"h5path": "/a/b", "implicit": true}));
    client
        .put(&format!("/groups/{root}/links/s"), json!({"h5path": "a/b"}))
        .expect(201);
    client
        .put(
            &format!("/groups/{root}/links/loop"),
            json!({"h5path": "/loop"}),
        )
        .expect(201);
    for path in ["/a/b", "a//b/", "./a/./b"] {
        let found = client.get(&format!("/?h5path={path}")).expect(200).json();
        assert_eq!(
            (&found["id"], &found["class"]),
            (&json!(inner), &json!("group"))
        );
    }
    client.get("/?h5path=/a/c").expect(404);
    client.get("/?h5path=/s").expect(400);
    let soft = client
        .get("/?h5path=/s&follow_soft_links=1")
        .expect(200)
        .json();
    assert_eq!(soft["id"], inner.as_str());
    client.get("/?h5path=/loop&follow_soft_links=1").expect(400);
    let link = json!({"h5path": "/s", "file": "f.h5"});
    let other = client.about("/home/u/other");
    let other_root = other.put("/", json!({})).expect(201).json()["root"].clone();
    other
        .put(
            &format!("/groups/{}/links/e", other_root.as_str().unwrap()),
            link,
        )
        .expect(201);
    let flags = "follow_soft_links=1&follow_external_links=1";
    let far = other
        .get(&format!("/?h5path=/e&{flags}"))
        .expect(200)
        .json();
    assert_eq!(
        (&far["id"], &far["domain"]),
        (&json!(inner), &json!(DOMAIN))
    );
    let many = client
        .post("/", json!({"h5paths": ["/a", "/"]}))
        .expect(200)
        .json();
    assert_eq!(many["h5paths"]["/"]["id"], root.as_str());
    client
        .post("/", json!({"h5paths": ["/a", "/x"]}))
        .expect(404);
}

#[test]
fn all_objects_at_once_are_fresh() {
    let (client, root) = Client::with_domain();
    let data = json!({"type": "H5T_STD_U8LE", "shape": [2], "value": [1, 2]});
    let dataset = client.create("datasets", data);
    let link = format!("/groups/{root}/links/d");
    client.put(&link, json!({"id": dataset})).expect(201);
    let objects = client.get("/?getobjs=1").expect(200).json()["domain_objs"].clone();
    assert_eq!(objects[&dataset]["value"], json!([1, 2]));
    assert_eq!(objects[&root]["links"]["d"]["id"], dataset.as_str());
    client.delete(&link).expect(200);
    let objects = client.get("/?getobjs=1").expect(200).json()["domain_objs"].clone();
    assert_eq!(objects[&root]["links"], json!({}));
    assert_eq!(
        objects[&dataset]["shape"]["dims"],
        json!([2]),
        "unlinked objects stay"
    );
    let totals = client.get("/?verbose=1").expect(200).json();
    assert_eq!(
        (&totals["num_groups"], &totals["num_datasets"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(totals["num_chunks"], 1);
}

#[test]
fn errors_are_text_with_a_reason() {
    let client = Client::start();
    let answer = client.get("/").expect(404);
    assert_eq!(
        answer.text(),
        format!("404: domain {DOMAIN} does not exist")
    );
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    client.send("PATCH", "/", &[], &[]).expect(405);
    client.get("/nonsense").expect(404);
    client.send("PUT", "/", &[], b"{not json").expect(400);
    let head = client.send("HEAD", "/about", &[], &[]).expect(200);
    assert!(head.bytes.is_empty());
}

#[test]
fn paths_that_fail_alone() {
    let (client, root) = Client::with_domain();
    client
        .put(&format!("/groups/{root}/links/s"), json!({"h5path": "/x"}))
        .expect(201);
    let paths = json!({"h5paths": ["/", "/none", "/s"]});
    client.post("/", paths.clone()).expect(404);
    let found = client.post("/?per_path=1", paths).expect(200).json();
    let found = &found["h5paths"];
    assert_eq!(found["/"]["id"], json!(root));
    assert_eq!(found["/none"]["status"], 404);
    assert!(found["/none"]["reason"].as_str().unwrap().contains("none"));
    // A soft link that is not followed.
    assert_eq!(found["/s"]["status"], 400);
}
