//! Regular selections of a dataset, and boxes of neighbouring elements.

use h5rest_protocol::selection::{DimSelection, Selection};

/// Evenly spaced indices of one dimension, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) start: u64,
    pub(super) step: u64,
    pub(super) count: u64,
}

/// The elements at all combinations of some indices, row-major; of a scalar dataset its one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slab(pub(super) Vec<Steps>);

impl Slab {
    /// What a request names; `None` if it names nothing, or elements one by one.
    pub(super) fn of(selection: &Selection) -> Option<Self> {
        let steps = |dim: &DimSelection| match dim {
            DimSelection::Range { start, step, .. } => Some(Steps {
                start: *start,
                step: (*step).max(1),
                count: dim.len(),
            }),
            DimSelection::Index(at) => Some(Steps {
                start: *at,
                step: 1,
                count: 1,
            }),
            DimSelection::List(_) => None,
        };
        let all: Vec<Steps> = selection.iter().map(steps).collect::<Option<_>>()?;
        all.iter().all(|dim| dim.count > 0).then_some(Self(all))
    }

    /// Number of its elements.
    pub(super) fn count(&self) -> usize {
        let counts = self.0.iter().map(|dim| dim.count as usize);
        counts.fold(1, usize::saturating_mul)
    }

    /// Whether it takes all elements between its corners.
    pub(super) fn is_box(&self) -> bool {
        self.0.iter().all(|dim| dim.step == 1 || dim.count == 1)
    }

    /// The box between its corners.
    pub(super) fn bounds(&self) -> Region {
        let along = |dim: &Steps| (dim.start, (dim.count - 1) * dim.step + 1);
        let (start, count) = self.0.iter().map(along).unzip();
        Region { start, count }
    }

    /// Calls `each` for every row: its indices of all dimensions but the last, which are only valid
    /// in the call, and its place among the elements. A scalar has one row.
    pub(super) fn for_each_row(&self, mut each: impl FnMut(&[u64], usize)) {
        let outer = self.0.split_last().map_or(&[][..], |(_, outer)| outer);
        let width = self.0.last().map_or(1, |last| last.count as usize);
        let mut at: Vec<u64> = outer.iter().map(|dim| dim.start).collect();
        let mut left: Vec<u64> = outer.iter().map(|dim| dim.count).collect();
        let mut place = 0;
        loop {
            each(&at, place);
            place += width;
            let mut dim = outer.len();
            loop {
                if dim == 0 {
                    return;
                }
                dim -= 1;
                left[dim] -= 1;
                if left[dim] > 0 {
                    at[dim] += outer[dim].step;
                    break;
                }
                (at[dim], left[dim]) = (outer[dim].start, outer[dim].count);
            }
        }
    }
}

/// Neighbouring elements: a box.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(super) struct Region {
    /// First index of each dimension.
    pub(super) start: Vec<u64>,
    /// Number of indices of each dimension, at least 1.
    pub(super) count: Vec<u64>,
}

impl Region {
    /// One past the last index of a dimension.
    pub(super) fn end(&self, dim: usize) -> u64 {
        self.start[dim].saturating_add(self.count[dim])
    }

    /// Number of its elements.
    pub(super) fn volume(&self) -> usize {
        let counts = self.count.iter().map(|&count| count as usize);
        counts.fold(1, usize::saturating_mul)
    }

    /// The same as a slab.
    pub(super) fn slab(&self) -> Slab {
        let along = |(&start, &count)| Steps {
            start,
            step: 1,
            count,
        };
        Slab(self.start.iter().zip(&self.count).map(along).collect())
    }

    /// The same in a request's form.
    pub(super) fn selection(&self) -> Selection {
        let along = |(&start, &count): (&u64, &u64)| DimSelection::Range {
            start,
            stop: start + count,
            step: 1,
        };
        self.start.iter().zip(&self.count).map(along).collect()
    }

    /// Copies the elements of a slab within it out of its own, of `element` bytes each.
    pub(super) fn extract(&self, from: &[u8], slab: &Slab, element: usize, into: &mut [u8]) {
        let Some((last, outer)) = slab.0.split_last() else {
            into.copy_from_slice(&from[..element]);
            return;
        };
        let column = (last.start - self.start[outer.len()]) as usize;
        let width = self.count[outer.len()] as usize;
        slab.for_each_row(|at, place| {
            let row = at.iter().zip(&self.start).zip(&self.count);
            let row = row.fold(0, |row, ((at, start), count)| {
                row * *count as usize + (at - start) as usize
            });
            let first = row * width + column;
            if last.step == 1 {
                let length = last.count as usize * element;
                let part = &from[first * element..][..length];
                into[place * element..][..length].copy_from_slice(part);
                return;
            }
            for n in 0..last.count as usize {
                let part = &from[(first + n * last.step as usize) * element..][..element];
                into[(place + n) * element..][..element].copy_from_slice(part);
            }
        });
    }

