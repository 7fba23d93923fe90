//! Groups, datasets and committed datatypes.

use serde_json::{Value, json};

use crate::client::Client;

#[test]
fn groups_with_everything_inside() {
    let (client, root) = Client::with_domain();
    let body = json!({
        "link": {"id": root, "name": "g"},
        "creationProperties": {"CreateOrder": 1, "anything": [null, {"x": 1}]},
        "attributes": {"a": {"type": "H5T_STD_I32LE", "value": 5}},
        "links": {"soft": {"h5path": "/somewhere"}},
    });
    let made = client.post("/groups", body).expect(201).json();
    assert_eq!(
        (&made["linkCount"], &made["attributeCount"]),
        (&json!(1), &json!(1))
    );
    let path = format!("/groups/{}", made["id"].as_str().unwrap());
    let found = client
        .get(&format!("{path}?include_links=1&include_attrs=1"))
        .expect(200)
        .json();
    assert_eq!(
        found["creationProperties"]["anything"],
        json!([null, {"x": 1}])
    );
    assert_eq!(found["attributes"]["a"]["value"], 5);
    assert_eq!(found["links"]["soft"]["h5path"], "/somewhere");
    assert_eq!(found["root"], root.as_str());
    let again = json!({"link": {"id": root, "name": "g"}});
    client.post("/groups", again).expect(409);
    let all = client.get("/?getobjs=1").json()["domain_objs"]
        .as_object()
        .unwrap()
        .len();
    assert_eq!(all, 2, "a refused group leaves nothing");
}

#[test]
fn ids_can_be_chosen() {
    let (client, root) = Client::with_domain();
    let own = format!("g-{}-1234-567890-abcdef", &root[2..19]);
    assert_eq!(client.create("groups", json!({"id": own})), own);
    client.post("/groups", json!({"id": own})).expect(400);
    client
        .post("/datasets", json!({"id": own, "type": "H5T_STD_U8LE"}))
        .expect(400);
    client
        .post(
            "/groups",
            json!({"id": "g-11111111-22222222-3333-444444-555555"}),
        )
        .expect(400);
    client
        .post("/groups", json!({"id": "nonsense"}))
        .expect(400);
    client.delete(&format!("/groups/{own}")).expect(200);
    client.get(&format!("/groups/{own}")).expect(410);
    client.create("groups", json!({"id": own}));
}

#[test]
fn lists_are_made_as_a_whole() {
    let (client, root) = Client::with_domain();
    let id = |n: u32| format!("g-{}-0000-000000-{n:06x}", &root[2..19]);
    let parent = json!({"id": id(1), "link": {"id": root, "name": "p"}});
    let child = json!({"id": id(2), "link": {"id": id(1), "name": "c"}});
    let made = client
        .post("/groups", json!([child, parent]))
        .expect(201)
        .json();
    assert_eq!(made["objects"][0]["id"], id(2));
    let found = client.get("/?h5path=/p/c").expect(200).json();
    assert_eq!(found["id"], id(2));
    client
        .post("/groups", json!([{"id": id(3)}, {"id": id(1)}]))
        .expect(400);
    client.get(&format!("/groups/{}", id(3))).expect(404);
    client.post("/groups", json!([])).expect(400);
    let single = client.post("/groups", json!([{}])).expect(201).json();
    assert!(single["id"].is_string());
}

#[test]
fn collections_list_what_is_linked() {
    let (client, root) = Client::with_domain();
    let linked = client.create("groups", json!({"link": {"id": root, "name": "g"}}));
    client.create("groups", json!({}));
    let data = json!({"type": "H5T_STD_U8LE", "link": {"id": linked, "name": "d"}});
    let dataset = client.create("datasets", data);
    assert_eq!(
        client.get("/groups").expect(200).json()["groups"],
        json!([linked])
    );
    assert_eq!(
        client.get("/datasets").expect(200).json()["datasets"],
        json!([dataset])
    );
    assert_eq!(
        client.get("/datatypes").expect(200).json()["datatypes"],
        json!([])
    );
    assert_eq!(
        client.get("/groups?Limit=0").expect(200).json()["groups"],
        json!([linked])
    );
    client.delete(&format!("/groups/{root}")).expect(403);
}

#[test]
fn objects_of_other_domains_are_out_of_reach() {
    let (client, _) = Client::with_domain();
    let other = client.about("/home/u/other");
    let root = other.put("/", json!({})).expect(201).json()["root"]
        .as_str()
        .unwrap()
        .to_owned();
    client.get(&format!("/groups/{root}")).expect(400);
    let item = json!({"link": {"id": root, "name": "x"}});
    client.post("/groups", item).expect(400);
    client.get(&format!("/datasets/{root}")).expect(400);
    client
        .get("/groups/g-11111111-22222222-3333-444444-555555")
        .expect(404);
}

