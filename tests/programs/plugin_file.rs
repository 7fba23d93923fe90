//! What the plugin's file shows to the programs that load it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use h5rest_testkit::build::{self, repository};

fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let plugin = build::folder()?.join(build::PLUGIN);
    let output = Command::new(program).args(arguments).arg(plugin).output()?;
    ensure!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// One file must serve every HDF5, so it must not bring one in.
#[test]
fn needs_no_libhdf5() -> Result<()> {
    let dynamic = output("readelf", &["-d"])?;
    ensure!(
        dynamic.contains("NEEDED"),
        "readelf printed no NEEDED lines:\n{dynamic}"
    );
    let hdf5 = dynamic
        .lines()
        .find(|line| line.contains("NEEDED") && line.contains("hdf5"));
    ensure!(hdf5.is_none(), "the plugin is linked with HDF5: {hdf5:?}");
    Ok(())
}

/// HDF5 closes plugins while the process ends; threads and statics of the plugin must outlive that.
#[test]
fn is_never_unloaded() -> Result<()> {
    let dynamic = output("readelf", &["-d"])?;
    ensure!(dynamic.contains("NODELETE"), "no NODELETE flag:\n{dynamic}");
    Ok(())
}

#[test]
fn exports_only_the_plugin_entries_and_the_documented_functions() -> Result<()> {
    let found: BTreeSet<String> = output("nm", &["-D", "--defined-only"])?
        .lines()
        .filter_map(|line| line.split_whitespace().last().map(str::to_owned))
        .collect();
    let header = repository().join("include/hdf5_vol_rest.h");
    let header = fs::read_to_string(&header).context("cannot read the header")?;
    let mut expected: BTreeSet<String> = header
        .lines()
        .filter_map(|line| {
            line.strip_prefix("herr_t ")?
                .split_once('(')
                .map(|(name, _)| name.to_owned())
        })
        .collect();
    ensure!(
        expected.contains("H5Pset_fapl_rest_vol"),
        "the header declares {expected:?}"
    );
    expected.extend([
        "H5PLget_plugin_type".to_owned(),
        "H5PLget_plugin_info".to_owned(),
    ]);
    let extra: Vec<_> = found.difference(&expected).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    ensure!(
        extra.is_empty(),
        "exports what is not documented: {extra:?}"
    );
    ensure!(
        missing.is_empty(),
        "does not export what is documented: {missing:?}"
    );
    Ok(())
}
