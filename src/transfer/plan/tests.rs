//! Every selected element is moved exactly once, and none beside it is written.

use std::collections::HashMap;

use super::*;

/// Row-major offsets of the elements that a request names, in the order of its data.
fn elements(request: &Request, dims: &[u64]) -> Vec<u64> {
    match &request.what {
        What::Points(points) => points.chunks(dims.len()).map(|p| linear(p, dims)).collect(),
        What::Select(selection) => {
            let mut found = vec![Vec::new()];
            for dim in selection {
                found = found
                    .into_iter()
                    .flat_map(|at: Vec<u64>| {
                        (0..dim.len()).map(move |n| [at.clone(), vec![dim.index(n)]].concat())
                    })
                    .collect();
            }
            found.iter().map(|p| linear(p, dims)).collect()
        }
    }
}

fn linear(point: &[u64], dims: &[u64]) -> u64 {
    point.iter().zip(dims).fold(0, |n, (&at, &extent)| {
        assert!(at < extent, "outside the extent");
        n * extent + at
    })
}

/// Runs the requests against a dataset whose elements are their own offsets, and returns what a
/// read would deliver in selection order.
fn delivered(requests: &[Request], dims: &[u64], count: usize) -> Vec<Option<u64>> {
    let mut out = vec![None; count];
    for request in requests {
        let data = elements(request, dims);
        assert_eq!(data.len(), request.count);
        let mut put = |at: usize, value: u64| {
            assert!(out[at].is_none(), "element {at} moved twice");
            out[at] = Some(value);
        };
        match &request.place {
            Place::From(first) => {
                data.iter()
                    .enumerate()
                    .for_each(|(n, &value)| put(first + n, value));
            }
            Place::Pieces(pieces) => {
                for piece in pieces {
                    for n in 0..piece.length {
                        put(piece.in_selection + n, data[piece.in_request + n]);
                    }
                }
            }
        }
    }
    out
}

fn check_runs(runs: &[(u64, usize)], dims: &[u64]) {
    let wanted: Vec<Option<u64>> = runs
        .iter()
        .flat_map(|&(offset, length)| (0..length as u64).map(move |n| Some(offset + n)))
        .collect();
    for elements_at_once in [1, 3, 7, 1000] {
        for may_overreach in [false, true] {
            let limits = Limits {
                dims,
                chunk: None,
                elements: elements_at_once,
                may_overreach,
            };
            let requests = requests(&Selected::Points(runs.to_vec()), limits);
            assert_eq!(moved(&requests), wanted.len());
            assert_eq!(delivered(&requests, dims, wanted.len()), wanted);
            if !may_overreach {
                let moved: usize = requests.iter().map(|r| r.count).sum();
                assert_eq!(moved, wanted.len());
            }
        }
    }
}

#[test]
fn slabs_of_all_sizes() {
    let dims = [7, 5, 9];
    for (chunk, most) in [
        (None, 1),
        (None, 10),
        (Some([3, 2, 4]), 25),
        (Some([2, 5, 9]), 95),
    ] {
        for (start, step, count) in [
            ([0, 0, 0], [1, 1, 1], [7, 5, 9]),
            ([1, 0, 2], [2, 3, 3], [3, 2, 2]),
        ] {
            let steps: Vec<Steps> = (0..3)
                .map(|d| Steps {
                    start: start[d],
                    step: step[d],
                    count: count[d],
                })
                .collect();
            let limits = Limits {
                dims: &dims,
                chunk: chunk.as_ref().map(|c| &c[..]),
                elements: most,
                may_overreach: false,
            };
            let requests = requests(&Selected::Slab(steps), limits);
            assert!(requests.iter().all(|r| r.count <= most));
            let total = count.iter().product::<u64>() as usize;
            let mut wanted = Vec::new();
            for i in 0..count[0] {
                for j in 0..count[1] {
                    for k in 0..count[2] {
                        let at = [
                            start[0] + i * step[0],
                            start[1] + j * step[1],
                            start[2] + k * step[2],
                        ];
                        wanted.push(Some(linear(&at, &dims)));
                    }
                }
            }
            assert_eq!(delivered(&requests, &dims, total), wanted);
        }
    }
}

