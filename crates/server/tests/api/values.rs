//! Elements of datasets.

use h5rest_protocol::values::text;
use h5rest_server::app::Settings;
use h5rest_server::auth::Authenticator;
use h5rest_server::store::Store;
use serde_json::{Value, json};

use crate::client::Client;

fn dataset(client: &Client, body: Value) -> String {
    format!("/datasets/{}/value", client.create("datasets", body))
}

/// 4 x 5 bytes, 0 to 19, in chunks of 3 x 2.
fn counted(client: &Client) -> String {
    let layout = json!({"class": "H5D_CHUNKED", "dims": [3, 2]});
    let body = json!({"type": "H5T_STD_U8LE", "shape": [4, 5],
        "creationProperties": {"layout": layout}});
    let path = dataset(client, body);
    client
        .put_bytes(&path, &(0..20).collect::<Vec<u8>>())
        .expect(200);
    path
}

#[test]
fn selections_both_ways() {
    let (client, _) = Client::with_domain();
    let path = counted(&client);
    let get =
        |query: &str| client.get(&format!("{path}{query}")).expect(200).json()["value"].clone();
    assert_eq!(get("?select=[1:3,::2]"), json!([[5, 7, 9], [10, 12, 14]]));
    assert_eq!(get("?select=[2,3]"), json!([[13]]));
    assert_eq!(get("?select=[2,3]&reduce_dim=1"), json!(13));
    assert_eq!(get("?select=[2,1:3]&reduce_dim=1"), json!([11, 12]));
    assert_eq!(get("?select=[[3,0],4]"), json!([[19], [4]]));
    assert_eq!(get("?select=[[3,0],[4,1]]"), json!([19, 1]));
    for wrong in ["2:5", "[0:9,:]", "[1]", "[1:1,:]", "[-1,0]", "[0,[]]"] {
        client.get(&format!("{path}?select={wrong}")).expect(400);
    }
    client
        .put(&path, json!({"select": "[0,0:2]", "value": [[100, 101]]}))
        .expect(200);
    client
        .put(&path, json!({"select": [1, [0, 2]], "value": [102, 103]}))
        .expect(200);
    client
        .put(
            &path,
            json!({"start": [2, 0], "stop": [3, 5], "step": [1, 4], "value": [104, 105]}),
        )
        .expect(200);
    client
        .put(
            &path,
            json!({"points": [[3, 4], [3, 0]], "value": [106, 107]}),
        )
        .expect(200);
    client
        .put(&path, json!({"select": "[0,4]", "value_base64": "bA=="}))
        .expect(200);
    client
        .put_bytes(&format!("{path}?select=[1,1]"), &[109])
        .expect(200);
    let all = client.get_bytes(&path).expect(200);
    let expected = [
        100, 101, 2, 3, 108, 102, 109, 103, 8, 9, 104, 11, 12, 13, 105, 107, 16, 17, 18, 106,
    ];
    assert_eq!(all.bytes, expected);
    assert_eq!(all.headers["content-length"], "20");
}

#[test]
fn points_and_selections_by_post() {
    let (client, _) = Client::with_domain();
    let path = counted(&client);
    let post = |body: Value| client.post(&path, body);
    assert_eq!(
        post(json!({"points": [[3, 4], [0, 1], [3, 4]]})).json()["value"],
        json!([19, 1, 19])
    );
    assert_eq!(
        post(json!({"select": "[3,:]"})).json()["value"],
        json!([[15, 16, 17, 18, 19]])
    );
    post(json!({"points": [[4, 0]]})).expect(400);
    post(json!({"points": [[0, -1]]})).expect(400);
    post(json!({"points": [0]})).expect(400);
    let coordinates: Vec<u8> = [1u64, 2, 0, 0]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    let octets = "application/octet-stream";
    let headers = [
        ("Content-Type", octets),
        ("Accept", "text/html, application/octet-stream;q=0.5"),
    ];
    let answer = client
        .send("POST", &path, &headers, &coordinates)
        .expect(200);
    assert_eq!(answer.bytes, [7, 0]);
    let headers = [("Content-Type", octets), ("Accept", octets)];
    client
        .send("POST", &path, &headers, &coordinates[1..])
        .expect(400);
}

