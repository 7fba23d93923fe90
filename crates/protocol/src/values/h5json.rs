//! Selections as h5pyd and HSDS write them into region references: the binary form that starts with
//! `HSEL`, and `selection_dict` in JSON.
//!
//! That model knows slices, lists of coordinates and single coordinates per dimension. A region
//! that it cannot express is told as the points that it has, or, if these are many, as its bounding
//! box; `values::reference` keeps the exact one beside.

use serde_json::Value;

use crate::error::{ProtocolError, Result};
use crate::region::{Region, Selected, Stride};
use crate::shape::check_rank;

/// Points that a region is expanded to at most.
const MOST_POINTS: u64 = 65_536;

const MAGIC: &[u8; 4] = b"HSEL";
const VERSION: u8 = 1;

/// Kinds of selection.
const NONE: u8 = 0;
const POINTS: u8 = 1;
const SLAB: u8 = 2;
const ALL: u8 = 3;
const FANCY: u8 = 4;

/// What is selected along one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Dim {
    Slice { start: u64, stop: u64, step: u64 },
    List(Vec<u64>),
    One(u64),
}

/// A selection of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The dataset's extents.
    pub shape: Vec<u64>,
    kind: u8,
    dims: Vec<Dim>,
}

fn bad(what: &str) -> ProtocolError {
    ProtocolError::InvalidValue(format!("a region: {what}"))
}

impl Selection {
    /// What comes closest to `region` of a dataset of these extents.
    pub fn of(region: &Region, shape: &[u64]) -> Self {
        let mut shape = shape.to_vec();
        shape.resize(region.rank, 0);
        for (extent, least) in shape.iter_mut().zip(region.least_shape()) {
            *extent = (*extent).max(least);
        }
        let (kind, dims) = match &region.selected {
            Selected::None => (NONE, vec![Dim::List(Vec::new()); region.rank]),
            Selected::All => (ALL, Vec::new()),
            Selected::Points(coordinates) => (POINTS, columns(coordinates, region.rank)),
            Selected::Regular(strides) => match strides.iter().map(slice).collect() {
                Some(slices) => (SLAB, slices),
                None => expanded(region, &shape),
            },
            Selected::Blocks(_) => expanded(region, &shape),
        };
        Self { shape, kind, dims }
    }

    /// The region that it means.
    pub fn region(&self) -> Result<Region> {
        let rank = self.shape.len();
        if !matches!(self.kind, NONE | ALL) && self.dims.len() != rank {
            return Err(bad("a selection of other dimensions than its dataset's"));
        }
        let selected = match self.kind {
            NONE => Selected::None,
            ALL => Selected::All,
            POINTS => self.paired()?,
            SLAB => Selected::Regular(self.dims.iter().map(stride).collect::<Result<_>>()?),
            FANCY => self.crossed()?,
            other => return Err(bad(&format!("unknown kind of selection {other}"))),
        };
        match &selected {
            Selected::Points(points) if points.is_empty() => Ok(Region {
                rank,
                selected: Selected::None,
            }),
            _ => Ok(Region { rank, selected }),
        }
    }

    /// Point by point.
    fn paired(&self) -> Result<Selected> {
        let lengths = self.dims.iter().filter_map(|dim| match dim {
            Dim::List(list) => Some(list.len()),
            _ => None,
        });
        let count = lengths.max().unwrap_or(1);
        // One coordinate for all points takes the same few bytes however many there are.
        let are_all_listed = self.dims.iter().all(|dim| matches!(dim, Dim::List(_)));
        if !are_all_listed && count as u64 > MOST_POINTS {
            return Err(bad(&format!(
                "{count} points with a coordinate in common, at most {MOST_POINTS} can be; list each \
                 coordinate"
            )));
        }
        let mut points = Vec::with_capacity(count * self.dims.len());
        for at in 0..count {
            for dim in &self.dims {
                points.push(match dim {
                    Dim::List(list) => *list
                        .get(at)
                        .ok_or_else(|| bad("lists of different lengths"))?,
                    Dim::One(coordinate) => *coordinate,
                    Dim::Slice { .. } => return Err(bad("a slice among points")),
                });
            }
        }
        Ok(Selected::Points(points))
    }

