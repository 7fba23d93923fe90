//! Requests that are made to bring the server down, or to make it answer wrongly.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use h5rest_server::app::Settings;
use h5rest_server::auth::{Authenticator, PasswordFile};
use h5rest_server::store::Store;
use serde_json::{Value, json};

use crate::client::Client;
use crate::process::Process;

/// No answer of these tests takes as long.
const LONG: Duration = Duration::from_secs(60);
const OCTETS: (&str, &str) = ("Content-Type", "application/octet-stream");

#[test]
fn a_query_of_thousands_of_parts() {
    let (client, _) = Client::with_domain();
    let dataset = client.create("datasets", json!({"type": "H5T_STD_I8LE", "shape": [3]}));
    for (sign, holds) in [("%7C", 0), ("%26", 0)] {
        let query = vec!["_=1"; 10_000].join(sign);
        let path = format!("/datasets/{dataset}/value?query={query}");
        let found = client.get(&path).expect(200).json();
        assert_eq!(found["value"].as_array().unwrap().len(), holds);
    }
    let strangers = client.with_user(None).about("/");
    let query = vec!["a=1"; 10_000].join("%7C");
    strangers
        .get(&format!("/domains?query={query}"))
        .expect(200);
}

/// What takes long is not only to read elements: each of few may be compared with thousands of values.
#[test]
fn a_query_of_thousands_of_parts_ends_in_time() {
    let settings = Settings {
        query_timeout: Duration::from_millis(100),
        ..Settings::default()
    };
    let passwords = PasswordFile::parse("admin:p\nu:p\n").unwrap();
    let known = Authenticator::with_passwords(passwords);
    let client = Client::start_as(Store::in_memory(), known, settings);
    client.put("/", json!({})).expect(201);
    let dataset = client.create(
        "datasets",
        json!({"type": "H5T_STD_U8LE", "shape": [20_000]}),
    );
    let query = vec!["_=1"; 10_000].join("%7C");
    let path = format!("/datasets/{dataset}/value?query={query}");
    let refused = client.get(&path).expect(413).text();
    assert!(
        refused.contains("elements of 20000") && !refused.contains("looked at 20000"),
        "{refused}"
    );
}

#[test]
fn documents_that_would_fill_the_memory() {
    let (client, root) = Client::with_domain();
    let large = json!({"type": "H5T_STD_I8LE", "shape": [1u64 << 31]});
    let dataset = client.create("datasets", large);
    let path = format!("/datasets/{dataset}/value");
    let refused = client.get(&path).expect(413).text();
    assert!(refused.contains("octet-stream"), "{refused}");
    client.get(&format!("{path}?select=[0:100000]")).expect(200);
    // Two bytes for a value.
    let body = format!("{{\"h5paths\":[{}0]}}", "0,".repeat(9 << 20));
    client.send("POST", "/", &[], body.as_bytes()).expect(413);
    // An attribute of many elements is shown in another way.
    let attribute = format!("/groups/{root}/attributes/a");
    let shape = json!({"type": "H5T_STD_U8LE", "shape": [2 << 20]});
    client.put(&attribute, shape).expect(201);
    let elements = vec![7; 2 << 20];
    client
        .put_bytes(&format!("{attribute}/value"), &elements)
        .expect(200);
    let shown = client.get(&attribute).expect(200).json();
    assert_eq!(shown["encoding"], "base64");
    assert_eq!(
        client.get_bytes(&format!("{attribute}/value")).bytes,
        elements
    );
    client
        .put(
            &attribute,
            json!({"type": "H5T_STD_U8LE", "shape": [1 << 30]}),
        )
        .expect(400);
}

/// h5pyd asks for all of a domain with each opening, and does with less.
#[test]
fn all_objects_of_a_domain_are_left_out_where_they_are_too_many() {
    // Each is shown as so many numbers.
    const SIZE: usize = 1 << 20;
    let (client, root) = Client::with_domain();
    let shown = || client.get("/?getobjs=1").expect(200).json();
    assert!(shown()["domain_objs"].is_object());
    let large = json!({"type": "H5T_STD_U8LE", "shape": [SIZE]});
    for n in 0..9 {
        let path = format!("/groups/{root}/attributes/{n}");
        client.put(&path, large.clone()).expect(201);
        client
            .put_bytes(&format!("{path}/value"), &vec![7; SIZE])
            .expect(200);
    }
    let shown = shown();
    assert_eq!(shown["root"], root.as_str());
    assert!(shown["domain_objs"].is_null());
}

