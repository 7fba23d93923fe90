//! Reading and writing against a plain array in memory, over random selections.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h5rest_protocol::selection::{self, DimSelection, Selection};
use h5rest_protocol::shape::Extent;
use h5rest_protocol::values::binary;
use h5rest_protocol::{Datatype, ObjectClass, ObjectId, Shape};
use serde_json::{Value, json};

use super::fields::Fields;
use super::read::read;
use super::resize::resize;
use super::write::{append, write};
use super::*;
use crate::attempt::Attempt;
use crate::model::records::Header;
use crate::model::{creation, objects};
use crate::store::Store;

struct Fixture {
    store: Store,
    locks: Arc<ChunkLocks>,
    id: ObjectId,
}

impl Fixture {
    fn new(ty: Value, shape: Value, properties: Value) -> Self {
        let store = Store::in_memory();
        let id = ObjectId::new_root().new_in_domain(ObjectClass::Dataset);
        let datatype = Datatype::from_json(&ty).unwrap();
        let shape = creation::read_shape(&shape).unwrap();
        let plan = creation::plan(&datatype, shape, Some(&properties)).unwrap();
        let header = Header {
            created: 0.0,
            datatype: Some(ty),
            creation: Some(plan.creation),
            chunk: Some(plan.chunk),
            filtering: filters::CURRENT,
        };
        store
            .write(move |change| {
                objects::create(change, id, &header)?;
                objects::set_extent(change, id, &plan.shape)
            })
            .unwrap();
        Self {
            store,
            locks: Arc::default(),
            id,
        }
    }

    fn dataset(&self) -> Dataset {
        Dataset::open(&*self.store.read().unwrap(), &self.store, self.id).unwrap()
    }

    fn target(&self, select: &str) -> Target {
        let dataset = self.dataset();
        let selection = selection::parse(select, dataset.dims()).unwrap();
        Target::selection(&selection, &dataset.chunk).unwrap()
    }

    fn read(&self, target: &Target) -> Bytes {
        read(&*self.store.read().unwrap(), &self.dataset(), target).unwrap()
    }

    fn write(&self, target: &Target, elements: Vec<u8>) {
        let dataset = self.dataset();
        write(
            &self.store,
            &self.locks,
            &Attempt::default(),
            &dataset,
            target,
            None,
            elements.into(),
        )
        .unwrap();
    }
}

/// A small generator, so that failures repeat.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % limit
    }

    fn selection(&mut self, dims: &[u64]) -> Selection {
        let mut listed = false;
        let one = |extent: u64, random: &mut Self, listed: &mut bool| match random.below(4) {
            0 => DimSelection::Index(random.below(extent)),
            1 if !*listed => {
                *listed = true;
                let count = 1 + random.below(4);
                DimSelection::List((0..count).map(|_| random.below(extent)).collect())
            }
            _ => {
                let start = random.below(extent);
                let stop = start + 1 + random.below(extent - start);
                let step = 1 + random.below(3);
                DimSelection::Range { start, stop, step }
            }
        };
        dims.iter()
            .map(|&extent| one(extent, self, &mut listed))
            .collect()
    }
}

/// The linear places of a selection in an array of these extents, in order.
fn places(selection: &Selection, dims: &[u64]) -> Vec<usize> {
    let mut found = vec![0usize];
    for (dim, &extent) in selection.iter().zip(dims) {
        found = found
            .iter()
            .flat_map(|&base| {
                (0..dim.len()).map(move |at| base * extent as usize + dim.index(at) as usize)
            })
            .collect();
    }
    found
}

