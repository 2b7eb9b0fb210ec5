//! The fields of a message.

/// The largest Content Card, all fields together after rendering; Braze aborts a larger one when it is sent, though a test
/// send passes.
pub const CARD_BYTES_MAX: usize = 2048;

/// The fields of a Content Card in the order in which a marketer fills them in. Other names are key-value pairs.
pub const CARD_FIELDS: &[&str] = &["title", "message", "image", "link_text", "url"];

/// A message to render: the fields of a Content Card, or one template of another channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    fields: Vec<(String, String)>,
    card: bool,
}

impl Message {
    /// One template: an email body, a push text, an in-app message.
    pub fn template(source: impl Into<String>) -> Self {
        Self { fields: vec![("template".into(), source.into())], card: false }
    }

    /// A Content Card by field (`title`, `message`, `image`, `link_text`, `url`, and any key-value pairs), in this order.
    pub fn card(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { fields: fields.into_iter().collect(), card: true }
    }

    /// Whether the 2 KB budget of Content Cards applies.
    pub fn is_card(&self) -> bool {
        self.card
    }

    /// Name and source of every field.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, source)| (name.as_str(), source.as_str()))
    }
}
