//! `include/hdf5_vol_rest.h`, made of the C API's source.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The C API's source, with the comments that end up in the header.
const SOURCE: &str = "src/capi/mod.rs";

/// The header, in the repository so that building the connector needs no generator.
const HEADER: &str = "include/hdf5_vol_rest.h";

/// What the header of the C API in `repository` should be.
///
/// # Errors
/// When the source or `cbindgen.toml` cannot be read.
pub fn generate(repository: &Path) -> Result<String> {
    let configuration = repository.join("cbindgen.toml");
    let configuration = cbindgen::Config::from_file(&configuration)
        .map_err(|error| anyhow::anyhow!("{}: {error}", configuration.display()))?;
    let bindings = cbindgen::Builder::new()
        .with_config(configuration)
        .with_src(repository.join(SOURCE))
        .generate()
        .with_context(|| format!("cannot make {HEADER} of {SOURCE}"))?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).context("the generated header is not UTF-8")
}

/// Writes the header and returns its path.
///
/// # Errors
/// When it cannot be made or written.
pub fn write(repository: &Path) -> Result<PathBuf> {
    let path = repository.join(HEADER);
    fs::write(&path, generate(repository)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// Compares the header in the repository with the C API's source.
///
/// # Errors
/// When they differ; the text says how to bring them together.
pub fn check(repository: &Path) -> Result<()> {
    let path = repository.join(HEADER);
    let found =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if found != generate(repository)? {
        bail!("{HEADER} does not match {SOURCE}: run `cargo xtask header` and commit the result");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use h5rest_testkit::build::repository;

    #[test]
    fn the_header_in_the_repository_is_current() {
        super::check(repository()).unwrap();
    }

    #[test]
    fn an_outdated_header_is_noticed() {
        let copy = tempfile::tempdir().unwrap();
        for folder in ["src/capi", "include"] {
            std::fs::create_dir_all(copy.path().join(folder)).unwrap();
        }
        for file in ["cbindgen.toml", super::SOURCE, super::HEADER] {
            std::fs::copy(repository().join(file), copy.path().join(file)).unwrap();
        }
        super::check(copy.path()).unwrap();
        let header = copy.path().join(super::HEADER);
        let text = std::fs::read_to_string(&header).unwrap();
        std::fs::write(
            &header,
            text.replace("H5rest_term(void)", "H5rest_term(int)"),
        )
        .unwrap();
        assert!(
            super::check(copy.path())
                .unwrap_err()
                .to_string()
                .contains("cargo xtask header")
        );
    }
}
