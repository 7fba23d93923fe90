//! Where `h5rest` differs from HSDS 1.0.2 on purpose.

use std::collections::BTreeSet;

use serde_json::Value;

/// The difference that there need not be.
pub const RANDOM: &str = "random-ids";

/// Names and reasons.
pub const ALL: &[(&str, &str)] = &[
    (
        "about",
        "It says who answers: names, versions, times, counters of the machine.",
    ),
    (
        "nodes",
        "h5rest is one node, HSDS as many as it was started with.",
    ),
    ("random-ids", "Ids that the servers choose are random."),
    (
        "client-mistakes-400",
        "HSDS breaks down (500) over what is the client's mistake (400).",
    ),
    ("works-here", "HSDS breaks down (500) over a sound request."),
    (
        "who-are-you",
        "To somebody without credentials h5rest says that they may help (401, with \
         WWW-Authenticate), HSDS that it is forbidden (403).",
    ),
    (
        "private-domains",
        "HSDS lists domains that the one who asks may not read.",
    ),
    (
        "marker-gone",
        "A listing goes on behind the place of a marker that does not exist (any more); HSDS \
         ends it.",
    ),
    (
        "empty-list",
        "An empty list of objects makes one group on HSDS.",
    ),
    ("relative-paths", "`parent_id` counts for collections, too."),
    (
        "user-defined-links",
        "HSDS has no links of user-defined classes.",
    ),
    (
        "foreign-ids",
        "An id of another domain is a mistake of the request (400), wherever it stands.",
    ),
    (
        "all-types",
        "h5rest has every datatype of HDF5; HSDS refuses some.",
    ),
    (
        "all-filters",
        "h5rest keeps every filter that a dataset declares, also those that it cannot apply; HSDS \
         refuses some.",
    ),
    (
        "default-charset",
        "Strings without a character set are ASCII, as in HDF5; HSDS refuses them.",
    ),
    (
        "acl-domain",
        "HSDS stores the domain's name as if it were a right.",
    ),
    (
        "stale-acls",
        "HSDS goes by the rights that it remembers, h5rest by those that are.",
    ),
    ("variable-text", "HSDS never finds text of variable length."),
    (
        "whole-values",
        "HSDS shows a part of large datasets as `preview`; here `data` is always the whole.",
    ),
];

/// Takes out what `h5rest` adds to answers everywhere.
pub fn remove_additions(document: &mut Value) {
    match document {
        Value::Array(items) => items.iter_mut().for_each(remove_additions),
        Value::Object(members) => {
            // Which of a dataset's filters are applied.
            members.shift_remove("applied_filters");
            // How the servers are set up.
            if let Some(limits) = members.get_mut("limits").and_then(Value::as_object_mut) {
                limits.shift_remove("max_request_size");
            }
            // HDF5's numbers, which HSDS has no place for.
            for name in ["creationOrder", "nextLinkOrder", "nextAttributeOrder"] {
                members.shift_remove(name);
            }
            // Says who answers and what it can do beyond the API of HSDS.
            members.shift_remove("h5rest");
            members.shift_remove("server");
            // Clients differ in which of the two they look for, so enums have both.
            if members.get("class").is_some_and(|c| c == "H5T_ENUM") {
                let mapping = members.shift_remove("mapping");
                if !members.contains_key("members")
                    && let Some(Value::Object(mapping)) = mapping
                {
                    let members_list = mapping
                        .iter()
                        .map(|(name, value)| serde_json::json!({"name": name, "value": value}));
                    members.insert("members".into(), members_list.collect());
                }
            }
            members.values_mut().for_each(remove_additions);
        }
        _ => {}
    }
}

/// Differences without a step that shows them, and steps with a difference without a reason.
pub fn unused(used: &BTreeSet<String>) -> Vec<String> {
    let known: BTreeSet<String> = ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    let unknown = used
        .difference(&known)
        .map(|name| format!("{name} has no reason"));
    let unseen = known
        .difference(used)
        .map(|name| format!("no step shows {name}"));
    unknown.chain(unseen).collect()
}
