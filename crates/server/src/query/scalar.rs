//! A field's value, and how it compares with a value in a query.

use std::cmp::Ordering;

use h5rest_protocol::values::{binary, json as json_values};
use h5rest_protocol::{Datatype, datatype::StringLength};
use serde_json::Value;

use super::{Comparison, Literal};
use crate::error::{ApiError, Result};

/// The value of a field in one element.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// An integer, an enumeration's number, a truth value.
    Integer(i128),
    /// A floating-point number.
    Float {
        /// Its value.
        value: f64,
        /// Whether the field has four bytes or fewer: a query's number is rounded to such first,
        /// so that `x == 0.1` finds what was stored as 0.1.
        single: bool,
    },
    /// Text, or a reference.
    Text(Vec<u8>),
    /// A null string: nothing was ever written.
    Null,
}

impl Scalar {
    /// The value of an element in wire form.
    ///
    /// # Errors
    /// 400 for types whose values cannot be compared with those of a query.
    pub fn read(datatype: &Datatype, bytes: &[u8]) -> Result<Self> {
        let refused = || ApiError::bad_request("query: values of this type cannot be compared");
        match datatype {
            Datatype::String(text) => Ok(match text.length {
                StringLength::Variable => match binary::string(bytes)? {
                    Some(characters) => Self::Text(characters.to_vec()),
                    None => Self::Null,
                },
                StringLength::Fixed(_) => {
                    let end = bytes
                        .iter()
                        .rposition(|&byte| byte != 0)
                        .map_or(0, |at| at + 1);
                    Self::Text(bytes[..end].to_vec())
                }
            }),
            Datatype::Float(float) => {
                let value = match json_values::element_to_json(datatype, bytes)? {
                    Value::String(name) => name.parse().map_err(|_| refused())?,
                    number => number.as_f64().ok_or_else(refused)?,
                };
                let single = float.bits.size <= 4;
                Ok(Self::Float { value, single })
            }
            Datatype::Integer(_) | Datatype::Enum(_) | Datatype::Bitfield(_) => {
                match json_values::element_to_json(datatype, bytes)? {
                    Value::Bool(value) => Ok(Self::Integer(i128::from(value))),
                    number => {
                        let small = number.as_i64().map(i128::from);
                        let large = || number.as_u64().map(i128::from);
                        small.or_else(large).map(Self::Integer).ok_or_else(refused)
                    }
                }
            }
            Datatype::Reference(_) => match json_values::element_to_json(datatype, bytes)? {
                Value::String(text) => Ok(Self::Text(text.into_bytes())),
                _ => Err(refused()),
            },
            _ => Err(refused()),
        }
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Float { value, .. } => value.is_nan(),
            _ => false,
        }
    }

    /// Whether this relates so to a value in a query. What is not there relates to nothing.
    ///
    /// # Errors
    /// 400 for the order of numbers and texts, which there is none of.
    pub fn compares(&self, how: Comparison, literal: &Literal) -> Result<bool> {
        let order = match (self, literal) {
            (Self::Null, _) => None,
            (Self::Integer(a), Literal::Integer(b)) => Some(a.cmp(b)),
            (Self::Integer(a), Literal::Float(b)) => (*a as f64).partial_cmp(b),
            (Self::Float { value, single }, Literal::Integer(b)) => {
                value.partial_cmp(&rounded(*b as f64, *single))
            }
            (Self::Float { value, single }, Literal::Float(b)) => {
                value.partial_cmp(&rounded(*b, *single))
            }
            (Self::Text(a), Literal::Text(b)) => Some(a.as_slice().cmp(b.as_bytes())),
            // Dates as text: 20170104.
            (Self::Text(a), Literal::Integer(b)) => {
                Some(a.as_slice().cmp(b.to_string().as_bytes()))
            }
            (Self::Text(a), Literal::Float(b)) => {
                Some(a.as_slice().cmp((*b as i64).to_string().as_bytes()))
            }
            (Self::Integer(_) | Self::Float { .. }, Literal::Text(text)) => match how {
                Comparison::Equal | Comparison::Unequal => None,
                _ => {
                    let reason = format!("query: a number is neither less nor more than '{text}'");
                    return Err(ApiError::bad_request(reason));
                }
            },
        };
        Ok(match how {
            Comparison::Equal => order == Some(Ordering::Equal),
            Comparison::Unequal => order != Some(Ordering::Equal),
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
            Comparison::Greater => order == Some(Ordering::Greater),
            Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        })
    }
}

fn rounded(number: f64, single: bool) -> f64 {
    match single {
        true => f64::from(number as f32),
        false => number,
    }
}
