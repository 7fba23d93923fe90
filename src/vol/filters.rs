//! The filters of a new dataset. Called by `dataset`.

use std::sync::Arc;

use h5rest_protocol::creation::{DatasetCreation, Filter, Layout, filter_ids};
use h5rest_protocol::{Datatype, Shape};

use super::old_references::OurFiles;
use crate::connector::{Error, File, Result};
use crate::ffi::H5Z_FLAG_OPTIONAL;
use crate::host::Host;
use crate::host::native_chunk::NativeChunk;
use crate::host::plist::{keep_pipeline, leave_out_filters, of_one_chunk};
use crate::transfer;

/// HDF5 has no filters for scalar and null spaces and, in 1.14, for elements of variable size: optional ones
/// are left out, others are an error.
pub fn check(
    host: &'static Host,
    creation: &DatasetCreation,
    datatype: &Datatype,
    shape: &Shape,
) -> Result<()> {
    let mandatory = |filter: &Filter| filter.flags & H5Z_FLAG_OPTIONAL == 0;
    if creation.filters.iter().any(mandatory) && !are_possible(host, datatype, shape) {
        return Err(Error::invalid(
            "a mandatory filter cannot be applied to elements of variable size or to a dataset \
             without dimensions",
        ));
    }
    Ok(())
}

fn are_possible(host: &'static Host, datatype: &Datatype, shape: &Shape) -> bool {
    let simple = matches!(shape, Shape::Simple { .. });
    simple && transfer::is_filtered(host, datatype)
}

/// When HDF5 makes a dataset, it asks the filters whether they can be applied to its elements, and lets
/// them note what they need to know: programs see that among their parameters. Here the program's HDF5
/// does so for a dataset of one chunk in memory. Filters that it does not have are left as they are:
/// the server may have them.
pub fn set_up(
    host: &'static Host,
    creation: &mut DatasetCreation,
    datatype: &Datatype,
    shape: &Shape,
    file: &Arc<File>,
) -> Result<()> {
    let Some(Layout::Chunked(dims)) = &creation.layout else {
        if creation.filters.is_empty() {
            return Ok(());
        }
        if are_possible(host, datatype, shape) {
            return Err(Error::invalid(
                "filters are applied to chunks, but the dataset is not chunked",
            ));
        }
        // HDF5 does not write them down either, and servers would refuse them without chunks.
        leave_out_filters(creation);
        return Ok(());
    };
    if creation.filters.iter().all(needs_nothing)
        || !are_possible(host, datatype, shape)
        || dims.len() != shape.dims().len()
        || !creation
            .filters
            .iter()
            .all(|filter| host.has_filter(filter))
    {
        return Ok(());
    }
    let one = of_one_chunk(creation, true);
    let plist = transfer::creation_plist(host, &one, datatype, file, &OurFiles)?;
    let element = host.build_type(datatype)?;
    let dataset = || NativeChunk::new(host, element, dims, &plist)?.filters();
    let filters = host.quietly(dataset)?;
    keep_pipeline(&filters, &mut creation.extra);
    Ok(())
}

/// The filters of which it is known what they note: nothing, or only the size of an element.
fn needs_nothing(filter: &Filter) -> bool {
    matches!(
        filter.id,
        filter_ids::DEFLATE | filter_ids::SHUFFLE | filter_ids::FLETCHER32
    )
}
