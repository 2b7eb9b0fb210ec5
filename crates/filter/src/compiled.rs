//! A filter made ready for one catalog, and its evaluation as algebra of bitmaps.

use crate::ast::{Clause, Condition, Effect, Expression, List, Target, Test};
use crate::columns::{ColumnKey, Columns, cell, column_key};
use crate::events::{Interaction, UserEvents, same_event_type, window};
use crate::resolve::{Given, Source, given, right};
use crate::row::Row;
use crate::scalar::{Cell, Value};
use crate::{ACTION_INTERACTIONS_PER_EVENT_TYPE_MAX, INTERACTIONS_PER_EVENT_TYPE_MAX};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_data::{Bitmap, ItemIx, Table};
use tastemaker_domain::Result;

/// On whose behalf a filter is evaluated. Filters with the target UserID ignore it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// The user's row of the Users dataset; without it all columns of CurrentUser are absent.
    pub user: Option<Row<'a>>,
    /// The row of the request's item in the Items dataset; without it all columns of CurrentItem are absent.
    pub current_item: Option<Row<'a>>,
    /// The user's events, bulk and streamed, in any order.
    pub interactions: &'a [Interaction<'a>],
}

/// Rows that are newer than the columns a filter was compiled for.
#[derive(Debug, Clone, Copy)]
pub struct Overlay<'a> {
    /// Indices are below this; those that the columns do not have yet belong to new items.
    pub len: usize,
    /// The newer rows.
    pub table: &'a Table,
    /// `[rows of the table]`: whose row it is.
    pub items: &'a [ItemIx],
}

/// A filter with everything that no request changes already computed. Shared by requests.
pub struct Compiled {
    expression: Arc<Expression>,
    columns: Arc<Columns>,
    events: UserEvents,
    /// `[clauses]`.
    plans: Vec<Plan>,
}

/// The way in which a clause's members are found.
enum Plan {
    /// They are always the same.
    Fixed(Bitmap),
    /// A union of intersections.
    Groups(Vec<Group>),
    /// From the subject's interactions.
    Interactions,
}

/// Conditions that all must hold.
struct Group {
    /// The intersection of those that are always the same.
    fixed: Option<Bitmap>,
    /// Positions in the group of those that depend on the request.
    open: Vec<usize>,
}

/// A clause that takes part in the answer to a request.
struct Applying<'a> {
    clause: &'a Clause,
    plan: &'a Plan,
    subject: &'a Subject<'a>,
    given: &'a Given<'a>,
}

/// The items that a clause includes or excludes.
enum Members<'a> {
    /// Ascending.
    Few(Vec<ItemIx>),
    Many(Cow<'a, Bitmap>),
}

impl Compiled {
    /// A filter with the target ItemID or ActionID, over the columns of the items or actions.
    pub fn new(expression: Arc<Expression>, columns: Arc<Columns>) -> Self {
        let events = UserEvents::new(columns.len());
        Self::for_users(expression, columns, events)
    }

    /// A filter with the target UserID, over the columns of the users and their events.
    pub fn for_users(expression: Arc<Expression>, columns: Arc<Columns>, events: UserEvents) -> Self {
        let mut compiled = Self { expression, columns, events, plans: Vec::new() };
        compiled.plans = compiled.expression.clauses.iter().map(|clause| compiled.plan(clause)).collect();
        compiled
    }

    /// The filter.
    pub fn expression(&self) -> &Arc<Expression> {
        &self.expression
    }

    /// The items (users, actions) that the filter lets pass, of those that the columns have. `values` are those of the
    /// request, by parameter, as they travel; see [`parse_values`](crate::parse_values).
    ///
    /// Errors: [`Error::InvalidInput`](tastemaker_domain::Error::InvalidInput) for missing or malformed values.
    pub fn evaluate(&self, subject: &Subject<'_>, values: &BTreeMap<String, String>) -> Result<Bitmap> {
        let given = self.given(values)?;
        let applying = self.applying(subject, &given)?;
        self.base(&applying).map(|(allowed, _)| allowed)
    }

