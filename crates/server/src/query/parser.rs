//! From the words of a query to its meaning.

use super::lexer::{Token, tokens};
use super::{Comparison, Condition, Literal};
use crate::error::{ApiError, Result};

/// Parentheses and negations inside each other at most: the reader calls itself for each.
const MOST_NESTED: usize = 100;

type Read = Condition<String>;

/// Reads a whole query.
pub(super) fn parse(query: &str) -> Result<Read> {
    let mut parser = Parser {
        tokens: tokens(query)?,
        at: 0,
        depth: 0,
    };
    let condition = parser.any()?;
    match parser.tokens.get(parser.at) {
        None => Ok(condition),
        Some(token) => Err(wrong("its end", Some(token))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// A condition of several parts, or the only one.
fn joined(mut parts: Vec<Read>, join: fn(Vec<Read>) -> Read) -> Read {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn wrong(expected: &str, found: Option<&Token>) -> ApiError {
    let found = match found {
        None => String::from("the end"),
        Some(Token::Word(text)) => text.clone(),
        Some(Token::Text(text)) => format!("'{text}'"),
        Some(Token::Integer(number)) => number.to_string(),
        Some(Token::Float(number)) => number.to_string(),
        Some(Token::Sign(text) | Token::Keyword(text)) => (*text).to_owned(),
    };
    ApiError::bad_request(format!("query: expected {expected}, found {found}"))
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Takes the next word if it is this sign or keyword.
    fn take(&mut self, what: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(t) | Token::Keyword(t)) if *t == what);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, what: &str) -> Result<()> {
        match self.take(what) {
            true => Ok(()),
            false => Err(wrong(what, self.peek())),
        }
    }

    fn any(&mut self) -> Result<Read> {
        let mut found = vec![self.all()?];
        while self.take("|") || self.take("OR") {
            found.push(self.all()?);
        }
        Ok(joined(found, Condition::Or))
    }

    fn all(&mut self) -> Result<Read> {
        let mut found = vec![self.single()?];
        while self.take("&") || self.take("AND") {
            found.push(self.single()?);
        }
        Ok(joined(found, Condition::And))
    }

    fn single(&mut self) -> Result<Read> {
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return Err(ApiError::bad_request("query: nested too deeply"));
        }
        let condition = if self.take("~") || self.take("NOT") {
            Condition::Not(Box::new(self.single()?))
        } else if self.take("(") {
            let inner = self.any()?;
            self.expect(")")?;
            inner
        } else {
            self.predicate()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn predicate(&mut self) -> Result<Read> {
        let field = self.field()?;
        if self.take(".") {
            return self.method(field);
        }
        if self.take("IN") {
            return Ok(Condition::OneOf(field, self.values()?));
        }
        if self.take("NOT") {
            self.expect("IN")?;
            let inside = Condition::OneOf(field, self.values()?);
            return Ok(Condition::Not(Box::new(inside)));
        }
        let comparison = self.comparison()?;
        Ok(Condition::Compare(field, comparison, self.value()?))
    }

    fn method(&mut self, field: String) -> Result<Read> {
        let name = match self.peek() {
            Some(Token::Word(name)) => name.to_ascii_lowercase(),
            other => return Err(wrong("isin, is_null or is_valid", other)),
        };
        match name.as_str() {
            "isin" => {
                self.at += 1;
                Ok(Condition::OneOf(field, self.values()?))
            }
            "is_null" | "is_valid" => {
                self.at += 1;
                self.expect("(")?;
                self.expect(")")?;
                let null = Condition::IsNull(field);
                Ok(match name.as_str() {
                    "is_null" => null,
                    _ => Condition::Not(Box::new(null)),
                })
            }
            _ => Err(wrong("isin, is_null or is_valid", self.peek())),
        }
    }

    fn field(&mut self) -> Result<String> {
        if self.take("FIELD") {
            self.expect("(")?;
            let name = self.name()?;
            self.expect(")")?;
            return Ok(name);
        }
        self.name()
    }

    fn name(&mut self) -> Result<String> {
        match self.tokens.get(self.at) {
            Some(Token::Word(name) | Token::Text(name)) => {
                self.at += 1;
                Ok(name.clone())
            }
            other => Err(wrong("a field", other)),
        }
    }

    fn comparison(&mut self) -> Result<Comparison> {
        let all = [
            ("==", Comparison::Equal),
            ("=", Comparison::Equal),
            ("!=", Comparison::Unequal),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        for (sign, comparison) in all {
            if self.take(sign) {
                return Ok(comparison);
            }
        }
        Err(wrong("a comparison", self.peek()))
    }

    fn values(&mut self) -> Result<Vec<Literal>> {
        self.expect("(")?;
        let mut values = vec![self.value()?];
        while self.take(",") {
            values.push(self.value()?);
        }
        self.expect(")")?;
        Ok(values)
    }

    fn value(&mut self) -> Result<Literal> {
        let value = match self.peek() {
            Some(Token::Integer(number)) => Literal::Integer(*number),
            Some(Token::Float(number)) => Literal::Float(*number),
            Some(Token::Text(text) | Token::Word(text)) => Literal::Text(text.clone()),
            Some(Token::Keyword("TRUE")) => Literal::Integer(1),
            Some(Token::Keyword("FALSE")) => Literal::Integer(0),
            other => return Err(wrong("a value", other)),
        };
        self.at += 1;
        Ok(value)
    }
}
