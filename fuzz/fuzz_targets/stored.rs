//! What a server finds in its store: records that were changed, segment files, backups. Damage is told, and
//! never taken for what was written.
#![no_main]

use std::ops::ControlFlow;
use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use bytes::Bytes;
use h5rest_fuzz::server::Server;
use h5rest_fuzz::{changes, documents, requests};
use h5rest_server::backup::{Export, Import};
use h5rest_server::fuzzing::SegmentFile;
use h5rest_server::store::{Store, StoreError};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

/// Requests to a server with damaged records, at most.
const MOST: usize = 4;
/// The key of the value in a segment.
const KEY: &[u8] = b"key";
/// Bytes of that value: a few blocks with a checksum each, the last one not a whole one.
const LENGTH: usize = 150_000;

type Records = Vec<(Vec<u8>, Bytes)>;

fuzz_target!(|bytes: &[u8]| {
    let mut u = Unstructured::new(bytes);
    let _ = match u.int_in_range(0..=5) {
        Ok(0 | 1) => segment(&mut u),
        Ok(2) => backup(&mut u),
        Ok(_) => records(&mut u),
        Err(_) => Ok(()),
    };
});

/// Whatever records say, nothing breaks down: neither `h5rest fsck` nor requests.
fn records(u: &mut Unstructured) -> Result<()> {
    let server = Server::with_domain();
    let known = all(server.store());
    for _ in 0..u.int_in_range(1..=4)? {
        let (key, value) = u.choose(&known)?;
        let (mut key, mut value) = (key.clone(), value.to_vec());
        match u.int_in_range(0..=9)? {
            0 => value.clear(),
            1 => value = u.choose(&known)?.1.to_vec(),
            2 => changes::change(u, &mut key)?,
            3 => value = documents::any(u, 4)?.to_string().into_bytes(),
            _ => changes::change(u, &mut value)?,
        }
        let gone = u.ratio(1, 8)?;
        let changed = server.store().write(move |change| {
            match gone {
                true => change.delete(key),
                false => change.put(key, value),
            }
            Ok::<(), StoreError>(())
        });
        changed.expect("memory takes everything");
    }
    let _ = server.problems();
    for _ in 0..MOST {
        if u.is_empty() {
            break;
        }
        if let Some(request) = requests::request(u)? {
            let _ = server.send(request);
        }
    }
    let _ = server.problems();
    Ok(())
}

/// A backup gives back what it was made of; one that was changed is refused.
fn backup(u: &mut Unstructured) -> Result<()> {
    static SOUND: LazyLock<(Records, Vec<u8>)> = LazyLock::new(|| {
        let server = Server::with_domain();
        let reader = server.store().read().expect("a snapshot");
        let pieces = Export::new(reader).map(|piece| piece.expect("a piece"));
        (all(server.store()), pieces.flatten().collect())
    });
    let (records, sound) = &*SOUND;
    let mut bytes = sound.clone();
    if u.ratio(7, 8)? {
        changes::change(u, &mut bytes)?;
    }
    let store = Store::in_memory();
    let mut import = Import::into(&store);
    let step = u.int_in_range(1..=bytes.len().max(1))?;
    let taken = bytes.chunks(step).try_for_each(|piece| import.take(piece));
    let whole = taken.is_ok() && import.finish().is_ok();
    if bytes == *sound {
        assert!(whole && all(&store) == *records, "other records");
    } else if bytes.last_chunk::<4>() == sound.last_chunk() {
        // With another checksum it may be the backup of another store.
        assert!(!whole, "a changed backup of {} bytes", bytes.len());
    }
    Ok(())
}

/// A value of a segment is what was written, or there is none.
fn segment(u: &mut Unstructured) -> Result<()> {
    static PLACE: LazyLock<(TempDir, Bytes, SegmentFile)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let value: Bytes = (0..LENGTH).map(|n| (n * n / 7) as u8).collect();
        let file = SegmentFile::new(folder.path(), KEY, value.clone());
        (folder, value, file.expect("a segment"))
    });
    let (_, value, file) = &*PLACE;
    let (mut bytes, mut record) = (file.bytes.clone(), file.record.clone());
    if u.arbitrary()? {
        changes::change(u, &mut bytes)?;
    }
    if u.arbitrary()? {
        changes::change(u, &mut record)?;
    }
    file.write(&bytes);
    let entries = file.entries();
    if bytes == file.bytes {
        assert_eq!(entries, Some(1));
    }
    let found = file.value(KEY, &record);
    let from = u.int_in_range(0..=LENGTH)?;
    let length = u.int_in_range(0..=LENGTH - from)?;
    let part = file.part(KEY, &record, from, length);
    if record.last_chunk::<4>() != file.record.last_chunk() {
        // With another checksum it may be the record of another value.
        return Ok(());
    }
    assert!(found.is_none_or(|found| found == value), "another value");
    assert!(
        part.is_none_or(|part| part == value[from..from + length]),
        "another part from {from}, {length} bytes"
    );
    Ok(())
}

fn all(store: &Store) -> Records {
    let mut records = Vec::new();
    let reader = store.read().expect("a snapshot");
    let scanned = reader.scan(&[], &[u8::MAX], &mut |key, value| {
        records.push((key.to_vec(), value));
        ControlFlow::Continue(())
    });
    scanned.expect("memory can be read");
    records
}
