//! How lists of links and attributes are ordered and counted: HDF5's indices.

/// Which of HDF5's indices a list is taken from (`H5_index_t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndexBy {
    /// By name, comparing bytes.
    Name,
    /// By order of creation.
    CreationOrder,
}

/// The direction a list is walked in (`H5_iter_order_t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Ascending.
    Increasing,
    /// Descending.
    Decreasing,
    /// Whatever is fastest; here the same as ascending.
    Native,
}
