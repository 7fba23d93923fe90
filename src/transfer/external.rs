//! Elements in external files (`H5Pset_external`): files of the program's machine, as in HDF5.
//!
//! The files hold the elements in row-major order with the stored type's bytes, gaps of compounds
//! included, one part of the list after the other. Called by `fetch`, which moves a dataset's
//! requests either here or to the server; plans and conversions are the same for both.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind as IoErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use h5rest_protocol::Datatype;
use h5rest_protocol::selection::DimSelection;

use super::fetch::zeroed;
use super::plan::{Request, What};
use super::types;
use crate::connector::{DatasetInfo, Error, ErrorKind, Result, external_files};
use crate::ffi::hid_t;
use crate::host::plist::ORIGIN;
use crate::host::{Host, names};

/// Neighbours: the first one and how many there are.
type Run = (u64, u64);

/// Where the elements of one dataset are.
pub struct Files {
    parts: Vec<Part>,
    dims: Vec<u64>,
    element: Element,
}

/// Part of a file that holds elements.
struct Part {
    path: PathBuf,
    /// Where it begins in the file.
    offset: u64,
    /// How many bytes it has; all ones for no end.
    size: u64,
}

/// How an element's bytes in a file become those of the wire, which have no gaps.
struct Element {
    /// Bytes of an element in a file.
    size: usize,
    /// Those that the wire carries, in its order.
    fields: Vec<(usize, usize)>,
}

impl Files {
    /// The files of a dataset opened with the access property list `access`.
    pub fn of(host: &'static Host, info: &DatasetInfo, access: hid_t) -> Result<Self> {
        info.check_external_type()?;
        let listed = external_files(&info.creation.extra);
        // Prefixes are for relative names.
        let relative = listed.iter().any(|file| !file.name.starts_with('/'));
        let folder = match relative {
            true => folder(host, access)?,
            false => PathBuf::new(),
        };
        let parts = listed.iter().map(|file| {
            let bytes = names::to_bytes(&file.name);
            let path = folder.join(OsStr::from_bytes(&bytes));
            // A queued transfer must not depend on what the working folder is by then.
            let path = std::path::absolute(&path).unwrap_or(path);
            let offset = u64::try_from(file.offset)
                .map_err(|_| Error::invalid("a negative offset in an external file"))?;
            let size = file.size;
            Ok(Part { path, offset, size })
        });
        Ok(Self {
            parts: parts.collect::<Result<_>>()?,
            dims: info.shape.dims().to_vec(),
            element: Element::of(&info.ty.datatype)?,
        })
    }

    /// Reads a request's elements in wire form. As in HDF5, bytes behind the end of a file are
    /// zeros, but the files must exist.
    pub fn read(&self, request: &Request, into: &mut [u8]) -> Result<()> {
        if self.element.is_packed() {
            return self.read_whole(request, into);
        }
        let mut whole = zeroed(request.count, self.element.size)?;
        self.read_whole(request, &mut whole)?;
        self.element.pack(&whole, into);
        Ok(())
    }

    fn read_whole(&self, request: &Request, into: &mut [u8]) -> Result<()> {
        let mut how = OpenOptions::new();
        let mut open = Open::new(how.read(true));
        let mut rest = into;
        self.for_each_stretch(request, |part, at, length| {
            let (stretch, behind) = std::mem::take(&mut rest).split_at_mut(length);
            rest = behind;
            let file = open.file(&part.path)?;
            read_or_zero(file, at, stretch).map_err(|e| failed("read", &part.path, &e))
        })
    }

    /// Writes a request's elements, given in wire form; files that are missing are made. Gaps of
    /// compounds become zeros.
    pub fn write(&self, request: &Request, wire: &[u8]) -> Result<()> {
        if self.element.is_packed() {
            return self.write_whole(request, wire);
        }
        let mut whole = zeroed(request.count, self.element.size)?;
        self.element.unpack(wire, &mut whole);
        self.write_whole(request, &whole)
    }

    fn write_whole(&self, request: &Request, bytes: &[u8]) -> Result<()> {
        let mut how = OpenOptions::new();
        let mut open = Open::new(how.read(true).write(true).create(true).truncate(false));
        let mut rest = bytes;
        self.for_each_stretch(request, |part, at, length| {
            let (stretch, behind) = rest.split_at(length);
            rest = behind;
            let file = open.file(&part.path)?;
            file.write_all_at(stretch, at)
                .map_err(|e| failed("write", &part.path, &e))
        })
    }

