//! Random steps that create datasets and move elements.

use super::{Dataset, Generator, Theme};
use crate::program::{MemoryType, Object, Space, Step, Transfer, Type};

impl Generator {
    /// Creates a dataset.
    pub fn create_dataset(&mut self, theme: Theme) -> Step {
        let ty = match theme {
            Theme::Selections => self.plain_number(),
            _ => self.datatype(2),
        };
        let limit = if theme == Theme::Selections { 400 } else { 40 };
        let space = self.space(limit);
        let creation = self.creation(&space, theme);
        let at = self.group();
        let name = (!self.one_in(30)).then(|| self.dataset_name());
        let keep = if name.is_none() {
            Some(self.number())
        } else {
            self.keep()
        };
        let object = match (keep, &at, &name) {
            (Some(number), _, _) if self.random.bool() || name.is_none() => Object::Open(number),
            (_, Object::Path(group), Some(name)) => Object::Path(below(group, name)),
            (Some(number), ..) => Object::Open(number),
            _ => Object::Path("/d0".into()),
        };
        if let Object::Path(path) = &object {
            self.links.push(path.clone());
        }
        self.datasets.push(Dataset {
            object,
            ty: ty.clone(),
            space: space.clone(),
        });
        Step::CreateDataset {
            at,
            name,
            ty,
            space,
            creation,
            keep,
        }
    }

    /// Reads, writes, or resizes.
    pub fn transfer(&mut self, theme: Theme) -> Step {
        let place = self.random.usize(..self.datasets.len());
        let grows = matches!(
            &self.datasets[place].space,
            Space::Simple {
                maximum: Some(_),
                ..
            }
        );
        match self.random.u8(..12) {
            0 if self.datasets.len() > 1 => {
                let count = self.random.usize(1..4);
                let transfers: Vec<Transfer> = (0..count)
                    .map(|_| {
                        let place = self.random.usize(..self.datasets.len());
                        self.one_transfer(place, theme)
                    })
                    .collect();
                if self.random.bool() {
                    Step::WriteMulti(transfers)
                } else {
                    Step::ReadMulti(transfers)
                }
            }
            1 | 2 if grows => self.set_extent(place),
            1 => Step::Show {
                object: self.datasets[place].object.clone(),
            },
            2..7 => {
                self.writing = true;
                let transfer = self.one_transfer(place, theme);
                self.writing = false;
                Step::Write(transfer)
            }
            _ => Step::Read(self.one_transfer(place, theme)),
        }
    }

    fn one_transfer(&mut self, place: usize, theme: Theme) -> Transfer {
        let Dataset { object, ty, space } = self.datasets[place].clone();
        let file = self.selection(&space);
        let memory = self.memory_space(&file, &space);
        Transfer {
            dataset: object,
            memory_type: self.memory_type(&ty, theme),
            memory,
            file,
            seed: self.random.u64(..10000),
        }
    }

    /// A memory type for elements of a type.
    pub fn memory_type(&mut self, ty: &Type, theme: Theme) -> MemoryType {
        match self.random.u8(..if theme == Theme::Types { 5 } else { 3 }) {
            0 | 1 => MemoryType::Same,
            2 => MemoryType::Native,
            _ => MemoryType::Other(self.converted(ty)),
        }
    }

    fn set_extent(&mut self, place: usize) -> Step {
        let Dataset { object, space, .. } = self.datasets[place].clone();
        let Space::Simple { dims, maximum } = space else {
            return Step::Show { object };
        };
        let maximum = maximum.unwrap_or_else(|| dims.clone());
        let dims: Vec<u64> = dims
            .iter()
            .zip(&maximum)
            .map(|(length, most)| match self.random.u8(..8) {
                0 => length / 2,
                1 => 0,
                2 if self.random.bool() => length + 30,
                3..6 => (length + self.random.u64(..4)).min(*most),
                6 => length.saturating_sub(1),
                _ => *length,
            })
            .collect();
        if dims
            .iter()
            .zip(&maximum)
            .all(|(length, most)| length <= most)
        {
            self.datasets[place].space = Space::Simple {
                dims: dims.clone(),
                maximum: Some(maximum),
            };
        }
        Step::SetExtent {
            dataset: object,
            dims,
        }
    }
}

/// The path of a link in a group.
pub fn below(group: &str, name: &str) -> String {
    format!("{}/{name}", group.trim_end_matches('/'))
}
