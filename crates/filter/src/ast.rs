//! The syntax tree of a well-formed expression.

use std::collections::BTreeSet;
use std::fmt;
use tastemaker_domain::schema::DatasetType;

/// A whole filter: clauses joined by `|`, all about one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// As the customer wrote it.
    pub(crate) text: Box<str>,
    /// The kind of ids that it includes and excludes.
    pub target: Target,
    /// At least one.
    pub clauses: Vec<Clause>,
}

/// The kind of ids that a filter chooses among.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Target {
    Item,
    User,
    Action,
}

impl Target {
    /// Every target.
    pub const ALL: &[Target] = &[Target::Item, Target::User, Target::Action];

    /// The keyword.
    pub fn as_str(self) -> &'static str {
        match self {
            Target::Item => "ItemID",
            Target::User => "UserID",
            Target::Action => "ActionID",
        }
    }

    /// The datasets that conditions may name, metadata first.
    pub fn datasets(self) -> [DatasetType; 2] {
        match self {
            Target::Item => [DatasetType::Items, DatasetType::Interactions],
            Target::User => [DatasetType::Users, DatasetType::Interactions],
            Target::Action => [DatasetType::Actions, DatasetType::ActionInteractions],
        }
    }
}

/// Whether a clause keeps or removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Effect {
    Include,
    Exclude,
}

impl Effect {
    /// The keyword.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Include => "INCLUDE",
            Effect::Exclude => "EXCLUDE",
        }
    }
}

/// One INCLUDE or EXCLUDE.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// Keeps or removes.
    pub effect: Effect,
    /// The dataset of every condition in [`Self::any_of`].
    pub dataset: DatasetType,
    /// Alternatives, each of conditions that all must hold; neither level is empty.
    pub any_of: Vec<Vec<Condition>>,
    /// Conditions on columns of the current user that all must hold for the clause to count.
    pub only_if: Vec<Condition>,
}

/// A column and what its value must be.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Condition {
    pub column: Name,
    pub test: Test,
}

/// A name and where it begins in the text, in bytes.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Name {
    pub text: Box<str>,
    pub at: usize,
}

/// The rule for a value.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Test {
    In { negated: bool, list: List },
    Compare { comparison: Comparison, operand: Operand },
}

/// The right side of IN.
#[derive(Debug, Clone, PartialEq)]
pub enum List {
    /// `(*)`: any event type.
    Any,
    /// Not empty.
    Literals(Vec<Literal>),
    /// The parameter's name without `$`.
    Parameter(Box<str>),
    /// A column of the request's item.
    CurrentItem(Name),
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A value in the text.
    Literal(Literal),
    /// The parameter's name without `$`.
    Parameter(Box<str>),
    /// A column of the request's item.
    CurrentItem(Name),
}

/// A string, unescaped, or a number, as it was written.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Literal {
    pub text: Box<str>,
    pub quoted: bool,
    pub at: usize,
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Every operator.
    pub const ALL: &[Comparison] = &[
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ];

    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }

    /// Whether it needs an order, and so numbers.
    pub fn is_range(self) -> bool {
        !matches!(self, Comparison::Equal | Comparison::NotEqual)
    }
}

/// A clause's use of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// Without `$`.
    pub name: &'a str,
    /// Of the clause: a missing value of an INCLUDE is an error, one of an EXCLUDE leaves the clause out.
    pub effect: Effect,
}

impl Expression {
    /// The text that was parsed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every parameter, by clause and in order.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'_>> {
        self.clauses.iter().flat_map(|c| c.parameters().map(|name| Parameter { name, effect: c.effect }))
    }

    /// Whether the answer depends on a current user: on their columns, or on what they did.
    pub fn needs_user(&self) -> bool {
        self.uses_current_user() || (self.target != Target::User && self.uses_interactions())
    }

    /// Whether a condition is about the current user's columns.
    pub fn uses_current_user(&self) -> bool {
        self.clauses.iter().any(|c| !c.only_if.is_empty())
    }

    /// Whether a condition is about events.
    pub fn uses_interactions(&self) -> bool {
        self.clauses.iter().any(Clause::is_about_events)
    }

    /// Whether a value comes from the request's item.
    pub fn uses_current_item(&self) -> bool {
        self.clauses.iter().flat_map(Clause::conditions).any(|c| c.current_item().is_some())
    }

    /// The different columns it uses, as `ITEMS.PRICE`: those of CurrentUser are Users', those of CurrentItem Items'.
    pub fn fields(&self) -> BTreeSet<String> {
        let field =
            |dataset: DatasetType, column: &Name| format!("{}.{}", dataset.as_str(), column.text.to_ascii_uppercase());
        let mut fields = BTreeSet::new();
        for clause in &self.clauses {
            fields.extend(clause.any_of.iter().flatten().map(|c| field(clause.dataset, &c.column)));
            fields.extend(clause.only_if.iter().map(|c| field(DatasetType::Users, &c.column)));
            fields
                .extend(clause.conditions().filter_map(Condition::current_item).map(|c| field(DatasetType::Items, c)));
        }
        fields
    }
}

