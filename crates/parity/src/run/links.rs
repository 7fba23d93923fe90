//! Steps about links.

use super::side::Side;
use super::{build, show};
use crate::compare::Answer;
use crate::hdf5::{Failure, Id, LinkInfo, c, h5, iterate, ok};
use crate::program::Step;

/// Carries out one step about links.
pub fn carry_out(side: &Side, step: &Step, answer: &mut Answer) -> Result<(), Failure> {
    match step {
        Step::HardLink { .. }
        | Step::SoftLink { .. }
        | Step::ExternalLink { .. }
        | Step::MoveLink { .. } => make(side, step, answer)?,
        Step::DeleteLink { at, name } => {
            let at = side.object(at)?;
            let value = h5().H5Ldelete(at.get(), (&c(name)).into(), 0);
            answer.call("H5Ldelete", ok(value));
        }
        Step::DeleteLinkAt { at, by, n } => {
            let at = side.object(at)?;
            let (index, order, dot) = (i32::from(by.index), i32::from(by.order), c("."));
            let value = h5().H5Ldelete_by_idx(at.get(), (&dot).into(), index, order, *n, 0);
            answer.call("H5Ldelete_by_idx", ok(value));
        }
        Step::ShowLink { at, name } => {
            let at = side.object(at)?;
            show::link(at.get(), name, answer);
            let exists = h5().H5Oexists_by_name(at.get(), (&c(name)).into(), 0);
            answer.call("H5Oexists_by_name", ok(exists));
        }
        Step::ShowLinkAt { at, by, n } => {
            let at = side.object(at)?;
            let (index, order, dot) = (i32::from(by.index), i32::from(by.order), c("."));
            let mut info = LinkInfo::default();
            let hid = at.get();
            let value =
                h5().H5Lget_info_by_idx2(hid, (&dot).into(), index, order, *n, &mut info, 0);
            answer.text(
                "H5Lget_info_by_idx2",
                ok(value).map(|_| show::link_info(&info)),
            );
            let name = iterate::link_name_by_index(hid, index, order, *n);
            answer.text("H5Lget_name_by_idx", name);
            let object = h5().H5Oopen_by_idx(hid, (&dot).into(), index, order, *n, 0);
            if let Some(object) = answer.take("H5Oopen_by_idx", Id::new(object)) {
                show::object(object.get(), answer);
            }
        }
        Step::ListLinks {
            at,
            by,
            start,
            stop,
        } => {
            let at = side.object(at)?;
            let (index, order) = (i32::from(by.index), i32::from(by.order));
            let walk = iterate::links(at.get(), index, order, *start, *stop);
            answer.text("H5Literate2", walk.map(|walk| show::link_lines(&walk)));
        }
        Step::Visit { at, by } => {
            let at = side.object(at)?;
            let (index, order) = (i32::from(by.index), i32::from(by.order));
            let walk = iterate::visit_links(at.get(), index, order);
            answer.text("H5Lvisit2", walk.map(|walk| show::link_lines(&walk)));
            let walk = iterate::visit_objects(at.get(), index, order);
            answer.text("H5Ovisit3", walk.map(|walk| show::object_lines(&walk)));
        }
        _ => {}
    }
    Ok(())
}

fn make(side: &Side, step: &Step, answer: &mut Answer) -> Result<(), Failure> {
    match step {
        Step::HardLink {
            object,
            path,
            at,
            name,
            intermediate,
        } => {
            let (object, at) = (side.object(object)?, side.object(at)?);
            let links = build::link_creation(*intermediate, name)?;
            let (path, name) = (c(path), c(name));
            let (object, at) = (object.get(), at.get());
            let value =
                h5().H5Lcreate_hard(object, (&path).into(), at, (&name).into(), links.get(), 0);
            answer.call("H5Lcreate_hard", ok(value));
        }
        Step::SoftLink { target, at, name } => {
            let at = side.object(at)?;
            let links = build::link_creation(false, name)?;
            let (target, name) = (c(target), c(name));
            let value =
                h5().H5Lcreate_soft((&target).into(), at.get(), (&name).into(), links.get(), 0);
            answer.call("H5Lcreate_soft", ok(value));
        }
        Step::ExternalLink {
            file,
            target,
            at,
            name,
        } => {
            let at = side.object(at)?;
            let links = build::link_creation(false, name)?;
            let (file, target, name) = (c(file), c(target), c(name));
            let value = h5().H5Lcreate_external(
                (&file).into(),
                (&target).into(),
                at.get(),
                (&name).into(),
                links.get(),
                0,
            );
            answer.call("H5Lcreate_external", ok(value));
        }
        Step::MoveLink {
            copy,
            from,
            path,
            to,
            name,
            intermediate,
        } => {
            let (from, to) = (side.object(from)?, side.object(to)?);
            let links = build::link_creation(*intermediate, name)?;
            let (path, name) = (c(path), c(name));
            let (from, to, links) = (from.get(), to.get(), links.get());
            let value = if *copy {
                h5().H5Lcopy(from, (&path).into(), to, (&name).into(), links, 0)
            } else {
                h5().H5Lmove(from, (&path).into(), to, (&name).into(), links, 0)
            };
            answer.call(if *copy { "H5Lcopy" } else { "H5Lmove" }, ok(value));
        }
        _ => {}
    }
    Ok(())
}
