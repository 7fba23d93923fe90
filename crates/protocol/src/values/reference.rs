//! References beyond those to a whole object of the same domain.
//!
//! A **region reference** (`H5T_STD_REF_DSETREG`) is the blob that h5pyd and HSDS know (`HRRF`: the
//! dataset's id, a selection of the kind `h5json` has). Behind it, where they do not look, follows
//! HDF5's own form of the selection if theirs is not exact.
//!
//! A **general reference** (`H5T_STD_REF`: an object, region or attribute, perhaps of another file)
//! is a blob with the text of a JSON document; HSDS has no such type.
//!
//! In JSON both are documents, with the members of HSDS where it has some. No bytes, or `null`, is
//! the null reference.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::h5json::Selection;
use crate::datatype::OBJECT_REFERENCE_SIZE;
use crate::error::{ProtocolError, Result};
use crate::id::{ObjectClass, ObjectId};
use crate::region::{Region, Selected};
use crate::shape::check_rank;

const MAGIC: &[u8; 4] = b"HRRF";
const VERSION: u8 = 1;
const TRAILER: u8 = 0xff;

/// Blocks and points that are listed in JSON at most.
const MOST_LISTED: usize = 65_536;

fn bad(what: impl std::fmt::Display) -> ProtocolError {
    ProtocolError::InvalidValue(format!("a reference: {what}"))
}

/// The object that a plain reference (`H5T_STD_REF_OBJ`) is to: its id as text, perhaps behind its
/// collection's name. `None` is the null reference, whose text is empty.
pub fn object_of_text(text: &[u8]) -> Result<Option<ObjectId>> {
    let end = text.iter().position(|&b| b == 0).unwrap_or(text.len());
    let text = std::str::from_utf8(&text[..end]).map_err(bad)?;
    match text.rsplit('/').next() {
        None | Some("") => Ok(None),
        Some(id) => id.parse().map(Some).map_err(bad),
    }
}

/// The text of a plain reference to an object.
pub fn text_of_object(id: ObjectId) -> [u8; OBJECT_REFERENCE_SIZE] {
    let name = format!("{}/{id}", id.class.collection());
    let mut text = [0; OBJECT_REFERENCE_SIZE];
    // Names of collections and ids have fixed sizes, which fit.
    text[..name.len()].copy_from_slice(name.as_bytes());
    text
}

/// The object that a general reference refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An object of the same domain.
    Object(ObjectId),
    /// What the same domain once had under this token.
    Token(u64),
    /// An object of another file.
    Elsewhere {
        /// The file, as HDF5 was told to name it.
        file: String,
        /// The object's token there.
        token: u64,
    },
}

/// What of the object is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The object.
    Whole,
    /// Some elements of the dataset.
    Region(Region),
    /// The attribute of this name.
    Attribute(String),
}

/// A general reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The object.
    pub target: Target,
    /// What of it.
    pub part: Part,
}

impl Reference {
    /// The content of its blob.
    pub fn to_blob(&self) -> Vec<u8> {
        self.to_json().to_string().into_bytes()
    }

    /// Reads the content of a blob; `None` is the null reference.
    pub fn from_blob(bytes: &[u8]) -> Result<Option<Self>> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let document: Value = serde_json::from_slice(bytes).map_err(bad)?;
        Self::from_json(&document)
    }

    /// Its document.
    pub fn to_json(&self) -> Value {
        let mut document = match &self.target {
            Target::Object(id) => json!({"id": id}),
            Target::Token(token) => json!({"token": format!("{token:016x}")}),
            Target::Elsewhere { file, token } => {
                json!({"file": file, "token": format!("{token:016x}")})
            }
        };
        match &self.part {
            Part::Whole => {}
            Part::Attribute(name) => document["attribute"] = json!(name),
            Part::Region(region) => add_region(&mut document, region, true),
        }
        document
    }

    /// Reads a document; `None` is the null reference.
    pub fn from_json(document: &Value) -> Result<Option<Self>> {
        if document.is_null() {
            return Ok(None);
        }
        let text = |key: &str| document.get(key).and_then(Value::as_str);
        let token = |text: &str| u64::from_str_radix(text, 16).map_err(bad);
        let target = match (text("id"), text("file"), text("token")) {
            (Some(id), ..) => Target::Object(id.parse()?),
            (None, Some(file), Some(text)) => Target::Elsewhere {
                file: file.to_owned(),
                token: token(text)?,
            },
            (None, None, Some(text)) => Target::Token(token(text)?),
            _ => return Err(bad("it names no object")),
        };
        let part = match (text("attribute"), region_of(document)?) {
            (Some(name), _) => Part::Attribute(name.to_owned()),
            (None, Some(region)) => Part::Region(region),
            (None, None) => Part::Whole,
        };
        Ok(Some(Self { target, part }))
    }
}

