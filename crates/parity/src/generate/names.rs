//! Random steps about names: attributes, groups, links, committed types, copies.

use super::data::below;
use super::{Generator, Theme};
use crate::program::{By, MemoryType, Object, Space, Step, Type};

const NAMES: [&str; 7] = ["a", "b", "c", "\u{fc}mlaut", "two words", "d1", "z"];
const TARGETS: [&str; 6] = ["a", "/b", "missing", "./d0", "/a/b", ".."];

impl Generator {
    /// A name for a dataset.
    pub fn dataset_name(&mut self) -> String {
        match self.random.u8(..8) {
            0 => self.name(),
            _ => format!("d{}", self.random.u8(..3)),
        }
    }

    fn name(&mut self) -> String {
        self.pick(&NAMES).unwrap_or("a").into()
    }

    /// A path that may exist.
    pub fn path(&mut self) -> String {
        let known = match self.random.u8(..8) {
            0 => Some("/".into()),
            1 => self.pick(&self.groups.clone()),
            2 => self.pick(&self.committed.clone()),
            3..7 => self.pick(&self.links.clone()),
            _ => None,
        };
        let path = known.unwrap_or_else(|| format!("/{}", self.name()));
        match self.random.u8(..24) {
            0 => format!("{path}/"),
            1 => format!("/./{}", path.trim_start_matches('/')),
            2 => format!("{path}/a"),
            3 => path.replace('/', "//"),
            _ => path,
        }
    }

    /// H5_ITER_NATIVE is any order: there is nothing to compare.
    fn by(&mut self) -> By {
        By {
            index: self.random.u8(..2),
            order: self.random.u8(..2),
        }
    }

    /// Where the order of creation is not tracked, HDF5 gives that of the object header instead, in
    /// which a renamed attribute may have moved.
    fn attribute_by(&mut self) -> By {
        let by = self.by();
        By {
            index: if self.renamed { 0 } else { by.index },
            ..by
        }
    }

    /// One step about attributes.
    pub fn attribute(&mut self) -> Step {
        if self.attributes.is_empty() || self.one_in(4) {
            return self.create_attribute();
        }
        let place = self.random.usize(..self.attributes.len());
        let (object, name, ty) = self.attributes[place].clone();
        let n = self.random.u64(..4);
        match self.random.u8(..14) {
            0..3 => {
                let memory_type = self.memory_type(&ty, Theme::Types);
                Step::ReadAttribute {
                    object,
                    name,
                    memory_type,
                }
            }
            // A file for reading refuses, but HDF5 keeps the value in memory all the same; and what
            // an impossible conversion between sequences leaves there is neither value.
            3 | 4 if self.read_only => Step::ShowAttribute { object, name },
            3 | 4 => {
                let memory_type = match ty {
                    Type::Sequence(_) => MemoryType::Same,
                    _ => self.memory_type(&ty, Theme::Types),
                };
                Step::WriteAttribute {
                    object,
                    name,
                    memory_type,
                    seed: self.random.u64(..10000),
                }
            }
            5 => {
                self.renamed = true;
                let to = self.attribute_name();
                self.attributes.push((object.clone(), to.clone(), ty));
                Step::RenameAttribute {
                    object,
                    from: name,
                    to,
                }
            }
            6 => Step::DeleteAttribute { object, name },
            7 => Step::DeleteAttributeAt {
                object,
                by: self.attribute_by(),
                n,
            },
            8 => Step::ShowAttributeAt {
                object,
                by: self.attribute_by(),
                n,
            },
            9 => Step::ShowAttribute { object, name },
            10 if self.one_in(2) => self.link(),
            _ => {
                let start = if self.one_in(4) { n } else { 0 };
                let stop = self.one_in(4).then(|| self.random.usize(1..4));
                Step::ListAttributes {
                    object,
                    by: self.attribute_by(),
                    start,
                    stop,
                }
            }
        }
    }

    fn attribute_name(&mut self) -> String {
        match self.random.u8(..6) {
            0 => self.name(),
            1 => "x/y".into(),
            _ => format!("attribute {}", self.random.u8(..4)),
        }
    }

    fn create_attribute(&mut self) -> Step {
        let object = if self.random.bool() {
            Object::Path("/".into())
        } else {
            self.object()
        };
        let (name, ty) = (self.attribute_name(), self.datatype(2));
        self.attributes
            .push((object.clone(), name.clone(), ty.clone()));
        let space = if self.random.bool() {
            Space::Scalar
        } else {
            self.space(12)
        };
        let utf8 = self.random.bool();
        let mut value = (!self.one_in(5)).then(|| self.random.u64(..10000));
        if holds_text(&ty) {
            // HDF5 hands out zero bytes for what nobody wrote, but once the file was opened again
            // it converts them, and text of another padding comes out.
            value = value.or(Some(0));
        }
        Step::CreateAttribute {
            object,
            name,
            ty,
            space,
            utf8,
            value,
        }
    }

