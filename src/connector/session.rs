//! One open domain, shared by every file handle of this process on it.

/// One open domain.
#[derive(Debug)]
pub struct Session {}
