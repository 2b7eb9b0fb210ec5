//! The copies before imports that are not over, so that they go on after a restart.

use futures::future::BoxFuture;

/// Plans of copies with the imports that follow, by id, as texts of the console's own.
pub trait PlannedCopies: Send + Sync {
    /// Keeps a plan durably. `Err` has the reason why that was not possible.
    fn keep<'a>(&'a self, id: &'a str, plan: &'a str) -> BoxFuture<'a, Result<(), String>>;
    /// Forgets a plan that is over.
    fn forget<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()>;
    /// The plans that were not over when the server ended, with their ids.
    fn left<'a>(&'a self) -> BoxFuture<'a, Vec<(String, String)>>;
}

/// Plans in memory.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct KeptPlans(pub parking_lot::Mutex<std::collections::BTreeMap<String, String>>);

#[cfg(test)]
impl PlannedCopies for KeptPlans {
    fn keep<'a>(&'a self, id: &'a str, plan: &'a str) -> BoxFuture<'a, Result<(), String>> {
        self.0.lock().insert(id.to_owned(), plan.to_owned());
        Box::pin(std::future::ready(Ok(())))
    }

    fn forget<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()> {
        self.0.lock().remove(id);
        Box::pin(std::future::ready(()))
    }

    fn left<'a>(&'a self) -> BoxFuture<'a, Vec<(String, String)>> {
        let left = self.0.lock().iter().map(|(id, plan)| (id.clone(), plan.clone())).collect();
        Box::pin(std::future::ready(left))
    }
}
