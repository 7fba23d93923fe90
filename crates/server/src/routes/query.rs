//! The query part of a request's URL.

use crate::error::{ApiError, Result};

/// Names and values in order of appearance.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl From<Vec<(String, String)>> for Query {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl Query {
    /// Reads the text behind the question mark.
    pub fn parse(text: &str) -> Self {
        Self(
            form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// All but the values of one name, in an order of their own.
    pub fn sorted_without(&self, name: &str) -> Vec<&(String, String)> {
        let mut pairs: Vec<_> = self.0.iter().filter(|(n, _)| n != name).collect();
        pairs.sort();
        pairs
    }

    /// The first value of this name that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(n, value)| n == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Whether a flag is set. HSDS takes some flags for set whatever their value is; here all of
    /// them can be switched off.
    pub fn flag(&self, name: &str) -> bool {
        self.flag_or(name, false)
    }

    /// Whether a flag is set, or `default` if it is not named.
    pub fn flag_or(&self, name: &str, default: bool) -> bool {
        match self.get(name) {
            None => default,
            Some(value) => !matches!(value, "0" | "F" | "f" | "false" | "False" | "FALSE"),
        }
    }

    /// A number that is not negative.
    pub fn number(&self, name: &str) -> Result<Option<u64>> {
        let read = |text: &str| {
            let number = text.parse::<u64>();
            number.map_err(|_| ApiError::bad_request(format!("{name} is not a number: '{text}'")))
        };
        self.get(name).map(read).transpose()
    }

    /// The most entries that are wanted. None is no bound, as in HSDS.
    pub fn limit(&self) -> Result<Option<u64>> {
        Ok(self.number("Limit")?.filter(|&limit| limit > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_values() {
        let query = Query::parse("a=1&b=0&c=&d=F&domain=%2Fhome%2Fu+v%25&Limit=7&n=-1");
        let flags: Vec<bool> = ["a", "b", "c", "d", "e"]
            .map(|name| query.flag(name))
            .into();
        assert_eq!(flags, [true, false, false, false, false]);
        assert_eq!(query.get("domain"), Some("/home/u v%"));
        assert_eq!(query.number("Limit").unwrap(), Some(7));
        assert!(query.number("n").is_err());
        assert!(query.flag_or("e", true));
    }
}
