//! The meaning of an expression item by item, written for plainness.

use crate::{Clause, Comparison, Condition, Effect, Expression, Interaction, List, Operand, Test, parse_values};
use std::collections::BTreeMap;
use tastemaker_data::{Column, IdMap, ItemIx, Table};

pub struct World<'a> {
    pub ids: &'a IdMap,
    pub items: &'a Table,
    pub users: &'a Table,
    pub user: Option<&'a str>,
    pub current_item: Option<ItemIx>,
    pub interactions: &'a [Interaction<'a>],
    pub values: &'a BTreeMap<String, String>,
}

/// The values of a cell as texts; numbers in their shortest form.
fn cell(table: &Table, id: &str, column: &str) -> Vec<String> {
    let Some(row) = table.ids.get(id).map(|row| row as usize) else { return vec![] };
    let Some((_, values)) = table.columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(column)) else {
        return vec![];
    };
    match values {
        Column::Text(v) => v[row].iter().flat_map(|text| text.split('|').map(str::to_owned)).collect(),
        Column::Integer(v) => v[row].iter().map(i64::to_string).collect(),
        Column::Number(v) => v[row].iter().map(f64::to_string).collect(),
        Column::Boolean(_) => vec![],
    }
}

fn is_numeric(table: &Table, column: &str) -> bool {
    let found = table.columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(column));
    found.is_some_and(|(_, values)| matches!(values, Column::Integer(_) | Column::Number(_)))
}

impl World<'_> {
    pub fn passes(&self, expression: &Expression, item: ItemIx) -> bool {
        let applying: Vec<&Clause> = expression.clauses.iter().filter(|clause| self.applies(clause)).collect();
        let of = |effect: Effect| applying.iter().filter(move |clause| clause.effect == effect);
        let included =
            of(Effect::Include).count() == 0 || of(Effect::Include).any(|clause| self.satisfied(clause, item));
        included && !of(Effect::Exclude).any(|clause| self.satisfied(clause, item))
    }

    fn applies(&self, clause: &Clause) -> bool {
        clause.parameters().all(|name| self.values.contains_key(name))
            && clause.only_if.iter().all(|condition| {
                let cell = self.user.map(|user| cell(self.users, user, &condition.column.text)).unwrap_or_default();
                self.test(condition, &cell, is_numeric(self.users, &condition.column.text))
            })
    }

    fn satisfied(&self, clause: &Clause, item: ItemIx) -> bool {
        clause.any_of.iter().any(|all| all.iter().all(|condition| self.holds(clause, condition, item)))
    }

    fn holds(&self, clause: &Clause, condition: &Condition, item: ItemIx) -> bool {
        if clause.is_about_events() {
            let Test::In { negated, list } = &condition.test else { panic!("events have IN only") };
            let listed = self.right(condition);
            return self.interactions.iter().filter(|event| event.item == item).any(|event| {
                let lower = event.event_type.to_lowercase();
                let found = *list == List::Any || listed.iter().any(|value| value.to_lowercase() == lower);
                found != *negated
            });
        }
        let column = &condition.column.text;
        self.test(condition, &cell(self.items, self.ids.id(item.0), column), is_numeric(self.items, column))
    }

    fn right(&self, condition: &Condition) -> Vec<String> {
        let given = |name: &str| -> Vec<String> {
            parse_values(name, &self.values[name]).unwrap().into_iter().map(String::from).collect()
        };
        let current = |column: &str| match self.current_item {
            Some(item) => cell(self.items, self.ids.id(item.0), column),
            None => vec![],
        };
        match &condition.test {
            Test::In { list: List::Any, .. } => vec![],
            Test::In { list: List::Literals(literals), .. } => literals.iter().map(|l| l.text.to_string()).collect(),
            Test::In { list: List::Parameter(name), .. } => given(name),
            Test::In { list: List::CurrentItem(name), .. } => current(&name.text),
            Test::Compare { operand: Operand::Literal(literal), .. } => vec![literal.text.to_string()],
            Test::Compare { operand: Operand::Parameter(name), .. } => given(name),
            Test::Compare { operand: Operand::CurrentItem(name), .. } => current(&name.text),
        }
    }

    fn test(&self, condition: &Condition, cell: &[String], numeric: bool) -> bool {
        let right = self.right(condition);
        let number = |text: &String| text.parse::<f64>().unwrap();
        let equal = |a: &String, b: &String| if numeric { number(a) == number(b) } else { a == b };
        let any_equal = cell.iter().any(|a| right.iter().any(|b| equal(a, b)));
        match &condition.test {
            Test::In { negated, .. } => any_equal != *negated,
            Test::Compare { comparison: Comparison::Equal, .. } => any_equal,
            Test::Compare { comparison: Comparison::NotEqual, .. } => !any_equal,
            Test::Compare { comparison, .. } => cell.iter().zip(&right).any(|(a, b)| match comparison {
                Comparison::Less => number(a) < number(b),
                Comparison::LessOrEqual => number(a) <= number(b),
                Comparison::Greater => number(a) > number(b),
                _ => number(a) >= number(b),
            }),
        }
    }
}