    /// Every coordinate of a dimension with every one of the others.
    fn crossed(&self) -> Result<Selected> {
        let mut corners: Vec<(Vec<u64>, Vec<u64>)> = vec![Default::default()];
        for dim in &self.dims {
            let runs: Vec<(u64, u64)> = match dim {
                Dim::List(list) => list.iter().map(|&at| (at, at)).collect(),
                Dim::One(at) => vec![(*at, *at)],
                Dim::Slice { start, stop, step } if *step == 1 && stop > start => {
                    vec![(*start, stop - 1)]
                }
                Dim::Slice { start, stop, step } => {
                    let step = usize::try_from(*step).map_err(|_| bad("a step too large"))?;
                    let all = (*start..*stop).step_by(step.max(1));
                    all.take(MOST_POINTS as usize + 1)
                        .map(|at| (at, at))
                        .collect()
                }
            };
            if corners.len().saturating_mul(runs.len()) > MOST_POINTS as usize {
                return Err(bad("too many coordinates"));
            }
            let longer = corners.iter().flat_map(|(first, last)| {
                runs.iter().map(|run| {
                    let (mut first, mut last) = (first.clone(), last.clone());
                    first.push(run.0);
                    last.push(run.1);
                    (first, last)
                })
            });
            corners = longer.collect();
        }
        let blocks = corners.into_iter().flat_map(|(first, last)| [first, last]);
        Ok(Selected::Blocks(blocks.flatten().collect()))
    }

    /// The binary form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let most = self.shape.iter().copied().max().unwrap_or(0);
        let (code, width) = match most {
            0..0x1_0000 => (0u8, 2),
            0x1_0000..0x1_0000_0000 => (1, 4),
            _ => (2, 8),
        };
        let mut out = MAGIC.to_vec();
        out.extend([VERSION, 0, self.kind, code]);
        out.extend((self.shape.len() as u16).to_le_bytes());
        let put = |out: &mut Vec<u8>, numbers: &[u64]| {
            let bytes = numbers.iter().map(|n| n.to_le_bytes());
            bytes.for_each(|bytes| out.extend_from_slice(&bytes[..width]));
        };
        put(&mut out, &self.shape);
        out.push(0); // no names of compound members
        for dim in &self.dims {
            match dim {
                Dim::Slice { start, stop, step } => {
                    out.push(0);
                    put(&mut out, &[*start, *stop, *step]);
                }
                Dim::List(list) => {
                    out.push(1);
                    out.extend((list.len() as u32).to_le_bytes());
                    put(&mut out, list);
                }
                Dim::One(at) => {
                    out.push(2);
                    put(&mut out, &[*at]);
                }
            }
        }
        out
    }

    /// Reads the binary form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut rest = Reader { bytes, width: 1 };
        let [m0, m1, m2, m3, version, _class, kind, code] = rest.array()?;
        if [m0, m1, m2, m3] != *MAGIC || version != VERSION {
            return Err(bad("no selection of a known version"));
        }
        let rank = usize::from(u16::from_le_bytes(rest.array()?));
        check_rank(rank)?;
        rest.width = match code {
            0 => 2,
            1 => 4,
            2 => 8,
            other => return Err(bad(&format!("numbers of unknown width {other}"))),
        };
        let shape = rest.numbers(rank)?;
        if rest.array::<1>()? != [0] {
            let names = u16::from_le_bytes(rest.array()?);
            for _ in 0..names {
                let length = usize::from(u16::from_le_bytes(rest.array()?));
                rest.take(length)?;
            }
        }
        let mut dims = Vec::new();
        if kind != ALL {
            for _ in 0..rank {
                // A selection of nothing may end here.
                if rest.bytes.is_empty() && kind == NONE {
                    break;
                }
                dims.push(rest.dim()?);
            }
        }
        Ok(Self { shape, kind, dims })
    }

    /// Reads `selection_dict`.
    pub fn from_dict(dict: &Value) -> Result<Self> {
        let numbers = |list: &Value| -> Option<Vec<u64>> {
            list.as_array()?.iter().map(Value::as_u64).collect()
        };
        let shape = numbers(&dict["shape"]).ok_or_else(|| bad("no shape"))?;
        check_rank(shape.len())?;
        let kind = match &dict["select_type"] {
            Value::Number(number) => number.as_u64().unwrap_or(u64::from(u8::MAX)) as u8,
            Value::String(name) => match name.as_str() {
                "H5S_SEL_NONE" => NONE,
                "H5S_SEL_POINTS" => POINTS,
                "H5S_SEL_HYPERSLABS" => SLAB,
                "H5S_SEL_ALL" => ALL,
                _ => FANCY,
            },
            _ => return Err(bad("no select_type")),
        };
        let dim = |dim: &Value| -> Option<Dim> {
            let number = |key: &str| dim[key].as_u64();
            match dim["type"].as_str()? {
                "slice" => Some(Dim::Slice {
                    start: number("start")?,
                    stop: number("stop")?,
                    step: number("step")?,
                }),
                "list" => Some(Dim::List(numbers(&dim["values"])?)),
                _ => Some(Dim::One(number("value")?)),
            }
        };
        let dims = match dict["slices"].as_array() {
            Some(slices) => slices.iter().map(dim).collect::<Option<_>>(),
            None => Some(Vec::new()),
        };
        let dims = dims.ok_or_else(|| bad("unknown slices"))?;
        Ok(Self { shape, kind, dims })
    }
}

