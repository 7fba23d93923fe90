//! One object: its description, its links, attributes and chunks, and that they agree.

use std::collections::HashSet;
use std::ops::ControlFlow;

use bytes::Bytes;
use h5rest_protocol::{Datatype, Link, ObjectClass, ObjectId, Shape};

use super::{Finding, Summary, Tell};
use crate::error::{ApiError, Result};
use crate::model::records::{self, AttributeRecord, Counters, Header, LinkRecord};
use crate::model::{object_acls, objects, types};
use crate::store::keys::{self, Part};
use crate::store::{Reader, Store, StoreError};
use crate::values::Dataset;

/// What every check of an object needs.
struct Checked<'a> {
    store: &'a Store,
    reader: &'a dyn Reader,
    id: ObjectId,
    quick: bool,
    tell: Tell<'a>,
}

/// Checks all records under one object's key.
pub(super) fn check(
    store: &Store,
    reader: &dyn Reader,
    id: ObjectId,
    quick: bool,
    summary: &mut Summary,
    tell: Tell<'_>,
) -> Result<()> {
    let mut checked = Checked {
        store,
        reader,
        id,
        quick,
        tell,
    };
    let described = checked.header()?;
    let counters = checked.counters()?;
    let annotations = objects::annotations(reader, id);
    checked.sound("annotations", annotations)?;
    checked.sound("access rights", object_acls::get(reader, id))?;
    let attributes = checked.named(Part::Attribute, counters, Checked::attribute)?;
    let links = checked.named(Part::Link, counters, Checked::link)?;
    if let Some(counters) = counters {
        checked.counted("links", counters.links, links);
        checked.counted("attributes", counters.attributes, attributes);
    }
    summary.links += links;
    summary.attributes += attributes;
    match described {
        true => checked.chunks(summary),
        false => Ok(()),
    }
}

