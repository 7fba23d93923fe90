//! Groups, datasets and committed datatypes: what they were made with, and what changes.

use bytes::Bytes;
use h5rest_protocol::creation::{DatasetCreation, Filter, Layout};
use h5rest_protocol::datatype::{ByteOrder, CharSet, CompoundType, EnumType, IntegerType, Member};
use h5rest_protocol::{Datatype, Extent, Link, ObjectClass, Shape, StoredType, selection};
use hdf5_vol_rest::connector::{CopyOptions, ErrorKind, File, IndexBy, Object, Order};
use serde_json::{Map, json};

use super::{PLAIN, Place, dataset, group};

fn properties() -> Map<String, serde_json::Value> {
    let document = json!({"linkCreationOrder": "tracked", "nested": {"a": [1, 2]}});
    document.as_object().unwrap().clone()
}

#[test]
fn groups_keep_their_properties() {
    let place = Place::new("gcpl");
    let file = place.create();
    let made = file
        .root()
        .create_group(Some("g"), &PLAIN, properties())
        .unwrap();
    assert_eq!(made.group_info().unwrap().properties, properties());
    let token = made.token();
    drop((made, file));
    let file = place.open(false);
    let found = file.root().open_token(token).unwrap();
    assert_eq!(found.class(), ObjectClass::Group);
    assert_eq!(found.group_info().unwrap().properties, properties());
    assert_eq!(found.find_path().unwrap().as_deref(), Some("/g"));
}

fn chunked(dims: &[u64]) -> DatasetCreation {
    let filter = |id, name: &str, parameters| Filter {
        id,
        flags: 1,
        name: name.into(),
        parameters,
    };
    let mut extra = Map::new();
    extra.insert("allocTime".into(), json!("H5D_ALLOC_TIME_LATE"));
    DatasetCreation {
        layout: Some(Layout::Chunked(dims.to_vec())),
        filters: vec![filter(2, "shuffle", vec![4]), filter(1, "deflate", vec![9])],
        fill_value: Some(7i32.to_le_bytes().to_vec()),
        extra,
    }
}

#[test]
fn datasets_keep_what_they_were_made_with() {
    let place = Place::new("dcpl");
    let file = place.create();
    let shape = Shape::Simple {
        dims: vec![4, 6],
        maxdims: Some(vec![Extent::Unlimited, Extent::Fixed(10)]),
    };
    let ty = StoredType::from(Datatype::integer(4, true));
    let made = file
        .root()
        .create_dataset(
            Some("d"),
            &PLAIN,
            ty.clone(),
            shape.clone(),
            chunked(&[2, 3]),
        )
        .unwrap();
    let check = |dataset: &Object| {
        let info = dataset.dataset().unwrap();
        assert_eq!(*info.ty, ty);
        assert_eq!(info.shape, shape);
        assert_eq!(info.creation, chunked(&[2, 3]));
    };
    check(&made);
    drop((made, file));
    let file = place.open(false);
    check(&file.root().open("d").unwrap());
}

#[test]
fn scalar_null_and_empty_datasets() {
    let place = Place::new("shapes");
    let file = place.create();
    let shapes = [
        ("scalar", Shape::Scalar),
        ("null", Shape::Null),
        ("empty", Shape::fixed([0, 3])),
        ("contiguous", Shape::fixed([5])),
    ];
    for (name, shape) in &shapes {
        let creation = DatasetCreation {
            layout: Some(Layout::Contiguous),
            ..DatasetCreation::default()
        };
        let ty = Datatype::integer(2, false).into();
        file.root()
            .create_dataset(Some(name), &PLAIN, ty, shape.clone(), creation)
            .unwrap();
    }
    drop(file);
    let file = place.open(false);
    for (name, shape) in &shapes {
        let info = file.root().open(name).unwrap().dataset().unwrap();
        assert_eq!(info.shape, *shape, "{name}");
        assert_eq!(info.creation.layout, Some(Layout::Contiguous), "{name}");
    }
}

#[test]
fn extents_change_within_their_bounds() {
    let place = Place::new("extent");
    let file = place.create();
    let shape = Shape::Simple {
        dims: vec![4],
        maxdims: Some(vec![Extent::Fixed(10)]),
    };
    let ty = Datatype::integer(4, true).into();
    let made = file
        .root()
        .create_dataset(Some("d"), &PLAIN, ty, shape, chunked(&[2]))
        .unwrap();
    made.set_extent(&[8]).unwrap();
    assert_eq!(made.dataset().unwrap().shape.dims(), [8]);
    for wrong in [&[11][..], &[2, 2], &[]] {
        assert_eq!(
            made.set_extent(wrong).unwrap_err().kind(),
            ErrorKind::Invalid
        );
    }
    made.refresh().unwrap();
    assert_eq!(made.dataset().unwrap().shape.dims(), [8]);
    made.set_extent(&[3]).unwrap();
    drop((made, file));
    let file = place.open(false);
    assert_eq!(
        file.root()
            .open("d")
            .unwrap()
            .dataset()
            .unwrap()
            .shape
            .dims(),
        [3]
    );
}

