//! What the connector makes of servers that fail or answer strangely, played from scripts.

use std::sync::Arc;

use h5rest_client::{Client, RetryPolicy, ScriptedTransport, ServerInfo};
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::{Datatype, ObjectClass, ObjectId, Shape};
use serde_json::{Map, Value, json};

use super::file::File;
use super::links::LinkOptions;
use super::object::Object;
use super::session::Session;
use super::{ErrorKind, IndexBy, Order};
use crate::config::Config;

const PLAIN: LinkOptions = LinkOptions {
    intermediate: false,
    charset: CharSet::Ascii,
};

/// An open file on an HSDS that plays a script, and its root group. Changes are sent at once.
fn scripted(name: &str) -> (Arc<ScriptedTransport>, Object) {
    let script = Arc::new(ScriptedTransport::new());
    let mut config = Config::from_info(Some("endpoint=http://script:1;username=u"));
    config.write_behind = false;
    let location = config.locate(&format!("/home/u/{name}")).unwrap();
    let retry = RetryPolicy {
        attempts: 1,
        broken_attempts: 1,
        ..RetryPolicy::default()
    };
    let client = Client::new(script.clone()).with_retry(retry);
    let root = ObjectId::new_root();
    let session = Session::new(&config, location, client, ServerInfo::default(), root);
    (script, File::of_session(name, config, session).root())
}

fn reply(script: &ScriptedTransport, document: Value) {
    script.reply(200, document.to_string());
}

fn empty_group(id: ObjectId) -> Value {
    json!({"id": id, "created": 1.0, "lastModified": 1.0, "links": {}, "attributes": {}})
}

fn integer() -> Value {
    Datatype::integer(4, true).to_json()
}

#[test]
fn an_attribute_that_hsds_cannot_show_does_not_hide_its_object() {
    let (script, root) = scripted("hidden.h5");
    script.reply(500, "500: Internal Server Error");
    script.reply(500, "500: Internal Server Error");
    reply(
        &script,
        json!({"id": root.id(), "created": 1.0, "links": {}}),
    );
    reply(
        &script,
        json!({"attributes": [
        {"name": "good", "type": integer(), "shape": {"class": "H5S_SCALAR"}, "created": 1.0},
        {"name": "bad", "type": integer(), "shape": {"class": "H5S_SCALAR"}, "created": 2.0}]}),
    );
    let names: Vec<String> = root
        .attributes(IndexBy::CreationOrder, Order::Increasing)
        .unwrap()
        .into_iter()
        .map(|attribute| attribute.name)
        .collect();
    assert_eq!(names, ["good", "bad"]);
    // Values are then asked for one by one.
    reply(
        &script,
        json!({"type": integer(), "shape": {"class": "H5S_SCALAR"}, "value": 5}),
    );
    let good = root.open_attribute("good").unwrap();
    assert_eq!(good.read().unwrap(), [5, 0, 0, 0]);
    script.reply(500, "500: Internal Server Error");
    script.reply(500, "500: Internal Server Error");
    let error = root.open_attribute("bad").unwrap().read().unwrap_err();
    assert!(
        error.to_string().contains("cannot read attribute 'bad'"),
        "{error}"
    );
    assert_eq!(script.left(), 0);
}

#[test]
fn a_name_that_another_one_took_is_told_and_nothing_stays_behind() {
    let (script, root) = scripted("conflict.h5");
    reply(&script, empty_group(root.id()));
    script.reply(409, "409: Conflict");
    reply(&script, json!({}));
    let error = root
        .create_group(Some("g"), &PLAIN, Map::new())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists);
    let requests = script.requests();
    assert!(requests[1].starts_with("POST /groups"), "{requests:?}");
    assert!(requests[2].starts_with("DELETE /groups/g-"), "{requests:?}");
    // The other one's link is seen at the next look.
    let other = root.id().new_in_domain(ObjectClass::Group);
    let mut group = empty_group(root.id());
    group["links"] = json!({"g": {"class": "H5L_TYPE_HARD", "id": other, "created": 2.0}});
    reply(&script, group);
    assert!(root.link_exists("g").unwrap());
}

#[test]
fn what_a_dangling_link_leads_to_is_said_to_be_missing() {
    let (script, root) = scripted("dangling.h5");
    let gone = root.id().new_in_domain(ObjectClass::Dataset);
    let mut group = empty_group(root.id());
    group["links"] = json!({"d": {"class": "H5L_TYPE_HARD", "id": gone, "created": 2.0}});
    reply(&script, group);
    script.reply(410, "410: Gone");
    let error = root.open("d").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = error.to_string();
    for words in [
        "cannot open 'd'",
        "leads to an object that does not exist",
        "410",
        "errno = 2",
    ] {
        assert!(text.contains(words), "{words:?} not in {text}");
    }
}

