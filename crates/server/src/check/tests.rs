//! Every kind of damage is found, and a sound store has none.

use bytes::Bytes;
use serde_json::json;

use super::*;
use crate::model::domains::{self, NewDomain};
use crate::store::StoreError;
use crate::store::keys::Part;

/// A store with one domain, and its root group.
fn sound() -> (Store, ObjectId) {
    let store = Store::in_memory();
    let root = ObjectId::new_root();
    for (path, root) in [("/home", None), ("/home/f", Some(root))] {
        write(&store, move |change, store| {
            let new = NewDomain {
                path: path.into(),
                owner: "u".into(),
                root,
                linked: false,
                root_properties: None,
            };
            domains::create(change, store, &new).map(drop)
        });
    }
    (store, root)
}

fn write(
    store: &Store,
    change: impl FnOnce(&mut crate::store::Overlay<'_>, &Store) -> Result<()> + Send + 'static,
) {
    let clock = Store::in_memory();
    store.write(move |overlay| change(overlay, &clock)).unwrap();
}

fn put(store: &Store, key: Vec<u8>, value: impl Into<Bytes>) {
    let value = value.into();
    store
        .write(move |change| {
            change.put(key, value);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

fn delete(store: &Store, key: Vec<u8>) {
    store
        .write(move |change| {
            change.delete(key);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

fn findings(store: &Store) -> Vec<String> {
    let mut found = Vec::new();
    check(store, false, &mut |finding| {
        found.push(match finding {
            Finding::Problem(text) => format!("problem: {text}"),
            Finding::Note(text) => format!("note: {text}"),
        });
    })
    .unwrap();
    found
}

/// What `check` says after `damage` of a sound store; exactly one finding with these words.
fn finds(words: &str, damage: impl FnOnce(&Store, ObjectId)) {
    let (store, root) = sound();
    assert_eq!(findings(&store), Vec::<String>::new());
    damage(&store, root);
    let found = findings(&store);
    assert!(
        found.len() == 1 && found[0].contains(words),
        "{words}: {found:?}"
    );
}

fn dataset(store: &Store, root: ObjectId) -> ObjectId {
    let id = root.new_in_domain(h5rest_protocol::ObjectClass::Dataset);
    let header = json!({
        "created": 1.0, "chunk": [4],
        "type": {"class": "H5T_INTEGER", "base": "H5T_STD_I8LE"},
    });
    put(store, keys::part(id, Part::Header), header.to_string());
    let counters = r#"{"modified": 1, "links": 0, "attributes": 0, "made": 0}"#;
    put(store, keys::part(id, Part::Counters), counters);
    let shape = r#"{"class": "H5S_SIMPLE", "dims": [6]}"#;
    put(store, keys::part(id, Part::Extent), shape);
    put(store, keys::chunk(id, &[1]), &b"abcd"[..]);
    id
}

#[test]
fn sound_store_is_counted() {
    let (store, root) = sound();
    dataset(&store, root);
    let summary = check(&store, false, &mut |finding| panic!("{finding:?}")).unwrap();
    assert_eq!(
        (summary.domains, summary.folders, summary.objects),
        (1, 1, 2)
    );
    assert_eq!((summary.chunks, summary.bytes), (1, 4));
}

#[test]
fn domains_without_what_they_need() {
    finds("does not exist", |store, _| {
        delete(store, keys::domain("/home"))
    });
    finds("root group", |store, root| {
        delete(store, keys::part(root, Part::Counters));
        delete(store, keys::part(root, Part::Header));
    });
    let (store, _) = sound();
    put(&store, keys::domain("/home/f"), "{}");
    let found = findings(&store);
    assert!(
        found[0].starts_with("problem: domain /home/f: "),
        "{found:?}"
    );
    assert!(found[1].starts_with("note: the objects of"), "{found:?}");
}

#[test]
fn objects_that_contradict_themselves() {
    finds("no description", |store, root| {
        let id = dataset(store, root);
        delete(store, keys::part(id, Part::Header));
        delete(store, keys::chunk(id, &[1]));
    });
    finds("missing", |store, root| {
        delete(store, keys::part(root, Part::Counters))
    });
    finds("3 are counted", |store, root| {
        let counters = r#"{"modified": 1, "links": 3, "attributes": 0, "made": 3}"#;
        put(store, keys::part(root, Part::Counters), counters);
    });
    finds("unreadable record", |store, root| {
        put(store, keys::part(root, Part::Header), "not JSON");
    });
    finds("annotations: ", |store, root| {
        put(store, keys::part(root, Part::Annotations), "[]");
    });
    finds("access rights: ", |store, root| {
        put(store, keys::part(root, Part::Acls), "[]");
    });
}

#[test]
fn links_and_attributes() {
    let counters = r#"{"modified": 1, "links": 1, "attributes": 0, "made": 1}"#;
    let link = |number: u64| {
        let gone = ObjectId::new_root();
        let item = json!({"class": "H5L_TYPE_HARD", "id": gone.to_string()});
        json!({"created": 1.0, "number": number, "item": item}).to_string()
    };
    finds("note: link 'a' of", |store, root| {
        put(store, keys::part(root, Part::Counters), counters);
        put(store, keys::named(root, Part::Link, "a"), link(0));
    });
    let soft = |number: u64| {
        let item = json!({"class": "H5L_TYPE_SOFT", "h5path": "x"});
        json!({"created": 1.0, "number": number, "item": item}).to_string()
    };
    finds("number 1 is not its own", |store, root| {
        put(store, keys::part(root, Part::Counters), counters);
        put(store, keys::named(root, Part::Link, "a"), soft(1));
    });
    let counters = r#"{"modified": 1, "links": 0, "attributes": 1, "made": 1}"#;
    finds("cut short", |store, root| {
        put(store, keys::part(root, Part::Counters), counters);
        put(store, keys::named(root, Part::Attribute, "a"), "x");
    });
}

#[test]
fn chunks_outside_and_of_the_wrong_size() {
    finds("chunk [2] lies outside", |store, root| {
        let id = dataset(store, root);
        put(store, keys::chunk(id, &[2]), &b"abcd"[..]);
    });
    finds("has 3 bytes", |store, root| {
        let id = dataset(store, root);
        put(store, keys::chunk(id, &[0]), &b"abc"[..]);
    });
    finds("wrong checksum", |store, root| {
        let id = dataset(store, root);
        let header = json!({
            "created": 1.0, "chunk": [4], "filtering": crate::values::filters::CURRENT,
            "type": {"class": "H5T_INTEGER", "base": "H5T_STD_I8LE"},
            "creation": {"filters": [{"class": "H5Z_FILTER_FLETCHER32"}]},
        });
        put(store, keys::part(id, Part::Header), header.to_string());
    });
    finds("are of no domain", |store, _| {
        dataset(store, ObjectId::new_root());
    });
}

#[test]
fn answers_to_changes() {
    use crate::repetition::{Key, Kind, Repetitions};
    use std::sync::Arc;

    fn answer(store: &Store, time: f64) -> Vec<u8> {
        let known = Arc::new(Repetitions::default());
        let key = Key {
            kind: Kind::Request,
            user: "u".into(),
            domain: "/d".into(),
            id: "n".into(),
        };
        write(store, move |change, _| {
            known
                .once(change, time, &key, |_| Ok(json!("made")))
                .map(drop)
        });
        let (prefix, mut last) = (keys::answers(), Vec::new());
        let end = keys::end_of(&prefix);
        let keep = &mut |key: &[u8], _| {
            last = key.to_vec();
            ControlFlow::Continue(())
        };
        let reader = store.read().unwrap();
        reader.scan_sizes(&prefix, &end, keep).unwrap();
        last
    }
    let (store, _) = sound();
    let now = store.clock.now();
    answer(&store, now);
    let summary = check(&store, false, &mut |finding| panic!("{finding:?}")).unwrap();
    assert_eq!(summary.answers, 1);
    finds("has two answers", |store, _| {
        answer(store, now);
        answer(store, now + 1.0);
    });
    finds("problem: the answer to the change of", |store, _| {
        let key = answer(store, now);
        put(store, key, &b"\x07"[..]);
    });
    finds("answers no change", |store, _| {
        put(store, [&keys::answers()[..], b"x"].concat(), "x");
    });
    finds(
        "note: 1 answers to changes have an earlier form",
        |store, _| {
            put(store, [&keys::answers()[..], &[1; 33]].concat(), "x");
        },
    );
    finds(
        "note: 1 answers to changes are of a time to come",
        |store, _| {
            answer(store, now + 1e6);
        },
    );
}
