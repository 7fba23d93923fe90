//! The declarations of `src/ffi`, read from its source.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use syn::{Expr, Fields, Item, Type};

/// A struct or union, and its members in order.
pub struct Record {
    /// Its name in Rust.
    pub name: String,
    /// Name (in Rust) and type of each member.
    pub members: Vec<(String, Type)>,
}

/// Everything `src/ffi` declares.
#[derive(Default)]
pub struct Declarations {
    /// Structs and unions.
    pub records: Vec<Record>,
    /// `type` items.
    pub aliases: BTreeMap<String, Type>,
    /// Names of constants that are integers.
    pub constants: Vec<String>,
}

/// Reads the source files in `folder`.
pub fn read(folder: &Path) -> Declarations {
    let mut declarations = Declarations::default();
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    for path in files {
        let source = fs::read_to_string(&path).expect("source of src/ffi is readable");
        let file = syn::parse_file(&source)
            .unwrap_or_else(|error| panic!("cannot parse {}: {error}", path.display()));
        for item in file.items {
            declarations.add(item);
        }
    }
    declarations
}

impl Declarations {
    fn add(&mut self, item: Item) {
        match item {
            Item::Struct(item) => self.add_record(item.ident.to_string(), item.fields),
            Item::Union(item) => {
                self.add_record(item.ident.to_string(), Fields::Named(item.fields));
            }
            Item::Type(item) => {
                self.aliases.insert(item.ident.to_string(), *item.ty);
            }
            // A constant that is a struct literal (H5O_TOKEN_UNDEF) has no number to compare.
            Item::Const(item) if !matches!(*item.expr, Expr::Struct(_)) => {
                self.constants.push(item.ident.to_string());
            }
            Item::Const(_) | Item::Impl(_) | Item::Mod(_) | Item::Use(_) => {}
            _ => panic!("src/ffi holds an item this test does not know how to compare"),
        }
    }

    fn add_record(&mut self, name: String, fields: Fields) {
        let members = fields
            .into_iter()
            .map(|field| {
                (
                    field.ident.expect("members have names").to_string(),
                    field.ty,
                )
            })
            .collect();
        self.records.push(Record { name, members });
    }

    /// The member whose type is `record`: how C, which leaves that type unnamed, gets to it.
    pub fn member_of_type(&self, record: &str) -> Option<(&str, &str)> {
        self.records.iter().find_map(|outer| {
            let (member, _) = outer.members.iter().find(|(_, ty)| is_named(ty, record))?;
            Some((outer.name.as_str(), member.as_str()))
        })
    }
}

fn is_named(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(name))
}
