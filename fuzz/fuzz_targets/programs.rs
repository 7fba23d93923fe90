//! Programs that call HDF5: the fuzzer's bytes choose calls and their arguments, HDF5 carries them out
//! through the connector, and the server lies. Each call must end, and none may touch what is not its
//! program's.
#![no_main]

use std::cell::RefCell;

use h5rest_fuzz::server::Server;
use h5rest_fuzz::{hdf5, hostile};
use h5rest_parity::Alone;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static PROGRAMS: RefCell<Option<Alone>> = const { RefCell::new(None) };
}

fn prepared() -> Alone {
    hostile::settings();
    let set = hdf5_vol_rest::capi::H5Pset_fapl_rest_vol_info;
    let programs = Alone::new(&hdf5::folder(), "/home/u/", set, &hostile::info());
    programs.expect("HDF5 and the connector")
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&count, rest)) = bytes.split_first() else {
        return;
    };
    let (lies, choices) = rest.split_at(usize::from(count % 64).min(rest.len()));
    PROGRAMS.with_borrow_mut(|programs| {
        let programs = programs.get_or_insert_with(prepared);
        hostile::serve(Server::empty(), lies);
        programs.run(choices);
    });
});
