//! Elements through region references.

use serde_json::{Value, json};

use crate::client::Client;

const REFERENCE: &str = "H5T_STD_REF_DSETREG";

/// 6 x 5 bytes, 0 to 29, and a dataset of references to regions of it.
struct Regions {
    client: Client,
    root: String,
    data: String,
    references: String,
}

impl Regions {
    fn new(references: &[Value]) -> Self {
        let (client, root) = Client::with_domain();
        let layout = json!({"class": "H5D_CHUNKED", "dims": [4, 2]});
        let body = json!({"type": "H5T_STD_U8LE", "shape": [6, 5], "creationProperties": {"layout": layout}});
        let data = client.create("datasets", body);
        let counted: Vec<u8> = (0..30).collect();
        client
            .put_bytes(&format!("/datasets/{data}/value"), &counted)
            .expect(200);
        let references: Vec<Value> = references
            .iter()
            .map(|region| match region {
                Value::Null => Value::Null,
                region => {
                    let mut reference = region.clone();
                    reference["id"] = json!(data);
                    reference
                }
            })
            .collect();
        let datatype = json!({"class": "H5T_REFERENCE", "base": REFERENCE});
        let body = json!({"type": datatype, "shape": [references.len()]});
        let id = client.create("datasets", body);
        if references.is_empty() {
            return Self {
                client,
                root,
                data,
                references: id,
            };
        }
        let value = json!({"value": references});
        client
            .put(&format!("/datasets/{id}/value"), value)
            .expect(200);
        Self {
            client,
            root,
            data,
            references: id,
        }
    }

    /// Where the elements are that the reference at `place` selects.
    fn path(&self, place: usize) -> String {
        let (data, references) = (&self.data, &self.references);
        format!("/datasets/{data}/value?regionref=/datasets/{references}&select=[{place}]")
    }

    #[track_caller]
    fn read(&self, place: usize) -> Value {
        self.client.get(&self.path(place)).expect(200).json()["value"].clone()
    }
}

fn blocks(list: Value) -> Value {
    json!({"select_type": "H5S_SEL_HYPERSLABS", "selection": list})
}

fn points(list: Value) -> Value {
    json!({"select_type": "H5S_SEL_POINTS", "selection": list})
}

#[test]
fn every_kind_of_region() {
    let regions = Regions::new(&[
        blocks(json!([[[1, 1], [2, 3]]])),
        points(json!([[5, 4], [0, 0], [5, 4]])),
        json!({}),
        blocks(json!([[[0, 0], [1, 0]], [[4, 3], [4, 4]]])),
        json!({"selection_dict": {"shape": [6, 5], "select_type": "H5S_SEL_HYPERSLABS",
            "slices": [{"type": "slice", "start": 0, "stop": 6, "step": 3},
                {"type": "slice", "start": 1, "stop": 3, "step": 1}]}}),
        Value::Null,
        blocks(json!([[[1, 1], [2, 5]]])),
        points(json!([[1], [2]])),
    ]);
    assert_eq!(regions.read(0), json!([[6, 7, 8], [11, 12, 13]]));
    assert_eq!(regions.read(1), json!([29, 0, 29]));
    assert_eq!(regions.read(2).as_array().unwrap().len(), 6);
    assert_eq!(regions.read(3), json!([0, 5, 23, 24]));
    assert_eq!(regions.read(4), json!([[1, 2], [16, 17]]));
    // Null; beyond the extent; of another number of dimensions.
    let null = regions.client.get(&regions.path(5)).expect(204);
    assert!(null.bytes.is_empty());
    regions.client.get(&regions.path(6)).expect(400);
    regions.client.get(&regions.path(7)).expect(400);
    let bytes = regions.client.get_bytes(&regions.path(0)).expect(200).bytes;
    assert_eq!(bytes, [6, 7, 8, 11, 12, 13]);
    // One reference is to be named.
    let all = regions.path(0).replace("&select=[0]", "");
    regions.client.get(&all).expect(400);
    regions.client.get(&regions.path(8)).expect(400);
}

#[test]
fn writing_through_regions() {
    let regions = Regions::new(&[
        blocks(json!([[[0, 0], [0, 2]]])),
        points(json!([[5, 4], [5, 0]])),
        Value::Null,
    ]);
    let client = &regions.client;
    client
        .put(&regions.path(0), json!({"value": [[101, 102, 103]]}))
        .expect(200);
    client.put_bytes(&regions.path(1), &[104, 105]).expect(200);
    let all = client
        .get_bytes(&format!("/datasets/{}/value", regions.data))
        .expect(200)
        .bytes;
    assert_eq!(all[..4], [101, 102, 103, 3]);
    assert_eq!(all[25..], [105, 26, 27, 28, 104]);
    client
        .put(&regions.path(2), json!({"value": 1}))
        .expect(400);
    client
        .put(&regions.path(0), json!({"value": [1]}))
        .expect(400);
    client
        .put(&regions.path(0), json!({"value": [1], "points": [[0, 0]]}))
        .expect(400);
    client
        .put(
            &format!("{}&append=1", regions.path(0)),
            json!({"value": [1]}),
        )
        .expect(400);
    client
        .get(&format!("{}&query=_%3E3", regions.path(0)))
        .expect(400);
    client
        .post(&regions.path(0), json!({"select": "[0,0]"}))
        .expect(400);
}

#[test]
fn references_in_attributes() {
    let regions = Regions::new(&[]);
    let (client, data) = (&regions.client, &regions.data);
    let datatype = json!({"class": "H5T_REFERENCE", "base": REFERENCE});
    let reference = |row: u64| {
        json!({"id": data, "select_type": "H5S_SEL_HYPERSLABS",
        "selection": [[[row, 0], [row, 4]]]})
    };
    let root = &regions.root;
    let (of_group, of_dataset) = (
        format!("/groups/{root}/attributes/one"),
        format!("/datasets/{data}/attributes/two%20rows"),
    );
    client
        .put(&of_group, json!({"type": datatype, "value": reference(3)}))
        .expect(201);
    let body = json!({"type": datatype, "shape": [1, 2], "value": [[reference(0), reference(5)]]});
    client.put(&of_dataset, body).expect(201);
    let get = |source: &str| client.get(&format!("/datasets/{data}/value?regionref={source}"));
    assert_eq!(
        get(&of_group).expect(200).json()["value"],
        json!([[15, 16, 17, 18, 19]])
    );
    let last = get(&format!("{of_dataset}&select=[0,1]"));
    assert_eq!(
        last.expect(200).json()["value"],
        json!([[25, 26, 27, 28, 29]])
    );
    get(&of_dataset).expect(400);
    client
        .put(
            &format!("/groups/{root}/attributes/x"),
            json!({"type": "H5T_STD_I8LE", "value": 1}),
        )
        .expect(201);
    for (source, status) in [
        (format!("/groups/{root}/attributes/x"), 400),
        (format!("/groups/{root}/attributes/nothing"), 404),
        (format!("/datasets/{data}"), 400),
        (format!("/datasets/{data}/attributes"), 400),
        ("/datasets/d-1".to_owned(), 400),
        ("nothing".to_owned(), 400),
    ] {
        get(&source).expect(status);
    }
}
