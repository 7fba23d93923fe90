//! The words of a query.

use crate::error::{ApiError, Result};

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or an unquoted word.
    Word(String),
    /// Quoted text; with `b` in front, too.
    Text(String),
    /// A number without a decimal point.
    Integer(i128),
    /// A number with one.
    Float(f64),
    /// An operator or punctuation.
    Sign(&'static str),
    /// AND, OR, NOT, IN, TRUE, FALSE, FIELD.
    Keyword(&'static str),
}

const KEYWORDS: [&str; 7] = ["AND", "OR", "NOT", "IN", "TRUE", "FALSE", "FIELD"];
/// Longer ones first.
const SIGNS: [&str; 14] = [
    "==", "!=", "<=", ">=", "=", "<", ">", "&", "|", "~", ".", "(", ")", ",",
];

/// Takes a query apart.
pub(super) fn tokens(query: &str) -> Result<Vec<Token>> {
    let (mut found, mut rest) = (Vec::new(), query.trim_start());
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            'b' if rest[1..].starts_with(['\'', '"']) => {
                let (token, length) = quoted(&rest[1..])?;
                (token, length + 1)
            }
            '\'' | '"' => quoted(rest)?,
            c if c.is_alphabetic() || c == '_' => word(rest),
            '0'..='9' => number(rest)?,
            '-' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => number(rest)?,
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let sign = sign.ok_or_else(|| {
                    ApiError::bad_request(format!("query: '{first}' has no meaning in '{query}'"))
                })?;
                (Token::Sign(sign), sign.len())
            }
        };
        found.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

fn quoted(text: &str) -> Result<(Token, usize)> {
    let quote = &text[..1];
    let end = text[1..].find(quote);
    let end = end.ok_or_else(|| ApiError::bad_request(format!("query: no end of {text}")))?;
    Ok((Token::Text(text[1..=end].to_owned()), end + 2))
}

fn word(text: &str) -> (Token, usize) {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    let word = &text[..end.unwrap_or(text.len())];
    let keyword = KEYWORDS.iter().find(|k| k.eq_ignore_ascii_case(word));
    let token = match keyword {
        Some(keyword) => Token::Keyword(keyword),
        None => Token::Word(word.to_owned()),
    };
    (token, word.len())
}

fn number(text: &str) -> Result<(Token, usize)> {
    let digits = |text: &str| {
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len())
    };
    let sign = usize::from(text.starts_with('-'));
    let mut end = sign + digits(&text[sign..]);
    let mut is_float = text[end..].starts_with('.');
    if is_float {
        end += 1 + digits(&text[end + 1..]);
    }
    // Powers of ten, which HSDS does not know.
    if text[end..].starts_with(['e', 'E']) {
        let power = &text[end + 1..];
        let sign = usize::from(power.starts_with(['+', '-']));
        let length = digits(&power[sign..]);
        if length > 0 {
            is_float = true;
            end += 1 + sign + length;
        }
    }
    let text = &text[..end];
    let bad = || ApiError::bad_request(format!("query: {text} is no number"));
    let token = match is_float {
        true => Token::Float(text.parse().map_err(|_| bad())?),
        false => Token::Integer(text.parse().map_err(|_| bad())?),
    };
    Ok((token, end))
}
