//! Changes that follow from others: the old link of what was moved goes only if the new one was made,
//! and an object only if its last link went, and was still its link.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use h5rest_client::{Request, Response, Sink, Transport, TransportError};
use h5rest_protocol::Datatype;
use h5rest_protocol::selection::all;
use hdf5_vol_rest::connector::{ErrorKind, File, Object, use_transport};
use serde_json::{Value, json};

use super::late::{AWAY, DEAF, SOUND, ask, fragile, integer, value};
use super::{PLAIN, Place, dataset, group};

/// Gives the user who asks these rights with the domain, or with a group of it.
fn allow(place: &Place, group: Option<&Object>, rights: Value) {
    let own = group.map_or(String::new(), |group| format!("/groups/{}", group.id()));
    let path = format!("{own}/acls/{}", place.server.endpoint().username);
    assert_eq!(ask(place, "PUT", &path, &rights), 201);
    // HSDS remembers what the rights were, until it is told to forget.
    let forget = json!({"meta_only": true});
    assert_eq!(ask(place, "DELETE", "/?meta_only=1", &forget), 200);
}

fn allow_all(place: &Place) {
    let all = json!({"create": true, "read": true, "update": true, "delete": true});
    allow(place, None, all);
}

fn numbers(at: &Object, name: &str) {
    let made = dataset(at, name, Datatype::integer(1, true), &[2]);
    made.write(&all(&[2]), vec![1, 2].into()).unwrap();
}

/// Whether there is a dataset of this name that another program can read.
#[track_caller]
fn check_numbers(place: &Place, name: &str) {
    let file = File::open(&place.config_elsewhere(), place.name(), false).unwrap();
    let found = file.root().open(name).unwrap();
    let mut read = [0; 2];
    found.read_into(&all(&[2]), &mut read).unwrap();
    assert_eq!(read, [1, 2]);
}

#[track_caller]
fn check_absent(place: &Place, name: &str) {
    let file = File::open(&place.config_elsewhere(), place.name(), false).unwrap();
    assert!(!file.root().link_exists(name).unwrap(), "{name}");
}

/// A file with a dataset, opened again so that it is not one that the session has made, and all of whose
/// links are known.
fn with_numbers(place: &Place) -> Arc<File> {
    let file = place.create();
    numbers(&file.root(), "d");
    file.close().unwrap();
    drop(file);
    let file = place.open(true);
    assert_eq!(file.root().open("d").unwrap().info().unwrap().rc, 1);
    assert!(!file.root().link_exists("e").unwrap());
    file
}

/// The one failure that a flush tells.
#[track_caller]
fn one_failure(file: &File, words: &str) {
    let error = file.flush().unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
    assert!(!error.contains(" changes of '"), "more than one: {error}");
    file.flush().unwrap();
}

fn moves_without_the_right_to_create(place: &Place) {
    let file = with_numbers(place);
    let root = file.root();
    allow(place, None, json!({"create": false}));
    root.move_link("d", &root, "e", &PLAIN).unwrap();
    one_failure(&file, "cannot create link 'e'");
    allow_all(place);
    root.open("d").unwrap();
    check_numbers(place, "d");
    check_absent(place, "e");
    // It can be done later.
    root.refresh().unwrap();
    root.move_link("d", &root, "e", &PLAIN).unwrap();
    file.close().unwrap();
    check_numbers(place, "e");
    check_absent(place, "d");
}

#[test]
fn a_link_that_must_not_be_made_keeps_its_place() {
    moves_without_the_right_to_create(&Place::new("move"));
}

fn moves_where_somebody_else_is_faster(place: &Place) {
    let file = with_numbers(place);
    let root = file.root();
    let theirs = json!({"link": {"id": root.id(), "name": "e"}});
    assert_eq!(ask(place, "POST", "/groups", &theirs), 201);
    root.move_link("d", &root, "e", &PLAIN).unwrap();
    // Not in the same lot, either.
    file.session().finish().unwrap_err();
    numbers(&root, "f");
    file.close().unwrap();
    drop((root, file));
    check_numbers(place, "d");
    let file = place.open(false);
    assert_eq!(
        file.root().open("e").unwrap().group_info().unwrap().links,
        0
    );
}

#[test]
fn a_link_whose_new_name_is_taken_keeps_the_old_one() {
    moves_where_somebody_else_is_faster(&Place::new("taken"));
}

