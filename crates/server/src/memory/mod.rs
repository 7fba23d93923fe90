//! Bounds of what large requests and answers take of the memory, all of them together. Who wants more than
//! is left waits. Asked by [`crate::routes`].
//!
//! Bodies as they come are [`bodies`]'s. A document takes many times the memory of its text: a digit and a comma become a value of
//! [`VALUE`] bytes.

mod bodies;

use std::sync::Arc;

use h5rest_protocol::Datatype;
use h5rest_protocol::datatype::ReferenceType;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use self::bodies::{Held, Pressure};

use self::bodies::Bodies;
use crate::error::{ApiError, Result};

/// What a value of a document takes, about.
const VALUE: usize = size_of::<serde_json::Value>() + 8;
/// Values of one document at most.
pub const MOST_VALUES: usize = 8 << 20;
/// What has no more values is not counted: it is gone in no time. A body that the thread that commits
/// reads cannot have more values, so that thread never waits.
const FEW_VALUES: usize = 64 << 10;

/// What is left.
#[derive(Debug)]
pub struct Memory {
    bodies: Arc<Bodies>,
    /// Documents of requests; who has one may wait for one of an answer, never the other way round.
    documents: Arc<Semaphore>,
    answers: Arc<Semaphore>,
}

/// A share of it, until it is dropped.
#[derive(Debug)]
pub struct Share {
    _places: Option<OwnedSemaphorePermit>,
}

impl Memory {
    /// With so many bytes for bodies.
    pub fn new(bodies: u64) -> Self {
        let values = || Arc::new(Semaphore::new(MOST_VALUES / FEW_VALUES));
        Self {
            bodies: Bodies::new(bodies),
            documents: values(),
            answers: values(),
        }
    }

    /// For a body of which nothing has come.
    pub fn body(&self) -> Held {
        self.bodies.none()
    }

    /// Room for the document that this text is of; for threads that may block.
    ///
    /// # Errors
    /// 413 if no document may have so many values.
    pub fn document(&self, text: &[u8]) -> Result<Share> {
        let parts = memchr::memchr3_iter(b',', b'[', b'{', text).count();
        share(&self.documents, parts)
    }

    /// The same for an answer of so many values.
    pub fn answer(&self, values: usize) -> Result<Share> {
        share(&self.answers, values)
    }
}

/// Values in the JSON of so many elements of a type, which take so many bytes in all; at least.
pub fn values_in(datatype: &Datatype, count: usize, bytes: usize) -> usize {
    match values_of_one(datatype) {
        Some(each) => each.saturating_mul(count),
        // Items of sequences have a byte each.
        None => count.saturating_add(bytes),
    }
}

/// `None` if it differs from element to element.
fn values_of_one(datatype: &Datatype) -> Option<usize> {
    match datatype {
        Datatype::Vlen(_) | Datatype::Reference(ReferenceType::Region | ReferenceType::Any) => None,
        Datatype::Complex(_) => Some(3),
        Datatype::Array { base, dims } => {
            let items = dims
                .iter()
                .fold(1u64, |n, &extent| n.saturating_mul(extent));
            let items = usize::try_from(items).unwrap_or(usize::MAX);
            Some(items.saturating_mul(values_of_one(base)?).saturating_add(1))
        }
        Datatype::Compound(compound) => {
            let mut members = compound.members.iter();
            members.try_fold(1usize, |sum, member| {
                Some(sum.saturating_add(values_of_one(&member.datatype)?))
            })
        }
        _ => Some(1),
    }
}

/// Refuses documents of more values than one may have.
pub fn check(values: usize) -> Result<()> {
    match values <= MOST_VALUES {
        true => Ok(()),
        false => Err(too_many(values)),
    }
}

/// What is said of a document of so many values.
pub fn too_many(values: usize) -> ApiError {
    ApiError::too_large(format!(
        "a document of {values} values would take {} MiB of memory: use application/octet-stream, or \
         smaller parts",
        values.saturating_mul(VALUE) >> 20
    ))
}

fn share(free: &Arc<Semaphore>, values: usize) -> Result<Share> {
    check(values)?;
    if values <= FEW_VALUES {
        return Ok(Share { _places: None });
    }
    let wanted = values.div_ceil(FEW_VALUES) as u32;
    let waiting = free.clone().acquire_many_owned(wanted);
    Ok(Share {
        _places: Handle::current().block_on(waiting).ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_document_is_larger_than_all_together_may_be() {
        let memory = Arc::new(Memory::new(0));
        let most = vec![b','; MOST_VALUES];
        let own = memory.clone();
        let (first, more) = tokio::task::spawn_blocking(move || {
            let first = own.document(&most).unwrap();
            let more = [&most[..], b"["].concat();
            (first, own.document(&more).unwrap_err())
        })
        .await
        .unwrap();
        assert_eq!(more.status.as_u16(), 413);
        assert_eq!(memory.documents.available_permits(), 0);
        // Small ones pass.
        memory.document(b"[1,2]").unwrap();
        drop(first);
        assert_eq!(
            memory.documents.available_permits(),
            MOST_VALUES / FEW_VALUES
        );
    }
}