#[test]
fn random_selections_match_a_plain_array() {
    let dims = [7u64, 9, 5];
    for filters in [
        json!([]),
        json!([{"class": "H5Z_FILTER_SHUFFLE"}, {"class": "H5Z_FILTER_DEFLATE", "level": 1}]),
        json!([{"class": "H5Z_FILTER_FLETCHER32"}, {"class": "H5Z_FILTER_ZSTD"}]),
    ] {
        let properties = json!({"layout": {"class": "H5D_CHUNKED", "dims": [3, 4, 2]},
            "fillValue": 7, "filters": filters});
        let fixture = Fixture::new(json!("H5T_STD_I32LE"), json!({"shape": dims}), properties);
        let mut model = vec![7i32; 7 * 9 * 5];
        let mut random = Random(1);
        for round in 0..400 {
            let selection = random.selection(&dims);
            let target = Target::selection(&selection, &fixture.dataset().chunk).unwrap();
            let places = places(&selection, &dims);
            assert_eq!(target.count, places.len());
            if round % 2 == 0 {
                let new: Vec<i32> = (0..places.len() as i32).map(|n| round * 1000 + n).collect();
                places
                    .iter()
                    .zip(&new)
                    .for_each(|(&place, &value)| model[place] = value);
                fixture.write(&target, new.iter().flat_map(|v| v.to_le_bytes()).collect());
            } else {
                let expected: Vec<u8> = places
                    .iter()
                    .flat_map(|&p| model[p].to_le_bytes())
                    .collect();
                assert_eq!(
                    fixture.read(&target),
                    expected,
                    "{}",
                    selection::format(&selection)
                );
            }
        }
    }
}

#[test]
fn variable_elements() {
    let ty = json!({"class": "H5T_STRING", "length": "H5T_VARIABLE", "charSet": "H5T_CSET_UTF8"});
    let properties = json!({"layout": {"class": "H5D_CHUNKED", "dims": [2]}});
    let fixture = Fixture::new(ty, json!({"shape": [5]}), properties);
    let text = |s: &str| [&(s.len() as u32).to_le_bytes()[..], s.as_bytes()].concat();
    fixture.write(
        &fixture.target("[1:4:2]"),
        [text("one"), text("three")].concat(),
    );
    let null = binary::NULL_STRING.to_vec();
    let expected = [null.clone(), text("one"), null.clone(), text("three"), null].concat();
    assert_eq!(fixture.read(&fixture.target("[:]")), expected);
    let reversed = fixture.target("[[3,1]]");
    assert_eq!(
        fixture.read(&reversed),
        [text("three"), text("one")].concat()
    );
}

#[test]
fn points_in_any_order() {
    let fixture = Fixture::new(
        json!("H5T_STD_U8LE"),
        json!({"shape": [4, 4]}),
        json!({"layout": {"class": "H5D_CHUNKED", "dims": [3, 3]}}),
    );
    let points = |coordinates: &[u64]| Target::points(coordinates, &[4, 4], &[3, 3]).unwrap();
    fixture.write(&points(&[3, 3, 0, 0, 3, 3]), vec![1, 2, 3]);
    assert_eq!(fixture.read(&points(&[0, 0, 3, 3, 1, 1])), vec![2, 3, 0]);
}

#[test]
fn some_members_of_a_compound() {
    let ty = json!({"class": "H5T_COMPOUND", "fields": [
        {"name": "a", "type": "H5T_STD_U8LE"}, {"name": "b", "type": "H5T_STD_U16LE"},
        {"name": "c", "type": "H5T_STD_U8LE"}]});
    let fixture = Fixture::new(ty, json!({"shape": [2]}), json!({}));
    let (dataset, all) = (fixture.dataset(), fixture.target("[:]"));
    fixture.write(&all, vec![1, 2, 0, 3, 4, 5, 0, 6]);
    let fields = Fields::new(&dataset.datatype, &["c", "a"], dataset.id).unwrap();
    assert_eq!(fields.take(&fixture.read(&all), 2).unwrap(), [3, 1, 6, 4]);
    let new = Bytes::from_static(&[30, 10, 60, 40]);
    write(
        &fixture.store,
        &fixture.locks,
        &Attempt::default(),
        &dataset,
        &all,
        Some(&fields),
        new,
    )
    .unwrap();
    assert_eq!(fixture.read(&all), vec![10, 2, 0, 30, 40, 5, 0, 60]);
    assert!(Fields::new(&dataset.datatype, &["d"], dataset.id).is_err());
}

