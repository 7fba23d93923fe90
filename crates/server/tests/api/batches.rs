//! Many changes in one request.

use h5rest_protocol::{ObjectClass, ObjectId};
use serde_json::{Value, json};

use crate::client::Client;

/// Sends a batch; the statuses of its parts.
#[track_caller]
fn statuses(client: &Client, operations: &Value) -> Vec<u64> {
    let answer = client.post("/batch", json!({"operations": operations}));
    let answer = answer.expect(200).json();
    let results = answer["results"].as_array().unwrap();
    let status = |result: &Value| {
        let status = result["status"].as_u64().unwrap();
        assert_eq!(status >= 400, result["error"].is_string(), "{result}");
        status
    };
    results.iter().map(status).collect()
}

fn operation(method: &str, path: String, body: Value) -> Value {
    json!({"method": method, "path": path, "body": body})
}

fn new_id(root: &str, class: ObjectClass) -> ObjectId {
    root.parse::<ObjectId>().unwrap().new_in_domain(class)
}

#[test]
fn every_kind_of_change_sees_those_before_it() {
    let (client, root) = Client::with_domain();
    let group = new_id(&root, ObjectClass::Group);
    let dataset = new_id(&root, ObjectClass::Dataset);
    let datatype = new_id(&root, ObjectClass::Datatype);
    let attribute = json!({"type": "H5T_STD_I32LE", "value": 5});
    let on = |name: &str| format!("/groups/{group}/attributes/{name}");
    let space = json!({"shape": [2], "maxdims": [0], "creationProperties":
        {"layout": {"class": "H5D_CHUNKED", "dims": [4]}}});
    let mut described =
        json!({"id": dataset, "type": datatype, "link": {"id": group, "name": "d"}});
    described
        .as_object_mut()
        .unwrap()
        .extend(space.as_object().unwrap().clone());
    let operations = json!([
        operation(
            "POST",
            "/groups".into(),
            json!({"id": group, "link": {"id": root, "name": "g"}})
        ),
        operation(
            "POST",
            "/datatypes".into(),
            json!({"id": datatype, "type": "H5T_STD_I16LE"})
        ),
        operation("POST", "/datasets".into(), described),
        operation("PUT", on("a%2Fb"), attribute.clone()),
        operation("POST", on("a%2Fb"), json!({"rename": "c"})),
        operation("PUT", format!("{}/value", on("c")), json!({"value": 7})),
        operation("PUT", on("gone"), attribute.clone()),
        operation("DELETE", on("gone"), Value::Null),
        operation(
            "PUT",
            format!("/groups/{group}/links"),
            json!({"links": {"x": {"h5path": "/y"}, "z": {"id": root}}})
        ),
        operation("DELETE", format!("/groups/{group}/links/x"), Value::Null),
        operation(
            "PUT",
            format!("/datasets/{dataset}/shape"),
            json!({"shape": [9]})
        ),
        operation(
            "PUT",
            format!("/groups/{group}/annotations"),
            json!({"comment": "k"})
        ),
    ]);
    let expected = [201, 201, 201, 201, 200, 200, 201, 200, 201, 200, 201, 200];
    assert_eq!(statuses(&client, &operations), expected);
    let found = client
        .get(&format!("/groups/{group}?include_links=1&include_attrs=1"))
        .json();
    let names = |member: &str| {
        let mut names: Vec<String> = found[member].as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names("attributes"), ["c"]);
    assert_eq!(found["attributes"]["c"]["value"], 7);
    assert_eq!(names("links"), ["d", "z"]);
    assert_eq!(found["annotations"]["comment"], "k");
    let found = client.get(&format!("/datasets/{dataset}")).json();
    assert_eq!(found["shape"]["dims"], json!([9]));
    assert_eq!(found["type"]["id"], json!(datatype));
    let gone = json!([
        operation("DELETE", format!("/datasets/{dataset}"), Value::Null),
        operation("DELETE", format!("/datasets/{dataset}"), Value::Null),
    ]);
    assert_eq!(statuses(&client, &gone), [200, 404]);
    client.get(&format!("/datasets/{dataset}")).expect(410);
}

