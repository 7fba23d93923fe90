//! docs/FUNCTIONS.md: rows `| function | h5rest | HSDS | remarks |`.

use anyhow::{Context, Result, bail};
use h5rest_testkit::build::repository;

/// What becomes of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As on a local file.
    Works,
    /// It succeeds, but not quite as on a local file.
    Differs,
    /// It fails with a message, though it succeeds on a local file.
    Refused,
    /// It never reaches the connector.
    Elsewhere,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    /// The function, or a family of functions: `H5S*`.
    name: String,
    /// What happens on h5rest.
    pub h5rest: Outcome,
    /// What happens on HSDS.
    pub hsds: Outcome,
}

/// All rows.
#[derive(Debug)]
pub struct Table(Vec<Row>);

impl Table {
    /// Reads the document.
    pub fn read() -> Result<Self> {
        let file = repository().join("docs/FUNCTIONS.md");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let mut rows: Vec<Row> = Vec::new();
        for line in text.lines().filter(|line| line.starts_with("| H5")) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, names, h5rest, hsds, remarks, _] = cells[..] else {
                bail!("not four cells: {line}");
            };
            let (h5rest, hsds) = (outcome(h5rest)?, outcome(hsds)?);
            if remarks.is_empty() && (h5rest, hsds) != (Outcome::Works, Outcome::Works) {
                bail!("a row without a reason: {line}");
            }
            for name in names.split(", ") {
                if rows.iter().any(|row| row.name == name) {
                    bail!("two rows for {name}");
                }
                let name = name.to_owned();
                rows.push(Row { name, h5rest, hsds });
            }
        }
        Ok(Self(rows))
    }

    /// The row of a function: its own, or its family's.
    pub fn row(&self, function: &str) -> Option<&Row> {
        let own = self.0.iter().find(|row| row.name == function);
        own.or_else(|| self.0.iter().find(|row| matches(&row.name, function)))
    }

    /// Functions and families.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|row| row.name.as_str())
    }
}

/// Whether a row's name is that of a function, or of its family.
pub fn matches(name: &str, function: &str) -> bool {
    match name.strip_suffix('*') {
        Some(start) => function.starts_with(start),
        None => function == name,
    }
}

fn outcome(word: &str) -> Result<Outcome> {
    Ok(match word {
        "works" => Outcome::Works,
        "differs" => Outcome::Differs,
        "refused" => Outcome::Refused,
        "elsewhere" => Outcome::Elsewhere,
        _ => bail!("no such outcome: {word:?}"),
    })
}