/// Coordinates by dimension instead of by point.
fn columns(coordinates: &[u64], rank: usize) -> Vec<Dim> {
    let column = |dim: usize| coordinates.iter().skip(dim).step_by(rank.max(1));
    let list = |dim| Dim::List(column(dim).copied().collect());
    (0..rank).map(list).collect()
}

fn slice(pattern: &Stride) -> Option<Dim> {
    let stop = pattern.end()?;
    let start = pattern.start;
    if pattern.count == 1 || pattern.stride == pattern.block {
        return Some(Dim::Slice {
            start,
            stop,
            step: 1,
        });
    }
    (pattern.block == 1).then_some(Dim::Slice {
        start,
        stop,
        step: pattern.stride,
    })
}

fn stride(dim: &Dim) -> Result<Stride> {
    match dim {
        Dim::One(at) => Ok(Stride::range(*at, at.saturating_add(1))),
        Dim::Slice { start, stop, step } if *step == 1 || stop.saturating_sub(*start) <= *step => {
            let stop = if *step == 1 {
                *stop
            } else {
                start.saturating_add(1)
            };
            Ok(Stride::range(*start, stop))
        }
        Dim::Slice { start, stop, step } if *step > 0 => Ok(Stride {
            start: *start,
            stride: *step,
            count: stop.saturating_sub(*start).div_ceil(*step),
            block: 1,
        }),
        _ => Err(bad("a slab of single coordinates, or without a step")),
    }
}

/// All its points, or its bounding box.
fn expanded(region: &Region, shape: &[u64]) -> (u8, Vec<Dim>) {
    let per_dim: Vec<Vec<(u64, u64)>>;
    let blocks: Vec<Vec<(u64, u64)>> = match &region.selected {
        Selected::Blocks(corners) => corners
            .chunks_exact((2 * region.rank).max(1))
            .map(|block| {
                let (first, last) = block.split_at(region.rank);
                first.iter().copied().zip(last.iter().copied()).collect()
            })
            .collect(),
        Selected::Regular(strides) => {
            per_dim = strides.iter().zip(shape).map(runs).collect();
            crossed_runs(&per_dim)
        }
        _ => Vec::new(),
    };
    let size = |block: &Vec<(u64, u64)>| {
        let lengths = block
            .iter()
            .map(|(first, last)| last.saturating_sub(*first) + 1);
        lengths.fold(1u64, u64::saturating_mul)
    };
    let count = blocks.iter().map(size).fold(0u64, u64::saturating_add);
    if blocks.is_empty() || count > MOST_POINTS {
        return (SLAB, bounding_box(region, shape));
    }
    let mut points = Vec::new();
    for block in &blocks {
        let mut at: Vec<u64> = block.iter().map(|run| run.0).collect();
        for _ in 0..size(block) {
            points.extend_from_slice(&at);
            for (coordinate, run) in at.iter_mut().zip(block).rev() {
                if *coordinate < run.1 {
                    *coordinate += 1;
                    break;
                }
                *coordinate = run.0;
            }
        }
    }
    (POINTS, columns(&points, region.rank))
}