/// A region reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionReference {
    /// The dataset.
    pub dataset: ObjectId,
    /// Its extents, as far as known when the reference was made.
    pub shape: Vec<u64>,
    /// Which of its elements.
    pub region: Region,
}

impl RegionReference {
    /// The content of its blob.
    pub fn to_blob(&self) -> Vec<u8> {
        let id = self.dataset.to_string();
        let selection = Selection::of(&self.region, &self.shape);
        let told = selection.to_bytes();
        let mut out = MAGIC.to_vec();
        out.push(VERSION);
        out.extend((id.len() as u16).to_le_bytes());
        out.extend(id.as_bytes());
        out.extend((told.len() as u32).to_le_bytes());
        out.extend(told);
        out.push(TRAILER);
        if selection.region().ok().as_ref() != Some(&self.region) {
            out.extend(self.region.to_hdf5());
        }
        out
    }

    /// Reads the content of a blob; `None` is the null reference.
    pub fn from_blob(bytes: &[u8]) -> Result<Option<Self>> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let breaks_off = || bad("it breaks off");
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or_else(|| bad("unknown bytes"))?;
        let rest = rest
            .strip_prefix(&[VERSION])
            .ok_or_else(|| bad("of an unknown version"))?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(breaks_off)?;
        let length = usize::from(u16::from_le_bytes(*length));
        let (id, rest) = rest.split_at_checked(length).ok_or_else(breaks_off)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(breaks_off)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (told, rest) = rest.split_at_checked(length).ok_or_else(breaks_off)?;
        let rest = rest.strip_prefix(&[TRAILER]).ok_or_else(breaks_off)?;
        if id.is_empty() {
            return Ok(None);
        }
        let dataset = dataset_id(std::str::from_utf8(id).map_err(bad)?)?;
        let whole = || Selection::of(&whole_of_unknown(), &[]);
        let selection = match told.is_empty() {
            true => whole(),
            false => Selection::from_bytes(told)?,
        };
        let region = match rest.is_empty() {
            true => selection.region()?,
            false => Region::from_hdf5(rest, selection.shape.len())?,
        };
        Ok(Some(Self {
            dataset,
            shape: selection.shape,
            region,
        }))
    }

    /// Its document: as HSDS's, and what that lacks beside.
    pub fn to_json(&self) -> Value {
        // HSDS leaves out the letter that says "dataset".
        let id = self.dataset.to_string();
        let mut document = json!({"id": &id[2..], "shape": self.shape});
        add_region(&mut document, &self.region, false);
        document
    }

    /// Reads a document; `None` is the null reference.
    pub fn from_json(document: &Value) -> Result<Option<Self>> {
        if document.is_null() {
            return Ok(None);
        }
        let id = document.get("id").and_then(Value::as_str);
        let dataset = dataset_id(id.ok_or_else(|| bad("it names no dataset"))?)?;
        let region = region_of(document)?.unwrap_or_else(whole_of_unknown);
        let shape = document.get("shape").and_then(numbers);
        check_rank(shape.as_ref().map_or(0, Vec::len))?;
        Ok(Some(Self {
            dataset,
            shape: shape.unwrap_or_else(|| region.least_shape()),
            region,
        }))
    }
}

/// All of a dataset of which nothing else is said.
fn whole_of_unknown() -> Region {
    Region {
        rank: 0,
        selected: Selected::All,
    }
}

