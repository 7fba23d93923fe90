//! Every class of datatype goes to JSON and back; odd documents are read as meant, wrong ones
//! refused.

use super::*;
use crate::datatype::{BitPad, ByteOrder, CharSet, IntegerType, Member, StringPad, StringType};

fn f64_le() -> Datatype {
    Datatype::Float(FloatType::ieee(8, ByteOrder::Little).unwrap())
}

fn fixed_string(length: u32) -> Datatype {
    Datatype::String(StringType {
        length: StringLength::Fixed(length),
        charset: CharSet::Utf8,
        padding: StringPad::NullPadded,
    })
}

fn compound(members: Vec<(&str, Datatype)>) -> Datatype {
    let members = members.into_iter().map(|(name, datatype)| Member {
        name: name.into(),
        offset: 0,
        datatype,
    });
    Datatype::Compound(CompoundType {
        members: members.collect(),
        size: 0,
    })
}

/// The element shows as `expected` and reads back to the same bytes.
#[track_caller]
fn both_ways(datatype: &Datatype, bytes: &[u8], expected: Value) {
    assert_eq!(element_to_json(datatype, bytes).unwrap(), expected);
    assert_eq!(element_from_json(datatype, &expected).unwrap(), bytes);
}

#[test]
fn integers() {
    both_ways(&Datatype::integer(1, true), &[0xff], json!(-1));
    both_ways(&Datatype::integer(8, false), &[0xff; 8], json!(u64::MAX));
    both_ways(&Datatype::integer(3, true), &[0xfe, 0xff, 0xff], json!(-2));
    let big = Datatype::Integer(IntegerType::whole(2, false, ByteOrder::Big));
    both_ways(&big, &[1, 2], json!(258));
    let wide = Datatype::integer(16, false);
    both_ways(&wide, &[0xff; 16], json!("/////////////////////w=="));
    both_ways(
        &Datatype::Bitfield(BitLayout::whole(1, ByteOrder::Little)),
        &[0x81],
        json!(0x81),
    );
    let odd = BitLayout {
        precision: 12,
        offset: 2,
        msb_pad: BitPad::Background,
        ..BitLayout::whole(2, ByteOrder::Little)
    };
    let odd = Datatype::Integer(IntegerType {
        bits: odd,
        signed: true,
    });
    both_ways(&odd, &[4, 0], json!(1));
    both_ways(&odd, &[4, 0xc0], json!("BMA="));
}

#[test]
fn integers_from_other_writers() {
    let i8_le = Datatype::integer(1, true);
    for (value, byte) in [
        (json!(true), 1),
        (json!(1.7), 1),
        (json!("5"), 5),
        (json!(null), 0),
    ] {
        assert_eq!(element_from_json(&i8_le, &value).unwrap(), [byte]);
    }
    for value in [
        json!(128),
        json!(-129),
        json!("x"),
        json!([1]),
        json!({}),
        json!(1e300),
    ] {
        assert!(element_from_json(&i8_le, &value).is_err(), "{value}");
    }
    assert!(element_from_json(&Datatype::integer(8, false), &json!(-1)).is_err());
}

#[test]
fn floats() {
    both_ways(&f64_le(), &0.1f64.to_le_bytes(), json!(0.1));
    let f32_be = Datatype::Float(FloatType::ieee(4, ByteOrder::Big).unwrap());
    both_ways(&f32_be, &0.1f32.to_be_bytes(), json!(0.10000000149011612));
    both_ways(
        &f32_be,
        &f32::NEG_INFINITY.to_be_bytes(),
        json!("-Infinity"),
    );
    both_ways(&f64_le(), &f64::NAN.to_le_bytes(), json!("NaN"));
    for name in ["nan", "NaN"] {
        let bytes = element_from_json(&f64_le(), &json!(name)).unwrap();
        assert!(f64::from_le_bytes(bytes.try_into().unwrap()).is_nan());
    }
    assert!(element_from_json(&f32_be, &json!(1e39)).is_err());
    let quad = Datatype::Float(FloatType::ieee(16, ByteOrder::Little).unwrap());
    both_ways(&quad, &[7; 16], json!("BwcHBwcHBwcHBwcHBwcHBw=="));
    let complex = Datatype::Complex(FloatType::ieee(4, ByteOrder::Little).unwrap());
    let bytes = [1.5f32.to_le_bytes(), f32::INFINITY.to_le_bytes()].concat();
    both_ways(&complex, &bytes, json!([1.5, "Infinity"]));
}

