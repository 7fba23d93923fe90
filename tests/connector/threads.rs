//! Several threads on one file: programs with two HDF5 libraries, or with event sets.

use std::thread;

use bytes::Bytes;
use h5rest_protocol::datatype::CharSet;
use h5rest_protocol::selection::DimSelection;
use h5rest_protocol::{Datatype, Shape};
use hdf5_vol_rest::connector::{File, Object, Session};
use serde_json::Map;

use super::{PLAIN, Place, dataset};

#[test]
fn everything_may_go_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Session>();
    shared::<File>();
    shared::<Object>();
}

#[test]
fn nothing_is_lost_when_all_write_at_once() {
    const THREADS: u64 = 6;
    const EACH: u64 = 8;
    let place = Place::new("threads");
    let file = place.create();
    let ty = Datatype::integer(4, true);
    let data = dataset(&file.root(), "d", ty.clone(), &[THREADS * EACH]);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (root, data, ty) = (file.root(), data.clone(), ty.clone());
            scope.spawn(move || {
                for n in 0..EACH {
                    let at = thread * EACH + n;
                    let name = format!("g{at}");
                    let group = root.create_group(Some(&name), &PLAIN, Map::new()).unwrap();
                    let made = group.create_attribute(
                        "a",
                        ty.clone().into(),
                        Shape::Scalar,
                        CharSet::Ascii,
                    );
                    made.unwrap()
                        .write((at as i32).to_le_bytes().into())
                        .unwrap();
                    let one = vec![DimSelection::Index(at)];
                    data.write(&one, Bytes::copy_from_slice(&(at as i32).to_le_bytes()))
                        .unwrap();
                    root.open(&name).unwrap();
                }
            });
        }
    });
    drop((data, file));
    let file = place.open(false);
    assert_eq!(file.root().group_info().unwrap().links, THREADS * EACH + 1);
    let mut values = vec![0; 4 * (THREADS * EACH) as usize];
    let all = vec![DimSelection::all(THREADS * EACH)];
    file.root()
        .open("d")
        .unwrap()
        .read_into(&all, &mut values)
        .unwrap();
    for at in 0..THREADS * EACH {
        let expected = (at as i32).to_le_bytes();
        let group = file.root().open(&format!("g{at}")).unwrap();
        assert_eq!(group.open_attribute("a").unwrap().read().unwrap(), expected);
        assert_eq!(values[4 * at as usize..][..4], expected);
    }
}
