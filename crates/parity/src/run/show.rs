//! What objects, links and attributes tell about themselves, as text that can be compared.

use std::collections::HashMap;

use super::data::undefined;
use crate::compare::Answer;
use crate::hdf5::iterate::{self, Walk};
use crate::hdf5::memory::{Buffer, Layout, get_fill_value};
use crate::hdf5::{AttributeInfo, Failure, GroupInfo, Hid, Id, LinkInfo, ObjectInfo, c, h5, ok};
use crate::run::describe;

/// Notes all there is to ask an open object.
pub fn object(id: Hid, answer: &mut Answer) {
    let kind = h5().H5Iget_type(id);
    answer.text("H5Iget_type", Ok(kind.to_string()));
    answer.text("H5Iget_name", iterate::object_name(id));
    let mut info = ObjectInfo::default();
    let value = h5().H5Oget_info3(id, &mut info, 1 | 4);
    answer.text("H5Oget_info3", ok(value).map(|_| object_info(&info)));
    let result = match kind {
        // H5I_FILE, H5I_GROUP
        1 | 2 => group(id, answer),
        // H5I_DATATYPE
        3 => {
            answer.call("H5Tcommitted", ok(h5().H5Tcommitted(id)));
            answer.text("type", describe::datatype(id));
            Ok(())
        }
        // H5I_DATASET
        5 => dataset(id, answer),
        _ => Ok(()),
    };
    if let Err(failure) = result {
        answer.done("what it tells", Err(failure));
    }
}

fn object_info(info: &ObjectInfo) -> String {
    format!(
        "type {}, {} links, {} attributes",
        info.kind, info.rc, info.num_attrs
    )
}

fn group(id: Hid, answer: &mut Answer) -> Result<(), Failure> {
    let mut info = GroupInfo::default();
    let value = h5().H5Gget_info(id, &mut info);
    let told = |info: &GroupInfo| {
        let GroupInfo {
            nlinks,
            max_corder,
            mounted,
            ..
        } = info;
        format!("{nlinks} links, next number {max_corder}, mounted {mounted}")
    };
    answer.text("H5Gget_info", ok(value).map(|_| told(&info)));
    if h5().H5Iget_type(id) == 2 {
        let creation = Id::new(h5().H5Gget_create_plist(id))?;
        let (mut links, mut attributes) = (9, 9);
        ok(h5().H5Pget_link_creation_order(creation.get(), &mut links))?;
        ok(h5().H5Pget_attr_creation_order(creation.get(), &mut attributes))?;
        answer.text(
            "creation order",
            Ok(format!("links {links}, attributes {attributes}")),
        );
    }
    Ok(())
}

fn dataset(id: Hid, answer: &mut Answer) -> Result<(), Failure> {
    let ty = Id::new(h5().H5Dget_type(id))?;
    answer.call("H5Tcommitted", ok(h5().H5Tcommitted(ty.get())));
    answer.text("type", describe::datatype(ty.get()));
    let space = Id::new(h5().H5Dget_space(id))?;
    answer.text("space", describe::space(space.get()));
    let creation = Id::new(h5().H5Dget_create_plist(id))?;
    answer.text("creation properties", describe::creation(creation.get()));
    let mut status = 0;
    ok(h5().H5Pfill_value_defined(creation.get(), &mut status))?;
    if status > 0 {
        let layout = Layout::of(ty.get())?;
        let count = layout.fitting(1)?;
        let mut value = Buffer::to_read(layout, count);
        answer.done(
            "H5Pget_fill_value",
            get_fill_value(creation.get(), ty.get(), &mut value),
        );
        answer.elements("fill value", value.comparable(&|_| "reference".into()));
        answer.done("H5Treclaim", value.reclaim(ty.get()));
    }
    answer.text("undefined", undefined(id).map(|value| value.to_string()));
    Ok(())
}

