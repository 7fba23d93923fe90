//! Dataspaces: null, scalar, or simple with current and maximum extents.
//!
//! Used for datasets and attributes by client and server.

use serde_json::{Value, json};

use crate::error::{ProtocolError, Result};

/// Dataspaces and array types of HDF5 have at most this many dimensions (`H5S_MAX_RANK`). What goes through
/// dimensions one by one, each with a stack frame of its own, relies on it.
pub const MAX_RANK: usize = 32;

/// Refuses more dimensions than [`MAX_RANK`].
pub fn check_rank(rank: usize) -> Result<()> {
    match rank <= MAX_RANK {
        true => Ok(()),
        false => Err(ProtocolError::InvalidShape(format!(
            "{rank} dimensions, where HDF5 has at most {MAX_RANK}: join some of them"
        ))),
    }
}

/// An upper bound for one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// May grow to this many elements.
    Fixed(u64),
    /// May grow without bound.
    Unlimited,
}

/// The extent of a dataset or attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Shape {
    /// No element at all (`H5S_NULL`).
    Null,
    /// Exactly one element (`H5S_SCALAR`).
    Scalar,
    /// A rectangular array (`H5S_SIMPLE`), slowest dimension first.
    Simple {
        /// Current extents.
        dims: Vec<u64>,
        /// Upper bounds, one per dimension; `None` if the extent can never change.
        maxdims: Option<Vec<Extent>>,
    },
}

impl Shape {
    /// A simple shape that cannot grow.
    pub fn fixed(dims: impl Into<Vec<u64>>) -> Self {
        Self::Simple {
            dims: dims.into(),
            maxdims: None,
        }
    }

    /// Current extents; empty for null and scalar.
    pub fn dims(&self) -> &[u64] {
        match self {
            Self::Simple { dims, .. } => dims,
            _ => &[],
        }
    }

    /// Upper bounds, if the shape was made with any.
    pub fn maxdims(&self) -> Option<&[Extent]> {
        match self {
            Self::Simple { maxdims, .. } => maxdims.as_deref(),
            _ => None,
        }
    }

    /// Number of elements; `None` if it does not fit 64 bits.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Null => Some(0),
            Self::Scalar => Some(1),
            Self::Simple { dims, .. } if dims.contains(&0) => Some(0),
            Self::Simple { dims, .. } => dims.iter().try_fold(1u64, |n, &d| n.checked_mul(d)),
        }
    }

    /// The document a server stores and returns: `{class, dims, maxdims}`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => json!({"class": "H5S_NULL"}),
            Self::Scalar => json!({"class": "H5S_SCALAR"}),
            Self::Simple { dims, maxdims } => {
                let mut document = json!({"class": "H5S_SIMPLE", "dims": dims});
                if let Some(bounds) = maxdims {
                    document["maxdims"] = bounds.iter().map(|b| b.to_json()).collect();
                }
                document
            }
        }
    }

    /// Reads any of the forms in use: the document of [`Shape::to_json`], `"H5S_NULL"`,
    /// `"H5S_SCALAR"`, one number, or a list of numbers (the empty list is scalar).
    pub fn from_json(document: &Value) -> Result<Self> {
        match document {
            Value::String(name) => Self::from_class(name, document),
            Value::Number(_) | Value::Array(_) => Self::from_dims(extents(document)?, None),
            Value::Object(members) => match members.get("class").and_then(Value::as_str) {
                Some("H5S_SIMPLE") | None => {
                    let dims = members.get("dims").ok_or_else(|| bad(document))?;
                    let maxdims = members.get("maxdims").filter(|m| !m.is_null());
                    Self::from_dims(extents(dims)?, maxdims)
                }
                Some(class) => Self::from_class(class, document),
            },
            _ => Err(bad(document)),
        }
    }

    fn from_class(class: &str, document: &Value) -> Result<Self> {
        match class {
            "H5S_NULL" => Ok(Self::Null),
            "H5S_SCALAR" => Ok(Self::Scalar),
            _ => Err(bad(document)),
        }
    }

    fn from_dims(dims: Vec<u64>, maxdims: Option<&Value>) -> Result<Self> {
        if dims.is_empty() {
            return Ok(Self::Scalar);
        }
        check_rank(dims.len())?;
        let maxdims = maxdims.map(|bounds| bounds_from_json(bounds, dims.len()));
        let shape = Self::Simple {
            dims,
            maxdims: maxdims.transpose()?,
        };
        // HDF5 multiplies extents without a look at what does not fit (`hssize_t`): a program would
        // take such a dataset for a small one.
        match shape.count() {
            Some(count) if i64::try_from(count).is_ok() => Ok(shape),
            _ => Err(bad(&json!(shape.dims()))),
        }
    }
}

