//! Random programs against a plain array: whatever is kept and whenever it is sent, a program sees
//! what it wrote, and after a flush everybody does.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use bytes::Bytes;
use fastrand::Rng;
use h5rest_protocol::selection::{DimSelection, Selection};

use super::dataset::{Dataset, Form};
use super::deliver::Values;
use super::grid::Grid;
use super::slab::Slab;
use crate::connector::error::{Error, ErrorKind, Result};

/// A server that holds one dataset as an array.
struct Server {
    extent: RefCell<Vec<u64>>,
    element: usize,
    bytes: RefCell<Vec<u8>>,
    requests: Cell<usize>,
    /// Out of reach.
    down: Cell<bool>,
    /// Takes no writes.
    closed: Cell<bool>,
}

impl Server {
    fn new(extent: &[u64], element: usize) -> Self {
        let count: u64 = extent.iter().product();
        Self {
            extent: RefCell::new(extent.to_vec()),
            element,
            bytes: RefCell::new(vec![0; count as usize * element]),
            requests: Cell::new(0),
            down: Cell::new(false),
            closed: Cell::new(false),
        }
    }

    fn request(&self) -> Result<()> {
        self.requests.set(self.requests.get() + 1);
        match self.down.get() {
            true => Err(Error::new(ErrorKind::Unavailable, "nobody answers")),
            false => Ok(()),
        }
    }

    /// Calls `each` with the places of the selected elements in the array, in order.
    fn places(&self, sel: &Selection, mut each: impl FnMut(usize, usize)) -> Result<()> {
        let slab = Slab::of(sel).ok_or_else(|| Error::invalid("nothing is selected"))?;
        let extent = self.extent.borrow();
        let bounds = slab.bounds();
        if (0..extent.len()).any(|dim| bounds.end(dim) > extent[dim]) {
            return Err(Error::invalid("outside the extent"));
        }
        slab.for_each_row(|row, place| {
            let base = row.iter().zip(extent.iter());
            let base = base.fold(0, |n, (at, extent)| n * extent + at);
            let (last, width) = match slab.0.last() {
                Some(last) => (*last, *extent.last().unwrap()),
                None => return each(0, 0),
            };
            for n in 0..last.count {
                let at = base * width + last.start + n * last.step;
                each(place + n as usize, at as usize);
            }
        });
        Ok(())
    }

    fn resize(&self, to: &[u64]) {
        let new = Self::new(to, self.element);
        let both: Vec<u64> = self
            .extent
            .borrow()
            .iter()
            .zip(to)
            .map(|(a, b)| *a.min(b))
            .collect();
        if !both.contains(&0) {
            let all = h5rest_protocol::selection::all(&both);
            let mut bytes = vec![0; both.iter().product::<u64>() as usize * self.element];
            self.get(&all, &mut bytes).unwrap();
            new.put(&all, &bytes).unwrap();
        }
        self.extent.replace(to.to_vec());
        self.bytes.replace(new.bytes.into_inner());
    }

    fn get(&self, sel: &Selection, into: &mut [u8]) -> Result<()> {
        let (bytes, size) = (self.bytes.borrow(), self.element);
        self.places(sel, |place, at| {
            into[place * size..][..size].copy_from_slice(&bytes[at * size..][..size]);
        })
    }

    fn put(&self, sel: &Selection, from: &[u8]) -> Result<()> {
        let (mut bytes, size) = (self.bytes.borrow_mut(), self.element);
        self.places(sel, |place, at| {
            bytes[at * size..][..size].copy_from_slice(&from[place * size..][..size]);
        })
    }
}

impl Values for Server {
    fn read(&self, sel: &Selection, into: &mut [u8]) -> Result<()> {
        self.request()?;
        self.get(sel, into)
    }

    fn write(&self, sel: &Selection, bytes: Bytes) -> Result<()> {
        self.request()?;
        if self.closed.get() {
            return Err(Error::new(ErrorKind::Denied, "not yours"));
        }
        self.put(sel, &bytes)
    }

    fn write_all(&self, boxes: Vec<(Selection, Bytes)>) -> Vec<Result<()>> {
        let write = |(sel, bytes)| self.write(&sel, bytes);
        boxes.into_iter().map(write).collect()
    }

    fn post(&self, sel: &Selection, bytes: Bytes, _: Option<Arc<str>>) -> Result<()> {
        self.write(sel, bytes)
    }

    fn write_points(&self, coords: &[u64], element: usize, bytes: &[u8]) -> Result<()> {
        self.request()?;
        let rank = self.extent.borrow().len();
        for (point, bytes) in coords.chunks_exact(rank).zip(bytes.chunks_exact(element)) {
            let sel = point.iter().map(|&at| DimSelection::Index(at)).collect();
            self.put(&sel, bytes)?;
        }
        Ok(())
    }
}

