//! Datatypes, dataspaces and creation properties as text that can be compared.

use crate::hdf5::{Failure, Hid, Id, h5, lists, ok};

/// All that HDF5 tells about a datatype.
///
/// # Errors
/// When it cannot be told.
pub fn datatype(ty: Hid) -> Result<String, Failure> {
    let (class, size) = (ok(h5().H5Tget_class(ty))?, h5().H5Tget_size(ty));
    let text = match class {
        0 => format!("integer sign {} {}", h5().H5Tget_sign(ty), bits(ty)?),
        1 => float(ty)?,
        3 => {
            let variable = h5().H5Tis_variable_str(ty);
            let (padding, charset) = (h5().H5Tget_strpad(ty), h5().H5Tget_cset(ty));
            format!("text variable {variable} padding {padding} charset {charset}")
        }
        4 => format!("bits {}", bits(ty)?),
        5 => format!("opaque {:?}", lists::tag(ty)),
        6 => compound(ty)?,
        8 => enumeration(ty)?,
        9 => format!("sequence of {}", base(ty)?),
        10 => format!("array {:?} of {}", lists::array_dims(ty)?, base(ty)?),
        other => format!("class {other}"),
    };
    Ok(format!("({text}, {size} bytes)"))
}

fn base(ty: Hid) -> Result<String, Failure> {
    datatype(Id::new(h5().H5Tget_super(ty))?.get())
}

fn bits(ty: Hid) -> Result<String, Failure> {
    let (mut low, mut high) = (9, 9);
    ok(h5().H5Tget_pad(ty, &mut low, &mut high))?;
    let (order, precision) = (h5().H5Tget_order(ty), h5().H5Tget_precision(ty));
    let offset = h5().H5Tget_offset(ty);
    Ok(format!(
        "order {order} bits {precision} from {offset} pads {low} {high}"
    ))
}

fn float(ty: Hid) -> Result<String, Failure> {
    let [
        mut sign,
        mut exponent,
        mut exponent_size,
        mut mantissa,
        mut mantissa_size,
    ] = [99; 5];
    ok(h5().H5Tget_fields(
        ty,
        &mut sign,
        &mut exponent,
        &mut exponent_size,
        &mut mantissa,
        &mut mantissa_size,
    ))?;
    let (bias, norm, inpad) = (
        h5().H5Tget_ebias(ty),
        h5().H5Tget_norm(ty),
        h5().H5Tget_inpad(ty),
    );
    Ok(format!(
        "float sign {sign} exponent {exponent}+{exponent_size} mantissa {mantissa}+{mantissa_size} \
         bias {bias} norm {norm} inpad {inpad} {}",
        bits(ty)?
    ))
}

fn compound(ty: Hid) -> Result<String, Failure> {
    let mut text = String::from("compound");
    for number in 0..ok(h5().H5Tget_nmembers(ty))? as u32 {
        let member = Id::new(h5().H5Tget_member_type(ty, number))?;
        let (name, offset) = (
            lists::member_name(ty, number),
            h5().H5Tget_member_offset(ty, number),
        );
        text += &format!(" {name:?} at {offset}: {};", datatype(member.get())?);
    }
    Ok(text)
}

fn enumeration(ty: Hid) -> Result<String, Failure> {
    let mut text = format!("enumeration of {}", base(ty)?);
    for number in 0..ok(h5().H5Tget_nmembers(ty))? as u32 {
        let (name, value) = (
            lists::member_name(ty, number),
            lists::enum_member(ty, number)?,
        );
        text += &format!(" {name:?} {value:?};");
    }
    Ok(text)
}

/// Class and extents of a dataspace.
///
/// # Errors
/// When they cannot be told.
pub fn space(space: Hid) -> Result<String, Failure> {
    let class = ok(h5().H5Sget_simple_extent_type(space))?;
    let (dims, maximum) = lists::extent(space)?;
    let selected = h5().H5Sget_select_npoints(space);
    Ok(format!(
        "class {class} {dims:?} of {maximum:?}, {selected} selected"
    ))
}

/// What a dataset was created with, but for the fill value itself.
///
/// # Errors
/// When it cannot be told.
pub fn creation(plist: Hid) -> Result<String, Failure> {
    let layout = ok(h5().H5Pget_layout(plist))?;
    let mut text = format!("layout {layout}");
    if layout == 2 {
        text += &format!(" chunks {:?}", lists::chunk(plist)?);
    }
    for number in 0..ok(h5().H5Pget_nfilters(plist))? as u32 {
        text += &format!(", filter {}", lists::filter(plist, number)?);
    }
    let (mut alloc, mut time, mut status, mut order) = (9, 9, 9, 9);
    ok(h5().H5Pget_alloc_time(plist, &mut alloc))?;
    ok(h5().H5Pget_fill_time(plist, &mut time))?;
    ok(h5().H5Pfill_value_defined(plist, &mut status))?;
    ok(h5().H5Pget_attr_creation_order(plist, &mut order))?;
    text += &format!(", alloc time {alloc}, fill time {time}, fill status {status}, order {order}");
    Ok(text)
}