/// Whether an object tracks the creation order of attributes. Numbers of others mean nothing: native
/// files show what happens to be in their cache.
pub fn tracks(object: Hid) -> bool {
    let creation = match h5().H5Iget_type(object) {
        1 | 2 => Id::new(h5().H5Gget_create_plist(object)),
        5 => Id::new(h5().H5Dget_create_plist(object)),
        _ => return false,
    };
    let mut flags = 0;
    creation.is_ok_and(|creation| {
        h5().H5Pget_attr_creation_order(creation.get(), &mut flags) >= 0 && flags & 1 == 1
    })
}

/// An attribute's information.
pub fn attribute_info(info: &AttributeInfo, tracks: bool) -> String {
    let order = if tracks {
        format!("{} {}", info.corder_valid, info.corder)
    } else {
        "-".into()
    };
    format!(
        "number {order}, charset {}, {} bytes",
        info.cset, info.data_size
    )
}

/// Notes what an open attribute tells, but for its value.
pub fn attribute(id: Hid, tracks: bool, answer: &mut Answer) {
    answer.text("H5Aget_name", iterate::attribute_name(id));
    let mut info = AttributeInfo::default();
    let value = h5().H5Aget_info(id, &mut info);
    answer.text(
        "H5Aget_info",
        ok(value).map(|_| attribute_info(&info, tracks)),
    );
    answer.text(
        "H5Aget_storage_size",
        Ok(h5().H5Aget_storage_size(id).to_string()),
    );
    let ty = Id::new(h5().H5Aget_type(id)).and_then(|ty| {
        let committed = h5().H5Tcommitted(ty.get());
        Ok(format!(
            "{}, committed {committed}",
            describe::datatype(ty.get())?
        ))
    });
    answer.text("type", ty);
    let space = Id::new(h5().H5Aget_space(id));
    answer.text(
        "space",
        space.and_then(|space| describe::space(space.get())),
    );
}

/// Notes whether a link is there and what it tells.
pub fn link(at: Hid, name: &str, answer: &mut Answer) {
    let name = c(name);
    answer.call("H5Lexists", ok(h5().H5Lexists(at, (&name).into(), 0)));
    let mut info = LinkInfo::default();
    let value = ok(h5().H5Lget_info2(at, (&name).into(), &mut info, 0));
    let found = value.is_ok();
    answer.text("H5Lget_info2", value.map(|_| link_info(&info)));
    if found && info.kind != 0 {
        let size = usize::try_from(info.value[0]).unwrap_or(0).min(4096);
        let value = iterate::link_value(at, &name, size);
        answer.text(
            "H5Lget_val",
            value.map(|value| format!("{}", value.escape_ascii())),
        );
    }
}

/// A link's information without tokens, which differ.
pub fn link_info(info: &LinkInfo) -> String {
    let size = if info.kind == 0 { 0 } else { info.value[0] };
    let order = if info.corder_valid { info.corder } else { -1 };
    format!(
        "kind {}, order {order}, charset {}, size {size}",
        info.kind, info.cset
    )
}

fn told<T>(walk: &Walk<T>, tell: impl Fn(&T) -> String) -> String {
    let entries = walk
        .entries
        .iter()
        .map(|(name, info)| format!("{name:?} {}", tell(info)));
    let entries = entries.collect::<Vec<_>>().join("; ");
    format!("returned {}, index {}: {entries}", walk.value, walk.next)
}

/// A walk over attributes as text.
pub fn attribute_lines(walk: &Walk<AttributeInfo>, tracks: bool) -> String {
    told(walk, |info| attribute_info(info, tracks))
}

/// A walk over links as text.
pub fn link_lines(walk: &Walk<LinkInfo>) -> String {
    told(walk, link_info)
}

/// A walk over objects as text.
pub fn object_lines(walk: &Walk<ObjectInfo>) -> String {
    told(walk, object_info)
}

/// Which of several names mean the same object: the number of the first name of each.
pub fn same_objects(infos: &[ObjectInfo]) -> Vec<usize> {
    let mut first = HashMap::new();
    let numbered = infos.iter().enumerate();
    numbered
        .map(|(number, info)| *first.entry(info.token).or_insert(number))
        .collect()
}
