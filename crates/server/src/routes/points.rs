//! Reading single elements whose coordinates come in wire form. Called by the route of reads by POST.

use std::sync::Arc;

use super::call::Call;
use super::reply::Reply;
use super::values;
use crate::error::{ApiError, Result};
use crate::memory;
use crate::store::Reader;
use crate::values::fields::Fields;
use crate::values::{Dataset, Form, Scattered, Target};

/// POST of the coordinates of single elements in wire form.
pub(super) fn post(
    call: &Call,
    reader: Arc<dyn Reader>,
    dataset: Dataset,
    fields: Option<Fields>,
) -> Result<Reply> {
    let (count, dims) = (call.body.len() / 8, dataset.dims().len().max(1));
    if !call.wants_bytes() {
        let datatype = fields.as_ref().map_or(&*dataset.datatype, |f| &f.datatype);
        // Before places are made of them.
        memory::check(memory::values_in(datatype, count / dims, 0))?;
        let (numbers, rest) = call.body.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(ApiError::bad_request("coordinates are numbers of 8 bytes"));
        }
        let coordinates: Vec<u64> = numbers.iter().map(|b| u64::from_le_bytes(*b)).collect();
        let target = Target::points(&coordinates, dataset.dims(), &dataset.chunk)?;
        let dims = &target.dims;
        return values::reply(call, &*reader, &dataset, &target, fields.as_ref(), dims);
    }
    let form = Form {
        fields,
        null_strings: call.query.flag("null_strings"),
    };
    let (coordinates, held) = (call.body.clone(), call.take_held());
    let mut scattered = Scattered::new(reader, dataset, form, coordinates, held)?;
    if !scattered.is_one_block() {
        return Ok(Reply::Scattered(Box::new(scattered)));
    }
    // What goes wrong then has a status of its own.
    let elements = scattered.next().transpose()?.and_then(|mut one| one.next());
    elements
        .transpose()
        .map(|all| Reply::Bytes(all.unwrap_or_default()))
}
