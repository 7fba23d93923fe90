//! Attributes: every kind of value there and back, order, rename, delete.

use h5rest_protocol::datatype::{
    ByteOrder, CharSet, FloatType, ReferenceType, StringLength, StringPad, StringType,
};
use h5rest_protocol::{Datatype, Shape, StoredType};
use hdf5_vol_rest::connector::{ErrorKind, File, IndexBy, Object, Order};

use super::{Place, group};

fn float(size: u32, order: ByteOrder) -> Datatype {
    Datatype::Float(FloatType::ieee(size, order).unwrap())
}

fn fixed_string(length: u32) -> Datatype {
    Datatype::String(StringType {
        length: StringLength::Fixed(length),
        charset: CharSet::Utf8,
        padding: StringPad::NullPadded,
    })
}

fn variable(items: &[&[u8]]) -> Vec<u8> {
    let with_length = |item: &&[u8]| [&(item.len() as u32).to_le_bytes()[..], item].concat();
    items.iter().flat_map(with_length).collect()
}

fn doubles(values: &[f64]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn values(of: &Object) -> Vec<(&'static str, Datatype, Shape, Vec<u8>)> {
    let mut reference = of.id().to_string().into_bytes();
    reference.resize(48, 0);
    let pair = Datatype::Array {
        base: Box::new(Datatype::integer(2, true)),
        dims: vec![2],
    };
    let numbers = Datatype::Vlen(Box::new(Datatype::integer(4, true)));
    vec![
        (
            "int",
            Datatype::integer(4, true),
            Shape::Scalar,
            (-5i32).to_le_bytes().into(),
        ),
        (
            "u64",
            Datatype::integer(8, false),
            Shape::fixed([1]),
            u64::MAX.to_le_bytes().into(),
        ),
        (
            "matrix",
            float(8, ByteOrder::Little),
            Shape::fixed([2, 2]),
            doubles(&[1.5, -2.25, 1e300, 0.1]),
        ),
        (
            "big",
            float(4, ByteOrder::Big),
            Shape::Scalar,
            2.5f32.to_be_bytes().into(),
        ),
        (
            "odd floats",
            float(8, ByteOrder::Little),
            Shape::fixed([4]),
            doubles(&[f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1.0]),
        ),
        ("string", fixed_string(5), Shape::Scalar, b"abc\0\0".into()),
        (
            "strings",
            fixed_string(3),
            Shape::fixed([2]),
            "ü\0cd\0".into(),
        ),
        (
            "variable",
            Datatype::variable_string(),
            Shape::fixed([3]),
            variable(&["ü".as_bytes(), b"", b"xyz"]),
        ),
        (
            "array",
            pair,
            Shape::fixed([2]),
            vec![1, 0, 2, 0, 3, 0, 4, 0],
        ),
        (
            "sequence",
            numbers.clone(),
            Shape::Scalar,
            variable(&[&[1, 0, 0, 0, 2, 0, 0, 0]]),
        ),
        (
            "sequences",
            numbers,
            Shape::fixed([2]),
            variable(&[&[1, 0, 0, 0], &[]]),
        ),
        (
            "reference",
            Datatype::Reference(ReferenceType::Object),
            Shape::Scalar,
            reference,
        ),
        (
            "empty",
            Datatype::integer(4, true),
            Shape::fixed([0]),
            vec![],
        ),
        ("null", Datatype::integer(4, true), Shape::Null, vec![]),
        (
            "opaque",
            Datatype::Opaque {
                size: 3,
                tag: "t".into(),
            },
            Shape::fixed([2]),
            vec![0, 1, 2, 250, 251, 252],
        ),
    ]
}

#[test]
fn values_of_every_kind_survive() {
    let place = Place::new("attrs");
    let file = place.create();
    let made = group(&file.root(), "g");
    let all = values(&made);
    for (name, ty, shape, bytes) in &all {
        let ty = StoredType::from(ty.clone());
        let attribute = made
            .create_attribute(name, ty, shape.clone(), CharSet::Ascii)
            .unwrap();
        attribute
            .write(bytes.clone())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(attribute.read().unwrap(), *bytes, "{name}");
    }
    drop((made, file));
    let file = place.open(false);
    let found = file.root().open("g").unwrap();
    for (name, ty, shape, bytes) in &all {
        let attribute = found.open_attribute(name).unwrap();
        assert_eq!(attribute.ty().datatype, *ty, "{name}");
        assert_eq!(attribute.shape(), shape, "{name}");
        let read = attribute
            .read()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read, *bytes, "{name}");
    }
}

#[test]
fn strings_that_are_not_utf8_survive() {
    let place = Place::new("latin1");
    let file = place.create();
    let latin1 = b"gr\xfcn\0".to_vec();
    let attribute = file
        .root()
        .create_attribute("a", fixed_string(5).into(), Shape::Scalar, CharSet::Ascii)
        .unwrap();
    attribute.write(latin1.clone()).unwrap();
    attribute.write(latin1.clone()).unwrap();
    drop((attribute, file));
    let file = place.open(false);
    assert_eq!(
        file.root().open_attribute("a").unwrap().read().unwrap(),
        latin1
    );
}

