//! The filter expression language from text to a bitmap.
//!
//! ```text
//! filter      = expression , { "|" , expression } ;
//! expression  = ( "INCLUDE" | "EXCLUDE" ) , target , "WHERE" , condition , { ( "AND" | "OR" ) , condition } ,
//!               [ "IF" , ifcondition , { "AND" , ifcondition } ] ;
//! target      = "ItemID" | "UserID" | "ActionID" ;
//! condition   = dataset , "." , column , test ;
//! ifcondition = "CurrentUser" , "." , column , test ;
//! test        = [ "NOT" ] , "IN" , list | comparison , value ;
//! dataset     = "Items" | "Interactions" | "Users" | "Actions" | "Action_Interactions" ;
//! list        = "(" , literal , { "," , literal } , ")" | "(" , parameter , ")" | "(" , "*" , ")" | currentitem ;
//! comparison  = "=" | "!=" | "<" | "<=" | ">" | ">=" ;
//! value       = literal | parameter | "(" , ( literal | parameter ) , ")" | currentitem ;
//! currentitem = "CurrentItem" , "." , column ;
//! literal     = string | number ;
//! parameter   = "$" , name character , { name character } ;
//! string      = '"' , { character | "\" , character } , '"' | "'" , { character | "\" , character } , "'" ;
//! number      = [ "-" ] , digit , { digit } , [ "." , digit , { digit } ] ;
//! column      = letter or "_" , { name character } ;
//! ```
//!
//! White space is free; keywords, datasets and columns are read in any case, datasets also in the singular, parameters in their own. AND binds tighter
//! than OR; nothing nests, so an expression's length bounds everything.
//!
//! With U all items (users, actions), the meaning of a filter is `(I1 ∪ I2 ∪ ...) \ (E1 ∪ E2 ∪ ...)`, where I are the
//! sets of the INCLUDE expressions, U if there is none, and E those of the EXCLUDE expressions. An expression whose IF is
//! false takes no part. A cell with several values, separated by `|`, is IN a list if one of them is. NOT IN is the
//! opposite of IN and `!=` of `=`, also where the cell is absent; every other comparison with an absent cell is false.
//! Text is compared exactly, event types in any case, numbers by value. `Interactions.EVENT_TYPE IN (...)` holds for the
//! items that the user has such an event with, NOT IN for those with an event of another type.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::sync::Arc;
//! use tastemaker_data::{Column, IdMap, TableBuilder, table::Value};
//! use tastemaker_filter::{Columns, Compiled, Subject, parse};
//!
//! let mut items = IdMap::default();
//! let mut table = TableBuilder::new(vec![("TOPIC".into(), Column::Text(vec![]))]);
//! for (id, topic) in [("a", "art|food"), ("b", "travel"), ("c", "food")] {
//!     items.insert(id);
//!     table.set(id, [Some(Value::Text(topic.into()))]);
//! }
//! let columns = Columns::new(Arc::new(table.build()), "ITEM_ID", items.iter());
//! let filter = parse("INCLUDE ItemID WHERE Items.TOPIC IN ($TOPICS)")?;
//! let compiled = Compiled::new(Arc::new(filter), Arc::new(columns));
//! let values = BTreeMap::from([("TOPICS".to_owned(), r#""food","music""#.to_owned())]);
//! let allowed = compiled.evaluate(&Subject::default(), &values)?;
//! assert_eq!(allowed.iter_ones().map(|item| items.id(item.0)).collect::<Vec<_>>(), ["a", "c"]);
//! # Ok::<(), tastemaker_domain::Error>(())
//! ```
//!
//! An expression that does not fit the schemas of its dataset group is refused, with a caret under the position:
//!
//! ```
//! use tastemaker_domain::schema::Schema;
//! use tastemaker_filter::{check, parse};
//!
//! let items = r#"{"type": "record", "name": "Items", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
//!     "fields": [{"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}]}"#;
//! let schemas = [Schema::parse(items, None)?];
//! check(&parse("INCLUDE ItemID WHERE Items.PRICE < 20")?, &schemas)?;
//!
//! let refusal = check(&parse("INCLUDE ItemID WHERE Items.PRIZE < 20")?, &schemas).unwrap_err().to_string();
//! let lines: Vec<&str> = refusal.lines().collect();
//! assert_eq!(lines[1], "INCLUDE ItemID WHERE Items.PRIZE < 20");
//! assert_eq!(lines[2].find('^'), lines[1].find("PRIZE"));
//! # Ok::<(), tastemaker_domain::Error>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod ast;
mod check;
mod columns;
mod compiled;
mod error;
mod events;
mod number;
mod numeric_index;
mod parser;
mod resolve;
mod row;
mod scalar;
#[cfg(test)]
mod tests;
mod text_index;
mod tokens;
mod values;

pub use ast::{Clause, Comparison, Condition, Effect, Expression, List, Literal, Name, Operand, Target, Test};
pub use check::check;
pub use columns::Columns;
pub use compiled::{Compiled, Overlay, Subject};
pub use error::ExpressionError;
pub use events::{Interaction, UserEvents};
pub use number::Number;
pub use parser::parse;
pub use row::Row;
pub use values::parse_values;

/// Characters of an expression.
pub const EXPRESSION_CHARS_MAX: usize = 2500;
/// Characters of a parameter's name.
pub const PARAMETER_CHARS_MAX: usize = 50;
/// Characters of a column's name.
pub const COLUMN_CHARS_MAX: usize = 150;
/// Parameters of a filter: a request carries no more values.
pub const PARAMETERS_MAX: usize = 25;
/// Different columns that one filter may use.
pub const FIELDS_MAX: usize = 10;
/// Newest interactions of a user that filters see, per event type.
pub const INTERACTIONS_PER_EVENT_TYPE_MAX: usize = 100;
/// Newest action interactions of a user that filters see, per event type.
pub const ACTION_INTERACTIONS_PER_EVENT_TYPE_MAX: usize = 300;
