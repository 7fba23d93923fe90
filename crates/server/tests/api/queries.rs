//! `query=`, where HSDS has no answer to compare with; the language itself is compared with HSDS
//! in tests/differential.

use serde_json::{Value, json};

use crate::client::Client;

/// A table of text of variable length, a number and an enumeration; in chunks of 4.
fn table(client: &Client, rows: u64) -> String {
    let text = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE",
        "charSet": "H5T_CSET_UTF8", "strPad": "H5T_STR_NULLTERM"});
    let color = json!({"class": "H5T_ENUM", "base": {"class": "H5T_INTEGER",
        "base": "H5T_STD_I16BE"}, "mapping": {"RED": 1, "GREEN": 2}});
    let fields = json!([{"name": "name", "type": text}, {"name": "n", "type": "H5T_STD_U64LE"},
        {"name": "color", "type": color}]);
    let id = client.create(
        "datasets",
        json!({"type": {"class": "H5T_COMPOUND", "fields": fields}, "shape": [rows],
            "creationProperties": {"layout": {"class": "H5D_CHUNKED", "dims": [4]}}}),
    );
    let value: Value = (0..rows)
        .map(|n| json!([format!("row {n}"), u64::MAX - n, 1 + n % 2]))
        .collect();
    client
        .put(&format!("/datasets/{id}/value"), json!({"value": value}))
        .expect(200);
    id
}

#[test]
fn text_of_variable_length_and_large_numbers() {
    let (client, _) = Client::with_domain();
    let id = table(&client, 10);
    let find = |query: &str| {
        let url = format!("/datasets/{id}/query?query={query}");
        client.get(&url).expect(200).json()["indices"].clone()
    };
    assert_eq!(find("name=='row%207'"), json!([[7]]));
    assert_eq!(
        find("name.isin('row%201','row%209','x')"),
        json!([[1], [9]])
    );
    assert_eq!(find("n==18446744073709551613"), json!([[2]]));
    assert_eq!(find("n%3E-1%20AND%20color==2&Limit=2"), json!([[1], [3]]));
    assert_eq!(find("color==2&select=[4:10]"), json!([[5], [7], [9]]));
    assert_eq!(find("name.is_null()"), json!([]));
}

#[test]
fn update_of_a_member_of_variable_length() {
    let (client, _) = Client::with_domain();
    let id = table(&client, 6);
    let url = format!("/datasets/{id}/value?query=color==2&select=[2:6]");
    let answer = client.put(&url, json!({"name": "green"})).expect(200);
    assert_eq!(answer.json()["indices"], json!([[3], [5]]));
    let names = client.get(&format!("/datasets/{id}/value?fields=name"));
    let expected = ["row 0", "row 1", "row 2", "green", "row 4", "green"];
    assert_eq!(names.json()["value"], json!(expected.map(|name| [name])));
    client.put(&url, json!({"nothing": 1})).expect(400);
    client.put(&url, json!({"n": "x"})).expect(400);
    client.put_bytes(&url, &[1]).expect(400);
}

#[test]
fn query_with_its_selection_in_the_body() {
    let (client, _) = Client::with_domain();
    let id = table(&client, 6);
    let url = format!("/datasets/{id}/value?query=color==1");
    let answer = client.post(&url, json!({"select": [[0, 1, 4]], "fields": ["n"]}));
    let expected = json!([[u64::MAX], [u64::MAX - 4]]);
    assert_eq!(answer.expect(200).json()["value"], expected);
}

#[test]
fn what_cannot_be_queried() {
    let (client, _) = Client::with_domain();
    let sequence = json!({"class": "H5T_VLEN", "base": {"class": "H5T_INTEGER",
        "base": "H5T_STD_I8LE"}});
    for body in [
        json!({"type": "H5T_STD_I8LE"}),
        json!({"type": "H5T_STD_I8LE", "shape": "H5S_NULL"}),
        json!({"type": sequence, "shape": [2], "value": [[1], [2]]}),
    ] {
        let id = client.create("datasets", body);
        let url = format!("/datasets/{id}/value?query=_==0");
        client.get(&url).expect(400);
    }
    let id = table(&client, 4);
    for query in ["", "n", "n%3C'x'", "m==1", "(n==1", "_==1"] {
        client
            .get(&format!("/datasets/{id}/query?query={query}"))
            .expect(400);
    }
}

#[test]
fn domains_by_their_attributes() {
    let client = Client::start();
    for (name, value) in [("a", json!(1.5)), ("b", json!(2.5)), ("c", json!("0x"))] {
        let domain = client.about(&format!("/home/u/{name}.h5"));
        let root = domain.put("/", json!({})).expect(201).json()["root"].clone();
        let kind = match value.is_string() {
            true => json!({"class": "H5T_STRING", "length": 3, "charSet": "H5T_CSET_ASCII",
                "strPad": "H5T_STR_NULLPAD"}),
            false => json!("H5T_IEEE_F64LE"),
        };
        let path = format!("/groups/{}/attributes/t", root.as_str().unwrap());
        domain
            .put(&path, json!({"type": kind, "value": value}))
            .expect(201);
    }
    let folder = client.about("/home/u/");
    let find = |query: &str| {
        let found = folder.get(&format!("/domains?{query}")).expect(200).json();
        let domains = found["domains"].as_array().unwrap().clone();
        let names = domains
            .iter()
            .map(|d| d["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(find("query=t%3E1"), ["/home/u/a.h5", "/home/u/b.h5"]);
    assert_eq!(find("query=t%3E1&Limit=1"), ["/home/u/a.h5"]);
    assert_eq!(find("query=t=='0x'&pattern=*.h5"), ["/home/u/c.h5"]);
    assert!(find("query=u==1").is_empty());
    folder.get("/domains?query=t==").expect(400);
}