#[test]
fn an_extent_that_could_not_be_read_back() {
    let (client, _) = Client::with_domain();
    let growing = json!({"type": "H5T_STD_I8LE", "shape": [3], "maxdims": [0]});
    let dataset = client.create("datasets", growing);
    let path = format!("/datasets/{dataset}");
    client
        .put(&format!("{path}/shape"), json!({"shape": [u64::MAX]}))
        .expect(400);
    client
        .put(&format!("{path}/shape"), json!({"shape": [i64::MAX]}))
        .expect(201);
    client
        .put(&format!("{path}/value"), json!({"append": 1, "value": [1]}))
        .expect(400);
    let at_the_end = format!("{path}/value?select=[{}:{}]", i64::MAX - 2, i64::MAX);
    client.put_bytes(&at_the_end, &[5, 6]).expect(200);
    assert_eq!(
        client.get(&at_the_end).expect(200).json()["value"],
        json!([5, 6])
    );
}

#[test]
fn an_extent_of_nothing_beside_a_huge_one() {
    let (client, _) = Client::with_domain();
    let shape = json!([0, i64::MAX]);
    let empty = json!({"type": "H5T_STD_U8LE", "shape": shape, "value": []});
    let made = client.post("/datasets", empty);
    assert!([201, 400].contains(&made.status), "{}", made.text());
    let dataset = client.create("datasets", json!({"type": "H5T_STD_U8LE", "shape": shape}));
    let path = format!("/datasets/{dataset}/value");
    assert_eq!(client.get(&path).expect(200).json()["value"], json!([]));
    assert!(client.get_bytes(&path).expect(200).bytes.is_empty());
    client.put_bytes(&path, &[]).expect(400);
}

#[test]
fn paired_lists_beside_a_huge_range() {
    let (client, _) = Client::with_domain();
    let wide = json!({"type": "H5T_STD_U8LE", "shape": [1, 1, 1u64 << 40]});
    let dataset = client.create("datasets", wide);
    let path = format!("/datasets/{dataset}/value?select=[[0],[0],:]");
    let refused = client.get_bytes(&path).expect(413).text();
    assert!(refused.contains("shorter lists"), "{refused}");
    client.put_bytes(&path, &[1]).expect(413);
    let few = path.replace(",:]", ",5:9]");
    assert_eq!(client.get_bytes(&few).expect(200).bytes, [0; 4]);
    // Few of them may be large.
    let text = json!({"class": "H5T_STRING", "length": 32 << 20, "charSet": "H5T_CSET_ASCII",
        "strPad": "H5T_STR_NULLPAD"});
    let large = client.create("datasets", json!({"type": text, "shape": [2, 2, 40]}));
    let path = format!("/datasets/{large}/value?select=[[0],[0],:]");
    client.get_bytes(&path).expect(413);
}

#[test]
fn writes_to_millions_of_chunks() {
    let (client, _) = Client::with_domain();
    let layout = json!({"class": "H5D_CHUNKED", "dims": [1]});
    let dataset = json!({"type": "H5T_STD_U8LE", "shape": [(1 << 22) + 1], "maxdims": [0],
        "creationProperties": {"layout": layout}});
    let dataset = client.create("datasets", dataset);
    let path = format!("/datasets/{dataset}/value");
    let all = json!({"value": 1, "element_count": 1});
    let refused = client.put(&path, all).expect(413).text();
    assert!(refused.contains("fewer elements"), "{refused}");
    client.put_bytes(&path, &vec![1; (1 << 22) + 1]).expect(413);
    let more = json!({"append": (1 << 22) + 1, "value": 1, "element_count": 1});
    client.put(&path, more).expect(413);
    client
        .put(
            &path,
            json!({"select": "[0:3000]", "value": 1, "element_count": 1}),
        )
        .expect(200);
    let read = client.get_bytes(&path).expect(200).bytes;
    assert_eq!(read.iter().filter(|&&byte| byte == 1).count(), 3000);
}

