//! Selections of a dataset's elements as requests spell them: `[start:stop:step,...]`.
//!
//! The client writes them, the server reads them and checks them against the extent.

use std::fmt::Write as _;

use serde_json::Value;

use crate::error::{ProtocolError, Result};

/// What is taken of one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DimSelection {
    /// `start`, `start + step`, ... below `stop`.
    Range {
        /// First index.
        start: u64,
        /// One past the last index that may be taken.
        stop: u64,
        /// Distance of neighbours, at least 1.
        step: u64,
    },
    /// A single index; `reduce_dim` drops such dimensions from the result.
    Index(u64),
    /// These indices in this order. Two or more lists in one selection are the coordinates of
    /// points and must be equally long.
    List(Vec<u64>),
}

/// What is taken of each dimension, slowest first.
pub type Selection = Vec<DimSelection>;

impl DimSelection {
    /// All of a dimension.
    pub fn all(extent: u64) -> Self {
        Self::Range {
            start: 0,
            stop: extent,
            step: 1,
        }
    }

    /// Number of indices.
    pub fn len(&self) -> u64 {
        match self {
            Self::Range { start, stop, step } => {
                stop.saturating_sub(*start).div_ceil((*step).max(1))
            }
            Self::Index(_) => 1,
            Self::List(indices) => indices.len() as u64,
        }
    }

    /// Whether no index is taken.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index at place `at` of the selected ones.
    pub fn index(&self, at: u64) -> u64 {
        match self {
            Self::Range { start, step, .. } => start + at * step,
            Self::Index(index) => *index,
            Self::List(indices) => indices.get(at as usize).copied().unwrap_or(u64::MAX),
        }
    }
}

/// Everything of a dataset of these extents.
pub fn all(dims: &[u64]) -> Selection {
    dims.iter()
        .map(|&extent| DimSelection::all(extent))
        .collect()
}

/// Number of dimensions that are given as lists.
pub fn lists(selection: &Selection) -> usize {
    let is_list = |dim: &&DimSelection| matches!(dim, DimSelection::List(_));
    selection.iter().filter(is_list).count()
}

/// Extents of what is selected: one per dimension; of several lists only the first counts.
pub fn dims_of(selection: &Selection) -> Vec<u64> {
    let (mut dims, mut list_seen) = (Vec::with_capacity(selection.len()), false);
    for dim in selection {
        if matches!(dim, DimSelection::List(_)) && std::mem::replace(&mut list_seen, true) {
            continue;
        }
        dims.push(dim.len());
    }
    dims
}

/// Number of elements selected; `None` if it does not fit 64 bits.
pub fn count(selection: &Selection) -> Option<u64> {
    let dims = dims_of(selection);
    if dims.contains(&0) {
        return Some(0);
    }
    dims.iter().try_fold(1u64, |n, &d| n.checked_mul(d))
}

/// The text of a request. Ranges end right behind their last index and have a step only if they
/// take more than one: HSDS transfers wrong elements for some selections spelled otherwise.
pub fn format(selection: &Selection) -> String {
    let mut text = String::from("[");
    for (at, dim) in selection.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        // Writing to a String cannot fail.
        let _ = match dim {
            DimSelection::Range { start, step, .. } => {
                let count = dim.len();
                let stop = match count {
                    0 => *start,
                    _ => start + (count - 1) * step + 1,
                };
                match step {
                    2.. if count > 1 => write!(text, "{start}:{stop}:{step}"),
                    _ => write!(text, "{start}:{stop}"),
                }
            }
            DimSelection::Index(index) => write!(text, "{index}"),
            DimSelection::List(indices) => {
                let indices: Vec<String> = indices.iter().map(u64::to_string).collect();
                write!(text, "[{}]", indices.join(","))
            }
        };
    }
    text.push(']');
    text
}

/// Reads the text of a request and checks it against the extents. Scalars (no extents) have one
/// element, named by `[]`, `[0]` or any range of one.
pub fn parse(text: &str, dims: &[u64]) -> Result<Selection> {
    let inner = text
        .trim()
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'));
    let inner = inner.ok_or_else(|| bad(format!("'{text}' has no brackets")))?;
    let parts = split_dimensions(inner);
    select(&parts, dims, |part, extent| {
        parse_dimension(part.trim(), extent)
    })
}

