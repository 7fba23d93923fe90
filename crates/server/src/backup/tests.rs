//! A backup brings everything across, and nothing that is not whole.

use std::ops::ControlFlow;

use bytes::Bytes;

use super::*;
use crate::store::{Store, StoreError, StoreResult};

fn filled() -> Store {
    let store = Store::in_memory();
    store
        .write(|change| {
            for n in 0..2000u32 {
                let value = vec![n as u8; (n as usize * 37) % 5000];
                change.put(n.to_be_bytes().to_vec(), value);
            }
            change.put(b"large".to_vec(), vec![7; 3 << 20]);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    store
}

fn records(store: &Store) -> Vec<(Vec<u8>, Bytes)> {
    let mut found = Vec::new();
    let reader = store.read().unwrap();
    reader
        .scan(&[], &[u8::MAX], &mut |key, value| {
            found.push((key.to_vec(), value));
            ControlFlow::Continue(())
        })
        .unwrap();
    found
}

fn backup(store: &Store) -> Vec<u8> {
    let pieces = Export::new(store.read().unwrap());
    pieces.flat_map(|piece| piece.unwrap()).collect()
}

fn restore(backup: &[u8], piece: usize) -> StoreResult<(u64, Store)> {
    let store = Store::in_memory();
    let mut import = Import::into(&store);
    for piece in backup.chunks(piece) {
        import.take(piece)?;
    }
    let count = import.finish()?;
    Ok((count, store))
}

#[test]
fn everything_comes_across() {
    let store = filled();
    let backup = backup(&store);
    for piece in [1000, 1 << 16, usize::MAX] {
        let (count, copy) = restore(&backup, piece).unwrap();
        assert_eq!(count, 2001);
        assert!(records(&copy) == records(&store));
    }
    let (count, copy) = restore(&super::tests::backup(&Store::in_memory()), 7).unwrap();
    assert_eq!((count, records(&copy).len()), (0, 0));
}

#[test]
fn later_changes_do_not_show() {
    let store = filled();
    let before = records(&store);
    let mut export = Export::new(store.read().unwrap());
    let mut backup = export.next().unwrap().unwrap().to_vec();
    store
        .write(|change| {
            change.delete_range(vec![0], vec![9]);
            change.put(b"new".to_vec(), b"x".to_vec());
            Ok::<_, StoreError>(())
        })
        .unwrap();
    export.for_each(|piece| backup.extend_from_slice(&piece.unwrap()));
    let (_, copy) = restore(&backup, 1 << 16).unwrap();
    assert!(records(&copy) == before);
}

#[test]
fn what_is_not_whole_is_refused() {
    let whole = backup(&filled());
    for cut in [0, 5, 16, 1000, whole.len() - 4, whole.len() - 1] {
        assert!(restore(&whole[..cut], 1 << 16).is_err(), "cut at {cut}");
    }
    for at in [3, 20, 5000, whole.len() - 10, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(restore(&changed, 1 << 16).is_err(), "changed at {at}");
    }
    assert!(restore(&[&whole[..], b"x"].concat(), 1 << 16).is_err());
}
