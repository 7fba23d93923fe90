//! Elements of datasets: selections, points, members, variable sizes.

use bytes::Bytes;
use h5rest_protocol::datatype::{CompoundType, Member};
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
    assert_eq!(unwritten, [0; 12]);
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
