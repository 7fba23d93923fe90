//! Changes that are sent after the calls that made them: how many requests they cost, and what
//! happens when the server refuses them or is away.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use h5rest_client::{Request, Response, Sink, Transport, TransportError, TransportFailure};
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::{Datatype, Shape, StoredType};
use hdf5_vol_rest::connector::{ErrorKind, File, Object, use_transport};
use serde_json::{Map, Value, json};

use super::{Place, dataset, group};

pub(super) fn integer(at: &Object, name: &str, value: i32) {
    let ty = Datatype::integer(4, true).into();
    let made = at.create_attribute(name, ty, Shape::Scalar, CharSet::Ascii);
    made.unwrap().write(value.to_le_bytes().to_vec()).unwrap();
}

pub(super) fn value(of: &Object, name: &str) -> i32 {
    let bytes = of.open_attribute(name).unwrap().read().unwrap();
    i32::from_le_bytes(bytes.try_into().unwrap())
}

#[test]
fn many_groups_with_attributes_cost_a_handful_of_requests() {
    let place = Place::new("many");
    let counter = place.count();
    let file = place.create();
    for n in 0..200 {
        let made = group(&file.root(), &format!("g{n:03}"));
        for k in 0..4 {
            integer(&made, &format!("a{k}"), n * 10 + k);
        }
    }
    file.close().unwrap();
    // Looking for the domain and making it; the changes. One more lot of them on a machine so slow
    // that some became old meanwhile.
    let lot = if file.session().server().is_h5rest() {
        1
    } else {
        3
    };
    let (total, counts) = (counter.total(), counter.counts());
    assert!(total <= 2 + 2 * lot, "{total} requests: {counts:?}");
    drop(file);
    let file = place.open(false);
    for n in [0, 77, 199] {
        let found = file.root().open(&format!("g{n:03}")).unwrap();
        assert_eq!(value(&found, "a3"), n * 10 + 3);
        let names: Vec<String> = found
            .attributes(super::IndexBy::CreationOrder, super::Order::Increasing)
            .unwrap()
            .into_iter()
            .map(|info| info.name)
            .collect();
        assert_eq!(names, ["a0", "a1", "a2", "a3"]);
    }
    let links = file
        .root()
        .links(super::IndexBy::CreationOrder, super::Order::Increasing)
        .unwrap();
    assert_eq!(links.len(), 200);
    assert!(
        links
            .iter()
            .enumerate()
            .all(|(n, link)| link.name == format!("g{n:03}"))
    );
}

#[test]
fn a_growing_dataset_is_resized_once() {
    let place = Place::new("growing");
    let file = place.create();
    let space = Shape::Simple {
        dims: vec![0],
        maxdims: Some(vec![h5rest_protocol::Extent::Unlimited]),
    };
    let creation = h5rest_protocol::creation::DatasetCreation {
        layout: Some(h5rest_protocol::creation::Layout::Chunked(vec![100])),
        ..Default::default()
    };
    let ty = Datatype::integer(4, true).into();
    let made = file
        .root()
        .create_dataset(Some("d"), &super::PLAIN, ty, space, creation)
        .unwrap();
    file.flush().unwrap();
    let counter = place.count();
    drop((made, file));
    let file = place.open(true);
    let made = file.root().open("d").unwrap();
    counter.reset();
    for n in 1..=50 {
        made.set_extent(&[n]).unwrap();
    }
    file.close().unwrap();
    // HSDS is asked how large it is, so that nothing is cut off that others added.
    let growth = if file.session().server().is_h5rest() {
        1
    } else {
        2
    };
    assert_eq!(counter.total(), growth, "{:?}", counter.counts());
    made.set_extent(&[20]).unwrap();
    made.set_extent(&[30]).unwrap();
    file.close().unwrap();
    assert_eq!(counter.total(), 1 + 2 * growth, "{:?}", counter.counts());
    made.refresh().unwrap();
    assert_eq!(made.dataset().unwrap().shape.dims(), [30]);
}

