//! Types that HSDS cannot represent, told as ones that it can, with the true type beside.
//!
//! What has a fixed size is told as opaque data of that size: the bytes on the wire are the same.
//! What has not is boxed: each element, in wire form, is a sequence of bytes. HSDS keeps members
//! of type documents that it does not know; one of them says what the type really is. `h5rest`
//! represents every type, so it is told the truth.

use h5rest_client::ServerInfo;
use h5rest_protocol::values::binary;
use h5rest_protocol::{Datatype, StoredType};
use serde_json::Value;

use super::error::Result;
use super::hsds;

/// Member of a type document: the type as it is.
const TRUE_TYPE: &str = "hdf5Type";
/// Bytes of an element that was never written, at most.
const LARGEST_ELEMENT: usize = 1 << 30;

/// How a type is told to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Disguise {
    /// As it is.
    #[default]
    None,
    /// As opaque data.
    Opaque,
    /// As a sequence of bytes for each element.
    Boxed,
}

/// The document that a server is told of a type, and how it is disguised in it.
pub(super) fn tell(ty: &StoredType, server: &ServerInfo) -> (Value, Disguise) {
    tell_with_fill(ty, server, None)
}

/// Like [`tell`], for datasets: HSDS cannot fill with some values of types that it has.
pub(super) fn tell_with_fill(
    ty: &StoredType,
    server: &ServerInfo,
    fill: Option<&[u8]>,
) -> (Value, Disguise) {
    let sound = || {
        let fills = fill.is_none_or(|fill| hsds::fills_with(&ty.datatype, fill));
        hsds::represents(&ty.datatype) && fills
    };
    if server.is_h5rest() || sound() {
        return (ty.to_json(), Disguise::None);
    }
    let disguise = match ty.datatype.is_variable() {
        true => Disguise::Boxed,
        false => Disguise::Opaque,
    };
    let mut told = StoredType {
        datatype: disguise.told(&ty.datatype),
        ..ty.clone()
    };
    let truth = ty.datatype.to_json();
    told.extra.insert(TRUE_TYPE.into(), truth);
    (told.to_json(), disguise)
}

/// Reads a type document, looking behind a disguise.
pub(super) fn reveal(document: &Value) -> Result<(StoredType, Disguise)> {
    let mut ty = StoredType::from_json(document)?;
    let Some(truth) = ty.extra.shift_remove(TRUE_TYPE) else {
        return Ok((ty, Disguise::None));
    };
    let told = std::mem::replace(&mut ty.datatype, Datatype::from_json(&truth)?);
    let disguise = match told {
        Datatype::Vlen(_) => Disguise::Boxed,
        _ => Disguise::Opaque,
    };
    Ok((ty, disguise))
}

impl Disguise {
    /// The type that the server knows.
    pub(super) fn told(self, truth: &Datatype) -> Datatype {
        match self {
            Self::None => truth.clone(),
            Self::Opaque => Datatype::Opaque {
                size: truth
                    .wire_size()
                    .and_then(|n| u32::try_from(n).ok())
                    .unwrap_or(0),
                tag: String::new(),
            },
            Self::Boxed => Datatype::Vlen(Box::new(Datatype::integer(1, false))),
        }
    }

    /// Elements as the server wants them.
    pub(super) fn put_on(self, truth: &Datatype, bytes: Vec<u8>, count: usize) -> Result<Vec<u8>> {
        if self != Self::Boxed {
            return Ok(bytes);
        }
        let elements = binary::split(truth, &bytes, count)?;
        let mut boxed = Vec::with_capacity(bytes.len() + binary::LENGTH_SIZE * count);
        for range in elements {
            binary::write_blob(&bytes[range], &mut boxed)?;
        }
        Ok(boxed)
    }

    /// `count` elements as they are, from what the server gave; `fill` is the dataset's fill value.
    pub(super) fn take_off(
        self,
        truth: &Datatype,
        bytes: Vec<u8>,
        count: usize,
        fill: Option<&[u8]>,
    ) -> Result<Vec<u8>> {
        if self != Self::Boxed {
            return Ok(bytes);
        }
        // Boxes are counted before they are opened: an empty one may become large.
        let boxes = binary::split(&self.told(truth), &bytes, count)?;
        let zero = match fill {
            None if boxes.iter().any(|at| at.len() == binary::LENGTH_SIZE) => {
                binary::zeros(truth, 1, LARGEST_ELEMENT)?
            }
            fill => fill.unwrap_or_default().to_vec(),
        };
        let mut plain = Vec::with_capacity(bytes.len());
        for at in boxes {
            match binary::blob(&bytes[at])? {
                // Never written: the server knows nothing of the element inside.
                [] => plain.extend_from_slice(&zero),
                element => plain.extend_from_slice(element),
            }
        }
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn strings() -> Datatype {
        Datatype::Vlen(Box::new(Datatype::variable_string()))
    }

    #[test]
    fn the_truth_comes_back() {
        let hsds = ServerInfo::default();
        for (datatype, disguise) in [
            (Datatype::integer(3, true), Disguise::Opaque),
            (strings(), Disguise::Boxed),
            (Datatype::integer(4, true), Disguise::None),
        ] {
            let ty = StoredType::from(datatype);
            let (document, worn) = tell(&ty, &hsds);
            assert_eq!(worn, disguise);
            assert_eq!(reveal(&document).unwrap(), (ty, disguise));
        }
        let (document, _) = tell(&Datatype::integer(3, true).into(), &hsds);
        assert_eq!(
            (&document["class"], &document["size"]),
            (&json!("H5T_OPAQUE"), &json!(3))
        );
        let h5rest = ServerInfo::of(&json!({"h5rest": {"features": []}}));
        assert_eq!(tell(&strings().into(), &h5rest).1, Disguise::None);
    }

    #[test]
    fn elements_are_boxed_and_unboxed() {
        // ["a", "bc"], []
        let plain = b"\x0b\0\0\0\x01\0\0\0a\x02\0\0\0bc\0\0\0\0".to_vec();
        let boxed = Disguise::Boxed
            .put_on(&strings(), plain.clone(), 2)
            .unwrap();
        assert_eq!(&boxed[..4], [15, 0, 0, 0]);
        assert_eq!(
            Disguise::Boxed
                .take_off(&strings(), boxed.clone(), 2, None)
                .unwrap(),
            plain
        );
        assert_eq!(
            Disguise::Boxed
                .take_off(&strings(), vec![0; 4], 1, None)
                .unwrap(),
            [0; 4]
        );
        let filled = Disguise::Boxed.take_off(&strings(), vec![0; 8], 2, Some(b"ab"));
        assert_eq!(filled.unwrap(), b"abab");
        for cut in [1, 5, 18] {
            assert!(
                Disguise::Boxed
                    .take_off(&strings(), boxed[..cut].to_vec(), 2, None)
                    .is_err()
            );
        }
    }
}