    /// As [`Self::evaluate`], with the rows of `overlay` in place of older ones; indices are below `overlay.len`. Each of
    /// its rows is looked at.
    pub fn evaluate_with(
        &self,
        subject: &Subject<'_>,
        values: &BTreeMap<String, String>,
        overlay: &Overlay<'_>,
    ) -> Result<Bitmap> {
        let given = self.given(values)?;
        let applying = self.applying(subject, &given)?;
        let (base, members) = self.base(&applying)?;
        let mut allowed = base;
        if allowed.len() != overlay.len {
            let mut longer = Bitmap::new(overlay.len);
            longer.or(&allowed);
            allowed = longer;
        }
        let newer = Newer::new(self, overlay, &applying, &members)?;
        for (row, &item) in overlay.items.iter().enumerate() {
            match newer.passes(row, item) {
                true => allowed.set(item),
                false => allowed.clear(item),
            }
        }
        Ok(allowed)
    }

    /// The values of each clause's parameters; `None` where the clause takes no part for want of one.
    fn given<'a>(&'a self, values: &BTreeMap<String, String>) -> Result<Vec<Option<Given<'a>>>> {
        self.expression.clauses.iter().map(|clause| given(clause, values)).collect()
    }

    /// The clauses that take part.
    fn applying<'a>(&'a self, subject: &'a Subject<'a>, given: &'a [Option<Given<'a>>]) -> Result<Vec<Applying<'a>>> {
        let mut applying = Vec::new();
        for ((clause, plan), given) in self.expression.clauses.iter().zip(&self.plans).zip(given) {
            let Some(given) = given else { continue };
            if self.applies(clause, subject, given)? {
                applying.push(Applying { clause, plan, subject, given });
            }
        }
        Ok(applying)
    }

    /// The set that passes by the columns, and the members of each clause by them.
    fn base<'a>(&'a self, applying: &[Applying<'a>]) -> Result<(Bitmap, Vec<Members<'a>>)> {
        let members = applying.iter().map(|a| self.members(a)).collect::<Result<Vec<_>>>()?;
        let of = |effect: Effect| {
            applying.iter().zip(&members).filter(move |(a, _)| a.clause.effect == effect).map(|(_, members)| members)
        };
        let mut included = of(Effect::Include);
        let mut allowed = match included.next() {
            Some(first) => first.to_set(self.columns.len()),
            None => Bitmap::full(self.columns.len()),
        };
        included.for_each(|members| members.add_to(&mut allowed));
        of(Effect::Exclude).for_each(|members| members.remove_from(&mut allowed));
        Ok((allowed, members))
    }

    fn plan(&self, clause: &Clause) -> Plan {
        if clause.is_about_events() && self.expression.target != Target::User {
            return Plan::Interactions;
        }
        let groups: Vec<Group> = clause.any_of.iter().map(|all| self.group(clause, all)).collect();
        if groups.iter().any(|group| !group.open.is_empty()) {
            return Plan::Groups(groups);
        }
        let sets = groups.into_iter().filter_map(|group| group.fixed);
        Plan::Fixed(sets.reduce(union).unwrap_or_else(|| Bitmap::new(self.columns.len())))
    }

    fn group(&self, clause: &Clause, all: &[Condition]) -> Group {
        let (none, subject) = (Given::new(), Subject::default());
        let mut group = Group { fixed: None, open: Vec::new() };
        for (n, condition) in all.iter().enumerate() {
            let depends = condition.parameter().is_some() || condition.current_item().is_some();
            if !depends && let Ok(set) = self.leaf(clause, condition, &subject, &none) {
                group.fixed = Some(match group.fixed.take() {
                    Some(fixed) => intersection(fixed, &set),
                    None => set.into_owned(),
                });
                continue;
            }
            self.columns.prepare(self.columns.column_key(&condition.column.text));
            group.open.push(n);
        }
        group
    }

    /// Whether the clause's IF is true for the subject.
    fn applies(&self, clause: &Clause, subject: &Subject<'_>, given: &Given<'_>) -> Result<bool> {
        for condition in &clause.only_if {
            let cell = subject.user.map_or(Cell::Absent, |row| row.cell(&condition.column.text));
            let numeric = matches!(cell, Cell::Integer(_) | Cell::Real(_));
            let values = right(condition, &source(subject, given, numeric))?;
            if !cell.passes(&condition.test, &values) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn members<'a>(&'a self, applying: &Applying<'a>) -> Result<Members<'a>> {
        let Applying { clause, plan, subject, given } = applying;
        match plan {
            Plan::Fixed(set) => Ok(Members::Many(Cow::Borrowed(set))),
            Plan::Interactions => self.by_interactions(clause, subject, given).map(Members::Few),
            Plan::Groups(groups) => {
                let mut union_of: Option<Cow<'_, Bitmap>> = None;
                for (group, all) in groups.iter().zip(&clause.any_of) {
                    let mut set: Option<Cow<'_, Bitmap>> = group.fixed.as_ref().map(Cow::Borrowed);
                    for condition in group.open.iter().filter_map(|&n| all.get(n)) {
                        let leaf = self.leaf(clause, condition, subject, given)?;
                        set = Some(match set {
                            Some(set) => Cow::Owned(intersection(set.into_owned(), &leaf)),
                            None => leaf,
                        });
                    }
                    union_of = match (union_of, set) {
                        (Some(so_far), Some(set)) => Some(Cow::Owned(union(so_far.into_owned(), set))),
                        (so_far, set) => so_far.or(set),
                    };
                }
                Ok(Members::Many(union_of.unwrap_or_else(|| Cow::Owned(Bitmap::new(self.columns.len())))))
            }
        }
    }

    /// The members that one condition alone would give.
    fn leaf(
        &self,
        clause: &Clause,
        condition: &Condition,
        subject: &Subject<'_>,
        given: &Given<'_>,
    ) -> Result<Cow<'_, Bitmap>> {
        if clause.is_about_events() {
            let values = right(condition, &source(subject, given, false))?;
            return Ok(Cow::Owned(self.events.with_any(|event_type| counts(&condition.test, &values, event_type))));
        }
        let key = self.columns.column_key(&condition.column.text);
        let numeric = self.columns.is_numeric(key);
        let values = right(condition, &source(subject, given, numeric))?;
        Ok(match &condition.test {
            Test::In { negated: false, .. } => self.columns.equal_to_any(key, &values),
            Test::In { negated: true, .. } => {
                let mut set = self.columns.equal_to_any(key, &values).into_owned();
                set.not();
                Cow::Owned(set)
            }
            Test::Compare { comparison, .. } => match values.first() {
                Some(value) => self.columns.matching(key, *comparison, value),
                None if *comparison == crate::Comparison::NotEqual => Cow::Owned(Bitmap::full(self.columns.len())),
                None => Cow::Owned(Bitmap::new(self.columns.len())),
            },
        })
    }

    /// The items that the subject has such events with, each once.
    fn by_interactions(&self, clause: &Clause, subject: &Subject<'_>, given: &Given<'_>) -> Result<Vec<ItemIx>> {
        let source = source(subject, given, false);
        let mut any_of = Vec::new();
        for all in &clause.any_of {
            let resolve = |condition| Ok((condition, right(condition, &source)?));
            any_of.push(all.iter().map(resolve).collect::<Result<Vec<(&Condition, _)>>>()?);
        }
        let per_type = match self.expression.target {
            Target::Action => ACTION_INTERACTIONS_PER_EVENT_TYPE_MAX,
            Target::Item | Target::User => INTERACTIONS_PER_EVENT_TYPE_MAX,
        };
        let mut events = window(subject.interactions, per_type).into_owned();
        events.sort_by_key(|event| event.item);
        let holds = |of_item: &[Interaction<'_>]| {
            any_of.iter().any(|all| {
                all.iter().all(|(condition, values)| {
                    of_item.iter().any(|event| counts(&condition.test, values, event.event_type))
                })
            })
        };
        let by_item = events.chunk_by(|a, b| a.item == b.item);
        Ok(by_item.filter(|of_item| holds(of_item)).map(|of_item| of_item[0].item).collect())
    }
}

