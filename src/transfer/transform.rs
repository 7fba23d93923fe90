//! Data transforms (`H5Pset_data_transform`): arithmetic on a program's elements during a transfer.
//!
//! HDF5 has no public function that evaluates the expression it took, so this does, by HDF5's
//! rules: elements are of the program's type; arithmetic with a number is done in double precision
//! and each step's result is an element again; arithmetic of two numbers in the expression follows
//! C. Called by `convert`: behind the conversion when reading, before it when writing.

use h5rest_protocol::Datatype;
use h5rest_protocol::datatype::{ByteOrder, FloatType};

use crate::connector::{Error, ErrorKind, Result};

/// An expression and the type it works on.
#[derive(Debug)]
pub struct Transform {
    tree: Node,
    elements: Option<Kind>,
}

/// Number types of C, in which HDF5 calculates.
#[derive(Debug, Clone, Copy)]
enum Kind {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

#[derive(Debug, PartialEq)]
enum Node {
    Integer(i64),
    Float(f64),
    /// The elements; HDF5 takes any name for them.
    Elements,
    /// A missing left side is a sign: HDF5 calculates with 0 in its place.
    Operation(Operator, Option<Box<Node>>, Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Divide,
}

impl Transform {
    /// The transform that `text` describes, of elements of type `memory`; `None` if it changes
    /// nothing. Types that HDF5 does not transform either make [`Transform::apply`] fail.
    pub fn new(text: &str, memory: &Datatype) -> Result<Option<Self>> {
        let mut parser = Parser { rest: text };
        let tree = parser.expression()?;
        if !parser.rest.trim_start().is_empty() {
            return Err(parser.wrong());
        }
        if tree == Node::Elements && text.len() == 1 {
            return Ok(None);
        }
        Ok(Some(Self {
            tree,
            elements: Kind::of(memory),
        }))
    }

