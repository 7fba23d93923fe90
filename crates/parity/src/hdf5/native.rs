//! H5Tget_native_type for the types that HDF5 can do it for. Used where a program takes the native form of a
//! stored type for its memory.

use super::{Failure, Hid, Id, h5, ok};

const COMPOUND: i64 = 6;
const ENUMERATION: i64 = 8;
const SEQUENCE: i64 = 9;
const ARRAY: i64 = 10;

/// What H5Tget_native_type makes of a type.
///
/// HDF5 1.14.5 writes values of an enumeration as they are stored into room for native ones, which it
/// chooses by their precision: where eight bytes hold eight bits, it writes seven bytes beside its memory.
/// Such types are refused here, on every side alike, as nothing can be said of a process after that.
///
/// # Errors
/// When HDF5 refuses the type, or would write beside its memory.
pub fn native(ty: Hid) -> Result<Id, Failure> {
    if overruns(ty)? {
        return Err(Failure(
            "H5Tget_native_type: an enumeration is stored wider than its native form".into(),
        ));
    }
    Id::new(h5().H5Tget_native_type(ty, 0))
}

/// Whether a type holds an enumeration whose stored values are longer than native ones.
fn overruns(ty: Hid) -> Result<bool, Failure> {
    Ok(match ok(h5().H5Tget_class(ty))? {
        COMPOUND => {
            for number in 0..ok(h5().H5Tget_nmembers(ty))? as u32 {
                let member = Id::new(h5().H5Tget_member_type(ty, number))?;
                if overruns(member.get())? {
                    return Ok(true);
                }
            }
            false
        }
        ENUMERATION => {
            let base = Id::new(h5().H5Tget_super(ty))?;
            let stored = h5().H5Tget_size(base.get());
            stored > native_size(h5().H5Tget_precision(base.get()))
        }
        SEQUENCE | ARRAY => overruns(Id::new(h5().H5Tget_super(ty))?.get())?,
        _ => false,
    })
}

/// Bytes of the native integer that HDF5 takes for one of so many bits: the longest has eight.
fn native_size(precision: usize) -> usize {
    precision.div_ceil(8).next_power_of_two().min(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_integers_have_one_two_four_or_eight_bytes() {
        let sizes = [1, 8, 9, 16, 17, 32, 33, 64, 128].map(native_size);
        assert_eq!(sizes, [1, 1, 2, 2, 4, 4, 8, 8, 8]);
    }
}