#[test]
fn parameters_spelled_otherwise_count() {
    let (client, _) = Client::with_domain();
    let fields =
        json!([{"name": "a", "type": "H5T_STD_I32LE"}, {"name": "b", "type": "H5T_STD_I32LE"}]);
    let datatype = json!({"class": "H5T_COMPOUND", "fields": fields});
    let rows = 200_000;
    let dataset = client.create("datasets", json!({"type": datatype, "shape": [rows]}));
    let path = format!("/datasets/{dataset}/value");
    // All members of all rows, where it says that it is one of them.
    client
        .put_bytes(&format!("{path}?%66ields=a"), &vec![1; rows * 8])
        .expect(400);
    client
        .put_bytes(&format!("{path}?%66ields=a"), &vec![1; rows * 4])
        .expect(200);
    let row = client.get(&format!("{path}?select=[9:10]")).json();
    assert_eq!(row["value"], json!([[0x0101_0101, 0]]));
}

#[test]
fn names_that_are_no_text() {
    let (client, root) = Client::with_domain();
    let before = client.get("/acls").json();
    client.put("/acls/%FF", json!({"read": true})).expect(400);
    let object = client.create("groups", json!({}));
    client
        .put(&format!("/groups/{object}/acls/%FF"), json!({"read": true}))
        .expect(400);
    assert_eq!(client.get("/acls").json(), before);
    client.get(&format!("/groups/{root}/links/%FF")).expect(400);
}

/// Many wrong passwords at once: some wait until they are checked, the others are sent away, and who is known
/// already waits for none of them.
#[test]
fn floods_of_wrong_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passwords");
    // A check of this one takes long on purpose, and here so long that few of them end in this test.
    let slow = PasswordFile::line("slow", "right").unwrap();
    let slower = slow.replace(",t=2,", ",t=100,");
    assert_ne!(slower, slow);
    std::fs::write(&file, format!("u:p\n{slower}\n")).unwrap();
    let server = Process::with(&["--memory", "--password-file", file.to_str().unwrap()]);
    assert_eq!(server.send("GET", "/about", "").unwrap().0, 200);
    let address = server.url().rsplit('/').next().unwrap();
    let (sender, answers) = mpsc::channel();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        // slow:wrong
        let head = "GET /about HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                    Authorization: Basic c2xvdzp3cm9uZw==\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let sender = sender.clone();
        thread::spawn(move || {
            let mut answer = String::new();
            // Those that wait until the end of the test have none.
            let _ = stream.read_to_string(&mut answer);
            let _ = sender.send(answer);
        });
    }
    let sent_away = |answer: &String| {
        let is_refused = answer.starts_with("HTTP/1.1 503");
        assert!(is_refused || answer.starts_with("HTTP/1.1 401"), "{answer}");
        assert!(
            !is_refused || answer.contains("retry-after: 2\r\n"),
            "{answer}"
        );
        is_refused
    };
    drop(sender);
    // Whichever they are.
    let mut answered = 0;
    let all = answers.iter().inspect(|_| answered += 1);
    assert_eq!(all.filter(sent_away).take(20).count(), 20);
    assert_eq!(server.send("GET", "/about", "").unwrap().0, 200);
    // Others are still being checked.
    answered += answers.try_iter().count();
    assert!(answered < 200, "all have been answered");
}

#[test]
fn strangers_bodies_are_not_collected() {
    let passwords = PasswordFile::parse("admin:p\nu:p\n").unwrap();
    let settings = Settings {
        max_json_size: 1000,
        ..Settings::default()
    };
    let known = Authenticator::with_passwords(passwords);
    let client = Client::start_as(Store::in_memory(), known, settings);
    let long = json!({"a": "x".repeat(2000)});
    client.put("/", long.clone()).expect(413);
    client.with_user(None).put("/", long.clone()).expect(401);
    client
        .with_user(Some(("u", "wrong")))
        .put("/", long)
        .expect(401);
    // Who may look things up needs no long lists for that.
    let (client, _) = Client::with_domain();
    client
        .put("/acls/default", json!({"read": true}))
        .expect(201);
    let paths = json!({"h5paths": ["/", "x".repeat(2 << 20)]});
    client.post("/?per_path=1", paths.clone()).expect(200);
    client
        .with_user(None)
        .post("/?per_path=1", paths)
        .expect(413);
}