impl Clause {
    /// Every condition, those after IF last.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.any_of.iter().flatten().chain(&self.only_if)
    }

    /// The names of its parameters, in order, as often as they occur.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.conditions().filter_map(Condition::parameter)
    }

    /// Whether its conditions are about events rather than columns.
    pub fn is_about_events(&self) -> bool {
        matches!(self.dataset, DatasetType::Interactions | DatasetType::ActionInteractions)
    }
}

impl Condition {
    /// The parameter on the right side.
    pub fn parameter(&self) -> Option<&str> {
        match &self.test {
            Test::In { list: List::Parameter(name), .. } | Test::Compare { operand: Operand::Parameter(name), .. } => {
                Some(name)
            }
            _ => None,
        }
    }

    /// The column of the request's item on the right side.
    pub fn current_item(&self) -> Option<&Name> {
        match &self.test {
            Test::In { list: List::CurrentItem(column), .. }
            | Test::Compare { operand: Operand::CurrentItem(column), .. } => Some(column),
            _ => None,
        }
    }
}

/// The expression in its usual spelling; reads back as the same expression.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, clause) in self.clauses.iter().enumerate() {
            let between = if n == 0 { "" } else { " | " };
            write!(f, "{between}{} {} WHERE ", clause.effect.as_str(), self.target.as_str())?;
            let dataset = clause.dataset.record_name();
            for (n, group) in clause.any_of.iter().enumerate() {
                f.write_str(if n == 0 { "" } else { " OR " })?;
                conditions(f, dataset, group)?;
            }
            if !clause.only_if.is_empty() {
                f.write_str(" IF ")?;
                conditions(f, "CurrentUser", &clause.only_if)?;
            }
        }
        Ok(())
    }
}

fn conditions(f: &mut fmt::Formatter<'_>, dataset: &str, all: &[Condition]) -> fmt::Result {
    for (n, condition) in all.iter().enumerate() {
        let between = if n == 0 { "" } else { " AND " };
        write!(f, "{between}{dataset}.{} {}", condition.column.text, condition.test)?;
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::In { negated, list } => write!(f, "{}IN {list}", if *negated { "NOT " } else { "" }),
            Test::Compare { comparison, operand } => write!(f, "{} {operand}", comparison.as_str()),
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            List::Any => f.write_str("(*)"),
            List::Literals(literals) => {
                let literals: Vec<_> = literals.iter().map(Literal::to_string).collect();
                write!(f, "({})", literals.join(", "))
            }
            List::Parameter(name) => write!(f, "(${name})"),
            List::CurrentItem(column) => write!(f, "CurrentItem.{}", column.text),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Literal(literal) => literal.fmt(f),
            Operand::Parameter(name) => write!(f, "${name}"),
            Operand::CurrentItem(column) => write!(f, "CurrentItem.{}", column.text),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quoted {
            true => write!(f, "\"{}\"", self.text.replace('\\', "\\\\").replace('"', "\\\"")),
            false => f.write_str(&self.text),
        }
    }
}

/// The dataset called `word`, in any case, also in the singular.
pub(crate) fn dataset(word: &str) -> Option<DatasetType> {
    Some(match word.to_ascii_lowercase().as_str() {
        "items" | "item" => DatasetType::Items,
        "interactions" | "interaction" => DatasetType::Interactions,
        "users" | "user" => DatasetType::Users,
        "actions" | "action" => DatasetType::Actions,
        "action_interactions" | "action_interaction" => DatasetType::ActionInteractions,
        _ => return None,
    })
}