/// Reads the `select` member of a request's body: the text of [`parse`], or a list with an entry
/// per dimension, each a number, a list of numbers or text.
pub fn from_json(document: &Value, dims: &[u64]) -> Result<Selection> {
    match document {
        Value::String(text) => parse(text, dims),
        Value::Array(entries) => select(entries, dims, |entry, extent| match entry {
            Value::String(text) => parse_dimension(text.trim(), extent),
            Value::Array(items) => list(items.iter().map(Value::as_u64), extent),
            single => index(single.as_u64(), extent).map(DimSelection::Index),
        }),
        other => Err(bad(format!("{other} is no selection"))),
    }
}

/// Reads each dimension's part with `read`.
fn select<T>(
    parts: &[T],
    dims: &[u64],
    read: impl Fn(&T, u64) -> Result<DimSelection>,
) -> Result<Selection>
where
    T: AsPart,
{
    if dims.is_empty() {
        let only: Vec<&T> = parts.iter().filter(|part| !part.is_blank()).collect();
        return match only.as_slice() {
            [] => Ok(Vec::new()),
            [part] => read(part, 1).map(|_| Vec::new()),
            _ => Err(bad(format!("{} dimensions of a scalar", only.len()))),
        };
    }
    if parts.len() != dims.len() {
        return Err(bad(format!(
            "{} dimensions where there are {}",
            parts.len(),
            dims.len()
        )));
    }
    let pairs = parts.iter().zip(dims);
    let selection: Selection = pairs
        .map(|(part, &extent)| read(part, extent))
        .collect::<Result<_>>()?;
    let mut lengths = selection
        .iter()
        .filter(|dim| matches!(dim, DimSelection::List(_)));
    let first = lengths.next().map(DimSelection::len);
    if lengths.any(|dim| Some(dim.len()) != first) {
        return Err(bad("coordinate lists of different lengths"));
    }
    Ok(selection)
}

/// What one dimension's part may be: text, or a JSON entry.
trait AsPart {
    fn is_blank(&self) -> bool;
}

impl AsPart for &str {
    fn is_blank(&self) -> bool {
        self.trim().is_empty()
    }
}

impl AsPart for Value {
    fn is_blank(&self) -> bool {
        false
    }
}

/// Splits at the commas that are not inside a coordinate list.
fn split_dimensions(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0i32);
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn parse_dimension(text: &str, extent: u64) -> Result<DimSelection> {
    if let Some(items) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return list(
            items.split(',').map(|item| item.trim().parse().ok()),
            extent,
        );
    }
    let fields: Vec<&str> = text.split(':').map(str::trim).collect();
    let number = |field: &str, default: u64| match field {
        "" => Ok(default),
        digits => digits
            .parse::<u64>()
            .map_err(|_| bad(format!("'{digits}' is no index"))),
    };
    let (start, stop, step) = match fields.as_slice() {
        [single] => return index(single.parse().ok(), extent).map(DimSelection::Index),
        [start, stop] => (number(start, 0)?, number(stop, extent)?, 1),
        [start, stop, step] => (number(start, 0)?, number(stop, extent)?, number(step, 1)?),
        _ => return Err(bad(format!("'{text}' has too many colons"))),
    };
    // An empty dimension can only be taken whole.
    let empty = extent == 0 && start == 0 && stop == 0;
    if step == 0 || stop > extent || (start >= stop && !empty) {
        return Err(bad(format!("'{text}' of {extent} elements")));
    }
    Ok(DimSelection::Range { start, stop, step })
}

fn index(index: Option<u64>, extent: u64) -> Result<u64> {
    let index = index.ok_or_else(|| bad("an entry that is no index"))?;
    if index < extent {
        Ok(index)
    } else {
        Err(bad(format!("index {index} of {extent} elements")))
    }
}

fn list(items: impl Iterator<Item = Option<u64>>, extent: u64) -> Result<DimSelection> {
    let indices = items
        .map(|item| index(item, extent))
        .collect::<Result<Vec<u64>>>()?;
    if indices.is_empty() {
        return Err(bad("an empty coordinate list"));
    }
    Ok(DimSelection::List(indices))
}