/// What a program sees and does.
struct Program {
    server: Server,
    dataset: Dataset,
    /// What the program wrote.
    truth: Server,
    bounds: Vec<u64>,
    chunk: Option<Vec<u64>>,
    rng: Rng,
}

impl Program {
    fn new(seed: u64, keep: usize, collects: bool) -> Self {
        let mut rng = Rng::with_seed(seed);
        let rank = rng.usize(1..=3);
        let extent: Vec<u64> = (0..rank).map(|_| rng.u64(1..=20)).collect();
        let chunk = (0..rank).map(|_| rng.u64(1..=7)).collect();
        let element = rng.choice([1, 4, 8, 700]).unwrap();
        Self {
            server: Server::new(&extent, element),
            dataset: Dataset::new("dataset 'x'".into(), None, keep, collects),
            truth: Server::new(&extent, element),
            bounds: vec![u64::MAX; rank],
            chunk: rng.bool().then_some(chunk),
            rng,
        }
    }

    fn selection(&mut self) -> Option<Selection> {
        let extent = self.truth.extent.borrow().clone();
        let rng = &mut self.rng;
        let one = rng.bool();
        let along = |&extent: &u64| {
            if extent == 0 {
                return None;
            }
            let start = rng.u64(0..extent);
            let step = if rng.u8(0..4) == 0 { rng.u64(1..4) } else { 1 };
            let stop = if one {
                start + 1
            } else {
                rng.u64(start + 1..=extent)
            };
            Some(DimSelection::Range { start, stop, step })
        };
        extent.iter().map(along).collect()
    }

    fn with_form<R>(&self, run: impl FnOnce(&Self, Form<'_>) -> R) -> R {
        let extent = self.truth.extent.borrow().clone();
        let form = Form {
            extent: &extent,
            bounds: &self.bounds,
            chunk: self.chunk.as_deref(),
            element: self.truth.element,
        };
        run(self, form)
    }

    fn write(&mut self) -> Result<()> {
        let Some(sel) = self.selection() else {
            return Ok(());
        };
        let count = h5rest_protocol::selection::count(&sel).unwrap() as usize;
        let bytes: Vec<u8> = (0..count * self.truth.element)
            .map(|_| self.rng.u8(..))
            .collect();
        if self.rng.u8(0..8) > 0 {
            let take =
                |own: &Self, form: Form<'_>| own.dataset.take(&own.server, form, &sel, &bytes);
            if self.with_form(take)? {
                self.truth.put(&sel, &bytes).unwrap();
                return Ok(());
            }
        }
        let there = self.rng.bool().then_some(&sel);
        let write = || self.server.write(&sel, bytes.clone().into());
        self.dataset.write_through(&self.server, there, write)?;
        self.truth.put(&sel, &bytes)
    }

    fn read(&mut self) -> Result<()> {
        let Some(sel) = self.selection() else {
            return Ok(());
        };
        let count = h5rest_protocol::selection::count(&sel).unwrap() as usize;
        let mut seen = vec![0; count * self.truth.element];
        let mut expected = seen.clone();
        self.with_form(|own, form| own.dataset.read(&own.server, form, &sel, &mut seen))?;
        self.truth.get(&sel, &mut expected).unwrap();
        assert!(seen == expected, "{sel:?} is not what was written");
        Ok(())
    }

    fn resize(&mut self) -> Result<()> {
        let before = self.truth.extent.borrow().clone();
        let rank = before.len();
        let to: Vec<u64> = (0..rank).map(|_| self.rng.u64(0..=20)).collect();
        if to.iter().zip(&before).any(|(to, before)| to < before) {
            self.dataset.send(&self.server)?;
        }
        self.server.request()?;
        self.server.resize(&to);
        self.truth.resize(&to);
        self.dataset.forget(None);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.dataset.flush(&self.server)?;
        self.dataset.forget(None);
        assert!(*self.server.bytes.borrow() == *self.truth.bytes.borrow());
        Ok(())
    }

    fn step(&mut self) -> Result<()> {
        match self.rng.u8(0..40) {
            0 => self.resize(),
            1 => self.flush(),
            2 => self.dataset.send(&self.server),
            3 => {
                self.dataset.forget(None);
                Ok(())
            }
            4..=20 => self.write(),
            _ => self.read(),
        }
    }
}

const KEEPS: [usize; 6] = [0, 1, 1000, 100 << 10, 1 << 20, 8 << 20];

#[test]
fn a_program_sees_what_it_wrote() {
    for seed in 0..200 {
        let keep = KEEPS[seed as usize % KEEPS.len()];
        let mut program = Program::new(seed, keep, seed % 5 > 0);
        for _ in 0..150 {
            program.step().unwrap();
        }
        program.flush().unwrap();
    }
}

#[test]
fn nothing_is_lost_while_the_server_is_out_of_reach() {
    for seed in 0..100 {
        let mut program = Program::new(seed, 1 << 20, true);
        for n in 0..200 {
            program.server.down.set(n / 20 % 2 == 1);
            // What fails has not happened.
            let _ = program.step();
        }
        program.server.down.set(false);
        program.flush().unwrap();
    }
}

#[test]
fn what_the_server_refuses_is_told_by_the_flush_and_until_then() {
    let mut program = Program::new(3, 1 << 20, true);
    program.server.closed.set(true);
    while !program.dataset.is_waiting() {
        program.write().unwrap_or_default();
    }
    let refused = program.dataset.send(&program.server).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    let text = refused.to_string();
    assert!(
        text.contains("dataset 'x'") && text.contains("not yours"),
        "{text}"
    );
    assert!(program.read().is_err() && program.write().is_err());
    assert!(program.dataset.flush(&program.server).is_err());
    // The program knows; what is on the server counts.
    program
        .truth
        .bytes
        .replace(program.server.bytes.borrow().clone());
    program.flush().unwrap();
    program.read().unwrap();
}

fn dataset(keep: usize) -> (Server, Dataset) {
    let server = Server::new(&[2048, 4096], 8);
    (server, Dataset::new("dataset 'x'".into(), None, keep, true))
}

const FORM: Form<'_> = Form {
    extent: &[2048, 4096],
    bounds: &[2048, 4096],
    chunk: Some(&[256, 1024]),
    element: 8,
};

