//! Messages of Braze.

use std::collections::BTreeMap;
use tastemaker_braze::preview::{AllowList, Client, Fetch, FetchFailure, Message, Profile, Reply, Request, preview};

/// One answer to every request.
struct OneAnswer;

impl Fetch for OneAnswer {
    fn fetch(&self, request: &Request) -> Result<Reply, FetchFailure> {
        let body = format!(r#"{{"recommendations":[{{"item_id":"i1","name":"A","n":{}}}]}}"#, request.url.len());
        Ok(Reply { status: 200, body: body.into_bytes(), took_ms: 3 })
    }
}

/// A message's text, rendered for one user: text, a reason to abort, or an error with a position.
pub fn message(input: &[u8]) {
    let Ok(source) = std::str::from_utf8(input) else { return };
    let client = Client::new(Box::new(OneAnswer), AllowList::new([]), BTreeMap::new(), None);
    let shown = preview(&Message::template(source), &Profile::default(), &BTreeMap::new(), &client, 1_700_000_000);
    assert_eq!(shown.fields.len(), 1);
}
