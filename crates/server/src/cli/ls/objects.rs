//! The objects of a domain.
//!
//! Groups are asked for level by level, several at once; with `long` then everything else.

use std::collections::{HashMap, HashSet};
use std::thread;

use anyhow::{Context, Result};
use h5rest_client::Domain;
use h5rest_protocol::{Link, ObjectClass, ObjectId};
use serde_json::Value;

use super::describe;
use super::table::{Line, shown, time};

/// What is wanted.
pub(super) struct Options {
    /// Also the groups below.
    pub recursive: bool,
    /// Also types, layouts, filters, numbers of attributes.
    pub long: bool,
    /// Requests at once.
    pub parallel: usize,
}

/// One line per link of the group at `path` (or for the object there): name, what it is, and with
/// `long` what is known of it.
pub(super) fn list(
    domain: &Domain,
    path: &str,
    id: ObjectId,
    options: &Options,
) -> Result<Vec<Line>> {
    let mut known = Known {
        domain,
        parallel: options.parallel,
        documents: HashMap::new(),
    };
    known.groups(id, options.recursive)?;
    if options.long || id.class != ObjectClass::Group {
        known.everything_else(id)?;
    }
    let mut listing = Listing {
        known: &known,
        options,
        shown_as: HashMap::new(),
        lines: Vec::new(),
    };
    match id.class {
        ObjectClass::Group => listing.group(id, path.trim_end_matches('/'), ""),
        _ => {
            let name = path.rsplit('/').next().unwrap_or(path);
            listing.object(id, path, name);
        }
    }
    Ok(listing.lines)
}

/// Documents of objects.
struct Known<'a> {
    domain: &'a Domain,
    parallel: usize,
    documents: HashMap<ObjectId, Value>,
}

impl Known<'_> {
    /// Asks for a group, and with `deep` for the groups that hard links lead to.
    fn groups(&mut self, start: ObjectId, deep: bool) -> Result<()> {
        let mut level = vec![start];
        while !level.is_empty() {
            level.retain(|id| id.class == ObjectClass::Group && !self.documents.contains_key(id));
            self.fetch(&level)?;
            let below = level.iter().flat_map(|id| self.members(*id));
            level = below.collect::<HashSet<_>>().into_iter().collect();
            if !deep {
                break;
            }
        }
        Ok(())
    }

    /// Asks for all objects that groups known so far have links to.
    fn everything_else(&mut self, start: ObjectId) -> Result<()> {
        let groups: Vec<ObjectId> = self.documents.keys().copied().collect();
        let mut wanted: HashSet<ObjectId> =
            groups.iter().flat_map(|id| self.members(*id)).collect();
        wanted.insert(start);
        wanted.retain(|id| !self.documents.contains_key(id));
        self.fetch(&wanted.into_iter().collect::<Vec<_>>())
    }

    /// Where a group's hard links lead.
    fn members(&self, group: ObjectId) -> Vec<ObjectId> {
        let links = self.links(group).into_iter();
        let hard = |(_, link): (String, Option<Link>)| match link {
            Some(Link::Hard(id)) => Some(id),
            _ => None,
        };
        links.filter_map(hard).collect()
    }

    /// A group's links by name; `None` for those that cannot be read.
    fn links(&self, group: ObjectId) -> Vec<(String, Option<Link>)> {
        let read = |name: &str, link: &Value| (name.to_owned(), Link::from_json(link).ok());
        let mut links: Vec<_> = match self.documents.get(&group).map(|group| &group["links"]) {
            Some(Value::Object(links)) => {
                links.iter().map(|(name, link)| read(name, link)).collect()
            }
            Some(Value::Array(links)) => links
                .iter()
                .map(|link| read(link["title"].as_str().unwrap_or_default(), link))
                .collect(),
            _ => Vec::new(),
        };
        links.sort_by(|a, b| a.0.cmp(&b.0));
        links
    }

    /// Asks for these objects, several requests at once. One that is gone is left out: a link may
    /// lead nowhere.
    fn fetch(&mut self, ids: &[ObjectId]) -> Result<()> {
        let share = ids.len().div_ceil(self.parallel.max(1)).max(1);
        let domain = self.domain;
        let ask = |id: &ObjectId| {
            let found = domain.get_object(*id, id.class == ObjectClass::Group, false);
            match found {
                Ok(document) => Ok(Some((*id, document))),
                Err(error) if error.status().is_some_and(|s| s == 404 || s == 410) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let answers: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = ids
                .chunks(share)
                .map(|ids| scope.spawn(move || ids.iter().map(ask).collect::<Vec<_>>()))
                .collect();
            threads.into_iter().map(|thread| thread.join()).collect()
        });
        for answers in answers {
            let answers = answers.map_err(|_| anyhow::anyhow!("a thread of requests died"))?;
            for answer in answers {
                let name = || format!("cannot list {}", domain.name());
                self.documents.extend(answer.with_context(name)?);
            }
        }
        Ok(())
    }
}

struct Listing<'a> {
    known: &'a Known<'a>,
    options: &'a Options,
    /// Where an object has been shown first.
    shown_as: HashMap<ObjectId, String>,
    lines: Vec<Line>,
}

impl Listing<'_> {
    /// The links of a group; `below` is its path from the one that was asked for.
    fn group(&mut self, group: ObjectId, path: &str, below: &str) {
        self.shown_as.insert(group, format!("{path}/"));
        for (name, link) in self.known.links(group) {
            let (whole, name) = (format!("{path}/{name}"), format!("{below}{name}"));
            match link {
                Some(Link::Hard(id)) => self.object(id, &whole, &name),
                Some(link) => self.lines.push(vec![shown(&name), describe::link(&link)]),
                None => self
                    .lines
                    .push(vec![shown(&name), "link that cannot be read".into()]),
            }
        }
    }

    /// The line of an object, and below it, if wanted, those of a group's links.
    fn object(&mut self, id: ObjectId, path: &str, name: &str) {
        let is_group = id.class == ObjectClass::Group;
        let name_shown = format!("{}{}", shown(name), if is_group { "/" } else { "" });
        if let Some(first) = self.shown_as.get(&id) {
            let same = format!("{}, the same as {}", describe::class(id), shown(first));
            self.lines.push(vec![name_shown, same]);
            return;
        }
        self.shown_as.insert(id, path.to_owned());
        let document = self.known.documents.get(&id);
        let mut line = vec![name_shown, describe::class(id).to_owned()];
        match document {
            Some(document) if self.options.long || !is_group => {
                line[1] = describe::object(id, document);
                line.push(describe::attributes(document));
                line.push(time(document["lastModified"].as_f64()));
            }
            None if self.options.long => line[1] = format!("{} that is gone", line[1]),
            _ => {}
        }
        self.lines.push(line);
        if is_group && self.options.recursive {
            self.group(id, path, &format!("{name}/"));
        }
    }
}