fn at(row: u64, column: u64) -> Selection {
    vec![DimSelection::Index(row), DimSelection::Index(column)]
}

#[test]
fn elements_of_a_chunk_cost_few_requests_in_any_order() {
    let mut rng = Rng::with_seed(1);
    for keep in [1 << 20, 8 << 20] {
        let (server, dataset) = dataset(keep);
        for _ in 0..10_000 {
            let sel = at(rng.u64(256..512), rng.u64(1024..2048));
            dataset.read(&server, FORM, &sel, &mut [0; 8]).unwrap();
        }
        assert!(server.requests.get() <= 3, "{}", server.requests.get());
    }
    let (server, dataset) = dataset(1 << 20);
    for n in 0..10_000 {
        let sel = at(n / 1024, n % 1024);
        dataset.read(&server, FORM, &sel, &mut [0; 8]).unwrap();
    }
    assert!(server.requests.get() <= 3, "{}", server.requests.get());
}

#[test]
fn rows_one_by_one_are_read_ahead_and_written_together() {
    let (server, dataset) = dataset(1 << 20);
    for row in 0..2048 {
        let sel = vec![DimSelection::Index(row), DimSelection::all(4096)];
        dataset.read(&server, FORM, &sel, &mut [0; 32768]).unwrap();
    }
    let reads = server.requests.take();
    assert!(reads <= 2048 / 12, "{reads}");
    for row in 0..2048 {
        let sel = vec![DimSelection::Index(row), DimSelection::all(4096)];
        assert!(dataset.take(&server, FORM, &sel, &[1; 32768]).unwrap());
    }
    dataset.flush(&server).unwrap();
    assert!(server.requests.get() <= 16, "{}", server.requests.get());
    assert!(server.bytes.borrow().iter().all(|&byte| byte == 1));
}

#[test]
fn elements_here_and_there_are_sent_together() {
    let (server, dataset) = dataset(1 << 20);
    let mut rng = Rng::with_seed(1);
    for _ in 0..1000 {
        let sel = at(rng.u64(0..2048), rng.u64(0..4096));
        assert!(dataset.take(&server, FORM, &sel, &[7; 8]).unwrap());
    }
    dataset.flush(&server).unwrap();
    assert!(server.requests.get() <= 2, "{}", server.requests.get());
}

#[test]
fn nothing_is_kept_where_that_is_not_wanted() {
    let (server, unkept) = (dataset(0).0, Dataset::new("x".into(), None, 0, false));
    for _ in 0..10 {
        unkept.read(&server, FORM, &at(1, 1), &mut [0; 8]).unwrap();
        assert!(!unkept.take(&server, FORM, &at(1, 1), &[0; 8]).unwrap());
    }
    assert_eq!(server.requests.get(), 10);
}

#[test]
fn tiles_hold_at_most_what_they_may() {
    let (server, dataset) = dataset(4 << 20);
    for n in 0..3000u64 {
        let sel = at(n * 389 % 2048, n * 911 % 4096);
        dataset.read(&server, FORM, &sel, &mut [0; 8]).unwrap();
        let (known, unsent) = dataset.sizes();
        assert!(known <= 4 << 20 && unsent == 0, "{known}");
    }
    assert_eq!(Grid::new(FORM.bounds, FORM.chunk, 8).bytes(), 2 << 20);
}
