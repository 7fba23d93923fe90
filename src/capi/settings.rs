//! Endpoint and credentials as the info string that `config` reads.

use std::ffi::{CStr, CString};

use crate::connector::{Error, ErrorKind, Result};

/// The info string that gives these settings; `None` if there are none.
pub fn connection(
    endpoint: Option<&CStr>,
    username: Option<&CStr>,
    password: Option<&CStr>,
) -> Result<Option<CString>> {
    let given = [
        ("endpoint", endpoint),
        ("username", username),
        ("password", password),
    ];
    let mut parts = Vec::new();
    for (name, value) in given {
        let Some(value) = value else { continue };
        parts.push(format!("{name}={}", checked(name, value)?));
    }
    if parts.is_empty() {
        return Ok(None);
    }
    // The parts come from C strings: none of them holds a NUL.
    Ok(CString::new(parts.join(";")).ok())
}

/// The value, if an info string can hold it: `config` separates settings at `;` and takes blanks
/// off, and HDF5 ends the string at a line break.
fn checked<'a>(name: &str, value: &'a CStr) -> Result<&'a str> {
    let refused = |why: &str| {
        Error::new(
            ErrorKind::Config,
            format!("the {name} for the connection {why}"),
        )
    };
    let text = value.to_str().map_err(|_| refused("is not UTF-8"))?;
    if text.contains([';', '\n', '\r']) || text != text.trim() {
        return Err(refused(
            "holds a ';' or a line break, or blanks at an end, which the connector's settings \
             cannot express (the variables HSDS_ENDPOINT, HSDS_USERNAME and HSDS_PASSWORD may \
             hold a ';')",
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_values_become_settings() {
        let info = connection(Some(c"http://h:5101"), None, Some(c"a=b c"));
        assert_eq!(
            info.unwrap().unwrap().as_c_str(),
            c"endpoint=http://h:5101;password=a=b c"
        );
        assert_eq!(connection(None, None, None).unwrap(), None);
    }

    #[test]
    fn what_would_be_read_differently_is_refused() {
        for value in [c"a;username=admin", c"a\nb", c"\xff", c" a"] {
            let error = connection(None, None, Some(value)).unwrap_err();
            assert!(error.message().contains("password"), "{error}");
            assert!(
                !error.message().contains("admin"),
                "the password is in: {error}"
            );
        }
    }
}
