//! From tokens to an expression; each function begins with its production.

use crate::ast::{
    Clause, Comparison, Condition, Effect, Expression, List, Literal, Name, Operand, Target, Test, dataset,
};
use crate::error::ExpressionError;
use crate::tokens::{Placed, Token, tokens};
use crate::{EXPRESSION_CHARS_MAX, PARAMETERS_MAX};
use std::collections::BTreeSet;
use tastemaker_domain::schema::DatasetType;

type Result<T> = std::result::Result<T, ExpressionError>;

/// The only column of events that conditions may be about.
const EVENT_TYPE: &str = "EVENT_TYPE";

/// Reads an expression. Errors tell the position, what was found there and what was expected.
pub fn parse(text: &str) -> Result<Expression> {
    let chars = text.chars().count();
    if chars > EXPRESSION_CHARS_MAX {
        let message = format!("an expression has at most {EXPRESSION_CHARS_MAX} characters, found {chars}");
        return Err(ExpressionError::expression(text, text.len(), message));
    }
    Parser { text, tokens: tokens(text)?, next: 0 }.filter()
}

struct Parser<'a> {
    text: &'a str,
    /// Ends with [`Token::End`], which is never passed.
    tokens: Vec<Placed<'a>>,
    next: usize,
}

impl<'a> Parser<'a> {
    /// `filter = expression , { "|" , expression } ;`
    fn filter(mut self) -> Result<Expression> {
        let (target, first) = self.expression(None)?;
        let mut clauses = vec![first];
        while self.take_symbol("|") {
            clauses.push(self.expression(Some(target))?.1);
        }
        if *self.peek() != Token::End {
            return self.refuse(match clauses.last().is_some_and(|c| !c.only_if.is_empty()) {
                true if self.at_word("OR") => "conditions after IF are joined by AND only".to_owned(),
                true => self.expected("AND, '|' or the end"),
                false => self.expected("AND, OR, IF, '|' or the end"),
            });
        }
        let expression = Expression { text: self.text.into(), target, clauses };
        let parameters: BTreeSet<_> = expression.parameters().map(|p| p.name).collect();
        if parameters.len() > PARAMETERS_MAX {
            let found = parameters.len();
            return self.refuse(format!("a filter has at most {PARAMETERS_MAX} parameters, found {found}"));
        }
        Ok(expression)
    }

    /// ```text
    /// expression = ( "INCLUDE" | "EXCLUDE" ) , target , "WHERE" , condition , { ( "AND" | "OR" ) , condition } ,
    ///              [ "IF" , ifcondition , { "AND" , ifcondition } ] ;
    /// ```
    fn expression(&mut self, same: Option<Target>) -> Result<(Target, Clause)> {
        let effect = if self.take_word("INCLUDE") {
            Effect::Include
        } else if self.take_word("EXCLUDE") {
            Effect::Exclude
        } else {
            return self.refuse(self.expected("INCLUDE or EXCLUDE"));
        };
        let target = self.target(same)?;
        if !self.take_word("WHERE") {
            return self.refuse(self.expected("WHERE"));
        }
        let (dataset, first) = self.condition(target, None)?;
        let mut any_of = vec![vec![first]];
        loop {
            if self.take_word("AND") {
                let condition = self.condition(target, Some(dataset))?.1;
                any_of.last_mut().into_iter().for_each(|all| all.push(condition.clone()));
            } else if self.take_word("OR") {
                any_of.push(vec![self.condition(target, Some(dataset))?.1]);
            } else {
                break;
            }
        }
        let mut only_if = Vec::new();
        if self.at_word("IF") && target == Target::User {
            return self
                .refuse("IF is for the targets ItemID and ActionID: a UserID filter has no current user".to_owned());
        }
        if self.take_word("IF") {
            only_if.push(self.if_condition(target)?);
            while self.take_word("AND") {
                only_if.push(self.if_condition(target)?);
            }
        }
        Ok((target, Clause { effect, dataset, any_of, only_if }))
    }

    /// `target = "ItemID" | "UserID" | "ActionID" ;`
    fn target(&mut self, same: Option<Target>) -> Result<Target> {
        let Some(target) = Target::ALL.iter().copied().find(|t| self.at_word(t.as_str())) else {
            return self.refuse(self.expected("ItemID, UserID or ActionID"));
        };
        if let Some(same) = same.filter(|same| *same != target) {
            let (same, target) = (same.as_str(), target.as_str());
            return self.refuse(format!("all expressions of a filter have one target, here {same}, found {target}"));
        }
        self.next += 1;
        Ok(target)
    }

