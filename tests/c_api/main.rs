//! The C API and its headers, used by C programs that are linked with the connector.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use h5rest_testkit::build;
use h5rest_testkit::hdf5::{self, Installation, Version};
use h5rest_testkit::program::Program;
use h5rest_testkit::{TestDomain, TestServer};

/// What HDF5 asks a plugin for.
const PLUGIN_SYMBOLS: [&str; 2] = ["H5PLget_plugin_info", "H5PLget_plugin_type"];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn flag(name: &str, path: &Path) -> OsString {
    let mut flag = OsString::from(name);
    flag.push(path);
    flag
}

/// Builds a program of this folder against `hdf5` and the connector.
fn build_program(hdf5: &Installation, source: &str, output: &Path) {
    let connector = build::folder().expect("the connector builds");
    let source = repository("tests/c_api").join(source);
    Program::new("cc")
        .arg("-Werror")
        .arg(flag("-I", &repository("include")))
        .args(hdf5.compile_c(&source, output))
        .arg(flag("-L", &connector))
        .arg(flag("-Wl,-rpath,", &connector))
        .arg("-lhdf5_vol_rest")
        .run()
        .and_then(|finished| finished.success())
        .expect("the program builds");
}

#[test]
fn headers_are_clean_in_c_and_cplusplus() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for version in Version::ALL {
        let hdf5 = hdf5::installation(version).expect("HDF5 is installed");
        for (compiler, standard, file) in [
            ("cc", "-std=c99", "both.c"),
            ("c++", "-std=c++11", "both.cpp"),
        ] {
            let source = folder.path().join(file);
            let text = "#include <rest_vol_public.h>\n#include <hdf5_vol_rest.h>\n\
                        int main() { return H5rest_init() + H5VL_REST_VALUE; }\n";
            fs::write(&source, text).expect("the temporary folder is writable");
            Program::new(compiler)
                .args([
                    standard,
                    "-Wall",
                    "-Wextra",
                    "-Wpedantic",
                    "-Werror",
                    "-fsyntax-only",
                ])
                .arg(flag("-I", &repository("include")))
                // HDF5's own headers are not what is tested.
                .arg("-isystem")
                .arg(hdf5.include_dir())
                .arg(source)
                .run()
                .and_then(|finished| finished.success())
                .expect("the headers compile without a warning");
        }
    }
}

/// Nothing else may be visible: every symbol of the plugin is in the way of the program's own.
#[test]
fn only_the_plugin_functions_and_the_c_api_are_exported() {
    let plugin = build::folder()
        .expect("the connector builds")
        .join(build::PLUGIN);
    let symbols = Program::new("nm")
        .args(["--dynamic", "--defined-only", "--format=just-symbols"])
        .arg(plugin)
        .run()
        .and_then(|finished| finished.success())
        .expect("nm reads the plugin");
    let exported: BTreeSet<&str> = symbols.lines().collect();
    let header = fs::read_to_string(repository("include/hdf5_vol_rest.h")).expect("the header");
    let mut documented: BTreeSet<&str> = header
        .lines()
        .filter_map(|line| declared_function(line))
        .collect();
    assert!(
        documented.contains("H5Pset_fapl_rest_vol"),
        "{documented:?}"
    );
    documented.extend(PLUGIN_SYMBOLS);
    assert_eq!(exported, documented);
}

fn declared_function(line: &str) -> Option<&str> {
    line.strip_prefix("herr_t ")?.split('(').next()
}

/// The plugin finds HDF5 in the process; a link to one would bring in a second copy.
#[test]
fn the_plugin_is_not_linked_with_hdf5() {
    let plugin = build::folder()
        .expect("the connector builds")
        .join(build::PLUGIN);
    let needed = Program::new("readelf")
        .args(["--dynamic", "--wide"])
        .arg(plugin)
        .run()
        .and_then(|finished| finished.success())
        .expect("readelf reads the plugin");
    assert!(
        needed.contains("(NEEDED)"),
        "readelf lists what is needed:\n{needed}"
    );
    assert!(!needed.contains("hdf5.so"), "{needed}");
    assert!(needed.contains("soname: [libhdf5_vol_rest.so]"), "{needed}");
}

