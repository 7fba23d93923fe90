//! Documents that other writers produce are read as meant, and ours survive a round trip.

use serde_json::json;

use super::*;
use crate::datatype::{BitLayout, BitPad, ByteOrder, FloatType, IntegerType, Normalization};

fn round_trip(datatype: Datatype) {
    let document = datatype.to_json();
    assert_eq!(
        Datatype::from_json(&document).unwrap(),
        datatype,
        "{document}"
    );
}

fn f64_le() -> FloatType {
    FloatType::ieee(8, ByteOrder::Little).unwrap()
}

#[test]
fn predefined_names() {
    for name in [
        "H5T_STD_I8LE",
        "H5T_STD_U64BE",
        "H5T_STD_B16LE",
        "H5T_IEEE_F16BE",
    ] {
        let datatype = Datatype::from_json(&json!(name)).unwrap();
        assert_eq!(datatype.to_json()["base"], json!(name));
        round_trip(datatype);
    }
    for name in [
        "H5T_STD_I",
        "H5T_STD_I7LE",
        "H5T_NATIVE_INT",
        "H5T_IEEE_F24LE",
        "x",
    ] {
        assert!(Datatype::from_json(&json!(name)).is_err(), "{name}");
    }
}

#[test]
fn user_defined_numbers() {
    let bits = BitLayout {
        precision: 12,
        offset: 2,
        msb_pad: BitPad::One,
        ..BitLayout::whole(2, ByteOrder::Big)
    };
    round_trip(Datatype::Integer(IntegerType { bits, signed: true }));
    round_trip(Datatype::Bitfield(bits));
    round_trip(Datatype::Time(BitLayout::whole(4, ByteOrder::Little)));
    let long_double = FloatType {
        bits: BitLayout {
            precision: 80,
            ..BitLayout::whole(16, ByteOrder::Little)
        },
        sign_position: 79,
        exponent_position: 64,
        exponent_bits: 15,
        exponent_bias: 16383,
        mantissa_position: 0,
        mantissa_bits: 64,
        normalization: Normalization::None,
        internal_pad: BitPad::Zero,
    };
    round_trip(Datatype::Float(long_double));
    round_trip(Datatype::Complex(f64_le()));
}

#[test]
fn nested_types() {
    let inner = Datatype::Compound(CompoundType {
        members: vec![
            Member {
                name: "é".into(),
                offset: 0,
                datatype: Datatype::integer(1, true),
            },
            Member {
                name: "s".into(),
                offset: 8,
                datatype: Datatype::variable_string(),
            },
        ],
        size: 24,
    });
    round_trip(Datatype::Vlen(Box::new(Datatype::Array {
        base: Box::new(inner),
        dims: vec![2, 3],
    })));
    round_trip(Datatype::Enum(EnumType {
        base: IntegerType::whole(8, false, ByteOrder::Little),
        members: vec![
            ("a".into(), 0),
            ("b".into(), i128::from(u64::MAX)),
            ("c".into(), 0),
        ],
    }));
    round_trip(Datatype::Reference(ReferenceType::Object));
    round_trip(Datatype::Opaque {
        size: 3,
        tag: "t".into(),
    });
}

#[test]
fn compound_without_layout_is_packed() {
    let document = json!({"class": "H5T_COMPOUND", "fields": [
        {"name": "a", "type": "H5T_STD_I8LE"},
        {"name": "b", "type": {"class": "H5T_FLOAT", "base": "H5T_IEEE_F64"}},
    ]});
    let Datatype::Compound(compound) = Datatype::from_json(&document).unwrap() else {
        panic!("not a compound");
    };
    assert_eq!(compound.size, 9);
    assert_eq!(compound.members[1].offset, 1);
    assert_eq!(compound.members[1].datatype, Datatype::Float(f64_le()));
}

#[test]
fn unsound_layouts_are_ignored() {
    for (offset, size) in [(0, 16), (9, 16), (8, 1u64 << 40)] {
        let document = json!({"class": "H5T_COMPOUND", "size": size, "fields": [
            {"name": "a", "type": "H5T_STD_I64LE", "offset": 0},
            {"name": "b", "type": "H5T_STD_I64LE", "offset": offset},
        ]});
        let Datatype::Compound(compound) = Datatype::from_json(&document).unwrap() else {
            panic!("not a compound");
        };
        assert_eq!((compound.members[1].offset, compound.size), (8, 16));
    }
}

#[test]
fn mapping_form_of_enums() {
    let document = json!({"class": "H5T_ENUM", "mapping": {"FALSE": 0, "TRUE": 1},
        "base": {"class": "H5T_INTEGER", "base": "H5T_STD_I8LE"}});
    let Datatype::Enum(ty) = Datatype::from_json(&document).unwrap() else {
        panic!("not an enum");
    };
    assert_eq!(
        ty.members,
        [("FALSE".to_owned(), 0), ("TRUE".to_owned(), 1)]
    );
}

#[test]
fn committed_types_and_unknown_keys_survive() {
    let id = "t-11111111-22222222-3333-444444-555555";
    let document = json!({"class": "H5T_INTEGER", "base": "H5T_STD_I32LE", "id": id, "hint": [1]});
    let stored = StoredType::from_json(&document).unwrap();
    assert_eq!(
        stored.committed.map(|id| id.to_string()).as_deref(),
        Some(id)
    );
    assert_eq!(stored.to_json(), document);
}

#[test]
fn nesting_is_bounded() {
    let mut document = json!("H5T_STD_I8LE");
    for _ in 0..1000 {
        document = json!({"class": "H5T_VLEN", "base": document});
    }
    assert!(Datatype::from_json(&document).is_err());
}

#[test]
fn arrays_in_arrays_without_end_are_refused() {
    let nested = |depth: usize| {
        (0..depth).fold(
            json!("H5T_STD_I8LE"),
            |base, _| json!({"class": "H5T_ARRAY", "dims": [1], "base": base}),
        )
    };
    assert!(Datatype::from_json(&nested(16)).is_ok());
    let error = Datatype::from_json(&nested(17)).unwrap_err();
    assert!(error.to_string().contains("depth"), "{error}");
    // Whatever is between them.
    let member = json!({"class": "H5T_COMPOUND", "fields": [
        {"name": "a", "type": {"class": "H5T_VLEN", "base": nested(16)}}]});
    let around = json!({"class": "H5T_ARRAY", "dims": [1], "base": member});
    assert!(Datatype::from_json(&member).is_ok());
    assert!(Datatype::from_json(&around).is_err());
}
