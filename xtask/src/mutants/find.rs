//! All mutants of a source file: its syntax tree is walked, and every place where a small fault fits gives one.

use super::mutant::{Edit, Mutant};
use super::returned::values;
use anyhow::{Context, Result};
use proc_macro2::Span;
use std::collections::HashMap;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, BinOp, Block, Expr, Lit, Pat, Signature, Stmt, UnOp};

/// Methods that take the place of another.
const METHODS: &[(&str, &str)] = &[
    ("any", "all"),
    ("all", "any"),
    ("is_some_and", "is_none_or"),
    ("is_none_or", "is_some_and"),
    ("is_some", "is_none"),
    ("is_none", "is_some"),
    ("is_ok", "is_err"),
    ("is_err", "is_ok"),
    ("min", "max"),
    ("max", "min"),
    ("starts_with", "ends_with"),
    ("ends_with", "starts_with"),
    ("first", "last"),
    ("last", "first"),
];

/// Calls whose absence changes nothing but time and memory.
const IDLE_CALLS: &[&str] = &["drop", "reserve", "shrink_to_fit", "yield_now"];

/// Characters of a source text in a mutant's name.
const TEXT_CHARS_MAX: usize = 90;

/// The mutants of `source`, in the order of the file.
pub fn find(file: &str, source: &str) -> Result<Vec<Mutant>> {
    let tree = syn::parse_file(source).with_context(|| format!("cannot parse {file}"))?;
    let mut finder = Finder { file, source, around: Vec::new(), functions: 0, found: Vec::new() };
    finder.visit_file(&tree);
    let mut found = finder.found;
    let mut seen: HashMap<String, usize> = HashMap::new();
    for mutant in &mut found {
        let count = seen.entry(mutant.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            mutant.name = format!("{} ({count})", mutant.name);
        }
    }
    Ok(found)
}

/// Whether an item is compiled for tests or another system only.
pub fn is_left_out(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        if path.is_ident("test") || path.segments.last().is_some_and(|last| last.ident == "test") {
            return true;
        }
        let Ok(list) = attribute.meta.require_list() else { return false };
        let text = list.tokens.to_string();
        path.is_ident("cfg") && (text == "test" || text.contains("windows") || text.starts_with("not"))
    })
}

struct Finder<'a> {
    file: &'a str,
    source: &'a str,
    /// Names of the modules, types and functions around.
    around: Vec<String>,
    /// How many functions are around.
    functions: usize,
    found: Vec<Mutant>,
}