fn source<'a>(subject: &Subject<'a>, given: &'a Given<'a>, numeric: bool) -> Source<'a> {
    Source { given, current_item: subject.current_item, numeric }
}

/// Whether an event of this type counts for `EVENT_TYPE [NOT] IN (values)`.
fn counts(test: &Test, values: &[Value<'_>], event_type: &str) -> bool {
    let Test::In { negated, list } = test else { return false };
    let listed = values.iter().filter_map(Value::text).any(|value| same_event_type(value, event_type));
    (listed || matches!(list, List::Any)) != *negated
}

fn union(mut a: Bitmap, b: impl std::borrow::Borrow<Bitmap>) -> Bitmap {
    a.or(b.borrow());
    a
}

fn intersection(mut a: Bitmap, b: &Bitmap) -> Bitmap {
    a.and(b);
    a
}

impl Members<'_> {
    fn to_set(&self, len: usize) -> Bitmap {
        match self {
            Members::Many(set) => set.clone().into_owned(),
            Members::Few(items) => {
                let mut set = Bitmap::new(len);
                items.iter().for_each(|&item| set.set(item));
                set
            }
        }
    }

    fn add_to(&self, set: &mut Bitmap) {
        match self {
            Members::Many(members) => set.or(members),
            Members::Few(items) => items.iter().for_each(|&item| set.set(item)),
        }
    }

    fn remove_from(&self, set: &mut Bitmap) {
        match self {
            Members::Many(members) => set.andnot(members),
            Members::Few(items) => items.iter().for_each(|&item| set.clear(item)),
        }
    }
}

