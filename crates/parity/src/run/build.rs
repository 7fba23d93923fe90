//! Makes HDF5's types, spaces, selections and property lists from their descriptions.

use crate::hdf5::memory::{Buffer, Layout, set_fill_value};
use crate::hdf5::{Failure, Hid, Id, c, h5, lists, ok, selections};
use crate::program::{Bits, Creation, Fill, Order, Selected, Selection, Space, Type};
use crate::run::side::Side;

/// A datatype. `side` is where committed ones are.
///
/// # Errors
/// When HDF5 refuses it.
pub fn datatype(side: &Side, ty: &Type) -> Result<Id, Failure> {
    match ty {
        Type::Predefined(name) => copied(name),
        Type::Integer { bits, signed } => {
            let id = copied("STD_I8LE")?;
            ok(h5().H5Tset_size(id.get(), bits.size))?;
            ok(h5().H5Tset_sign(id.get(), i32::from(*signed) * 2))?;
            placed(id, bits)
        }
        Type::BitField(bits) => {
            let id = copied("STD_B8LE")?;
            ok(h5().H5Tset_size(id.get(), bits.size))?;
            placed(id, bits)
        }
        Type::Float {
            size,
            order,
            fields: [sign, exponent, exponent_size, mantissa, mantissa_size],
            bias,
            norm,
        } => {
            let id = copied("IEEE_F64LE")?;
            let hid = id.get();
            if *size > 8 {
                ok(h5().H5Tset_size(hid, *size))?;
            }
            ok(h5().H5Tset_order(hid, number(*order)))?;
            ok(h5().H5Tset_fields(
                hid,
                *sign,
                *exponent,
                *exponent_size,
                *mantissa,
                *mantissa_size,
            ))?;
            ok(h5().H5Tset_ebias(hid, *bias))?;
            ok(h5().H5Tset_norm(hid, i32::from(*norm)))?;
            if *size <= 8 {
                ok(h5().H5Tset_size(hid, *size))?;
            }
            Ok(id)
        }
        Type::Text {
            size,
            padding,
            utf8,
        } => {
            let id = copied("C_S1")?;
            ok(h5().H5Tset_size(id.get(), *size))?;
            ok(h5().H5Tset_strpad(id.get(), i32::from(*padding)))?;
            ok(h5().H5Tset_cset(id.get(), i32::from(*utf8)))?;
            Ok(id)
        }
        Type::VariableText { padding, utf8 } => {
            let id = copied("C_S1")?;
            ok(h5().H5Tset_size(id.get(), usize::MAX))?;
            ok(h5().H5Tset_strpad(id.get(), i32::from(*padding)))?;
            ok(h5().H5Tset_cset(id.get(), i32::from(*utf8)))?;
            Ok(id)
        }
        Type::Opaque { size, tag } => {
            let id = Id::new(h5().H5Tcreate(5, *size))?;
            ok(h5().H5Tset_tag(id.get(), (&c(tag)).into()))?;
            Ok(id)
        }
        Type::Compound { members, tail } => {
            let mut size = 0;
            let mut placed = Vec::new();
            for member in members {
                let id = datatype(side, &member.ty)?;
                placed.push((&member.name, size + member.gap, id));
                let (_, offset, id) = &placed[placed.len() - 1];
                size = offset + h5().H5Tget_size(id.get());
            }
            let id = Id::new(h5().H5Tcreate(6, size + tail))?;
            for (name, offset, member) in placed {
                ok(h5().H5Tinsert(id.get(), (&c(name)).into(), offset, member.get()))?;
            }
            Ok(id)
        }
        Type::Enumeration { base, members } => {
            let base = datatype(side, base)?;
            let size = h5().H5Tget_size(base.get());
            let big = h5().H5Tget_order(base.get()) == 1;
            let id = Id::new(h5().H5Tenum_create(base.get()))?;
            for (name, value) in members {
                let mut bytes = value.to_le_bytes().to_vec();
                let sign = if *value < 0 { 0xFF } else { 0 };
                bytes.resize(size, sign);
                if big {
                    bytes.reverse();
                }
                lists::insert_enum_member(id.get(), name, &bytes)?;
            }
            Ok(id)
        }
        Type::Array { dims, base } => lists::array_type(datatype(side, base)?.get(), dims),
        Type::Sequence(base) => Id::new(h5().H5Tvlen_create(datatype(side, base)?.get())),
        Type::Reference => copied("STD_REF_OBJ"),
        Type::Committed(path) => Id::new(h5().H5Topen2(side.file()?, (&c(path)).into(), 0)),
    }
}

fn copied(name: &str) -> Result<Id, Failure> {
    Id::new(h5().H5Tcopy(h5().predefined(&format!("H5T_{name}_g"))))
}

fn number(order: Order) -> i32 {
    match order {
        Order::Little => 0,
        Order::Big => 1,
    }
}

fn placed(id: Id, bits: &Bits) -> Result<Id, Failure> {
    ok(h5().H5Tset_order(id.get(), number(bits.order)))?;
    if bits.precision > 0 {
        ok(h5().H5Tset_precision(id.get(), bits.precision))?;
        ok(h5().H5Tset_offset(id.get(), bits.offset))?;
    }
    Ok(id)
}

/// A dataspace.
///
/// # Errors
/// When HDF5 refuses it.
pub fn space(space: &Space) -> Result<Id, Failure> {
    match space {
        Space::Null => Id::new(h5().H5Screate(2)),
        Space::Scalar => Id::new(h5().H5Screate(0)),
        Space::Simple { dims, maximum } => lists::simple_space(dims, maximum.as_deref()),
    }
}