/// First and last coordinates of the blocks along one dimension of this extent; empty if there are
/// too many.
fn runs((pattern, &extent): (&Stride, &u64)) -> Vec<(u64, u64)> {
    let room = extent.saturating_sub(pattern.start);
    let blocks = room.div_ceil(pattern.stride.max(1)).min(pattern.count);
    if blocks > MOST_POINTS {
        return Vec::new();
    }
    let run = |n: u64| {
        let first = pattern.start + n * pattern.stride;
        let last = first.saturating_add(pattern.block.max(1) - 1);
        (first, last.min(extent.saturating_sub(1)))
    };
    (0..blocks).map(run).collect()
}

fn crossed_runs(per_dim: &[Vec<(u64, u64)>]) -> Vec<Vec<(u64, u64)>> {
    let count = per_dim
        .iter()
        .map(Vec::len)
        .fold(1usize, usize::saturating_mul);
    if count as u64 > MOST_POINTS {
        return Vec::new();
    }
    let mut blocks: Vec<Vec<(u64, u64)>> = vec![Vec::new()];
    for runs in per_dim {
        let longer = blocks.iter().flat_map(|block| {
            runs.iter().map(|run| {
                let mut block = block.clone();
                block.push(*run);
                block
            })
        });
        blocks = longer.collect();
    }
    blocks
}

fn bounding_box(region: &Region, shape: &[u64]) -> Vec<Dim> {
    let mut bounds: Vec<(u64, u64)> = vec![(u64::MAX, 0); region.rank];
    match &region.selected {
        Selected::Blocks(corners) => {
            for block in corners.chunks_exact((2 * region.rank).max(1)) {
                let (first, last) = block.split_at(region.rank);
                for (at, bound) in bounds.iter_mut().enumerate() {
                    *bound = (
                        bound.0.min(first[at]),
                        bound.1.max(last[at].saturating_add(1)),
                    );
                }
            }
        }
        Selected::Regular(strides) => {
            for ((bound, pattern), extent) in bounds.iter_mut().zip(strides).zip(shape) {
                *bound = (pattern.start, pattern.end().unwrap_or(*extent));
            }
        }
        _ => {}
    }
    let slice = |(start, stop): (u64, u64)| Dim::Slice {
        start: start.min(stop),
        stop,
        step: 1,
    };
    bounds.into_iter().map(slice).collect()
}

