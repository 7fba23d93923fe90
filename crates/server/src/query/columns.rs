//! Where the fields of a query lie in the elements of a dataset.

use h5rest_protocol::Datatype;
use h5rest_protocol::values::binary;

use super::{Condition, Scalar};
use crate::error::{ApiError, Result};

/// A condition on the elements of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    condition: Condition<Column>,
    /// The members of a compound, in the order in which they lie in elements.
    members: Vec<Datatype>,
    is_compound: bool,
}

/// Bytes of an element that are gone through as fast as a value is compared, about.
const STEP_BYTES: usize = 256;

/// A field: its place among the members.
type Column = usize;

impl Columns {
    /// Looks up the fields of a query in a dataset's type.
    ///
    /// # Errors
    /// 400 for fields that it does not have.
    pub fn new(query: &str, datatype: &Datatype) -> Result<Self> {
        let condition = Condition::parse(query)?;
        let (names, members): (Vec<&str>, Vec<Datatype>) = match datatype {
            Datatype::Compound(compound) => {
                let members = compound.members.iter();
                members
                    .map(|member| (member.name.as_str(), member.datatype.clone()))
                    .unzip()
            }
            other => (vec!["_"], vec![other.clone()]),
        };
        let condition = condition.bind(&mut |name: &String| {
            let place = names.iter().position(|known| known == name);
            place.ok_or_else(|| {
                let known = names.join(", ");
                ApiError::bad_request(format!("query: no field '{name}'; there are {known}"))
            })
        })?;
        Ok(Self {
            condition,
            members,
            is_compound: matches!(datatype, Datatype::Compound(_)),
        })
    }

    /// Whether the condition holds for an element in wire form. `step` is told of every value that is
    /// compared, and how much there is to it: a condition has thousands of them, perhaps.
    ///
    /// # Errors
    /// 400 where a field cannot be compared as the query wants it, and those of `step`.
    pub fn hold(&self, element: &[u8], step: &dyn Fn(usize) -> Result<()>) -> Result<bool> {
        if !self.is_compound {
            return self.condition.holds(&|_| {
                step(1 + element.len() / STEP_BYTES)?;
                Scalar::read(&self.members[0], element)
            });
        }
        self.condition.holds(&|&column| {
            step(1 + column + element.len() / STEP_BYTES)?;
            let mut rest = element;
            for member in &self.members[..column] {
                rest = &rest[binary::element_len(member, rest)?..];
            }
            let datatype = &self.members[column];
            let length = binary::element_len(datatype, rest)?;
            Scalar::read(datatype, &rest[..length])
        })
    }
}
