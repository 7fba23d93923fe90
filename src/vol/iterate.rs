//! Iteration and visits: calling a program's operator for each attribute, link or object.
//!
//! The connector drives these loops itself. What the operator returns decides: 0 goes on, a
//! positive value ends the loop and is the call's result, a negative one is a failure. The
//! identifier that the operator gets is made here and closed after the loop.

use std::collections::HashSet;
use std::ffi::{c_char, c_uint};

use h5rest_protocol::{Link, ObjectClass, ObjectId};

use super::attribute;
use super::datatype::register;
use super::link;
use super::location::{index_by, order};
use super::object;
use crate::connector::{Error, ErrorKind, IndexBy, Object, Order, Result};
use crate::ffi::*;
use crate::host::id::OwnedId;
use crate::host::{Host, names};

/// How a loop ended.
enum Outcome {
    /// All entries were seen.
    Finished,
    /// The operator returned this positive value.
    Stopped(herr_t),
}

/// Reads the operator's answer; `None` means go on.
fn answer(value: herr_t) -> Result<Option<Outcome>> {
    match value {
        0 => Ok(None),
        1.. => Ok(Some(Outcome::Stopped(value))),
        _ => Err(Error::new(
            ErrorKind::Invalid,
            format!("the program's operator failed with {value}"),
        )),
    }
}

fn result(outcome: Outcome) -> herr_t {
    match outcome {
        Outcome::Finished => 0,
        Outcome::Stopped(value) => value,
    }
}

fn identifier(host: &'static Host, object: &Object) -> Result<OwnedId> {
    let id = register(host, object.clone())?;
    host.own(id, "make an identifier for the iteration")
}

fn no_operator() -> Error {
    Error::new(ErrorKind::Invalid, "no operator was given")
}

/// Where an iteration begins, and where it leaves the number of entries seen.
struct Position {
    start: u64,
    out: *mut hsize_t,
}

impl Position {
    /// # Safety
    /// `index` must be null or valid for reads and writes during the call.
    unsafe fn new(index: *mut hsize_t) -> Self {
        // SAFETY: by the contract of this function.
        let start = unsafe { index.as_ref() }.copied().unwrap_or(0);
        Self { start, out: index }
    }

    fn check(&self, count: usize) -> Result<()> {
        // HDF5 refuses to start behind the last entry, unless there is none at all.
        if self.start > 0 && self.start >= count as u64 {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("iteration from {} of {count} entries", self.start),
            ));
        }
        Ok(())
    }

    fn seen(&self, count: usize) {
        if !self.out.is_null() {
            // SAFETY: by the contract of `new`.
            unsafe { *self.out = count as u64 };
        }
    }
}

/// H5Aiterate.
///
/// # Safety
/// `args` must have been filled by HDF5.
pub unsafe fn attributes(
    host: &'static Host,
    holder: &Object,
    args: &H5VL_attr_iterate_args_t,
) -> Result<herr_t> {
    let operator = args.op.ok_or_else(no_operator)?;
    let all = holder.attributes(index_by(args.idx_type)?, order(args.order)?)?;
    // SAFETY: by the contract of this function.
    let position = unsafe { Position::new(args.idx) };
    position.check(all.len())?;
    let tracked = holder.tracks_attribute_order()?;
    let id = identifier(host, holder)?;
    for (n, info) in all.iter().enumerate().skip(position.start as usize) {
        let (name, c_info) = (
            names::to_c(&info.name)?,
            attribute::c_info(info, tracked, false),
        );
        // SAFETY: the program's operator, called as H5Aiterate documents.
        let value = unsafe { operator(id.get(), name.as_ptr(), &c_info, args.op_data) };
        position.seen(n + 1);
        if value != 0 {
            drop(id);
            return Ok(ended_by(host, "H5Aiterate", value));
        }
    }
    Ok(0)
}

/// An iteration over attributes returns what the operator did, also where that is a failure. (One over
/// links or objects makes -1 of it.)
fn ended_by(host: &'static Host, call: &str, value: herr_t) -> herr_t {
    if let Err(error) = answer(value) {
        host.push_error(call, &error);
    }
    value
}