#[test]
fn elements_wait_for_their_own_dataset_only() {
    let place = Place::new("elements");
    let counter = place.count();
    let file = place.create();
    let made = dataset(&file.root(), "d", Datatype::integer(4, true), &[2]);
    made.write(&h5rest_protocol::selection::all(&[2]), vec![1; 8].into())
        .unwrap();
    counter.reset();
    group(&file.root(), "g");
    made.write(&h5rest_protocol::selection::all(&[2]), vec![2; 8].into())
        .unwrap();
    assert_eq!(counter.total(), 1, "{:?}", counter.counts());
}

#[test]
fn references_follow_what_they_refer_to() {
    let place = Place::new("references");
    let file = place.create();
    let ty = Datatype::Reference(h5rest_protocol::datatype::ReferenceType::Object);
    let made = dataset(&file.root(), "d", ty, &[1]);
    file.flush().unwrap();
    let target = group(&file.root(), "g").id();
    let mut element = format!("groups/{target}").into_bytes();
    element.resize(48, 0);
    made.write(&h5rest_protocol::selection::all(&[1]), element.into())
        .unwrap();
    assert_eq!(
        ask(&place, "GET", &format!("/groups/{target}"), &json!({})),
        200
    );
}

/// Asks the server, as another client of the same user.
pub(super) fn ask(place: &Place, method: &str, path: &str, body: &Value) -> u16 {
    let mark = if path.contains('?') { '&' } else { '?' };
    let path = format!("{path}{mark}domain={}", place.name());
    let endpoint = place.server.endpoint();
    endpoint
        .request(method, &path, &body.to_string())
        .unwrap()
        .0
}

#[test]
fn what_the_server_refuses_is_told_by_flush_and_by_each_use() {
    let place = Place::new("refused");
    let file = place.create();
    let root = file.root();
    assert!(!root.link_exists("taken").unwrap());
    // Another client is faster.
    let theirs = json!({"link": {"id": root.id(), "name": "taken"}});
    assert_eq!(ask(&place, "POST", "/groups", &theirs), 201);
    let before = group(&root, "before");
    let taken = group(&root, "taken");
    integer(&before, "a", 1);
    group(&taken, "inside");
    group(&root, "after");
    let error = file.flush().unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("cannot create group 'taken' in group '/'"),
        "{text}"
    );
    assert!(text.contains("409"), "{text}");
    // It is told once by the file, and by the object as long as it is used.
    file.flush().unwrap();
    let error = taken.info().unwrap_err().to_string();
    assert!(error.contains("cannot create group 'taken'"), "{error}");
    assert!(root.open("taken").is_err());
    // Nothing else is lost.
    assert_eq!(value(&before, "a"), 1);
    assert!(root.open("after").is_ok());
    drop((taken, before, root));
    file.close().unwrap();
    drop(file);
    let file = place.open(false);
    let names: Vec<String> = file
        .root()
        .links(super::IndexBy::Name, super::Order::Increasing)
        .unwrap()
        .into_iter()
        .map(|link| link.name)
        .collect();
    assert_eq!(names, ["after", "before", "taken"]);
    // It is theirs.
    assert_eq!(
        file.root()
            .open("taken")
            .unwrap()
            .group_info()
            .unwrap()
            .links,
        0
    );
    assert_eq!(value(&file.root().open("before").unwrap(), "a"), 1);
}

#[test]
fn one_refused_attribute_of_many_does_not_harm_the_others() {
    let place = Place::new("attributes");
    let file = place.create();
    let root = file.root();
    root.attribute_exists("x").unwrap();
    let theirs = json!({"type": "H5T_STD_I16LE", "value": 5});
    let path = format!("/groups/{}/attributes/x", root.id());
    assert_eq!(ask(&place, "PUT", &path, &theirs), 201);
    for (at, name) in ["w", "x", "y"].iter().enumerate() {
        integer(&root, name, at as i32);
    }
    let error = file.close().unwrap_err().to_string();
    assert!(error.contains("attribute 'x' of group '/'"), "{error}");
    assert!(root.open_attribute("x").is_err());
    assert_eq!((value(&root, "w"), value(&root, "y")), (0, 2));
    root.refresh().unwrap();
    let theirs = root.open_attribute("x").unwrap();
    assert_eq!(theirs.read().unwrap(), [5, 0]);
}

