//! Sample files of HDF5's source that a test program opens by name. Through the connector that name
//! means a domain, so they are copied to the server first, with HDF5's own h5repack.

use anyhow::{Context, Result};
use h5rest_testkit::hdf5::Installation;
use h5rest_testkit::{Endpoint, Finished, Program};

/// Suites that open samples as domains, and which. (Others read theirs as local files.)
const OPENED: [(&str, &[&str]); 1] = [("testhdf5:array", &["tarrold.h5"])];

/// Copies what a suite opens. Returns what the programs are to take for the folder of HDF5's tests,
/// where the samples are in `testfiles`; `None` if the suite opens none.
pub fn upload(hdf5: &Installation, endpoint: &Endpoint, suite: &str) -> Result<Option<String>> {
    let Some((_, samples)) = OPENED.iter().find(|(of, _)| *of == suite) else {
        return Ok(None);
    };
    let home = format!("/home/{}", endpoint.username);
    let folder = format!("{home}/testfiles");
    endpoint.create_folder(&folder, &endpoint.username)?;
    for sample in *samples {
        let local = hdf5.source().join("test").join("testfiles").join(sample);
        Program::new(hdf5.program("h5repack"))
            .args(["--src-vol-name=native", "--dst-vol-name=REST"])
            .arg(&local)
            .arg(format!("{folder}/{sample}"))
            .through_connector(endpoint)?
            .run()
            .and_then(Finished::success)
            .with_context(|| format!("cannot copy {} to the server", local.display()))?;
    }
    Ok(Some(home))
}