    /// Changes all elements.
    pub fn apply(&self, elements: &mut [u8]) -> Result<()> {
        let kind = self.elements.ok_or_else(|| {
            Error::new(
                ErrorKind::Invalid,
                "data transforms (H5Pset_data_transform) need a memory type that is a native \
                 integer, float or double",
            )
        })?;
        match kind {
            Kind::I8 => apply::<i8>(&self.tree, elements),
            Kind::U8 => apply::<u8>(&self.tree, elements),
            Kind::I16 => apply::<i16>(&self.tree, elements),
            Kind::U16 => apply::<u16>(&self.tree, elements),
            Kind::I32 => apply::<i32>(&self.tree, elements),
            Kind::U32 => apply::<u32>(&self.tree, elements),
            Kind::I64 => apply::<i64>(&self.tree, elements),
            Kind::U64 => apply::<u64>(&self.tree, elements),
            Kind::F32 => apply::<f32>(&self.tree, elements),
            Kind::F64 => apply::<f64>(&self.tree, elements),
        }
    }
}

impl Kind {
    fn of(datatype: &Datatype) -> Option<Self> {
        let native = if cfg!(target_endian = "little") {
            ByteOrder::Little
        } else {
            ByteOrder::Big
        };
        match datatype {
            Datatype::Integer(integer) if integer.bits.is_whole() => {
                let one_byte = integer.bits.size == 1;
                if integer.bits.order != native && !one_byte {
                    return None;
                }
                Some(match (integer.bits.size, integer.signed) {
                    (1, true) => Self::I8,
                    (1, false) => Self::U8,
                    (2, true) => Self::I16,
                    (2, false) => Self::U16,
                    (4, true) => Self::I32,
                    (4, false) => Self::U32,
                    (8, true) => Self::I64,
                    (8, false) => Self::U64,
                    _ => return None,
                })
            }
            Datatype::Float(float) if Some(*float) == FloatType::ieee(4, native) => Some(Self::F32),
            Datatype::Float(float) if Some(*float) == FloatType::ieee(8, native) => Some(Self::F64),
            _ => None,
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn expression(&mut self) -> Result<Node> {
        let mut left = self.term()?;
        loop {
            let operator = match self.next() {
                Some('+') => Operator::Plus,
                Some('-') => Operator::Minus,
                _ => return Ok(left),
            };
            self.take(1);
            left = Node::Operation(operator, Some(Box::new(left)), Box::new(self.term()?));
        }
    }

    fn term(&mut self) -> Result<Node> {
        let mut left = self.factor()?;
        loop {
            let operator = match self.next() {
                Some('*') => Operator::Times,
                Some('/') => Operator::Divide,
                _ => return Ok(left),
            };
            self.take(1);
            left = Node::Operation(operator, Some(Box::new(left)), Box::new(self.factor()?));
        }
    }

    fn factor(&mut self) -> Result<Node> {
        match self.next() {
            Some(sign @ ('+' | '-')) => {
                self.take(1);
                let operator = match sign {
                    '+' => Operator::Plus,
                    _ => Operator::Minus,
                };
                Ok(Node::Operation(operator, None, Box::new(self.factor()?)))
            }
            Some('(') => {
                self.take(1);
                let inner = self.expression()?;
                if self.next() != Some(')') {
                    return Err(self.wrong());
                }
                self.take(1);
                Ok(inner)
            }
            Some(letter) if letter.is_ascii_alphabetic() => {
                let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric());
                self.take(end.unwrap_or(self.rest.len()));
                Ok(Node::Elements)
            }
            Some(digit) if digit.is_ascii_digit() || digit == '.' => self.number(),
            _ => Err(self.wrong()),
        }
    }

    fn number(&mut self) -> Result<Node> {
        let bytes = self.rest.as_bytes();
        let digits = |from: usize| {
            let part = bytes.iter().skip(from);
            from + part.take_while(|byte| byte.is_ascii_digit()).count()
        };
        let mut end = digits(0);
        let whole = end;
        if bytes.get(end) == Some(&b'.') {
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            end = digits(end + 1 + sign);
        }
        let text = &self.rest[..end];
        let node = if end == whole {
            text.parse().ok().map(Node::Integer)
        } else {
            text.parse().ok().map(Node::Float)
        };
        let node = node.ok_or_else(|| self.wrong())?;
        self.take(end);
        Ok(node)
    }

    /// The next character that is not a space.
    fn next(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn wrong(&self) -> Error {
        Error::new(
            ErrorKind::Invalid,
            format!("cannot read the data transform at '{}'", self.rest),
        )
    }
}

/// Conversions of doubles to integers. C leaves open what becomes of numbers that do not fit; HDF5 has
/// what the processor makes of them.
mod in_c {
    #[cfg(target_arch = "x86_64")]
    pub fn int(value: f64) -> i32 {
        match value > -2_147_483_649.0 && value < 2_147_483_648.0 {
            true => value as i32,
            false => i32::MIN,
        }
    }

    #[cfg(target_arch = "x86_64")]
    pub fn unsigned_int(value: f64) -> u32 {
        const TWO_TO_31: f64 = 2_147_483_648.0;
        match value >= TWO_TO_31 {
            true => int(value - TWO_TO_31) as u32 ^ (1 << 31),
            false => int(value) as u32,
        }
    }

    #[cfg(target_arch = "x86_64")]
    pub fn long(value: f64) -> i64 {
        match (-TWO_TO_63..TWO_TO_63).contains(&value) {
            true => value as i64,
            false => i64::MIN,
        }
    }

    #[cfg(target_arch = "x86_64")]
    pub fn unsigned_long(value: f64) -> u64 {
        match value >= TWO_TO_63 {
            true => long(value - TWO_TO_63) as u64 ^ (1 << 63),
            false => long(value) as u64,
        }
    }

    #[cfg(target_arch = "x86_64")]
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

    #[cfg(not(target_arch = "x86_64"))]
    pub fn int(value: f64) -> i32 {
        value as i32
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub fn unsigned_int(value: f64) -> u32 {
        value as u32
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub fn long(value: f64) -> i64 {
        value as i64
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub fn unsigned_long(value: f64) -> u64 {
        value as u64
    }
}

/// What part of an expression comes to.
enum Value<T> {
    Integer(i64),
    Float(f64),
    Elements(Vec<T>),
}

/// A number type of C.
trait Number: Copy {
    const SIZE: usize;
    fn read(bytes: &[u8]) -> Self;
    fn write(self, bytes: &mut [u8]);
    fn to_double(self) -> f64;
    /// As compiled C does it.
    fn from_double(value: f64) -> Self;
    /// `None` for a division by zero of integers.
    fn calculate(operator: Operator, left: Self, right: Self) -> Option<Self>;
}

macro_rules! number {
    ($type:ty, $from_double:expr, $plus:expr, $minus:expr, $times:expr, $divide:expr) => {
        impl Number for $type {
            const SIZE: usize = size_of::<Self>();
            fn read(bytes: &[u8]) -> Self {
                let mut own = [0; Self::SIZE];
                own.copy_from_slice(bytes);
                Self::from_ne_bytes(own)
            }
            fn write(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_ne_bytes());
            }
            fn to_double(self) -> f64 {
                self as f64
            }
            fn from_double(value: f64) -> Self {
                $from_double(value)
            }
            fn calculate(operator: Operator, left: Self, right: Self) -> Option<Self> {
                match operator {
                    Operator::Plus => Some($plus(left, right)),
                    Operator::Minus => Some($minus(left, right)),
                    Operator::Times => Some($times(left, right)),
                    Operator::Divide => $divide(left, right),
                }
            }
        }
    };
    (integer $type:ident, $through:path) => {
        number!(
            $type,
            |value: f64| $through(value) as $type,
            $type::wrapping_add,
            $type::wrapping_sub,
            $type::wrapping_mul,
            |left: $type, right: $type| (right != 0).then(|| left.wrapping_div(right))
        );
    };
    (float $type:ident) => {
        number!(
            $type,
            |value: f64| value as $type,
            |left: $type, right: $type| left + right,
            |left: $type, right: $type| left - right,
            |left: $type, right: $type| left * right,
            |left: $type, right: $type| Some(left / right)
        );
    };
}

number!(integer i8, in_c::int);
number!(integer u8, in_c::int);
number!(integer i16, in_c::int);
number!(integer u16, in_c::int);
number!(integer i32, in_c::int);
number!(integer u32, in_c::unsigned_int);
number!(integer i64, in_c::long);
number!(integer u64, in_c::unsigned_long);
number!(float f32);
number!(float f64);

fn apply<T: Number>(tree: &Node, bytes: &mut [u8]) -> Result<()> {
    let elements: Vec<T> = bytes.chunks_exact(T::SIZE).map(T::read).collect();
    let changed = match evaluate(tree, &elements)? {
        Value::Integer(value) => vec![T::from_double(value as f64); elements.len()],
        Value::Float(value) => vec![T::from_double(value); elements.len()],
        Value::Elements(changed) => changed,
    };
    for (element, place) in changed.into_iter().zip(bytes.chunks_exact_mut(T::SIZE)) {
        element.write(place);
    }
    Ok(())
}

fn evaluate<T: Number>(node: &Node, elements: &[T]) -> Result<Value<T>> {
    let (operator, left, right) = match node {
        Node::Integer(value) => return Ok(Value::Integer(*value)),
        Node::Float(value) => return Ok(Value::Float(*value)),
        Node::Elements => return Ok(Value::Elements(elements.to_vec())),
        Node::Operation(operator, left, right) => (*operator, left, right),
    };
    let left = match left {
        Some(left) => evaluate(left, elements)?,
        None => Value::Integer(0),
    };
    let by_zero = || {
        Error::new(
            ErrorKind::Invalid,
            "the data transform divides integers by zero",
        )
    };
    Ok(match (left, evaluate(right, elements)?) {
        (Value::Integer(left), Value::Integer(right)) => {
            Value::Integer(i64::calculate(operator, left, right).ok_or_else(by_zero)?)
        }
        (Value::Elements(left), Value::Elements(right)) => {
            let pairs = left.into_iter().zip(right);
            let results = pairs.map(|(left, right)| T::calculate(operator, left, right));
            Value::Elements(results.collect::<Option<_>>().ok_or_else(by_zero)?)
        }
        (Value::Elements(left), right) => {
            let right = right.as_double();
            let of = |element: T| T::from_double(calculated(operator, element.to_double(), right));
            Value::Elements(left.into_iter().map(of).collect())
        }
        (left, Value::Elements(right)) => {
            let left = left.as_double();
            let of = |element: T| T::from_double(calculated(operator, left, element.to_double()));
            Value::Elements(right.into_iter().map(of).collect())
        }
        (left, right) => Value::Float(calculated(operator, left.as_double(), right.as_double())),
    })
}

fn calculated(operator: Operator, left: f64, right: f64) -> f64 {
    match operator {
        Operator::Plus => left + right,
        Operator::Minus => left - right,
        Operator::Times => left * right,
        Operator::Divide => left / right,
    }
}

impl<T> Value<T> {
    /// A number of the expression; elements are none.
    fn as_double(&self) -> f64 {
        match self {
            Self::Integer(value) => *value as f64,
            Self::Float(value) => *value,
            Self::Elements(_) => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(text: &str, elements: &[f64]) -> Vec<f64> {
        let memory = Datatype::Float(FloatType::ieee(8, ByteOrder::Little).unwrap());
        let mut bytes: Vec<u8> = elements.iter().flat_map(|e| e.to_ne_bytes()).collect();
        let transform = Transform::new(text, &memory).unwrap().unwrap();
        transform.apply(&mut bytes).unwrap();
        bytes.chunks_exact(8).map(f64::read).collect()
    }

    fn integers(text: &str, elements: &[i32]) -> Vec<i32> {
        let memory = Datatype::integer(4, true);
        let mut bytes: Vec<u8> = elements.iter().flat_map(|e| e.to_ne_bytes()).collect();
        let transform = Transform::new(text, &memory).unwrap().unwrap();
        transform.apply(&mut bytes).unwrap();
        bytes.chunks_exact(4).map(i32::read).collect()
    }

    #[test]
    fn precedence_and_signs() {
        assert_eq!(floats("(5/9.0)*(x-32)", &[32.0, 212.0]), [0.0, 100.0]);
        assert_eq!(floats("-x + 2*x*x - .5e1", &[3.0]), [10.0]);
        assert_eq!(floats("10-2-3", &[0.0, 1.0]), [5.0, 5.0]);
    }

    #[test]
    fn integers_divide_as_in_c_and_every_step_is_an_element() {
        assert_eq!(integers("(5/9)*x", &[9]), [0]);
        assert_eq!(integers("x/2*2", &[7, -7]), [6, -6]);
        assert_eq!(integers("x*2.5", &[3]), [7]);
        assert_eq!(integers("x+x*x", &[3]), [12]);
    }

    #[test]
    fn what_changes_nothing_needs_no_number_type() {
        let text = Datatype::variable_string();
        assert!(Transform::new("x", &text).unwrap().is_none());
        let adding = Transform::new("x+1", &text).unwrap().unwrap();
        assert!(adding.apply(&mut [0; 8]).is_err());
        for wrong in ["", "x+", "(x", "x)", "2x", "x $ 1"] {
            assert!(
                Transform::new(wrong, &Datatype::integer(4, true)).is_err(),
                "{wrong}"
            );
        }
        let dividing = Transform::new("1/0+x", &Datatype::integer(4, true)).unwrap();
        assert!(dividing.unwrap().apply(&mut [0; 4]).is_err());
    }
}
