//! A dataset's elements in blocks of bounded size that do not cut chunks.

/// Elements of one block, at most, if they are small; bytes otherwise.
pub(crate) const BUDGET: u64 = 32 << 20;

/// A block: its first element and its extents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub start: Vec<u64>,
    pub count: Vec<u64>,
}

impl Block {
    /// How many elements it has.
    pub fn elements(&self) -> u64 {
        self.count.iter().product()
    }
}

/// The blocks of an array with these extents, whose chunks have these extents (ones if it has none)
/// and whose elements this many bytes.
pub(crate) fn of(dims: &[u64], chunk: &[u64], size: u64, budget: u64) -> Vec<Block> {
    let shape = shape(dims, chunk, size, budget);
    let mut blocks = Vec::new();
    let mut start = vec![0; dims.len()];
    if dims.contains(&0) {
        return blocks;
    }
    loop {
        let ends = start.iter().zip(&shape).zip(dims);
        let count = ends
            .map(|((at, extent), dim)| (*extent).min(dim - at))
            .collect();
        blocks.push(Block {
            start: start.clone(),
            count,
        });
        let Some(next) = advance(&start, &shape, dims) else {
            return blocks;
        };
        start = next;
    }
}

/// The blocks of single chunks that begin at these offsets, one after another.
pub(crate) fn of_chunks(dims: &[u64], chunk: &[u64], offsets: &[u64]) -> Vec<Block> {
    let mut blocks: Vec<Block> = offsets
        .chunks_exact(dims.len().max(1))
        .filter(|start| start.iter().zip(dims).all(|(at, dim)| at < dim))
        .map(|start| Block {
            start: start.to_vec(),
            count: (start.iter().zip(chunk).zip(dims))
                .map(|((at, extent), dim)| (*extent).min(dim - at))
                .collect(),
        })
        .collect();
    blocks.sort_by(|a, b| a.start.cmp(&b.start));
    blocks
}

/// Extents of a block: as many chunks as the budget allows, from the fastest dimension on.
fn shape(dims: &[u64], chunk: &[u64], size: u64, budget: u64) -> Vec<u64> {
    let mut shape: Vec<u64> = dims
        .iter()
        .zip(chunk)
        .map(|(d, c)| (*c).clamp(1, (*d).max(1)))
        .collect();
    let bytes = |shape: &[u64]| {
        let elements = shape
            .iter()
            .fold(size.max(1), |all, extent| all.saturating_mul(*extent));
        elements.max(1)
    };
    // A chunk that is too large by itself is cut, in its slowest dimensions.
    for at in 0..shape.len() {
        let all = bytes(&shape);
        if all <= budget {
            break;
        }
        shape[at] = (shape[at] / all.div_ceil(budget)).max(1);
    }
    for at in (0..shape.len()).rev() {
        let times = (budget / bytes(&shape)).max(1);
        shape[at] = shape[at].saturating_mul(times).min(dims[at]);
        if shape[at] < dims[at] {
            break;
        }
    }
    shape
}

fn advance(start: &[u64], shape: &[u64], dims: &[u64]) -> Option<Vec<u64>> {
    let mut next = start.to_vec();
    for at in (0..next.len()).rev() {
        next[at] += shape[at];
        if next[at] < dims[at] {
            return Some(next);
        }
        next[at] = 0;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every element is in exactly one block.
    fn covers(dims: &[u64], chunk: &[u64], size: u64, budget: u64) -> Vec<Block> {
        let blocks = of(dims, chunk, size, budget);
        let elements: u64 = blocks.iter().map(Block::elements).sum();
        assert_eq!(elements, dims.iter().product::<u64>());
        for block in &blocks {
            assert!(block.elements() * size <= budget.max(size));
        }
        blocks
    }

    #[test]
    fn blocks_are_whole_chunks_within_the_budget() {
        let blocks = covers(&[100, 100], &[10, 10], 8, 8 * 250);
        assert!(blocks.iter().all(|b| b.start.iter().all(|at| at % 10 == 0)));
        assert_eq!(blocks[0].count, [10, 20]);
        assert_eq!(covers(&[100, 100], &[10, 10], 8, 1 << 20).len(), 1);
        assert_eq!(covers(&[7, 5], &[1, 1], 4, 4 * 11)[0].count, [2, 5]);
        // A chunk that is too large.
        assert_eq!(covers(&[10, 10], &[10, 10], 1, 25)[0].count, [2, 10]);
        // A scalar, nothing at all, and an element that is too large.
        assert_eq!(covers(&[], &[], 8, 64).len(), 1);
        assert_eq!(covers(&[0, 3], &[1, 1], 8, 64).len(), 0);
        assert_eq!(covers(&[3], &[1], 100, 10).len(), 3);
    }

    #[test]
    fn chunks_that_are_there() {
        let blocks = of_chunks(&[10, 10], &[4, 4], &[8, 8, 0, 4]);
        assert_eq!(blocks[0].start, [0, 4]);
        assert_eq!(
            (blocks[1].start.as_slice(), blocks[1].count.as_slice()),
            (&[8, 8][..], &[2, 2][..])
        );
    }
}
