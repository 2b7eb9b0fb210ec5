//! The trait of who writes themes in place of those that the data gives by itself, such as a language model behind an endpoint.

/// A list whose theme is wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThemePrompt {
    /// The items, best first.
    pub items: Vec<ThemeItem>,
    /// The theme that the items' own texts and categories give.
    pub phrase: String,
    /// The header `traceparent` for a call of somebody else.
    pub traceparent: Option<String>,
}

/// The texts about an item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThemeItem {
    /// Its name, empty where it has none.
    pub name: String,
    /// Its categories.
    pub categories: Vec<String>,
    /// Its texts, one after the other.
    pub text: String,
}

/// Writes themes. It is called on blocking threads, several at a time, and returns within its own time limit.
pub trait ThemeWriter: Send + Sync {
    /// The writer's name: what a theme depends on besides the list.
    fn name(&self) -> String;

    /// A theme, or why there is none, for the line of the request.
    fn write(&self, prompt: &ThemePrompt) -> Result<String, String>;
}