    /// One step about groups and links.
    pub fn link(&mut self) -> Step {
        let (at, n) = (self.group(), self.random.u64(..4));
        let intermediate = self.one_in(3);
        match self.random.u8(..26) {
            0..5 => self.create_group(at, intermediate),
            5 => {
                let (object, name) = (self.object(), self.name());
                Step::Link { object, at, name }
            }
            6 => {
                let name = self.new_link(&at);
                self.committed.push(path_of(&at, &name));
                let ty = self.datatype(2);
                Step::Commit {
                    at,
                    name,
                    ty,
                    keep: self.keep(),
                }
            }
            7 | 8 => {
                let name = self.new_link(&at);
                Step::HardLink {
                    object: Object::Path("/".into()),
                    path: self.path(),
                    at,
                    name,
                    intermediate,
                }
            }
            9 | 10 => {
                let target = if self.random.bool() {
                    self.path()
                } else {
                    self.target()
                };
                Step::SoftLink {
                    target,
                    name: self.new_link(&at),
                    at,
                }
            }
            11 => {
                let file = self
                    .pick(&["other.h5", "missing.h5"])
                    .unwrap_or("other.h5")
                    .into();
                Step::ExternalLink {
                    file,
                    target: self.target(),
                    name: self.new_link(&at),
                    at,
                }
            }
            12..15 => Step::MoveLink {
                copy: self.random.bool(),
                from: Object::Path("/".into()),
                path: self.path(),
                name: self.new_link(&at),
                to: at,
                intermediate,
            },
            15 => Step::DeleteLink {
                at: Object::Path("/".into()),
                name: self.path(),
            },
            16 => Step::DeleteLinkAt {
                at,
                by: self.by(),
                n,
            },
            17 => Step::ShowLink {
                at: Object::Path("/".into()),
                name: self.path(),
            },
            18 => Step::ShowLinkAt {
                at,
                by: self.by(),
                n,
            },
            19 | 20 => {
                let start = if self.one_in(4) { n } else { 0 };
                let stop = self.one_in(4).then(|| self.random.usize(1..4));
                Step::ListLinks {
                    at,
                    by: self.by(),
                    start,
                    stop,
                }
            }
            21 => Step::Visit { at, by: self.by() },
            22 | 23 => self.copy(at, intermediate),
            24 => Step::Show {
                object: self.object(),
            },
            _ => self.create_dataset(Theme::Mixed),
        }
    }

    /// Copies an object, but no group to a place below itself: what that gives depends on which of
    /// its links HDF5 looks at first.
    fn copy(&mut self, to: Object, intermediate: bool) -> Step {
        let from = self
            .pick(&["/a", "/b", "/c", "/d0", "/d1", "/z"])
            .unwrap_or("/a");
        let inside = matches!(&to, Object::Path(to) if *to != "/");
        let to = if inside { Object::Path("/".into()) } else { to };
        let name = format!("copy{}", self.random.u8(..3));
        self.links.push(path_of(&to, &name));
        let (path, flags) = (from.into(), self.copy_flags());
        Step::Copy {
            from: Object::Path("/".into()),
            path,
            to,
            name,
            flags,
            intermediate,
        }
    }

    fn copy_flags(&mut self) -> u8 {
        if self.random.bool() {
            return 0;
        }
        // Any of SHALLOW, EXPAND_SOFT_LINK, EXPAND_EXT_LINK, WITHOUT_ATTR.
        self.random.u8(..) & (1 | 2 | 4 | 0x10)
    }

    fn target(&mut self) -> String {
        self.pick(&TARGETS).unwrap_or("a").into()
    }

    /// A name for a new link, which is remembered.
    fn new_link(&mut self, at: &Object) -> String {
        let mut name = self.name();
        if self.one_in(8) {
            // The encoding of a new object's name is not kept on servers where the name tells it; HDF5
            // declares none for groups on the way and that of the whole path for the last one.
            name = format!("{}/a", self.pick(&["a", "b", "c", "z"]).unwrap_or("a"));
        }
        self.links.push(path_of(at, &name));
        name
    }

    fn create_group(&mut self, at: Object, intermediate: bool) -> Step {
        let name = self.new_link(&at);
        self.groups.push(path_of(&at, &name));
        let anonymous = self.one_in(20);
        let keep = if anonymous {
            Some(self.number())
        } else {
            self.keep()
        };
        Step::CreateGroup {
            at,
            name: (!anonymous).then_some(name),
            intermediate,
            // HDF5 happens to give groups on the way the attribute order of the new one.
            ordered: !intermediate && self.random.bool(),
            keep,
        }
    }
}

fn path_of(at: &Object, name: &str) -> String {
    match at {
        Object::Path(group) => below(group, name),
        Object::Open(_) => format!("/{name}"),
    }
}

/// Whether elements may have text of a fixed size in them.
fn holds_text(ty: &Type) -> bool {
    match ty {
        Type::Text { .. } | Type::Committed(_) => true,
        Type::Array { base, .. } | Type::Sequence(base) => holds_text(base),
        Type::Compound { members, .. } => members.iter().any(|member| holds_text(&member.ty)),
        _ => false,
    }
}
