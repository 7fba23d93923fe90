//! Elements of datasets: selections, points, members, variable sizes.

use bytes::Bytes;
use h5rest_protocol::creation::{DatasetCreation, Layout};
use h5rest_protocol::datatype::{
    BitLayout, ByteOrder, CharSet, CompoundType, FloatType, IntegerType, Member,
};
use h5rest_protocol::selection::{self, DimSelection};
use h5rest_protocol::{Datatype, Shape};
use hdf5_vol_rest::connector::ErrorKind;

use super::{PLAIN, Place, dataset};

fn ints(values: impl IntoIterator<Item = i32>) -> Vec<u8> {
    values.into_iter().flat_map(i32::to_le_bytes).collect()
}

fn range(start: u64, stop: u64, step: u64) -> DimSelection {
    DimSelection::Range { start, stop, step }
}

#[test]
fn selections_there_and_back() {
    let place = Place::new("select");
    let file = place.create();
    let data = dataset(&file.root(), "d", Datatype::integer(4, true), &[6, 8]);
    let all = selection::all(&[6, 8]);
    data.write(&all, Bytes::from(ints(0..48))).unwrap();
    let mut whole = vec![0; 48 * 4];
    data.read_into(&all, &mut whole).unwrap();
    assert_eq!(whole, ints(0..48));
    let slab = vec![range(1, 6, 2), range(2, 4, 1)];
    let mut part = vec![0; 6 * 4];
    data.read_into(&slab, &mut part).unwrap();
    assert_eq!(part, ints([10, 11, 26, 27, 42, 43]));
    data.write(&slab, Bytes::from(ints(100..106))).unwrap();
    data.read_into(&all, &mut whole).unwrap();
    let mut expected: Vec<i32> = (0..48).collect();
    for (at, value) in [10, 11, 26, 27, 42, 43].into_iter().zip(100..) {
        expected[at] = value;
    }
    assert_eq!(whole, ints(expected));
    let listed = vec![DimSelection::List(vec![5, 0]), range(0, 1, 1)];
    let mut two = vec![0; 8];
    data.read_into(&listed, &mut two).unwrap();
    assert_eq!(two, ints([40, 0]));
    let wrong = vec![range(0, 7, 1), range(0, 8, 1)];
    let refused = data.read_into(&wrong, &mut vec![0; 56 * 4]);
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid);
}

#[test]
fn long_selections_do_not_fit_a_request_line() {
    let place = Place::new("long");
    let file = place.create();
    let data = dataset(&file.root(), "d", Datatype::integer(4, true), &[20_000]);
    let odd: Vec<u64> = (0..20_000).filter(|n| n % 7 != 3).take(5000).collect();
    let values = ints(odd.iter().map(|&n| n as i32 * 2));
    let list = vec![DimSelection::List(odd.clone())];
    data.write(&list, Bytes::from(values.clone())).unwrap();
    let mut read = vec![0; values.len()];
    data.read_into(&list, &mut read).unwrap();
    assert_eq!(read, values);
}

#[test]
fn points_in_any_order() {
    let place = Place::new("points");
    let file = place.create();
    let data = dataset(&file.root(), "d", Datatype::integer(4, true), &[4, 5]);
    let coords = [3, 4, 0, 0, 2, 1];
    data.write_points(&coords, Some(4), Bytes::from(ints([7, 8, 9])))
        .unwrap();
    let mut read = vec![0; 16];
    data.read_points(&[2, 1, 3, 4, 0, 0, 1, 1], &mut read)
        .unwrap();
    assert_eq!(read, ints([9, 7, 8, 0]));
    // More points than HSDS takes in one request.
    let line = dataset(&file.root(), "line", Datatype::integer(4, true), &[100_000]);
    let many: Vec<u64> = (0..60_000).map(|n| 99_999 - n).collect();
    line.write_points(&many, Some(4), Bytes::from(ints(0..60_000)))
        .unwrap();
    let mut ends = vec![0; 8];
    line.read_points(&[99_999, 40_000], &mut ends).unwrap();
    assert_eq!(ends, ints([0, 59_999]));
    let short = line.write_points(&[1, 2], Some(4), Bytes::from(vec![0; 4]));
    assert_eq!(short.unwrap_err().kind(), ErrorKind::Invalid);
}