#[test]
fn links_of_a_group_of_which_a_change_was_refused_still_count() {
    let place = Place::new("counted");
    let file = place.create();
    let [one, two] = ["one", "two"].map(|name| group(&file.root(), name));
    let target = group(&one, "a");
    two.create_hard_link("b", &target, &super::PLAIN).unwrap();
    drop(target);
    file.flush().unwrap();
    let theirs = json!({"type": "H5T_STD_I16LE", "value": 5});
    let path = format!("/groups/{}/attributes/x", one.id());
    assert_eq!(ask(&place, "PUT", &path, &theirs), 201);
    integer(&one, "x", 1);
    file.flush().unwrap_err();
    two.delete_link("b").unwrap();
    file.flush().unwrap();
    let left = one.open("a").unwrap();
    assert_eq!(left.info().unwrap().rc, 1);
    drop(left);
    one.delete_link("a").unwrap();
    file.close().unwrap();
}

#[test]
fn a_datatype_stays_whose_user_was_refused_a_change() {
    let place = Place::new("used");
    let file = place.create();
    let root = file.root();
    let plain = StoredType::from(Datatype::integer(4, true));
    let committed = root.commit_datatype(Some("type"), &super::PLAIN, plain.clone(), Map::new());
    let id = committed.unwrap().id();
    let ty = StoredType {
        committed: Some(id),
        ..plain
    };
    let user = dataset(&root, "user", ty.clone(), &[1]);
    file.flush().unwrap();
    let theirs = json!({"type": "H5T_STD_I16LE", "value": 5});
    let path = format!("/datasets/{}/attributes/x", user.id());
    assert_eq!(ask(&place, "PUT", &path, &theirs), 201);
    integer(&user, "x", 1);
    file.flush().unwrap_err();
    root.delete_link("type").unwrap();
    file.flush().unwrap();
    let path = format!("/datatypes/{id}");
    assert_eq!(ask(&place, "GET", &path, &Value::Null), 200);
    assert_eq!(*user.dataset().unwrap().ty, ty);
    drop(user);
    root.delete_link("user").unwrap();
    file.close().unwrap();
}

/// A way to the server that can break.
#[derive(Debug)]
pub(super) struct Fragile {
    inner: Arc<dyn Transport>,
    pub(super) state: AtomicU8,
}

pub(super) const SOUND: u8 = 0;
/// Nothing reaches the server.
pub(super) const AWAY: u8 = 1;
/// Requests reach the server, its answers do not come back.
pub(super) const DEAF: u8 = 2;

impl Transport for Fragile {
    fn send(&self, request: &Request, sink: Sink<'_>) -> Result<Response, TransportError> {
        let lost = || {
            Err(TransportError::new(
                TransportFailure::Timeout,
                "as the test wants",
            ))
        };
        match self.state.load(Ordering::SeqCst) {
            AWAY => lost(),
            DEAF => {
                self.inner.send(request, sink)?;
                lost()
            }
            _ => self.inner.send(request, sink),
        }
    }
}

pub(super) fn fragile(place: &Place) -> Arc<Fragile> {
    let mut made = None;
    let wrap = |inner| {
        let state = AtomicU8::new(SOUND);
        let fragile = Arc::new(Fragile { inner, state });
        made = Some(fragile.clone());
        fragile as Arc<dyn Transport>
    };
    use_transport(&place.config, place.name(), wrap).unwrap();
    made.unwrap()
}

fn fill(file: &Arc<File>) {
    let old = group(&file.root(), "old");
    file.flush().unwrap();
    let new = group(&old, "new");
    integer(&new, "a", 1);
    integer(&old, "b", 2);
    integer(&old, "c", 3);
    old.rename_attribute("c", "d").unwrap();
    old.delete_attribute("b").unwrap();
    group(&old, "gone");
    old.delete_link("gone").unwrap();
    new.set_comment(Some("comment")).unwrap();
}