fn record() -> Datatype {
    let member = |name: &str, offset, datatype| Member {
        name: name.into(),
        offset,
        datatype,
    };
    let colours = Datatype::Enum(EnumType {
        base: IntegerType::whole(1, false, ByteOrder::Little),
        members: vec![("RED".into(), 0), ("BLUE".into(), 200)],
    });
    Datatype::Compound(CompoundType {
        members: vec![
            member("a", 0, Datatype::integer(2, true)),
            member("colour", 4, colours),
        ],
        size: 8,
    })
}

#[test]
fn committed_datatypes_and_their_users() {
    let place = Place::new("named");
    let file = place.create();
    let root = file.root();
    let ty = StoredType::from(record());
    let committed = root
        .commit_datatype(Some("t"), &PLAIN, ty.clone(), properties())
        .unwrap();
    let used = StoredType {
        committed: Some(committed.id()),
        ..ty
    };
    dataset(&root, "d", used.clone(), &[3]);
    let attribute = committed.create_attribute("a", used.clone(), Shape::Scalar, CharSet::Ascii);
    assert_eq!(attribute.unwrap().ty(), &used);
    drop((committed, root, file));
    let file = place.open(false);
    let committed = file.root().open("t").unwrap();
    assert_eq!(committed.datatype().unwrap(), (used.clone(), properties()));
    let dataset = file.root().open("d").unwrap().dataset().unwrap();
    assert_eq!(*dataset.ty, used);
    assert_eq!(committed.open_attribute("a").unwrap().ty(), &used);
}

#[test]
fn anonymous_objects_get_a_name_later() {
    let place = Place::new("anon");
    let file = place.create();
    let root = file.root();
    let anonymous = root.create_group(None, &PLAIN, Map::new()).unwrap();
    assert_eq!((anonymous.path(), anonymous.info().unwrap().rc), (None, 0));
    assert_eq!(anonymous.find_path().unwrap(), None);
    group(&anonymous, "inside");
    root.create_hard_link("named", &anonymous, &PLAIN).unwrap();
    assert_eq!(anonymous.info().unwrap().rc, 1);
    assert_eq!(anonymous.find_path().unwrap().as_deref(), Some("/named"));
    drop((anonymous, root, file));
    place.open(false).root().open("named/inside").unwrap();
}

#[test]
fn anonymous_objects_go_when_they_are_closed() {
    let place = Place::new("closed");
    let file = place.create();
    let root = file.root();
    let anonymous = || root.create_group(None, &PLAIN, Map::new()).unwrap();
    let ty = StoredType::from(Datatype::integer(4, true));
    let number = root
        .create_dataset(None, &PLAIN, ty.clone(), Shape::Scalar, Default::default())
        .unwrap();
    let committed = root.commit_datatype(None, &PLAIN, ty.clone(), Map::new());
    let counted = anonymous();
    counted.adjust_link_count(1).unwrap();
    let used = root.commit_datatype(None, &PLAIN, ty, Map::new()).unwrap();
    let (ty, _) = used.datatype().unwrap();
    let user = root.create_dataset(Some("d"), &PLAIN, ty, Shape::Scalar, Default::default());
    let group = anonymous();
    let inside = super::group(&group, "inside");
    let tokens = |objects: &[&Object]| -> Vec<u64> { objects.iter().map(|o| o.token()).collect() };
    let gone = tokens(&[&number, committed.as_ref().unwrap(), &group, &inside]);
    let stay = tokens(&[&counted, &used, user.as_ref().unwrap()]);
    file.flush().unwrap();
    drop((
        number, committed, counted, used, user, group, inside, root, file,
    ));
    let root = place.open(false).root();
    for token in gone {
        assert_eq!(
            root.open_token(token).unwrap_err().kind(),
            ErrorKind::NotFound
        );
    }
    for token in stay {
        root.open_token(token).unwrap();
    }
}

