//! Elements of datasets to and from the server, in wire form.
//!
//! `transfer/` plans how much goes in one call; here a call is one request, or a few where one
//! would be larger than a server takes.

use std::ops::Range;

use bytes::Bytes;
use h5rest_client::{LONGEST_SELECT_IN_QUERY, Part};
use h5rest_protocol::selection::{self, DimSelection, Selection};
use h5rest_protocol::values::binary;
use serde_json::{Value, json};

use super::error::{Error, Result};
use super::object::Object;

/// Points are written as JSON, of which HSDS takes 1 MiB at once.
const POINTS_BODY: usize = 900_000;

impl Object {
    /// Reads the selected elements (of fixed size) into memory of exactly their size. A scalar
    /// dataset has an empty selection.
    pub fn read_into(&self, sel: &Selection, into: &mut [u8]) -> Result<()> {
        self.read_fields_into(sel, &[], into)
    }

    /// Reads some members of the selected compound elements, packed in the order given.
    pub fn read_fields_into(
        &self,
        sel: &Selection,
        fields: &[&str],
        into: &mut [u8],
    ) -> Result<()> {
        let part = Part {
            selection: sel,
            fields,
        };
        let read = self.session().domain().read_into(self.id(), part, into);
        read.map_err(|error| self.reading(error.into()))
    }

    /// Reads the selected elements of any type.
    pub fn read_variable(&self, sel: &Selection) -> Result<Vec<u8>> {
        let read = self.session().domain().read(self.id(), Part::of(sel));
        read.map_err(|error| self.reading(error.into()))
    }

    /// Reads single elements of fixed size. `coords` has one coordinate after the other, each of
    /// as many numbers as the dataset has dimensions.
    pub fn read_points(&self, coords: &[u64], into: &mut [u8]) -> Result<()> {
        let read = self
            .session()
            .domain()
            .read_points_into(self.id(), coords, into);
        read.map_err(|error| self.reading(error.into()))
    }

    /// Reads single elements of any type.
    pub fn read_points_variable(&self, coords: &[u64]) -> Result<Vec<u8>> {
        let read = self.session().domain().read_points(self.id(), coords);
        read.map_err(|error| self.reading(error.into()))
    }

    /// Writes the selected elements.
    pub fn write(&self, sel: &Selection, bytes: Bytes) -> Result<()> {
        self.write_fields(sel, &[], bytes)
    }

    /// Writes some members of the selected compound elements, packed in the order given; the
    /// other members stay as they are.
    pub fn write_fields(&self, sel: &Selection, fields: &[&str], bytes: Bytes) -> Result<()> {
        self.file().check_writable()?;
        let domain = self.session().domain();
        let write = || -> Result<()> {
            if text_fits(sel) {
                let part = Part {
                    selection: sel,
                    fields,
                };
                return Ok(domain.write(self.id(), part, bytes)?);
            }
            for (selection, bytes) in self.short_selections(sel, fields, &bytes)? {
                let part = Part {
                    selection: &selection,
                    fields,
                };
                domain.write(self.id(), part, bytes)?;
            }
            Ok(())
        };
        write().map_err(|error| self.writing(error))?;
        self.session().changed(self.id());
        Ok(())
    }

    /// Cuts a selection with long lists of indices into ones that a request line holds, with the
    /// elements of each.
    fn short_selections(
        &self,
        sel: &Selection,
        fields: &[&str],
        bytes: &[u8],
    ) -> Result<Vec<(Selection, Bytes)>> {
        let wrong = || Error::invalid("the value does not have as many bytes as are selected");
        let count = selection::count(sel).and_then(|count| usize::try_from(count).ok());
        let count = count.filter(|&count| count > 0).ok_or_else(wrong)?;
        let datatype = &self.dataset()?.ty.datatype;
        let elements: Vec<Range<usize>> = if datatype.is_variable() && fields.is_empty() {
            binary::split(datatype, bytes, count)?
        } else if bytes.len().is_multiple_of(count) {
            let size = bytes.len() / count;
            (0..count).map(|at| at * size..(at + 1) * size).collect()
        } else {
            return Err(wrong());
        };
        let mut pieces = vec![(sel.clone(), elements)];
        let mut short = Vec::new();
        while let Some((selection, elements)) = pieces.pop() {
            if text_fits(&selection) {
                let gathered: Vec<u8> = elements
                    .into_iter()
                    .flat_map(|at| &bytes[at])
                    .copied()
                    .collect();
                short.push((selection, gathered.into()));
            } else {
                pieces.extend(halve(&selection, &elements).ok_or_else(|| {
                    Error::unsupported("writing to selections whose description is that long")
                })?);
            }
        }
        Ok(short)
    }

    /// Writes single elements; of several writes to one element the last counts. `element_size`
    /// is `None` for elements of variable size.
    pub fn write_points(
        &self,
        coords: &[u64],
        element_size: Option<usize>,
        bytes: Bytes,
    ) -> Result<()> {
        self.file().check_writable()?;
        let write = || {
            for batch in self.point_batches(coords, element_size, &bytes)? {
                let (points, bytes) = batch;
                self.session()
                    .domain()
                    .write_points(self.id(), &points, bytes)?;
            }
            Ok(())
        };
        write().map_err(|error: Error| self.writing(error))?;
        self.session().changed(self.id());
        Ok(())
    }

