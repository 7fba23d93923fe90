//! The C program that says what HDF5's headers declare: it prints the same lines that
//! `layout.rs` makes on the Rust side, for every declaration found in the source of `src/ffi`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use syn::{Expr, Lit, Type};

use crate::declarations::{Declarations, Record};
use crate::functions::{Function, function_type};

/// Declarations that only some releases or builds have, and the C condition for it.
const CONDITIONS: [(&str, &str); 8] = [
    ("H5Tcomplex_create", "H5_VERSION_GE(2, 0, 0)"),
    // H5Dread_chunk before, with the same parameters.
    ("H5Dread_chunk1", "H5_VERSION_GE(2, 0, 0)"),
    ("H5T_COMPLEX", "H5_VERSION_GE(2, 0, 0)"),
    (
        "H5VL_NATIVE_FILE_GET_MPI_ATOMICITY",
        "defined(H5_HAVE_PARALLEL)",
    ),
    (
        "H5VL_NATIVE_FILE_SET_MPI_ATOMICITY",
        "defined(H5_HAVE_PARALLEL)",
    ),
    ("H5VL_native_dataset_chunk_read_t", "H5_VERSION_GE(2, 0, 0)"),
    (
        "H5VL_native_dataset_chunk_write_v1_14_t",
        "!H5_VERSION_GE(2, 0, 0)",
    ),
    (
        "H5VL_native_dataset_chunk_write_v2_t",
        "H5_VERSION_GE(2, 0, 0)",
    ),
];

/// Types that C names otherwise, or reaches only through a union that `src/ffi` does not declare.
const NAMES_IN_C: [(&str, &str); 7] = [
    (
        "H5VL_native_dataset_chunk_write_v1_14_t",
        "H5VL_native_dataset_chunk_write_t",
    ),
    (
        "H5VL_native_dataset_chunk_write_v2_t",
        "H5VL_native_dataset_chunk_write_t",
    ),
    (
        "H5VL_native_dataset_get_offset_t",
        "__typeof__(((H5VL_native_dataset_optional_args_t *)0)->get_offset)",
    ),
    (
        "H5VL_native_dataset_chunk_iter_t",
        "__typeof__(((H5VL_native_dataset_optional_args_t *)0)->chunk_iter)",
    ),
    (
        "H5VL_native_file_get_size_t",
        "__typeof__(((H5VL_native_file_optional_args_t *)0)->get_size)",
    ),
    (
        "H5VL_native_object_set_comment_t",
        "__typeof__(((H5VL_native_object_optional_args_t *)0)->set_comment)",
    ),
    (
        "H5VL_native_object_are_mdc_flushes_disabled_t",
        "__typeof__(((H5VL_native_object_optional_args_t *)0)->are_mdc_flushes_disabled)",
    ),
];

/// The text of every HDF5 header in `include`, to tell which names C knows.
pub fn header_text(include: &Path) -> String {
    let mut text = String::new();
    let entries = fs::read_dir(include)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", include.display()));
    for entry in entries {
        let path = entry.expect("a folder entry").path();
        if path.extension().is_some_and(|extension| extension == "h") {
            text.push_str(&fs::read_to_string(&path).expect("headers are readable"));
        }
    }
    text
}

/// Writes the program for `declarations`.
pub fn write(declarations: &Declarations, headers: &str) -> String {
    let writer = Writer {
        declarations,
        headers,
    };
    let mut c = String::from(
        "#include <stddef.h>\n#include <stdio.h>\n#include <hdf5.h>\n\
         #include <H5VLconnector.h>\n#include <H5VLconnector_passthru.h>\n\
         #include <H5VLnative.h>\n\
         /* Constants open the library before they give their value; here only the value counts,\n\
         \x20  and the program is not linked with the library. */\n\
         #undef H5OPEN\n#define H5OPEN\n#undef H5CHECK\n#define H5CHECK\n\
         #define SIZE(name, type) printf(\"size %s=%lld\\n\", name, (long long)sizeof(type))\n\
         #define VALUE(name) printf(\"value %s=%lld\\n\", #name, (long long)(name))\n\
         #define MEMBER(name, type, member, expected) \\\n\
         \x20   printf(\"offset %s=%lld\\n\", name, (long long)offsetof(type, member)), \\\n\
         \x20   printf(\"type %s=%d\\n\", name, \\\n\
         \x20          __builtin_types_compatible_p(__typeof__(((type *)0)->member), expected))\n\
         int main(void)\n{\n",
    );
    for (name, ty) in &declarations.aliases {
        writer.alias(&mut c, name, ty);
    }
    for record in &declarations.records {
        under_condition(&mut c, &record.name, |c| writer.record(c, record));
    }
    for name in &declarations.constants {
        under_condition(&mut c, name, |c| line(c, &format!("VALUE({name});")));
    }
    for function in &declarations.functions {
        under_condition(&mut c, &function.name, |c| writer.function(c, function));
    }
    c.push_str("    return 0;\n}\n");
    c
}

fn under_condition(c: &mut String, name: &str, body: impl FnOnce(&mut String)) {
    let condition = CONDITIONS
        .iter()
        .find(|(conditional, _)| *conditional == name);
    if let Some((_, condition)) = condition {
        let _ = writeln!(c, "#if {condition}");
    }
    body(c);
    if condition.is_some() {
        let _ = writeln!(c, "#else\n    puts(\"absent {name}\");\n#endif");
    }
}

