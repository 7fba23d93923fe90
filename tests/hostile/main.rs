//! A server that lies on purpose, one kind of lie at a time: programs get errors or what can be made of
//! its answers, within a time and in bounded memory, and nothing is written beside their buffers.
//! Random lies are told to random programs by `cargo xtask parity --faults lies`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod contents;
mod lies;
mod programs;

use anyhow::{Context as _, Result, ensure};
use h5rest_protocol::selection;
use h5rest_testkit::{H5rest, HostileProxy};
use hdf5_vol_rest::config::Config;
use hdf5_vol_rest::connector::{File, IndexBy, Object, Order};

use contents::PATHS;
use lies::{CASES, Case, Refused};
use programs::Programs;

/// An honest server with a domain that has one of everything, and the liar before it.
struct Place {
    _server: H5rest,
    proxy: HostileProxy,
}

impl Place {
    fn new() -> Result<Self> {
        let server = H5rest::in_memory()?;
        contents::make(server.endpoint())?;
        let proxy = HostileProxy::before(server.endpoint())?;
        Ok(Self {
            _server: server,
            proxy,
        })
    }

    fn tell(&self, case: &Case) {
        self.proxy.edit(case.change);
    }
}

/// All lies, or the one that `H5REST_LIE` names.
fn cases() -> impl Iterator<Item = &'static Case> {
    let wanted = std::env::var("H5REST_LIE").ok();
    let is_wanted = move |case: &&Case| wanted.as_ref().is_none_or(|name| name == case.name);
    CASES.iter().filter(is_wanted)
}

#[test]
fn the_connector_survives_every_lie() -> Result<()> {
    let place = Place::new()?;
    let endpoint = place.proxy.endpoint();
    let config = Config::from_info(Some(&format!(
        "endpoint={};username={};password={};timeout=20",
        endpoint.url, endpoint.username, endpoint.password
    )));
    let honest = failures(&config);
    ensure!(honest.is_empty(), "without a lie: {honest:?}");
    for case in cases() {
        place.tell(case);
        let failures = failures(&config);
        if case.refused_by == Refused::Connector {
            ensure!(!failures.is_empty(), "{}: it was believed", case.name);
        }
        for failure in failures {
            let panicked = failure.contains("a state it does not expect");
            ensure!(!panicked, "{}: {failure}", case.name);
        }
    }
    Ok(())
}

/// Looks at everything in the domain, and returns what failed.
fn failures(config: &Config) -> Vec<String> {
    let mut failures = Vec::new();
    let mut note = |result: hdf5_vol_rest::connector::Result<()>| {
        if let Err(error) = result {
            failures.push(error.to_string());
        }
    };
    let name = contents::domain();
    let file = match File::open(config, &name, false) {
        Ok(file) => file,
        Err(error) => return vec![error.to_string()],
    };
    let root = file.root();
    for path in PATHS {
        match root.open(path) {
            Ok(object) => look_at(&object, &mut note),
            Err(error) => note(Err(error)),
        }
    }
    for path in contents::ENDLESS {
        // These lead nowhere on an honest server, too.
        assert!(root.open(path).is_err(), "{path} leads somewhere");
    }
    note(file.close());
    failures
}

fn look_at(object: &Object, note: &mut dyn FnMut(hdf5_vol_rest::connector::Result<()>)) {
    note(object.info().map(drop));
    if object.class() == h5rest_protocol::ObjectClass::Group {
        note(object.links(IndexBy::Name, Order::Native).map(drop));
    }
    match object.attributes(IndexBy::Name, Order::Native) {
        Ok(attributes) => {
            for attribute in attributes {
                let read = object.open_attribute(&attribute.name);
                note(read.and_then(|attribute| attribute.read()).map(drop));
            }
        }
        Err(error) => note(Err(error)),
    }
    if object.class() != h5rest_protocol::ObjectClass::Dataset {
        return;
    }
    let info = match object.dataset() {
        Ok(info) => info,
        Err(error) => return note(Err(error)),
    };
    let all = selection::all(info.shape.dims());
    let count = selection::count(&all).and_then(|count| usize::try_from(count).ok());
    let size = info.ty.datatype.wire_size();
    match size.zip(count).map(|(size, count)| size.checked_mul(count)) {
        Some(Some(bytes)) if bytes <= 16 << 20 => {
            note(object.read_into(&all, &mut vec![0; bytes]));
        }
        // No program has so much memory.
        Some(_) => {}
        None => note(object.read_variable(&all).map(drop)),
    }
}

#[test]
fn tools_and_programs_survive_every_lie() -> Result<()> {
    let place = Place::new()?;
    let programs = Programs::new(place.proxy.endpoint())?;
    programs.run_all(true).context("without a lie")?;
    for case in cases() {
        place.tell(case);
        // The tools go through all elements, however many there are.
        let with_tools = case.name != "extents that are only large";
        let failed = programs.run_all(with_tools).context(case.name)?;
        if case.refused_by != Refused::Nobody {
            ensure!(failed, "{}: all programs believed it", case.name);
        }
    }
    Ok(())
}

#[test]
fn a_gigabyte_of_json_is_refused() -> Result<()> {
    let place = Place::new()?;
    let programs = Programs::new(place.proxy.endpoint())?;
    let gigabyte = lies::gigabyte();
    place.proxy.edit(move |_| Some(gigabyte.clone()));
    ensure!(programs.list()?, "h5ls listed a gigabyte");
    Ok(())
}
