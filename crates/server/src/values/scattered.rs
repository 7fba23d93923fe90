//! Single elements, read block by block: they leave as they are read, and memory holds one block at a time.
//! Called by the route of reads by points.

use std::iter::{Once, once};
use std::sync::Arc;

use bytes::Bytes;

use super::bands::Form;
use super::pace::Pace;
use super::read::read;
use super::{Dataset, Target};
use crate::error::{ApiError, Result};
use crate::memory::Held;
use crate::store::Reader;

/// Bytes of elements that are read at once, about: a chunk is read anew for each block that has elements in it.
const BLOCK_BYTES: usize = 64 << 20;
/// Places that are looked for at once: each takes several times as much memory as its coordinates.
const MOST_PLACES: usize = 1 << 20;

/// Reads elements by their coordinates, from one state of the store.
pub struct Scattered {
    reader: Arc<dyn Reader>,
    dataset: Dataset,
    form: Form,
    /// Coordinates that are still to be read: 64-bit numbers, little-endian, as many for each element as the
    /// dataset has dimensions.
    coordinates: Bytes,
    /// Bytes of coordinates of a block.
    block: usize,
    /// Bytes of all elements together, if they are known beforehand.
    pub length: Option<u64>,
    pub(super) pace: Pace,
    /// What the coordinates take of the memory for bodies.
    _held: Option<Held>,
}

impl Scattered {
    /// Prepares to read elements.
    ///
    /// # Errors
    /// 400 if the coordinates are not those of elements.
    pub fn new(
        reader: Arc<dyn Reader>,
        dataset: Dataset,
        form: Form,
        coordinates: Bytes,
        held: Option<Held>,
    ) -> Result<Self> {
        let (numbers, rest) = coordinates.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(ApiError::bad_request("coordinates are numbers of 8 bytes"));
        }
        let numbers = numbers.iter().map(|bytes| u64::from_le_bytes(*bytes));
        Target::check_points(numbers, dataset.dims())?;
        let of_one = 8 * dataset.dims().len();
        let count = coordinates.len() / of_one;
        let size = usize::try_from(dataset.usual_size()).unwrap_or(usize::MAX);
        let places = (BLOCK_BYTES / size.max(1)).clamp(1, MOST_PLACES);
        let bytes = |size: usize| {
            let bytes = (count as u64).checked_mul(size as u64);
            bytes.ok_or_else(|| ApiError::too_large("elements of impossible size"))
        };
        Ok(Self {
            length: form.size(&dataset).map(bytes).transpose()?,
            reader,
            form,
            block: places * of_one,
            coordinates,
            dataset,
            pace: Pace::default(),
            // Whoever takes the elements may be slow.
            _held: held.map(Held::without_turn),
        })
    }

    /// Whether all of them are read at once.
    pub fn is_one_block(&self) -> bool {
        self.coordinates.len() <= self.block
    }

    fn read(&self, coordinates: &[u8]) -> Result<Bytes> {
        let (numbers, _) = coordinates.as_chunks::<8>();
        let numbers: Vec<u64> = numbers.iter().map(|b| u64::from_le_bytes(*b)).collect();
        let target = Target::points(&numbers, self.dataset.dims(), &self.dataset.chunk)?;
        let elements = read(&*self.reader, &self.dataset, &target)?;
        self.form.of(&self.dataset.datatype, elements, target.count)
    }
}

impl Iterator for Scattered {
    type Item = Result<Once<Result<Bytes>>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.coordinates.is_empty() {
            return None;
        }
        if let Err(error) = self.pace.go_on() {
            return Some(Err(error));
        }
        let length = self.block.min(self.coordinates.len());
        let block = self.coordinates.split_to(length);
        let elements = self.read(&block);
        let bytes = elements.as_ref().map_or(0, |bytes| bytes.len() as u64);
        self.pace.has(bytes);
        Some(elements.map(|elements| once(Ok(elements))))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let blocks = self.coordinates.len().div_ceil(self.block);
        (blocks, Some(blocks))
    }
}