#[test]
fn scalars_and_strings_of_any_length() {
    let place = Place::new("vlen");
    let file = place.create();
    let creation = Default::default();
    let ty = Datatype::integer(4, true).into();
    let scalar = file
        .root()
        .create_dataset(Some("s"), &PLAIN, ty, Shape::Scalar, creation)
        .unwrap();
    scalar.write(&Vec::new(), Bytes::from(ints([42]))).unwrap();
    let mut read = vec![0; 4];
    scalar.read_into(&Vec::new(), &mut read).unwrap();
    assert_eq!(read, ints([42]));
    let strings = dataset(&file.root(), "v", Datatype::variable_string(), &[3]);
    let unwritten = strings.read_variable(&selection::all(&[3])).unwrap();
    // HSDS has no null strings.
    let none = match file.session().server().is_h5rest() {
        true => 0xff,
        false => 0,
    };
    assert_eq!(unwritten, [none; 12]);
    let wire = b"\x01\0\0\0a\0\0\0\0\x03\0\0\0xyz".to_vec();
    strings
        .write(&selection::all(&[3]), Bytes::from(wire.clone()))
        .unwrap();
    assert_eq!(strings.read_variable(&selection::all(&[3])).unwrap(), wire);
    let two = strings.read_points_variable(&[2, 0]).unwrap();
    assert_eq!(two, b"\x03\0\0\0xyz\x01\0\0\0a");
    strings
        .write_points(&[1], None, Bytes::from_static(b"\x02\0\0\0qq"))
        .unwrap();
    assert_eq!(
        strings.read_variable(&vec![range(1, 2, 1)]).unwrap(),
        b"\x02\0\0\0qq"
    );
}

#[test]
fn some_members_of_compound_elements() {
    let place = Place::new("fields");
    let file = place.create();
    let member = |name: &str, offset, datatype| Member {
        name: name.into(),
        offset,
        datatype,
    };
    let record = Datatype::Compound(CompoundType {
        members: vec![
            member("a", 0, Datatype::integer(4, true)),
            member("b", 4, Datatype::integer(2, true)),
            member("c", 6, Datatype::integer(1, true)),
        ],
        size: 7,
    });
    let data = dataset(&file.root(), "d", record, &[2]);
    let all = selection::all(&[2]);
    data.write(
        &all,
        Bytes::from_static(&[1, 0, 0, 0, 2, 0, 3, 4, 0, 0, 0, 5, 0, 6]),
    )
    .unwrap();
    data.write_fields(&all, &["b"], Bytes::from_static(&[20, 0, 50, 0]))
        .unwrap();
    let mut whole = [0; 14];
    data.read_into(&all, &mut whole).unwrap();
    assert_eq!(whole, [1, 0, 0, 0, 20, 0, 3, 4, 0, 0, 0, 50, 0, 6]);
    let mut parts = [0; 6];
    data.read_fields_into(&all, &["b", "c"], &mut parts)
        .unwrap();
    assert_eq!(parts, [20, 0, 3, 50, 0, 6]);
}

#[test]
fn large_transfers_arrive_whole() {
    let place = Place::new("large");
    let file = place.create();
    let data = dataset(&file.root(), "d", Datatype::integer(4, true), &[4, 1 << 20]);
    let bytes = Bytes::from(ints(0..1 << 22));
    let all = selection::all(&[4, 1 << 20]);
    data.write(&all, bytes.clone()).unwrap();
    let mut read = vec![0; bytes.len()];
    data.read_into(&all, &mut read).unwrap();
    assert!(read == bytes);
}

fn record_of_odd_integers() -> Datatype {
    let bits = |size, precision| BitLayout {
        precision,
        ..BitLayout::whole(size, ByteOrder::Little)
    };
    let member = |name: &str, offset, datatype| Member {
        name: name.into(),
        offset,
        datatype,
    };
    let odd = Datatype::Integer(IntegerType {
        bits: bits(4, 17),
        signed: true,
    });
    Datatype::Compound(CompoundType {
        members: vec![
            member("größe", 0, odd),
            member("flags", 4, Datatype::Bitfield(bits(2, 16))),
        ],
        size: 6,
    })
}

