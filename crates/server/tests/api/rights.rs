//! Who may do what, for every operation of the API: each needs one right, and no other one will do.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use h5rest_server::app::App;
use h5rest_server::error::ApiError;
use h5rest_server::routes::operations::{self, COLLECTION};
use serde_json::{Value, json};

use crate::client::{Answer, Client};

const RIGHTS: [&str; 6] = ["read", "create", "update", "delete", "readACL", "updateACL"];

/// What an operation needs.
#[derive(Clone, Copy, PartialEq)]
enum Need {
    /// Nothing: everybody may.
    Nothing,
    /// This right.
    Right(&'static str),
    /// To be the administrator.
    Administrator,
    /// Nothing itself; each of its changes needs this right.
    InVerdict(&'static str),
    /// A right in the folder, which `access.rs` tests.
    OfFolder,
}

use Need::{Administrator, InVerdict, Nothing, OfFolder, Right};

/// A row: the operation, how it is asked for (`{g}`, `{d}`, `{t}` and `{id}` stand for ids), its
/// body, and what it needs.
type Row = (&'static str, &'static str, fn() -> Value, Need);

fn none() -> Value {
    Value::Null
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("getAbout", "/about", none, Nothing),
    ("getInfo", "/info", none, Nothing),
    ("getMetrics", "/metrics", none, Nothing),
    ("getOpenApi", "/openapi.json", none, Nothing),
    ("getBackup", "/backup", none, Administrator),
    ("getDomain", "/", none, Right("read")),
    ("getDomain", "/?h5path=/x", none, Right("read")),
    ("putDomain", "/", none, OfFolder),
    ("putDomain", "/?flush=1", || json!({}), Right("update")),
    ("postDomain", "/", || json!({"h5paths": ["/"]}), Right("read")),
    ("deleteDomain", "/", none, Right("delete")),
    ("getDomains", "/domains", none, OfFolder),
    ("postBatch", "/batch", || json!({"operations": [{"method": "POST", "path": "/groups", "body": {}}]}), InVerdict("create")),
    ("getAcls", "/acls", none, Right("readACL")),
    ("getAcl", "/acls/u", none, Right("readACL")),
    ("getAcl", "/acls/v", none, Right("read")),
    ("putAcl", "/acls/w", || json!({"read": true}), Right("updateACL")),
    ("getObjectAcls", "/{collection}/{id}/acls", none, Right("readACL")),
    ("getObjectAcl", "/{collection}/{id}/acls/u", none, Right("readACL")),
    ("putObjectAcl", "/{collection}/{id}/acls/w", || json!({"read": true}), Right("updateACL")),
    ("getObjects", "/{collection}", none, Right("read")),
    ("postGroup", "/groups", || json!({}), Right("create")),
    ("postDataset", "/datasets", || json!({"type": "H5T_STD_U8LE"}), Right("create")),
    ("postDatatype", "/datatypes", || json!({"type": "H5T_STD_U8LE"}), Right("create")),
    ("getObject", "/{collection}/{id}", none, Right("read")),
    ("deleteObject", "/{collection}/{id}", none, Right("delete")),
    ("getAnnotations", "/{collection}/{id}/annotations", none, Right("read")),
    ("putAnnotations", "/{collection}/{id}/annotations", || json!({"comment": "x"}), Right("update")),
    ("getLinks", "/groups/{g}/links", none, Right("read")),
    ("postLinks", "/groups/{g}/links", || json!({"titles": ["x"]}), Right("read")),
    ("putLinks", "/groups/{g}/links", || json!({"links": {"y": {"h5path": "/x"}}}), Right("create")),
    ("deleteLinks", "/groups/{g}/links?titles=x", none, Right("delete")),
    ("getLink", "/groups/{g}/links/x", none, Right("read")),
    ("putLink", "/groups/{g}/links/y", || json!({"h5path": "/x"}), Right("create")),
    ("deleteLink", "/groups/{g}/links/x", none, Right("delete")),
    ("getAttributes", "/{collection}/{id}/attributes", none, Right("read")),
    ("postAttributes", "/{collection}/{id}/attributes", || json!({"attr_names": ["a"]}), Right("read")),
    ("putAttributes", "/{collection}/{id}/attributes", || json!({"attributes": {"b": {"type": "H5T_STD_U8LE"}}}), Right("create")),
    ("deleteAttributes", "/{collection}/{id}/attributes?attr_names=a", none, Right("delete")),
    ("getAttribute", "/{collection}/{id}/attributes/a", none, Right("read")),
    ("putAttribute", "/{collection}/{id}/attributes/b", || json!({"type": "H5T_STD_U8LE"}), Right("create")),
    ("renameAttribute", "/{collection}/{id}/attributes/a", || json!({"rename": "b"}), Right("update")),
    ("deleteAttribute", "/{collection}/{id}/attributes/a", none, Right("delete")),
    ("getAttributeValue", "/{collection}/{id}/attributes/a/value", none, Right("read")),
    ("putAttributeValue", "/{collection}/{id}/attributes/a/value", || json!({"value": 2}), Right("update")),
    ("getType", "/datasets/{d}/type", none, Right("read")),
    ("getShape", "/datasets/{d}/shape", none, Right("read")),
    ("putShape", "/datasets/{d}/shape", || json!({"shape": [3]}), Right("update")),
    ("getValue", "/datasets/{d}/value", none, Right("read")),
    ("postValue", "/datasets/{d}/value", || json!({"points": [0]}), Right("read")),
    ("putValue", "/datasets/{d}/value", || json!({"value": [1, 2]}), Right("update")),
    ("getQuery", "/datasets/{d}/query?query=_%3E0", none, Right("read")),
];

/// A domain of user `u`, with a group that has a link, a dataset, a datatype; each with an attribute.
struct Place {
    client: Client,
    ids: [(&'static str, String); 3],
}

impl Place {
    fn new(server: &Client, number: usize) -> Self {
        let client = server.about(&format!("/home/u/rights{number}"));
        let made = client.put("/", json!({})).expect(201).json();
        let root = made["root"].as_str().unwrap().to_owned();
        let link = json!({"id": root, "name": "x"});
        let group = client.create("groups", json!({"link": link}));
        let link = json!({"h5path": "/"});
        let path = format!("/groups/{group}/links/x");
        client.put(&path, link).expect(201);
        let dataset = json!({"type": "H5T_STD_U8LE", "shape": [2], "maxdims": [0]});
        let dataset = client.create("datasets", dataset);
        let datatype = client.create("datatypes", json!({"type": "H5T_STD_U8LE"}));
        let ids = [
            ("groups", group),
            ("datasets", dataset),
            ("datatypes", datatype),
        ];
        for (collection, id) in &ids {
            let attribute = json!({"type": "H5T_STD_U8LE", "value": 1});
            let path = format!("/{collection}/{id}/attributes/a");
            client.put(&path, attribute).expect(201);
        }
        Self { client, ids }
    }

    fn path(&self, path: &str, collection: usize) -> String {
        let (name, id) = &self.ids[collection];
        path.replace(COLLECTION, &format!("/{name}"))
            .replace("{id}", id)
            .replace("{g}", &self.ids[0].1)
            .replace("{d}", &self.ids[1].1)
    }

    /// The rights of user `v`: this one and no other.
    fn allow_only(&self, right: Option<&str>) {
        let rights: Value = RIGHTS
            .iter()
            .map(|name| ((*name).to_owned(), json!(Some(*name) == right)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        self.client.put("/acls/v", rights).expect(201);
    }
}

fn ask(client: &Client, method: &str, path: &str, body: &Value) -> Answer {
    let body = match body {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    let headers = [("Content-Type", "application/json")];
    let headers = if body.is_empty() { &[][..] } else { &headers };
    client.send(method, path, headers, &body)
}

/// The status of the answer, or that of the only change in it.
fn status(answer: &Answer, need: Need) -> u16 {
    match (need, answer.status) {
        (InVerdict(_), 200) => {
            let status = answer.json()["results"][0]["status"].as_u64().unwrap();
            u16::try_from(status).unwrap()
        }
        (_, status) => status,
    }
}

#[test]
fn every_operation_needs_its_own_right() {
    let server = Client::start();
    let mut number = 0;
    for operation in operations::ALL {
        let rows = TABLE.iter().filter(|row| row.0 == operation.id);
        let rows: Vec<&Row> = rows.collect();
        assert!(!rows.is_empty(), "no row for {}", operation.id);
        for (name, template, body, need) in rows {
            let collections = if template.contains(COLLECTION) { 3 } else { 1 };
            for collection in 0..collections {
                number += 1;
                let place = Place::new(&server, number);
                let path = place.path(template, collection);
                check(&place, (operation.method, &path), &body(), *need, name);
            }
        }
    }
}

/// Whatever rights everybody has: who changes something says who it is, and who only looks something up need
/// not, whatever the method.
#[test]
fn changes_need_a_name() {
    let server = Client::start();
    let mut number = 1000;
    for (name, template, body, need) in TABLE {
        let operation = operations::ALL.iter().find(|one| one.id == *name).unwrap();
        let looks_up = ["postDomain", "postLinks", "postAttributes", "postValue"];
        let changes = operation.method != "GET" && !looks_up.contains(name);
        if !changes && matches!(need, Administrator | OfFolder) {
            continue;
        }
        let collections = if template.contains(COLLECTION) { 3 } else { 1 };
        for collection in 0..collections {
            number += 1;
            let place = Place::new(&server, number);
            let all = RIGHTS.map(|right| (right.to_owned(), json!(true)));
            let all = Value::Object(all.into_iter().collect());
            place.client.put("/acls/default", all).expect(201);
            let path = place.path(template, collection);
            let nobody = place.client.with_user(None);
            let answer = ask(&nobody, operation.method, &path, &body());
            let refused = answer.status == 401;
            assert_eq!(refused, changes, "{name} {path}: {}", answer.text());
        }
    }
}

fn check(place: &Place, (method, path): (&str, &str), body: &Value, need: Need, name: &str) {
    let nobody = place.client.with_user(None);
    let stranger = place.client.with_user(Some(("v", "wrong")));
    let other = place.client.with_user(Some(("v", "p")));
    let told = |client: &Client| status(&ask(client, method, path, body), need);
    let may = |status: u16| status != 401 && status != 403;
    assert_eq!(told(&stranger), 401, "{name} {path} with a wrong password");
    let needed = match need {
        OfFolder => return,
        Nothing => {
            assert!(may(told(&nobody)), "{name} {path} by nobody");
            return;
        }
        Administrator => None,
        Right(right) | InVerdict(right) => Some(right),
    };
    assert!(!may(told(&nobody)), "{name} {path} by nobody");
    assert_eq!(told(&other), 403, "{name} {path} without an entry");
    for right in RIGHTS.into_iter().filter(|right| Some(*right) != needed) {
        place.allow_only(Some(right));
        assert_eq!(told(&other), 403, "{name} {path} with {right} alone");
    }
    match needed {
        Some(right) => {
            place.allow_only(needed);
            let answer = ask(&other, method, path, body);
            let told = status(&answer, need);
            // Objects have no rights of their own here, so there are none to show.
            assert!(
                (told < 300 || told == 404),
                "{name} {path} with {right}: {}",
                answer.text()
            );
        }
        None => {
            let administrator = place.client.with_user(Some(("admin", "p")));
            assert!(may(told(&administrator)), "{name} {path} by admin");
            assert_eq!(told(&place.client), 403, "{name} {path} by the owner");
        }
    }
}

/// The second of two changes that are read one after the other, and then made in this order.
fn change_just_before(app: &App, first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
    let (go, wait) = mpsc::channel::<()>();
    let holding = app.store.submit(move |_| {
        let _ = wait.recv();
        Ok::<_, ApiError>(())
    });
    thread::scope(|scope| {
        // While the change before holds them up, both are read. (If one is late, the test has no chance to
        // fail, that is all.)
        scope.spawn(first);
        thread::sleep(Duration::from_millis(300));
        scope.spawn(second);
        thread::sleep(Duration::from_millis(300));
        go.send(()).unwrap();
    });
    drop(holding);
}

#[test]
fn rights_count_when_a_change_is_made() {
    let (client, root, app) = Client::with_app();
    let other = client.with_user(Some(("v", "p")));
    let all = json!({"create": true, "read": true});
    client.put("/acls/v", all).expect(201);
    let folder = || {
        client
            .about("/home/u/new")
            .put("/?folder=1", json!({}))
            .expect(201);
    };
    change_just_before(&app, folder, || {
        other.about("/home/u/new/x").put("/", json!({})).expect(403);
    });
    let group = client.create("groups", json!({"link": {"id": root, "name": "g"}}));
    let close = || {
        let none = json!({"create": false});
        client
            .put(&format!("/groups/{group}/acls/v"), none)
            .expect(201);
    };
    change_just_before(&app, close, || {
        let body = json!({"link": {"id": group, "name": "x"}});
        other.post("/groups", body).expect(403);
    });
    change_just_before(
        &app,
        || drop(client.put("/acls/v", json!({"create": false})).expect(201)),
        || drop(other.post("/groups", json!({})).expect(403)),
    );
}

/// To replace a link is to delete one.
#[test]
fn links_are_replaced_by_those_who_may_delete_them() {
    let (client, root) = Client::with_domain();
    let other = client.with_user(Some(("v", "p")));
    client.put("/acls/v", json!({"create": true})).expect(201);
    let path = format!("/groups/{root}/links?replace=1");
    let link = |target: &str| json!({"links": {"x": {"h5path": target}}});
    let listed = |target: &str| json!({"grp_ids": {&root: link(target)}});
    client.put(&path, link("/old")).expect(201);
    other.put(&path, link("/new")).expect(403);
    other.put(&path, listed("/new")).expect(403);
    let all = json!({"create": true, "delete": true});
    client.put("/acls/v", all).expect(201);
    other.put(&path, link("/new")).expect(201);
    other.put(&path, listed("/newer")).expect(201);
}
