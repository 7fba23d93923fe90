//! The token value that names no object. (The token itself is declared with the locations that
//! use it; the callbacks about tokens take no argument structs.)

use super::{H5O_MAX_TOKEN_SIZE, H5O_token_t};

/// The undefined token: every byte is 0xff.
pub const H5O_TOKEN_UNDEF: H5O_token_t = H5O_token_t {
    __data: [0xff; H5O_MAX_TOKEN_SIZE],
};