#[test]
fn object_information() {
    let place = Place::new("info");
    let file = place.create();
    let made = group(&file.root(), "g");
    let ty = Datatype::integer(4, true);
    made.create_attribute("a", ty.into(), Shape::Scalar, CharSet::Ascii)
        .unwrap();
    let info = made.info().unwrap();
    assert_eq!((info.id, info.rc, info.attributes), (made.id(), 1, 1));
    assert!(info.created > 1.6e9 && info.modified >= info.created);
    assert_eq!(file.root().info().unwrap().rc, 1);
    file.root()
        .create_hard_link("g/back", &file.root(), &PLAIN)
        .unwrap();
    assert_eq!(file.root().info().unwrap().rc, 2);
}

fn copy_of(from: &Object, to: &Object, name: &str, options: CopyOptions) -> Object {
    from.copy(to, name, &options, &PLAIN).unwrap();
    to.open(name).unwrap()
}

/// A group with a dataset of a committed type, an attribute, links of all kinds, and a circle.
fn furnished(root: &Object) -> Object {
    let made = root
        .create_group(Some("from"), &PLAIN, properties())
        .unwrap();
    let committed = root
        .commit_datatype(Some("type"), &PLAIN, record().into(), Map::new())
        .unwrap();
    let used = StoredType {
        committed: Some(committed.id()),
        ..StoredType::from(record())
    };
    let data = dataset(&made, "data", used, &[2]);
    data.write(
        &selection::all(&[2]),
        Bytes::from_static(&[1, 0, 0, 2, 0, 200]),
    )
    .unwrap();
    let attribute = made.create_attribute(
        "a",
        Datatype::integer(1, true).into(),
        Shape::Scalar,
        CharSet::Utf8,
    );
    attribute.unwrap().write(vec![7]).unwrap();
    made.create_attribute(
        "unwritten",
        Datatype::integer(1, true).into(),
        Shape::Scalar,
        CharSet::Utf8,
    )
    .unwrap();
    group(&group(&made, "sub"), "deep");
    made.create_hard_link("sub/again", &data, &PLAIN).unwrap();
    made.create_hard_link("sub/circle", &made, &PLAIN).unwrap();
    made.create_link("soft", Link::Soft("/type".into()), &PLAIN)
        .unwrap();
    made.create_link("dangling", Link::Soft("nowhere".into()), &PLAIN)
        .unwrap();
    made
}

#[test]
fn copies_are_whole_and_of_their_own() {
    let place = Place::new("copy");
    let other = place.beside("copied");
    let file = place.create();
    let from = furnished(&file.root());
    let second = File::create(&place.config, other.path(), true, Map::new()).unwrap();
    for root in [file.root(), second.root()] {
        let made = copy_of(&from, &root, "to", CopyOptions::default());
        assert_ne!(made.id(), from.id());
        assert_eq!(made.group_info().unwrap().properties, properties());
        assert_eq!(made.open_attribute("a").unwrap().read().unwrap(), [7]);
        assert_eq!(
            made.open_attribute("unwritten").unwrap().read().unwrap(),
            [0]
        );
        let names = |of: &Object| -> Vec<String> {
            let links = of.links(IndexBy::CreationOrder, Order::Increasing).unwrap();
            links.into_iter().map(|link| link.name).collect()
        };
        assert_eq!(names(&made), names(&from));
        let data = made.open("data").unwrap();
        assert_ne!(data.id(), from.open("data").unwrap().id());
        assert_eq!(made.open("sub/again").unwrap().id(), data.id());
        assert_eq!(made.open("sub/circle").unwrap().id(), made.id());
        let values = data.read_variable(&selection::all(&[2])).unwrap();
        assert_eq!(values, [1, 0, 0, 2, 0, 200]);
        // The committed datatype was copied, too.
        let committed = data.dataset().unwrap().ty.committed.unwrap();
        assert_eq!(committed.root_of(), root.id());
        root.open_id(committed).unwrap();
        assert_eq!(made.link("soft").unwrap().link, Link::Soft("/type".into()));
    }
    let taken = from.copy(&file.root(), "to", &CopyOptions::default(), &PLAIN);
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::Exists);
}

#[test]
fn copies_as_the_options_say() {
    let place = Place::new("copyopt");
    let file = place.create();
    let (root, from) = (file.root(), furnished(&file.root()));
    let options = CopyOptions {
        shallow: true,
        without_attributes: true,
        ..CopyOptions::default()
    };
    let made = copy_of(&from, &root, "shallow", options);
    assert_eq!(made.open("sub").unwrap().group_info().unwrap().links, 0);
    assert_eq!(made.info().unwrap().attributes, 0);
    let options = CopyOptions {
        expand_soft_links: true,
        merge_datatypes: true,
        ..CopyOptions::default()
    };
    let made = copy_of(&from, &root, "expanded", options);
    let merged = root.open("type").unwrap().id();
    assert_eq!(made.link("soft").unwrap().link, Link::Hard(merged));
    assert_eq!(
        made.link("dangling").unwrap().link,
        Link::Soft("nowhere".into())
    );
    assert_eq!(
        made.open("data").unwrap().dataset().unwrap().ty.committed,
        Some(merged)
    );
}