    /// `condition = dataset , "." , column , test ;`
    fn condition(&mut self, target: Target, same: Option<DatasetType>) -> Result<(DatasetType, Condition)> {
        let dataset = self.dataset(target, same)?;
        let column = self.column()?;
        let about_events = matches!(dataset, DatasetType::Interactions | DatasetType::ActionInteractions);
        if about_events && !column.text.eq_ignore_ascii_case(EVENT_TYPE) {
            let (dataset, found) = (dataset.record_name(), &column.text);
            let message = format!("{dataset} can be filtered by {EVENT_TYPE} only, found '{found}'");
            return Err(ExpressionError::expression(self.text, column.at, message));
        }
        let test = self.test(about_events, target == Target::Item && !about_events)?;
        Ok((dataset, Condition { column, test }))
    }

    /// `dataset = "Items" | "Interactions" | "Users" | "Actions" | "Action_Interactions" ;`, or their singular, as far as the
    /// target allows.
    fn dataset(&mut self, target: Target, same: Option<DatasetType>) -> Result<DatasetType> {
        let Token::Word(word) = *self.peek() else {
            let grouped = *self.peek() == Token::Symbol("(");
            return self.refuse(match grouped {
                true => "conditions cannot be grouped by parentheses; AND binds tighter than OR".to_owned(),
                false => self.expected("a column, written Dataset.COLUMN"),
            });
        };
        let [metadata, events] = target.datasets();
        let allowed = format!("{} or {}", metadata.record_name(), events.record_name());
        let Some(dataset) = dataset(word) else {
            return self.refuse(match word {
                word if word.eq_ignore_ascii_case("CurrentUser") => "CurrentUser stands after IF only".to_owned(),
                word if word.eq_ignore_ascii_case("CurrentItem") => {
                    "CurrentItem stands on the right of IN or a comparison only".to_owned()
                }
                word if word.eq_ignore_ascii_case("NOT") => {
                    "NOT stands before IN only, as in Dataset.COLUMN NOT IN (...)".to_owned()
                }
                _ if self.after_next() == Some(&Token::Symbol(".")) => self.expected(&format!("the dataset {allowed}")),
                _ => self.expected(&format!("a column, written Dataset.COLUMN with the dataset {allowed}")),
            });
        };
        if !target.datasets().contains(&dataset) {
            let (target_word, found) = (target.as_str(), dataset.record_name());
            let hint = match (target, dataset) {
                (Target::Item | Target::Action, DatasetType::Users) => {
                    "; for the user's columns write IF CurrentUser.COLUMN"
                }
                _ => "",
            };
            return self.refuse(format!("conditions on {target_word} are about {allowed}, found {found}{hint}"));
        }
        if let Some(same) = same.filter(|same| *same != dataset) {
            let (same, found) = (same.record_name(), dataset.record_name());
            return self.refuse(format!(
                "the conditions of one expression are about one dataset, here {same}, found {found}; join expressions with '|'"
            ));
        }
        self.next += 1;
        Ok(dataset)
    }

    /// `ifcondition = "CurrentUser" , "." , column , test ;`
    fn if_condition(&mut self, target: Target) -> Result<Condition> {
        if !self.take_word("CurrentUser") {
            return self.refuse(self.expected("CurrentUser.COLUMN"));
        }
        let column = self.column()?;
        Ok(Condition { column, test: self.test(false, target == Target::Item)? })
    }

    /// `"." , column`
    fn column(&mut self) -> Result<Name> {
        if !self.take_symbol(".") {
            return self.refuse(self.expected("'.' and a column"));
        }
        let Token::Word(word) = *self.peek() else { return self.refuse(self.expected("a column's name")) };
        let at = self.tokens[self.next].at;
        self.next += 1;
        Ok(Name { text: word.into(), at })
    }

    /// `test = [ "NOT" ] , "IN" , list | comparison , value ;`; events have IN only.
    fn test(&mut self, about_events: bool, current_item: bool) -> Result<Test> {
        if self.take_word("NOT") {
            if !self.take_word("IN") {
                return self.refuse(self.expected("IN"));
            }
            return Ok(Test::In { negated: true, list: self.list(about_events, current_item)? });
        }
        if self.take_word("IN") {
            return Ok(Test::In { negated: false, list: self.list(about_events, current_item)? });
        }
        if about_events {
            return self.refuse(self.expected("IN or NOT IN"));
        }
        match Comparison::ALL.iter().copied().find(|c| *self.peek() == Token::Symbol(c.as_str())) {
            Some(comparison) => {
                self.next += 1;
                Ok(Test::Compare { comparison, operand: self.value(comparison, current_item)? })
            }
            None => self.refuse(self.expected("IN, NOT IN, =, !=, <, <=, > or >=")),
        }
    }

