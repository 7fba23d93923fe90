//! One of the two files a program runs on: where it is, and what the program has open in it.

use std::collections::BTreeMap;

use crate::compare::Answer;
use crate::hdf5::{Failure, Hid, Id, c, h5, ok};
use crate::program::Object;

/// How files of one side are reached.
pub struct Place {
    /// A file access property list that names the connector.
    pub access: Id,
    /// What stands before the base names of files.
    pub folder: String,
}

/// A file and what is open in it.
pub struct Side {
    place: Place,
    /// The file's base name: the same on both sides, because external links show it.
    base: String,
    count: u64,
    /// Whether the file was opened again.
    pub reopened: bool,
    /// Whether a file that could not be closed is kept, to be closed later.
    pub patient: bool,
    file: Option<Id>,
    open: BTreeMap<u8, Id>,
}

/// An object for the time of one step.
pub enum Opened {
    /// Closed with the step.
    Own(Id),
    /// Stays open.
    Left(Hid),
}

impl Opened {
    /// The id for calls.
    pub fn get(&self) -> Hid {
        match self {
            Self::Own(id) => id.get(),
            Self::Left(id) => *id,
        }
    }
}

impl Side {
    /// A side whose files have names that start with `base`.
    pub fn new(place: Place, base: &str) -> Self {
        Self {
            place,
            base: base.into(),
            count: 0,
            reopened: false,
            patient: false,
            file: None,
            open: BTreeMap::new(),
        }
    }

    fn name(&self) -> std::ffi::CString {
        c(&self.path())
    }

    /// The name of the file of this case.
    pub fn path(&self) -> String {
        format!("{}{}-{}.h5", self.place.folder, self.base, self.count)
    }

    /// From now on the file of another case, which exists or not.
    pub fn number(&mut self, number: u64) {
        self.count = number;
    }

    /// Creates a new file.
    pub fn start(&mut self, ordered: bool) -> Answer {
        self.count += 1;
        self.create(ordered)
    }

    /// Creates the file of this case, in place of what is there.
    pub fn create(&mut self, ordered: bool) -> Answer {
        let mut answer = Answer::default();
        self.reopened = false;
        let name = self.name();
        let result = (|| {
            let creation = Id::new(h5().H5Pcreate(h5().predefined("H5P_CLS_FILE_CREATE_ID_g")))?;
            if ordered {
                ok(h5().H5Pset_link_creation_order(creation.get(), 3))?;
                ok(h5().H5Pset_attr_creation_order(creation.get(), 3))?;
            }
            let access = self.place.access.get();
            // 2 is H5F_ACC_TRUNC.
            Id::new(h5().H5Fcreate((&name).into(), 2, creation.get(), access))
        })();
        self.file = answer.take("H5Fcreate", result);
        answer
    }

    /// Closes everything and opens the file again.
    pub fn reopen(&mut self, write: bool) -> Answer {
        let mut answer = Answer::default();
        self.reopened = true;
        self.close_all(&mut answer);
        if self.file.is_some() {
            return answer;
        }
        let name = self.name();
        let flags = u32::from(write);
        let result = Id::new(h5().H5Fopen((&name).into(), flags, self.place.access.get()));
        self.file = answer.take("H5Fopen", result);
        answer
    }

    /// Closes everything.
    pub fn close(&mut self) -> Answer {
        let mut answer = Answer::default();
        self.close_all(&mut answer);
        answer
    }

    /// Closes everything and deletes the file.
    pub fn finish(&mut self) -> Answer {
        let mut answer = self.close();
        let name = self.name();
        let access = self.place.access.get();
        answer.call("H5Fdelete", ok(h5().H5Fdelete((&name).into(), access)));
        answer
    }

    fn close_all(&mut self, answer: &mut Answer) {
        for (number, id) in std::mem::take(&mut self.open) {
            answer.call(&format!("close {number}"), id.close().map(|()| 0));
        }
        if let Some(file) = self.file.take() {
            let mut count = 0;
            answer.call("H5Fget_obj_count", {
                count += h5().H5Fget_obj_count(file.get(), 0x1F) as i64;
                crate::hdf5::checked(count)
            });
            let closed = match file.try_close() {
                Ok(()) => Ok(0),
                Err((file, failure)) => {
                    // HDF5 keeps the identifier, which can be closed later.
                    if self.patient {
                        self.file = Some(file);
                    } else {
                        std::mem::forget(file);
                    }
                    Err(failure)
                }
            };
            answer.call("H5Fclose", closed);
        }
    }

    /// The file.
    ///
    /// # Errors
    /// When it could not be opened.
    pub fn file(&self) -> Result<Hid, Failure> {
        let file = self.file.as_ref().map(Id::get);
        file.ok_or_else(|| Failure("the file is not open".into()))
    }

    /// The object that a step names.
    ///
    /// # Errors
    /// When there is none.
    pub fn object(&self, object: &Object) -> Result<Opened, Failure> {
        match object {
            Object::Open(number) => match self.open.get(number) {
                Some(id) => Ok(Opened::Left(id.get())),
                None => Err(Failure(format!("nothing is open as {number}"))),
            },
            Object::Path(path) if path == "/" => self.file().map(Opened::Left),
            Object::Path(path) => {
                let path = c(path);
                Id::new(h5().H5Oopen(self.file()?, (&path).into(), 0)).map(Opened::Own)
            }
        }
    }

    /// Leaves an object open under a number, if there is one; otherwise closes it.
    pub fn keep(&mut self, answer: &mut Answer, number: Option<u8>, id: Option<Id>) {
        let Some(id) = id else { return };
        match number {
            Some(number) => {
                if let Some(before) = self.open.insert(number, id) {
                    answer.call("close what was open", before.close().map(|()| 0));
                }
            }
            None => answer.call("close", id.close().map(|()| 0)),
        }
    }

    /// Takes what is open under a number.
    ///
    /// # Errors
    /// When there is nothing.
    pub fn take(&mut self, number: u8) -> Result<Id, Failure> {
        let id = self.open.remove(&number);
        id.ok_or_else(|| Failure(format!("nothing is open as {number}")))
    }
}
