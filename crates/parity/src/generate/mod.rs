//! Makes programs by chance. A light model of the file (which names there are, which extents
//! datasets have) makes most calls meaningful; some are not, and must fail on both sides.

mod choices;
mod data;
mod names;
mod selections;
mod spaces;
mod types;

use self::choices::Choices;
use crate::program::{Object, Order, Program, Space, Step, Type};

/// What a program is mostly about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    /// Datatypes and conversions.
    Types,
    /// Selections of datasets in simple types.
    Selections,
    /// Attributes.
    Attributes,
    /// Groups, links, copies.
    Links,
    /// All of it.
    Mixed,
}

/// A dataset as the generator remembers it; the file may know better.
#[derive(Clone, Debug)]
struct Dataset {
    object: Object,
    ty: Type,
    space: Space,
}

/// State while a program is made.
struct Generator {
    random: Choices,
    datasets: Vec<Dataset>,
    groups: Vec<String>,
    committed: Vec<String>,
    links: Vec<String>,
    attributes: Vec<(Object, String, Type)>,
    /// Whether an attribute was renamed.
    renamed: bool,
    /// Whether the file was opened again for reading.
    read_only: bool,
    open: Vec<u8>,
    /// Whether the memory type that is made is one to write from.
    writing: bool,
}

/// The program of a seed.
pub fn program(seed: u64) -> Program {
    made(Choices::seeded(seed))
}

/// The program whose choices these bytes are; each choice takes a few, and all are the first when there
/// are no more.
pub fn program_of_bytes(bytes: &[u8]) -> Program {
    made(Choices::of_bytes(bytes))
}

fn made(mut random: Choices) -> Program {
    let theme = match random.u8(..10) {
        0..3 => Theme::Types,
        3..5 => Theme::Selections,
        5..7 => Theme::Attributes,
        7..9 => Theme::Links,
        _ => Theme::Mixed,
    };
    let ordered = random.bool();
    let count = random.usize(3..14);
    let mut generator = Generator {
        random,
        datasets: Vec::new(),
        groups: vec!["/".into()],
        committed: Vec::new(),
        links: Vec::new(),
        attributes: Vec::new(),
        renamed: false,
        read_only: false,
        open: Vec::new(),
        writing: false,
    };
    let mut steps = Vec::new();
    for _ in 0..count {
        steps.push(generator.step(theme));
    }
    Program { ordered, steps }
}

impl Generator {
    fn step(&mut self, theme: Theme) -> Step {
        if self.one_in(14) {
            return self.life();
        }
        match theme {
            Theme::Types | Theme::Selections if self.datasets.len() < 2 || self.one_in(8) => {
                self.create_dataset(theme)
            }
            Theme::Types | Theme::Selections => self.transfer(theme),
            Theme::Attributes => self.attribute(),
            Theme::Links => self.link(),
            Theme::Mixed => match self.random.u8(..6) {
                0 => self.create_dataset(theme),
                1 | 2 if !self.datasets.is_empty() => self.transfer(theme),
                3 => self.attribute(),
                _ => self.link(),
            },
        }
    }

    /// Steps about what is open.
    fn life(&mut self) -> Step {
        match self.random.u8(..8) {
            0 | 1 => {
                self.open.clear();
                let by_path = |object: &Object| matches!(object, Object::Path(_));
                self.datasets.retain(|dataset| by_path(&dataset.object));
                self.attributes.retain(|(object, _, _)| by_path(object));
                let write = !self.one_in(6);
                self.read_only = !write;
                Step::Reopen { write }
            }
            2 => Step::Flush,
            3 => {
                let (path, number) = (self.path(), self.number());
                Step::Open { path, number }
            }
            4 if !self.open.is_empty() => {
                let place = self.random.usize(..self.open.len());
                let number = self.open.swap_remove(place);
                Step::Close(number)
            }
            5 => Step::Refresh {
                object: self.object(),
                flush: self.random.bool(),
            },
            _ => Step::Show {
                object: self.object(),
            },
        }
    }

    fn one_in(&mut self, count: u32) -> bool {
        self.random.u32(..count) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        self.random.choice(from).cloned()
    }

    fn order(&mut self) -> Order {
        if self.random.bool() {
            Order::Little
        } else {
            Order::Big
        }
    }

    /// A number to leave something open under.
    fn number(&mut self) -> u8 {
        let number = self.random.u8(..4);
        if !self.open.contains(&number) {
            self.open.push(number);
        }
        number
    }

    fn keep(&mut self) -> Option<u8> {
        self.one_in(4).then(|| self.number())
    }

    /// Some object: by path, or one that is open.
    fn object(&mut self) -> Object {
        if self.one_in(3)
            && let Some(number) = self.random.choice(&self.open)
        {
            return Object::Open(*number);
        }
        Object::Path(self.path())
    }

    /// Some group, by path or open.
    fn group(&mut self) -> Object {
        if self.one_in(8) {
            return self.object();
        }
        let path = self
            .pick(&self.groups.clone())
            .unwrap_or_else(|| "/".into());
        Object::Path(path)
    }
}