impl Checked<'_> {
    fn problem(&mut self, text: impl std::fmt::Display) {
        (self.tell)(Finding::Problem(format!(
            "{} {}: {text}",
            self.id.class.name(),
            self.id
        )));
    }

    /// Tells of damage; any other failure means that the store cannot be read at all.
    fn sound<T>(&mut self, what: &str, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.status.as_u16() == 503 => Err(error),
            Err(error) => {
                self.problem(format_args!("{what}: {}", error.reason));
                Ok(None)
            }
        }
    }

    /// Whether it is there and makes sense.
    fn header(&mut self) -> Result<bool> {
        let key = keys::part(self.id, Part::Header);
        let header = records::get::<Header>(self.reader, &key);
        let header = match self.sound("description", header)? {
            None => return Ok(false),
            Some(None) => {
                self.problem("has records, but no description");
                return Ok(false);
            }
            Some(Some(header)) => header,
        };
        if self.id.class == ObjectClass::Group {
            return Ok(true);
        }
        let datatype = Datatype::from_json(&header.datatype.unwrap_or_default());
        let datatype = self.sound("datatype", datatype.map_err(ApiError::from))?;
        Ok(datatype.is_some())
    }

    fn counters(&mut self) -> Result<Option<Counters>> {
        let key = keys::part(self.id, Part::Counters);
        let counters = records::get::<Counters>(self.reader, &key);
        let counters = self.sound("numbers of links and attributes", counters)?;
        if counters == Some(None) {
            self.problem("numbers of links and attributes are missing");
        }
        Ok(counters.flatten())
    }

    fn counted(&mut self, what: &str, counted: u64, found: u64) {
        if counted != found {
            self.problem(format_args!(
                "has {found} {what}, but {counted} are counted"
            ));
        }
    }

    /// Checks all links or attributes with `one`, which returns a record's number; how many there
    /// are.
    fn named(
        &mut self,
        part: Part,
        counters: Option<Counters>,
        one: fn(&mut Self, &str, &Bytes) -> Result<u64>,
    ) -> Result<u64> {
        let prefix = keys::part(self.id, part);
        let (mut start, end) = (prefix.clone(), keys::end_of(&prefix));
        let mut numbers = HashSet::new();
        let mut count = 0;
        while let Some(key) = self.next(&start, &end)? {
            count += 1;
            let name = keys::name(&key);
            let value = self.reader.get(&key).map_err(ApiError::from);
            let number = value.and_then(|value| one(self, &name, &value.unwrap_or_default()));
            if let Some(number) = self.sound(&format!("'{name}'"), number)? {
                let too_large = counters.is_some_and(|counters| match part {
                    Part::Link => number >= counters.next_link,
                    _ => number >= counters.next_attribute,
                });
                if too_large || !numbers.insert(number) {
                    self.problem(format_args!("'{name}': number {number} is not its own"));
                }
            }
            start = [&key[..], &[0]].concat();
        }
        Ok(count)
    }

    /// The key of the first record in this range. One at a time, because checks read other records.
    fn next(&self, start: &[u8], end: &[u8]) -> Result<Option<Vec<u8>>> {
        let mut found = None;
        self.reader.scan_sizes(start, end, &mut |key, _| {
            found = Some(key.to_vec());
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    fn attribute(&mut self, _name: &str, value: &Bytes) -> Result<u64> {
        let record = AttributeRecord::decode(value)?;
        let datatype = Datatype::from_json(&record.header.datatype)?;
        let shape = types::stored_shape(&record.header.shape)?;
        if let (true, Some(size)) = (record.header.written, datatype.wire_size()) {
            let expected = size as u64 * shape.count().unwrap_or(0);
            if record.value.len() as u64 != expected {
                let found = record.value.len();
                let text = format!("its value has {found} bytes instead of {expected}");
                return Err(StoreError::Damaged(text).into());
            }
        }
        Ok(record.header.number)
    }

    fn link(&mut self, name: &str, value: &Bytes) -> Result<u64> {
        if self.id.class != ObjectClass::Group {
            return Err(StoreError::Damaged("only groups have links".into()).into());
        }
        let record: LinkRecord = records::decode(value)?;
        if let Link::Hard(target) = record.link()?
            && !objects::exists(self.reader, target)?
        {
            // The API lets a client delete an object that is still linked.
            let group = self.id;
            let text = format!("link '{name}' of {group} leads to {target}, which is gone");
            (self.tell)(Finding::Note(text));
        }
        Ok(record.number)
    }

    fn chunks(&mut self, summary: &mut Summary) -> Result<()> {
        let prefix = keys::part(self.id, Part::Chunk);
        let mut found = Vec::new();
        self.reader
            .scan_sizes(&prefix, &keys::end_of(&prefix), &mut |key, size| {
                found.push((keys::chunk_indices(key), size));
                ControlFlow::Continue(())
            })?;
        summary.chunks += found.len() as u64;
        summary.bytes += found.iter().map(|(_, size)| size).sum::<u64>();
        if self.id.class != ObjectClass::Dataset {
            if !found.is_empty() {
                self.problem("only datasets have elements");
            }
            return Ok(());
        }
        let dataset = Dataset::open(self.reader, self.store, self.id);
        let Some(dataset) = self.sound("description of its elements", dataset)? else {
            return Ok(());
        };
        for (indices, _) in found {
            self.chunk(&dataset, &indices)?;
        }
        Ok(())
    }

    fn chunk(&mut self, dataset: &Dataset, indices: &[u64]) -> Result<()> {
        let rank = match &dataset.shape {
            Shape::Null => return self.stray(indices),
            shape => shape.dims().len(),
        };
        let starts = indices.iter().zip(&dataset.chunk);
        let inside = indices.len() == rank.max(dataset.chunk.len())
            && starts
                .zip(dataset.dims())
                .all(|((index, size), extent)| index.saturating_mul(*size) < *extent);
        if !inside {
            return self.stray(indices);
        }
        if !self.quick {
            let loaded = dataset.load(self.reader, indices);
            self.sound(&format!("chunk {indices:?}"), loaded)?;
        }
        Ok(())
    }

    fn stray(&mut self, indices: &[u64]) -> Result<()> {
        self.problem(format_args!("chunk {indices:?} lies outside its shape"));
        Ok(())
    }
}