#[test]
fn what_is_cut_off_does_not_come_back() {
    let fixture = Fixture::new(
        json!("H5T_STD_U8LE"),
        json!({"shape": [4, 4], "maxdims": [8, 0]}),
        json!({"layout": {"class": "H5D_CHUNKED", "dims": [3, 3]}, "fillValue": 9}),
    );
    fixture.write(&fixture.target("[:,:]"), vec![1; 16]);
    let set = |dims: [u64; 2]| {
        resize(
            &fixture.store,
            &fixture.locks,
            &Attempt::default(),
            fixture.id,
            |_| Ok(dims.to_vec()),
        )
    };
    set([2, 4]).unwrap();
    set([4, 5]).unwrap();
    let row = |kept: u8| [kept, kept, kept, kept, 9];
    assert_eq!(
        fixture.read(&fixture.target("[:,:]")),
        [row(1), row(1), row(9), row(9)].concat()
    );
    assert_eq!(set([9, 4]).unwrap_err().status.as_u16(), 409);
    let fixed = Shape::fixed([3]);
    assert_eq!(
        super::resize::check(&fixed, &[4])
            .unwrap_err()
            .status
            .as_u16(),
        400
    );
}

#[test]
fn appending_grows_and_writes() {
    let fixture = Fixture::new(
        json!("H5T_STD_U8LE"),
        json!({"shape": [2], "maxdims": 0}),
        json!({}),
    );
    fixture.write(&fixture.target("[:]"), vec![1, 2]);
    let grow = |dataset: &Dataset| {
        let Shape::Simple { dims, maxdims } = &dataset.shape else {
            panic!("not simple");
        };
        assert_eq!(maxdims.as_deref(), Some(&[Extent::Unlimited][..]));
        let shape = Shape::Simple {
            dims: vec![dims[0] + 2],
            maxdims: maxdims.clone(),
        };
        let selection = selection::parse("[2:4]", shape.dims())?;
        Ok((shape, Target::selection(&selection, &dataset.chunk)?))
    };
    let refused = append(
        &fixture.store,
        &fixture.locks,
        &Attempt::default(),
        fixture.id,
        grow,
        |_, _| Ok(Bytes::new()),
    );
    assert!(refused.is_err());
    assert_eq!(
        fixture.dataset().dims(),
        [2],
        "a refused body leaves the extent"
    );
    let body = Bytes::from_static(&[3, 4]);
    append(
        &fixture.store,
        &fixture.locks,
        &Attempt::default(),
        fixture.id,
        grow,
        |_, _| Ok(body),
    )
    .unwrap();
    assert_eq!(fixture.read(&fixture.target("[:]")), vec![1, 2, 3, 4]);
}

#[test]
fn a_whole_chunk_is_not_copied() {
    let fixture = Fixture::new(
        json!("H5T_STD_U8LE"),
        json!({"shape": [4, 8]}),
        json!({"layout": {"class": "H5D_CHUNKED", "dims": [2, 8]}}),
    );
    fixture.write(&fixture.target("[:,:]"), (0..32).collect());
    let target = fixture.target("[2:4,:]");
    assert_eq!(
        fixture.read(&target).as_ptr(),
        fixture.read(&target).as_ptr()
    );
    assert_eq!(fixture.read(&target), (16..32).collect::<Vec<u8>>());
}

#[test]
fn answers_that_nobody_takes_for_hours_end() {
    let shape = json!({"shape": [1u64 << 40]});
    let fixture = Fixture::new(json!("H5T_STD_U8LE"), shape, json!({}));
    let form = || Form {
        fields: None,
        null_strings: false,
    };
    let reader = || fixture.store.read().unwrap();
    let dataset = fixture.dataset();
    let whole = selection::all(dataset.dims());
    let mut bands = Bands::new(reader(), dataset, whole, form()).unwrap();
    assert!(bands.next().unwrap().is_ok());
    bands.pace.waited = Duration::from_secs(59 * 60);
    assert!(bands.next().unwrap().is_ok());
    bands.pace.waited = Duration::from_secs(61 * 60);
    let error = bands.next().unwrap().err().unwrap();
    assert!(
        error.status == 408 && error.reason.contains("61 minutes"),
        "{error}"
    );
    let coordinates = vec![0; 8 << 21].into();
    let points = Scattered::new(reader(), fixture.dataset(), form(), coordinates, None);
    let mut points = points.unwrap();
    assert!(points.next().unwrap().is_ok());
    points.pace.waited = Duration::from_secs(61 * 60);
    assert_eq!(points.next().unwrap().err().unwrap().status, 408);
}