    /// Calls `each` with the bytes of a request's elements, in its order: part, place in its file,
    /// length.
    fn for_each_stretch(
        &self,
        request: &Request,
        mut each: impl FnMut(&Part, u64, usize) -> Result<()>,
    ) -> Result<()> {
        let beyond = || Error::invalid("the dataset reaches beyond the end of its external files");
        for (first, count) in runs(&request.what, &self.dims) {
            let size = self.element.size as u64;
            let mut skip = first.checked_mul(size).ok_or_else(beyond)?;
            let mut left = count.checked_mul(size).ok_or_else(beyond)?;
            for part in &self.parts {
                if left == 0 {
                    break;
                }
                if skip >= part.size {
                    skip -= part.size;
                    continue;
                }
                let length = left.min(part.size - skip);
                let at = part.offset.checked_add(skip).ok_or_else(beyond)?;
                each(part, at, usize::try_from(length).map_err(|_| beyond())?)?;
                (skip, left) = (0, left - length);
            }
            if left > 0 {
                return Err(beyond());
            }
        }
        Ok(())
    }
}

/// Where files of relative names are: the prefix of the environment, else that of the access
/// property list, else the working folder.
fn folder(host: &'static Host, access: hid_t) -> Result<PathBuf> {
    let prefix = match std::env::var_os("HDF5_EXTFILE_PREFIX") {
        Some(prefix) if !prefix.is_empty() => prefix.as_bytes().to_vec(),
        _ => host.external_prefix(access)?,
    };
    if prefix.starts_with(ORIGIN) {
        return Err(Error::unsupported(
            "external files beside the HDF5 file (the prefix ${ORIGIN}), which is on a server: \
             name a folder of this machine",
        ));
    }
    Ok(match prefix.as_slice() {
        b"." => PathBuf::new(),
        folder => PathBuf::from(OsStr::from_bytes(folder)),
    })
}

/// Files that a request has opened.
struct Open<'a> {
    how: &'a OpenOptions,
    files: HashMap<PathBuf, fs::File>,
}

impl<'a> Open<'a> {
    fn new(how: &'a OpenOptions) -> Self {
        Self {
            how,
            files: HashMap::new(),
        }
    }

    fn file(&mut self, path: &Path) -> Result<&fs::File> {
        if !self.files.contains_key(path) {
            let file = self.how.open(path).map_err(|e| failed("open", path, &e))?;
            self.files.insert(path.to_owned(), file);
        }
        Ok(&self.files[path])
    }
}

