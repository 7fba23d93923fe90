//! Rights of single objects: user by object by operation.

use serde_json::{Value, json};

use crate::client::Client;

/// What one user may do.
const NOTHING: &str = "";
const READ: &str = "read";

fn rights(names: &str) -> Value {
    let all = ["create", "read", "update", "delete", "readACL", "updateACL"];
    let given: Vec<&str> = names.split_whitespace().collect();
    let entries = all.map(|name| {
        (
            name.to_owned(),
            json!(given.contains(&name) || names == "all"),
        )
    });
    Value::Object(entries.into_iter().collect())
}

/// One object of each class, linked in the root group, and a group in the first one.
struct Tree {
    client: Client,
    root: String,
    group: String,
    dataset: String,
    datatype: String,
    inner: String,
}

impl Tree {
    fn new() -> Self {
        let (client, root) = Client::with_domain();
        let linked = |name: &str, mut body: Value| {
            body["link"] = json!({"id": root, "name": name});
            body["attributes"] = json!({"a": {"type": "H5T_STD_U8LE", "value": 1}});
            body
        };
        let group = client.create("groups", linked("g", json!({})));
        let body = json!({"type": "H5T_STD_U8LE", "shape": [4], "maxdims": 0});
        let dataset = client.create("datasets", linked("d", body));
        let datatype = client.create("datatypes", linked("t", json!({"type": "H5T_STD_U8LE"})));
        let inner = client.create("groups", json!({"link": {"id": group, "name": "inner"}}));
        Self {
            client,
            root,
            group,
            dataset,
            datatype,
            inner,
        }
    }

