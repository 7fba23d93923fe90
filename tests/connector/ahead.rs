//! Objects that were not asked for yet: what comes with others, what is kept, what is believed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use h5rest_protocol::creation::{DatasetCreation, Layout};
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::{Datatype, Extent, Shape, StoredType};
use h5rest_testkit::TestServer;
use hdf5_vol_rest::connector::{CopyOptions, ErrorKind, File, IndexBy, Object, Order};
use serde_json::Map;

use super::{PLAIN, Place, dataset, group};

/// So many groups, or a few of them on HSDS, which takes its time for each.
fn some(place: &Place, groups: usize) -> usize {
    match place.server {
        TestServer::Own(_) => groups,
        TestServer::Given(_) => 60,
    }
}

/// Groups with an attribute each, in groups of 20, all numbered.
fn fill(place: &Place, groups: usize) {
    let file = place.create();
    for outer in 0..groups / 20 {
        let outer_group = group(&file.root(), &format!("g{outer}"));
        for inner in 0..20 {
            let made = group(&outer_group, &format!("g{inner}"));
            let ty = Datatype::integer(4, true).into();
            let attribute = made.create_attribute("number", ty, Shape::Scalar, CharSet::Ascii);
            let number = (outer * 20 + inner) as i32;
            attribute
                .unwrap()
                .write(number.to_le_bytes().into())
                .unwrap();
        }
    }
    file.close().unwrap();
}

fn number_of(object: &Object) -> i32 {
    let bytes = object.open_attribute("number").unwrap().read().unwrap();
    i32::from_le_bytes(bytes.try_into().unwrap())
}

/// Every group has its own number, whatever is kept.
fn walk(file: &std::sync::Arc<File>, groups: usize, most: u64) {
    for outer in 0..groups / 20 {
        let outer_group = file.root().open(&format!("g{outer}")).unwrap();
        for inner in 0..20 {
            let found = outer_group.open(&format!("g{inner}")).unwrap();
            assert_eq!(number_of(&found), (outer * 20 + inner) as i32);
            let kept = file.session().kept_bytes();
            assert!(kept <= most, "{kept} bytes are kept");
        }
    }
}

#[test]
fn what_is_kept_is_bounded() {
    let place = Place::new("bounded");
    let groups = some(&place, 1000);
    fill(&place, groups);
    // What is open is kept beyond that, and so is what was asked for last.
    const OPEN: u64 = 60_000;
    for bytes in [100_000, 0, 1 << 28] {
        let mut config = place.config.clone();
        config.cache_bytes = bytes;
        let file = File::open(&config, place.name(), false).unwrap();
        walk(&file, groups, bytes + OPEN);
        walk(&file, groups, bytes + OPEN);
    }
}

#[test]
fn links_of_what_was_given_up_stay_counted() {
    let place = Place::new("counted");
    let groups = some(&place, 400);
    fill(&place, groups);
    let mut config = place.config.clone();
    config.cache_bytes = 20_000;
    let file = File::open(&config, place.name(), true).unwrap();
    let root = file.root();
    let twice = root.open("g2/g3").unwrap();
    root.create_hard_link("again", &twice, &PLAIN).unwrap();
    assert_eq!(twice.info().unwrap().rc, 2);
    drop(twice);
    walk(&file, groups, u64::MAX);
    root.delete_link("again").unwrap();
    assert_eq!(number_of(&root.open("g2/g3").unwrap()), 43);
    assert_eq!(root.open("g2/g3").unwrap().info().unwrap().rc, 1);
    let token = root.open("g2/g3").unwrap().token();
    root.delete_link("g2/g3").unwrap();
    assert!(root.open_token(token).is_err());
}

#[test]
fn datatypes_of_what_was_given_up_are_found() {
    let place = Place::new("merged");
    let from = place.create();
    let plain = Datatype::integer(4, true);
    let commit = |at: &Object| {
        let made = at.commit_datatype(Some("type"), &PLAIN, plain.clone().into(), Map::new());
        StoredType {
            committed: Some(made.unwrap().id()),
            ..StoredType::from(plain.clone())
        }
    };
    let data = dataset(&from.root(), "data", commit(&from.root()), &[1]);
    let domain = place.beside("destination");
    let mut config = place.config.clone();
    config.cache_bytes = 10_000;
    let to = File::create(&config, domain.path(), true, Map::new()).unwrap();
    let own = commit(&group(&to.root(), "types"));
    let options = CopyOptions {
        merge_datatypes: true,
        ..CopyOptions::default()
    };
    for outer in 0..4 {
        let at = group(&to.root(), &format!("g{outer}"));
        data.copy(&at, "copy", &options, &PLAIN).unwrap();
        let copied = at.open("copy").unwrap().dataset().unwrap();
        assert_eq!(copied.ty.committed, own.committed, "copy {outer}");
        drop(at);
        // What the server has not got stays.
        to.flush().unwrap();
        let crowd = group(&to.root(), &format!("crowd{outer}"));
        (0..200).for_each(|inner| drop(group(&crowd, &format!("g{inner}"))));
    }
}