impl Extent {
    fn to_json(self) -> Value {
        match self {
            Self::Fixed(n) => json!(n),
            Self::Unlimited => json!("H5S_UNLIMITED"),
        }
    }

    /// HSDS reads 0, null and "H5S_UNLIMITED" all as unlimited, and old data hold 0.
    fn from_json(bound: &Value) -> Result<Self> {
        match bound {
            Value::Null => Ok(Self::Unlimited),
            Value::String(s) if s == "H5S_UNLIMITED" => Ok(Self::Unlimited),
            Value::Number(_) => match bound.as_u64() {
                Some(0) => Ok(Self::Unlimited),
                Some(n) => Ok(Self::Fixed(n)),
                None => Err(bad(bound)),
            },
            _ => Err(bad(bound)),
        }
    }

    /// Whether a dimension of `size` elements stays within this bound.
    pub fn allows(self, size: u64) -> bool {
        match self {
            Self::Fixed(n) => size <= n,
            Self::Unlimited => true,
        }
    }
}

/// Upper bounds given as a list, or as one number for a single dimension.
pub fn bounds_from_json(document: &Value, rank: usize) -> Result<Vec<Extent>> {
    let bounds: Vec<Extent> = match document {
        Value::Array(items) => items.iter().map(Extent::from_json).collect::<Result<_>>()?,
        single => vec![Extent::from_json(single)?],
    };
    if bounds.len() == rank {
        Ok(bounds)
    } else {
        Err(ProtocolError::InvalidShape(format!(
            "{} upper bounds for {rank} dimensions",
            bounds.len()
        )))
    }
}

fn extents(document: &Value) -> Result<Vec<u64>> {
    let one = |item: &Value| item.as_u64().ok_or_else(|| bad(document));
    match document {
        Value::Array(items) => items.iter().map(one).collect(),
        single => Ok(vec![one(single)?]),
    }
}

fn bad(document: &Value) -> ProtocolError {
    ProtocolError::InvalidShape(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_that_overflow_are_refused() {
        for dims in [
            json!([1u64 << 63]),
            json!([1u64 << 32, 1u64 << 32]),
            json!([u64::MAX, 3]),
        ] {
            assert!(Shape::from_json(&dims).is_err(), "{dims}");
            let document = json!({"class": "H5S_SIMPLE", "dims": dims});
            assert!(Shape::from_json(&document).is_err(), "{document}");
        }
        for dims in [json!([i64::MAX]), json!([0, u64::MAX, u64::MAX])] {
            assert!(Shape::from_json(&dims).is_ok(), "{dims}");
        }
    }

    #[test]
    fn more_dimensions_than_hdf5_has_are_refused() {
        assert!(Shape::from_json(&json!(vec![1; MAX_RANK])).is_ok());
        for rank in [MAX_RANK + 1, 100_000] {
            let dims = json!(vec![1; rank]);
            let refused = Shape::from_json(&dims).unwrap_err().to_string();
            assert!(refused.contains("at most 32"), "{refused}");
            let document = json!({"class": "H5S_SIMPLE", "dims": dims});
            assert!(Shape::from_json(&document).is_err());
            let bounds = json!({"dims": [1], "maxdims": dims});
            assert!(Shape::from_json(&bounds).is_err());
        }
    }

    #[test]
    fn every_form_is_read() {
        let unlimited = Shape::Simple {
            dims: vec![4, 0],
            maxdims: Some(vec![Extent::Unlimited, Extent::Fixed(9)]),
        };
        for (text, shape) in [
            (r#""H5S_NULL""#, Shape::Null),
            (r#"{"class":"H5S_SCALAR"}"#, Shape::Scalar),
            ("[]", Shape::Scalar),
            ("7", Shape::fixed([7])),
            ("[2,3]", Shape::fixed([2, 3])),
            (
                r#"{"class":"H5S_SIMPLE","dims":[4,0],"maxdims":[0,9]}"#,
                unlimited,
            ),
        ] {
            let document: Value = serde_json::from_str(text).unwrap();
            let read = Shape::from_json(&document).unwrap();
            assert_eq!(read, shape);
            assert_eq!(Shape::from_json(&shape.to_json()).unwrap(), shape);
        }
        for text in ["-1", "[1.5]", r#"{"dims":[1],"maxdims":[1,2]}"#, r#""H5S""#] {
            let document: Value = serde_json::from_str(text).unwrap();
            assert!(Shape::from_json(&document).is_err(), "{text}");
        }
    }

    #[test]
    fn counting_does_not_overflow() {
        assert_eq!(Shape::fixed([u64::MAX, 2]).count(), None);
        assert_eq!(Shape::fixed([u64::MAX, 2, 0]).count(), Some(0));
        assert_eq!(Shape::Scalar.count(), Some(1));
    }
}