impl Finder<'_> {
    fn text(&self, range: Range<usize>) -> &str {
        &self.source[range]
    }

    fn add(&mut self, place: Range<usize>, change: String, edit: Edit) {
        if self.functions == 0 {
            return;
        }
        let line = self.source[..place.start].lines().count().max(1);
        let name = format!("{}: {change}", self.around.join("::"));
        self.found.push(Mutant { file: self.file.to_owned(), line, name, edit });
    }

    fn instead(&mut self, range: Range<usize>, by: String) {
        let change = format!("`{}` becomes `{}`", short(self.text(range.clone())), short(&by));
        self.add(range.clone(), change, Edit::Instead { range, by });
    }

    fn function(&mut self, attributes: &[Attribute], signature: &Signature, block: &Block) {
        if is_left_out(attributes) || signature.constness.is_some() {
            return;
        }
        self.around.push(signature.ident.to_string());
        self.functions += 1;
        let body = bytes(block);
        if !block.stmts.is_empty() {
            let inside = self.text(body.start + 1..body.end - 1).trim().to_owned();
            for value in values(&signature.output) {
                if value != inside {
                    let change =
                        if value.is_empty() { "does nothing".to_owned() } else { format!("returns `{value}`") };
                    self.add(body.start..body.start, change, Edit::Return { at: body.start + 1, value });
                }
            }
        }
        visit::visit_block(self, block);
        self.functions -= 1;
        self.around.pop();
    }

    /// A condition that is always or never met. What contains a `let` stays.
    fn condition(&mut self, condition: &Expr, values: &[&str]) {
        if !contains_let(condition) && !matches!(condition, Expr::Lit(_)) {
            for value in values {
                self.instead(bytes(condition), (*value).to_owned());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_left_out(&item.attrs) {
            self.around.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.around.pop();
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        if is_left_out(&item.attrs) || of.is_some_and(|of| of.ident == "Debug") {
            return;
        }
        let mut name = short(self.text(bytes(&item.self_ty)));
        if let Some(of) = of {
            name = format!("<{name} as {}>", of.ident);
        }
        self.around.push(name);
        visit::visit_item_impl(self, item);
        self.around.pop();
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.around.push(item.ident.to_string());
        visit::visit_item_trait(self, item);
        self.around.pop();
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.attrs, &item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.attrs, &item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.attrs, &item.sig, block);
        }
    }

    // A switch is no constant.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_variant(&mut self, _: &'ast syn::Variant) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let others: &[&str] = match binary.op {
            BinOp::Eq(_) => &["!="],
            BinOp::Ne(_) => &["=="],
            BinOp::Lt(_) => &["<="],
            BinOp::Le(_) => &["<"],
            BinOp::Gt(_) => &[">="],
            BinOp::Ge(_) => &[">"],
            BinOp::And(_) => &["||"],
            BinOp::Or(_) => &["&&"],
            BinOp::Add(_) => &["-"],
            BinOp::Sub(_) => &["+"],
            BinOp::Mul(_) => &["/"],
            BinOp::Div(_) => &["*"],
            BinOp::Rem(_) => &["/"],
            BinOp::BitAnd(_) => &["|"],
            BinOp::BitOr(_) => &["&"],
            BinOp::Shl(_) => &[">>"],
            BinOp::Shr(_) => &["<<"],
            BinOp::AddAssign(_) => &["-="],
            BinOp::SubAssign(_) => &["+="],
            BinOp::MulAssign(_) => &["/="],
            BinOp::BitOrAssign(_) => &["&="],
            BinOp::BitAndAssign(_) => &["|="],
            _ => &[],
        };
        if !contains_let(&binary.left) && !contains_let(&binary.right) {
            let (left, right) = (bytes(&binary.left), bytes(&binary.right));
            let assigns = matches!(
                binary.op,
                BinOp::AddAssign(_)
                    | BinOp::SubAssign(_)
                    | BinOp::MulAssign(_)
                    | BinOp::BitOrAssign(_)
                    | BinOp::BitAndAssign(_)
            );
            for other in others {
                let (left, right) = (self.text(left.clone()), self.text(right.clone()));
                let by =
                    if assigns { format!("{left} {other} {right}") } else { format!("({left}) {other} ({right})") };
                let told = format!("{left} {other} {right}");
                let range = bytes(binary);
                let change = format!("`{}` becomes `{}`", short(self.text(range.clone())), short(&told));
                self.add(range.clone(), change, Edit::Instead { range, by });
            }
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        if matches!(unary.op, UnOp::Not(_)) {
            let inner = self.text(bytes(&unary.expr)).to_owned();
            self.instead(bytes(unary), inner);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_lit(&mut self, literal: &'ast syn::ExprLit) {
        if let Lit::Bool(value) = &literal.lit {
            self.instead(bytes(literal), (!value.value).to_string());
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if let Some((_, other)) = METHODS.iter().find(|(method, _)| call.method == method) {
            let (range, method) = (bytes(call), bytes(&call.method));
            let (before, after) = (self.text(range.start..method.start), self.text(method.end..range.end));
            let by = format!("{before}{other}{after}");
            let change = format!("`{}` becomes `{other}`", short(self.text(range.clone())));
            self.add(method, change, Edit::Instead { range, by });
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_if(&mut self, conditional: &'ast syn::ExprIf) {
        self.condition(&conditional.cond, &["true", "false"]);
        visit::visit_expr_if(self, conditional);
    }

    fn visit_expr_while(&mut self, repeated: &'ast syn::ExprWhile) {
        self.condition(&repeated.cond, &["false"]);
        visit::visit_expr_while(self, repeated);
    }

    fn visit_expr_match(&mut self, chosen: &'ast syn::ExprMatch) {
        let last = chosen.arms.last();
        let rest = last.is_some_and(|arm| matches!(arm.pat, Pat::Wild(_)) && arm.guard.is_none());
        for arm in &chosen.arms {
            let pattern = bytes(&arm.pat);
            match &arm.guard {
                Some((_, guard)) => self.condition(guard, &["true", "false"]),
                None if rest && !matches!(arm.pat, Pat::Wild(_)) => {
                    let change = format!("the arm `{}` is passed over", short(self.text(pattern.clone())));
                    let at = pattern.end;
                    self.add(pattern, change, Edit::PassArm { at });
                }
                None => {}
            }
        }
        visit::visit_expr_match(self, chosen);
    }

    fn visit_expr_continue(&mut self, skip: &'ast syn::ExprContinue) {
        if skip.label.is_none() {
            self.instead(bytes(skip), "break".to_owned());
        }
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Expr(expression, Some(_)) = statement
            && is_call_or_assignment(expression)
        {
            let range = bytes(statement);
            let change = format!("without `{}`", short(self.text(range.clone())));
            self.add(range.clone(), change, Edit::Without { range });
        }
        visit::visit_stmt(self, statement);
    }
}

fn bytes(spanned: &impl Spanned) -> Range<usize> {
    let span: Span = spanned.span();
    span.byte_range()
}

fn is_call_or_assignment(expression: &Expr) -> bool {
    let idle = |name: &syn::Ident| IDLE_CALLS.iter().any(|call| name == call);
    match expression {
        Expr::Try(inner) => is_call_or_assignment(&inner.expr),
        Expr::Await(inner) => is_call_or_assignment(&inner.base),
        Expr::MethodCall(call) => !idle(&call.method),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => !path.path.segments.last().is_some_and(|last| idle(&last.ident)),
            _ => true,
        },
        // What is declared without a value gets one here.
        Expr::Assign(assignment) => !matches!(*assignment.left, Expr::Path(_)),
        _ => false,
    }
}

fn contains_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => contains_let(&binary.left) || contains_let(&binary.right),
        _ => false,
    }
}

/// A source text on one line, and its middle left out where it is long.
fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= TEXT_CHARS_MAX {
        return text;
    }
    let half = TEXT_CHARS_MAX / 2;
    let (begin, end) = (&chars[..half], &chars[chars.len() - half..]);
    format!("{}…{}", begin.iter().collect::<String>(), end.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Vec<String> {
        find("a.rs", source).unwrap().into_iter().map(|mutant| format!("{} {}", mutant.line, mutant.name)).collect()
    }

    #[test]
    fn operators_conditions_methods_and_statements_give_mutants() {
        let found = names(
            "mod m {\n    impl A {\n        fn f(&self, n: u32) -> bool {\n            if n > 1 { self.g(n)?; }\n            \
             self.list.iter().any(|x| *x == n)\n        }\n    }\n}\n",
        );
        let expected = [
            "3 m::A::f: returns `true`",
            "3 m::A::f: returns `false`",
            "4 m::A::f: `n > 1` becomes `true`",
            "4 m::A::f: `n > 1` becomes `false`",
            "4 m::A::f: `n > 1` becomes `n >= 1`",
            "4 m::A::f: without `self.g(n)?;`",
            "5 m::A::f: `self.list.iter().any(|x| *x == n)` becomes `all`",
            "5 m::A::f: `*x == n` becomes `*x != n`",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn arms_are_passed_over_where_another_takes_all() {
        let found = names("fn f(n: T) -> T {\n match n {\n 1 => a,\n 2 if b => c,\n _ => d }\n}");
        let expected = ["3 f: the arm `1` is passed over", "4 f: `b` becomes `true`", "4 f: `b` becomes `false`"];
        assert_eq!(found, expected);
        assert_eq!(names("fn f(n: T) -> T { match n { A => a, B => b } }"), [""; 0]);
    }

    #[test]
    fn tests_constants_and_chains_of_let_have_none() {
        let source = "const A: u32 = 1 + 1;\nconst fn f() -> u32 { 1 + 1 }\n#[cfg(test)]\nmod t { fn g() { h(); } }\n\
             #[tokio::test]\nasync fn u() { h(); }\nfn k(a: Option<T>) -> T { if let Some(b) = a && b { c } else { d } }";
        assert_eq!(names(source), [""; 0]);
    }

    #[test]
    fn equal_names_are_numbered() {
        let found = names("fn f() {\n    a();\n    a();\n}");
        assert_eq!(found, ["1 f: does nothing", "2 f: without `a();`", "3 f: without `a();` (2)"]);
    }
}
