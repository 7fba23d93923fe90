//! Programs through the connector alone, in this process, for the fuzz target `programs`: what matters
//! is that they survive.

use std::path::Path;

use anyhow::{Result, anyhow, ensure};

use crate::generate;
use crate::hdf5::connector::{SetConnector, use_connector};
use crate::hdf5::{self, Failure};
use crate::run::{self, Place, Side};
use crate::worker;

/// Where programs run.
pub struct Alone(Side);

/// Loads the HDF5 in a folder.
///
/// # Errors
/// When it is not there, or another is loaded already.
pub fn load(library: &Path) -> Result<()> {
    hdf5::load(&library.join("libhdf5.so"))
}

impl Alone {
    /// Loads HDF5. Files are in the folder `home` of the server that the settings name.
    ///
    /// # Errors
    /// When HDF5 cannot be loaded, or takes no connector.
    pub fn new(library: &Path, home: &str, set: SetConnector, settings: &str) -> Result<Self> {
        load(library)?;
        let access = worker::access(None).map_err(|Failure(text)| anyhow!(text))?;
        ensure!(
            use_connector(&access, set, settings),
            "the connector does not take its settings"
        );
        let place = Place {
            access,
            folder: home.into(),
        };
        Ok(Self(Side::new(place, "fuzz")))
    }

    /// Carries out the program that follows from bytes.
    ///
    /// # Panics
    /// When a call met a state of the connector that it does not expect.
    pub fn run(&mut self, bytes: &[u8]) {
        let program = generate::program_of_bytes(bytes);
        let verdict = run::run_alone(&program, &mut self.0);
        assert!(verdict.difference.is_none(), "{:?}", verdict.difference);
    }
}
