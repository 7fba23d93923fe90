//! Functions as Rust source declares them: in the `symbols!` tables of `src/host`, and as the
//! types of callbacks.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, GenericArgument, Ident, PathArguments, ReturnType, Token, Type, TypeBareFn,
    parenthesized,
};

/// A function of HDF5 as the connector declares it.
pub struct Function {
    /// Its name.
    pub name: String,
    /// Types of its parameters.
    pub parameters: Vec<Type>,
    /// Whether `...` follows.
    pub variadic: bool,
    /// Type of its result; `None` is `void`.
    pub result: Option<Type>,
}

impl Function {
    /// The function `name` of type `function`.
    pub fn of_type(name: String, function: &TypeBareFn) -> Self {
        Self {
            name,
            parameters: function
                .inputs
                .iter()
                .map(|input| input.ty.clone())
                .collect(),
            variadic: function.variadic.is_some(),
            result: match &function.output {
                ReturnType::Default => None,
                ReturnType::Type(_, ty) => Some((**ty).clone()),
            },
        }
    }
}

/// What a `symbols!` invocation holds: the name of the table, and its functions.
pub struct Functions(pub Vec<Function>);

impl Parse for Functions {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        Attribute::parse_outer(input)?;
        input.parse::<Ident>()?;
        input.parse::<Token![,]>()?;
        let mut functions = Vec::new();
        while !input.is_empty() {
            functions.push(input.parse()?);
        }
        Ok(Self(functions))
    }
}

impl Parse for Function {
    /// `name(type, ...) -> type;`, with `; ...` before the closing parenthesis when variadic.
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let name = input.parse::<Ident>()?.to_string();
        let inside;
        parenthesized!(inside in input);
        let mut parameters = Punctuated::<Type, Token![,]>::new();
        while !inside.is_empty() && !inside.peek(Token![;]) {
            parameters.push_value(inside.parse()?);
            if inside.peek(Token![,]) {
                parameters.push_punct(inside.parse()?);
            }
        }
        let variadic = inside.peek(Token![;]);
        if variadic {
            inside.parse::<Token![;]>()?;
            inside.parse::<Token![...]>()?;
        }
        input.parse::<Token![->]>()?;
        let result = Some(input.parse()?);
        input.parse::<Token![;]>()?;
        Ok(Self {
            name,
            parameters: parameters.into_iter().collect(),
            variadic,
            result,
        })
    }
}

/// The function in `Option<unsafe extern "C" fn(...)>`.
pub fn function_type(ty: &Type) -> Option<&TypeBareFn> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(Type::BareFn(function)) if last.ident == "Option" => Some(function),
        _ => None,
    }
}