fn read_or_zero(file: &fs::File, mut at: u64, mut into: &mut [u8]) -> io::Result<()> {
    while !into.is_empty() {
        match file.read_at(into, at) {
            Ok(0) => {
                into.fill(0);
                return Ok(());
            }
            Ok(read) => {
                at += read as u64;
                into = &mut into[read..];
            }
            Err(error) if error.kind() == IoErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    let kind = match error.kind() {
        IoErrorKind::NotFound => ErrorKind::NotFound,
        IoErrorKind::PermissionDenied => ErrorKind::Denied,
        _ => ErrorKind::Unavailable,
    };
    let path = path.display();
    Error::new(
        kind,
        format!("cannot {what} the external file '{path}': {error}"),
    )
}

/// The elements that a request names, as row-major offsets in its order.
fn runs(what: &What, dims: &[u64]) -> Vec<Run> {
    let mut runs = Vec::new();
    match what {
        What::Select(selection) => {
            let Some((last, outer)) = selection.split_last() else {
                return vec![(0, 1)];
            };
            let mut starts = vec![0u64];
            for (dim, extent) in outer.iter().zip(dims) {
                let of = |start: u64| (0..dim.len()).map(move |n| start * extent + dim.index(n));
                starts = starts.into_iter().flat_map(of).collect();
            }
            let row = dims.last().copied().unwrap_or(1);
            for start in starts {
                match last {
                    DimSelection::Range {
                        start: at, step, ..
                    } if *step <= 1 => {
                        add(&mut runs, start * row + at, last.len());
                    }
                    _ => {
                        (0..last.len()).for_each(|n| add(&mut runs, start * row + last.index(n), 1))
                    }
                }
            }
        }
        What::Points(coords) => {
            for point in coords.chunks(dims.len().max(1)) {
                let offset = |at, (index, extent): (&u64, &u64)| at * extent + index;
                add(&mut runs, point.iter().zip(dims).fold(0, offset), 1);
            }
        }
    }
    runs
}

/// Adds a run, to the last one if it is that one's neighbour.
fn add(runs: &mut Vec<Run>, first: u64, count: u64) {
    match runs.last_mut() {
        Some(last) if last.0 + last.1 == first => last.1 += count,
        _ => runs.push((first, count)),
    }
}

impl Element {
    fn of(datatype: &Datatype) -> Result<Self> {
        let mut fields = Vec::new();
        add_fields(datatype, 0, &mut fields)?;
        Ok(Self {
            size: types::memory_size(datatype)?,
            fields,
        })
    }

    fn is_packed(&self) -> bool {
        self.fields[..] == [(0, self.size)]
    }

    fn pack(&self, whole: &[u8], wire: &mut [u8]) {
        let mut wire = wire;
        for element in whole.chunks_exact(self.size) {
            for &(at, length) in &self.fields {
                let (field, behind) = wire.split_at_mut(length);
                field.copy_from_slice(&element[at..at + length]);
                wire = behind;
            }
        }
    }

    fn unpack(&self, wire: &[u8], whole: &mut [u8]) {
        let mut wire = wire;
        for element in whole.chunks_exact_mut(self.size) {
            for &(at, length) in &self.fields {
                let (field, behind) = wire.split_at(length);
                element[at..at + length].copy_from_slice(field);
                wire = behind;
            }
        }
    }
}

/// Adds the bytes of a value at `base` that the wire carries; neighbours become one.
fn add_fields(datatype: &Datatype, base: usize, fields: &mut Vec<(usize, usize)>) -> Result<()> {
    match datatype {
        Datatype::Compound(compound) => {
            for member in &compound.members {
                let at = base + usize::try_from(member.offset).unwrap_or(usize::MAX - base);
                add_fields(&member.datatype, at, fields)?;
            }
        }
        Datatype::Array { base: of, dims } if datatype != &types::packed(datatype) => {
            let size = types::memory_size(of)?;
            let count = dims.iter().product::<u64>();
            for n in 0..count as usize {
                add_fields(of, base + n * size, fields)?;
            }
        }
        _ => {
            let length = types::memory_size(datatype)?;
            match fields.last_mut() {
                Some((at, before)) if *at + *before == base => *before += length,
                _ => fields.push((base, length)),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use h5rest_protocol::datatype::{CompoundType, Member};

    use super::super::plan::Place;
    use super::*;

    fn range(start: u64, stop: u64, step: u64) -> DimSelection {
        DimSelection::Range { start, stop, step }
    }

    #[test]
    fn rows_that_touch_are_one_run() {
        let rows = What::Select(vec![range(1, 3, 1), range(0, 4, 1)]);
        assert_eq!(runs(&rows, &[5, 4]), [(4, 8)]);
        let part = What::Select(vec![range(0, 4, 2), range(1, 4, 2)]);
        assert_eq!(runs(&part, &[5, 4]), [(1, 1), (3, 1), (9, 1), (11, 1)]);
        assert_eq!(runs(&What::Select(Vec::new()), &[]), [(0, 1)]);
        let points = What::Points(vec![1, 1, 1, 2, 0, 0]);
        assert_eq!(runs(&points, &[5, 4]), [(5, 2), (0, 1)]);
    }

    #[test]
    fn gaps_of_compounds_stay_in_the_file() {
        let member = |name: &str, offset, size| Member {
            name: name.into(),
            offset,
            datatype: Datatype::integer(size, true),
        };
        let datatype = Datatype::Compound(CompoundType {
            members: vec![member("a", 0, 1), member("b", 4, 2)],
            size: 8,
        });
        let element = Element::of(&datatype).unwrap();
        assert_eq!(element.fields, [(0, 1), (4, 2)]);
        let mut whole = vec![0; 16];
        element.unpack(&[1, 2, 3, 4, 5, 6], &mut whole);
        assert_eq!(whole, [1, 0, 0, 0, 2, 3, 0, 0, 4, 0, 0, 0, 5, 6, 0, 0]);
        let mut wire = vec![0; 6];
        element.pack(&whole, &mut wire);
        assert_eq!(wire, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn parts_follow_each_other_and_a_short_file_ends_in_zeros() {
        let folder = tempfile::tempdir().unwrap();
        let part = |name: &str, offset, size| Part {
            path: folder.path().join(name),
            offset,
            size,
        };
        let files = Files {
            parts: vec![part("a", 2, 6), part("b", 0, 6)],
            dims: vec![6],
            element: Element::of(&Datatype::integer(2, true)).unwrap(),
        };
        let request = |start, stop| Request {
            what: What::Select(vec![range(start, stop, 1)]),
            count: (stop - start) as usize,
            place: Place::From(0),
        };
        let missing = files.read(&request(0, 1), &mut [0; 2]).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        files.write(&request(2, 4), &[1, 2, 3, 4]).unwrap();
        assert_eq!(
            fs::read(folder.path().join("a")).unwrap(),
            [0, 0, 0, 0, 0, 0, 1, 2]
        );
        assert_eq!(fs::read(folder.path().join("b")).unwrap(), [3, 4]);
        let mut all = [9; 12];
        files.read(&request(0, 6), &mut all).unwrap();
        assert_eq!(all, [0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0]);
        let beyond = files.read(&request(0, 7), &mut [0; 14]).unwrap_err();
        assert_eq!(beyond.kind(), ErrorKind::Invalid);
    }
}
