//! A mutant: one small fault in a source file, which a test should notice.

use std::ops::Range;

/// The fault, where it stands, and how it is written behind a switch.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// The file, from the root of the repository.
    pub file: String,
    /// The line where the fault begins, from 1.
    pub line: usize,
    /// The function with the names around it, and what becomes of which text. No two of a file are equal.
    pub name: String,
    /// How the source changes.
    pub edit: Edit,
}

/// A change of a source text that can be switched on when the program runs. Positions are bytes of the original.
#[derive(Debug, Clone)]
pub enum Edit {
    /// Another expression stands in the place of one.
    Instead {
        /// The expression.
        range: Range<usize>,
        /// The other one.
        by: String,
    },
    /// A function returns at its beginning.
    Return {
        /// Behind the brace that opens its body.
        at: usize,
        /// What it returns; nothing for `()`.
        value: String,
    },
    /// A statement is left out.
    Without {
        /// The statement with its semicolon.
        range: Range<usize>,
    },
    /// An arm of a `match` is passed over.
    PassArm {
        /// Behind its pattern.
        at: usize,
    },
}

impl Edit {
    /// The bytes of the original that the edit stands around.
    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Instead { range, .. } | Self::Without { range } => range.clone(),
            Self::Return { at, .. } | Self::PassArm { at } => *at..*at,
        }
    }
}
