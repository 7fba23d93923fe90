//! JSON text with the bare tokens `NaN`, `Infinity` and `-Infinity`.
//!
//! HSDS writes them and accepts them, although JSON has none. A [`Value`] cannot hold them
//! either: when read they become the strings of these names, and a writer who needs the bare
//! tokens puts [`token`] strings in their place.

use std::io;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::Formatter;

use crate::error::{ProtocolError, Result};

/// Starts the strings that [`write_lenient`] turns into bare tokens. Such strings never leave the process, so
/// no text of a user can start with these random digits.
static MARK: LazyLock<String> =
    LazyLock::new(|| format!("\u{10ffff}{:032x}", rand::random::<u128>()));

const TOKENS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// The name of a number that is not finite.
pub fn name(number: f64) -> &'static str {
    match number {
        n if n.is_nan() => TOKENS[0],
        n if n > 0.0 => TOKENS[1],
        _ => TOKENS[2],
    }
}

/// A string that [`write_lenient`] writes as the bare token for this number that is not finite.
pub fn token(number: f64) -> Value {
    Value::String(format!("{}{}", *MARK, name(number)))
}

/// Turns a string with the name of a number that is not finite into its [`token`]; leaves
/// everything else alone.
pub fn mark(value: &mut Value) {
    if let Value::String(text) = value
        && TOKENS.contains(&text.as_str())
    {
        text.insert_str(0, &MARK);
    }
}

/// The bare token that a [`token`] string stands for; `None` for all other strings.
fn unmarked(text: &str) -> Option<&str> {
    let token = text.strip_prefix(MARK.as_str())?;
    TOKENS.contains(&token).then_some(token)
}

/// Turns every [`token`] in a document into `null`.
pub fn clear_tokens(document: &mut Value) {
    match document {
        Value::String(text) if unmarked(text).is_some() => {
            *document = Value::Null;
        }
        Value::Array(items) => items.iter_mut().for_each(clear_tokens),
        Value::Object(members) => members.values_mut().for_each(clear_tokens),
        _ => {}
    }
}

/// Reads JSON in which numbers may be bare `NaN`, `Infinity` or `-Infinity`; these become strings.
pub fn parse_lenient(text: &[u8]) -> Result<Value> {
    let strict = match serde_json::from_slice(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let quoted = quote_tokens(text);
    serde_json::from_slice(quoted.as_deref().unwrap_or(text))
        .map_err(|_| ProtocolError::InvalidValue(format!("not JSON: {strict}")))
}

/// The text with its bare tokens in quotes; `None` if it has none.
fn quote_tokens(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut at, mut done) = (0, 0);
    while at < text.len() {
        if text[at] == b'"' {
            at = end_of_string(text, at);
            continue;
        }
        let found = TOKENS.iter().find(|t| text[at..].starts_with(t.as_bytes()));
        let Some(token) = found else {
            at += 1;
            continue;
        };
        out.extend_from_slice(&text[done..at]);
        out.push(b'"');
        out.extend_from_slice(token.as_bytes());
        out.push(b'"');
        at += token.len();
        done = at;
    }
    (done > 0).then(|| {
        out.extend_from_slice(&text[done..]);
        out
    })
}

/// Index behind the string that starts at `start`.
fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() {
        match text[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// Writes a document, [`token`] strings as bare tokens.
pub fn write_lenient<T: Serialize + ?Sized>(document: &T) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    append_lenient(document, &mut out)?;
    Ok(out)
}

/// The same behind what is there already.
pub fn append_lenient<T: Serialize + ?Sized>(document: &T, out: &mut Vec<u8>) -> Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Lenient::default());
    document
        .serialize(&mut serializer)
        .map_err(|e| ProtocolError::InvalidValue(e.to_string()))
}

/// Writes compact JSON, holding back a string's first quote until its text is known.
#[derive(Default)]
struct Lenient {
    quote_due: bool,
    bare: bool,
}

impl Formatter for Lenient {
    fn begin_string<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.quote_due = true;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if self.quote_due
            && let Some(token) = unmarked(fragment)
        {
            (self.quote_due, self.bare) = (false, true);
            return writer.write_all(token.as_bytes());
        }
        self.open(writer)?;
        writer.write_all(fragment.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: serde_json::ser::CharEscape,
    ) -> io::Result<()> {
        self.open(writer)?;
        serde_json::ser::CompactFormatter.write_char_escape(writer, escape)
    }

    fn end_string<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if std::mem::take(&mut self.bare) {
            return Ok(());
        }
        self.open(writer)?;
        writer.write_all(b"\"")
    }
}

impl Lenient {
    fn open<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if std::mem::take(&mut self.quote_due) {
            writer.write_all(b"\"")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bare_tokens_become_strings() {
        let text = br#"{"a NaN \" NaN": [NaN, -Infinity,Infinity , 1], "b": "NaN\\"}"#;
        let value = parse_lenient(text).unwrap();
        let expected = json!({"a NaN \" NaN": ["NaN", "-Infinity", "Infinity", 1], "b": "NaN\\"});
        assert_eq!(value, expected);
        assert_eq!(parse_lenient(b"NaN").unwrap(), json!("NaN"));
        for text in ["", "[NaN", "[nan]", "{NaN}", "\"NaN"] {
            assert!(parse_lenient(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn no_text_of_a_user_is_a_token() {
        for name in TOKENS {
            for text in [format!("\u{10ffff}{name}"), format!("\u{10ffff}{name}\n")] {
                let mut value = json!([text]);
                let written = write_lenient(&value).unwrap();
                assert_eq!(parse_lenient(&written).unwrap(), value);
                clear_tokens(&mut value);
                assert_eq!(value, json!([text]));
            }
        }
    }

    #[test]
    fn tokens_are_written_bare() {
        let mut marked = json!("NaN");
        mark(&mut marked);
        let value = json!({"NaN": [marked, token(f64::INFINITY), token(-f64::INFINITY)],
            "text": ["NaN", "", "a\"b\n", "\u{10ffff}x"], "n": [1, 2.5, null, true]});
        let text = String::from_utf8(write_lenient(&value).unwrap()).unwrap();
        let expected = concat!(
            r#"{"NaN":[NaN,Infinity,-Infinity],"text":["NaN","","a\"b\n","#,
            "\"\u{10ffff}x\"],",
            r#""n":[1,2.5,null,true]}"#
        );
        assert_eq!(text, expected);
        let mut cleared = value;
        clear_tokens(&mut cleared);
        assert_eq!(cleared["NaN"], json!([null, null, null]));
        assert_eq!(cleared["text"][0], "NaN");
    }
}