#[test]
fn points_of_large_elements_leave_as_they_are_read() {
    const SIZE: usize = 8 << 20;
    let (client, _) = Client::with_domain();
    let datatype = json!({"class": "H5T_OPAQUE", "size": SIZE});
    let path = dataset(&client, json!({"type": datatype, "shape": [3]}));
    let elements: Vec<Vec<u8>> = (1..4u8).map(|number| vec![number; SIZE]).collect();
    client.put_bytes(&path, &elements.concat()).expect(200);
    let octets = "application/octet-stream";
    let headers = [("Content-Type", octets), ("Accept", octets)];
    let post = |points: &[u64]| {
        let body: Vec<u8> = points.iter().flat_map(|at| at.to_le_bytes()).collect();
        client.send("POST", &path, &headers, &body)
    };
    let points: Vec<u64> = (0..20).map(|n| n * n % 3).collect();
    let read = post(&points).expect(200);
    assert_eq!(read.headers["content-length"], (20 * SIZE).to_string());
    assert_eq!(read.bytes.len(), 20 * SIZE);
    for (found, &at) in read.bytes.chunks(SIZE).zip(&points) {
        assert!(found == elements[at as usize], "point {at}");
    }
    // What cannot be read has a status, whatever stands in front of it.
    post(&[&points[..], &[3]].concat()).expect(400);
    assert!(post(&[]).expect(200).bytes.is_empty());
}

/// JSON of many elements is written while they are read, and is the same as that of few.
#[test]
fn many_elements_as_json() {
    let start = |write_json_from: usize| {
        let settings = Settings {
            write_json_from,
            ..Settings::default()
        };
        let client = Client::start_as(Store::in_memory(), Authenticator::Trusting, settings);
        client.put("/", json!({})).expect(201);
        client
    };
    let servers = [start(1 << 20), start(2)];
    let same = |body: Value, value: Value, queries: &[&str]| {
        let paths = servers.each_ref().map(|client| {
            let path = dataset(client, body.clone());
            client.put(&path, json!({"value": value})).expect(200);
            path
        });
        for query in queries {
            let of = |at: usize| {
                servers[at]
                    .get(&format!("{}{query}", paths[at]))
                    .expect(200)
            };
            let [few, many] = [of(0), of(1)];
            // Only what is in memory as a whole has a tag.
            assert!(few.headers.contains_key("etag") && !many.headers.contains_key("etag"));
            let [few, many] = [few, many].map(|answer| text::parse_lenient(&answer.bytes).unwrap());
            assert_eq!(few["value"], many["value"], "{query}");
            assert_eq!(few["status"], many["status"]);
            assert_eq!(few["hrefs"][0]["rel"], many["hrefs"][0]["rel"]);
        }
    };
    let cube: Vec<i32> = (0..7 * 5 * 3).collect();
    let layout = json!({"layout": {"class": "H5D_CHUNKED", "dims": [2, 5, 2]}});
    same(
        json!({"type": "H5T_STD_I32LE", "shape": [7, 5, 3], "creationProperties": layout}),
        json!(cube),
        &[
            "",
            "?select=[1:7:2,:,1]",
            "?select=[1:7:2,:,1]&reduce_dim=1",
            "?select=[[0,3,4],2,:]",
        ],
    );
    same(
        json!({"type": "H5T_IEEE_F64LE", "shape": [4]}),
        json!(["NaN", "Infinity", "-Infinity", 1.5]),
        &["", "?ignore_nan=1"],
    );
    let string = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE",
        "charSet": "H5T_CSET_UTF8", "strPad": "H5T_STR_NULLTERM"});
    let pair = json!({"class": "H5T_COMPOUND", "fields": [
        {"name": "a", "type": {"class": "H5T_ARRAY", "dims": [2], "base": "H5T_STD_U8LE"}},
        {"name": "b", "type": string}]});
    same(
        json!({"type": pair, "shape": [2, 2]}),
        json!([
            [[[1, 2], "x"], [[3, 4], null]],
            [[[5, 6], "\"ü\""], [[7, 8], ""]]
        ]),
        &["", "?fields=b", "?fields=b:a&select=[0:2,1]"],
    );
    // More than one part of them.
    let [_, many] = &servers;
    let path = dataset(many, json!({"type": "H5T_STD_U64LE", "shape": [200_000]}));
    let bytes: Vec<u8> = (0..200_000u64).flat_map(u64::to_le_bytes).collect();
    many.put_bytes(&path, &bytes).expect(200);
    let all = many
        .post(&path, json!({"select": "[:]"}))
        .expect(200)
        .json();
    let all = all["value"].as_array().unwrap();
    assert!(all.len() == 200_000 && all.iter().zip(0u64..).all(|(found, n)| *found == n));
}

