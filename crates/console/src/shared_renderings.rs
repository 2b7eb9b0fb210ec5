//! Renderings of live topics that all their viewers share: whoever comes first begins one, and it ends when the last has gone.

use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// The things on which a rendering depends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RenderingKey {
    /// The topic with its argument.
    pub topic: String,
    /// The dataset group of the page.
    pub group: Option<String>,
    /// The tag of the language.
    pub language: &'static str,
    /// The console's path in the browser's address bar.
    pub base: String,
    /// The access key and the right of the viewer: some see no buttons.
    pub viewer: (String, &'static str),
}

/// A part of a page, as the message that exchanges it.
#[derive(Debug, Clone)]
pub(crate) struct RenderedPart {
    /// The id of the element.
    pub id: &'static str,
    /// The markup that exchanges the element's content; the same allocation for as long as nothing changes.
    pub exchange: Arc<str>,
}

/// The newest parts of a topic; `None` before they are rendered for the first time.
pub(crate) type Rendering = Option<Arc<Vec<RenderedPart>>>;

/// All renderings that somebody looks at.
#[derive(Default)]
pub(crate) struct SharedRenderings {
    running: Arc<Mutex<HashMap<RenderingKey, Arc<watch::Sender<Rendering>>>>>,
}

/// The place into which a topic is rendered.
pub(crate) struct RenderingPlace {
    key: RenderingKey,
    sender: Arc<watch::Sender<Rendering>>,
    running: Arc<Mutex<HashMap<RenderingKey, Arc<watch::Sender<Rendering>>>>>,
}

impl SharedRenderings {
    /// The rendering of a key, which `begin` starts if there is none.
    pub fn watch(
        &self,
        key: RenderingKey,
        begin: impl FnOnce(RenderingPlace) -> BoxFuture<'static, ()>,
    ) -> watch::Receiver<Rendering> {
        let mut running = self.running.lock();
        if let Some(sender) = running.get(&key) {
            return sender.subscribe();
        }
        let (sender, receiver) = watch::channel(None);
        let sender = Arc::new(sender);
        running.insert(key.clone(), sender.clone());
        drop(running);
        tokio::spawn(begin(RenderingPlace { key, sender, running: self.running.clone() }));
        receiver
    }

    /// Renderings under way.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.running.lock().len()
    }
}

impl RenderingPlace {
    /// Shows the newest parts to all viewers, if any differs.
    pub fn show(&self, parts: Vec<RenderedPart>) {
        self.sender.send_if_modified(|shown| {
            let before = shown.take().unwrap_or_default();
            let mut differs = parts.len() != before.len();
            let parts = parts.into_iter().map(|part| match before.iter().find(|old| old.id == part.id) {
                Some(old) if old.exchange == part.exchange => old.clone(),
                _ => {
                    differs = true;
                    part
                }
            });
            let parts = parts.collect();
            *shown = Some(if differs { Arc::new(parts) } else { before });
            differs
        });
    }

    /// When nobody looks any more.
    pub async fn unwatched(&self) {
        self.sender.closed().await;
    }

    /// Ends the rendering unless somebody came in the meantime; whether it is over.
    pub fn end(&self) -> bool {
        let mut running = self.running.lock();
        let is_over = self.sender.receiver_count() == 0;
        if is_over {
            self.forget(&mut running);
        }
        is_over
    }

    fn forget(&self, running: &mut HashMap<RenderingKey, Arc<watch::Sender<Rendering>>>) {
        if running.get(&self.key).is_some_and(|sender| Arc::ptr_eq(sender, &self.sender)) {
            running.remove(&self.key);
        }
    }
}

impl Drop for RenderingPlace {
    /// A rendering that broke is begun anew by the next viewer.
    fn drop(&mut self) {
        let running = self.running.clone();
        self.forget(&mut running.lock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn key(topic: &str) -> RenderingKey {
        RenderingKey {
            topic: topic.into(),
            group: None,
            language: "en",
            base: "/console".into(),
            viewer: ("K".into(), "view"),
        }
    }

    fn parts(texts: [&str; 2]) -> Vec<RenderedPart> {
        let ids = ["a", "b"].into_iter().zip(texts);
        ids.map(|(id, text)| RenderedPart { id, exchange: text.into() }).collect()
    }

    #[tokio::test]
    async fn viewers_of_a_key_share_one_rendering_until_the_last_has_gone() {
        let shared = SharedRenderings::default();
        let begun = Arc::new(Mutex::new(0));
        let begin = |place: RenderingPlace| {
            let begun = begun.clone();
            async move {
                *begun.lock() += 1;
                place.show(parts(["x", "y"]));
                place.unwatched().await;
                assert!(place.end());
            }
            .boxed()
        };
        let mut first = shared.watch(key("t"), begin);
        let second = shared.watch(key("t"), begin);
        let other = shared.watch(key("u"), begin);
        first.changed().await.expect("shown");
        assert_eq!((*begun.lock(), shared.count()), (2, 2));
        drop((first, second, other));
        while shared.count() > 0 {
            tokio::task::yield_now().await;
        }
        drop(shared.watch(key("t"), begin));
        assert_eq!(shared.count(), 1);
    }

    #[tokio::test]
    async fn parts_that_stay_keep_their_allocation_and_a_broken_rendering_goes() {
        let shared = SharedRenderings::default();
        let (give, mut take) = tokio::sync::mpsc::channel::<Vec<RenderedPart>>(1);
        let mut seen = shared.watch(key("t"), |place| {
            async move {
                while let Some(parts) = take.recv().await {
                    place.show(parts);
                }
            }
            .boxed()
        });
        give.send(parts(["x", "y"])).await.unwrap();
        seen.changed().await.unwrap();
        let before = seen.borrow_and_update().clone().unwrap();
        give.send(parts(["x", "y"])).await.unwrap();
        give.send(parts(["x", "z"])).await.unwrap();
        seen.changed().await.unwrap();
        let after = seen.borrow_and_update().clone().unwrap();
        assert!(Arc::ptr_eq(&before[0].exchange, &after[0].exchange));
        assert_eq!(&*after[1].exchange, "z");
        drop(give);
        assert!(seen.changed().await.is_err());
        assert_eq!(shared.count(), 0);
    }
}
