//! One contract for every backend.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;

use super::*;

fn backends() -> Vec<(Store, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let local = Store::in_folder(folder.path()).unwrap();
    vec![(Store::in_memory(), None), (local, Some(folder))]
}

fn put(store: &Store, key: &str, value: &str) {
    let (key, value) = (key.as_bytes().to_vec(), value.as_bytes().to_vec());
    store
        .write(move |change| {
            change.put(key, value);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

fn keys(reader: &dyn Reader, start: &str, end: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut visit = |key: &[u8], _: Bytes| {
        found.push(String::from_utf8(key.to_vec()).unwrap());
        ControlFlow::Continue(())
    };
    reader
        .scan(start.as_bytes(), end.as_bytes(), &mut visit)
        .unwrap();
    found
}

#[test]
fn snapshots_do_not_change() {
    for (store, _folder) in backends() {
        put(&store, "a", "1");
        let before = store.read().unwrap();
        put(&store, "a", "2");
        put(&store, "b", "3");
        assert_eq!(before.get(b"a").unwrap().unwrap(), "1");
        assert_eq!(keys(&*before, "a", "z"), ["a"]);
        let after = store.read().unwrap();
        assert_eq!(after.get(b"a").unwrap().unwrap(), "2");
        assert_eq!(keys(&*after, "a", "b"), ["a"]);
        assert!(after.any(b"b", b"c").unwrap() && !after.any(b"c", b"z").unwrap());
    }
}

#[test]
fn a_refused_change_leaves_nothing() {
    for (store, _folder) in backends() {
        put(&store, "a", "1");
        let outcome: Result<(), StoreError> = store.write(|change| {
            change.put(b"a".to_vec(), b"2".to_vec());
            change.delete_range(b"a".to_vec(), b"b".to_vec());
            assert_eq!(
                change.get(b"a").unwrap(),
                None,
                "a change sees its own effect"
            );
            change.put(b"a".to_vec(), b"3".to_vec());
            assert_eq!(change.get(b"a").unwrap().unwrap(), "3");
            Err(StoreError::Damaged("no".into()))
        });
        assert!(outcome.is_err());
        assert_eq!(store.read().unwrap().get(b"a").unwrap().unwrap(), "1");
    }
}

#[test]
fn ranges_are_deleted_before_keys_are_set() {
    for (store, _folder) in backends() {
        for key in ["a1", "a2", "b"] {
            put(&store, key, "x");
        }
        store
            .write(|change| {
                change.delete_range(b"a".to_vec(), b"b".to_vec());
                change.put(b"a3".to_vec(), b"y".to_vec());
                Ok::<_, StoreError>(())
            })
            .unwrap();
        assert_eq!(keys(&*store.read().unwrap(), "a", "z"), ["a3", "b"]);
    }
}

#[test]
fn concurrent_changes_are_all_done() {
    for (store, _folder) in backends() {
        let store = Arc::new(store);
        let count_up = |store: &Store| {
            store.write(|change| {
                let old = change.get(b"n")?.map_or(0, |v| v[0]);
                change.put(b"n".to_vec(), vec![old + 1]);
                Ok::<_, StoreError>(())
            })
        };
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..20).for_each(|_| count_up(&store).unwrap()));
            }
        });
        assert_eq!(store.read().unwrap().get(b"n").unwrap().unwrap()[0], 160);
    }
}

#[test]
fn a_change_that_breaks_down_leaves_nothing_and_others_go_on() {
    for (store, _folder) in backends() {
        let outcome: Result<(), StoreError> = store.write(|change| {
            change.put(b"a".to_vec(), b"1".to_vec());
            panic!("a test breaks down")
        });
        assert!(matches!(outcome, Err(StoreError::Failed(_))), "{outcome:?}");
        assert_eq!(store.read().unwrap().get(b"a").unwrap(), None);
        put(&store, "a", "2");
        assert_eq!(store.read().unwrap().get(b"a").unwrap().unwrap(), "2");
    }
}

