//! Every class of datatype, in attributes and datasets, as JSON and in wire form.

use serde_json::{Value, json};

use crate::client::Client;

/// A type, two elements of it as JSON, and the same in wire form.
type Case = (&'static str, Value, Value, Vec<u8>);

fn le<const N: usize>(numbers: &[[u8; N]]) -> Vec<u8> {
    numbers.concat()
}

/// Layout of a number that has no predefined name.
fn bits(class: &str, size: u32, order: &str, precision: u32, offset: u32) -> Value {
    json!({"class": class, "size": size, "byteOrder": order, "precision": precision,
        "bitOffset": offset, "lsbPad": "H5T_PAD_ZERO", "msbPad": "H5T_PAD_ZERO"})
}

fn with(mut document: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn text(length: Value, charset: &str, pad: &str) -> Value {
    json!({"class": "H5T_STRING", "length": length, "charSet": charset, "strPad": pad})
}

fn variable_text() -> Value {
    text(json!("H5T_VARIABLE"), "H5T_CSET_UTF8", "H5T_STR_NULLTERM")
}

fn vlen(base: &Value) -> Value {
    json!({"class": "H5T_VLEN", "base": base})
}

fn array(base: &Value, dims: &[u64]) -> Value {
    json!({"class": "H5T_ARRAY", "base": base, "dims": dims})
}

fn compound(members: &[(&str, &Value)]) -> Value {
    let fields = members
        .iter()
        .map(|(name, ty)| json!({"name": name, "type": ty}));
    json!({"class": "H5T_COMPOUND", "fields": fields.collect::<Vec<_>>()})
}

fn reference(base: &str) -> Value {
    json!({"class": "H5T_REFERENCE", "base": base})
}

/// A string, sequence or blob in wire form.
fn blob(content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32).to_le_bytes()[..], content].concat()
}