fn dataset_id(text: &str) -> Result<ObjectId> {
    let text = text.rsplit('/').next().unwrap_or_default();
    let id: ObjectId = match text.as_bytes().get(1) {
        Some(b'-') => text.parse()?,
        _ => format!("d-{text}").parse()?,
    };
    match id.class {
        ObjectClass::Dataset => Ok(id),
        _ => Err(bad(format_args!("{id} is no dataset"))),
    }
}

fn numbers(list: &Value) -> Option<Vec<u64>> {
    list.as_array()?.iter().map(Value::as_u64).collect()
}

/// Adds `select_type` and `selection`, and `hdf5Selection` where these are not exact or `always`.
fn add_region(document: &mut Value, region: &Region, always: bool) {
    let rank = region.rank;
    let mut exact = false;
    match &region.selected {
        Selected::Points(points) if rank > 0 && points.len() / rank <= MOST_LISTED => {
            document["select_type"] = json!("H5S_SEL_POINTS");
            document["selection"] = points.chunks(rank).map(|point| json!(point)).collect();
            exact = true;
        }
        Selected::Blocks(corners) if rank > 0 && corners.len() / rank <= 2 * MOST_LISTED => {
            document["select_type"] = json!("H5S_SEL_HYPERSLABS");
            let blocks = corners.chunks_exact(2 * rank);
            document["selection"] = blocks
                .map(|block| json!([&block[..rank], &block[rank..]]))
                .collect();
        }
        Selected::Regular(strides) => {
            let single = |s: &crate::region::Stride| s.count == 1 && s.stride == 1 && s.block > 0;
            let ends: Option<Vec<u64>> = strides.iter().map(|s| s.end()?.checked_sub(1)).collect();
            if let (true, Some(last)) = (strides.iter().all(single), ends) {
                let first: Vec<u64> = strides.iter().map(|s| s.start).collect();
                document["select_type"] = json!("H5S_SEL_HYPERSLABS");
                document["selection"] = json!([[first, last]]);
                exact = true;
            }
        }
        _ => {}
    }
    if always || !exact {
        document["rank"] = json!(rank);
        document["hdf5Selection"] = json!(BASE64.encode(region.to_hdf5()));
    }
}

/// The region that a document names.
fn region_of(document: &Value) -> Result<Option<Region>> {
    if let Some(text) = document.get("hdf5Selection").and_then(Value::as_str) {
        let rank = document.get("rank").and_then(Value::as_u64).unwrap_or(0);
        let rank = usize::try_from(rank).map_err(bad)?;
        return Region::from_hdf5(&BASE64.decode(text).map_err(bad)?, rank).map(Some);
    }
    if let Some(dict) = document.get("selection_dict") {
        return Selection::from_dict(dict)?.region().map(Some);
    }
    let (Some(kind), Some(list)) = (
        document.get("select_type").and_then(Value::as_str),
        document.get("selection").and_then(Value::as_array),
    ) else {
        return Ok(None);
    };
    let points = kind == "H5S_SEL_POINTS";
    let flat = |item: &Value| match points {
        true => numbers(item),
        false => Some([numbers(item.get(0)?)?, numbers(item.get(1)?)?].concat()),
    };
    let items: Option<Vec<Vec<u64>>> = list.iter().map(flat).collect();
    let items = items.ok_or_else(|| bad("a selection that is no list of coordinates"))?;
    let length = items.first().map_or(0, Vec::len);
    // Blocks have two coordinates per dimension.
    check_rank(match points {
        true => length,
        false => length / 2,
    })?;
    if items.iter().any(|item| item.len() != length || length == 0) {
        return Err(bad("coordinates of different numbers of dimensions"));
    }
    let (rank, selected) = match (points, &items[..]) {
        (_, []) => (0, Selected::None),
        (true, _) => (length, Selected::Points(items.concat())),
        (false, [only]) => {
            let (first, last) = only.split_at(length / 2);
            let range = |(&first, &last): (&u64, &u64)| {
                crate::region::Stride::range(first, last.saturating_add(1))
            };
            let strides = first.iter().zip(last).map(range).collect();
            (length / 2, Selected::Regular(strides))
        }
        (false, _) => (length / 2, Selected::Blocks(items.concat())),
    };
    Ok(Some(Region { rank, selected }))
}

#[cfg(test)]
mod tests;