    /// Cuts points and their elements into requests that a server takes.
    fn point_batches<'b>(
        &self,
        coords: &[u64],
        element_size: Option<usize>,
        bytes: &'b [u8],
    ) -> Result<Vec<(Value, &'b [u8])>> {
        let dataset = self.dataset()?;
        let rank = dataset.shape.dims().len();
        if rank == 0 || !coords.len().is_multiple_of(rank) {
            return Err(Error::invalid(
                "points need as many numbers as there are dimensions",
            ));
        }
        let ends: Vec<usize> = match element_size {
            Some(size) => (1..=coords.len() / rank).map(|n| n * size).collect(),
            None => binary::split(&dataset.ty.datatype, bytes, coords.len() / rank)?
                .into_iter()
                .map(|range| range.end)
                .collect(),
        };
        if ends.last().copied().unwrap_or(0) != bytes.len() {
            return Err(Error::invalid("as many elements as points are needed"));
        }
        let (mut batches, mut from, mut size) = (Vec::new(), 0, 0);
        let start_of = |at: usize| if at == 0 { 0 } else { ends[at - 1] };
        for (at, &end) in ends.iter().enumerate() {
            // Base64 grows by a third; 21 characters hold any coordinate and its comma.
            let cost = (end - start_of(at)) * 4 / 3 + 4 + rank * 21;
            if size > 0 && size + cost > POINTS_BODY {
                batches.push((from, at));
                (from, size) = (at, 0);
            }
            size += cost;
        }
        batches.push((from, ends.len()));
        let points = |from: usize, to: usize| -> Value {
            let coords = &coords[from * rank..to * rank];
            match rank {
                1 => json!(coords),
                _ => coords.chunks(rank).map(|point| json!(point)).collect(),
            }
        };
        let filled = batches.into_iter().filter(|(from, to)| from < to);
        Ok(filled
            .map(|(from, to)| (points(from, to), &bytes[start_of(from)..start_of(to)]))
            .collect())
    }

    fn reading(&self, error: Error) -> Error {
        error.context(format!("cannot read {self}"))
    }

    fn writing(&self, error: Error) -> Error {
        error.context(format!("cannot write {self}"))
    }
}

fn text_fits(sel: &Selection) -> bool {
    // A rough count first: formatting a list of a million indices only to measure it is slow.
    let items: usize = sel
        .iter()
        .map(|dim| match dim {
            DimSelection::List(indices) => indices.len(),
            _ => 3,
        })
        .sum();
    items < LONGEST_SELECT_IN_QUERY && selection::format(sel).len() <= LONGEST_SELECT_IN_QUERY
}

/// Cuts the longest list of a selection in two, with the elements of either half; `None` if there
/// is none to cut.
fn halve(
    sel: &Selection,
    elements: &[Range<usize>],
) -> Option<[(Selection, Vec<Range<usize>>); 2]> {
    let length = |dim: &DimSelection| match dim {
        DimSelection::List(indices) => indices.len(),
        _ => 0,
    };
    let (at, list) = sel.iter().enumerate().max_by_key(|(_, dim)| length(dim))?;
    let DimSelection::List(indices) = list else {
        return None;
    };
    if indices.len() < 2 || selection::lists(sel) > 1 {
        return None;
    }
    let middle = indices.len() / 2;
    let inner: u64 = sel[at + 1..].iter().map(DimSelection::len).product();
    let inner = usize::try_from(inner).ok()?;
    let part = |from: usize, to: usize| {
        let mut selection = sel.clone();
        selection[at] = DimSelection::List(indices[from..to].to_vec());
        let rows = elements.chunks(indices.len() * inner);
        let taken = rows.flat_map(|row| row[from * inner..to * inner].iter().cloned());
        (selection, taken.collect())
    };
    Some([part(0, middle), part(middle, indices.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_take_their_elements_along() {
        let range = |n| DimSelection::all(n);
        let list = DimSelection::List(vec![4, 2, 9]);
        let sel = vec![range(2), list, range(2)];
        let elements: Vec<Range<usize>> = (0..12).map(|at| at..at + 1).collect();
        let [(first, one), (second, two)] = halve(&sel, &elements).unwrap();
        assert_eq!(selection::format(&first), "[0:2,[4],0:2]");
        assert_eq!(selection::format(&second), "[0:2,[2,9],0:2]");
        let starts =
            |ranges: Vec<Range<usize>>| ranges.into_iter().map(|at| at.start).collect::<Vec<_>>();
        assert_eq!(starts(one), [0, 1, 6, 7]);
        assert_eq!(starts(two), [2, 3, 4, 5, 8, 9, 10, 11]);
        assert!(halve(&vec![range(2)], &elements).is_none());
    }
}
