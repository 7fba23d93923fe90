//! Steps that make, open, link and copy objects.

use super::build;
use super::side::Side;
use crate::compare::Answer;
use crate::hdf5::{Failure, Hid, Id, ObjectInfo, c, h5, ok};
use crate::program::Step;

/// Carries out one step about objects.
pub fn carry_out(side: &mut Side, step: &Step, answer: &mut Answer) -> Result<(), Failure> {
    match step {
        Step::Open { path, number } => {
            let id = Id::new(h5().H5Oopen(side.file()?, (&c(path)).into(), 0));
            let id = answer.take("H5Oopen", id);
            side.keep(answer, Some(*number), id);
        }
        Step::CreateGroup { .. } => create_group(side, step, answer)?,
        Step::CreateDataset { .. } => create_dataset(side, step, answer)?,
        Step::Commit { at, name, ty, keep } => {
            let at = side.object(at)?;
            let links = build::link_creation(false, name)?;
            let id = build::datatype(side, ty)?;
            let (hid, name) = (id.get(), c(name));
            let value = h5().H5Tcommit2(at.get(), (&name).into(), hid, links.get(), 0, 0);
            answer.call("H5Tcommit2", ok(value));
            side.keep(answer, *keep, Some(id));
        }
        Step::Link { object, at, name } => {
            let (object, at) = (side.object(object)?, side.object(at)?);
            let links = build::link_creation(false, name)?;
            let value = h5().H5Olink(object.get(), at.get(), (&c(name)).into(), links.get(), 0);
            answer.call("H5Olink", ok(value));
        }
        Step::Copy {
            from,
            path,
            to,
            name,
            flags,
            intermediate,
        } => {
            let (from, to) = (side.object(from)?, side.object(to)?);
            if same_object(from.get(), path, to.get())? {
                // What copying a group into itself gives depends on which of its links HDF5 looks at
                // first.
                answer.text("H5Ocopy", Ok("left out".into()));
                return Ok(());
            }
            let links = build::link_creation(*intermediate, name)?;
            let how = build::plist("OBJECT_COPY")?;
            ok(h5().H5Pset_copy_object(how.get(), u32::from(*flags)))?;
            let (path, name) = (c(path), c(name));
            let value = h5().H5Ocopy(
                from.get(),
                (&path).into(),
                to.get(),
                (&name).into(),
                how.get(),
                links.get(),
            );
            answer.call("H5Ocopy", ok(value));
        }
        _ => {}
    }
    Ok(())
}

fn create_group(side: &mut Side, step: &Step, answer: &mut Answer) -> Result<(), Failure> {
    let Step::CreateGroup {
        at,
        name,
        intermediate,
        ordered,
        keep,
    } = step
    else {
        return Ok(());
    };
    let at = side.object(at)?;
    let creation = build::plist("GROUP_CREATE")?;
    if *ordered {
        ok(h5().H5Pset_link_creation_order(creation.get(), 3))?;
        ok(h5().H5Pset_attr_creation_order(creation.get(), 3))?;
    }
    let group = match name {
        Some(name) => {
            let links = build::link_creation(*intermediate, name)?;
            let name = c(name);
            let (links, creation) = (links.get(), creation.get());
            Id::new(h5().H5Gcreate2(at.get(), (&name).into(), links, creation, 0))
        }
        None => Id::new(h5().H5Gcreate_anon(at.get(), creation.get(), 0)),
    };
    let group = answer.take("H5Gcreate2", group);
    side.keep(answer, *keep, group);
    Ok(())
}

fn create_dataset(side: &mut Side, step: &Step, answer: &mut Answer) -> Result<(), Failure> {
    let Step::CreateDataset {
        at,
        name,
        ty,
        space,
        creation,
        keep,
    } = step
    else {
        return Ok(());
    };
    let at = side.object(at)?;
    let ty = build::datatype(side, ty)?;
    let space = build::space(space)?;
    let creation = build::creation(ty.get(), creation)?;
    let (ty, space, creation) = (ty.get(), space.get(), creation.get());
    let dataset = match name {
        Some(name) => {
            let links = build::link_creation(false, name)?;
            let (at, name) = (at.get(), c(name));
            Id::new(h5().H5Dcreate2(at, (&name).into(), ty, space, links.get(), creation, 0))
        }
        None => Id::new(h5().H5Dcreate_anon(at.get(), ty, space, creation, 0)),
    };
    let dataset = answer.take("H5Dcreate2", dataset);
    side.keep(answer, *keep, dataset);
    Ok(())
}

/// Whether a path leads to an object itself.
fn same_object(at: Hid, path: &str, object: Hid) -> Result<bool, Failure> {
    let (mut found, mut own) = (ObjectInfo::default(), ObjectInfo::default());
    ok(h5().H5Oget_info3(object, &mut own, 1))?;
    let path = c(path);
    let there = ok(h5().H5Oget_info_by_name3(at, (&path).into(), &mut found, 1, 0));
    Ok(there.is_ok() && (found.fileno, found.token) == (own.fileno, own.token))
}