fn line(c: &mut String, text: &str) {
    let _ = writeln!(c, "    {text}");
}

struct Writer<'a> {
    declarations: &'a Declarations,
    headers: &'a str,
}

impl Writer<'_> {
    /// The size of a named type, for callbacks also whether parameters and result agree.
    fn alias(&self, c: &mut String, name: &str, ty: &Type) {
        let c_name = self.c_type(ty, name);
        line(c, &format!("SIZE(\"{name}\", {c_name});"));
        if let Some(function) = function_type(ty) {
            let expected = self.c_function(&Function::of_type(name.to_owned(), function));
            line(
                c,
                &format!(
                    "printf(\"type {name}=%d\\n\", \
                     __builtin_types_compatible_p({c_name}, {expected}));"
                ),
            );
        }
    }

    /// Whether the library's function has the parameters and result that the connector uses.
    fn function(&self, c: &mut String, function: &Function) {
        let name = &function.name;
        let expected = self.c_function(function);
        line(
            c,
            &format!(
                "printf(\"function {name}=%d\\n\", \
                 __builtin_types_compatible_p(__typeof__(&{name}), {expected}));"
            ),
        );
    }

    fn record(&self, c: &mut String, record: &Record) {
        let name = &record.name;
        let c_name = self.c_name(name);
        line(c, &format!("SIZE(\"{name}\", {c_name});"));
        for (member, ty) in &record.members {
            let c_member = c_member(member);
            let expected = self.c_type_of(ty);
            line(
                c,
                &format!("MEMBER(\"{name}.{member}\", {c_name}, {c_member}, {expected});"),
            );
        }
    }

    /// A struct or union as C calls it, or the way to it when C gives it no name.
    fn c_name(&self, name: &str) -> String {
        if let Some((_, c_name)) = NAMES_IN_C.iter().find(|(rust, _)| *rust == name) {
            return (*c_name).to_owned();
        }
        if self.in_headers(name) {
            return name.to_owned();
        }
        let (outer, member) = self
            .declarations
            .member_of_type(name)
            .unwrap_or_else(|| panic!("HDF5's headers have no {name}, and no member is one"));
        format!(
            "__typeof__((({} *)0)->{})",
            self.c_name(outer),
            c_member(member)
        )
    }

    /// An alias: itself where C has the name, what it stands for otherwise.
    fn c_type(&self, ty: &Type, name: &str) -> String {
        if self.in_headers(name) || name == "time_t" {
            name.to_owned()
        } else {
            self.c_type_of(ty)
        }
    }

    fn in_headers(&self, name: &str) -> bool {
        let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
        self.headers.match_indices(name).any(|(start, _)| {
            !self.headers[..start].ends_with(is_word)
                && !self.headers[start + name.len()..].starts_with(is_word)
        })
    }

    fn c_type_of(&self, ty: &Type) -> String {
        if let Some(function) = function_type(ty) {
            return self.c_function(&Function::of_type(String::new(), function));
        }
        match ty {
            Type::Ptr(pointer) => {
                let target = self.c_type_of(&pointer.elem);
                let constant = if pointer.const_token.is_some() {
                    " const"
                } else {
                    ""
                };
                format!("__typeof__({target}{constant} *)")
            }
            Type::Array(array) => {
                format!(
                    "__typeof__({}[{}])",
                    self.c_type_of(&array.elem),
                    length(&array.len)
                )
            }
            Type::Path(path) => {
                let last = path.path.segments.last().expect("a type has a name");
                self.c_scalar(&last.ident.to_string())
            }
            _ => panic!("src/ffi uses a type this test does not know"),
        }
    }

    fn c_scalar(&self, name: &str) -> String {
        match name {
            "c_char" => "char".into(),
            "c_int" => "int".into(),
            "c_uint" => "unsigned".into(),
            "c_ulong" => "unsigned long".into(),
            "c_void" => "void".into(),
            "bool" => "bool".into(),
            "usize" => "size_t".into(),
            "f64" => "double".into(),
            "u8" => "uint8_t".into(),
            "u32" => "uint32_t".into(),
            "u64" => "uint64_t".into(),
            "i64" => "int64_t".into(),
            "isize" => "ssize_t".into(),
            _ => {
                let aliases = &self.declarations.aliases;
                match aliases
                    .get(name)
                    .or_else(|| self.declarations.function_aliases.get(name))
                {
                    Some(ty) => self.c_type(ty, name),
                    None => self.c_name(name),
                }
            }
        }
    }

    fn c_function(&self, function: &Function) -> String {
        let result = function
            .result
            .as_ref()
            .map_or("void".into(), |ty| self.c_type_of(ty));
        let mut parameters: Vec<_> = function
            .parameters
            .iter()
            .map(|ty| self.c_type_of(ty))
            .collect();
        if function.variadic {
            parameters.push("...".into());
        }
        if parameters.is_empty() {
            parameters.push("void".into());
        }
        format!("__typeof__({result} (*)({}))", parameters.join(", "))
    }
}

/// A member as C calls it: in Rust, a name that is a word of the language has an underscore added.
fn c_member(member: &str) -> &str {
    member.strip_suffix('_').unwrap_or(member)
}

fn length(expression: &Expr) -> String {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_digits().to_owned(),
            _ => panic!("an array length that is not a number"),
        },
        Expr::Path(path) => path
            .path
            .get_ident()
            .expect("an array length is a plain name")
            .to_string(),
        _ => panic!("an array length this test does not know"),
    }
}