/// Makes a selection in a space.
///
/// # Errors
/// When HDF5 refuses it.
pub fn select(space: Hid, selection: &Selection) -> Result<(), Failure> {
    match &selection.selected {
        Selected::Whole => {}
        Selected::All => ok(h5().H5Sselect_all(space)).map(|_| ())?,
        Selected::None => ok(h5().H5Sselect_none(space)).map(|_| ())?,
        Selected::Slabs(slabs) => {
            for (op, slab) in slabs {
                let lists = [
                    slab.start.as_slice(),
                    &slab.stride,
                    &slab.count,
                    &slab.block,
                ];
                lists::select_hyperslab(space, i32::from(*op), lists)?;
            }
            if slabs.len() > 1 {
                refuse_broken_union(space)?;
            }
        }
        Selected::Points(sets) => {
            let dims = lists::extent(space)?.0;
            let rank = dims.len();
            for (op, points) in sets {
                let sized = points.iter().flat_map(|point| {
                    let mut point = point.clone();
                    point.resize(rank, 0);
                    point
                });
                let coordinates: Vec<u64> = sized.collect();
                refuse_points_outside(&dims, &coordinates, &selection.offset)?;
                lists::select_points(space, i32::from(*op), &coordinates)?;
            }
        }
    }
    // What an offset of a selection of everything means, HDF5 does not say.
    let all = matches!(selection.selected, Selected::All | Selected::Whole);
    if !all && selection.offset.iter().any(|offset| *offset != 0) {
        lists::set_offset(space, &selection.offset)?;
    }
    Ok(())
}

/// HDF5 1.14.5 makes some unions of blocks wrong: it counts two elements in one block, of which it takes the second
/// from anywhere, also from behind the dataset, and writes that beside the program's memory. (An example: row 4 of 7
/// rows, and rows 4 and 6.)
fn refuse_broken_union(space: Hid) -> Result<(), Failure> {
    const MOST: i64 = 1 << 16;
    let count = h5().H5Sget_select_hyper_nblocks(space);
    if count > MOST {
        return Err(Failure(format!("a union of {count} blocks")));
    }
    let rank = lists::extent(space)?.0.len().max(1);
    let (_, corners) = selections::coordinates(space)?;
    // Extents of a server that lies are as large as can be.
    let blocks = corners.chunks_exact(2 * rank).map(|block| {
        let lengths = block[..rank].iter().zip(&block[rank..]);
        lengths.fold(1u64, |product, (start, end)| {
            product.wrapping_mul(end.wrapping_sub(*start).wrapping_add(1))
        })
    });
    let elements = h5().H5Sget_select_npoints(space).max(0) as u64;
    match blocks.fold(0, u64::wrapping_add) == elements {
        true => Ok(()),
        false => Err(Failure("a union of blocks that HDF5 makes wrong".into())),
    }
}

/// HDF5 itself does not check points of empty spaces and those that an offset moves out of their
/// space: native files crash.
fn refuse_points_outside(dims: &[u64], coordinates: &[u64], offset: &[i64]) -> Result<(), Failure> {
    for point in coordinates.chunks_exact(dims.len().max(1)) {
        for (number, (at, length)) in point.iter().zip(dims).enumerate() {
            let moved = at.checked_add_signed(offset.get(number).copied().unwrap_or(0));
            if moved.is_none_or(|moved| moved >= *length) || at >= length {
                return Err(Failure("a point outside its space".into()));
            }
        }
    }
    Ok(())
}

/// A property list of a class, by the middle of its variable's name: `LINK_CREATE`.
///
/// # Errors
/// When HDF5 refuses.
pub fn plist(class: &str) -> Result<Id, Failure> {
    Id::new(h5().H5Pcreate(h5().predefined(&format!("H5P_CLS_{class}_ID_g"))))
}

/// A link creation property list.
///
/// # Errors
/// When HDF5 refuses.
pub fn link_creation(intermediate: bool, name: &str) -> Result<Id, Failure> {
    let id = plist("LINK_CREATE")?;
    ok(h5().H5Pset_create_intermediate_group(id.get(), u32::from(intermediate)))?;
    if !name.is_ascii() {
        ok(h5().H5Pset_char_encoding(id.get(), 1))?;
    }
    Ok(id)
}

/// A dataset creation property list; `ty` is the dataset's type.
///
/// # Errors
/// When HDF5 refuses a property.
pub fn creation(ty: Hid, creation: &Creation) -> Result<Id, Failure> {
    let id = plist("DATASET_CREATE")?;
    let hid = id.get();
    if let Some(layout) = creation.layout {
        ok(h5().H5Pset_layout(hid, i32::from(layout)))?;
    }
    if !creation.chunk.is_empty() {
        lists::set_chunk(hid, &creation.chunk)?;
    }
    if creation.shuffle {
        ok(h5().H5Pset_shuffle(hid))?;
    }
    if let Some(level) = creation.deflate {
        ok(h5().H5Pset_deflate(hid, u32::from(level)))?;
    }
    if creation.fletcher32 {
        ok(h5().H5Pset_fletcher32(hid))?;
    }
    match creation.fill {
        Fill::Default => {}
        Fill::Undefined => lists::set_no_fill_value(hid)?,
        Fill::Value(seed) => {
            let value = Buffer::filled(Layout::of(ty)?, 1, seed, &[]);
            set_fill_value(hid, ty, &value)?;
        }
    }
    if let Some(time) = creation.alloc_time {
        ok(h5().H5Pset_alloc_time(hid, i32::from(time)))?;
    }
    if let Some(time) = creation.fill_time {
        ok(h5().H5Pset_fill_time(hid, i32::from(time)))?;
    }
    if creation.ordered {
        ok(h5().H5Pset_attr_creation_order(hid, 3))?;
    }
    Ok(id)
}
