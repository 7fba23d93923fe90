//! Some members of a compound: taken out of elements, and put into them.

use h5rest_protocol::datatype::CompoundType;
use h5rest_protocol::values::binary;
use h5rest_protocol::{Datatype, ObjectId};

use crate::error::{ApiError, Result};

/// Members of a dataset's compound type, in the order in which a request names them.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields {
    whole: CompoundType,
    /// For each requested member, its place among all.
    places: Vec<usize>,
    /// The compound of just these members, packed.
    pub datatype: Datatype,
}

impl Fields {
    /// Looks the names up.
    pub fn new(datatype: &Datatype, names: &[&str], dataset: ObjectId) -> Result<Self> {
        let Datatype::Compound(whole) = datatype else {
            return Err(ApiError::bad_request(format!(
                "fields: {dataset} is not of compound type"
            )));
        };
        let place = |name: &&str| {
            let found = whole.members.iter().position(|m| m.name == **name);
            found.ok_or_else(|| ApiError::bad_request(format!("{dataset} has no field '{name}'")))
        };
        let places = names.iter().map(place).collect::<Result<Vec<_>>>()?;
        let part = CompoundType {
            members: places.iter().map(|&at| whole.members[at].clone()).collect(),
            size: whole.size,
        };
        Ok(Self {
            whole: whole.clone(),
            places,
            datatype: Datatype::Compound(part),
        })
    }

    /// Where each member of one element lies.
    fn members<'a>(&self, element: &'a [u8]) -> Result<Vec<&'a [u8]>> {
        let (mut rest, mut parts) = (element, Vec::with_capacity(self.whole.members.len()));
        for member in &self.whole.members {
            let (part, after) = rest.split_at(binary::element_len(&member.datatype, rest)?);
            parts.push(part);
            rest = after;
        }
        Ok(parts)
    }

    /// The requested members of each element.
    pub fn take(&self, elements: &[u8], count: usize) -> Result<Vec<u8>> {
        let whole = Datatype::Compound(self.whole.clone());
        let mut out = Vec::new();
        for range in binary::split(&whole, elements, count)? {
            let members = self.members(&elements[range])?;
            self.places
                .iter()
                .for_each(|&at| out.extend_from_slice(members[at]));
        }
        Ok(out)
    }

    /// The elements with the requested members replaced.
    pub fn put(&self, elements: &[u8], new: &[u8], count: usize) -> Result<Vec<u8>> {
        let whole = Datatype::Compound(self.whole.clone());
        let Datatype::Compound(part) = &self.datatype else {
            return Err(ApiError::internal("fields are not a compound"));
        };
        let (old, new_ranges) = (
            binary::split(&whole, elements, count)?,
            binary::split(&self.datatype, new, count)?,
        );
        let mut out = Vec::with_capacity(elements.len());
        for (range, new_range) in old.into_iter().zip(new_ranges) {
            let mut members = self.members(&elements[range])?;
            let mut rest = &new[new_range];
            for (&at, member) in self.places.iter().zip(&part.members) {
                let (value, after) = rest.split_at(binary::element_len(&member.datatype, rest)?);
                members[at] = value;
                rest = after;
            }
            members
                .iter()
                .for_each(|member| out.extend_from_slice(member));
        }
        Ok(out)
    }
}