#[test]
fn changes_are_made_without_a_thread_that_waits() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap();
    for (store, _folder) in backends() {
        let set = |n: u8| {
            store.submit(move |change| {
                change.put(vec![n], vec![n]);
                Ok::<_, StoreError>(n)
            })
        };
        let all: Vec<_> = (0..100).map(set).collect();
        for (n, made) in (0..).zip(all) {
            assert_eq!(runtime.block_on(made).unwrap(), n);
            // What is acknowledged is seen by whoever reads from then on.
            assert!(store.read().unwrap().get(&[n]).unwrap().is_some());
        }
        // Nobody awaits this one.
        drop(set(200));
        put(&store, "later", "1");
        assert!(store.read().unwrap().get(&[200]).unwrap().is_some());
    }
}

#[test]
fn a_store_may_end_with_its_last_change() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::in_folder(folder.path()).unwrap());
    let own = store.clone();
    let made = store.submit(move |change| {
        change.put(b"a".to_vec(), b"1".to_vec());
        drop(own);
        Ok::<_, StoreError>(())
    });
    drop(store);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(made).unwrap();
    // Its thread lets go of the folder when it ends.
    let store = loop {
        match Store::in_folder(folder.path()) {
            Ok(store) => break store,
            Err(_) => thread::yield_now(),
        }
    };
    assert_eq!(store.read().unwrap().get(b"a").unwrap().unwrap(), "1");
}

#[test]
fn what_was_seen_is_not_unseen() {
    for (store, _folder) in backends() {
        put(&store, "n", "0");
        let seen = || {
            let value = store.read().unwrap().get(b"n").unwrap().unwrap();
            String::from_utf8(value.to_vec())
                .unwrap()
                .parse::<u32>()
                .unwrap()
        };
        thread::scope(|scope| {
            let writer = scope.spawn(|| (1..=300).for_each(|n| put(&store, "n", &n.to_string())));
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut last = 0;
                    while last < 300 {
                        let now = seen();
                        assert!(now >= last, "{now} after {last}");
                        last = now;
                    }
                });
            }
            writer.join().unwrap();
            assert_eq!(seen(), 300);
        });
    }
}

#[test]
fn the_folder_keeps_what_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    {
        let store = Store::in_folder(folder.path()).unwrap();
        put(&store, "a", "1");
        assert!(
            Store::in_folder(folder.path()).is_err(),
            "two servers on one folder"
        );
    }
    let store = Store::in_folder(folder.path()).unwrap();
    assert_eq!(store.read().unwrap().get(b"a").unwrap().unwrap(), "1");
    assert!(!store.was_deleted(b"a"));
    store
        .write(|change| {
            change.delete(b"a".to_vec());
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert!(store.was_deleted(b"a"));
}

#[test]
fn large_values_take_and_give_back_space() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_folder(folder.path()).unwrap();
    let files = || {
        std::fs::read_dir(folder.path().join("segments"))
            .unwrap()
            .count()
    };
    let large = |byte: u8| Bytes::from(vec![byte; 3 << 20]);
    let set = |(key, payload): (Vec<u8>, Payload)| {
        let change = move |change: &mut Overlay<'_>| {
            change.put(key, payload);
            Ok::<_, StoreError>(())
        };
        store.write(change).unwrap();
    };
    let records = (1..=4).map(|n| (vec![b'`' + n], large(n))).collect();
    let mut prepared = store.prepare(records).unwrap().into_iter();
    (0..3).for_each(|_| set(prepared.next().unwrap()));
    drop(prepared);
    assert_eq!(
        files(),
        1,
        "the fourth value has a segment of its own, which was never used"
    );
    let before = store.read().unwrap();
    set((b"a".to_vec(), Bytes::from_static(b"small").into()));
    store
        .write(|change| {
            change.delete(b"b".to_vec());
            change.delete_range(b"c".to_vec(), b"d".to_vec());
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(
        before.get(b"c").unwrap().unwrap(),
        large(3),
        "a reader keeps what it sees"
    );
    let mut sizes = Vec::new();
    let mut visit = |_: &[u8], size| {
        sizes.push(size);
        ControlFlow::Continue(())
    };
    before.scan_sizes(b"a", b"z", &mut visit).unwrap();
    assert_eq!(sizes, [3 << 20; 3]);
    drop(before);
    assert_eq!(files(), 0);
    assert_eq!(store.read().unwrap().get(b"a").unwrap().unwrap(), "small");
}

/// Elements of a domain that is deleted by the same commit leave no file.
#[test]
fn large_values_that_come_and_go_in_one_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_folder(folder.path()).unwrap();
    let record = (b"a".to_vec(), Bytes::from(vec![1; 3 << 20]));
    let (key, payload) = store.prepare(vec![record]).unwrap().remove(0);
    let change = move |change: &mut Overlay<'_>| {
        change.put(key, payload);
        change.delete_range(b"a".to_vec(), b"b".to_vec());
        Ok::<_, StoreError>(())
    };
    store.write(change).unwrap();
    let files = std::fs::read_dir(folder.path().join("segments")).unwrap();
    assert_eq!(files.count(), 0);
}

