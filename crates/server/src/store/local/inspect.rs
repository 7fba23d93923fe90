//! Opening a store to look for damage, for `h5rest fsck`: nothing is made, swept or moved.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rusqlite::Connection;

use super::database::{FILE_NAME, failure};
use super::upkeep::Upkeep;
use super::*;

impl Local {
    /// Opens the store in this folder, which must exist, and says what is wrong below the level of
    /// records: the database's own structure, records that point into segments, and their counts.
    ///
    /// The database finishes or undoes what an interrupted commit left, as it does at every start.
    pub fn inspect(folder: &Path) -> StoreResult<(Self, Vec<String>)> {
        if !folder.join(FILE_NAME).is_file() {
            return Err(StoreError::Unavailable(format!(
                "there is no store in {}: {FILE_NAME} is missing",
                folder.display()
            )));
        }
        let shared = Shared::open(folder, &StoreOptions::default(), false)?;
        let mut problems = shared.database.check()?;
        for problem in &mut problems {
            problem.insert_str(0, &format!("{FILE_NAME}: "));
        }
        problems.extend(check_segments(&shared)?);
        let upkeep = Upkeep::none();
        Ok((Self { shared, upkeep }, problems))
    }
}

/// Records that point into a segment, and the bytes that they point to.
type Use = (i64, i64);

fn check_segments(shared: &Shared) -> StoreResult<Vec<String>> {
    let mut problems = Vec::new();
    let reader = shared.database.reader()?;
    let mut found: HashMap<u64, Use> = HashMap::new();
    view::pointers(&reader, &mut |key, location, checksum| {
        let used = found.entry(location.segment).or_default();
        *used = (used.0 + 1, used.1 + location.length as i64);
        if let Some(problem) = shared.segments.lacks(location, checksum) {
            problems.push(format!("record {}: {problem}", hex(key)));
        }
    })?;
    for (segment, counted) in counted(&reader).map_err(failure)? {
        let used = found.remove(&segment).unwrap_or_default();
        if used != counted {
            problems.push(format!(
                "segment {segment:016x}: {} records point to {} bytes of it, {} and {} are counted",
                used.0, used.1, counted.0, counted.1
            ));
        }
    }
    let uncounted = found.into_keys();
    problems.extend(uncounted.map(|segment| {
        format!("segment {segment:016x}: not counted as used, the next start would remove it")
    }));
    Ok(problems)
}

fn counted(reader: &Connection) -> rusqlite::Result<Vec<(u64, Use)>> {
    let mut statement = reader.prepare("SELECT segment, records, bytes FROM segments")?;
    let rows = statement.query_map((), |row| {
        Ok((row.get::<_, i64>(0)? as u64, (row.get(1)?, row.get(2)?)))
    })?;
    rows.collect()
}

impl Segments {
    /// Why a value, or its table of checksums, is not where it should be.
    fn lacks(&self, location: Location, checksum: Checksum) -> Option<String> {
        let path = self.path(location.segment);
        let length = checksum.table_length(location.length);
        let look = || -> io::Result<Option<String>> {
            let file = File::open(&path)?;
            let (has, end) = (
                file.metadata()?.len(),
                location.end().saturating_add(length),
            );
            if has < end {
                return Ok(Some(format!("{has} bytes long, the value ends at {end}")));
            }
            let mut table = vec![0; length as usize];
            file.read_exact_at(&mut table, location.end())?;
            let sound = table.is_empty() || Checksum::of_table(&table) == checksum;
            let damage = || "the table of a value's checksums is not what was written".to_owned();
            Ok((!sound).then(damage))
        };
        let problem = look().unwrap_or_else(|error| Some(error.to_string()));
        problem.map(|problem| format!("{}: {problem}", path.display()))
    }
}

fn hex(key: &[u8]) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}
