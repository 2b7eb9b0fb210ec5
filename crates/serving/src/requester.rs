//! The requester: on whose behalf items are asked for.

/// The user of a request and the item that it is about, where it names them.
#[derive(Clone, Copy)]
pub(crate) struct Requester<'a> {
    pub user_id: Option<&'a str>,
    pub item_id: Option<&'a str>,
}