/// The clauses applied to single rows.
struct Newer<'a> {
    overlay: &'a Overlay<'a>,
    clauses: Vec<NewerClause<'a>>,
}

struct NewerClause<'a> {
    effect: Effect,
    /// The members of a clause about events.
    events: Option<&'a [ItemIx]>,
    any_of: Vec<Vec<(ColumnKey, &'a Test, Vec<Value<'a>>)>>,
}

impl<'a> Newer<'a> {
    fn new(
        filter: &Compiled,
        overlay: &'a Overlay<'a>,
        applying: &'a [Applying<'a>],
        members: &'a [Members<'a>],
    ) -> Result<Self> {
        let condition = |a: &Applying<'a>, condition: &'a Condition| {
            let key = column_key(overlay.table, filter.columns.id_column(), &condition.column.text);
            let numeric = matches!(key, ColumnKey::Column(c) if overlay.table.columns[c].1.is_numeric());
            Ok((key, &condition.test, right(condition, &source(a.subject, a.given, numeric))?))
        };
        let clause = |(a, members): (&'a Applying<'a>, &'a Members<'a>)| {
            let events = match members {
                Members::Few(items) => Some(items.as_slice()),
                Members::Many(_) => None,
            };
            let group = |all: &'a Vec<Condition>| all.iter().map(|c| condition(a, c)).collect::<Result<Vec<_>>>();
            let any_of = match events {
                Some(_) => Vec::new(),
                None => a.clause.any_of.iter().map(group).collect::<Result<_>>()?,
            };
            Ok(NewerClause { effect: a.clause.effect, events, any_of })
        };
        Ok(Self { overlay, clauses: applying.iter().zip(members).map(clause).collect::<Result<_>>()? })
    }

    fn passes(&self, row: usize, item: ItemIx) -> bool {
        let (mut includes, mut included) = (false, false);
        for clause in &self.clauses {
            let satisfied = match clause.events {
                Some(items) => items.binary_search(&item).is_ok(),
                None => clause.any_of.iter().any(|all| {
                    all.iter().all(|(key, test, values)| cell(self.overlay.table, *key, row).passes(test, values))
                }),
            };
            match clause.effect {
                Effect::Exclude if satisfied => return false,
                Effect::Exclude => {}
                Effect::Include => (includes, included) = (true, included || satisfied),
            }
        }
        !includes || included
    }
}
