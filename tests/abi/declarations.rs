//! The declarations of `src/ffi`, and the functions the connector calls, read from their source.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Expr, Fields, File, Item, ItemStruct, Type};

use crate::functions::{Function, Functions, function_type};

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
    /// Functions of HDF5 that the connector calls.
    pub functions: Vec<Function>,
    /// `type` items next to those functions.
    pub function_aliases: BTreeMap<String, Type>,
}

/// Reads the source of the connector in `src`.
pub fn read(src: &Path) -> Declarations {
    let mut declarations = Declarations::default();
    for file in source_files(&src.join("ffi")) {
        for item in parse(&file).items {
            declarations.add(item);
        }
    }
    for folder in ["host", "capi"] {
        for file in source_files(&src.join(folder)) {
            for item in parse(&file).items {
                declarations.add_functions(item);
            }
        }
    }
    declarations
}

/// The Rust files in `folder` and the folders in it.
fn source_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            files.extend(source_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn parse(path: &Path) -> File {
    let source = fs::read_to_string(path).expect("the connector's source is readable");
    syn::parse_file(&source)
        .unwrap_or_else(|error| panic!("cannot parse {}: {error}", path.display()))
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

    /// Takes the functions of a `symbols!` table, and of a struct of optional ones.
    fn add_functions(&mut self, item: Item) {
        match item {
            Item::Macro(item) if item.mac.path.is_ident("symbols") => {
                let table: Functions = item
                    .mac
                    .parse_body()
                    .expect("a table of functions in src/host");
                self.functions.extend(table.0);
            }
            Item::Struct(ItemStruct { ident, fields, .. }) if is_table(&ident) => {
                for field in fields {
                    let name = field.ident.expect("members have names").to_string();
                    let function = function_type(&field.ty).expect("an optional function");
                    self.functions.push(Function::of_type(name, function));
                }
            }
            Item::Type(item) if function_type(&item.ty).is_some() => {
                self.function_aliases
                    .insert(item.ident.to_string(), *item.ty);
            }
            _ => {}
        }
    }

    /// The member whose type is `record`: how C, which leaves that type unnamed, gets to it.
    pub fn member_of_type(&self, record: &str) -> Option<(&str, &str)> {
        self.records.iter().find_map(|outer| {
            let (member, _) = outer.members.iter().find(|(_, ty)| is_named(ty, record))?;
            Some((outer.name.as_str(), member.as_str()))
        })
    }
}

/// Whether a struct holds functions of HDF5 that need not be there.
fn is_table(name: &syn::Ident) -> bool {
    name != "Symbols" && name.to_string().ends_with("Symbols")
}

fn is_named(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(name))
}
