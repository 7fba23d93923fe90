//! Ids for the objects that a process makes in a domain.
//!
//! They count on from a random one: what is made together then lies together where a server keeps it
//! by id, and is found there the quicker. No two processes meet, for their first ids are far apart.

use h5rest_protocol::{ObjectClass, ObjectId};

use super::process;

/// The ids of one open domain.
#[derive(Debug)]
pub(super) struct NewIds {
    /// A forked child must not go on where its parent does.
    process: u32,
    last: ObjectId,
}

impl NewIds {
    /// Ids for the domain of this root group.
    pub(super) fn new(root: ObjectId) -> Self {
        Self {
            process: process::number(),
            last: root.new_in_domain(ObjectClass::Group),
        }
    }

    /// An id that no object has.
    pub(super) fn next(&mut self, class: ObjectClass) -> ObjectId {
        if self.process != process::number() {
            *self = Self::new(self.last.root_of());
        }
        self.last = self.last.next(class);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lie_together_in_a_process_and_apart_from_others() {
        let root = ObjectId::new_root();
        let mut own = NewIds::new(root);
        let first = own.next(ObjectClass::Group);
        let second = own.next(ObjectClass::Dataset);
        assert_eq!(second.class, ObjectClass::Dataset);
        assert_eq!((second.domain, second.root_of()), (root.domain, root));
        assert!(second.object.wrapping_sub(first.object) < 4);
        // As in a forked child.
        own.process = own.process.wrapping_add(1);
        let child = own.next(ObjectClass::Group);
        assert!(child.object.abs_diff(second.object) > 1 << 20);
    }
}