#[test]
fn every_class_of_type_is_kept() {
    let (client, _) = Client::with_domain();
    let integer = |base: &str| json!({"class": "H5T_INTEGER", "base": base});
    let odd = json!({"class": "H5T_INTEGER", "size": 4, "byteOrder": "H5T_ORDER_LE", "precision": 24,
        "bitOffset": 3, "signType": "H5T_SGN_2", "lsbPad": "H5T_PAD_ZERO", "msbPad": "H5T_PAD_ONE"});
    let record = json!({"class": "H5T_COMPOUND", "size": 32, "fields": [
        {"name": "é", "type": odd, "offset": 8},
        {"name": "v", "type": {"class": "H5T_VLEN", "base": {"class": "H5T_STRING",
            "length": "H5T_VARIABLE", "charSet": "H5T_CSET_UTF8"}}, "offset": 16}]});
    for datatype in [
        odd.clone(),
        record,
        json!({"class": "H5T_BITFIELD", "base": "H5T_STD_B16BE"}),
        json!({"class": "H5T_TIME", "size": 4, "byteOrder": "H5T_ORDER_LE"}),
        json!({"class": "H5T_COMPLEX", "base": {"class": "H5T_FLOAT", "base": "H5T_IEEE_F32LE"}}),
        json!({"class": "H5T_OPAQUE", "size": 5, "tag": "é"}),
        json!({"class": "H5T_REFERENCE", "base": "H5T_STD_REF"}),
        json!({"class": "H5T_ARRAY", "dims": [2], "base": {"class": "H5T_VLEN", "base": integer("H5T_STD_I8LE")}}),
        json!({"class": "H5T_INTEGER", "base": "H5T_STD_U128LE", "hint": {"kept": true}}),
    ] {
        let id = client.create("datasets", json!({"type": datatype, "shape": [2]}));
        let found = client
            .get(&format!("/datasets/{id}/type"))
            .expect(200)
            .json();
        assert_eq!(found["type"], datatype);
        // What was never written reads as zeros, in wire form, for every type.
        client
            .get_bytes(&format!("/datasets/{id}/value"))
            .expect(200);
    }
    client
        .post("/datasets", json!({"type": "H5T_NATIVE_INT"}))
        .expect(400);
    client.post("/datasets", json!({"shape": [2]})).expect(400);
}

#[test]
fn committed_types_show_where_they_are_used() {
    let (client, _) = Client::with_domain();
    let body = json!({"type": "H5T_STD_I16BE", "creationProperties": {"kept": 1}});
    let id = client.create("datatypes", body);
    let committed = client.get(&format!("/datatypes/{id}")).expect(200).json();
    assert_eq!(committed["creationProperties"], json!({"kept": 1}));
    let dataset = client.create("datasets", json!({"type": id, "shape": [1]}));
    let found = client
        .get(&format!("/datasets/{dataset}"))
        .expect(200)
        .json();
    let expected = json!({"class": "H5T_INTEGER", "base": "H5T_STD_I16BE", "id": id});
    assert_eq!(found["type"], expected);
    client.delete(&format!("/datatypes/{id}")).expect(200);
    client.post("/datasets", json!({"type": id})).expect(410);
    client
        .get_bytes(&format!("/datasets/{dataset}/value"))
        .expect(200);
}

#[test]
fn enums_come_in_both_forms() {
    let (client, _) = Client::with_domain();
    let base = json!({"class": "H5T_INTEGER", "base": "H5T_STD_I8LE"});
    let datatype = json!({"class": "H5T_ENUM", "base": base, "mapping": {"a": 1}});
    let id = client.create("datatypes", json!({"type": datatype}));
    let found: Value = client.get(&format!("/datatypes/{id}")).expect(200).json();
    assert_eq!(found["type"]["members"], json!([{"name": "a", "value": 1}]));
    assert_eq!(found["type"]["mapping"], json!({"a": 1}));
}