#[test]
fn bodies_that_do_not_fit() {
    let (client, _) = Client::with_domain();
    let path = counted(&client);
    client.put_bytes(&path, &[0; 19]).expect(400);
    client.put_bytes(&path, &[0; 21]).expect(400);
    client.put(&path, json!({"value": [1, 2]})).expect(400);
    client
        .put(&path, json!({"select": "[0,0]", "value": [256]}))
        .expect(400);
    client
        .put(&path, json!({"select": "[0,0]", "value": ["x"]}))
        .expect(400);
    client.put(&path, json!({})).expect(400);
    client
        .send("PUT", &path, &[("Content-Type", "text/csv")], b"1,2")
        .expect(400);
    assert_eq!(client.get_bytes(&path).bytes, (0..20).collect::<Vec<u8>>());
}

#[test]
fn repeated_elements() {
    let (client, _) = Client::with_domain();
    let path = counted(&client);
    client
        .put(
            &path,
            json!({"select": "[0:2,:]", "value": 7, "element_count": 1}),
        )
        .expect(200);
    client
        .put_bytes(
            &format!("{path}?select=[2:4,:]&element_count=5"),
            &[1, 2, 3, 4, 5],
        )
        .expect(200);
    let expected = [[7; 5], [7; 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]].concat();
    assert_eq!(client.get_bytes(&path).bytes, expected);
    client
        .put_bytes(&format!("{path}?element_count=3"), &[1, 2, 3])
        .expect(400);
}

#[test]
fn appending() {
    let (client, _) = Client::with_domain();
    let path = dataset(
        &client,
        json!({"type": "H5T_STD_U8LE", "shape": [1, 2], "maxdims": [3, 2]}),
    );
    client
        .put_bytes(&format!("{path}?append=1"), &[5, 6])
        .expect(200);
    client
        .put_bytes(&format!("{path}?append=1"), &[5])
        .expect(400);
    client
        .put_bytes(&format!("{path}?append=2"), &[1, 2, 3, 4])
        .expect(409);
    assert_eq!(client.get(&path).json()["value"], json!([[0, 0], [5, 6]]));
}

#[test]
fn appending_along_another_dimension() {
    let (client, _) = Client::with_domain();
    let body =
        json!({"type": "H5T_STD_U8LE", "shape": [2, 1], "maxdims": [2, 3], "value": [[1], [2]]});
    let path = dataset(&client, body);
    let grow = json!({"append": 1, "append_dim": 1, "value": [[3], [4]]});
    client.put(&path, grow.clone()).expect(200);
    client
        .put_bytes(&format!("{path}?append=1&append_dim=1"), &[5, 6])
        .expect(200);
    assert_eq!(client.get_bytes(&path).bytes, [1, 3, 5, 2, 4, 6]);
    client.put(&path, grow).expect(409);
    client
        .put(&path, json!({"append": 1, "append_dim": 2, "value": [1]}))
        .expect(400);
    client
        .put(&path, json!({"append": 1, "value": [[1, 1, 1]]}))
        .expect(409);
}

#[test]
fn null_strings_are_told_to_those_who_ask() {
    let (client, _) = Client::with_domain();
    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE", "charSet": "H5T_CSET_UTF8"});
    let path = dataset(&client, json!({"type": text, "shape": [2]}));
    client
        .put(&path, json!({"select": "[0]", "value": [""]}))
        .expect(200);
    assert_eq!(client.get_bytes(&path).expect(200).bytes, [0; 8]);
    let told = client.get_bytes(&format!("{path}?null_strings=1"));
    assert_eq!(told.expect(200).bytes, [0, 0, 0, 0, 255, 255, 255, 255]);
    assert_eq!(client.get(&path).json()["value"], json!(["", null]));
}

