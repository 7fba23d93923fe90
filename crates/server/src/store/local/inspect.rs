//! Opening a store to look for damage, for `h5rest fsck`: nothing is made, swept or counted anew.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use redb::TableError;

use super::*;

impl Local {
    /// Opens the store in this folder, which must exist, and says what is wrong below the level of
    /// records: the database's own checksums, records that point into segments, and their counts.
    ///
    /// The database repairs what an interrupted commit left, as it does at every start.
    pub fn inspect(folder: &Path) -> StoreResult<(Self, Vec<String>)> {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            return Err(StoreError::Unavailable(format!(
                "there is no store in {}: {FILE_NAME} is missing",
                folder.display()
            )));
        }
        let mut database = Database::builder()
            .set_cache_size(CACHE_SIZE)
            .open(&path)
            .map_err(failure)?;
        let mut problems = Vec::new();
        if !database.check_integrity().map_err(failure)? {
            problems.push(format!("{}: damaged, and repaired", path.display()));
        }
        let segments = Segments::open(folder).map_err(|e| io_failure(&e))?;
        problems.extend(check_segments(&database, &segments)?);
        let local = Self {
            database: Arc::new(database),
            segments: Arc::new(segments),
            garbage: Garbage::default(),
        };
        Ok((local, problems))
    }
}

fn check_segments(database: &Database, segments: &Segments) -> StoreResult<Vec<String>> {
    let mut problems = Vec::new();
    let transaction = database.begin_read().map_err(failure)?;
    let records = match transaction.open_table(RECORDS) {
        Ok(records) => records,
        Err(TableError::TableDoesNotExist(_)) => {
            return Ok(vec!["the database has no records: it is no store".into()]);
        }
        Err(error) => return Err(failure(error)),
    };
    let mut used: HashMap<u64, u64> = HashMap::new();
    for entry in records.iter().map_err(failure)? {
        let (key, record) = entry.map_err(failure)?;
        match parse(record.value()) {
            Ok(Found::Here(_)) => {}
            Ok(Found::InSegment(location)) => {
                *used.entry(location.segment).or_default() += 1;
                if let Some(problem) = segments.lacks(location) {
                    problems.push(format!("record {}: {problem}", hex(key.value())));
                }
            }
            Err(error) => problems.push(format!("record {}: {error}", hex(key.value()))),
        }
    }
    let live = transaction.open_table(LIVE).map_err(failure)?;
    for entry in live.iter().map_err(failure)? {
        let (segment, count) = entry.map_err(failure)?;
        let found = used.remove(&segment.value()).unwrap_or(0);
        if found != count.value() {
            problems.push(format!(
                "segment {:016x}: {found} records point to it, {} are counted",
                segment.value(),
                count.value()
            ));
        }
    }
    let uncounted = used.into_keys();
    problems.extend(uncounted.map(|segment| {
        format!("segment {segment:016x}: not counted as used, the next start would remove it")
    }));
    Ok(problems)
}

impl Segments {
    /// Why a value cannot be where it should be.
    fn lacks(&self, location: Location) -> Option<String> {
        let path = self.path(location.segment);
        match fs::metadata(&path) {
            Err(error) => Some(format!("{}: {error}", path.display())),
            Ok(file) if file.len() < location.end() => Some(format!(
                "{}: {} bytes long, the value ends at {}",
                path.display(),
                file.len(),
                location.end()
            )),
            Ok(_) => None,
        }
    }
}

fn hex(key: &[u8]) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}
