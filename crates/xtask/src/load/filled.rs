//! A domain of many groups, written straight into the folder of an HSDS: to make a hundred thousand
//! by requests would take it longer than all the rest of the measurement.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

/// Writes the domain with `objects` groups in its root group, in the form of HSDS's objects; its root
/// group's id.
pub(super) fn write(bucket: &Path, domain: &str, owner: &str, objects: usize) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
    // The second half of a root's id is its first, with one bit of each digit the other way round.
    let own = now.to_bits();
    let root = id(own, own ^ 0x8888_8888_8888_8888);
    let name = |number: usize| format!("group{number:08}");
    let ids: Vec<String> = (1..=objects as u64).map(|number| id(own, number)).collect();
    let link = |(number, id): (usize, &String)| {
        let link = json!({"class": "H5L_TYPE_HARD", "id": id, "created": now});
        (name(number), link)
    };
    let links: Map<String, Value> = ids.iter().enumerate().map(link).collect();
    let group = |id: &str, links: Map<String, Value>| {
        json!({"id": id, "root": root, "created": now, "lastModified": now, "links": links,
            "attributes": {}, "creationProperties": {}})
    };
    let all = bucket.join("db").join(first_half(&root));
    for id in &ids {
        put(
            &all.join("g").join(&id[20..]),
            "group",
            &group(id, Map::new()),
        )?;
    }
    put(&all, "group", &group(&root, links))?;
    let rights = json!({"create": true, "read": true, "update": true, "delete": true,
        "readACL": true, "updateACL": true});
    let record = json!({"root": root, "owner": owner, "acls": {owner: rights}, "created": now,
        "lastModified": now});
    put(
        &bucket.join(domain.trim_start_matches('/')),
        "domain",
        &record,
    )?;
    Ok(root)
}

/// `g-` and the two halves of an id in groups of 8, 8, 4, 6 and 6 digits.
fn id(domain: u64, object: u64) -> String {
    let (domain, object) = (format!("{domain:016x}"), format!("{object:016x}"));
    let (first, second) = domain.split_at(8);
    format!(
        "g-{first}-{second}-{}-{}-{}",
        &object[..4],
        &object[4..10],
        &object[10..]
    )
}

fn first_half(id: &str) -> &str {
    &id[2..19]
}

fn put(folder: &Path, kind: &str, document: &Value) -> Result<()> {
    fs::create_dir_all(folder)?;
    let file = folder.join(format!(".{kind}.json"));
    fs::write(&file, document.to_string())
        .with_context(|| format!("cannot write {}", file.display()))
}