#[test]
fn members_of_compounds() {
    let (client, _) = Client::with_domain();
    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE", "charSet": "H5T_CSET_UTF8"});
    let record = json!({"class": "H5T_COMPOUND", "fields": [
        {"name": "a", "type": "H5T_STD_U8LE"}, {"name": "t", "type": text},
        {"name": "b", "type": "H5T_STD_U16LE"}]});
    let path = dataset(&client, json!({"type": record, "shape": [2]}));
    client
        .put(&path, json!({"value": [[1, "one", 10], [2, "two", 20]]}))
        .expect(200);
    let part = client.get(&format!("{path}?fields=b:t")).expect(200).json();
    assert_eq!(part["value"], json!([[10, "one"], [20, "two"]]));
    let bytes = client
        .get_bytes(&format!("{path}?fields=b&select=[1]"))
        .expect(200);
    assert_eq!(
        (bytes.bytes.as_slice(), &bytes.headers["content-length"]),
        (&[20, 0][..], &"2".parse().unwrap())
    );
    client
        .put(
            &path,
            json!({"fields": "t", "select": "[0]", "value": [["uno"]]}),
        )
        .expect(200);
    client
        .put_bytes(&format!("{path}?fields=a"), &[8, 9])
        .expect(200);
    let points = client
        .post(&format!("{path}?fields=t"), json!({"points": [1]}))
        .expect(200);
    assert_eq!(points.json()["value"], json!([["two"]]));
    let all = client.get(&path).expect(200).json();
    assert_eq!(all["value"], json!([[8, "uno", 10], [9, "two", 20]]));
    client.get(&format!("{path}?fields=zz")).expect(400);
}

#[test]
fn scalars_null_and_nothing() {
    let (client, _) = Client::with_domain();
    let scalar = dataset(&client, json!({"type": "H5T_IEEE_F32LE"}));
    client.put(&scalar, json!({"value": 1.5})).expect(200);
    assert_eq!(client.get(&scalar).json()["value"], json!(1.5));
    assert_eq!(
        client.get_bytes(&format!("{scalar}?select=[0]")).bytes,
        1.5f32.to_le_bytes()
    );
    let null = dataset(
        &client,
        json!({"type": "H5T_STD_U8LE", "shape": "H5S_NULL"}),
    );
    client.get(&null).expect(400);
    client.put(&null, json!({"value": 1})).expect(400);
    let empty = dataset(
        &client,
        json!({"type": "H5T_STD_U8LE", "shape": [0, 3], "maxdims": [0, 3]}),
    );
    assert_eq!(client.get(&empty).expect(200).json()["value"], json!([]));
    client.put(&empty, json!({"value": []})).expect(400);
}

#[test]
fn elements_of_variable_size() {
    let (client, _) = Client::with_domain();
    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE", "charSet": "H5T_CSET_UTF8"});
    let nested = json!({"class": "H5T_VLEN", "base": text});
    let path = dataset(&client, json!({"type": nested, "shape": [3]}));
    client
        .put(&path, json!({"select": "[1]", "value": [["a", "é"]]}))
        .expect(200);
    assert_eq!(
        client.get(&path).json()["value"],
        json!([[], ["a", "é"], []])
    );
    let bytes = client.get_bytes(&path).expect(200).bytes;
    assert_eq!(bytes.len(), 4 + (4 + 5 + 6) + 4);
    client.put_bytes(&path, &bytes).expect(200);
    client
        .put_bytes(&path, &bytes[..bytes.len() - 1])
        .expect(400);
    client
        .put_bytes(&format!("{path}?select=[0]"), &[255, 255, 255, 255, 0])
        .expect(400);
}

#[test]
fn fill_values_and_filters() {
    let (client, _) = Client::with_domain();
    let properties = json!({"layout": {"class": "H5D_CHUNKED", "dims": [1000]}, "fillValue": 2.5,
        "filters": [{"class": "H5Z_FILTER_SHUFFLE"}, {"class": "H5Z_FILTER_DEFLATE", "level": 4}]});
    let body = json!({"type": "H5T_IEEE_F64LE", "shape": [2500], "creationProperties": properties});
    let path = dataset(&client, body);
    client
        .put(&format!("{path}?select=[1500]"), json!({"value": [7]}))
        .expect(200);
    let found = client.get(&path).expect(200).json()["value"].clone();
    let found: Vec<f64> = serde_json::from_value(found).unwrap();
    assert!(
        found
            .iter()
            .enumerate()
            .all(|(at, &v)| v == if at == 1500 { 7.0 } else { 2.5 })
    );
    let size = client.get("/?verbose=1").expect(200).json()["allocated_bytes"]
        .as_u64()
        .unwrap();
    assert!(size > 0 && size < 500, "one packed chunk, {size} bytes");
}

