//! The whole content of a file: every object that links reach, with its attributes and elements.

use super::data::{self, Moved};
use super::side::Side;
use super::{attributes, show};
use crate::compare::Answer;
use crate::hdf5::iterate;
use crate::hdf5::{Failure, Id, ObjectInfo, c, h5, ok};
use crate::program::{MemoryType, Object};

/// Reads everything.
pub fn all(side: &Side) -> Answer {
    let mut answer = Answer {
        reopened: side.reopened,
        ..Answer::default()
    };
    if let Err(failure) = try_all(side, &mut answer) {
        answer.done("the dump", Err(failure));
    }
    answer
}

fn try_all(side: &Side, answer: &mut Answer) -> Result<(), Failure> {
    let file = side.file()?;
    let walk = iterate::visit_links(file, 0, 0)?;
    answer.text("H5Lvisit2", Ok(show::link_lines(&walk)));
    for (name, info) in &walk.entries {
        if info.kind != 0 {
            let mut told = Answer::default();
            show::link(file, name, &mut told);
            answer.append(name, told);
        }
    }
    let walk = iterate::visit_objects(file, 0, 0)?;
    answer.text("H5Ovisit3", Ok(show::object_lines(&walk)));
    let mut infos = Vec::new();
    for (name, _) in &walk.entries {
        let mut info = ObjectInfo::default();
        ok(h5().H5Oget_info_by_name3(file, (&c(name)).into(), &mut info, 1, 0))?;
        infos.push(info);
    }
    answer.text(
        "same objects",
        Ok(format!("{:?}", show::same_objects(&infos))),
    );
    for (name, _) in &walk.entries {
        let mut told = Answer::default();
        if let Err(failure) = object(side, name, &mut told) {
            told.done("the object", Err(failure));
        }
        answer.append(name, told);
    }
    Ok(())
}

fn object(side: &Side, name: &str, answer: &mut Answer) -> Result<(), Failure> {
    let path = if name == "." { "/" } else { name };
    let object = side.object(&Object::Path(path.into()))?;
    show::object(object.get(), answer);
    let tracks = show::tracks(object.get());
    let walk = iterate::attributes(object.get(), 0, 0, 0, None)?;
    answer.text("H5Aiterate2", Ok(show::attribute_lines(&walk, tracks)));
    for (name, _) in &walk.entries {
        let mut told = Answer::default();
        let attribute = Id::new(h5().H5Aopen(object.get(), (&c(name)).into(), 0))?;
        show::attribute(attribute.get(), tracks, &mut told);
        attributes::read(side, attribute.get(), &MemoryType::Same, &mut told)?;
        answer.append(&format!("attribute {name}"), told);
    }
    // 5 is H5I_DATASET.
    if h5().H5Iget_type(object.get()) == 5 {
        let mut told = Answer {
            undefined: data::undefined(object.get())?,
            ..Answer::default()
        };
        Moved::whole(side, path)?.read(side, &mut told);
        answer.append("value", told);
    }
    Ok(())
}