    /// ```text
    /// list = "(" , literal , { "," , literal } , ")" | "(" , parameter , ")" | "(" , "*" , ")" | currentitem ;
    /// ```
    /// Of event types, `("*")` is `(*)`: expressions in circulation have it either way.
    fn list(&mut self, about_events: bool, current_item: bool) -> Result<List> {
        if self.at_word("CurrentItem") {
            return Ok(List::CurrentItem(self.current_item(current_item)?));
        }
        if !self.take_symbol("(") {
            return self.refuse(self.expected("'(' after IN"));
        }
        let list = match self.peek().clone() {
            Token::Parameter(name) => {
                self.next += 1;
                if *self.peek() == Token::Symbol(",") {
                    return self.refuse("a list holds one parameter and nothing else".to_owned());
                }
                List::Parameter(name.into())
            }
            Token::Symbol("*") if about_events => {
                self.next += 1;
                List::Any
            }
            Token::Symbol("*") => {
                return self.refuse(format!("(*) is for {EVENT_TYPE} of an interactions dataset only"));
            }
            _ => {
                let mut literals = vec![self.literal("a string in double quotes, a number or a $parameter")?];
                while self.take_symbol(",") {
                    literals.push(self.literal("a string in double quotes or a number")?);
                }
                match literals.as_slice() {
                    [Literal { text, quoted: true, .. }] if about_events && &**text == "*" => List::Any,
                    _ => List::Literals(literals),
                }
            }
        };
        if !self.take_symbol(")") {
            let wanted = if matches!(list, List::Literals(_)) { "',' or ')'" } else { "')'" };
            return self.refuse(self.expected(wanted));
        }
        Ok(list)
    }

    /// `value = literal | parameter | "(" , ( literal | parameter ) , ")" | currentitem ;`; an order needs numbers.
    fn value(&mut self, comparison: Comparison, current_item: bool) -> Result<Operand> {
        if self.at_word("CurrentItem") {
            return Ok(Operand::CurrentItem(self.current_item(current_item)?));
        }
        let enclosed = self.take_symbol("(");
        let operand = match self.peek().clone() {
            Token::Parameter(name) => {
                self.next += 1;
                Operand::Parameter(name.into())
            }
            Token::Text(_) if comparison.is_range() => {
                let expected = self.expected("a number");
                return self.refuse(format!("'{}' compares numbers; {expected}", comparison.as_str()));
            }
            _ => Operand::Literal(self.literal(match comparison.is_range() {
                true => "a number, a $parameter or CurrentItem.COLUMN",
                false => "a number, a string, a $parameter or CurrentItem.COLUMN",
            })?),
        };
        if enclosed && !self.take_symbol(")") {
            return self.refuse(self.expected("')'"));
        }
        Ok(operand)
    }

    /// `currentitem = "CurrentItem" , "." , column ;`
    fn current_item(&mut self, allowed: bool) -> Result<Name> {
        if !allowed {
            return self
                .refuse("CurrentItem is for conditions on Items and CurrentUser with the target ItemID".to_owned());
        }
        self.next += 1;
        self.column()
    }

    /// `literal = string | number ;`
    fn literal(&mut self, wanted: &str) -> Result<Literal> {
        let (text, quoted) = match self.peek() {
            Token::Text(text) => (text.as_str().into(), true),
            Token::Number(text) => ((*text).into(), false),
            _ => return self.refuse(self.expected(wanted)),
        };
        let at = self.tokens[self.next].at;
        self.next += 1;
        Ok(Literal { text, quoted, at })
    }

    fn peek(&self) -> &Token<'a> {
        &self.tokens[self.next].token
    }

    fn after_next(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.next + 1).map(|t| &t.token)
    }

    fn at_word(&self, keyword: &str) -> bool {
        matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn take_word(&mut self, keyword: &str) -> bool {
        let found = self.at_word(keyword);
        self.next += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: &'static str) -> bool {
        let found = *self.peek() == Token::Symbol(symbol);
        self.next += usize::from(found);
        found
    }

    fn expected(&self, wanted: &str) -> String {
        let Placed { token, at, end } = &self.tokens[self.next];
        match token {
            Token::End => format!("expected {wanted}, found the end"),
            _ => format!("expected {wanted}, found {}", &self.text[*at..*end]),
        }
    }

    fn refuse<T>(&self, message: String) -> Result<T> {
        Err(ExpressionError::expression(self.text, self.tokens[self.next].at, message))
    }
}
