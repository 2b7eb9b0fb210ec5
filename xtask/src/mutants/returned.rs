//! Values that a function of a known type may return in place of its own.

use syn::{GenericArgument, PathArguments, PathSegment, ReturnType, Type};

/// Expressions of the type; none where the type is not known here. `()` is the empty text.
pub fn values(output: &ReturnType) -> Vec<String> {
    match output {
        ReturnType::Default => vec![String::new()],
        ReturnType::Type(_, of) => typed(of),
    }
}

fn typed(of: &Type) -> Vec<String> {
    let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    match of {
        Type::Tuple(tuple) if tuple.elems.is_empty() => list(&["()"]),
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => list(&["\"\"", "\"xyzzy\""]),
            Type::Slice(_) => list(&["&[]"]),
            _ => Vec::new(),
        },
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return Vec::new() };
            match last.ident.to_string().as_str() {
                "bool" => list(&["true", "false"]),
                "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => list(&["0", "1"]),
                "f32" | "f64" => list(&["0.0", "1.0"]),
                "String" => list(&["String::new()", "\"xyzzy\".to_owned()"]),
                "Vec" => list(&["Vec::new()"]),
                "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" => list(&["Default::default()"]),
                "Option" => {
                    let some = argument(last).map(typed).unwrap_or_default();
                    let some = some.into_iter().map(|value| format!("Some({value})"));
                    std::iter::once("None".to_owned()).chain(some).collect()
                }
                "Result" => match argument(last) {
                    Some(of) => typed(of).into_iter().map(|value| format!("Ok({value})")).collect(),
                    None => list(&["Ok(())"]),
                },
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(of) => Some(of),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_its_values() {
        let check = |of: &str, expected: &[&str]| {
            assert_eq!(values(&syn::parse_str(of).unwrap()), expected, "{of}");
        };
        check("", &[""]);
        check("-> std::io::Result<()>", &["Ok(())"]);
        check("-> fmt::Result", &["Ok(())"]);
        check("-> Result<Option<bool>, Error>", &["Ok(None)", "Ok(Some(true))", "Ok(Some(false))"]);
        check("-> &'static str", &["\"\"", "\"xyzzy\""]);
        check("-> Query<'_>", &[]);
        check("-> impl Iterator<Item = u32>", &[]);
    }
}