#[test]
fn a_change_of_one_name_is_made_once() {
    let (client, root) = Client::with_domain();
    let dataset = client.create(
        "datasets",
        json!({"type": "H5T_STD_U8LE", "shape": [4], "maxdims": [9]}),
    );
    let value = format!("/datasets/{dataset}/value");
    let named = |method: &str, path: &str, name: &str, body: &[u8]| {
        client.send(method, path, &[OCTETS, ("Idempotency-Key", name)], body)
    };
    let shown = || client.get_bytes(&value).bytes;
    named("PUT", &value, "1", b"abcd").expect(200);
    client.put_bytes(&value, b"efgh").expect(200);
    named("PUT", &value, "1", b"abcd").expect(200);
    assert_eq!(shown(), b"efgh");
    named("PUT", &value, "2", b"ijkl").expect(200);
    assert_eq!(shown(), b"ijkl");
    // Nothing is lost if a client gives the same name to something else.
    let other = client.create("datasets", json!({"type": "H5T_STD_U8LE", "shape": [4]}));
    let other = format!("/datasets/{other}/value");
    named("PUT", &other, "2", b"mnop").expect(200);
    assert_eq!(client.get_bytes(&other).bytes, b"mnop");
    named("PUT", &format!("{other}?select=[0:2]"), "2", b"qr").expect(200);
    assert_eq!(client.get_bytes(&other).bytes, b"qrop");
    // Others may use the same names.
    let link = format!("/groups/{root}/links/a");
    let send = |name: &str| {
        let headers = [
            ("Content-Type", "application/json"),
            ("Idempotency-Key", name),
        ];
        client
            .send("PUT", &link, &headers, br#"{"h5path": "/x"}"#)
            .status
    };
    assert_eq!(send("3"), 201);
    client.delete(&link).expect(200);
    assert_eq!(send("3"), 201);
    client.get(&link).expect(410);
    assert_eq!(send("4"), 201);
    client.get(&link).expect(200);
    assert_eq!(send(&"x".repeat(101)), 400);
}

#[test]
fn a_batch_is_made_once_though_the_server_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let domain = "domain=/home/u/f.h5";
    let mut server = Process::start(folder.path());
    let send = |server: &Process, method: &str, path: &str, body: &Value| {
        let (status, text) = server
            .send(method, &format!("{path}?{domain}"), &body.to_string())
            .unwrap();
        assert!(status < 300, "{text}");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let made = send(&server, "PUT", "/", &json!({}));
    let on = format!("/groups/{}/attributes", made["root"].as_str().unwrap());
    let attribute = json!({"type": "H5T_STD_I32LE", "value": 1});
    send(&server, "PUT", &format!("{on}/a"), &attribute);
    // The second one makes what the first one takes away.
    let batch = json!({"id": "n", "operations": [
        {"method": "POST", "path": format!("{on}/a"), "body": {"rename": "b"}},
        {"method": "PUT", "path": format!("{on}/a"), "body": {"type": "H5T_STD_I32LE", "value": 2}}]});
    let first = send(&server, "POST", "/batch", &batch);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let server = Process::start(folder.path());
    assert_eq!(send(&server, "POST", "/batch", &batch), first);
    let shown = send(&server, "GET", &format!("{on}/b"), &Value::Null);
    assert_eq!(shown["value"], 1);
}

/// Grows the dataset, and writes what is new of it, while its old part is still being sent.
#[test]
fn a_dataset_that_grows_while_its_elements_come() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path());
    let domain = "domain=/home/u/f.h5";
    let send = |method: &str, path: &str, body: &Value| {
        let (status, text) = server
            .send(method, &format!("{path}?{domain}"), &body.to_string())
            .unwrap();
        assert!(status < 300, "{text}");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    send("PUT", "/", &json!({}));
    let (rows, piece) = (20 << 20, 1 << 20);
    let dataset = json!({"type": "H5T_STD_U8LE", "shape": [rows], "maxdims": [0],
        "creationProperties": {"layout": {"class": "H5D_CHUNKED", "dims": [3_000_000]}}});
    let made = send("POST", "/datasets", &dataset);
    let own = format!("/datasets/{}", made["id"].as_str().unwrap());
    let address = server.url().rsplit('/').next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "PUT {own}/value?{domain} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic dTpw\r\n\
         Connection: close\r\nContent-Type: application/octet-stream\r\nContent-Length: {rows}\r\n\r\n"
    )
    .unwrap();
    let part = vec![1; piece];
    for _ in 1..rows / piece {
        stream.write_all(&part).unwrap();
    }
    // All but the last piece was sent, so the server has the shape that the upload began with: it
    // takes no more than some pieces in advance.
    send(
        "PUT",
        &format!("{own}/shape"),
        &json!({"shape": [rows + 10]}),
    );
    let new = json!({"select": format!("[{rows}:{}]", rows + 10), "value": [7, 7, 7, 7, 7, 7, 7, 7, 7, 7]});
    send("PUT", &format!("{own}/value"), &new);
    stream.write_all(&part).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let read = format!("{own}/value?{domain}");
    let (_, all) = server
        .send_bytes("GET", &read, "application/octet-stream", b"")
        .unwrap();
    assert_eq!(all.len(), rows + 10);
    assert!(all[..rows].iter().all(|&byte| byte == 1));
    assert_eq!(all[rows..], [7; 10]);
}

