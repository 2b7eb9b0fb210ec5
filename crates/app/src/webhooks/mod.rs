//! Webhooks: changes of resources' statuses, sent to receivers by HTTP.
//!
//! [`tastemaker_store::NotingRecords`] writes a record for each receiver of each change, in the commit of the change. One process
//! sends them, in order for each resource, until the receiver has taken them or they go to the dead letters.

mod deliver;
mod event;
mod live;
mod receiver;
mod signature;
mod wanted;

pub use deliver::{Deliveries, dead_letters, retry_dead_letters};
pub use event::event;
pub use live::LiveReceivers;
pub use receiver::Receiver;
pub use signature::{Secret, Signer};
pub use wanted::Wanted;
