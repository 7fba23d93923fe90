//! Who may do what.

use h5rest_server::app::Settings;
use h5rest_server::auth::{Authenticator, PasswordFile};
use h5rest_server::store::Store;
use serde_json::json;

use crate::client::Client;

#[test]
fn strangers_and_wrong_passwords() {
    let (client, _) = Client::with_domain();
    let answer = client.with_user(Some(("u", "wrong"))).get("/").expect(401);
    assert!(
        answer.headers["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Basic ")
    );
    client
        .with_user(Some(("stranger", "p")))
        .get("/")
        .expect(401);
    client.with_user(None).get("/").expect(401);
    client.with_user(None).put("/", json!({})).expect(401);
    client.with_user(None).get("/about").expect(200);
    client
        .with_user(Some(("u", "wrong")))
        .get("/about")
        .expect(401);
    let bad = [("Authorization", "Digest x")];
    client
        .with_user(None)
        .send("GET", "/about", &bad, &[])
        .expect(400);
}

#[test]
fn everything_at_once_is_for_the_administrator() {
    let (client, _) = Client::with_domain();
    client.get("/backup").expect(403);
    client.with_user(None).get("/backup").expect(401);
    let admin = client.with_user(Some(("admin", "p")));
    let whole = admin.get("/backup").expect(200);
    assert!(whole.bytes.starts_with(b"h5rest-backup 1\n"));
}

#[test]
fn rights_of_others() {
    let (client, root) = Client::with_domain();
    let other = client.with_user(Some(("v", "p")));
    let group = format!("/groups/{root}");
    other.get(&group).expect(403);
    other.get("/acls").expect(403);
    other.put("/acls/v", json!({"read": true})).expect(403);
    client.put("/acls/v", json!({"read": true})).expect(201);
    other.get(&group).expect(200);
    other.get("/acls/v").expect(200);
    other.get("/acls/u").expect(403);
    other.post("/groups", json!({})).expect(403);
    other
        .put(
            &format!("{group}/attributes/a"),
            json!({"type": "H5T_STD_U8LE"}),
        )
        .expect(403);
    client
        .put("/acls/v", json!({"create": true, "update": true}))
        .expect(201);
    let id = other.create("datasets", json!({"type": "H5T_STD_U8LE"}));
    other
        .put(&format!("/datasets/{id}/value"), json!({"value": 3}))
        .expect(200);
    other.delete(&format!("/datasets/{id}")).expect(403);
    other.delete("/").expect(403);
    client
        .put("/acls/default", json!({"read": true}))
        .expect(201);
    client.with_user(None).get(&group).expect(200);
    client
        .with_user(None)
        .post("/groups", json!({}))
        .expect(401);
    let acls = client.get("/acls").expect(200).json();
    let names: Vec<_> = acls["acls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| &a["userName"])
        .collect();
    assert_eq!(names, ["default", "u", "v"]);
    client.put("/acls/v", json!({"fly": true})).expect(400);
    client.get("/acls/nobody").expect(404);
    client
        .with_user(Some(("admin", "p")))
        .delete("/")
        .expect(200);
}

#[test]
fn folders_pass_their_rights_on() {
    let client = Client::start();
    let folder = client.about("/home/u/shared");
    folder.put("/", json!({"folder": true})).expect(201);
    folder
        .put("/acls/v", json!({"read": true, "create": true}))
        .expect(201);
    let other = client.with_user(Some(("v", "p"))).about("/home/u/shared/x");
    other.put("/", json!({})).expect(201);
    let made = client
        .about("/home/u/shared/y")
        .put("/", json!({}))
        .expect(201)
        .json();
    assert_eq!(made["acls"]["v"]["create"], true);
    assert!(made["acls"].get("default").is_none());
    client
        .with_user(Some(("v", "p")))
        .about("/home/u/z")
        .put("/", json!({}))
        .expect(403);
    client
        .about("/home/u/z")
        .put("/", json!({"owner": "v"}))
        .expect(403);
    let listed = client
        .with_user(None)
        .about("/home/u/shared")
        .get("/domains")
        .expect(200)
        .json();
    assert_eq!(
        listed["domains"],
        json!([]),
        "private names are not shown to strangers"
    );
}

#[test]
fn without_passwords_everybody_is_who_they_say() {
    let client = Client::start_with(Store::in_memory(), Authenticator::Trusting);
    let made = client
        .about("/home/someone/f")
        .put("/", json!({}))
        .expect(201)
        .json();
    assert_eq!(made["owner"], "u");
    client.about("/home/u").get("/").expect(200);
    client
        .with_user(None)
        .about("/home/someone/f")
        .get("/")
        .expect(200);
    let nobody = client.with_user(None).about("/home/default/f");
    assert_eq!(
        nobody.put("/", json!({})).expect(201).json()["owner"],
        "default"
    );
}

#[test]
fn rights_where_no_entry_says_anything() {
    let passwords = PasswordFile::parse("admin:p\nu:p\nv:p\n").unwrap();
    let settings = Settings {
        default_acl: "read".parse().unwrap(),
        ..Settings::default()
    };
    let users = Authenticator::with_passwords(passwords);
    let client = Client::start_as(Store::in_memory(), users, settings);
    let root = client.put("/", json!({})).expect(201).json()["root"].clone();
    let group = format!("/groups/{}", root.as_str().unwrap());
    let (other, nobody) = (client.with_user(Some(("v", "p"))), client.with_user(None));
    other.get(&group).expect(200);
    nobody.get(&group).expect(200);
    other.post("/groups", json!({})).expect(403);
    nobody.post("/groups", json!({})).expect(401);
    // It is no entry: there is none to be seen, and any entry goes before it.
    client.get("/acls/default").expect(404);
    client.put("/acls/v", json!({"read": false})).expect(201);
    other.get(&group).expect(403);
    nobody.get(&group).expect(200);
    client
        .put("/acls/default", json!({"read": false}))
        .expect(201);
    nobody.get(&group).expect(401);
}
