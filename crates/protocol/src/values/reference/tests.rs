//! References there and back.

use super::*;
use crate::region::Stride;

const DATASET: &str = "d-11111111-22222222-3333-444444-555555";

fn regions() -> Vec<Region> {
    let stride = |start, stride, count, block| Stride {
        start,
        stride,
        count,
        block,
    };
    let region = |rank, selected| Region { rank, selected };
    vec![
        region(2, Selected::None),
        region(2, Selected::All),
        region(2, Selected::Points(vec![5, 6, 1, 2])),
        region(2, Selected::Blocks(vec![0, 0, 1, 1, 4, 4, 5, 9])),
        region(1, Selected::Regular(vec![stride(2, 1, 1, 7)])),
        region(1, Selected::Regular(vec![stride(2, 3, 2, 1)])),
        region(1, Selected::Regular(vec![stride(0, 5, 2, 2)])),
    ]
}

#[test]
fn region_references_are_exact() {
    for region in regions() {
        let shape = vec![10; region.rank];
        let reference = RegionReference {
            dataset: DATASET.parse().unwrap(),
            shape,
            region,
        };
        let blob = reference.to_blob();
        let back = RegionReference::from_blob(&blob).unwrap().unwrap();
        assert_eq!(back, reference);
        let document = reference.to_json();
        let back = RegionReference::from_json(&document).unwrap().unwrap();
        assert_eq!(back, reference, "{document}");
        assert_eq!(back.to_blob(), blob);
        let end = blob.iter().rposition(|&byte| byte == TRAILER).unwrap();
        assert!(RegionReference::from_blob(&blob[..end.min(50)]).is_err());
    }
    assert_eq!(RegionReference::from_blob(&[]).unwrap(), None);
    assert_eq!(RegionReference::from_json(&Value::Null).unwrap(), None);
}

#[test]
fn general_references_are_exact() {
    let mut parts: Vec<Part> = regions().into_iter().map(Part::Region).collect();
    parts.extend([Part::Whole, Part::Attribute("ü".into())]);
    for target in [
        Target::Object("g-11111111-22222222-3333-444444-555555".parse().unwrap()),
        Target::Token(0xfedc_ba98_7654_3210),
        Target::Elsewhere {
            file: "/home/u/other.h5".into(),
            token: 7,
        },
    ] {
        for part in &parts {
            let reference = Reference {
                target: target.clone(),
                part: part.clone(),
            };
            let back = Reference::from_blob(&reference.to_blob()).unwrap();
            assert_eq!(back.as_ref(), Some(&reference));
        }
    }
    assert_eq!(Reference::from_blob(&[]).unwrap(), None);
}

#[test]
fn documents_of_h5pyd_are_read() {
    let id = &DATASET[2..];
    let read = |document| RegionReference::from_json(&document).unwrap().unwrap();
    let slab = read(json!({"id": id, "select_type": "H5S_SEL_HYPERSLABS",
        "selection": [[[1, 2], [3, 4]]]}));
    assert_eq!(slab.dataset.to_string(), DATASET);
    assert_eq!(slab.shape, [4, 5]);
    let strides = vec![Stride::range(1, 4), Stride::range(2, 5)];
    assert_eq!(slab.region.selected, Selected::Regular(strides));
    let whole = read(json!({"id": DATASET}));
    assert_eq!(whole.region.selected, Selected::All);
    let stepped = read(
        json!({"id": id, "selection_dict": {"shape": [9], "select_type": 2,
        "slices": [{"type": "slice", "start": 0, "stop": 9, "step": 4}]}}),
    );
    assert_eq!(stepped.region.least_shape(), [9]);
}

#[test]
fn nonsense_is_refused() {
    let group = DATASET.replace("d-", "g-");
    for document in [
        json!({}),
        json!({"id": "x"}),
        json!({"id": group}),
        json!({"id": DATASET, "select_type": "H5S_SEL_POINTS", "selection": [[1], [2, 3]]}),
        json!({"id": DATASET, "select_type": "H5S_SEL_HYPERSLABS", "selection": [1]}),
        json!({"id": DATASET, "rank": 1, "hdf5Selection": "AAA"}),
    ] {
        assert!(RegionReference::from_json(&document).is_err(), "{document}");
    }
    assert!(Reference::from_blob(b"{}").is_err());
    assert!(Reference::from_blob(b"HRRF").is_err());
    assert!(RegionReference::from_blob(b"HRRF\x02").is_err());
}

#[test]
fn regions_of_more_dimensions_than_hdf5_has_are_refused() {
    for (rank, is_sound) in [(32, true), (33, false), (65_535, false)] {
        let corner = vec![0; rank];
        for (kind, item) in [
            ("H5S_SEL_POINTS", json!(corner)),
            ("H5S_SEL_HYPERSLABS", json!([corner, corner])),
        ] {
            for count in [1, 2] {
                let document = json!({"id": DATASET, "select_type": kind,
                    "selection": vec![item.clone(); count]});
                let read = RegionReference::from_json(&document);
                assert_eq!(read.is_ok(), is_sound, "{kind} {rank}");
                assert_eq!(Reference::from_json(&document).is_ok(), is_sound);
            }
        }
        let document = json!({"id": DATASET, "shape": corner});
        assert_eq!(RegionReference::from_json(&document).is_ok(), is_sound);
    }
}