    /// Cuts it into boxes of at most `most` elements, along the slowest dimensions.
    pub(super) fn cut(self, most: usize) -> Vec<Region> {
        let (mut whole, mut small) = (vec![self], Vec::new());
        while let Some(region) = whole.pop() {
            let slowest = region.count.iter().position(|&count| count > 1);
            let Some(dim) = slowest.filter(|_| region.volume() > most) else {
                small.push(region);
                continue;
            };
            let row = region.volume() / region.count[dim] as usize;
            let first = ((most / row.max(1)).max(1) as u64).min(region.count[dim] - 1);
            let (mut head, mut tail) = (region.clone(), region);
            head.count[dim] = first;
            tail.start[dim] += first;
            tail.count[dim] -= first;
            whole.push(tail);
            whole.push(head);
        }
        small
    }
}

/// Puts boxes without common elements together where that makes larger boxes.
pub(super) fn merged(mut regions: Vec<Region>) -> Vec<Region> {
    let rank = regions.first().map_or(0, |region| region.start.len());
    for dim in (0..rank).rev() {
        // Those that differ in this dimension alone come one after the other.
        let others = |region: &Region| {
            let rest = (0..rank).filter(move |&other| other != dim);
            let rest = rest.map(|other| (region.start[other], region.count[other]));
            rest.collect::<Vec<_>>()
        };
        regions.sort_by_cached_key(|region| (others(region), region.start[dim]));
        let same_beside = |a: &Region, b: &Region| {
            let mut rest = (0..rank).filter(|&other| other != dim);
            rest.all(|other| (a.start[other], a.count[other]) == (b.start[other], b.count[other]))
        };
        let mut joined: Vec<Region> = Vec::with_capacity(regions.len());
        for region in regions {
            match joined.last_mut() {
                Some(last) if last.end(dim) == region.start[dim] && same_beside(last, &region) => {
                    last.count[dim] += region.count[dim];
                }
                _ => joined.push(region),
            }
        }
        regions = joined;
    }
    regions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(start: &[u64], count: &[u64]) -> Region {
        Region {
            start: start.to_vec(),
            count: count.to_vec(),
        }
    }

    #[test]
    fn rows_and_columns_grow_together() {
        let rows = (0..10).map(|n| region(&[n, 0], &[1, 4]));
        let right = (0..10).map(|n| region(&[n, 4], &[1, 3]));
        let all = merged(rows.chain(right).collect());
        assert_eq!(all, [region(&[0, 0], &[10, 7])]);
        let apart = merged(vec![region(&[0, 0], &[1, 2]), region(&[0, 3], &[1, 2])]);
        assert_eq!(apart.len(), 2);
        assert_eq!(merged(vec![region(&[], &[])]), [region(&[], &[])]);
    }

    #[test]
    fn cut_pieces_cover_the_whole_once() {
        for most in [1, 3, 7, 20, 100] {
            let pieces = region(&[2, 5, 1], &[3, 4, 5]).cut(most);
            assert!(pieces.iter().all(|piece| piece.volume() <= most));
            assert_eq!(pieces.iter().map(Region::volume).sum::<usize>(), 60);
            assert_eq!(merged(pieces), [region(&[2, 5, 1], &[3, 4, 5])]);
        }
    }

    #[test]
    fn parts_are_taken_out_of_a_box() {
        let from: Vec<u8> = (0..20).collect();
        let steps = |start, step, count| Steps { start, step, count };
        let mut into = [0; 4];
        let slab = Slab(vec![steps(11, 2, 2), steps(101, 3, 2)]);
        region(&[10, 100], &[4, 5]).extract(&from, &slab, 1, &mut into);
        assert_eq!(into, [6, 9, 16, 19]);
        let mut row = [0; 6];
        let slab = Slab(vec![steps(10, 1, 2), steps(101, 1, 3)]);
        region(&[10, 100], &[4, 5]).extract(&from, &slab, 1, &mut row);
        assert_eq!(row, [1, 2, 3, 6, 7, 8]);
    }
}
