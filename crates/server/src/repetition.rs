//! Answers to changes that must not be made twice: a client whose connection broke sends its request
//! again, and cannot know whether the first one was heard.

use std::collections::VecDeque;

use parking_lot::Mutex;
use serde_json::Value;

/// Answers that are remembered; the oldest are forgotten first.
const MOST: usize = 256;

/// What a client calls a request by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Who sent it.
    pub user: String,
    /// The domain that it is about.
    pub domain: String,
    /// The name that the client gave it.
    pub id: String,
}

/// The latest answers, for the life of the server.
#[derive(Debug, Default)]
pub struct Repetitions(Mutex<VecDeque<(Key, Value)>>);

impl Repetitions {
    /// The answer that such a request got before.
    pub fn answer(&self, key: &Key) -> Option<Value> {
        let known = self.0.lock();
        let found = known.iter().find(|(known, _)| known == key);
        found.map(|(_, answer)| answer.clone())
    }

    /// Remembers an answer.
    pub fn note(&self, key: Key, answer: Value) {
        let mut known = self.0.lock();
        if known.len() >= MOST {
            known.pop_front();
        }
        known.push_back((key, answer));
    }

    /// Forgets an answer: what it says was not done.
    pub fn forget(&self, key: &Key) {
        self.0.lock().retain(|(known, _)| known != key);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_latest_answers_of_each_client_are_kept() {
        let key = |user: &str, n: usize| Key {
            user: user.into(),
            domain: "/d".into(),
            id: n.to_string(),
        };
        let known = Repetitions::default();
        for n in 0..=MOST {
            known.note(key("u", n), json!(n));
        }
        assert_eq!(known.answer(&key("u", 0)), None);
        assert_eq!(known.answer(&key("u", MOST)), Some(json!(MOST)));
        assert_eq!(known.answer(&key("other", MOST)), None);
        known.forget(&key("u", MOST));
        assert_eq!(known.answer(&key("u", MOST)), None);
    }
}