    fn objects(&self) -> [(&'static str, &str); 3] {
        [
            ("groups", &self.group),
            ("datasets", &self.dataset),
            ("datatypes", &self.datatype),
        ]
    }

    /// Sets what a user may do with an object, or with the domain.
    fn allow(&self, path: &str, user: &str, names: &str) {
        self.client
            .put(&format!("{path}/acls/{user}"), rights(names))
            .expect(201);
    }

    fn other(&self) -> Client {
        self.client.with_user(Some(("v", "p")))
    }
}

/// A request, the right it needs, and what it answers when it is allowed.
type Request = (&'static str, String, Option<Value>, &'static str, u16);

/// Everything that can be asked of an object, reading first.
fn requests(tree: &Tree, collection: &str, id: &str) -> Vec<Request> {
    let own = format!("/{collection}/{id}");
    let attribute = || Some(json!({"type": "H5T_STD_U8LE", "value": 2}));
    let several = json!({"attributes": {"c": {"type": "H5T_STD_U8LE"}}});
    let by_id = |value: Value| json!({"obj_ids": {id: value}});
    let root = format!("/groups/{}", tree.root);
    let mut list: Vec<Request> = vec![
        ("GET", own.clone(), None, "read", 200),
        ("GET", format!("{own}/attributes"), None, "read", 200),
        (
            "POST",
            format!("{own}/attributes"),
            Some(json!({"attr_names": ["a"]})),
            "read",
            200,
        ),
        ("GET", format!("{own}/attributes/a"), None, "read", 200),
        (
            "GET",
            format!("{own}/attributes/a/value"),
            None,
            "read",
            200,
        ),
        ("GET", format!("{own}/annotations"), None, "read", 200),
        ("GET", format!("{own}/acls/v"), None, "read", 200),
        ("GET", format!("{own}/acls"), None, "readACL", 200),
        ("GET", format!("{own}/acls/w"), None, "readACL", 404),
        (
            "PUT",
            format!("{own}/acls/w"),
            Some(json!({"read": true})),
            "updateACL",
            201,
        ),
        (
            "PUT",
            format!("{own}/attributes/b"),
            attribute(),
            "create",
            201,
        ),
        (
            "PUT",
            format!("{own}/attributes"),
            Some(several.clone()),
            "create",
            201,
        ),
        (
            "PUT",
            format!("{own}/attributes/a/value"),
            Some(json!({"value": 3})),
            "update",
            200,
        ),
        (
            "POST",
            format!("{own}/attributes/b"),
            Some(json!({"rename": "d"})),
            "update",
            200,
        ),
        (
            "PUT",
            format!("{own}/annotations"),
            Some(json!({"x": 1})),
            "update",
            200,
        ),
        ("DELETE", format!("{own}/attributes/d"), None, "delete", 200),
        (
            "DELETE",
            format!("{own}/attributes?attr_names=c"),
            None,
            "delete",
            200,
        ),
        // Through another object, which may be seen and filled.
        (
            "POST",
            format!("{root}/attributes"),
            Some(by_id(json!(["a"]))),
            "read",
            200,
        ),
        (
            "PUT",
            format!("{root}/attributes"),
            Some(by_id(several)),
            "create",
            201,
        ),
    ];
    match collection {
        "groups" => list.extend([
            ("GET", format!("{own}/links"), None, "read", 200),
            (
                "POST",
                format!("{own}/links"),
                Some(json!({"titles": ["inner"]})),
                "read",
                200,
            ),
            ("GET", format!("{own}/links/inner"), None, "read", 200),
            ("GET", "/?h5path=/g/inner".into(), None, "read", 200),
            ("GET", "/groups/?h5path=/g/inner".into(), None, "read", 200),
            (
                "POST",
                "/".into(),
                Some(json!({"h5paths": ["/g/inner"]})),
                "read",
                200,
            ),
            (
                "POST",
                format!("{root}/links"),
                Some(json!({"grp_ids": [id]})),
                "read",
                200,
            ),
            (
                "PUT",
                format!("{own}/links/s"),
                Some(json!({"h5path": "/x"})),
                "create",
                201,
            ),
            (
                "PUT",
                format!("{own}/links"),
                Some(json!({"links": {"s2": {"h5path": "/x"}}})),
                "create",
                201,
            ),
            (
                "PUT",
                format!("{root}/links"),
                Some(json!({"grp_ids": {id: {"links": {"s3": {"h5path": "/x"}}}}})),
                "create",
                201,
            ),
            (
                "POST",
                "/groups".into(),
                Some(json!({"link": {"id": id, "name": "new"}})),
                "create",
                201,
            ),
            (
                "POST",
                "/groups".into(),
                Some(json!({"h5path": "new2", "parent_id": id})),
                "create",
                201,
            ),
            ("DELETE", format!("{own}/links/s"), None, "delete", 200),
            (
                "DELETE",
                format!("{own}/links?titles=s2/s3"),
                None,
                "delete",
                200,
            ),
        ]),
        "datasets" => list.extend([
            ("GET", format!("{own}/type"), None, "read", 200),
            ("GET", format!("{own}/shape"), None, "read", 200),
            ("GET", format!("{own}/value"), None, "read", 200),
            (
                "POST",
                format!("{own}/value"),
                Some(json!({"points": [1]})),
                "read",
                200,
            ),
            ("GET", format!("{own}/query?query=_%3E0"), None, "read", 200),
            (
                "PUT",
                format!("{own}/value"),
                Some(json!({"value": [1, 2, 3, 4]})),
                "update",
                200,
            ),
            (
                "PUT",
                format!("{own}/shape"),
                Some(json!({"shape": [4]})),
                "update",
                201,
            ),
        ]),
        _ => list.extend([
            (
                "POST",
                "/datasets".into(),
                Some(json!({"type": id})),
                "read",
                201,
            ),
            (
                "PUT",
                format!("{root}/attributes/of"),
                Some(json!({"type": id})),
                "read",
                201,
            ),
        ]),
    }
    list.push(("DELETE", own, None, "delete", 200));
    list
}

/// Sends all requests as `v`, who may see and fill the rest of the domain.
fn ask(tree: &Tree, given: &str, collection: &str, id: &str) {
    for (method, path, body, needed, success) in requests(tree, collection, id) {
        let text = body.map(|body| body.to_string()).unwrap_or_default();
        let answer = tree.other().send(method, &path, &[], text.as_bytes());
        let allowed = given == "all" || given.split_whitespace().any(|name| name == needed);
        let expected = if allowed { success } else { 403 };
        // Some requests depend on what earlier ones made.
        let missing = allowed && given != "all" && [404, 200].contains(&answer.status);
        assert!(
            answer.status == expected || missing,
            "{method} {path} with '{given}': {}",
            answer.text()
        );
    }
}

#[test]
fn what_an_object_allows() {
    for given in [
        "all",
        "read",
        "create",
        "update",
        "delete",
        "readACL",
        "updateACL",
        NOTHING,
    ] {
        let tree = Tree::new();
        tree.allow("", "v", "read create");
        for (collection, id) in tree.objects() {
            tree.allow(&format!("/{collection}/{id}"), "v", given);
        }
        for (collection, id) in tree.objects() {
            ask(&tree, given, collection, id);
        }
    }
}

#[test]
fn one_object_of_a_closed_domain() {
    let tree = Tree::new();
    let path = format!("/datasets/{}/value", tree.dataset);
    let other = tree.other();
    other.get(&path).expect(403);
    tree.allow(&format!("/datasets/{}", tree.dataset), "v", "read update");
    other.get(&path).expect(200);
    other.put(&path, json!({"value": [1, 2, 3, 4]})).expect(200);
    other.get("/").expect(403);
    other.get("/?h5path=/d").expect(403);
    other.get(&format!("/groups/{}", tree.group)).expect(403);
    // What is not there is not told to those who may not look.
    other.get("/datasets/d-1").expect(403);
    // Strangers need a name before they hear that they may not.
    let nobody = tree.client.with_user(None);
    nobody.get(&path).expect(401);
    tree.allow(&format!("/datasets/{}", tree.dataset), "default", READ);
    nobody.get(&path).expect(200);
    nobody
        .put(&path, json!({"value": [1, 2, 3, 4]}))
        .expect(401);
    // The owner's rights are those of the domain, until the object says otherwise.
    tree.client.get(&path).expect(200);
    tree.allow(&format!("/datasets/{}", tree.dataset), "u", "updateACL");
    tree.client.get(&path).expect(403);
    tree.client
        .with_user(Some(("admin", "p")))
        .get(&path)
        .expect(200);
}

#[test]
fn lists_leave_out_what_may_not_be_seen() {
    let tree = Tree::new();
    tree.allow("", "v", READ);
    let (other, owner) = (tree.other(), &tree.client);
    let count =
        |client: &Client, path: &str, member: &str| match &client.get(path).expect(200).json()
            [member]
        {
            Value::Array(list) => list.len(),
            Value::Object(members) => members.len(),
            found => panic!("{found}"),
        };
    let root = format!("/groups/{}", tree.root);
    let lists = [
        ("/groups".to_owned(), "groups", 2),
        ("/datasets".to_owned(), "datasets", 1),
        ("/?getobjs=1".to_owned(), "domain_objs", 5),
        (format!("{root}/links?follow_links=1"), "links", 3),
        (format!("{root}/attributes?follow_links=1"), "attributes", 5),
    ];
    for (path, member, all) in &lists {
        assert_eq!(count(&other, path, member), *all, "{path}");
    }
    tree.allow(&format!("/groups/{}", tree.group), "v", NOTHING);
    for ((path, member, all), hidden) in lists.iter().zip([2, 0, 1, 2, 2]) {
        assert_eq!(count(&other, path, member), all - hidden, "{path}");
        assert_eq!(count(owner, path, member), *all, "{path}");
    }
    // What is in it has rights of its own, for those who know its id.
    other.get(&format!("/groups/{}", tree.inner)).expect(200);
    // The link to it stays in sight: it is its group's.
    assert_eq!(count(&other, &format!("{root}/links"), "links"), 3);
}

#[test]
fn entries() {
    let tree = Tree::new();
    let (client, dataset) = (&tree.client, format!("/datasets/{}", tree.dataset));
    assert_eq!(
        client.get(&format!("{dataset}/acls")).expect(200).json()["acls"],
        json!([])
    );
    client.get(&format!("{dataset}/acls/v")).expect(404);
    client
        .put(&format!("{dataset}/acls/v"), json!({"read": true}))
        .expect(201);
    client
        .put(&format!("{dataset}/acls/v"), json!({"update": 1}))
        .expect(201);
    client
        .put(&format!("{dataset}/acls/v"), json!({"fly": true}))
        .expect(400);
    let found = client.get(&format!("{dataset}/acls/v")).expect(200).json();
    let mut expected = rights("read update");
    expected["userName"] = json!("v");
    assert_eq!(found["acl"], expected);
    let hrefs = found["hrefs"].as_array().unwrap();
    let href = |rel: &str| hrefs.iter().find(|h| h["rel"] == rel).unwrap()["href"].to_string();
    assert!(href("owner").contains(&dataset) && href("self").contains("/acls"));
    // The root group's rights are the domain's.
    let root = format!("/groups/{}", tree.root);
    client
        .put(&format!("{root}/acls/v"), json!({"read": true}))
        .expect(201);
    assert_eq!(
        client.get("/acls/v").expect(200).json()["acl"]["read"],
        true
    );
    let both = [format!("{root}/acls"), "/acls".into()]
        .map(|path| client.get(&path).json()["acls"].clone());
    assert_eq!(both[0], both[1]);
    // They go with the object, and are never another one's.
    let id = &tree.dataset;
    client.delete(&dataset).expect(200);
    client.get(&format!("{dataset}/acls")).expect(410);
    client
        .put(&format!("{dataset}/acls/v"), json!({"read": true}))
        .expect(410);
    client.create("datasets", json!({"id": id, "type": "H5T_STD_U8LE"}));
    assert_eq!(
        client.get(&format!("{dataset}/acls")).expect(200).json()["acls"],
        json!([])
    );
}

#[test]
fn batches() {
    let tree = Tree::new();
    tree.allow("", "v", "read create");
    let dataset = format!("/datasets/{}", tree.dataset);
    tree.allow(&dataset, "v", READ);
    let attribute = |id: &str| {
        json!({"method": "PUT", "path": format!("{id}/attributes/of_v"),
            "body": {"type": "H5T_STD_U8LE", "value": 1}})
    };
    let operations = [
        attribute(&dataset),
        attribute(&format!("/groups/{}", tree.group)),
    ];
    let answer = tree
        .other()
        .post("/batch", json!({"operations": operations}))
        .expect(200)
        .json();
    let statuses: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["status"])
        .collect();
    assert_eq!(statuses, [403, 201]);
}