fn numbers() -> Vec<Case> {
    const INTEGER: &str = "H5T_INTEGER";
    const FLOAT: &str = "H5T_FLOAT";
    let named = |class: &str, base: &str| json!({"class": class, "base": base});
    let twos = json!({"signType": "H5T_SGN_2"});
    let bfloat = with(
        bits(FLOAT, 2, "H5T_ORDER_LE", 16, 0),
        json!({"signBitPos": 15, "expBitPos": 7, "expBits": 8, "expBias": 127, "mantBitPos": 0,
            "mantBits": 7, "mantNorm": "H5T_NORM_IMPLIED", "intlbPad": "H5T_PAD_ZERO"}),
    );
    let vax = with(
        bits(FLOAT, 4, "H5T_ORDER_VAX", 32, 0),
        json!({"signBitPos": 31, "expBitPos": 23, "expBits": 8, "expBias": 129, "mantBitPos": 0,
            "mantBits": 23, "mantNorm": "H5T_NORM_IMPLIED", "intlbPad": "H5T_PAD_ZERO"}),
    );
    let own = with(
        bits(FLOAT, 4, "H5T_ORDER_BE", 24, 4),
        json!({"signBitPos": 27, "expBitPos": 20, "expBits": 7, "expBias": 63, "mantBitPos": 4,
            "mantBits": 16, "mantNorm": "H5T_NORM_NONE", "intlbPad": "H5T_PAD_ONE"}),
    );
    vec![
        (
            "signed bytes",
            named(INTEGER, "H5T_STD_I8LE"),
            json!([-128, 127]),
            vec![128, 127],
        ),
        (
            "unsigned, big-endian",
            named(INTEGER, "H5T_STD_U16BE"),
            json!([1, 65534]),
            vec![0, 1, 255, 254],
        ),
        (
            "64 bits",
            named(INTEGER, "H5T_STD_U64LE"),
            json!([u64::MAX, 1]),
            le(&[[255; 8], 1u64.to_le_bytes()]),
        ),
        (
            "64 bits, signed",
            named(INTEGER, "H5T_STD_I64BE"),
            json!([i64::MIN, -1]),
            le(&[i64::MIN.to_be_bytes(), [255; 8]]),
        ),
        (
            "128 bits",
            named(INTEGER, "H5T_STD_I128LE"),
            json!([-7, "AAAAAAAAAAABAAAAAAAAAA=="]),
            le(&[(-7i128).to_le_bytes(), (1i128 << 64).to_le_bytes()]),
        ),
        (
            "24 bits of 32",
            with(bits(INTEGER, 4, "H5T_ORDER_LE", 24, 3), twos.clone()),
            json!([-2, 5]),
            le(&[
                ((-2i32 & 0xff_ffff) << 3).to_le_bytes(),
                40i32.to_le_bytes(),
            ]),
        ),
        (
            "three bytes",
            with(
                bits(INTEGER, 3, "H5T_ORDER_BE", 24, 0),
                json!({"signType": "H5T_SGN_NONE"}),
            ),
            json!([1, 0x010203]),
            vec![0, 0, 1, 1, 2, 3],
        ),
        (
            "half",
            named(FLOAT, "H5T_IEEE_F16LE"),
            json!([1.5, -2.0]),
            vec![0, 0x3e, 0, 0xc0],
        ),
        (
            "single, big-endian",
            named(FLOAT, "H5T_IEEE_F32BE"),
            json!([0.5, -3.0]),
            le(&[0.5f32.to_be_bytes(), (-3f32).to_be_bytes()]),
        ),
        (
            "double",
            named(FLOAT, "H5T_IEEE_F64LE"),
            json!([0.1, 1e300]),
            le(&[0.1f64.to_le_bytes(), 1e300f64.to_le_bytes()]),
        ),
        (
            "bfloat16",
            bfloat,
            json!(["gD8=", "AMA="]),
            vec![0x80, 0x3f, 0, 0xc0],
        ),
        (
            "a float of the VAX",
            vax,
            json!(["gEAAAA==", "AAAAAA=="]),
            vec![0x80, 0x40, 0, 0, 0, 0, 0, 0],
        ),
        (
            "a float of its own",
            own,
            json!(["AQIDBA==", "AAAAAA=="]),
            vec![1, 2, 3, 4, 0, 0, 0, 0],
        ),
        (
            "bitfield",
            named("H5T_BITFIELD", "H5T_STD_B16BE"),
            json!([1, 65535]),
            vec![0, 1, 255, 255],
        ),
        (
            "part of a bitfield",
            bits("H5T_BITFIELD", 2, "H5T_ORDER_LE", 5, 4),
            json!([31, 2]),
            vec![0xf0, 1, 0x20, 0],
        ),
        (
            "time",
            bits("H5T_TIME", 4, "H5T_ORDER_LE", 32, 0),
            json!([1, 2_000_000_000]),
            le(&[1u32.to_le_bytes(), 2_000_000_000u32.to_le_bytes()]),
        ),
        (
            "complex",
            json!({"class": "H5T_COMPLEX", "base": named(FLOAT, "H5T_IEEE_F32LE")}),
            json!([[1.0, -0.5], [0.0, 2.0]]),
            le(&[1f32, -0.5, 0.0, 2.0].map(f32::to_le_bytes)),
        ),
    ]
}