/// So many groups, made at once.
fn groups(client: &Client, count: usize) -> Vec<String> {
    let made = client.post("/groups", json!(vec![json!({}); count]));
    let made = made.expect(201).json();
    let ids = made["objects"].as_array().unwrap().iter();
    ids.map(|made| made["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Few words that ask for very much: each name in each object, or again and again in the same one.
#[test]
fn lookups_that_would_fill_the_memory() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}");
    let (links, attributes) = (format!("{path}/links"), format!("{path}/attributes"));
    client
        .put("/acls/default", json!({"read": true}))
        .expect(201);
    client
        .put(&format!("{links}/a"), json!({"h5path": "/x"}))
        .expect(201);
    let stranger = client.with_user(None);
    let names = vec!["a"; 20_000];
    let ids = vec![&root; 12_000];
    let body = json!({"titles": names, "grp_ids": ids});
    let found = stranger.post(&links, body).expect(200).json();
    assert_eq!(found["links"][&root].as_array().unwrap().len(), names.len());
    let each = groups(&client, 100);
    for (path, name, list) in [
        (&links, "titles", "grp_ids"),
        (&attributes, "attr_names", "obj_ids"),
    ] {
        let refused = stranger.post(path, json!({name: names, list: each}));
        let refused = refused.expect(413).text();
        assert!(refused.contains("fewer names"), "{refused}");
    }
    let one = json!({"type": "H5T_STD_U8LE", "value": 1});
    client.put(&format!("{attributes}/a"), one).expect(201);
    let body = json!({"attr_names": vec!["a"; 1000], "obj_ids": ids});
    let found = stranger.post(&attributes, body).expect(200).json();
    assert_eq!(found["attributes"].as_array().unwrap().len(), 1000);
    // All links of a group, of which there are many, for each time that it is named.
    let many: serde_json::Map<_, _> = (0..10_000)
        .map(|n| (format!("l{n}"), json!({"h5path": "/x"})))
        .collect();
    client.put(&links, json!({"links": many})).expect(201);
    let found = client.post(&links, json!({"grp_ids": ids})).expect(200);
    assert_eq!(
        found.json()["links"][&root].as_array().unwrap().len(),
        10_001
    );
}

#[test]
fn one_object_by_very_many_paths() {
    let (client, root) = Client::with_domain();
    let many: serde_json::Map<_, _> = (0..1_000)
        .map(|n| (format!("l{n}"), json!({"h5path": "/x"})))
        .collect();
    let links = format!("/groups/{root}/links");
    client.put(&links, json!({"links": many})).expect(201);
    let paths: Vec<String> = (1..=1_000).map(|n| "/".repeat(n)).collect();
    let ask = |query: &str, paths: &[String]| {
        let body = json!({"h5paths": paths});
        client.post(&format!("/?{query}"), body)
    };
    let refused = ask("include_links=1", &paths).expect(413).text();
    assert!(refused.contains("fewer paths"), "{refused}");
    let shown = ask("include_links=1", &paths[..50]).expect(200).json();
    for path in &paths[..50] {
        let document = &shown["h5paths"][path];
        assert_eq!(document["links"].as_object().unwrap().len(), 1_000);
        assert_eq!(document["class"], "group");
    }
    let shown = ask("", &paths).expect(200).json();
    assert_eq!(shown["h5paths"].as_object().unwrap().len(), paths.len());
    // What is said of those that lead nowhere is long, too.
    let none = "n".repeat(1 << 16);
    let paths: Vec<String> = (1..=20).map(|n| "/".repeat(n) + &none).collect();
    let shown = ask("per_path=1", &paths).expect(200).json();
    assert_eq!(shown["h5paths"][&paths[19]]["status"], 404);
}

/// Groups one in the other, with long names.
#[test]
fn the_alias_of_a_deep_group() {
    let (client, root) = Client::with_domain();
    let name = |n: usize| format!("{n}{}", "x".repeat(9_000));
    let deep: Vec<String> = groups(&client, 1_000);
    let parents = [&root].into_iter().chain(&deep);
    let links: serde_json::Map<_, _> = parents
        .zip(&deep)
        .enumerate()
        .map(|(n, (parent, id))| (parent.clone(), json!({"links": {name(n): {"id": id}}})))
        .collect();
    let path = format!("/groups/{root}/links");
    client.put(&path, json!({"grp_ids": links})).expect(201);
    let alias = |id: &str| {
        let found = client.get(&format!("/groups/{id}?getalias=1"));
        found.expect(200).json()["alias"].clone()
    };
    assert_eq!(alias(&root), json!(["/"]));
    assert_eq!(
        alias(&deep[1]),
        json!([format!("/{}/{}", name(0), name(1))])
    );
    let whole: Vec<String> = (0..deep.len()).map(name).collect();
    assert_eq!(alias(&deep[999]), json!([format!("/{}", whole.join("/"))]));
    let unlinked = client.create("groups", json!({}));
    assert_eq!(alias(&unlinked), json!([]));
}

#[test]
fn changes_that_would_fill_the_memory() {
    let (client, root) = Client::with_domain();
    let path = format!("/groups/{root}");
    let (links, attributes) = (format!("{path}/links"), format!("{path}/attributes"));
    let many = |count: usize, one: Value| -> Value {
        let all = (0..count).map(|n| (format!("n{n}"), one.clone()));
        Value::Object(all.collect())
    };
    let soft = json!({"h5path": "/x"});
    let byte = json!({"type": "H5T_STD_U8LE", "value": 1});
    let same = vec![&root; 10_000];
    let each = groups(&client, 400);
    for (path, member, list, one, count) in [
        (&links, "links", "grp_ids", &soft, "linkCount"),
        (
            &attributes,
            "attributes",
            "obj_ids",
            &byte,
            "attributeCount",
        ),
    ] {
        let body = json!({member: many(1_000, one.clone()), list: same});
        client.put(path, body).expect(201);
        let root = client.get(&format!("/groups/{root}")).json();
        assert_eq!(root[count], 1_000);
        let body = json!({member: many(3_000, one.clone()), list: each});
        let refused = client.put(path, body).expect(413).text();
        assert!(refused.contains("several requests"), "{refused}");
        let body = json!({member: many(3, one.clone()), list: each});
        client.put(path, body).expect(201);
        let last = client.get(&format!("/groups/{}", each[399])).json();
        assert_eq!(last[count], 3);
    }
    // Few, but large.
    let large = json!({"type": "H5T_STD_U8LE", "shape": [3 << 20], "encoding": "base64",
        "value": "AAAA".repeat(1 << 20)});
    let body = json!({"attributes": {"large": large}, "obj_ids": each});
    client.put(&attributes, body).expect(413);
}
