//! Filters of datasets: which are applied, and what clients see of them.

use h5rest_protocol::{ObjectClass, ObjectId};
use h5rest_server::auth::Authenticator;
use h5rest_server::error::ApiError;
use h5rest_server::store::{Store, keys};
use serde_json::{Value, json};

use crate::client::Client;

/// A dataset of 4000 numbers in chunks of 1000 with these filters.
fn counted(client: &Client, filters: &Value) -> String {
    let layout = json!({"class": "H5D_CHUNKED", "dims": [1000]});
    let body = json!({"type": "H5T_STD_U32LE", "shape": [4000],
        "creationProperties": {"layout": layout, "filters": filters}});
    let id = client.create("datasets", body);
    client
        .put_bytes(&format!("/datasets/{id}/value"), &numbers())
        .expect(200);
    id
}

fn numbers() -> Vec<u8> {
    (0..4000u32).flat_map(|n| (n / 50).to_le_bytes()).collect()
}

#[test]
fn what_is_declared_comes_back_and_what_can_be_is_applied() {
    let (client, _) = Client::with_domain();
    let class = |name: &str| json!({"class": format!("H5Z_FILTER_{name}")});
    let full = |name: &str, id: u32, short: &str| json!({"class": format!("H5Z_FILTER_{name}"), "id": id, "name": short});
    let gzip = json!({"class": "H5Z_FILTER_DEFLATE", "id": 1, "level": 9, "name": "gzip"});
    let szip = json!({"class": "H5Z_FILTER_SZIP", "id": 4, "name": "szip", "bitsPerPixel": 8,
        "coding": "H5_SZIP_NN_OPTION_MASK"});
    let offset = json!({"class": "H5Z_FILTER_SCALEOFFSET", "id": 6, "scaleOffset": 3,
        "scaleType": "H5Z_SO_INT", "name": "scaleoffset"});
    let other =
        json!({"class": "H5Z_FILTER_USER", "id": 40000, "name": "mine", "parameters": [1, 2]});
    // As h5pyd 1.0.0 sends `compression="lz4", compression_opts=4`.
    let lz4 = json!({"class": "H5Z_FILTER_LZ4", "id": 32004, "name": "lz4", "level": 4});
    for (filters, applied) in [
        (json!([gzip]), json!(["gzip"])),
        (
            json!([full("SHUFFLE", 2, "shuffle"), gzip]),
            json!(["shuffle", "gzip"]),
        ),
        (
            json!([full("FLETCHER32", 3, "fletcher32")]),
            json!(["fletcher32"]),
        ),
        (
            json!([full("FLETCHER32", 3, "fletcher32"), lz4]),
            json!(["lz4", "fletcher32"]),
        ),
        (json!([full("ZSTD", 32015, "zstd")]), json!(["zstd"])),
        (json!([full("LZ4HC", 32005, "lz4hc")]), json!(["lz4"])),
        (json!([full("BLOSC", 32001, "blosclz")]), json!(["lz4"])),
        (
            json!([full("BITSHUFFLE", 32008, "bitshuffle")]),
            json!(["shuffle", "lz4"]),
        ),
        (json!([szip]), json!([])),
        (json!([full("LZF", 32000, "lzf")]), json!([])),
        (json!([full("NBIT", 5, "nbit")]), json!([])),
        (json!([offset]), json!([])),
        (json!([other]), json!([])),
    ] {
        let id = counted(&client, &filters);
        let found = client
            .get(&format!("/datasets/{id}?verbose=1"))
            .expect(200)
            .json();
        assert_eq!(found["creationProperties"]["filters"], filters);
        assert_eq!(found["applied_filters"], applied, "{filters}");
        let stored = found["allocated_size"].as_u64().unwrap();
        let packs = ["gzip", "lz4", "zstd"]
            .iter()
            .any(|name| applied.to_string().contains(name));
        assert_eq!(stored < 15_000, packs, "{filters}: {stored} bytes");
        let value = client
            .get_bytes(&format!("/datasets/{id}/value"))
            .expect(200);
        assert!(value.bytes == numbers(), "{filters}");
    }
    // What is left out is filled in.
    let id = counted(
        &client,
        &json!([class("SHUFFLE"), {"class": "H5Z_FILTER_USER", "name": "zstd"}]),
    );
    let found = client.get(&format!("/datasets/{id}")).expect(200).json();
    let expected = json!([full("SHUFFLE", 2, "shuffle"), full("ZSTD", 32015, "zstd")]);
    assert_eq!(found["creationProperties"]["filters"], expected);
    // Clients ask a domain which compressors there are.
    let known = client.get("/").expect(200).json()["compressors"].clone();
    assert_eq!(
        known,
        json!(["blosclz", "lz4", "lz4hc", "gzip", "zstd", "deflate"])
    );
    for wrong in [
        json!([{"class": "H5Z_FILTER_DEFLATE", "level": 10}]),
        json!([{"class": "H5Z_FILTER_USER", "name": "nothing"}]),
        json!([7]),
        json!("gzip"),
    ] {
        let body = json!({"type": "H5T_STD_U8LE", "shape": [10], "creationProperties": {"filters": wrong}});
        client.post("/datasets", body).expect(400);
    }
}

#[test]
fn a_damaged_chunk_is_an_error() {
    let root = ObjectId::new_root();
    let id = root.new_in_domain(ObjectClass::Dataset);
    let store = Store::in_memory();
    // Where the second chunk of the dataset will be: a record without a right checksum.
    let record = [&[2][..], &[0; 4000], &[1, 2, 3, 4]].concat();
    store
        .write(move |change| {
            change.put(keys::chunk(id, &[1]), record);
            Ok::<_, ApiError>(())
        })
        .unwrap();
    let client = Client::start_with(store, Authenticator::Trusting);
    client.put("/", json!({"root_id": root})).expect(201);
    let body = json!({"id": id, "type": "H5T_STD_U32LE", "shape": [4000], "creationProperties": {
        "layout": {"class": "H5D_CHUNKED", "dims": [1000]},
        "filters": [{"class": "H5Z_FILTER_FLETCHER32"}]}});
    client.create("datasets", body);
    let path = format!("/datasets/{id}/value");
    let answer = client.get(&format!("{path}?select=[999:1001]")).expect(500);
    assert!(answer.text().contains("checksum"), "{}", answer.text());
    client.get(&format!("{path}?select=[0:1000]")).expect(200);
    // Part of it cannot be written, the whole can.
    let first = format!("{path}?select=[1000]");
    client.put(&first, json!({"value": [7]})).expect(500);
    let whole = format!("{path}?select=[1000:2000]");
    client.put_bytes(&whole, &numbers()[..4000]).expect(200);
    client.get(&format!("{path}?select=[999:1001]")).expect(200);
}
