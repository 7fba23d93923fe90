//! A program's handle on an open file (domain).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::error::{Error, Result};
use super::object::Object;
use super::session::Session;
use crate::config::Config;

/// An open file handle.
#[derive(Debug)]
pub struct File {}

impl File {
    /// Creates a domain. `exclusive` fails if it exists (H5F_ACC_EXCL), else an existing one is
    /// deleted first (H5F_ACC_TRUNC).
    pub fn create(_config: &Config, _name: &str, _exclusive: bool, _root_properties: Map<String, Value>) -> Result<Arc<File>> {
        Err(Error::unsupported("in progress"))
    }
    /// Opens an existing domain.
    pub fn open(_config: &Config, _name: &str, _write: bool) -> Result<Arc<File>> {
        Err(Error::unsupported("in progress"))
    }
    /// Another handle on the same domain.
    pub fn reopen(self: &Arc<Self>) -> Arc<File> {
        self.clone()
    }
    /// Whether a domain of that name exists and may be read.
    pub fn probe(_config: &Config, _name: &str) -> Result<bool> {
        Err(Error::unsupported("in progress"))
    }
    /// Deletes a domain.
    pub fn delete(_config: &Config, _name: &str) -> Result<()> {
        Err(Error::unsupported("in progress"))
    }
    /// The name as the program gave it.
    pub fn name(&self) -> &str {
        unreachable!()
    }
    /// Whether it was opened for writing.
    pub fn writable(&self) -> bool {
        unreachable!()
    }
    /// A number that is the same for every handle on the same domain.
    pub fn fileno(&self) -> u64 {
        unreachable!()
    }
    /// The open domain behind it.
    pub fn session(&self) -> &Arc<Session> {
        unreachable!()
    }
    /// The root group.
    pub fn root(self: &Arc<Self>) -> Object {
        unreachable!()
    }
    /// Creation properties given when the domain was created.
    pub fn root_properties(&self) -> Result<Map<String, Value>> {
        Err(Error::unsupported("in progress"))
    }
    /// Returns when the server has everything durably.
    pub fn flush(&self) -> Result<()> {
        Err(Error::unsupported("in progress"))
    }
    /// Returns when the server has acknowledged everything.
    pub fn close(&self) -> Result<()> {
        Err(Error::unsupported("in progress"))
    }
    /// Whether both handles are on the same domain.
    pub fn same_domain(&self, _other: &File) -> bool {
        unreachable!()
    }
}