/// H5Aiterate1 of HDF5 1.6: by creation order, and without descriptions.
///
/// # Safety
/// `args` must have been filled by HDF5.
pub unsafe fn attributes_of_old(
    host: &'static Host,
    holder: &Object,
    args: &H5VL_native_attr_iterate_old_t,
) -> Result<herr_t> {
    let operator = args.op.ok_or_else(no_operator)?;
    let all = holder.attributes(IndexBy::CreationOrder, Order::Increasing)?;
    // SAFETY: null or valid by the contract of this function.
    let number = unsafe { args.attr_num.as_mut() };
    let start = number.as_ref().map_or(0, |number| hsize_t::from(**number));
    let mut seen = start;
    let position = Position {
        start,
        out: &mut seen,
    };
    position.check(all.len())?;
    let id = identifier(host, holder)?;
    let mut value = 0;
    for (n, info) in all.iter().enumerate().skip(start as usize) {
        let name = names::to_c(&info.name)?;
        // SAFETY: the program's operator, called as H5Aiterate1 documents.
        value = unsafe { operator(id.get(), name.as_ptr(), args.op_data) };
        position.seen(n + 1);
        if value != 0 {
            break;
        }
    }
    if let Some(number) = number {
        *number = seen as c_uint;
    }
    drop(id);
    Ok(ended_by(host, "H5Aiterate1", value))
}

/// H5Literate and H5Lvisit.
///
/// # Safety
/// `args` must have been filled by HDF5.
pub unsafe fn links(
    host: &'static Host,
    group: &Object,
    args: &H5VL_link_iterate_args_t,
) -> Result<herr_t> {
    super::group::expect(
        group,
        ObjectClass::Group,
        group.path().unwrap_or("the location"),
    )?;
    let mut walk = LinkWalk {
        operator: args.op.ok_or_else(no_operator)?,
        args,
        by: index_by(args.idx_type)?,
        order: order(args.order)?,
        id: identifier(host, group)?,
        visited: HashSet::from([group.id()]),
    };
    let outcome = if args.recursive {
        walk.below(group, "")?
    } else {
        walk.directly_in(group)?
    };
    Ok(result(outcome))
}

/// The program's operator for links.
type LinkOperator =
    unsafe extern "C" fn(hid_t, *const c_char, *const H5L_info2_t, *mut std::ffi::c_void) -> herr_t;

struct LinkWalk<'a> {
    operator: LinkOperator,
    args: &'a H5VL_link_iterate_args_t,
    by: IndexBy,
    order: Order,
    id: OwnedId,
    /// Groups that were entered: cycles end there.
    visited: HashSet<ObjectId>,
}

impl LinkWalk<'_> {
    fn call(&self, name: &str, info: &H5L_info2_t) -> Result<Option<Outcome>> {
        let name = names::to_c(name)?;
        // SAFETY: the program's operator, called as H5Literate documents.
        let value =
            unsafe { (self.operator)(self.id.get(), name.as_ptr(), info, self.args.op_data) };
        answer(value)
    }

    fn directly_in(&self, group: &Object) -> Result<Outcome> {
        group.check_link_index(self.by)?;
        let entries = group.links(self.by, self.order)?;
        // SAFETY: HDF5 passes null or a valid pointer.
        let position = unsafe { Position::new(self.args.idx_p) };
        position.check(entries.len())?;
        let tracked = group.tracks_link_order()?;
        let (mut seen, mut outcome) = (position.start as usize, Outcome::Finished);
        for entry in entries.iter().skip(seen) {
            // HDF5 tells how far it came at the end, and nothing after a failure.
            let ended = self.call(&entry.name, &link::c_info(entry, tracked))?;
            seen += 1;
            if let Some(ended) = ended {
                outcome = ended;
                break;
            }
        }
        position.seen(seen);
        Ok(outcome)
    }

    fn below(&mut self, group: &Object, prefix: &str) -> Result<Outcome> {
        let tracked = group.tracks_link_order()?;
        for entry in group.links(visit_index(group, self.by)?, self.order)? {
            let path = format!("{prefix}{}", entry.name);
            if let Some(outcome) = self.call(&path, &link::c_info(&entry, tracked))? {
                return Ok(outcome);
            }
            if let Link::Hard(id) = entry.link
                && id.class == ObjectClass::Group
                && self.visited.insert(id)
            {
                let child = group.open_child(id)?;
                if let stopped @ Outcome::Stopped(_) = self.below(&child, &format!("{path}/"))? {
                    return Ok(stopped);
                }
            }
        }
        Ok(Outcome::Finished)
    }
}