fn check(place: &Place) {
    let file = place.open(false);
    let old = file.root().open("old").unwrap();
    assert_eq!(value(&old, "d"), 3);
    assert!(!old.attribute_exists("b").unwrap() && !old.attribute_exists("c").unwrap());
    assert!(!old.link_exists("gone").unwrap());
    let new = old.open("new").unwrap();
    assert_eq!(value(&new, "a"), 1);
    assert_eq!(new.comment().unwrap().as_deref(), Some("comment"));
}

#[test]
fn changes_wait_for_a_server_that_is_away() {
    for state in [AWAY, DEAF] {
        let place = Place::new("away");
        let way = fragile(&place);
        let file = place.create();
        fill(&file);
        way.state.store(state, Ordering::SeqCst);
        let error = file.flush().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.to_string().contains("changes of"), "{error}");
        assert_eq!(file.close().unwrap_err().kind(), ErrorKind::Timeout);
        way.state.store(SOUND, Ordering::SeqCst);
        file.close().unwrap();
        drop(file);
        check(&place);
    }
}

/// Sent alone, so that it is no batch; somebody else changes the same before it is sent again.
#[test]
fn a_change_whose_answer_was_lost_is_not_made_twice() {
    let place = Place::new("once");
    let way = fragile(&place);
    let file = place.create();
    if !file.session().server().is_h5rest() {
        return;
    }
    let root = file.root();
    integer(&root, "a", 1);
    file.flush().unwrap();
    let on = format!("/groups/{}/attributes", root.id());
    for name in ["a", "b"] {
        way.state.store(DEAF, Ordering::SeqCst);
        match root.open_attribute(name) {
            Ok(attribute) => attribute.write(2i32.to_le_bytes().to_vec()).unwrap(),
            Err(_) => integer(&root, name, 2),
        }
        file.flush().unwrap_err();
        let other = json!({"type": "H5T_STD_I32LE", "value": 3});
        let path = format!("{on}/{name}?replace=1");
        let status = ask(&place, "PUT", &path, &other);
        assert!((200..300).contains(&status), "{status}");
        way.state.store(SOUND, Ordering::SeqCst);
        file.flush().unwrap();
    }
    file.close().unwrap();
    drop((root, file));
    let root = place.open(false).root();
    assert_eq!((value(&root, "a"), value(&root, "b")), (3, 3));
}

/// A change that waits while the server is away is as little welcome afterwards as it would have been then, if
/// somebody else has taken the name.
#[test]
fn what_somebody_else_made_meanwhile_is_not_replaced() {
    let place = Place::new("meanwhile");
    let way = fragile(&place);
    let file = place.create();
    if !file.session().server().is_h5rest() {
        return;
    }
    let root = file.root();
    way.state.store(AWAY, Ordering::SeqCst);
    integer(&root, "a", 2);
    integer(&root, "b", 2);
    file.flush().unwrap_err();
    let other = json!({"type": "H5T_STD_I32LE", "value": 3});
    let path = format!("/groups/{}/attributes/a", root.id());
    let status = ask(&place, "PUT", &path, &other);
    assert!((200..300).contains(&status), "{status}");
    way.state.store(SOUND, Ordering::SeqCst);
    let error = file.flush().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists, "{error}");
    file.close().unwrap();
    drop((root, file));
    let root = place.open(false).root();
    assert_eq!((value(&root, "a"), value(&root, "b")), (3, 2));
}

#[test]
fn changes_made_after_the_last_close_are_sent() {
    let place = Place::new("weak");
    let file = place.create();
    let made = group(&file.root(), "g");
    file.close().unwrap();
    drop(file);
    integer(&made, "a", 7);
    drop(made);
    let file = place.open(false);
    assert_eq!(value(&file.root().open("g").unwrap(), "a"), 7);
}

#[test]
fn old_changes_are_sent_without_being_asked_for() {
    let place = Place::new("old");
    let file = place.create();
    let root = file.root().id();
    group(&file.root(), "g");
    let path = format!("/groups/{root}/links/g");
    let asked = || ask(&place, "GET", &path, &Value::Null);
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while asked() != 200 {
        assert!(
            std::time::Instant::now() < patience,
            "the group was never sent"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