#[test]
fn shapes_change() {
    let (client, _) = Client::with_domain();
    let body = json!({"type": "H5T_STD_U8LE", "shape": [4, 3], "maxdims": [8, 0],
        "creationProperties": {"fillValue": 7}});
    let id = client.create("datasets", body);
    let shape = format!("/datasets/{id}/shape");
    let grown = client
        .put(&shape, json!({"shape": [6, 3]}))
        .expect(201)
        .json();
    assert_eq!(grown["selection"], "[4:6,:]");
    client
        .put(&shape, json!({"extend": 2, "extend_dim": 1}))
        .expect(201);
    assert_eq!(
        client.get(&shape).expect(200).json()["shape"]["dims"],
        json!([6, 5])
    );
    client.put(&shape, json!({"shape": [9, 3]})).expect(409);
    client.put(&shape, json!({"shape": [9]})).expect(400);
    client.put(&shape, json!({"shape": [1, 1]})).expect(201);
    client.put(&shape, json!({"shape": [2, 1]})).expect(201);
    let value = client
        .get(&format!("/datasets/{id}/value"))
        .expect(200)
        .json();
    assert_eq!(value["value"], json!([[7], [7]]));
    let fixed = client.create("datasets", json!({"type": "H5T_STD_U8LE", "shape": [4]}));
    client
        .put(&format!("/datasets/{fixed}/shape"), json!({"shape": [3]}))
        .expect(400);
}

#[test]
fn what_a_dataset_takes() {
    let (client, _) = Client::with_domain();
    let layout = json!({"class": "H5D_CHUNKED", "dims": [10]});
    let id = client.create(
        "datasets",
        json!({"type": "H5T_STD_I32LE", "shape": [100], "creationProperties": {"layout": layout}}),
    );
    let taken = || {
        let document = client.get(&format!("/datasets/{id}?verbose=1")).json();
        (
            document["num_chunks"].clone(),
            document["allocated_size"].clone(),
        )
    };
    assert_eq!(taken(), (json!(0), json!(0)));
    let path = format!("/datasets/{id}/value?select=[15:35]");
    client.put_bytes(&path, &[1; 80]).expect(200);
    assert_eq!(taken(), (json!(3), json!(120)));
    let plain = client.get(&format!("/datasets/{id}")).json();
    assert_eq!(plain.get("num_chunks"), None);
}

#[test]
fn annotations_are_kept_beside_the_attributes() {
    let (client, root) = Client::with_domain();
    let group = client.create("groups", json!({"link": {"id": root, "name": "g"}}));
    let path = format!("/groups/{group}/annotations");
    let kept = |client: &Client| client.get(&path).expect(200).json()["annotations"].clone();
    assert_eq!(kept(&client), json!({}));
    let changes = json!({"comment": "first", "references": 2});
    client.put(&path, changes).expect(200);
    let changes = json!({"references": null, "more": [1]});
    client.put(&path, changes).expect(200);
    let expected = json!({"comment": "first", "more": [1]});
    assert_eq!(kept(&client), expected);
    let found = client
        .get(&format!("/groups/{group}?include_attrs=1"))
        .json();
    assert_eq!(found["annotations"], expected);
    assert_eq!(
        (&found["attributeCount"], &found["attributes"]),
        (&json!(0), &json!({}))
    );
    assert!(found["lastModified"].as_f64() > found["created"].as_f64());

    client.put(&path, json!([1])).expect(400);
    client
        .put(&path, json!({"large": "x".repeat(70_000)}))
        .expect(400);
    assert_eq!(kept(&client), expected);
    let other = client.create("groups", json!({}));
    let missing = format!("/groups/{other}");
    client.delete(&missing).expect(200);
    client
        .put(&format!("{missing}/annotations"), json!({"a": 1}))
        .expect(410);
    client.get(&format!("{missing}/annotations")).expect(410);
}

/// Who wants a dataset larger may have an old idea of how large it is.
#[test]
fn growth_is_at_least() {
    let (client, _) = Client::with_domain();
    let body = json!({"type": "H5T_STD_U8LE", "shape": [10, 5], "maxdims": [0, 0]});
    let dataset = client.create("datasets", body);
    let path = format!("/datasets/{dataset}/shape");
    let dims = || client.get(&path).expect(200).json()["shape"]["dims"].clone();
    client
        .put(&path, json!({"shape": [4, 7], "grow": true}))
        .expect(201);
    assert_eq!(dims(), json!([10, 7]));
    let change = json!({"method": "PUT", "path": &path, "body": {"shape": [12, 1], "grow": true}});
    let made = client.post("/batch", json!({"operations": [change]}));
    assert_eq!(made.expect(200).json()["results"][0]["status"], 201);
    assert_eq!(dims(), json!([12, 7]));
    client.put(&path, json!({"shape": [4, 7]})).expect(201);
    assert_eq!(dims(), json!([4, 7]));
}