#[test]
fn links_of_the_request_itself_lead_nowhere_else() {
    let tree = Tree::new();
    tree.allow("", "v", "read create");
    let closed = format!("/groups/{}", tree.group);
    let list = |path: &str| {
        json!([
            {"link": {"id": tree.root, "name": "a"}, "links": {"b": {"id": tree.group}}},
            {"h5path": path, "implicit": true},
        ])
    };
    // By a link of the list itself, into the group, through it, and with groups on the way.
    for given in [NOTHING, READ] {
        tree.allow(&closed, "v", given);
        for path in ["/a/b/x", "/a/b/y/z"] {
            let refused = tree.other().post("/groups", list(path)).expect(403).text();
            assert!(refused.contains(&tree.group), "{refused}");
            let operation = json!({"method": "POST", "path": "/groups", "body": list(path)});
            let batch = json!({"operations": [operation]});
            let answer = tree.other().post("/batch", batch).expect(200).json();
            assert_eq!(answer["results"][0]["status"], 403);
        }
    }
    tree.allow(&closed, "v", "create");
    let through = list("/a/b/inner/x");
    tree.other().post("/groups", through).expect(403);
    let links = |path: &str| tree.client.get(path).expect(200).json()["links"].clone();
    let inside = links(&format!("{closed}/links"));
    assert_eq!(inside.as_array().unwrap().len(), 1, "{inside}");
    tree.allow(&closed, "v", "read create");
    tree.other().post("/groups", list("/a/b/x")).expect(201);
}
