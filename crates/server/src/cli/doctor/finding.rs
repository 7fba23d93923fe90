//! What a check found, and how it is printed.

use std::fmt;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// May be as it is meant.
    Note,
    /// Will not work.
    Problem,
}

/// One line: what was checked, what was found, and what to do about it.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub level: Level,
    /// What was checked.
    subject: &'static str,
    found: String,
    todo: Option<String>,
}

impl Finding {
    /// It is as it should be.
    pub fn ok(subject: &'static str, found: impl Into<String>) -> Self {
        Self {
            level: Level::Ok,
            subject,
            found: found.into(),
            todo: None,
        }
    }

    /// It may be as it is meant; if not, this is to be done.
    pub fn note(subject: &'static str, found: impl Into<String>, todo: impl Into<String>) -> Self {
        Self {
            level: Level::Note,
            todo: Some(todo.into()),
            ..Self::ok(subject, found)
        }
    }

    /// It will not work; this is to be done.
    pub fn problem(
        subject: &'static str,
        found: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Problem,
            ..Self::note(subject, found, todo)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Note => "note",
            Level::Problem => "PROBLEM",
        };
        write!(f, "{level:7}  {}: {}", self.subject, self.found)?;
        match &self.todo {
            Some(todo) => write!(f, "\n         -> {todo}"),
            None => Ok(()),
        }
    }
}
