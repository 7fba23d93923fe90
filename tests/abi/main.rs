//! `src/ffi` agrees with the headers of every HDF5 release the tests have.
//!
//! A C program made from the source of `src/ffi` is compiled against the release's headers and
//! prints every size, offset, constant and whether each member and callback has the declared type;
//! the Rust side measures the same. The functions that the connector calls are compared as well.

mod c_program;
mod declarations;
mod functions;
mod layout;

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use h5rest_testkit::hdf5::{self, Version};
use h5rest_testkit::program::Program;

use crate::declarations::Declarations;
use crate::layout::Layout;

/// What 1.14 lacks.
const ABSENT_IN_1_14_5: [&str; 7] = [
    "H5T_COMPLEX",
    "H5VL_NATIVE_FILE_GET_MPI_ATOMICITY",
    "H5VL_NATIVE_FILE_SET_MPI_ATOMICITY",
    "H5VL_native_dataset_chunk_read_t",
    "H5VL_native_dataset_chunk_write_v2_t",
    "H5Dread_chunk1",
    "H5Tcomplex_create",
];
/// What 2.x lacks (the MPI operations are there only in MPI builds).
const ABSENT_IN_2_2_0: [&str; 3] = [
    "H5VL_NATIVE_FILE_GET_MPI_ATOMICITY",
    "H5VL_NATIVE_FILE_SET_MPI_ATOMICITY",
    "H5VL_native_dataset_chunk_write_v1_14_t",
];

#[test]
fn declarations_agree_with_hdf5_1_14_5() {
    agrees_with(Version::V1_14_5, &ABSENT_IN_1_14_5);
}

#[test]
fn declarations_agree_with_hdf5_2_2_0() {
    agrees_with(Version::V2_2_0, &ABSENT_IN_2_2_0);
}

fn agrees_with(version: Version, absent: &[&str]) {
    let declarations = source();
    let (in_c, missing) = layout_in_c(version, &declarations);
    let mut absent = absent.to_vec();
    absent.sort_unstable();
    assert_eq!(
        missing,
        absent,
        "declarations that HDF5 {} lacks",
        version.number()
    );
    let mut in_rust = layout::layout();
    // Functions are declared as tables of pointers, which Rust cannot measure: they agree or not.
    in_rust.extend(
        declarations
            .functions
            .iter()
            .map(|one| (format!("function {}", one.name), 1)),
    );
    in_rust.retain(|name, _| !absent.contains(&declaration(name)));
    let differences = differences(&in_rust, &in_c);
    assert!(
        differences.is_empty(),
        "the connector's declarations differ from HDF5 {}:\n{}",
        version.number(),
        differences.join("\n")
    );
}

fn source() -> Declarations {
    declarations::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// What the headers of `version` say, and the declarations they lack.
fn layout_in_c(version: Version, declarations: &Declarations) -> (Layout, Vec<String>) {
    let installation = hdf5::installation(version).expect("HDF5 is installed");
    let include = installation.include_dir();
    let program = c_program::write(declarations, &c_program::header_text(&include));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("layout.c");
    let executable = folder.path().join("layout");
    fs::write(&file, program).expect("the temporary folder is writable");
    Program::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .arg("-I")
        .arg(include)
        .arg(file)
        .arg("-o")
        .arg(&executable)
        .run()
        .and_then(|finished| finished.success())
        .expect("the headers declare what src/ffi does");
    let output = Program::new(executable)
        .run()
        .and_then(|finished| finished.success())
        .expect("the program runs");
    parse(&output)
}

/// The lines the C program prints: `size NAME=NUMBER`, ..., `absent NAME`.
fn parse(output: &str) -> (Layout, Vec<String>) {
    let mut layout = Layout::new();
    let mut absent = Vec::new();
    for line in output.lines() {
        if let Some(name) = line.strip_prefix("absent ") {
            absent.push(name.to_owned());
        } else {
            let (name, value) = line.split_once('=').expect("a line of the C program");
            layout.insert(name.to_owned(), value.parse().expect("a number"));
        }
    }
    absent.sort();
    (layout, absent)
}

/// The declaration a measurement such as `offset H5VL_class_t.name` is about.
fn declaration(measurement: &str) -> &str {
    let name = measurement.split(' ').next_back().unwrap_or_default();
    name.split('.').next().unwrap_or_default()
}

fn differences(in_rust: &Layout, in_c: &Layout) -> Vec<String> {
    let mut names: BTreeMap<&str, (Option<i64>, Option<i64>)> = BTreeMap::new();
    for (name, value) in in_rust {
        names.entry(name).or_default().0 = Some(*value);
    }
    for (name, value) in in_c {
        names.entry(name).or_default().1 = Some(*value);
    }
    names
        .into_iter()
        .filter_map(|(name, measured)| match measured {
            (Some(rust), Some(c)) if rust == c => None,
            (Some(rust), Some(c)) => Some(format!("{name}: {rust} in Rust, {c} in C")),
            (Some(rust), None) => Some(format!("{name}: {rust} in Rust, not asked for in C")),
            (None, _) => Some(format!(
                "{name}: not measured in Rust (tests/abi/layout.rs)"
            )),
        })
        .collect()
}

#[test]
fn a_wrong_measurement_is_a_difference() {
    let right = layout::layout();
    assert_eq!(differences(&right, &right), Vec::<String>::new());
    for name in [
        "size H5VL_class_t",
        "offset H5VL_class_t.optional",
        "value H5I_ATTR",
    ] {
        let mut wrong = right.clone();
        *wrong.get_mut(name).expect("measured") += 8;
        assert_eq!(differences(&right, &wrong).len(), 1, "{name}");
    }
}

#[test]
fn a_forgotten_measurement_is_a_difference() {
    let complete = layout::layout();
    let mut forgotten = complete.clone();
    forgotten.remove("size H5R_ref_t");
    assert_eq!(differences(&forgotten, &complete).len(), 1);
    assert_eq!(differences(&complete, &forgotten).len(), 1);
}

#[test]
fn a_wrong_callback_type_is_a_difference() {
    let output = "type H5VL_class_t.terminate=0\n";
    let expected = Layout::from([("type H5VL_class_t.terminate".to_owned(), 1)]);
    assert_eq!(differences(&expected, &parse(output).0).len(), 1);
}

#[test]
fn the_functions_that_the_connector_calls_are_found() {
    let declarations = source();
    let names: Vec<_> = declarations
        .functions
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    for name in [
        "H5Tconvert",
        "H5Epush2",
        "H5Pset_vol",
        "H5Tcomplex_create",
        "H5VLregister_connector",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
}

#[test]
fn the_class_table_has_the_size_the_library_copies() {
    assert_eq!(layout::layout()["size H5VL_class_t"], 632);
}