#[test]
fn strings() {
    both_ways(&fixed_string(5), b"h\xc3\xa9\0\0", json!("hé"));
    both_ways(&fixed_string(3), b"a\0b", json!("a\0b"));
    both_ways(&fixed_string(3), &[0; 3], json!(""));
    both_ways(&Datatype::variable_string(), b"\x02\0\0\0hi", json!("hi"));
    assert_eq!(
        element_from_json(&fixed_string(4), &json!("abcé")).unwrap(),
        b"abc\0"
    );
    assert_eq!(
        element_from_json(&Datatype::variable_string(), &json!(0)).unwrap(),
        [0; 4]
    );
    assert!(element_to_json(&fixed_string(1), b"\xff").is_err());
    assert!(element_to_json(&fixed_string(1), b"ab").is_err());
    assert!(element_from_json(&fixed_string(1), &json!(["a"])).is_err());
}

#[test]
fn references_and_opaque() {
    let object = Datatype::Reference(ReferenceType::Object);
    let id = "g-0123abcd-00000000-89ab-234588-888888";
    let mut bytes = id.as_bytes().to_vec();
    bytes.resize(48, 0);
    both_ways(&object, &bytes, json!(id));
    both_ways(&object, &[0; 48], json!(""));
    assert!(element_from_json(&object, &json!("x".repeat(49))).is_err());
    let region = Datatype::Reference(ReferenceType::Region);
    both_ways(&region, &[0; 4], Value::Null);
    assert!(element_to_json(&region, &[3, 0, 0, 0, 1, 2, 3]).is_err());
    let id = "0123abcd-00000000-89ab-234588-000001";
    let document = json!({"id": id, "shape": [3, 5], "select_type": "H5S_SEL_HYPERSLABS",
        "selection": [[[1, 2], [2, 4]]]});
    let bytes = element_from_json(&region, &document).unwrap();
    both_ways(&region, &bytes, document);
    let any = Datatype::Reference(ReferenceType::Any);
    let document = json!({"id": format!("d-{id}"), "attribute": "a"});
    let bytes = element_from_json(&any, &document).unwrap();
    both_ways(&any, &bytes, document);
    let opaque = Datatype::Opaque {
        size: 3,
        tag: "t".into(),
    };
    both_ways(&opaque, &[1, 2, 3], json!("AQID"));
    assert_eq!(element_from_json(&opaque, &json!("")).unwrap(), [0; 3]);
    assert!(element_from_json(&opaque, &json!("AQI=")).is_err());
}

#[test]
fn enums() {
    let base = IntegerType::whole(1, true, ByteOrder::Little);
    let boolean = |names: [&str; 2]| {
        Datatype::Enum(EnumType {
            base,
            members: vec![(names[0].into(), 0), (names[1].into(), 1)],
        })
    };
    both_ways(&boolean(["FALSE", "TRUE"]), &[1], json!(true));
    both_ways(&boolean(["FALSE", "TRUE"]), &[2], json!(2));
    both_ways(&boolean(["RED", "GREEN"]), &[1], json!(1));
    let by_name = element_from_json(&boolean(["RED", "GREEN"]), &json!("GREEN"));
    assert_eq!(by_name.unwrap(), [1]);
}