/// The index by which a visit goes through a group: the wanted one, or names where the group does
/// not keep the order of creation. (An iteration over one group fails there.)
fn visit_index(group: &Object, wanted: IndexBy) -> Result<IndexBy> {
    match wanted {
        IndexBy::CreationOrder if !group.tracks_link_order()? => Ok(IndexBy::Name),
        wanted => Ok(wanted),
    }
}

/// H5Giterate of HDF5 1.6: by name, from a position on, and without descriptions.
///
/// # Safety
/// `args` must have been filled by HDF5.
pub unsafe fn links_of_old(
    host: &'static Host,
    group: &Object,
    args: &H5VL_native_group_iterate_old_t,
) -> Result<herr_t> {
    super::group::expect(
        group,
        ObjectClass::Group,
        group.path().unwrap_or("the location"),
    )?;
    let operator = args.op.ok_or_else(no_operator)?;
    let entries = group.links(IndexBy::Name, Order::Increasing)?;
    let position = Position {
        start: args.idx,
        out: args.last_obj,
    };
    position.check(entries.len())?;
    let id = identifier(host, group)?;
    for (n, entry) in entries.iter().enumerate().skip(args.idx as usize) {
        let name = names::to_c(&entry.name)?;
        // SAFETY: the program's operator, called as H5Giterate documents.
        let value = unsafe { operator(id.get(), name.as_ptr(), args.op_data) };
        position.seen(n + 1);
        if let Some(outcome) = answer(value)? {
            return Ok(result(outcome));
        }
    }
    Ok(0)
}

/// H5Ovisit.
///
/// # Safety
/// `args` must have been filled by HDF5.
pub unsafe fn objects(
    host: &'static Host,
    start: &Object,
    args: &H5VL_object_visit_args_t,
) -> Result<herr_t> {
    let mut walk = ObjectWalk {
        operator: args.op.ok_or_else(no_operator)?,
        args,
        by: index_by(args.idx_type)?,
        order: order(args.order)?,
        id: identifier(host, start)?,
        visited: HashSet::from([start.id()]),
    };
    if let Some(outcome) = walk.call(".", start)? {
        return Ok(result(outcome));
    }
    if start.class() != ObjectClass::Group {
        return Ok(0);
    }
    walk.below(start, "").map(result)
}

/// The program's operator for objects.
type ObjectOperator =
    unsafe extern "C" fn(hid_t, *const c_char, *const H5O_info2_t, *mut std::ffi::c_void) -> herr_t;

struct ObjectWalk<'a> {
    operator: ObjectOperator,
    args: &'a H5VL_object_visit_args_t,
    by: IndexBy,
    order: Order,
    id: OwnedId,
    /// Objects that were seen: each is shown once, however many links lead to it.
    visited: HashSet<ObjectId>,
}

impl ObjectWalk<'_> {
    fn call(&self, name: &str, found: &Object) -> Result<Option<Outcome>> {
        let name = names::to_c(name)?;
        let info = object::c_info(found, &found.info()?, self.args.fields);
        // SAFETY: the program's operator, called as H5Ovisit documents.
        let value =
            unsafe { (self.operator)(self.id.get(), name.as_ptr(), &info, self.args.op_data) };
        answer(value)
    }

    /// Only hard links are followed, as HDF5 does.
    fn below(&mut self, group: &Object, prefix: &str) -> Result<Outcome> {
        for entry in group.links(visit_index(group, self.by)?, self.order)? {
            let Link::Hard(id) = entry.link else {
                continue;
            };
            if self.visited.contains(&id) {
                continue;
            }
            let path = format!("{prefix}{}", entry.name);
            let found = group.open_child(id)?;
            if !self.visited.insert(found.id()) {
                continue;
            }
            if let Some(outcome) = self.call(&path, &found)? {
                return Ok(outcome);
            }
            if found.class() == ObjectClass::Group
                && let stopped @ Outcome::Stopped(_) = self.below(&found, &format!("{path}/"))?
            {
                return Ok(stopped);
            }
        }
        Ok(Outcome::Finished)
    }
}
