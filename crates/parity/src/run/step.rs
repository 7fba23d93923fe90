//! Carries out one step on one side.

use super::side::Side;
use super::{attributes, data, links, objects, show};
use crate::compare::Answer;
use crate::hdf5::{Failure, h5, ok};
use crate::program::Step;

/// Carries out one step.
pub fn carry_out(side: &mut Side, step: &Step) -> Answer {
    let mut answer = Answer::default();
    if let Err(failure) = try_to(side, step, &mut answer) {
        answer.done("the step", Err(failure));
    }
    answer.reopened = side.reopened;
    answer
}

fn try_to(side: &mut Side, step: &Step, answer: &mut Answer) -> Result<(), Failure> {
    match step {
        Step::Reopen { write } => *answer = side.reopen(*write),
        Step::Flush => answer.call("H5Fflush", ok(h5().H5Fflush(side.file()?, 1))),
        Step::Close(number) => side.take(*number)?.close()?,
        Step::Open { .. }
        | Step::CreateGroup { .. }
        | Step::CreateDataset { .. }
        | Step::Commit { .. }
        | Step::Link { .. }
        | Step::Copy { .. } => objects::carry_out(side, step, answer)?,
        Step::Write(_)
        | Step::Read(_)
        | Step::WriteMulti(_)
        | Step::ReadMulti(_)
        | Step::SetExtent { .. } => data::carry_out(side, step, answer)?,
        Step::CreateAttribute { .. }
        | Step::WriteAttribute { .. }
        | Step::ReadAttribute { .. }
        | Step::RenameAttribute { .. }
        | Step::DeleteAttribute { .. }
        | Step::ShowAttribute { .. }
        | Step::ShowAttributeAt { .. }
        | Step::DeleteAttributeAt { .. }
        | Step::ListAttributes { .. } => attributes::carry_out(side, step, answer)?,
        Step::HardLink { .. }
        | Step::SoftLink { .. }
        | Step::ExternalLink { .. }
        | Step::MoveLink { .. }
        | Step::DeleteLink { .. }
        | Step::DeleteLinkAt { .. }
        | Step::ShowLink { .. }
        | Step::ShowLinkAt { .. }
        | Step::ListLinks { .. }
        | Step::Visit { .. } => links::carry_out(side, step, answer)?,
        Step::Show { object } => {
            let object = side.object(object)?;
            show::object(object.get(), answer);
        }
        Step::Refresh { object, flush } => {
            let object = side.object(object)?;
            if *flush {
                answer.call("H5Oflush", ok(h5().H5Oflush(object.get())));
            } else {
                answer.call("H5Orefresh", ok(h5().H5Orefresh(object.get())));
            }
        }
    }
    Ok(())
}
