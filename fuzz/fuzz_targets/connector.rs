//! What the connector makes of a server that lies: random calls on a domain that has one of everything.
//! Each must end, with an answer or an error.
#![no_main]

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use bytes::Bytes;
use h5rest_fuzz::documents::{self, NAMES};
use h5rest_fuzz::hostile;
use h5rest_fuzz::server::{DOMAIN, Server};
use h5rest_protocol::creation::DatasetCreation;
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::{Datatype, Link, Shape, selection};
use hdf5_vol_rest::config::Config;
use hdf5_vol_rest::connector::{CopyOptions, File, IndexBy, LinkOptions, Object, Order};
use libfuzzer_sys::fuzz_target;
use serde_json::Map;

/// Calls of one input, at most.
const MOST: usize = 24;
/// Bytes that a program has for elements.
const ROOM: usize = 1 << 16;

const PATHS: [&str; 10] = [
    "/",
    "g",
    "/g/a",
    "d",
    "b",
    "t",
    "soft/a",
    "ext",
    "g/soft",
    "/g/../missing",
];

static CONFIG: LazyLock<Config> = LazyLock::new(hostile::settings);

fuzz_target!(|bytes: &[u8]| {
    let mut u = Unstructured::new(bytes);
    let config = &*CONFIG;
    let lies = lies(&mut u).unwrap_or_default();
    hostile::serve(Server::with_domain(), &lies);
    if let Ok(file) = File::open(config, DOMAIN, true) {
        let root = file.root();
        for _ in 0..MOST {
            if u.is_empty() || call(&mut u, &root).is_err() {
                break;
            }
        }
        let _ = file.flush();
        drop(root);
        let _ = file.close();
    }
});

fn lies(u: &mut Unstructured) -> Result<Vec<u8>> {
    let count = u.int_in_range(0..=40)?.min(u.len());
    Ok(u.bytes(count)?.to_vec())
}

fn call(u: &mut Unstructured, root: &Object) -> Result<()> {
    const PLAIN: LinkOptions = LinkOptions {
        intermediate: false,
        charset: CharSet::Utf8,
    };
    const DEEP: LinkOptions = LinkOptions {
        intermediate: true,
        charset: CharSet::Ascii,
    };
    let link = if u.arbitrary()? { PLAIN } else { DEEP };
    let by = *u.choose(&[IndexBy::Name, IndexBy::CreationOrder])?;
    let order = *u.choose(&[Order::Increasing, Order::Decreasing, Order::Native])?;
    let path = *u.choose(&PATHS)?;
    let name = *u.choose(&NAMES)?;
    let Ok(object) = root.open(path) else {
        return Ok(());
    };
    match u.int_in_range(0..=24)? {
        0 => drop(object.links(by, order)),
        1 => drop(object.attributes(by, order)),
        2 => {
            if let Ok(attribute) = object.open_attribute(name) {
                let _ = (attribute.read(), attribute.info());
                let _ = attribute.write(u.bytes(u.len().min(16))?.to_vec());
            }
        }
        3 | 4 => read(u, &object)?,
        5 | 6 => write(u, &object)?,
        7 => drop(object.create_group(Some(name), &link, Map::new())),
        8 => {
            if let (Ok(ty), Ok(shape)) = described(u)? {
                let creation = DatasetCreation::from_json(&documents::creation(u)?, &ty);
                let creation = creation.unwrap_or_default();
                let _ = object.create_dataset(Some(name), &link, ty.into(), shape, creation);
            }
        }
        9 => {
            if let (Ok(ty), Ok(shape)) = described(u)? {
                let made = object.create_attribute(name, ty.into(), shape, CharSet::Ascii);
                drop(made.and_then(|made| made.read()));
            }
        }
        10 => {
            if let (Ok(ty), _) = described(u)? {
                let _ = object.commit_datatype(Some(name), &link, ty.into(), Map::new());
            }
        }
        11 => {
            let options = CopyOptions {
                shallow: u.arbitrary()?,
                expand_soft_links: u.arbitrary()?,
                expand_external_links: u.arbitrary()?,
                without_attributes: u.arbitrary()?,
                merge_datatypes: u.arbitrary()?,
                expand_references: u.arbitrary()?,
            };
            let _ = object.copy(root, name, &options, &link);
        }
        12 => drop(root.move_link(path, &object, name, &link)),
        13 => drop(root.delete_link(path)),
        14 => drop(object.create_hard_link(name, root, &link)),
        15 => {
            if let Ok(made) = Link::from_json(&documents::link(u)?) {
                let _ = object.create_link(name, made, &link);
            }
        }
        16 => drop(object.refresh()),
        17 => drop((object.info(), object.group_info(), object.datatype())),
        18 => drop(object.flush()),
        19 => drop(root.open_token(object.token())),
        20 => drop(object.link_at(".", by, order, u.int_in_range(0..=4)?)),
        21 => drop(object.rename_attribute(name, *u.choose(&NAMES)?)),
        22 => drop(object.delete_attribute(name)),
        23 => {
            let dims = [documents::number(u)?, documents::number(u)?];
            let _ = object.set_extent(&dims[..u.int_in_range(0..=2)?]);
        }
        _ => drop((object.find_path(), object.file().stored_size())),
    }
    Ok(())
}

type Described = (
    h5rest_protocol::Result<Datatype>,
    h5rest_protocol::Result<Shape>,
);

fn described(u: &mut Unstructured) -> Result<Described> {
    let ty = Datatype::from_json(&documents::datatype(u, 3)?);
    Ok((ty, Shape::from_json(&documents::shape(u)?)))
}

fn read(u: &mut Unstructured, object: &Object) -> Result<()> {
    let Ok(info) = object.dataset() else {
        return Ok(());
    };
    let dims = info.shape.dims();
    let chosen = match u.arbitrary()? {
        true => Some(selection::all(dims)),
        false => selection::parse(&documents::selection(u)?, dims).ok(),
    };
    let Some(chosen) = chosen else {
        return Ok(());
    };
    let count = selection::count(&chosen).and_then(|count| usize::try_from(count).ok());
    let size = info.ty.datatype.wire_size();
    match size
        .zip(count)
        .and_then(|(size, count)| size.checked_mul(count))
    {
        Some(bytes) if bytes <= ROOM => drop(object.read_into(&chosen, &mut vec![0; bytes])),
        Some(_) => {}
        None if count.is_some_and(|count| count <= ROOM) => drop(object.read_variable(&chosen)),
        None => {}
    }
    let coordinates: Vec<u64> = dims.iter().map(|length| length.saturating_sub(1)).collect();
    if let Some(size) = size.filter(|&size| size <= ROOM) {
        let _ = object.read_points(&coordinates, &mut vec![0; size]);
    } else {
        let _ = object.read_points_variable(&coordinates);
    }
    Ok(())
}

fn write(u: &mut Unstructured, object: &Object) -> Result<()> {
    let Ok(info) = object.dataset() else {
        return Ok(());
    };
    let chosen = selection::all(info.shape.dims());
    let count = selection::count(&chosen).and_then(|count| usize::try_from(count).ok());
    let size = info.ty.datatype.wire_size();
    let bytes = size
        .zip(count)
        .and_then(|(size, count)| size.checked_mul(count));
    if let Some(bytes) = bytes.filter(|&bytes| bytes <= ROOM) {
        let elements = Bytes::from(vec![u.arbitrary::<u8>()?; bytes]);
        let _ = match u.arbitrary()? {
            true => object.write_behind(&chosen, elements),
            false => object.write(&chosen, elements),
        };
    }
    Ok(())
}
