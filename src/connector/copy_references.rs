//! References in copies: what they lead to is copied to the other file, too
//! (`H5O_COPY_EXPAND_REFERENCE_FLAG`). Called by `copy`.

use h5rest_protocol::ObjectId;
use h5rest_protocol::datatype::{OBJECT_REFERENCE_SIZE, ReferenceType};
use h5rest_protocol::values::binary;
use h5rest_protocol::values::reference::{
    Reference, RegionReference, Target, object_of_text, text_of_object,
};

use super::copy::Copier;
use super::error::{Error, Result};
use super::links::LinkOptions;
use super::object::Object;

impl Copier {
    /// Elements in wire form that are references of this kind, with copies in place of the objects
    /// of the file that `from` is in.
    pub(super) fn expand_references(
        &mut self,
        from: &Object,
        kind: ReferenceType,
        wire: &[u8],
    ) -> Result<Vec<u8>> {
        let mut expanded = Vec::with_capacity(wire.len());
        if kind == ReferenceType::Object {
            for text in wire.chunks(OBJECT_REFERENCE_SIZE) {
                match object_of_text(text)? {
                    Some(id) => expanded.extend(text_of_object(self.referred(from, id)?)),
                    None => expanded.extend([0; OBJECT_REFERENCE_SIZE]),
                }
            }
            return Ok(expanded);
        }
        let mut rest = wire;
        while !rest.is_empty() {
            let content = binary::blob(rest)?;
            rest = &rest[binary::LENGTH_SIZE + content.len()..];
            let content = match kind {
                ReferenceType::Region => self.expand_region(from, content)?,
                _ => self.expand_general(from, content)?,
            };
            binary::write_blob(&content, &mut expanded)?;
        }
        Ok(expanded)
    }

    fn expand_region(&mut self, from: &Object, content: &[u8]) -> Result<Vec<u8>> {
        let Some(mut region) = RegionReference::from_blob(content)? else {
            return Ok(Vec::new());
        };
        region.dataset = self.referred(from, region.dataset)?;
        Ok(region.to_blob())
    }

    fn expand_general(&mut self, from: &Object, content: &[u8]) -> Result<Vec<u8>> {
        let Some(mut reference) = Reference::from_blob(content)? else {
            return Ok(Vec::new());
        };
        reference.target = match reference.target {
            Target::Object(id) => Target::Object(self.referred(from, id)?),
            Target::Token(token) => {
                let id = from.open_token(token).map_err(nowhere)?.id();
                Target::Object(self.referred(from, id)?)
            }
            elsewhere @ Target::Elsewhere { .. } => elsewhere,
        };
        Ok(reference.to_blob())
    }

    /// The copy of an object that a reference leads to.
    fn referred(&mut self, from: &Object, id: ObjectId) -> Result<ObjectId> {
        let known = self.done.contains_key(&id);
        let found = from.open_token(id.object).map_err(nowhere)?;
        let made = self.object(&found, 1)?;
        if !known {
            self.referred.push(made.clone());
        }
        Ok(made.id())
    }

    /// Gives names to copies of what references lead to, as HDF5 does: in the root group.
    pub(super) fn link_referred(&self, options: &LinkOptions) -> Result<()> {
        let root = self.to.file().own_root();
        self.referred.iter().try_for_each(|made| {
            let name = format!("~obj_pointed_by_{}", made.token());
            root.create_hard_link(&name, made, options)
        })
    }
}

fn nowhere(error: Error) -> Error {
    error.context("a reference leads to no object that could be copied")
}
