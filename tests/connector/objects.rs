//! Groups, datasets and committed datatypes: what they were made with, and what changes.

use h5rest_protocol::creation::{DatasetCreation, Filter, Layout};
use h5rest_protocol::datatype::{ByteOrder, CharSet, CompoundType, EnumType, IntegerType, Member};
use h5rest_protocol::{Datatype, Extent, ObjectClass, Shape, StoredType};
use hdf5_vol_rest::connector::{ErrorKind, Object};
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
        assert_eq!(info.ty, ty);
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
    assert_eq!(file.root().open("d").unwrap().dataset().unwrap().ty, used);
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
