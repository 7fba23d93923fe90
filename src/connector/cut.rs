//! Cuts what one request cannot carry: selections whose description is too long for a request
//! line, points that are more than a body may hold.

use std::ops::Range;

use bytes::Bytes;
use h5rest_client::LONGEST_SELECT_IN_QUERY;
use h5rest_protocol::Datatype;
use h5rest_protocol::selection::{self, DimSelection, Selection};
use h5rest_protocol::values::binary;
use serde_json::{Value, json};

use super::error::{Error, Result};

/// Points are written as JSON, of which HSDS takes 1 MiB at once.
const POINTS_BODY: usize = 900_000;

/// Cuts a selection with long lists of indices into ones that a request line holds, with the
/// elements of each. The bytes hold whole elements of `datatype`, or other equally long ones.
pub(super) fn selections(
    sel: &Selection,
    datatype: Option<&Datatype>,
    bytes: Bytes,
) -> Result<Vec<(Selection, Bytes)>> {
    if fits(sel) {
        return Ok(vec![(sel.clone(), bytes)]);
    }
    let wrong = || Error::invalid("the value does not have as many bytes as are selected");
    let count = selection::count(sel).and_then(|count| usize::try_from(count).ok());
    let count = count.filter(|&count| count > 0).ok_or_else(wrong)?;
    let elements: Vec<Range<usize>> = match datatype {
        Some(variable) if variable.is_variable() => binary::split(variable, &bytes, count)?,
        _ if bytes.len().is_multiple_of(count) => {
            let size = bytes.len() / count;
            (0..count).map(|at| at * size..(at + 1) * size).collect()
        }
        _ => return Err(wrong()),
    };
    let mut pieces = vec![(sel.clone(), elements)];
    let mut short = Vec::new();
    while let Some((selection, elements)) = pieces.pop() {
        if fits(&selection) {
            let taken = elements.into_iter().flat_map(|at| &bytes[at]);
            let gathered: Vec<u8> = taken.copied().collect();
            short.push((selection, gathered.into()));
        } else {
            let halves = halve(&selection, &elements);
            pieces.extend(halves.ok_or_else(|| {
                Error::unsupported("writing to selections whose description is that long")
            })?);
        }
    }
    Ok(short)
}

/// Whether one request holds the description of a selection.
pub(super) fn fits(sel: &Selection) -> bool {
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

/// Cuts points and their elements into requests that a server takes: coordinates as it wants them,
/// and the bytes of their elements. `ends` says where each element ends.
pub(super) fn points<'b>(
    coords: &[u64],
    rank: usize,
    ends: &[usize],
    bytes: &'b [u8],
) -> Result<Vec<(Value, &'b [u8])>> {
    if rank == 0 || coords.len() != ends.len() * rank {
        return Err(Error::invalid(
            "points need as many numbers as there are dimensions",
        ));
    }
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
    let coordinates = |from: usize, to: usize| -> Value {
        let coords = &coords[from * rank..to * rank];
        match rank {
            1 => json!(coords),
            _ => coords.chunks(rank).map(|point| json!(point)).collect(),
        }
    };
    let filled = batches.into_iter().filter(|(from, to)| from < to);
    Ok(filled
        .map(|(from, to)| (coordinates(from, to), &bytes[start_of(from)..start_of(to)]))
        .collect())
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
