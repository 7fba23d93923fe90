//! `h5rest ls`: folders, files, objects.

use serde_json::{Value, json};

use crate::{Server, Shell, printed};

/// A server with a file of ann's that has a bit of everything.
fn server(shell: &Shell) -> Server {
    let server = Server::start(shell.folder.path(), &[]);
    server.send("PUT", "/?domain=/home/ann/data", &json!({"folder": true}));
    let made = server.send("PUT", "/?domain=/home/ann/data/f.h5", &json!({}));
    let root = made["root"].as_str().unwrap().to_owned();
    let put = |target: &str, body: Value| {
        let separator = if target.contains('?') { '&' } else { '?' };
        let target = format!("{target}{separator}domain=/home/ann/data/f.h5");
        let method = if target.starts_with("/groups/") {
            "PUT"
        } else {
            "POST"
        };
        server.send(method, &target, &body)
    };
    let days = put("/groups", json!({"link": {"id": root, "name": "days"}}));
    let days = days["id"].as_str().unwrap().to_owned();
    put(
        "/datasets",
        json!({
            "type": "H5T_IEEE_F64LE", "shape": [3], "maxdims": [0],
            "creationProperties": {
                "layout": {"class": "H5D_CHUNKED", "dims": [2]},
                "filters": [{"class": "H5Z_FILTER_DEFLATE", "id": 1, "level": 4}]},
            "attributes": {"unit": {"type": "H5T_STD_I8LE", "value": 1}},
            "link": {"id": days, "name": "rain"}}),
    );
    put(
        "/datatypes",
        json!({"type": "H5T_STD_U16BE", "link": {"id": root, "name": "kind"}}),
    );
    put(&format!("/groups/{days}/links/up"), json!({"id": root}));
    put(
        &format!("/groups/{root}/links/soft"),
        json!({"h5path": "days/rain"}),
    );
    put(
        &format!("/groups/{root}/links/far"),
        json!({"h5path": "/x", "h5domain": "/home/bob/other.h5"}),
    );
    server
}

#[track_caller]
fn lists(shell: &Shell, arguments: &[&str], lines: &[&str]) {
    let output = shell.run(&[&["ls"], arguments].concat());
    let text = printed(&output);
    assert!(output.status.success(), "{text}");
    let found: Vec<&str> = text.lines().map(without_time).collect();
    assert_eq!(found, lines);
}

/// A line of the long form without the time at its end, if it has one: times are not compared.
fn without_time(line: &str) -> &str {
    let end = line
        .len()
        .checked_sub("2026-11-21 20:36:40".len())
        .and_then(|at| line.split_at_checked(at));
    match end {
        Some((words, time)) if time.bytes().filter(|byte| *byte == b':').count() == 2 => {
            words.trim_end()
        }
        _ => line,
    }
}

#[track_caller]
fn fails(shell: &Shell, name: &str, words: &str) {
    let output = shell.run(&["ls", name]);
    let text = printed(&output);
    assert!(!output.status.success() && text.contains(words), "{text}");
}

#[test]
fn folders_and_files() {
    let shell = Shell::empty();
    let server = server(&shell);
    let shell = shell.of_ann(server.url());
    lists(&shell, &[], &["data/"]);
    lists(&shell, &["/"], &["home/"]);
    lists(&shell, &["-r", "/home/ann/"], &["data/", "data/f.h5"]);
    lists(
        &shell,
        &["-r", "/"],
        &[
            "home/",
            "home/admin/",
            "home/ann/",
            "home/ann/data/",
            "home/ann/data/f.h5",
            "home/bob/",
        ],
    );
    let long = printed(&shell.run(&["ls", "-l", "data"]));
    let words: Vec<&str> = long.split_whitespace().collect();
    assert_eq!((words[0], words.last()), ("ann", Some(&"f.h5")), "{long}");
    assert!(words[1].parse::<u64>().is_ok_and(|size| size > 0), "{long}");
    fails(
        &shell,
        "data/no.h5",
        "the folder /home/ann/data has no 'no.h5'",
    );
    fails(&shell, "/elsewhere/f.h5", "has no folder or file");
}

#[test]
fn objects_of_a_file() {
    let shell = Shell::empty();
    let server = server(&shell);
    let shell = shell.of_ann(server.url());
    lists(
        &shell,
        &["data/f.h5"],
        &[
            "days/  group",
            "far    external link to /x in /home/bob/other.h5",
            "kind   datatype",
            "soft   soft link to days/rain",
        ],
    );
    lists(
        &shell,
        &["-rl", "data/f.h5"],
        &[
            "days/      group",
            "days/rain  dataset {3/unlimited} float64 chunks {2} deflate(4)  1 attribute",
            "days/up/   group, the same as /",
            "far        external link to /x in /home/bob/other.h5",
            "kind       datatype uint16 big-endian",
            "soft       soft link to days/rain",
        ],
    );
    lists(
        &shell,
        &["data/f.h5/days"],
        &["rain  dataset", "up/   group"],
    );
    let rain = "rain  dataset {3/unlimited} float64 chunks {2} deflate(4)  1 attribute";
    lists(&shell, &["data/f.h5/soft"], &[rain]);
    lists(&shell, &["data/f.h5/days/up/days/up/soft"], &[rain]);
    let url = format!("{}/home/ann/data/f.h5", server.url());
    lists(
        &shell,
        &[&url, "--username", "ann"],
        &[
            "days/  group",
            "far    external link to /x in /home/bob/other.h5",
            "kind   datatype",
            "soft   soft link to days/rain",
        ],
    );
    fails(&shell, "data/f.h5/days/snow", "/days has no link 'snow'");
    fails(&shell, "data/f.h5/far", "is an external link");
}