fn texts_and_enums() -> Vec<Case> {
    let colours = json!({"class": "H5T_ENUM", "base": {"class": "H5T_INTEGER", "base": "H5T_STD_I16BE"},
        "members": [{"name": "red", "value": -1}, {"name": "green", "value": 2}],
        "mapping": {"red": -1, "green": 2}});
    let boolean = json!({"class": "H5T_ENUM", "base": {"class": "H5T_INTEGER", "base": "H5T_STD_I8LE"},
        "members": [{"name": "FALSE", "value": 0}, {"name": "TRUE", "value": 1}],
        "mapping": {"FALSE": 0, "TRUE": 1}});
    vec![
        (
            "fixed text",
            text(json!(3), "H5T_CSET_ASCII", "H5T_STR_NULLPAD"),
            json!(["ab", "xyz"]),
            b"ab\0xyz".to_vec(),
        ),
        (
            "fixed text, spaces",
            text(json!(3), "H5T_CSET_ASCII", "H5T_STR_SPACEPAD"),
            json!(["ab ", "xyz"]),
            b"ab xyz".to_vec(),
        ),
        (
            "fixed UTF-8",
            text(json!(4), "H5T_CSET_UTF8", "H5T_STR_NULLTERM"),
            json!(["éa", "b"]),
            b"\xc3\xa9a\0b\0\0\0".to_vec(),
        ),
        (
            "variable text",
            variable_text(),
            json!(["é", "abc"]),
            [blob("é".as_bytes()), blob(b"abc")].concat(),
        ),
        (
            "opaque",
            json!({"class": "H5T_OPAQUE", "size": 3, "tag": "é tag"}),
            json!(["AQID", "AAAA"]),
            vec![1, 2, 3, 0, 0, 0],
        ),
        ("enum", colours, json!([-1, 2]), vec![255, 255, 0, 2]),
        ("boolean", boolean, json!([true, false]), vec![1, 0]),
    ]
}

fn nested() -> Vec<Case> {
    let byte = json!({"class": "H5T_INTEGER", "base": "H5T_STD_U8LE"});
    let opaque = json!({"class": "H5T_OPAQUE", "size": 2, "tag": "t"});
    let colours = json!({"class": "H5T_ENUM", "base": byte,
        "members": [{"name": "a", "value": 0}, {"name": "b", "value": 7}], "mapping": {"a": 0, "b": 7}});
    let record = compound(&[
        ("n", &byte),
        ("s", &variable_text()),
        ("é", &array(&byte, &[2])),
    ]);
    let one = [&[1][..], &blob(b"x"), &[2, 3]].concat();
    let other = [&[4][..], &blob(b""), &[5, 6]].concat();
    vec![
        (
            "sequence",
            vlen(&byte),
            json!([[1, 2, 3], [4]]),
            [blob(&[1, 2, 3]), blob(&[4])].concat(),
        ),
        (
            "sequence of sequences",
            vlen(&vlen(&byte)),
            json!([[[1], [2, 3]], [[]]]),
            [
                blob(&[blob(&[1]), blob(&[2, 3])].concat()),
                blob(&blob(&[])),
            ]
            .concat(),
        ),
        (
            "sequence of texts",
            vlen(&variable_text()),
            json!([["a", "é"], ["b"]]),
            [
                blob(&[blob(b"a"), blob("é".as_bytes())].concat()),
                blob(&blob(b"b")),
            ]
            .concat(),
        ),
        (
            "array",
            array(&byte, &[2, 2]),
            json!([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]),
            (1..9).collect(),
        ),
        (
            "array of texts",
            array(&variable_text(), &[2]),
            json!([["a", "b"], ["", "c"]]),
            [blob(b"a"), blob(b"b"), blob(b""), blob(b"c")].concat(),
        ),
        (
            "array of sequences",
            array(&vlen(&byte), &[2]),
            json!([[[1], [2, 3]], [[4], []]]),
            [blob(&[1]), blob(&[2, 3]), blob(&[4]), blob(&[])].concat(),
        ),
        (
            "array of enums",
            array(&colours, &[2]),
            json!([[0, 7], [7, 7]]),
            vec![0, 7, 7, 7],
        ),
        (
            "array of opaque",
            array(&opaque, &[2]),
            json!([["AQI=", "AwQ="], ["BQY=", "AAA="]]),
            vec![1, 2, 3, 4, 5, 6, 0, 0],
        ),
        (
            "array of arrays",
            array(&array(&byte, &[2]), &[1]),
            json!([[[1, 2]], [[3, 4]]]),
            vec![1, 2, 3, 4],
        ),
        (
            "compound",
            record.clone(),
            json!([[1, "x", [2, 3]], [4, "", [5, 6]]]),
            [one.clone(), other.clone()].concat(),
        ),
        (
            "compound of compounds",
            compound(&[("r", &record), ("e", &colours)]),
            json!([[[1, "x", [2, 3]], 7], [[4, "", [5, 6]], 0]]),
            [&one[..], &[7], &other, &[0]].concat(),
        ),
        (
            "one member of variable size",
            compound(&[("v", &vlen(&byte))]),
            json!([[[1, 2]], [[3]]]),
            [blob(&[1, 2]), blob(&[3])].concat(),
        ),
        (
            "sequence of compounds",
            vlen(&record),
            json!([[[1, "x", [2, 3]]], [[4, "", [5, 6]], [1, "x", [2, 3]]]]),
            [blob(&one), blob(&[other, one].concat())].concat(),
        ),
        (
            "array of compounds",
            array(&compound(&[("a", &byte), ("o", &opaque)]), &[2]),
            json!([[[1, "AgM="], [4, "BQY="]], [[7, "CAk="], [0, "AAA="]]]),
            vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0],
        ),
    ]
}

