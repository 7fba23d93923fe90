//! Selections of a dataset's elements as requests spell them: `[start:stop:step,...]`.
//!
//! The client writes them, the server reads them and checks them against the extent.

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
    /// These indices in this order.
    List(Vec<u64>),
}

/// What is taken of each dimension, slowest first.
pub type Selection = Vec<DimSelection>;