#[test]
fn a_flush_that_failed_is_tried_again() {
    let (script, root) = scripted("flush.h5");
    root.file().flush().unwrap();
    assert!(script.requests().is_empty());
    reply(&script, empty_group(root.id()));
    reply(&script, json!({"created": 2.0}));
    root.create_group(Some("g"), &PLAIN, Map::new()).unwrap();
    script.reply(500, "500: Internal Server Error");
    assert_eq!(
        root.file().flush().unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    script.reply(204, "");
    root.file().flush().unwrap();
    root.file().flush().unwrap();
    assert_eq!(script.requests().len(), 4);
    assert!(script.requests()[3].contains("flush=1"));
}

#[test]
fn a_refused_change_is_not_noted() {
    let (script, root) = scripted("refused.h5");
    reply(&script, empty_group(root.id()));
    script.reply(403, "403: Forbidden");
    let ty = Datatype::integer(4, true);
    let made = root.create_attribute("a", ty.into(), Shape::Scalar, CharSet::Ascii);
    assert_eq!(made.unwrap_err().kind(), ErrorKind::Denied);
    assert!(!root.attribute_exists("a").unwrap());
    script.reply(403, "403: Forbidden");
    assert!(root.create_group(Some("g"), &PLAIN, Map::new()).is_err());
    assert!(!root.link_exists("g").unwrap());
}

#[test]
fn answers_that_make_no_sense_are_errors() {
    for answer in [
        "",
        "[]",
        "{",
        r#"{"links": {"a": {"class": "H5L_TYPE_HARD"}}}"#,
    ] {
        let (script, root) = scripted("nonsense.h5");
        script.reply(200, answer);
        let result = root.links(IndexBy::Name, Order::Native);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Protocol, "{answer}");
    }
}

#[test]
fn unlinking_asks_for_all_links_once_and_deletes_what_is_lost() {
    let (script, root) = scripted("unlink.h5");
    let [a, b] = [(); 2].map(|()| root.id().new_in_domain(ObjectClass::Dataset));
    let hard = |id: ObjectId, title: &str| json!({"class": "H5L_TYPE_HARD", "id": id, "title": title, "created": 1.0});
    let mut group = empty_group(root.id());
    group["links"] = json!({"a": hard(a, "a"), "b": hard(b, "b"), "b2": hard(b, "b2")});
    reply(&script, group);
    reply(
        &script,
        json!({"links": {root.id().to_string(): [hard(a, "a"), hard(b, "b"), hard(b, "b2")]}}),
    );
    // Whether it still leads there, as it was made by somebody else and is to be deleted.
    reply(&script, json!({"link": hard(a, "a")}));
    reply(&script, json!({}));
    reply(&script, json!({}));
    root.delete_link("a").unwrap();
    reply(&script, json!({}));
    root.delete_link("b").unwrap();
    let requests = script.requests();
    assert!(requests[1].contains("follow_links=1"), "{requests:?}");
    let link = |method, name| format!("{method} /groups/{}/links/{name}?", root.id());
    let expected = [
        link("GET", "a"),
        link("DELETE", "a"),
        format!("DELETE /datasets/{a}?"),
        link("DELETE", "b"),
    ];
    for (request, expected) in requests[2..].iter().zip(&expected) {
        assert!(request.starts_with(expected), "{requests:?}");
    }
    assert_eq!(requests.len(), 6);
}

#[test]
fn what_somebody_has_moved_on_hsds_is_not_deleted() {
    let (script, root) = scripted("moved.h5");
    let [a, b] = [(); 2].map(|()| root.id().new_in_domain(ObjectClass::Dataset));
    let hard =
        |id: ObjectId| json!({"class": "H5L_TYPE_HARD", "id": id, "title": "a", "created": 1.0});
    let mut group = empty_group(root.id());
    group["links"] = json!({"a": hard(a)});
    reply(&script, group);
    reply(
        &script,
        json!({"links": {root.id().to_string(): [hard(a)]}}),
    );
    script.reply(410, "410: Gone");
    let error = root.delete_link("a").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    // Now something else is there.
    reply(&script, json!({"link": hard(b)}));
    let error = root.delete_link("a").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists, "{error}");
    let requests = script.requests();
    assert!(
        requests.iter().all(|request| request.starts_with("GET")),
        "{requests:?}"
    );
}