#[test]
fn slabs_split_between_chunks() {
    let limits = Limits {
        dims: &[100, 10],
        chunk: Some(&[16, 10]),
        elements: 400,
        may_overreach: false,
    };
    let whole = [100, 10].map(|count| Steps {
        start: 0,
        step: 1,
        count,
    });
    let starts: Vec<u64> = requests(&Selected::Slab(whole.to_vec()), limits)
        .iter()
        .map(|r| match &r.what {
            What::Select(s) => s[0].index(0),
            What::Points(_) => panic!("a slab"),
        })
        .collect();
    // 40 rows fit into a request: two chunks of 16 and no more, then the 36 that are left.
    assert_eq!(starts, [0, 32, 64]);
}

#[test]
fn scalar_is_one_empty_selection() {
    let limits = Limits {
        dims: &[],
        chunk: None,
        elements: 8,
        may_overreach: true,
    };
    let requests = requests(&Selected::Slab(Vec::new()), limits);
    assert_eq!(requests.len(), 1);
    assert_eq!(
        (&requests[0].what, requests[0].count),
        (&What::Select(Vec::new()), 1)
    );
}

#[test]
fn runs_of_any_form() {
    // Two blocks in each of several rows, over a plane boundary.
    let blocks: Vec<(u64, usize)> = (2..9)
        .flat_map(|row| [(row * 10 + 1, 2), (row * 10 + 6, 3)])
        .collect();
    check_runs(&blocks, &[3, 4, 10]);
    // Points in any order.
    check_runs(
        &[(11, 1), (3, 1), (29, 1), (0, 1), (17, 1), (18, 1)],
        &[3, 10],
    );
    // Runs that wrap over rows, and a single dimension.
    check_runs(&[(5, 17), (28, 2)], &[3, 10]);
    check_runs(
        &[(5, 17), (28, 2), (40, 1), (50, 1), (60, 1), (0, 2)],
        &[100],
    );
}

/// What is stored after the requests were carried out one after another, each element's value being
/// its position in the selection.
fn written(requests: &[Request], dims: &[u64]) -> HashMap<u64, usize> {
    let mut stored = HashMap::new();
    for request in requests {
        let data = elements(request, dims);
        let mut put = |in_request: usize, in_selection: usize| {
            stored.insert(data[in_request], in_selection);
        };
        match &request.place {
            Place::From(first) => (0..request.count).for_each(|n| put(n, first + n)),
            Place::Pieces(pieces) => {
                for piece in pieces {
                    let each = 0..piece.length;
                    each.for_each(|n| put(piece.in_request + n, piece.in_selection + n));
                }
            }
        }
    }
    stored
}

#[test]
fn of_points_written_twice_the_last_wins() {
    let dims = [4, 5];
    for points in [vec![0, 1, 5, 5, 6], vec![0, 5, 0, 5, 10, 0], vec![7, 7, 7]] {
        let runs: Vec<(u64, usize)> = points.iter().map(|&at| (at, 1)).collect();
        let wanted: HashMap<u64, usize> = points.into_iter().zip(0..).collect();
        let limits = Limits {
            dims: &dims,
            chunk: None,
            elements: 100,
            may_overreach: false,
        };
        let requests = requests(&Selected::Points(runs), limits);
        assert_eq!(written(&requests, &dims), wanted);
    }
}

#[test]
fn scattered_elements_become_points() {
    let runs: Vec<(u64, usize)> = (0..500).map(|n| (n * 7919 % 1_000_003, 1)).collect();
    let limits = Limits {
        dims: &[1_000_003],
        chunk: None,
        elements: 1 << 20,
        may_overreach: true,
    };
    let requests = requests(&Selected::Runs(runs), limits);
    assert_eq!(requests.len(), 1);
    assert!(matches!(requests[0].what, What::Points(_)));
}