#[test]
fn large_datasets_move_in_one_request() {
    let (client, _) = Client::with_domain();
    let layout = json!({"class": "H5D_CHUNKED", "dims": [64, 256]});
    let body = json!({"type": "H5T_IEEE_F64LE", "shape": [1000, 1000],
        "creationProperties": {"layout": layout}});
    let path = dataset(&client, body);
    let bytes: Vec<u8> = (0..1_000_000u64)
        .flat_map(|n| (n as f64).to_le_bytes())
        .collect();
    client.put_bytes(&path, &bytes).expect(200);
    assert!(client.get_bytes(&path).expect(200).bytes == bytes);
    let column = client
        .get_bytes(&format!("{path}?select=[:,999]"))
        .expect(200)
        .bytes;
    let last = f64::from_le_bytes(column[7992..].try_into().unwrap());
    assert_eq!((column.len(), last), (8000, 999_999.0));
}

#[test]
fn members_of_many_elements_leave_as_they_are_read() {
    let (client, _) = Client::with_domain();
    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE", "charSet": "H5T_CSET_UTF8"});
    let record = json!({"class": "H5T_COMPOUND", "fields": [{"name": "n", "type": "H5T_STD_U32LE"},
        {"name": "s", "type": text}, {"name": "m", "type": "H5T_STD_U16LE"}]});
    let layout = json!({"class": "H5D_CHUNKED", "dims": [9000]});
    let body =
        json!({"type": record, "shape": [100_000], "creationProperties": {"layout": layout}});
    let path = dataset(&client, body);
    let element = |n: u32| {
        [
            &n.to_le_bytes()[..],
            &[1, 0, 0, 0, b'x'],
            &(n as u16).to_le_bytes(),
        ]
        .concat()
    };
    let all: Vec<u8> = (0..100_000).flat_map(element).collect();
    client.put_bytes(&path, &all).expect(200);
    assert!(client.get_bytes(&path).expect(200).bytes == all);
    let some = client.get_bytes(&format!("{path}?fields=m:n")).expect(200);
    let expected = |n: u32| [&(n as u16).to_le_bytes()[..], &n.to_le_bytes()].concat();
    assert!(some.bytes == (0..100_000).flat_map(expected).collect::<Vec<u8>>());
    assert_eq!(some.headers["content-length"], "600000");
}

#[test]
fn requests_that_ask_for_too_much() {
    let (client, _) = Client::with_domain();
    let layout = json!({"class": "H5D_CHUNKED", "dims": [1]});
    let body = json!({"type": "H5T_IEEE_F64LE", "shape": [1u64 << 40],
        "creationProperties": {"layout": layout}});
    let path = dataset(&client, body);
    client.get(&path).expect(413);
    client.put_bytes(&path, &[0; 8]).expect(413);
    client
        .put(&path, json!({"value": 1, "element_count": 1}))
        .expect(413);
    let some = client
        .get_bytes(&format!("{path}?select=[::1000000000]"))
        .expect(200);
    assert_eq!(some.bytes.len(), 1100 * 8);
    let body = json!({"type": "H5T_STD_U8LE", "shape": [1u64 << 62, 8]});
    client.post("/datasets", body).expect(400);
}

/// `Limit` is for queries.
#[test]
fn a_limit_does_not_cut_what_is_selected() {
    let (client, _) = Client::with_domain();
    let dataset = client.create("datasets", json!({"type": "H5T_STD_U8LE", "shape": [10]}));
    let path = format!("/datasets/{dataset}/value?Limit=2");
    assert_eq!(client.get_bytes(&path).expect(200).bytes, [0; 10]);
    let found = client.get(&format!("{path}&query=_==0")).expect(200).json();
    assert_eq!(found["value"].as_array().unwrap().len(), 2);
}