fn bad(what: impl Into<String>) -> ProtocolError {
    ProtocolError::InvalidSelection(what.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn range(start: u64, stop: u64, step: u64) -> DimSelection {
        DimSelection::Range { start, stop, step }
    }

    #[test]
    fn ranges_are_written_normalised() {
        for (dim, text) in [
            (range(3, 4, 2), "[3:4]"),
            (range(3, 9, 7), "[3:4]"),
            (range(0, 10, 3), "[0:10:3]"),
            (range(0, 12, 3), "[0:10:3]"),
            (range(2, 5, 1), "[2:5]"),
            (DimSelection::Index(7), "[7]"),
            (DimSelection::List(vec![5, 1, 1]), "[[5,1,1]]"),
        ] {
            assert_eq!(format(&vec![dim]), text);
        }
        let two = vec![range(0, 2, 1), DimSelection::List(vec![3])];
        assert_eq!(format(&two), "[0:2,[3]]");
        assert_eq!(format(&Vec::new()), "[]");
    }

    #[test]
    fn all_forms_are_read() {
        let dims = [10, 20, 5];
        let cases = [
            (
                "[1:9:2, :, 3]",
                vec![range(1, 9, 2), range(0, 20, 1), DimSelection::Index(3)],
            ),
            (
                "[::4,5:,:5]",
                vec![range(0, 10, 4), range(5, 20, 1), range(0, 5, 1)],
            ),
            (
                "[[9, 0,0],:,::]",
                vec![
                    DimSelection::List(vec![9, 0, 0]),
                    range(0, 20, 1),
                    range(0, 5, 1),
                ],
            ),
        ];
        for (text, expected) in cases {
            let read = parse(text, &dims).unwrap();
            assert_eq!(read, expected, "{text}");
            assert_eq!(
                dims_of(&parse(&format(&read), &dims).unwrap()),
                dims_of(&read)
            );
        }
        let body = json!([[0, 2], ":", 4]);
        let read = from_json(&body, &dims).unwrap();
        assert_eq!(
            read,
            vec![
                DimSelection::List(vec![0, 2]),
                range(0, 20, 1),
                DimSelection::Index(4)
            ]
        );
        assert_eq!(
            from_json(&json!("[1,2,3]"), &dims).unwrap(),
            parse("[1,2,3]", &dims).unwrap()
        );
    }

    #[test]
    fn errors() {
        let dims = [10, 20];
        for text in [
            "2:5",
            "",
            "[",
            "[]",
            "[1]",
            "[1,2,3]",
            "[10,0]",
            "[-1,0]",
            "[5:5,0]",
            "[5:3,0]",
            "[0:11,0]",
            "[0:1:0,0]",
            "[0:1:-1,0]",
            "[a,0]",
            "[0:1:1:1,0]",
            "[[],0]",
            "[[1,10],0]",
            "[[1,2],[3]]",
            "[1.5,0]",
            "[,]",
            "[[1,0]",
        ] {
            assert!(parse(text, &dims).is_err(), "{text}");
        }
        for body in [
            json!(5),
            json!([1]),
            json!([[0, -1], 0]),
            json!({"a": 1}),
            json!([null, 0]),
        ] {
            assert!(from_json(&body, &dims).is_err(), "{body}");
        }
    }

    #[test]
    fn scalars_and_empty_extents() {
        for text in ["[]", "[0]", "[:]", "[0:1]"] {
            assert_eq!(parse(text, &[]).unwrap(), Vec::new());
        }
        assert!(parse("[1]", &[]).is_err());
        assert_eq!(count(&Vec::new()), Some(1));
        let empty = parse("[:,:]", &[0, 3]).unwrap();
        assert_eq!((count(&empty), dims_of(&empty)), (Some(0), vec![0, 3]));
        assert!(parse("[0,0]", &[0, 3]).is_err());
    }

    #[test]
    fn several_lists_are_points() {
        let read = parse("[[1,2,3],:,[0,0,1]]", &[10, 4, 2]).unwrap();
        assert_eq!(dims_of(&read), [3, 4]);
        assert_eq!(count(&read), Some(12));
        assert_eq!(lists(&read), 2);
    }
}