#[test]
fn segments_survive_a_restart_and_leftovers_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let value = Bytes::from(vec![7; 100_000]);
    {
        let store = Store::in_folder(folder.path()).unwrap();
        let record = (b"a".to_vec(), value.clone());
        let (key, payload) = store.prepare(vec![record]).unwrap().remove(0);
        let change = move |change: &mut Overlay<'_>| {
            change.put(key, payload);
            Ok::<_, StoreError>(())
        };
        store.write(change).unwrap();
    }
    let leftover = folder.path().join("segments/0000000000000001");
    std::fs::write(&leftover, b"of a commit that never was").unwrap();
    let store = Store::in_folder(folder.path()).unwrap();
    assert_eq!(store.read().unwrap().get(b"a").unwrap().unwrap(), value);
    // The sweep runs beside; it ends, whatever the load.
    while leftover.exists() {
        thread::yield_now();
    }
    assert_eq!(store.read().unwrap().get(b"a").unwrap().unwrap(), value);
}

#[test]
fn the_database_shrinks_and_its_log_stays_short() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_folder(folder.path()).unwrap();
    let length = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().len();
    let write = |from: u32, to: u32| {
        let change = move |change: &mut Overlay<'_>| {
            for n in from..to {
                change.put(n.to_be_bytes().to_vec(), vec![n as u8; 1000]);
            }
            Ok::<_, StoreError>(())
        };
        store.write(change).unwrap();
        // Somebody who has read keeps nothing from happening.
        drop(store.read().unwrap());
    };
    (0..20).for_each(|n| write(n * 1000, n * 1000 + 1000));
    // The thread that tidies up is told again by each change while the log is long.
    let until = |done: &dyn Fn() -> bool| {
        while !done() {
            write(0, 1);
        }
    };
    until(&|| length("h5rest.db") > 20 << 20);
    let delete = |change: &mut Overlay<'_>| {
        change.delete_range(vec![0], vec![1]);
        Ok::<_, StoreError>(())
    };
    store.write(delete).unwrap();
    until(&|| length("h5rest.db") < 8 << 20);
    until(&|| length("h5rest.db-wal") < 32 << 20);
}

/// SQLite refuses records of 1,000,000,000 bytes, and then the whole transaction with all of a group.
#[test]
fn a_value_that_is_too_long_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_folder(folder.path()).unwrap();
    let long = |store: &Store| {
        store.write(|change| {
            change.put(b"long".to_vec(), vec![0; 1_000_000_000]);
            Ok::<_, StoreError>(())
        })
    };
    // Before it comes to SQLite, which would fail in another way.
    let refused = long(&store).unwrap_err();
    assert!(matches!(refused, StoreError::TooLarge(_)), "{refused}");
    let parts: Result<_, StoreError> = store.write(|change| {
        change.put(b"a".to_vec(), b"1".to_vec());
        let part = change.part(|change| {
            change.put(b"long".to_vec(), vec![0; 1_000_000_000]);
            Ok::<_, StoreError>(())
        });
        assert!(matches!(part, Err(StoreError::TooLarge(_))));
        Ok(())
    });
    parts.unwrap();
    let reader = store.read().unwrap();
    assert_eq!(keys(&*reader, "", "z"), ["a"]);
    // Memory has no such bound.
    long(&Store::in_memory()).unwrap();
}