#[test]
fn nested_types() {
    let array = Datatype::Array {
        base: Box::new(Datatype::integer(1, false)),
        dims: vec![2, 2],
    };
    let record = compound(vec![
        ("a", array),
        ("v", Datatype::Vlen(Box::new(Datatype::variable_string()))),
        ("x", f64_le()),
    ]);
    let mut bytes = vec![1, 2, 3, 4, 9, 0, 0, 0, 1, 0, 0, 0, b'q', 0, 0, 0, 0];
    bytes.extend(2.5f64.to_le_bytes());
    let value = json!([[[1, 2], [3, 4]], ["q", ""], 2.5]);
    both_ways(&record, &bytes, value.clone());
    let two = [bytes.clone(), bytes].concat();
    let list = array_to_json(&record, &[2, 1], &two).unwrap();
    assert_eq!(list, json!([[value.clone()], [value.clone()]]));
    assert_eq!(array_from_json(&record, &[2, 1], &list).unwrap(), two);
    let flat = json!([value, value]);
    assert_eq!(
        array_from_json(&record, &[2, 1], &flat).unwrap(),
        two,
        "one list less"
    );
}

#[test]
fn arrays_nested_otherwise() {
    let u8_le = Datatype::integer(1, false);
    for value in [
        json!([[1, 2], [3, 4]]),
        json!([1, 2, 3, 4]),
        json!([[[1, 2, 3, 4]]]),
    ] {
        assert_eq!(
            array_from_json(&u8_le, &[4], &value).unwrap(),
            [1, 2, 3, 4],
            "{value}"
        );
    }
    assert_eq!(array_from_json(&u8_le, &[1], &json!(9)).unwrap(), [9]);
    assert_eq!(array_from_json(&u8_le, &[], &json!([9])).unwrap(), [9]);
    assert_eq!(array_from_json(&u8_le, &[0], &json!([])).unwrap(), [0u8; 0]);
    for value in [
        json!([1, 2, 3]),
        json!([1, 2, 3, 256]),
        json!("abcd"),
        json!([1, [2, "x"], 3]),
    ] {
        assert!(array_from_json(&u8_le, &[4], &value).is_err(), "{value}");
    }
    assert!(array_from_json(&u8_le, &[u64::MAX, 2], &json!([])).is_err());
}

#[test]
fn one_sequence_is_a_list_of_one() {
    let sequence = Datatype::Vlen(Box::new(Datatype::integer(1, false)));
    let bytes = [3, 0, 0, 0, 1, 2, 3];
    let value = array_to_json(&sequence, &[], &bytes).unwrap();
    assert_eq!(value, json!([[1, 2, 3]]));
    for value in [value, json!([1, 2, 3])] {
        assert_eq!(array_from_json(&sequence, &[], &value).unwrap(), bytes);
    }
    let value = array_to_json(&sequence, &[1], &bytes).unwrap();
    assert_eq!(value, json!([[1, 2, 3]]));
    assert_eq!(array_from_json(&sequence, &[1], &value).unwrap(), bytes);
}

#[test]
fn replies_carry_bare_tokens() {
    let bytes = [f64::NAN.to_le_bytes(), 1f64.to_le_bytes()].concat();
    let reply = array_to_reply(&f64_le(), &[2], &bytes).unwrap();
    assert_eq!(text::write_lenient(&reply).unwrap(), b"[NaN,1.0]");
}

#[test]
fn a_few_letters_do_not_become_gigabytes_of_zeros() {
    let error = element_from_json(&fixed_string(u32::MAX), &json!("a")).unwrap_err();
    assert!(error.to_string().contains("for a string of"), "{error}");
    let four = json!(["a", "b", "c", "d"]);
    assert!(array_from_json(&fixed_string(100 << 20), &[4], &four).is_err());
    let long = element_from_json(&fixed_string(10 << 20), &json!("a")).unwrap();
    assert_eq!((long.len(), &long[..2]), (10 << 20, &b"a\0"[..]));
}

#[test]
fn what_nests_in_many_ways_is_refused_soon() {
    let mut ty = Datatype::integer(4, true);
    for _ in 0..15 {
        let base = Box::new(compound(vec![("a", ty)]));
        ty = Datatype::Array {
            base,
            dims: vec![1],
        };
    }
    let value = (0..110).fold(json!("x"), |value, _| json!([value]));
    // With every nesting of every part tried, there were more ways than a processor can count.
    assert!(array_from_json(&ty, &[], &value).is_err());
}

