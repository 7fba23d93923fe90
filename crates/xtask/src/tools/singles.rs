//! Tools that change a file or make one, each once.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use h5rest_testkit::{Finished, Program};

use super::Surroundings;
use super::samples::folder;

/// Each tool's name and what became of it.
pub fn run(surroundings: &Surroundings<'_>) -> Vec<(&'static str, Result<()>)> {
    let Ok(work) = tempfile::tempdir() else {
        return vec![("work", Err(anyhow::anyhow!("cannot make a folder")))];
    };
    let singles = Singles {
        surroundings,
        work: work.path(),
        domain: format!("{}/single.h5", folder(surroundings.endpoint)),
    };
    vec![
        ("h5copy", singles.copy()),
        ("h5mkgrp", singles.make_groups()),
        ("h5import", singles.import()),
        ("h5stat", singles.statistics()),
        ("h5delete", singles.delete()),
    ]
}

struct Singles<'a> {
    surroundings: &'a Surroundings<'a>,
    work: &'a Path,
    domain: String,
}

impl Singles<'_> {
    fn tool(&self, name: &str, arguments: &[&str]) -> Result<Finished> {
        Program::new(self.surroundings.hdf5.program(name))
            .args(arguments)
            .current_dir(self.work)
            .through_connector(self.surroundings.endpoint)?
            .run()
    }

    /// Copies groups, datasets and committed datatypes inside the server; the copies are the same.
    fn copy(&self) -> Result<()> {
        let (sample, source) = (self.sample(), self.copied());
        Program::new(self.surroundings.hdf5.program("h5repack"))
            .args(["--src-vol-name=native", "--dst-vol-name=REST"])
            .arg(&sample)
            .arg(&source)
            .through_connector(self.surroundings.endpoint)?
            .run()?
            .success()?;
        for object in [
            "simple",
            "chunk",
            "compressed",
            "named_vl",
            "grp_dsets",
            "grp_nested",
        ] {
            let to = format!("/into/{object}");
            self.tool(
                "h5copy",
                &[
                    "-p",
                    "-i",
                    &source,
                    "-o",
                    &self.domain,
                    "-s",
                    object,
                    "-d",
                    &to,
                ],
            )?
            .success()
            .with_context(|| format!("h5copy of {object}"))?;
            let from = format!("/{object}");
            self.tool("h5diff", &[&source, &self.domain, &from, &to])?
                .success()
                .with_context(|| format!("h5diff of {object}"))?;
        }
        Ok(())
    }

    fn make_groups(&self) -> Result<()> {
        self.tool("h5mkgrp", &["-p", &self.domain, "/made/by/h5mkgrp"])?
            .success()?;
        let listed = self.tool("h5ls", &["-r", &self.domain])?.success()?;
        ensure!(listed.contains("/made/by/h5mkgrp"), "h5ls shows\n{listed}");
        Ok(())
    }

    /// Makes a dataset of a text file, as natively.
    fn import(&self) -> Result<()> {
        std::fs::write(self.work.join("numbers.txt"), "1 2 3\n4 5 6\n")?;
        let domain = format!("{}/import.h5", folder(self.surroundings.endpoint));
        let dimensions = [
            "numbers.txt",
            "-d",
            "2,3",
            "-p",
            "numbers",
            "-t",
            "TEXTIN",
            "-o",
        ];
        let arguments = |to| [&dimensions[..], &[to]].concat();
        Program::new(self.surroundings.hdf5.program("h5import"))
            .args(arguments("local.h5"))
            .current_dir(self.work)
            .run()?
            .success()?;
        self.tool("h5import", &arguments(domain.as_str()))?
            .success()?;
        let shown = self
            .tool("h5dump", &["-d", "/numbers", &domain])?
            .success()?;
        let expected = Program::new(self.surroundings.hdf5.program("h5dump"))
            .args(["-d", "/numbers", "local.h5"])
            .current_dir(self.work)
            .run()?
            .success()?;
        let after_name = |text: &str| text.split_once('{').map(|(_, rest)| rest.to_owned());
        ensure!(
            after_name(&shown) == after_name(&expected),
            "h5dump shows\n{shown}"
        );
        Ok(())
    }

    /// h5stat counts objects as natively. (What it tells besides, of headers, heaps and free space of
    /// HDF5's own format, a domain does not have.)
    fn statistics(&self) -> Result<()> {
        let sample = self.sample();
        let native = Program::new(self.surroundings.hdf5.program("h5stat"))
            .arg(&sample)
            .run()?;
        let remote = self.tool("h5stat", &[&self.copied()])?;
        let counts = |text: &str| -> Vec<String> {
            let is_count = |line: &&str| line.starts_with("\t# of unique");
            text.lines().filter(is_count).map(str::to_owned).collect()
        };
        let (expected, found) = (counts(&native.success()?), counts(&remote.success()?));
        ensure!(
            expected.len() > 3 && expected == found,
            "{expected:?}, but {found:?}"
        );
        Ok(())
    }

    fn sample(&self) -> PathBuf {
        self.surroundings
            .hdf5
            .source()
            .join("tools/test/h5copy/testfiles/h5copytst.h5")
    }

    /// The sample's copy on the server.
    fn copied(&self) -> String {
        format!("{}/copied.h5", folder(self.surroundings.endpoint))
    }

    fn delete(&self) -> Result<()> {
        self.tool("h5delete", &[&self.domain])?.success()?;
        self.tool("h5ls", &[&self.domain])?.failure().map(drop)
    }
}
