//! A dataset as far as its elements are concerned.

use std::sync::Arc;

use bytes::Bytes;
use h5rest_protocol::creation::DatasetCreation;
use h5rest_protocol::shape::Extent;
use h5rest_protocol::values::binary;
use h5rest_protocol::{Datatype, ObjectClass, ObjectId, Shape};

use super::filters::Pipeline;
use crate::error::{ApiError, Result};
use crate::model::creation::VARIABLE_BYTES;
use crate::model::objects;
use crate::model::records::{self, Header};
use crate::store::{Reader, Store, StoreError, keys};

/// What reading and writing elements needs to know.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Which dataset.
    pub id: ObjectId,
    /// Its header as it lies in the store: another dataset, made later under the same id, has another
    /// one.
    pub(super) header: Bytes,
    /// What elements are made of.
    pub datatype: Arc<Datatype>,
    /// Bytes of an element; `None` if they vary.
    pub element: Option<usize>,
    /// Current and maximum extents.
    pub shape: Shape,
    /// Extents of a stored chunk.
    pub chunk: Vec<u64>,
    /// The element that unwritten places read as.
    pub fill: Bytes,
    pub(super) filters: Pipeline,
}

impl Dataset {
    /// Finds out about a dataset; 404 or 410 if there is none.
    pub fn open(reader: &dyn Reader, store: &Store, id: ObjectId) -> Result<Self> {
        if id.class != ObjectClass::Dataset {
            return Err(ApiError::bad_request(format!("{id} is not a dataset")));
        }
        let record = reader.get(&keys::part(id, keys::Part::Header))?;
        let record = record.ok_or_else(|| objects::missing(store, id))?;
        let header: Header = records::decode(&record)?;
        Self::from_header(id, record, header, objects::extent(reader, id)?)
    }

    /// One that is to be made.
    pub fn of(id: ObjectId, header: &Header, shape: Shape) -> Result<Self> {
        let record = records::encode(header)?;
        Self::from_header(id, record.into(), header.clone(), shape)
    }

    fn from_header(id: ObjectId, record: Bytes, header: Header, shape: Shape) -> Result<Self> {
        let datatype = Datatype::from_json(&header.datatype.unwrap_or_default())?;
        let creation = header.creation.unwrap_or_default();
        let creation = DatasetCreation::from_json(&creation, &datatype)?;
        let element = datatype.wire_size();
        let fill = creation
            .fill_value
            .unwrap_or_else(|| binary::zero_element(&datatype));
        Ok(Self {
            id,
            header: record,
            element,
            shape,
            chunk: header.chunk.unwrap_or_default(),
            fill: fill.into(),
            filters: Pipeline::new(&creation.filters, element, header.filtering),
            datatype: Arc::new(datatype),
        })
    }

    /// Current extents; none for scalars.
    pub fn dims(&self) -> &[u64] {
        self.shape.dims()
    }

    /// Refuses what has no elements at all.
    pub fn check_not_null(&self) -> Result<()> {
        match self.shape {
            Shape::Null => Err(ApiError::bad_request(format!(
                "{} has a null shape",
                self.id
            ))),
            _ => Ok(()),
        }
    }

    /// Whether `now` is the same dataset, smaller in no dimension.
    pub(super) fn has_grown_to(&self, now: &Self) -> bool {
        let (before, after) = (self.dims(), now.dims());
        self.header == now.header
            && before.len() == after.len()
            && before
                .iter()
                .zip(after)
                .all(|(before, after)| before <= after)
    }

    /// Whether a dimension may get larger than it is.
    pub(super) fn can_grow(&self) -> bool {
        let bounds = self.shape.maxdims().into_iter().flatten();
        bounds
            .zip(self.dims())
            .any(|(bound, extent)| *bound != Extent::Fixed(*extent))
    }

    /// Bytes of an element where work is cut into parts: those of variable size are taken for what they
    /// are if they were never written, but not for few.
    pub fn usual_size(&self) -> u64 {
        let few = || VARIABLE_BYTES.max(self.fill.len() as u64);
        self.element.map_or_else(few, |size| size as u64)
    }

    /// Number of elements a chunk has room for.
    pub fn chunk_len(&self) -> usize {
        self.chunk.iter().product::<u64>() as usize
    }

    /// How much of a chunk lies within extents `dims`.
    pub fn within(&self, indices: &[u64], dims: &[u64]) -> Vec<u64> {
        let starts = indices.iter().zip(&self.chunk).map(|(i, size)| i * size);
        let pairs = starts.zip(&self.chunk).zip(dims);
        pairs
            .map(|((start, &size), extent)| extent.saturating_sub(start).min(size))
            .collect()
    }

    /// Whether unwritten places are zero bytes.
    pub fn fill_is_zero(&self) -> bool {
        self.fill.iter().all(|&byte| byte == 0)
    }

    /// A chunk's elements in wire form; `None` if it was never written.
    pub fn load(&self, reader: &dyn Reader, indices: &[u64]) -> Result<Option<Bytes>> {
        let Some(record) = reader.get(&keys::chunk(self.id, indices))? else {
            return Ok(None);
        };
        let expected = self.element.map(|size| size * self.chunk_len());
        let chunk = self.filters.decode(record, expected)?;
        if expected.is_some_and(|size| size != chunk.len()) {
            let reason = format!("chunk {indices:?} of {} has {} bytes", self.id, chunk.len());
            return Err(StoreError::Damaged(reason).into());
        }
        Ok(Some(chunk))
    }

    /// Whether the record of a chunk is its elements, so that a part of it can be read.
    pub(super) fn has_plain_records(&self) -> bool {
        self.filters.is_empty()
    }

    /// The record of a chunk, given its elements in wire form.
    pub fn record(&self, chunk: Bytes) -> Result<Bytes> {
        self.filters.encode(chunk)
    }

    /// The filters that are applied to its chunks, as clients know them.
    pub fn applied_filters(&self) -> Vec<&'static str> {
        self.filters.names()
    }

    /// A chunk of nothing but fill values.
    pub fn empty_chunk(&self) -> Vec<u8> {
        match self.fill_is_zero() {
            // Such memory is not touched before it is used.
            true => vec![0; self.fill.len() * self.chunk_len()],
            false => self.fill.repeat(self.chunk_len()),
        }
    }
}
