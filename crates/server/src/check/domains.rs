//! The tree of domains and folders: each in a folder that exists, each domain with its root group.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::{Finding, Summary, Tell};
use crate::error::Result;
use crate::model::records::{self, DomainRecord};
use crate::model::{domains, objects};
use crate::store::{Reader, keys};

/// Checks all of them; returns the domain halves of the ids of their roots.
pub(super) fn check(
    reader: &dyn Reader,
    summary: &mut Summary,
    tell: Tell<'_>,
) -> Result<HashSet<u64>> {
    let mut owned = HashSet::new();
    let prefix = keys::all_domains();
    let mut found = Vec::new();
    reader.scan(&prefix, &keys::end_of(&prefix), &mut |key, value| {
        found.push((keys::domain_path(key), value));
        ControlFlow::Continue(())
    })?;
    for (path, value) in found {
        let Some(path) = path else {
            tell(Finding::Problem(
                "a domain's record lies under no path".into(),
            ));
            continue;
        };
        match records::decode::<DomainRecord>(&value) {
            Ok(record) => {
                match record.root {
                    Some(root) => owned.insert(root.domain),
                    None => false,
                };
                one(reader, &path, &record, summary, tell)?;
            }
            Err(error) => tell(Finding::Problem(format!("domain {path}: {}", error.reason))),
        }
    }
    Ok(owned)
}

fn one(
    reader: &dyn Reader,
    path: &str,
    record: &DomainRecord,
    summary: &mut Summary,
    tell: Tell<'_>,
) -> Result<()> {
    if let Some(parent) = domains::parent(path) {
        match domains::find(reader, parent) {
            Ok(Some(folder)) if folder.root.is_none() => {}
            Ok(Some(_)) => tell(Finding::Problem(format!("{path}: {parent} is no folder"))),
            Ok(None) => tell(Finding::Problem(format!("{path}: {parent} does not exist"))),
            // Told when it was that folder's turn.
            Err(_) => {}
        }
    }
    match record.root {
        None => summary.folders += 1,
        Some(root) => {
            summary.domains += 1;
            if !objects::exists(reader, root)? {
                let text = format!("domain {path}: its root group {root} does not exist");
                tell(Finding::Problem(text));
            }
        }
    }
    Ok(())
}