/// Writes and reads in every way; all must agree.
fn check(client: &Client, root: &str, (what, datatype, value, bytes): Case) {
    let body = |value: &Value| json!({"type": datatype, "shape": [2], "value": value});
    let attribute = format!("/groups/{root}/attributes/a");
    let of_attribute = format!("{attribute}/value");
    client
        .put(&format!("{attribute}?replace=1"), body(&value))
        .expect(201);
    let found = client.get(&attribute).expect(200).json();
    assert_eq!(found["type"], datatype, "{what}: type of an attribute");
    let shown = if found["encoding"] == "base64" {
        // What JSON cannot tell is the whole value in base64.
        Value::Null
    } else {
        found["value"].clone()
    };
    assert!(
        shown == value || shown.is_null(),
        "{what}: attribute {shown}"
    );
    assert_eq!(
        client
            .get_bytes(&format!("{of_attribute}?null_strings=1"))
            .expect(200)
            .bytes,
        bytes,
        "{what}: attribute"
    );
    client
        .put(&of_attribute, json!({"value": null}))
        .expect(200);
    client.put_bytes(&of_attribute, &bytes).expect(200);
    assert_eq!(
        client.get(&attribute).json()["value"],
        found["value"],
        "{what}: attribute"
    );

    let make = || client.create("datasets", json!({"type": datatype, "shape": [2]}));
    let id = make();
    let found = client.get(&format!("/datasets/{id}")).expect(200).json();
    assert_eq!(found["type"], datatype, "{what}: type of a dataset");
    let path = format!("/datasets/{id}/value");
    client.put(&path, json!({"value": value})).expect(200);
    assert_eq!(
        client.get(&path).expect(200).json()["value"],
        value,
        "{what}: dataset"
    );
    assert_eq!(
        client.get_bytes(&path).expect(200).bytes,
        bytes,
        "{what}: dataset"
    );
    let path = format!("/datasets/{}/value", make());
    client.put_bytes(&path, &bytes).expect(200);
    assert_eq!(
        client.get(&path).expect(200).json()["value"],
        value,
        "{what}: dataset"
    );
    assert_eq!(
        client.get_bytes(&path).expect(200).bytes,
        bytes,
        "{what}: dataset"
    );
    // A single element, and none at all.
    let second = client.get(&format!("{path}?select=[1]")).expect(200).json()["value"].clone();
    assert_eq!(second, json!([value[1]]), "{what}: one of a dataset");
    let fresh = format!("/datasets/{}/value", make());
    client.get(&fresh).expect(200);
    // Made with its value.
    let id = client.create("datasets", body(&value));
    let path = format!("/datasets/{id}/value");
    assert_eq!(
        client.get_bytes(&path).expect(200).bytes,
        bytes,
        "{what}: made with its value"
    );
    // Committed, and used by its id.
    let committed = client.create("datatypes", json!({"type": datatype}));
    let found = client
        .get(&format!("/datatypes/{committed}"))
        .expect(200)
        .json();
    assert_eq!(found["type"], datatype, "{what}: committed");
    let id = client.create("datasets", json!({"type": committed, "shape": [2]}));
    let path = format!("/datasets/{id}/value");
    client.put(&path, json!({"value": value})).expect(200);
    assert_eq!(
        client.get_bytes(&path).expect(200).bytes,
        bytes,
        "{what}: of a committed type"
    );
}

