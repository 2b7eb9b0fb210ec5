//! Pools of requests under way: so many at once, and of one client address no more than a part of them.

use crate::address_counts::{AddressCounts, AddressShare};
use crate::limits::PARTS_PER_ADDRESS;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// A number of requests that may be under way at once.
pub struct RequestPool {
    permits: Arc<Semaphore>,
    by_address: Arc<AddressCounts>,
}

/// The right to be under way.
pub struct RequestPermit<'a> {
    _permit: SemaphorePermit<'a>,
    _share: Option<AddressShare>,
}

/// The same for as long as its owner lives, as the body of an answer.
pub struct OwnedPermit {
    _permit: OwnedSemaphorePermit,
    _share: Option<AddressShare>,
}

impl RequestPool {
    /// A pool of `max` requests, of which one address may have `max /` [`PARTS_PER_ADDRESS`].
    pub fn new(max: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(max)), by_address: AddressCounts::new(max / PARTS_PER_ADDRESS) }
    }

    /// A permit for a request of an address; `None` when all are taken, or all that the address may have.
    pub fn try_acquire(&self, address: Option<IpAddr>) -> Option<RequestPermit<'_>> {
        let share = match address {
            Some(address) => Some(self.by_address.take(address, 1)?),
            None => None,
        };
        Some(RequestPermit { _permit: self.permits.try_acquire().ok()?, _share: share })
    }

    /// The same, to be kept by what outlives the request's handling.
    pub fn try_acquire_owned(&self, address: Option<IpAddr>) -> Option<OwnedPermit> {
        let share = match address {
            Some(address) => Some(self.by_address.take(address, 1)?),
            None => None,
        };
        Some(OwnedPermit { _permit: self.permits.clone().try_acquire_owned().ok()?, _share: share })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_room_for_others() {
        let pool = RequestPool::new(4);
        let address = |n: u8| Some(IpAddr::from([10, 0, 0, n]));
        let first: Vec<_> = (0..4).filter_map(|_| pool.try_acquire(address(1))).collect();
        assert_eq!(first.len(), 4 / PARTS_PER_ADDRESS);
        let second: Vec<_> = (0..4).filter_map(|_| pool.try_acquire(address(2))).collect();
        assert_eq!(second.len(), 2);
        assert!(pool.try_acquire(address(3)).is_none() && pool.try_acquire(None).is_none());
        drop(first);
        assert!(pool.try_acquire(address(3)).is_some());
        assert_eq!(pool.by_address.addresses(), 1);
    }
}