#[test]
fn never_written_is_zero_and_null() {
    let place = Place::new("zeros");
    let file = place.create();
    let root = file.root();
    let shape = Shape::fixed([2]);
    let make =
        |name, ty: Datatype| root.create_attribute(name, ty.into(), shape.clone(), CharSet::Ascii);
    make("numbers", Datatype::integer(4, true)).unwrap();
    make("strings", Datatype::variable_string()).unwrap();
    drop((root, file));
    let root = place.open(false).root();
    for (name, expected) in [("numbers", [0; 8]), ("strings", [0xff; 8])] {
        let found = root.open_attribute(name).unwrap().read().unwrap();
        assert_eq!(found, expected, "{name}");
    }
}

fn names(of: &Object, by: IndexBy) -> Vec<String> {
    let all = of.attributes(by, Order::Increasing).unwrap();
    all.into_iter().map(|attribute| attribute.name).collect()
}

#[test]
fn order_rename_and_delete() {
    let place = Place::new("arename");
    let file = place.create();
    let root = file.root();
    for (name, value) in [("c", 1i32), ("a/b", 2), ("b", 3)] {
        let ty = Datatype::integer(4, true).into();
        let attribute = root
            .create_attribute(name, ty, Shape::Scalar, CharSet::Utf8)
            .unwrap();
        attribute.write(value.to_le_bytes().into()).unwrap();
    }
    let again = root.create_attribute(
        "c",
        Datatype::integer(1, true).into(),
        Shape::Scalar,
        CharSet::Ascii,
    );
    assert_eq!(again.unwrap_err().kind(), ErrorKind::Exists);
    let open = root.open_attribute("a/b").unwrap();
    root.rename_attribute("a/b", "z").unwrap();
    assert_eq!(&*open.name(), "z");
    assert_eq!(open.read().unwrap(), 2i32.to_le_bytes());
    assert_eq!(open.info().unwrap().creation_order, 1);
    assert_eq!(open.info().unwrap().data_size, 4);
    assert_eq!(
        root.rename_attribute("z", "c").unwrap_err().kind(),
        ErrorKind::Exists
    );
    assert_eq!(names(&root, IndexBy::Name), ["b", "c", "z"]);
    assert_eq!(names(&root, IndexBy::CreationOrder), ["c", "z", "b"]);
    root.delete_attribute("c").unwrap();
    assert_eq!(
        root.delete_attribute("c").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    drop((open, root, file));
    let root = place.open(false).root();
    assert_eq!(names(&root, IndexBy::Name), ["b", "z"]);
    let kept = root.open_attribute("z").unwrap();
    assert_eq!(kept.read().unwrap(), 2i32.to_le_bytes());
    assert_eq!(kept.info().unwrap().charset, CharSet::Utf8);
    assert!(!root.attribute_exists("c").unwrap());
}

/// Handles of attributes that another program has deleted reach no new one of the same name.
#[test]
fn replaced_by_another_program() {
    let place = Place::new("replaced");
    let root = place.create().root();
    let make = |root: &Object, name: &str, ty: Datatype, value: Vec<u8>| {
        let made = root.create_attribute(name, ty.into(), Shape::Scalar, CharSet::Ascii);
        let made = made.unwrap();
        made.write(value).unwrap();
        made
    };
    let number = |n: i32| n.to_le_bytes().to_vec();
    let integer = || Datatype::integer(4, true);
    let [gone, retyped, kept] =
        ["gone", "retyped", "kept"].map(|name| make(&root, name, integer(), number(1)));
    root.flush().unwrap();

    let other = File::open(&place.config_elsewhere(), place.name(), true).unwrap();
    let theirs = other.root();
    for name in ["gone", "retyped"] {
        theirs.delete_attribute(name).unwrap();
    }
    let double = float(8, ByteOrder::Little);
    let new = make(&theirs, "retyped", double.clone(), doubles(&[0.5]));
    theirs.flush().unwrap();
    root.refresh().unwrap();

    assert_eq!(gone.read().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(retyped.info().unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(retyped.read().unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(
        retyped.write(number(2)).unwrap_err().kind(),
        ErrorKind::Invalid
    );
    assert_eq!(kept.read().unwrap(), number(1));
    kept.write(number(3)).unwrap();

    // This program gives the name to another one.
    let again = make(&root, "gone", double, doubles(&[2.5]));
    assert_eq!(
        gone.write(number(2)).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(again.read().unwrap(), doubles(&[2.5]));
    root.flush().unwrap();
    theirs.refresh().unwrap();
    assert_eq!(new.read().unwrap(), doubles(&[0.5]));
    assert_eq!(
        theirs.open_attribute("kept").unwrap().read().unwrap(),
        number(3)
    );
    assert_eq!(
        theirs.open_attribute("gone").unwrap().read().unwrap(),
        doubles(&[2.5])
    );

    // This program deletes the other program's: handles of that one go on with it, older ones do not.
    let theirs_here = root.open_attribute("retyped").unwrap();
    root.delete_attribute("retyped").unwrap();
    assert_eq!(theirs_here.read().unwrap(), doubles(&[0.5]));
    assert_eq!(retyped.info().unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(retyped.read().unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(
        retyped.write(number(2)).unwrap_err().kind(),
        ErrorKind::Invalid
    );
    assert_eq!(theirs_here.read().unwrap(), doubles(&[0.5]));
}