#[test]
fn users_of_datatypes_are_counted_once_whatever_is_kept() {
    const DATASETS: usize = 20;
    let place = Place::new("users");
    let attributes = some(&place, 100);
    let file = place.create();
    let [own, of_attributes] = ["own", "of attributes"].map(|name| {
        let ty = Datatype::integer(4, true);
        let made = file
            .root()
            .commit_datatype(Some(name), &PLAIN, ty.clone().into(), Map::new());
        StoredType {
            committed: Some(made.unwrap().id()),
            ..ty.into()
        }
    });
    for at in 0..DATASETS {
        let made = dataset(&file.root(), &format!("d{at}"), own.clone(), &[1]);
        // So many that they do not come with other objects.
        let many = if at % 5 == 2 { attributes } else { 0 };
        for number in 0..many {
            let ty = of_attributes.clone();
            made.create_attribute(&format!("{number}"), ty, Shape::Scalar, CharSet::Ascii)
                .unwrap();
        }
    }
    file.close().unwrap();
    drop(file);
    let mut config = place.config.clone();
    config.cache_bytes = 50_000;
    let file = File::open(&config, place.name(), true).unwrap();
    let all = [
        1 + DATASETS as u32,
        1 + DATASETS as u32 / 5 * attributes as u32,
    ];
    let counts =
        || ["own", "of attributes"].map(|name| file.root().open(name).unwrap().info().unwrap().rc);
    for round in 0..3 {
        for at in 0..DATASETS {
            let dataset = file.root().open(&format!("d{at}")).unwrap();
            let found = dataset.attributes(IndexBy::Name, Order::Native).unwrap();
            assert_eq!(found.is_empty(), at % 5 != 2);
            drop(dataset);
            let counts = counts();
            let known = counts == all || (round == 0 && counts[0] <= all[0] && counts[1] <= all[1]);
            assert!(
                known,
                "{counts:?} instead of {all:?} at {at} of round {round}"
            );
        }
    }
    assert_eq!(counts(), all);
    file.root()
        .open("d2")
        .unwrap()
        .delete_attribute("1")
        .unwrap();
    file.root().delete_link("d0").unwrap();
    file.root().open("d1").unwrap().refresh().unwrap();
    assert_eq!(counts(), all.map(|count| count - 1));
}

#[test]
fn what_is_kept_is_counted_through_every_change() {
    let place = Place::new("weighed");
    let file = place.create();
    let root = file.root();
    let kept = || file.session().kept_bytes();
    let ty = Datatype::integer(4, true);
    let space = Shape::Simple {
        dims: vec![1000],
        maxdims: None,
    };
    let empty = kept();
    let make = || root.create_attribute("a", ty.clone().into(), space.clone(), CharSet::Ascii);
    let attribute = make().unwrap();
    let unwritten = kept();
    assert!(unwritten > empty);
    for _ in 0..3 {
        attribute.write(vec![1; 4000]).unwrap();
        assert_eq!(kept(), unwritten + 4000);
    }
    root.delete_attribute("a").unwrap();
    assert_eq!(kept(), empty);
    let made = group(&root, "g");
    let alone = kept();
    root.create_hard_link("again", &made, &PLAIN).unwrap();
    assert!(kept() > alone);
    root.delete_link("again").unwrap();
    assert_eq!(kept(), alone);
}

#[test]
fn what_is_deleted_stays_deleted_while_others_look() {
    let place = Place::new("deleted");
    let groups = some(&place, 200);
    fill(&place, groups);
    let mut config = place.config.clone();
    config.cache_bytes = 30_000;
    let file = File::open(&config, place.name(), true).unwrap();
    let done = AtomicBool::new(false);
    let all = || (0..groups / 20).flat_map(|outer| (0..20).map(move |inner| (outer, inner)));
    let name = |(outer, inner): (usize, usize)| format!("g{outer}/g{inner}");
    let (even, odd): (Vec<_>, Vec<_>) = all().partition(|(_, inner)| inner % 2 == 0);
    let tokens: Vec<u64> = even
        .iter()
        .map(|&at| file.root().open(&name(at)).unwrap().token())
        .collect();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    for at in all() {
                        match file.root().open(&name(at)) {
                            Ok(found) => drop(found.links(IndexBy::Name, Order::Native).unwrap()),
                            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"),
                        }
                    }
                }
            });
        }
        for &at in &even {
            file.root().delete_link(&name(at)).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    for (&at, token) in even.iter().zip(tokens) {
        assert!(!file.root().link_exists(&name(at)).unwrap());
        assert!(file.root().open_token(token).is_err());
    }
    for &at in &odd {
        let expected = (at.0 * 20 + at.1) as i32;
        assert_eq!(number_of(&file.root().open(&name(at)).unwrap()), expected);
    }
}

#[test]
fn files_that_follow_a_writer_see_extents_as_they_are() {
    let place = Place::new("follow");
    let file = place.create();
    let shape = Shape::Simple {
        dims: vec![4],
        maxdims: Some(vec![Extent::Unlimited]),
    };
    let creation = DatasetCreation {
        layout: Some(Layout::Chunked(vec![4])),
        ..DatasetCreation::default()
    };
    let ty = Datatype::integer(4, true).into();
    let made = file
        .root()
        .create_dataset(Some("d"), &PLAIN, ty, shape, creation);
    let id = made.unwrap().id();
    file.close().unwrap();
    drop(file);
    let file = place.open(false);
    let dataset = file.root().open("d").unwrap();
    let grow = |to: u64| {
        let path = format!("/datasets/{id}/shape?domain={}", place.name());
        let body = format!(r#"{{"shape": [{to}]}}"#);
        let (status, text) = place
            .server
            .endpoint()
            .request("PUT", &path, &body)
            .unwrap();
        assert_eq!(status, 201, "{text}");
    };
    let extent = || {
        dataset.follow_writer().unwrap();
        dataset.dataset().unwrap().shape.dims().to_vec()
    };
    grow(6);
    assert_eq!(extent(), [4]);
    dataset.refresh().unwrap();
    assert_eq!(extent(), [6]);
    file.follow_writer();
    grow(8);
    assert_eq!(extent(), [8]);
}
