//! The place of a setting's value.

use serde_json::Value;
use std::fmt;
use std::path::PathBuf;

/// The place of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A line of the file of settings.
    File {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Variable(String),
    /// The file that a variable names.
    SecretFile {
        /// The variable.
        variable: String,
        /// The file.
        path: PathBuf,
    },
    /// A file of the credentials directory.
    Credential(PathBuf),
    /// A flag of the command.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::SecretFile { variable, path } => write!(f, "{} of the variable {variable}", path.display()),
            Self::Credential(path) => write!(f, "the credential {}", path.display()),
            Self::Flag(flag) => write!(f, "the flag {flag}"),
        }
    }
}

/// A setting in effect.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectiveSetting {
    /// Its key.
    pub key: String,
    /// Its value; that of a secret is masked.
    pub value: Value,
    /// The place of the value; `None` is the default.
    pub source: Option<Source>,
}