#[test]
fn what_was_not_sent_has_a_bound() {
    let opaque = |size| Datatype::Opaque {
        size,
        tag: String::new(),
    };
    let sequence = |base| Datatype::Vlen(Box::new(base));
    let array = |base, count| Datatype::Array {
        base: Box::new(base),
        dims: vec![count],
    };
    let record = compound(vec![("a", opaque(1 << 30)), ("b", opaque(1))]);
    for (datatype, count, value) in [
        (opaque(u32::MAX), 100, json!(null)),
        (opaque(u32::MAX), 100, json!("")),
        (fixed_string(65_536), 350_000, json!("")),
        // Less than an attribute may have, but all of it padding.
        (opaque(300 << 20), 1, json!("")),
        (opaque(300 << 20), 1, json!(null)),
        (fixed_string(300 << 20), 1, json!("a")),
        (fixed_string(65_536), 5000, json!(null)),
        (array(opaque(1 << 20), 300), 1, json!(null)),
        (array(opaque(300 << 20), 1), 1, json!([""])),
        (sequence(opaque(100 << 20)), 2, json!([null, null])),
        (sequence(sequence(opaque(300 << 20))), 1, json!([[null]])),
        (record, 1, json!([null, ""])),
    ] {
        let values = json!(vec![value.clone(); count]);
        let made = array_from_json(&datatype, &[count as u64], &values);
        assert!(made.is_err(), "{count} times {value} of {datatype:?}");
    }
    let refused = array_from_json(&opaque(1 << 30), &[100], &json!(vec![Value::Null; 100]));
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("send fewer"), "{refused}");
    // It is not read in another way instead, where null is an empty list.
    let lists = sequence(sequence(opaque(300 << 20)));
    assert!(array_from_json(&lists, &[1], &json!([[[null]]])).is_err());
}

#[test]
fn callers_bounds_count_every_byte() {
    let text = json!(["abcd", "", null]);
    let within = |most| array_from_json_within(&fixed_string(4), &[3], &text, most);
    assert_eq!(within(12).unwrap(), b"abcd\0\0\0\0\0\0\0\0");
    assert!(within(11).is_err());
    let lists = json!([[1, 2], [3]]);
    let sequence = Datatype::Vlen(Box::new(Datatype::integer(1, true)));
    let within = |most| array_from_json_within(&sequence, &[2], &lists, most);
    assert_eq!(within(11).unwrap(), [2, 0, 0, 0, 1, 2, 1, 0, 0, 0, 3]);
    assert!(within(10).is_err());
    // 32,768 points of 15 dimensions, from some hundred letters.
    let slices = vec![json!({"type": "list", "values": [0, 2]}); 15];
    let region = json!({"id": "d-11111111-22222222-3333-444444-555555", "selection_dict":
        {"shape": vec![3; 15], "select_type": "fancy", "slices": slices}});
    let datatype = Datatype::Reference(ReferenceType::Region);
    assert!(array_from_json_within(&datatype, &[], &region, 1 << 20).is_err());
    // What was tried at another depth first does not count.
    let once = json!(["abcd", "efgh"]);
    let read = array_from_json_within(&fixed_string(4), &[2, 1], &once, 8);
    assert_eq!(read.unwrap(), b"abcdefgh");
}

#[test]
fn small_regions_of_many_coordinates_are_shown_within_bounds() {
    // Two coordinates of each of 15 dimensions: 32,768 blocks of 30 numbers, from some hundred letters.
    let slices = vec![json!({"type": "list", "values": [0, 2]}); 15];
    let region = json!({"id": "d-11111111-22222222-3333-444444-555555", "selection_dict":
        {"shape": vec![3; 15], "select_type": "fancy", "slices": slices}});
    let datatype = Datatype::Reference(ReferenceType::Region);
    let one = element_from_json(&datatype, &region).unwrap();
    let shown = array_to_json(&datatype, &[4], &one.repeat(4)).unwrap();
    assert_eq!(shown[3]["select_type"], "H5S_SEL_HYPERSLABS");
    let refused = array_to_json(&datatype, &[5], &one.repeat(5)).unwrap_err();
    assert!(refused.to_string().contains("coordinates"), "{refused}");
}