#[test]
fn what_is_refused_changes_nothing_and_the_rest_is_done() {
    let (client, root) = Client::with_domain();
    let first = new_id(&root, ObjectClass::Group);
    let second = new_id(&root, ObjectClass::Group);
    let named = |id: ObjectId| json!({"id": id, "link": {"id": root, "name": "g"}});
    let on = format!("/groups/{root}/attributes");
    let value = |value: Value| json!({"type": "H5T_STD_I32LE", "value": value});
    let operations = json!([
        operation("POST", "/groups".into(), named(first)),
        operation("POST", "/groups".into(), named(second)),
        operation("PUT", format!("{on}/a"), value(json!("text"))),
        operation("PUT", format!("{on}/b"), value(json!(1))),
        operation("GET", format!("{on}/b"), Value::Null),
        operation("PUT", "/".into(), json!({})),
        operation(
            "PUT",
            format!("/groups/{second}/links/x"),
            json!({"h5path": "/y"})
        ),
        json!({"path": 5}),
        json!(7),
        operation(
            "POST",
            "/datasets".into(),
            json!({"type": "H5T_STD_I8LE", "shape": [1], "value": [1]})
        ),
    ]);
    let expected = [201, 409, 400, 201, 400, 400, 404, 400, 400, 400];
    assert_eq!(statuses(&client, &operations), expected);
    client.get(&format!("/groups/{second}")).expect(404);
    let links = client.get(&format!("/groups/{root}/links")).json();
    assert_eq!(links["links"].as_array().unwrap().len(), 1);
    client.get(&format!("{on}/a")).expect(404);
    client.get(&format!("{on}/b")).expect(200);
    for body in [
        json!({}),
        json!({"operations": 5}),
        json!({"operations": [], "id": 5}),
        json!([]),
    ] {
        client.post("/batch", body).expect(400);
    }
    let many = vec![json!({}); 10_001];
    client
        .post("/batch", json!({"operations": many}))
        .expect(413);
}

#[test]
fn a_change_may_need_another_one() {
    let (client, root) = Client::with_domain();
    let object = client.create("groups", json!({"link": {"id": root, "name": "old"}}));
    let link = |title: &str| format!("/groups/{root}/links/{title}");
    let put = |title: &str, body: Value| operation("PUT", link(title), body);
    let delete = |path: String, if_done: Value| json!({"method": "DELETE", "path": path, "if_done": if_done});
    client
        .put(&link("taken"), json!({"h5path": "/x"}))
        .expect(201);
    let answer = client.post(
        "/batch",
        json!({"operations": [
            put("taken", json!({"id": object})),
            put("other", json!({"h5path": "/x"})),
            delete(link("old"), json!(0)),
            // What is left out is not done.
            delete(format!("/groups/{object}"), json!(2)),
            delete(link("other"), json!(1)),
        ]}),
    );
    let results = answer.expect(200).json()["results"].clone();
    let statuses_of: Vec<u64> = results
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses_of, [409, 201, 424, 424, 200]);
    assert!(
        results[2]["error"].as_str().unwrap().contains("change 0"),
        "{results}"
    );
    client.get(&link("old")).expect(200);
    client.get(&format!("/groups/{object}")).expect(200);
    client.get(&link("other")).expect(410);
    // Only an earlier one can be needed.
    let wrong = |number: Value| delete(link("old"), number);
    let operations = json!([
        wrong(json!(0)),
        wrong(json!(5)),
        wrong(json!(-1)),
        wrong(json!("0"))
    ]);
    assert_eq!(statuses(&client, &operations), [400, 400, 400, 400]);
    let operations = json!([
        put("new", json!({"id": object})),
        delete(link("old"), json!(0)),
        delete(format!("/groups/{object}"), Value::Null),
    ]);
    assert_eq!(statuses(&client, &operations), [201, 200, 200]);
}

/// Also where the right is asked for before the batch is made, as for datasets.
#[test]
fn what_needs_a_refused_change_is_not_refused_for_itself() {
    let (client, root) = Client::with_domain();
    client
        .put("/acls/v", json!({"read": true, "create": true}))
        .expect(201);
    let link = json!({"id": root, "name": "d"});
    let dataset = client.create("datasets", json!({"type": "H5T_STD_I8LE", "link": link}));
    let operations = json!([
        operation("DELETE", format!("/groups/{root}/links/d"), Value::Null),
        json!({"method": "DELETE", "path": format!("/datasets/{dataset}"), "if_done": 0}),
    ]);
    let other = client.with_user(Some(("v", "p")));
    assert_eq!(statuses(&other, &operations), [403, 424]);
}