#[test]
fn a_link_of_somebody_else_is_not_moved_on() {
    let place = Place::new("chain");
    let file = with_numbers(&place);
    let root = file.root();
    let theirs = json!({"link": {"id": root.id(), "name": "e"}});
    assert_eq!(ask(&place, "POST", "/groups", &theirs), 201);
    root.move_link("d", &root, "e", &PLAIN).unwrap();
    root.move_link("e", &root, "f", &PLAIN).unwrap();
    file.flush().unwrap_err();
    file.close().unwrap();
    drop((root, file));
    check_numbers(&place, "d");
    check_numbers(&place, "f");
    let root = place.open(false).root();
    assert_eq!(root.open("e").unwrap().group_info().unwrap().links, 0);
}

/// Of another encoding: also on h5rest it is a new attribute, and the old one deleted.
#[test]
fn an_attribute_that_must_not_be_made_keeps_its_name() {
    let place = Place::new("rename");
    let file = place.create();
    integer(&file.root(), "a", 7);
    file.close().unwrap();
    drop(file);
    let file = place.open(true);
    assert_eq!(value(&file.root(), "a"), 7);
    allow(&place, None, json!({"create": false}));
    file.root().rename_attribute("a", "ä").unwrap();
    one_failure(&file, "cannot create attribute 'ä'");
    allow_all(&place);
    assert_eq!(value(&file.root(), "a"), 7);
    file.close().unwrap();
    drop(file);
    let root = place.open(false).root();
    assert_eq!(value(&root, "a"), 7);
    assert!(!root.attribute_exists("ä").unwrap());
}

#[test]
fn what_must_not_be_unlinked_is_not_deleted() {
    for open in [false, true] {
        let place = Place::new("kept");
        let file = place.create();
        if !file.session().server().is_h5rest() {
            // Rights of single objects are not known there.
            return;
        }
        let outer = group(&file.root(), "outer");
        group(&outer, "g");
        numbers(&outer.open("g").unwrap(), "d");
        file.close().unwrap();
        drop((outer, file));
        let file = place.open(true);
        let outer = file.root().open("outer").unwrap();
        let handles = open.then(|| outer.open("g/d").unwrap());
        allow(
            &place,
            Some(&outer),
            json!({"read": true, "create": true, "update": true, "delete": false, "updateACL": true}),
        );
        outer.delete_link("g").unwrap();
        one_failure(&file, "cannot delete link 'g' in group '/outer'");
        // One that was open goes with its last handle, if at all.
        drop(handles);
        file.flush().unwrap();
        check_numbers(&place, "outer/g/d");
        outer.refresh().unwrap();
        let kept = outer.open("g").unwrap();
        assert_eq!(kept.info().unwrap().rc, 1);
        assert_eq!(kept.open("d").unwrap().info().unwrap().rc, 1);
        drop(kept);
        allow(&place, Some(&outer), json!({"delete": true}));
        outer.delete_link("g").unwrap();
        file.close().unwrap();
        check_absent(&place, "outer/g");
    }
}

/// Without the right to delete anything, only the first failure is told.
#[test]
fn what_follows_from_a_refused_change_is_no_failure_of_its_own() {
    let place = Place::new("told");
    let file = with_numbers(&place);
    allow(&place, None, json!({"delete": false}));
    file.root().delete_link("d").unwrap();
    one_failure(&file, "cannot delete link 'd'");
    allow_all(&place);
    file.root().refresh().unwrap();
    let id = file.root().open("d").unwrap().id();
    file.root().delete_link("d").unwrap();
    file.close().unwrap();
    assert_ne!(
        ask(&place, "GET", &format!("/datasets/{id}"), &json!({})),
        200
    );
}

fn somebody_else_moves(place: &Place, from: &str, to: &str) {
    let file = File::open(&place.config_elsewhere(), place.name(), true).unwrap();
    let root = file.root();
    root.move_link(from, &root, to, &PLAIN).unwrap();
    file.close().unwrap();
}

fn deletes_what_somebody_has_moved(place: &Place) {
    let file = with_numbers(place);
    somebody_else_moves(place, "d", "e");
    file.root().delete_link("d").unwrap();
    one_failure(&file, "cannot delete link 'd' in group '/'");
    check_numbers(place, "e");
    // Nor if something else is there now.
    file.root().refresh().unwrap();
    assert!(file.root().link_exists("e").unwrap());
    somebody_else_moves(place, "e", "d");
    let theirs = json!({"link": {"id": file.root().id(), "name": "e"}});
    assert_eq!(ask(place, "POST", "/groups", &theirs), 201);
    file.root().delete_link("e").unwrap();
    one_failure(&file, "cannot delete link 'e' in group '/'");
    check_numbers(place, "d");
    file.root().refresh().unwrap();
    assert!(file.root().open("e").unwrap().group_info().is_ok());
}