#[test]
fn datatypes_count_their_users() {
    let place = Place::new("users");
    let file = place.create();
    let from = furnished(&file.root());
    let committed = file.root().open("type").unwrap();
    assert_eq!(committed.info().unwrap().rc, 2);
    file.root().delete_link("type").unwrap();
    let id = committed.id();
    assert_eq!(committed.find_path().unwrap(), None);
    drop(committed);
    // The dataset made with it keeps it.
    assert_eq!(
        from.open("data").unwrap().dataset().unwrap().ty.committed,
        Some(id)
    );
    from.open_id(id).unwrap();
}

#[test]
fn names_follow_moved_links() {
    let place = Place::new("renamed");
    let file = place.create();
    let made = group(&file.root(), "old");
    let inner = group(&made, "inner");
    file.root()
        .move_link("old", &file.root(), "new", &PLAIN)
        .unwrap();
    assert_eq!(inner.find_path().unwrap().as_deref(), Some("/new/inner"));
    file.root().delete_link("new").unwrap();
    assert_eq!(made.find_path().unwrap(), None);
}

#[test]
fn counts_without_links() {
    let place = Place::new("refcount");
    let file = place.create();
    let made = file.root().create_group(None, &PLAIN, Map::new()).unwrap();
    made.adjust_link_count(1).unwrap();
    assert_eq!(made.info().unwrap().rc, 1);
    let token = made.token();
    drop(made);
    let made = file.root().open_token(token).unwrap();
    made.adjust_link_count(-1).unwrap();
    assert_eq!(
        made.adjust_link_count(-1).unwrap_err().kind(),
        ErrorKind::Invalid
    );
    drop(made);
    assert!(file.root().open_token(token).is_err());
}

#[test]
fn fixed_chunked_datasets_can_shrink() {
    let place = Place::new("shrink");
    let file = place.create();
    let ty = Datatype::integer(4, true).into();
    let made = file
        .root()
        .create_dataset(Some("d"), &PLAIN, ty, Shape::fixed([4]), chunked(&[2]))
        .unwrap();
    made.set_extent(&[3]).unwrap();
    made.set_extent(&[4]).unwrap();
    assert!(made.set_extent(&[5]).is_err());
}

#[test]
fn only_chunked_datasets_change_their_extent() {
    let place = Place::new("fixed");
    let file = place.create();
    let creation = DatasetCreation {
        layout: Some(Layout::Contiguous),
        ..DatasetCreation::default()
    };
    let ty = Datatype::integer(4, true).into();
    let made = file
        .root()
        .create_dataset(Some("d"), &PLAIN, ty, Shape::fixed([4]), creation)
        .unwrap();
    for dims in [3, 4] {
        assert_eq!(
            made.set_extent(&[dims]).unwrap_err().kind(),
            ErrorKind::Invalid
        );
    }
}

#[test]
fn storage_is_counted_as_in_hdf5() {
    let place = Place::new("storage");
    let file = place.create();
    let make = |name: &str, layout, alloc: &str| {
        let mut creation = DatasetCreation {
            layout: Some(layout),
            ..DatasetCreation::default()
        };
        creation.extra.insert("allocTime".into(), json!(alloc));
        let ty = Datatype::integer(4, true).into();
        let made = file
            .root()
            .create_dataset(Some(name), &PLAIN, ty, Shape::fixed([10]), creation);
        made.unwrap()
    };
    let late = make("late", Layout::Contiguous, "H5D_ALLOC_TIME_LATE");
    assert_eq!(late.allocated_size().unwrap(), 0);
    let one = selection::Selection::from([selection::DimSelection::Index(3)]);
    late.write(&one, Bytes::from_static(&[1, 0, 0, 0])).unwrap();
    assert_eq!(late.allocated_size().unwrap(), 40);
    let early = make("early", Layout::Contiguous, "H5D_ALLOC_TIME_EARLY");
    assert_eq!(early.allocated_size().unwrap(), 40);
    let chunks = make("chunks", Layout::Chunked(vec![4]), "H5D_ALLOC_TIME_EARLY");
    assert_eq!(chunks.allocated_size().unwrap(), 48);
    let lazy = make("lazy", Layout::Chunked(vec![4]), "H5D_ALLOC_TIME_INCR");
    assert_eq!(lazy.allocated_size().unwrap(), 0);
}