/// What is left of the binary form; numbers have `width` bytes.
struct Reader<'a> {
    bytes: &'a [u8],
    width: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let split = self.bytes.split_at_checked(count);
        let (taken, rest) = split.ok_or_else(|| bad("it breaks off"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn numbers(&mut self, count: usize) -> Result<Vec<u64>> {
        let width = self.width;
        let size = count.checked_mul(width).ok_or_else(|| bad("too long"))?;
        let number = |bytes: &[u8]| {
            let mut wide = [0; 8];
            wide[..width].copy_from_slice(bytes);
            u64::from_le_bytes(wide)
        };
        Ok(self.take(size)?.chunks_exact(width).map(number).collect())
    }

    fn dim(&mut self) -> Result<Dim> {
        match self.array::<1>()? {
            [0] => match self.numbers(3)?[..] {
                [start, stop, step] => Ok(Dim::Slice { start, stop, step }),
                _ => Err(bad("it breaks off")),
            },
            [1] => {
                let count = u32::from_le_bytes(self.array()?) as usize;
                self.numbers(count).map(Dim::List)
            }
            [2] => Ok(Dim::One(self.numbers(1)?[0])),
            [other] => Err(bad(&format!("unknown kind of dimension {other}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn regular(strides: &[(u64, u64, u64, u64)]) -> Region {
        let stride = |&(start, stride, count, block): &(u64, u64, u64, u64)| Stride {
            start,
            stride,
            count,
            block,
        };
        Region {
            rank: strides.len(),
            selected: Selected::Regular(strides.iter().map(stride).collect()),
        }
    }

    /// What comes back by way of bytes.
    fn through(region: &Region, shape: &[u64]) -> Region {
        let bytes = Selection::of(region, shape).to_bytes();
        Selection::from_bytes(&bytes).unwrap().region().unwrap()
    }

    #[test]
    fn what_the_model_has_is_exact() {
        let region = |rank, selected| Region { rank, selected };
        for exact in [
            regular(&[(1, 1, 1, 4), (2, 3, 5, 1)]),
            region(2, Selected::All),
            region(0, Selected::All),
            region(2, Selected::None),
            region(2, Selected::Points(vec![3, 4, 1, 2])),
        ] {
            assert_eq!(through(&exact, &vec![70_000; exact.rank]), exact);
            assert_eq!(through(&exact, &vec![20; exact.rank]), exact);
        }
    }

    #[test]
    fn other_regions_become_points_or_a_box() {
        let pairs = regular(&[(0, 3, 2, 2)]);
        let points = Selected::Points(vec![0, 1, 3, 4]);
        assert_eq!(through(&pairs, &[10]).selected, points);
        let corner = Region {
            rank: 2,
            selected: Selected::Blocks(vec![0, 0, 0, 1, 5, 5, 5, 5]),
        };
        let points = Selected::Points(vec![0, 0, 0, 1, 5, 5]);
        assert_eq!(through(&corner, &[6, 6]).selected, points);
        let large = Region {
            rank: 1,
            selected: Selected::Blocks(vec![1, 1_000_000, 2_000_000, 2_000_001]),
        };
        assert_eq!(through(&large, &[]), regular(&[(1, 1, 1, 2_000_001)]));
    }

    #[test]
    fn what_h5pyd_writes_is_read() {
        let fancy = Selection {
            shape: vec![8, 9],
            kind: FANCY,
            dims: vec![
                Dim::List(vec![1, 5]),
                Dim::Slice {
                    start: 2,
                    stop: 4,
                    step: 1,
                },
            ],
        };
        let read = Selection::from_bytes(&fancy.to_bytes()).unwrap();
        assert_eq!(read, fancy);
        let blocks = Selected::Blocks(vec![1, 2, 1, 3, 5, 2, 5, 3]);
        assert_eq!(read.region().unwrap().selected, blocks);
        let dict = json!({"shape": [20], "select_type": 2,
            "slices": [{"type": "slice", "start": 1, "stop": 8, "step": 3}]});
        let read = Selection::from_dict(&dict).unwrap();
        assert_eq!(read.region().unwrap(), regular(&[(1, 3, 3, 1)]));
    }

    #[test]
    fn more_dimensions_than_hdf5_has_are_refused() {
        for (rank, is_sound) in [(32, true), (33, false), (65_535, false)] {
            let one = Selection {
                shape: vec![1; rank],
                kind: POINTS,
                dims: vec![Dim::One(0); rank],
            };
            let read = Selection::from_bytes(&one.to_bytes());
            assert_eq!(read.is_ok(), is_sound, "{rank}");
            let slices = vec![json!({"type": "index", "value": 0}); rank];
            let dict = json!({"shape": vec![1; rank], "select_type": "H5S_SEL_POINTS",
                "slices": slices});
            assert_eq!(Selection::from_dict(&dict).is_ok(), is_sound, "{rank}");
        }
    }

    #[test]
    fn few_bytes_are_not_many_points() {
        let points = |count: usize, rest: Dim| Selection {
            shape: vec![9; 32],
            kind: POINTS,
            dims: [vec![Dim::List(vec![1; count])], vec![rest; 31]].concat(),
        };
        let (few, many) = (MOST_POINTS as usize, MOST_POINTS as usize + 1);
        assert!(points(few, Dim::One(0)).region().is_ok());
        assert!(points(many, Dim::One(0)).region().is_err());
        let listed = points(many, Dim::List(vec![0; many]));
        assert!(listed.region().is_ok());
    }

    #[test]
    fn bytes_that_break_off_are_refused() {
        let bytes = Selection::of(&regular(&[(1, 1, 1, 4)]), &[9]).to_bytes();
        for cut in 0..bytes.len() {
            assert!(Selection::from_bytes(&bytes[..cut]).is_err(), "{cut}");
        }
    }
}