#[test]
fn what_somebody_else_has_moved_is_not_deleted() {
    deletes_what_somebody_has_moved(&Place::new("moved"));
}

/// Sent at once, each change alone, the call itself fails.
#[test]
fn calls_that_do_not_wait_fail_themselves() {
    let mut place = Place::new("at_once");
    place.config.write_behind = false;
    let file = with_numbers(&place);
    let root = file.root();
    allow(&place, None, json!({"create": false}));
    let error = root.move_link("d", &root, "e", &PLAIN).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    allow_all(&place);
    check_numbers(&place, "d");
    somebody_else_moves(&place, "d", "e");
    let error = root.delete_link("d").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    check_numbers(&place, "e");
    root.refresh().unwrap();
    root.delete_link("e").unwrap();
    file.close().unwrap();
    check_absent(&place, "e");
}

#[test]
fn what_was_moved_while_the_server_was_away_is_not_deleted() {
    let place = Place::new("meanwhile");
    let way = fragile(&place);
    let file = with_numbers(&place);
    way.state.store(AWAY, Ordering::SeqCst);
    file.root().delete_link("d").unwrap();
    assert_eq!(file.flush().unwrap_err().kind(), ErrorKind::Timeout);
    somebody_else_moves(&place, "d", "e");
    way.state.store(SOUND, Ordering::SeqCst);
    one_failure(&file, "cannot delete link 'd' in group '/'");
    check_numbers(&place, "e");
}

#[test]
fn what_was_done_when_its_answer_was_lost_counts_as_done() {
    for state in [AWAY, DEAF] {
        let place = Place::new("lost");
        let way = fragile(&place);
        let file = with_numbers(&place);
        let root = file.root();
        numbers(&root, "gone");
        file.close().unwrap();
        drop((root, file));
        let file = place.open(true);
        let root = file.root();
        let gone = {
            let gone = root.open("gone").unwrap();
            assert_eq!(gone.info().unwrap().rc, 1);
            gone.id()
        };
        way.state.store(state, Ordering::SeqCst);
        root.move_link("d", &root, "e", &PLAIN).unwrap();
        root.delete_link("gone").unwrap();
        assert_eq!(file.flush().unwrap_err().kind(), ErrorKind::Timeout);
        file.flush().unwrap_err();
        way.state.store(SOUND, Ordering::SeqCst);
        file.flush().unwrap();
        check_numbers(&place, "e");
        check_absent(&place, "d");
        check_absent(&place, "gone");
        assert_ne!(
            ask(&place, "GET", &format!("/datasets/{gone}"), &json!({})),
            200
        );
    }
}

/// A server as it was before it could be told conditions.
#[derive(Debug)]
struct Older(Arc<dyn Transport>);

impl Transport for Older {
    fn send(&self, request: &Request, sink: Sink<'_>) -> Result<Response, TransportError> {
        let body = request.body.as_ref().map(|(_, body)| body.to_vec());
        let body = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
        assert!(!request.to_string().contains("leads_to"), "{request}");
        assert!(
            !body.contains("leads_to") && !body.contains("if_done"),
            "{body}"
        );
        let mut response = self.0.send(request, sink)?;
        let feature = b"conditional_changes";
        let at = response
            .body
            .windows(feature.len())
            .position(|part| part == feature);
        if let Some(at) = at {
            response.body[at..at + feature.len()].copy_from_slice(b"________________cha");
        }
        Ok(response)
    }
}

#[test]
fn an_older_server_is_sent_what_depends_on_others_apart() {
    for scenario in [
        moves_without_the_right_to_create,
        moves_where_somebody_else_is_faster,
        deletes_what_somebody_has_moved,
    ] {
        let place = Place::new("older");
        let wrap = |inner| Arc::new(Older(inner)) as Arc<dyn Transport>;
        use_transport(&place.config, place.name(), wrap).unwrap();
        scenario(&place);
        let file = place.open(false);
        assert!(!file.session().server().has(h5rest_client::CONDITIONAL));
    }
}
