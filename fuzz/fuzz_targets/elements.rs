//! Elements that a server sends, made into those of a program's memory and back. What they point to is
//! memory of this process, so that AddressSanitizer sees every step beside it.
#![no_main]

use std::sync::{Arc, LazyLock};

use arbitrary::{Result, Unstructured};
use h5rest_fuzz::server::{DOMAIN, Server};
use h5rest_fuzz::{documents, hdf5, hostile};
use h5rest_protocol::Datatype;
use hdf5_vol_rest::connector::File;
use hdf5_vol_rest::fuzzing::there_and_back;
use libfuzzer_sys::fuzz_target;

/// Bytes of elements in memory, at most.
const ROOM: u64 = 1 << 20;

static FILE: LazyLock<Arc<File>> = LazyLock::new(|| {
    h5rest_parity::load(&hdf5::folder()).expect("HDF5");
    hostile::serve(Server::with_domain(), &[]);
    File::open(&hostile::settings(), DOMAIN, true).expect("a file")
});

fuzz_target!(|bytes: &[u8]| {
    let _ = elements(&mut Unstructured::new(bytes));
});

fn elements(u: &mut Unstructured) -> Result<()> {
    let document = documents::datatype(u, 4)?;
    let count = u.int_in_range(0..=4)?;
    let wire = u.bytes(u.len())?;
    if let Ok(ty) = Datatype::from_json(&document)
        && ty.memory_size().is_some_and(|size| size <= ROOM / 4)
    {
        there_and_back(&FILE, &ty, wire, count);
    }
    Ok(())
}
