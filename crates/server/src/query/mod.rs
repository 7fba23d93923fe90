//! The language of `query=`: conditions on the fields of an element, or on the attributes of a
//! domain's root group.
//!
//! ```text
//! condition  := all ( ("|" | OR) all )*
//! all        := single ( ("&" | AND) single )*
//! single     := ("~" | NOT) single | "(" condition ")" | predicate
//! predicate  := field comparison value
//!             | field ".isin(" values ")" | field IN "(" values ")" | field NOT IN "(" values ")"
//!             | field ".is_null()" | field ".is_valid()"
//! field      := name | "name" | field("name")
//! comparison := == | = | != | < | <= | > | >=
//! value      := number | 'text' | b'text' | true | false | word
//! ```
//!
//! Words in capitals may be in small letters, too. The element of a dataset that is not a
//! compound is the field `_`. `routes::queries` and `routes::domains` are its users.

mod columns;
mod lexer;
mod parser;
mod scalar;

pub use columns::Columns;
pub use scalar::Scalar;

use crate::error::Result;

/// How two values may relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A value in a query.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// An integer; `true` and `false` are 1 and 0.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// Text, quoted or not.
    Text(String),
}

/// A condition; `F` is how fields are told.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition<F> {
    /// All of them. (Not two and two: a query may have thousands, and whoever goes through a tree of them
    /// calls itself for each.)
    And(Vec<Self>),
    /// At least one.
    Or(Vec<Self>),
    /// Not this one.
    Not(Box<Self>),
    /// A field beside a value.
    Compare(F, Comparison, Literal),
    /// A field is one of several values.
    OneOf(F, Vec<Literal>),
    /// A field has no value: a float that is not a number, or text that was never written.
    IsNull(F),
}

impl Condition<String> {
    /// Reads a query; fields are told by their names.
    ///
    /// # Errors
    /// 400 with the place and what was expected there.
    pub fn parse(text: &str) -> Result<Self> {
        parser::parse(text)
    }
}

fn bind_all<F, G>(
    all: &[Condition<F>],
    tell: &mut dyn FnMut(&F) -> Result<G>,
) -> Result<Vec<Condition<G>>> {
    all.iter().map(|one| one.bind(tell)).collect()
}

/// Whether all of them hold, or (if not `holds`) none does.
fn all_hold<F>(
    all: &[Condition<F>],
    value: &dyn Fn(&F) -> Result<Scalar>,
    holds: bool,
) -> Result<bool> {
    for one in all {
        if one.holds(value)? != holds {
            return Ok(false);
        }
    }
    Ok(true)
}

impl<F> Condition<F> {
    /// The same condition with fields told otherwise.
    ///
    /// # Errors
    /// The first of `tell`.
    pub fn bind<G>(&self, tell: &mut dyn FnMut(&F) -> Result<G>) -> Result<Condition<G>> {
        Ok(match self {
            Self::And(all) => Condition::And(bind_all(all, tell)?),
            Self::Or(all) => Condition::Or(bind_all(all, tell)?),
            Self::Not(a) => Condition::Not(Box::new(a.bind(tell)?)),
            Self::Compare(field, how, value) => {
                Condition::Compare(tell(field)?, *how, value.clone())
            }
            Self::OneOf(field, values) => Condition::OneOf(tell(field)?, values.clone()),
            Self::IsNull(field) => Condition::IsNull(tell(field)?),
        })
    }

    /// Whether it holds for the values that `value` gives for fields.
    ///
    /// # Errors
    /// 400 where a value cannot be compared with what it is beside.
    pub fn holds(&self, value: &dyn Fn(&F) -> Result<Scalar>) -> Result<bool> {
        Ok(match self {
            Self::And(all) => all_hold(all, value, true)?,
            Self::Or(all) => !all_hold(all, value, false)?,
            Self::Not(a) => !a.holds(value)?,
            Self::Compare(field, how, literal) => value(field)?.compares(*how, literal)?,
            Self::OneOf(field, literals) => {
                let scalar = value(field)?;
                let mut found = false;
                for literal in literals {
                    found |= scalar.compares(Comparison::Equal, literal)?;
                }
                found
            }
            Self::IsNull(field) => value(field)?.is_null(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(query: &str) -> bool {
        let condition = Condition::parse(query).unwrap();
        let value = |name: &String| {
            Ok(match name.as_str() {
                "i" => Scalar::Integer(7),
                "f" => Scalar::Float {
                    value: f64::from(0.1_f32),
                    single: true,
                },
                "nan" => Scalar::Float {
                    value: f64::NAN,
                    single: false,
                },
                "s" => Scalar::Text("EBAY".into()),
                "d" => Scalar::Text("20170104".into()),
                _ => Scalar::Null,
            })
        };
        condition.holds(&value).unwrap()
    }

    #[test]
    fn conditions() {
        for query in [
            "i==7",
            "i = 7.0",
            "i < 7.5",
            "i != -7",
            "(i > 6) & (i <= 7)",
            "i>8 | s == EBAY",
            "~(i>8) AND s=='EBAY'",
            "not i > 8 and s == \"EBAY\"",
            "s == b'EBAY'",
            "s > 'AAPL'",
            "s.isin('AAPL', EBAY)",
            "s IN (AAPL, EBAY)",
            "s not in (AAPL)",
            "d == 20170104",
            "field('i') == 7",
            "'i' == 7",
            "f == 0.1",
            "nan.is_null()",
            "i.is_valid()",
            "none.is_null()",
            "nan != nan2",
            "i == true | i == 7",
            "a == 1 | i == 7 & s == EBAY",
        ] {
            assert!(holds(query), "{query}");
        }
        for query in [
            "i>7",
            "i=='x'",
            "i == 7 & s == AAPL",
            "f == 0.2",
            "nan == 1",
            "none == 0",
        ] {
            assert!(!holds(query), "{query}");
        }
    }

    #[test]
    fn mistakes_are_refused() {
        for query in [
            "",
            "i",
            "i<",
            "i<7)",
            "(i<7",
            "i<7 s",
            "i.isin()",
            "i.isin([7])",
            "i.what()",
            "i not 7",
            "s=='x",
            "i;7",
            "field(i == 7",
            "== 7",
        ] {
            assert_eq!(Condition::parse(query).unwrap_err().status, 400, "{query}");
        }
        let deep = format!("{}i<7{}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(Condition::parse(&deep).unwrap_err().status, 400);
    }

    #[test]
    fn text_and_numbers_have_no_order() {
        let condition = Condition::parse("i < x").unwrap();
        assert!(condition.holds(&|_| Ok(Scalar::Integer(1))).is_err());
    }
}