#[test]
fn a_link_is_deleted_only_if_it_leads_where_it_should() {
    let (client, root) = Client::with_domain();
    let object = client.create("groups", json!({"link": {"id": root, "name": "a"}}));
    let delete = |title: &str, target: &str| {
        json!({"method": "DELETE", "path": format!("/groups/{root}/links/{title}"),
            "query": {"leads_to": target}})
    };
    let move_it = operation(
        "PUT",
        format!("/groups/{root}/links/b"),
        json!({"id": object}),
    );
    let operations = json!([
        delete("a", &root),
        delete("a", "x"),
        delete("none", &object),
        move_it,
        delete("a", &object),
        // Inside the same batch.
        delete("a", &object),
        json!({"method": "DELETE", "path": format!("/groups/{object}"), "if_done": 5}),
    ]);
    let expected = [409, 400, 404, 201, 200, 404, 424];
    assert_eq!(statuses(&client, &operations), expected);
    client.get(&format!("/groups/{object}")).expect(200);
}

#[test]
fn shrinking_is_a_request_of_its_own() {
    let (client, root) = Client::with_domain();
    let dataset = client.create(
        "datasets",
        json!({"type": "H5T_STD_I8LE", "shape": [4], "maxdims": [8], "link": {"id": root, "name": "d"}}),
    );
    let resize = |n: u64| {
        operation(
            "PUT",
            format!("/datasets/{dataset}/shape"),
            json!({"shape": [n]}),
        )
    };
    let operations = json!([resize(6), resize(5), resize(9), resize(8)]);
    assert_eq!(statuses(&client, &operations), [201, 400, 409, 201]);
}

#[test]
fn each_change_needs_its_own_right_in_the_batchs_own_domain() {
    let (client, root) = Client::with_domain();
    client
        .put("/acls/v", json!({"read": true, "create": true}))
        .expect(201);
    let other = client.with_user(Some(("v", "p")));
    let on = format!("/groups/{root}/attributes/a");
    let operations = json!([
        operation(
            "PUT",
            on.clone(),
            json!({"type": "H5T_STD_I8LE", "value": 1})
        ),
        operation("PUT", format!("{on}/value"), json!({"value": 2})),
        operation("DELETE", on.clone(), Value::Null),
    ]);
    assert_eq!(statuses(&other, &operations), [201, 403, 403]);
    let nobody = client.with_user(None);
    nobody
        .post("/batch", json!({"operations": operations}))
        .expect(401);
    // A part cannot name another domain.
    let own = other.about("/home/v/own.h5");
    own.put("/", json!({})).expect(201);
    let elsewhere = json!([{"method": "DELETE", "path": on, "query": {"domain": "/home/u/f.h5"}}]);
    assert_eq!(statuses(&own, &elsewhere), [400]);
    client.get(&on).expect(200);
}

#[test]
fn a_batch_of_one_name_is_done_once() {
    let (client, root) = Client::with_domain();
    client
        .put("/acls/v", json!({"read": true, "create": true}))
        .expect(201);
    let links = format!("/groups/{root}/links");
    let add = |title: &str| operation("PUT", format!("{links}/{title}"), json!({"h5path": "/x"}));
    let batch = |title: &str| json!({"id": "n1", "operations": [add(title)]});
    let first = client.post("/batch", batch("a")).expect(200).json();
    client.delete(&format!("{links}/a")).expect(200);
    assert_eq!(client.post("/batch", batch("a")).expect(200).json(), first);
    client.get(&format!("{links}/a")).expect(410);
    // Names are each user's own.
    let other = client.with_user(Some(("v", "p")));
    other.post("/batch", batch("b")).expect(200);
    client.get(&format!("{links}/b")).expect(200);
}

/// The numbers of a dataset in one line.
#[track_caller]
fn numbers(client: &Client, dataset: ObjectId) -> Value {
    let answer = client.get(&format!("/datasets/{dataset}/value"));
    answer.expect(200).json()["value"].clone()
}

