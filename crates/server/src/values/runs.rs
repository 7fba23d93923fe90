//! Boxes of elements as runs: which stretches are contiguous both in a chunk and in a request's
//! buffer. The longer the runs, the faster elements move.

/// One dimension of a box that lies in two buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// Number of elements along it.
    pub count: usize,
    /// Distance of neighbours in the chunk, in elements.
    pub inner: usize,
    /// Distance of neighbours in the request's buffer, in elements.
    pub outer: usize,
}

/// Calls `visit(inner, outer, count)` for each run of the box that starts at `inner` in the
/// chunk and `outer` in the request's buffer; `axes` has the slowest dimension first.
pub fn for_each(
    axes: &[Axis],
    inner: usize,
    outer: usize,
    visit: &mut impl FnMut(usize, usize, usize),
) {
    let (loops, run) = join(axes);
    if loops.iter().any(|axis| axis.count == 0) {
        return;
    }
    step(&loops, inner, outer, run, visit);
}

/// Takes the fastest dimensions together as long as they are contiguous in both buffers; returns
/// the others and the length of a run.
fn join(axes: &[Axis]) -> (Vec<Axis>, usize) {
    let (mut loops, mut run) = (Vec::with_capacity(axes.len()), 1);
    for axis in axes.iter().rev() {
        let contiguous = loops.is_empty() && axis.inner == run && axis.outer == run;
        if contiguous {
            run *= axis.count;
        } else if axis.count != 1 {
            loops.push(*axis);
        }
    }
    if run == 0 {
        // An empty dimension: there is nothing to visit.
        return (
            vec![Axis {
                count: 0,
                inner: 0,
                outer: 0,
            }],
            0,
        );
    }
    loops.reverse();
    (loops, run)
}

fn step(
    loops: &[Axis],
    inner: usize,
    outer: usize,
    run: usize,
    visit: &mut impl FnMut(usize, usize, usize),
) {
    match loops {
        [] => visit(inner, outer, run),
        [last] => {
            for at in 0..last.count {
                visit(inner + at * last.inner, outer + at * last.outer, run);
            }
        }
        [first, rest @ ..] => {
            for at in 0..first.count {
                step(
                    rest,
                    inner + at * first.inner,
                    outer + at * first.outer,
                    run,
                    visit,
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(axes: &[Axis], inner: usize, outer: usize) -> Vec<(usize, usize, usize)> {
        let mut found = Vec::new();
        for_each(axes, inner, outer, &mut |i, o, n| found.push((i, o, n)));
        found
    }

    fn axis(count: usize, inner: usize, outer: usize) -> Axis {
        Axis {
            count,
            inner,
            outer,
        }
    }

    #[test]
    fn contiguous_dimensions_are_one_run() {
        assert_eq!(
            runs(&[axis(4, 12, 12), axis(3, 4, 4), axis(4, 1, 1)], 5, 7),
            [(5, 7, 48)]
        );
        assert_eq!(
            runs(&[axis(2, 10, 3), axis(3, 1, 1)], 0, 0),
            [(0, 0, 3), (10, 3, 3)]
        );
        assert_eq!(runs(&[], 3, 4), [(3, 4, 1)]);
    }

    #[test]
    fn strides_break_runs() {
        assert_eq!(runs(&[axis(2, 8, 2), axis(2, 3, 1)], 1, 0).len(), 4);
        assert_eq!(runs(&[axis(1, 99, 99), axis(5, 1, 1)], 0, 0), [(0, 0, 5)]);
        assert_eq!(runs(&[axis(3, 1, 1), axis(0, 1, 1)], 0, 0), []);
    }
}
