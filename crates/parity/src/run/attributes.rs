//! Steps about attributes.

use super::side::{Opened, Side};
use super::{build, data, show};
use crate::compare::Answer;
use crate::hdf5::memory::{Buffer, Layout, read_attribute, referenced_name, write_attribute};
use crate::hdf5::{AttributeInfo, Failure, Hid, Id, c, h5, iterate, ok};
use crate::program::{By, MemoryType, Step};

/// Carries out one step about attributes.
pub fn carry_out(side: &Side, step: &Step, answer: &mut Answer) -> Result<(), Failure> {
    match step {
        Step::CreateAttribute {
            object,
            name,
            ty,
            space,
            utf8,
            value,
        } => {
            let object = side.object(object)?;
            let ty = build::datatype(side, ty)?;
            let space = build::space(space)?;
            let creation = build::plist("ATTRIBUTE_CREATE")?;
            ok(h5().H5Pset_char_encoding(creation.get(), i32::from(*utf8)))?;
            let (hid, ty_id, space, name) = (object.get(), ty.get(), space.get(), c(name));
            let made = h5().H5Acreate2(hid, (&name).into(), ty_id, space, creation.get(), 0);
            if let Some(made) = answer.take("H5Acreate2", Id::new(made)) {
                if let Some(seed) = value {
                    write(side, made.get(), ty.get(), *seed, answer)?;
                }
                answer.done("H5Aclose", made.close());
            }
        }
        Step::WriteAttribute {
            object,
            name,
            memory_type,
            seed,
        } => {
            let (_object, attribute) = open(side, object, name)?;
            let own = Id::new(h5().H5Aget_type(attribute.get()))?;
            let ty = data::memory_type(side, memory_type, own)?;
            write(side, attribute.get(), ty.get(), *seed, answer)?;
        }
        Step::ReadAttribute {
            object,
            name,
            memory_type,
        } => {
            let (_object, attribute) = open(side, object, name)?;
            read(side, attribute.get(), memory_type, answer)?;
        }
        Step::RenameAttribute { object, from, to } => {
            let object = side.object(object)?;
            let value = h5().H5Arename(object.get(), (&c(from)).into(), (&c(to)).into());
            answer.call("H5Arename", ok(value));
        }
        Step::DeleteAttribute { object, name } => {
            let object = side.object(object)?;
            let value = h5().H5Adelete(object.get(), (&c(name)).into());
            answer.call("H5Adelete", ok(value));
        }
        Step::ShowAttribute { object, name } => {
            let object = side.object(object)?;
            let name = c(name);
            answer.call(
                "H5Aexists",
                ok(h5().H5Aexists(object.get(), (&name).into())),
            );
            let mut info = AttributeInfo::default();
            let dot = c(".");
            let value =
                h5().H5Aget_info_by_name(object.get(), (&dot).into(), (&name).into(), &mut info, 0);
            let tracks = show::tracks(object.get());
            let told = ok(value).map(|_| show::attribute_info(&info, tracks));
            answer.text("H5Aget_info_by_name", told);
            let attribute = Id::new(h5().H5Aopen(object.get(), (&name).into(), 0))?;
            show::attribute(attribute.get(), tracks, answer);
        }
        Step::ListAttributes {
            object,
            by,
            start,
            stop,
        } => {
            let object = side.object(object)?;
            let (index, order) = (i32::from(by.index), i32::from(by.order));
            let tracks = show::tracks(object.get());
            let walk = iterate::attributes(object.get(), index, order, *start, *stop);
            answer.text(
                "H5Aiterate2",
                walk.map(|walk| show::attribute_lines(&walk, tracks)),
            );
        }
        Step::ShowAttributeAt { object, by, n } => show_at(side.object(object)?, *by, *n, answer),
        Step::DeleteAttributeAt { object, by, n } => {
            let object = side.object(object)?;
            let (index, order) = (i32::from(by.index), i32::from(by.order));
            let dot = c(".");
            let value = h5().H5Adelete_by_idx(object.get(), (&dot).into(), index, order, *n, 0);
            answer.call("H5Adelete_by_idx", ok(value));
        }
        _ => {}
    }
    Ok(())
}

fn open(side: &Side, object: &crate::program::Object, name: &str) -> Result<(Opened, Id), Failure> {
    let object = side.object(object)?;
    let attribute = Id::new(h5().H5Aopen(object.get(), (&c(name)).into(), 0))?;
    Ok((object, attribute))
}

fn count(attribute: Hid, layout: &Layout) -> Result<usize, Failure> {
    let space = Id::new(h5().H5Aget_space(attribute))?;
    let count = h5().H5Sget_simple_extent_npoints(space.get());
    layout.fitting(count)
}

fn write(
    side: &Side,
    attribute: Hid,
    ty: Hid,
    seed: u64,
    answer: &mut Answer,
) -> Result<(), Failure> {
    let references = data::references(side);
    let layout = Layout::of(ty)?;
    let count = count(attribute, &layout)?;
    let buffer = Buffer::filled(layout, count, seed, &references);
    answer.done("H5Awrite", write_attribute(attribute, ty, &buffer));
    Ok(())
}

/// Reads and notes an attribute's elements.
///
/// # Errors
/// When its type cannot be had.
pub fn read(
    side: &Side,
    attribute: Hid,
    memory_type: &MemoryType,
    answer: &mut Answer,
) -> Result<(), Failure> {
    let own = Id::new(h5().H5Aget_type(attribute))?;
    let ty = data::memory_type(side, memory_type, own)?;
    let layout = Layout::of(ty.get())?;
    let count = count(attribute, &layout)?;
    let mut buffer = Buffer::to_read(layout, count);
    answer.done("H5Aread", read_attribute(attribute, ty.get(), &mut buffer));
    let file = side.file()?;
    answer.elements(
        "elements",
        buffer.comparable(&|reference| referenced_name(file, reference)),
    );
    answer.done("H5Treclaim", buffer.reclaim(ty.get()));
    Ok(())
}

fn show_at(object: Opened, by: By, n: u64, answer: &mut Answer) {
    let (at, index, order) = (object.get(), i32::from(by.index), i32::from(by.order));
    let dot = c(".");
    let mut info = AttributeInfo::default();
    let value = h5().H5Aget_info_by_idx(at, (&dot).into(), index, order, n, &mut info, 0);
    let tracks = show::tracks(at);
    answer.text(
        "H5Aget_info_by_idx",
        ok(value).map(|_| show::attribute_info(&info, tracks)),
    );
    answer.text(
        "H5Aget_name_by_idx",
        iterate::attribute_name_by_index(at, index, order, n),
    );
    let attribute = h5().H5Aopen_by_idx(at, (&dot).into(), index, order, n, 0, 0);
    if let Some(attribute) = answer.take("H5Aopen_by_idx", Id::new(attribute)) {
        show::attribute(attribute.get(), tracks, answer);
    }
}