/// Types that HSDS does not have at all.
#[test]
fn types_of_every_class_survive() {
    let place = Place::new("alltypes");
    let file = place.create();
    let lists = Datatype::Vlen(Box::new(Datatype::variable_string()));
    let words = Datatype::Array {
        base: Box::new(Datatype::variable_string()),
        dims: vec![2],
    };
    let long = FloatType::ieee(16, ByteOrder::Big).unwrap();
    let all: Vec<(&str, Datatype, Vec<u8>)> = vec![
        ("odd", record_of_odd_integers(), (0..12).collect()),
        ("float128", Datatype::Float(long), (0..32).collect()),
        (
            "complex",
            Datatype::Complex(FloatType::ieee(4, ByteOrder::Little).unwrap()),
            (0..16).collect(),
        ),
        (
            "bits",
            Datatype::Bitfield(BitLayout::whole(1, ByteOrder::Little)),
            vec![1, 255],
        ),
        (
            "lists",
            lists,
            b"\x0b\0\0\0\x01\0\0\0a\x02\0\0\0bc\0\0\0\0".to_vec(),
        ),
        (
            "words",
            words,
            b"\x01\0\0\0a\0\0\0\0\x02\0\0\0bc\x01\0\0\0d".to_vec(),
        ),
    ];
    let selection = selection::all(&[2]);
    for (name, ty, bytes) in &all {
        let data = dataset(&file.root(), name, ty.clone(), &[2]);
        data.write(&selection, Bytes::from(bytes.clone()))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let committed = file.root().commit_datatype(
            Some(&format!("type of {name}")),
            &PLAIN,
            ty.clone().into(),
            Default::default(),
        );
        committed.unwrap();
        let shape = Shape::fixed([2]);
        let attribute = data.create_attribute("a", ty.clone().into(), shape, CharSet::Ascii);
        attribute
            .unwrap()
            .write(bytes.clone())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let unwritten = dataset(&file.root(), "unwritten", all[4].1.clone(), &[2]);
    drop((unwritten, file));
    let file = place.open(true);
    for (name, ty, bytes) in &all {
        let data = file.root().open(name).unwrap();
        assert_eq!(data.dataset().unwrap().ty.datatype, *ty, "{name}");
        let read = data
            .read_variable(&selection)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read, *bytes, "{name}");
        let attribute = data.open_attribute("a").unwrap();
        assert_eq!(attribute.ty().datatype, *ty, "{name}");
        assert_eq!(attribute.read().unwrap(), *bytes, "{name}");
        let committed = file.root().open(&format!("type of {name}")).unwrap();
        assert_eq!(committed.datatype().unwrap().0.datatype, *ty, "{name}");
    }
    let unwritten = file.root().open("unwritten").unwrap();
    assert_eq!(unwritten.read_variable(&selection).unwrap(), [0; 8]);
    // Single members, and single elements.
    let odd = file.root().open("odd").unwrap();
    odd.write_fields(
        &selection,
        &["flags"],
        Bytes::from_static(&[90, 91, 92, 93]),
    )
    .unwrap();
    let mut back = [0; 12];
    odd.read_into(&selection, &mut back).unwrap();
    assert_eq!(back, [0, 1, 2, 3, 90, 91, 6, 7, 8, 9, 92, 93]);
    let mut flags = [0; 4];
    odd.read_fields_into(&selection, &["flags"], &mut flags)
        .unwrap();
    assert_eq!(flags, [90, 91, 92, 93]);
    let lists = file.root().open("lists").unwrap();
    lists
        .write_points(&[1], None, Bytes::from_static(b"\x05\0\0\0\x01\0\0\0z"))
        .unwrap();
    assert_eq!(
        lists.read_points_variable(&[1]).unwrap(),
        b"\x05\0\0\0\x01\0\0\0z"
    );
}

#[test]
fn fill_values_of_every_type() {
    let place = Place::new("fill");
    let file = place.create();
    let odd = Datatype::Integer(IntegerType::whole(3, true, ByteOrder::Little));
    for (name, ty, fill) in [
        ("odd", odd, vec![1, 2, 3]),
        ("plain", Datatype::integer(2, false), vec![9, 1]),
    ] {
        let creation = DatasetCreation {
            layout: Some(Layout::Chunked(vec![2])),
            fill_value: Some(fill.clone()),
            ..DatasetCreation::default()
        };
        let made = file
            .root()
            .create_dataset(
                Some(name),
                &PLAIN,
                ty.into(),
                Shape::fixed([3]),
                creation.clone(),
            )
            .unwrap();
        assert_eq!(
            made.read_variable(&selection::all(&[3])).unwrap(),
            fill.repeat(3),
            "{name}"
        );
        made.refresh().unwrap();
        assert_eq!(made.dataset().unwrap().creation, creation, "{name}");
    }
}