#[test]
fn every_type_in_every_way() {
    let (client, root) = Client::with_domain();
    for case in numbers()
        .into_iter()
        .chain(texts_and_enums())
        .chain(nested())
    {
        check(&client, &root, case);
    }
}

#[test]
fn references_of_every_kind() {
    let (client, root) = Client::with_domain();
    let data = client.create("datasets", json!({"type": "H5T_STD_U8LE", "shape": [9]}));
    let object = |path: &str| {
        let mut bytes = path.as_bytes().to_vec();
        bytes.resize(48, 0);
        bytes
    };
    let paths = [format!("datasets/{data}"), format!("groups/{root}")];
    check(
        &client,
        &root,
        (
            "object references",
            reference("H5T_STD_REF_OBJ"),
            json!(paths),
            [object(&paths[0]), object(&paths[1])].concat(),
        ),
    );
    // The blobs of the others are known to the tests of the protocol; here they come back.
    let region = json!({"id": &data[2..], "shape": [9], "select_type": "H5S_SEL_HYPERSLABS",
        "selection": [[[1], [3]]]});
    let general = |part: Value| with(json!({"id": data}), part);
    for (base, values) in [
        ("H5T_STD_REF_DSETREG", json!([region, null])),
        ("H5T_STD_REF", json!([general(json!({})), null])),
        (
            "H5T_STD_REF",
            json!([general(json!({"attribute": "a"})), {"file": "f.h5", "token": "0000000000000001"}]),
        ),
    ] {
        let datatype = reference(base);
        for datatype in [
            datatype.clone(),
            array(&datatype, &[1]),
            vlen(&datatype),
            compound(&[("r", &datatype)]),
        ] {
            let value: Value = match datatype["class"].as_str() {
                Some("H5T_REFERENCE") => values.clone(),
                _ => values
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|v| json!([v]))
                    .collect(),
            };
            let id = client.create(
                "datasets",
                json!({"type": datatype, "shape": [2], "value": value}),
            );
            let path = format!("/datasets/{id}/value");
            let bytes = client.get_bytes(&path).expect(200).bytes;
            check(&client, &root, (base, datatype, value, bytes));
        }
    }
}

#[test]
fn layouts_that_are_none() {
    let (client, _) = Client::with_domain();
    for wrong in [
        bits("H5T_BITFIELD", 0, "H5T_ORDER_LE", 8, 0),
        bits("H5T_BITFIELD", 1, "H5T_ORDER_LE", 8, 1),
        bits("H5T_INTEGER", 4, "H5T_ORDER_VAX", 32, 0),
        bits("H5T_INTEGER", 4, "H5T_ORDER_LE", 32, 0),
        json!({"class": "H5T_OPAQUE", "tag": "x"}),
        json!({"class": "H5T_ARRAY", "base": "H5T_STD_I8LE"}),
        json!({"class": "H5T_COMPOUND", "fields": []}),
        json!({"class": "H5T_COMPLEX", "base": "H5T_STD_I8LE"}),
        json!({"class": "H5T_VLEN"}),
        json!({"class": "H5T_NOTHING"}),
        json!({"class": "H5T_ENUM", "base": "H5T_IEEE_F32LE", "mapping": {"a": 1}}),
    ] {
        client
            .post("/datasets", json!({"type": wrong, "shape": [1]}))
            .expect(400);
    }
}