/// Runs `uses_connector` on a file of its own with each HDF5, with `arguments` after the file name.
fn use_connector(environment: &[(&str, &str)], arguments: impl Fn(&TestServer) -> Vec<String>) {
    let server = TestServer::start().expect("a server");
    let folder = tempfile::tempdir().expect("a temporary folder");
    for version in Version::ALL {
        let hdf5 = hdf5::installation(version).expect("HDF5 is installed");
        let program = folder
            .path()
            .join(format!("uses_connector-{}", version.number()));
        build_program(&hdf5, "uses_connector.c", &program);
        let domain = TestDomain::new(server.endpoint(), "c-api");
        let mut run = Program::new(program)
            .arg(domain.path())
            .args(arguments(&server));
        for (name, value) in environment_of(&server, environment) {
            run = run.env(name, value);
        }
        let output = run
            .run()
            .and_then(|finished| finished.success())
            .unwrap_or_else(|error| panic!("with HDF5 {}: {error:#}", version.number()));
        assert!(output.ends_with("done\n"), "{output}");
        assert!(
            output.contains("in H5Pset_fapl_rest_vol()"),
            "no context in:\n{output}"
        );
        assert!(!output.contains("secret"), "the password is in:\n{output}");
    }
}

/// The variables, with `@` for those of the server.
fn environment_of(server: &TestServer, given: &[(&str, &str)]) -> Vec<(String, String)> {
    let endpoint = server.endpoint();
    let value = |name: &str, value: &str| match (name, value) {
        ("HSDS_ENDPOINT", "@") => endpoint.url.clone(),
        ("HSDS_USERNAME", "@") => endpoint.username.clone(),
        ("HSDS_PASSWORD", "@") => endpoint.password.clone(),
        _ => value.to_owned(),
    };
    given
        .iter()
        .map(|(name, given)| ((*name).to_owned(), value(name, given)))
        .collect()
}

const OF_SERVER: [(&str, &str); 3] = [
    ("HSDS_ENDPOINT", "@"),
    ("HSDS_USERNAME", "@"),
    ("HSDS_PASSWORD", "@"),
];
/// Nobody listens there, and nobody has this name.
const WRONG: [(&str, &str); 3] = [
    ("HSDS_ENDPOINT", "http://127.0.0.1:9"),
    ("HSDS_USERNAME", "nobody"),
    ("HSDS_PASSWORD", "wrong"),
];

#[test]
fn a_program_registers_the_connector_itself() {
    use_connector(&OF_SERVER, |_| Vec::new());
}

#[test]
fn a_connection_given_by_the_program_wins_over_the_environment() {
    use_connector(&WRONG, |server| {
        let endpoint = server.endpoint().clone();
        vec![
            "--connection".into(),
            endpoint.url,
            endpoint.username,
            endpoint.password,
        ]
    });
}

#[test]
fn settings_given_by_the_program_win_over_the_environment() {
    use_connector(&WRONG, |server| {
        let endpoint = server.endpoint();
        let settings = format!(
            "endpoint={};username={};password={}",
            endpoint.url, endpoint.username, endpoint.password
        );
        vec!["--info".into(), settings]
    });
}

/// `HDF5_VOL_CONNECTOR` and the C API in one program mean one connector, not two of a name.
#[test]
fn a_program_may_also_be_told_by_the_environment() {
    let plugin_dir = build::folder().expect("the connector builds");
    let plugin_dir = plugin_dir.to_str().expect("UTF-8");
    let mut environment = OF_SERVER.to_vec();
    environment.push(("HDF5_VOL_CONNECTOR", "REST"));
    environment.push(("HDF5_PLUGIN_PATH", plugin_dir));
    use_connector(&environment, |_| Vec::new());
}

#[test]
fn a_program_without_hdf5_is_told_so() {
    let hdf5 = hdf5::installation(Version::V1_14_5).expect("HDF5 is installed");
    let connector = build::folder().expect("the connector builds");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = folder.path().join("without_hdf5");
    Program::new("cc")
        .arg(flag("-I", &repository("include")))
        .arg(flag("-I", &hdf5.include_dir()))
        .arg(repository("tests/c_api/without_hdf5.c"))
        .arg("-o")
        .arg(&program)
        .arg(flag("-L", &connector))
        .arg(flag("-Wl,-rpath,", &connector))
        // As everywhere (`compile_c`): a sanitizer's runtime comes into the process from outside.
        .arg("-Wl,--allow-shlib-undefined")
        .arg("-lhdf5_vol_rest")
        .run()
        .and_then(|finished| finished.success())
        .expect("the program builds");
    let finished = Program::new(program).run().expect("the program ends");
    assert!(finished.status.success(), "{finished}");
    assert!(
        finished.stderr.contains("H5rest_init: no HDF5 library"),
        "{finished}"
    );
}