#[test]
fn elements_are_written_with_the_dataset_that_is_made() {
    let (client, root) = Client::with_domain();
    let [plain, packed] = [0, 1].map(|_| new_id(&root, ObjectClass::Dataset));
    let make = |id: ObjectId, creation: Value| {
        let body = json!({"id": id, "type": "H5T_STD_I16LE", "shape": [4], "maxdims": [8],
            "creationProperties": creation});
        operation("POST", "/datasets".into(), body)
    };
    let write = |id: ObjectId, body: Value| operation("PUT", format!("/datasets/{id}/value"), body);
    let chunks = json!({"class": "H5D_CHUNKED", "dims": [2]});
    let deflate = json!([{"class": "H5Z_FILTER_DEFLATE", "id": 1, "level": 5, "name": "deflate"}]);
    let grow = |id: ObjectId| {
        operation(
            "PUT",
            format!("/datasets/{id}/shape"),
            json!({"shape": [5]}),
        )
    };
    let operations = json!([
        make(plain, json!({"layout": chunks})),
        make(packed, json!({"layout": chunks, "filters": deflate})),
        write(plain, json!({"value": [1, 2, 3, 4]})),
        // Half a chunk that the change before has made.
        write(
            plain,
            json!({"select": "[1:3]", "value_base64": "BwAIAA=="})
        ),
        grow(plain),
        write(plain, json!({"points": [4], "value": [9]})),
        write(packed, json!({"select": "[1:4]", "value": [5, 6, 7]})),
    ]);
    assert_eq!(
        statuses(&client, &operations),
        [201, 201, 200, 200, 201, 200, 200]
    );
    assert_eq!(numbers(&client, plain), json!([1, 7, 8, 4, 9]));
    assert_eq!(numbers(&client, packed), json!([0, 5, 6, 7]));
}

#[test]
fn elements_that_cannot_be_written_in_a_batch() {
    let (client, root) = Client::with_domain();
    let [dataset, large, null, absent] = [0, 1, 2, 3].map(|_| new_id(&root, ObjectClass::Dataset));
    let make = |id: ObjectId, shape: Value| {
        let body = json!({"id": id, "type": "H5T_STD_I64LE", "shape": shape});
        client.post("/datasets", body).expect(201);
    };
    make(dataset, json!([4]));
    make(large, json!([1_000_000]));
    make(null, json!("H5S_NULL"));
    let write = |id: ObjectId, body: Value| operation("PUT", format!("/datasets/{id}/value"), body);
    let operations = json!([
        write(dataset, json!({"value": [1, 2, 3, 4]})),
        write(dataset, json!({"value": [1, 2]})),
        write(dataset, json!({"select": "[2:9]", "value": [1, 2]})),
        write(dataset, json!({"select": "[0:0]", "value": []})),
        write(dataset, json!({"append": 1, "value": [5]})),
        write(dataset, json!({"value_base64": "no base64"})),
        write(dataset, json!({})),
        write(null, json!({"value": 1})),
        write(absent, json!({"value": [1, 2, 3, 4]})),
        // Others would wait for so much.
        write(large, json!({"select": "[0:1]", "value": [1]})),
    ]);
    let expected = [200, 400, 400, 400, 400, 400, 400, 400, 404, 413];
    assert_eq!(statuses(&client, &operations), expected);
    assert_eq!(numbers(&client, dataset), json!([1, 2, 3, 4]));
}

#[test]
fn a_batch_changes_a_bounded_number_of_chunks() {
    let (client, root) = Client::with_domain();
    let [plain, packed] = [0, 1].map(|_| new_id(&root, ObjectClass::Dataset));
    let chunk: u64 = 64 << 10;
    let make = |id: ObjectId, filters: Value| {
        let layout = json!({"class": "H5D_CHUNKED", "dims": [chunk]});
        let creation = json!({"layout": layout, "filters": filters});
        let body = json!({"id": id, "type": "H5T_STD_U8LE", "shape": [chunk << 16],
            "creationProperties": creation});
        client.post("/datasets", body).expect(201);
    };
    make(plain, json!([]));
    make(
        packed,
        json!([{"class": "H5Z_FILTER_DEFLATE", "id": 1, "level": 1}]),
    );
    // One element of each of `count` chunks.
    let scattered = |id: ObjectId, count: u64| {
        let values = vec![7; usize::try_from(count).unwrap()];
        let select = format!("[0:{}:{chunk}]", count * chunk);
        let body = json!({"select": select, "value": values});
        operation("PUT", format!("/datasets/{id}/value"), body)
    };
    let operations = json!([
        scattered(plain, 4097),
        scattered(packed, 1025),
        scattered(packed, 8),
        scattered(plain, 4096 - 4 * 8),
        scattered(plain, 1),
    ]);
    assert_eq!(statuses(&client, &operations), [413, 413, 200, 200, 413]);
}
