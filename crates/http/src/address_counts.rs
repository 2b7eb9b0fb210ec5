//! Counts of what each client address has under way, with a limit for each address.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// Bits of an IPv6 address that name the network of one subscriber; the rest the subscriber chooses.
const IPV6_NETWORK_BITS: u32 = 64;

/// Amounts taken by address. An IPv6 address counts with all others of its /64 network.
#[derive(Debug)]
pub struct AddressCounts {
    max: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

impl AddressCounts {
    /// Nothing is taken; each address may take `max`.
    pub fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, taken: Mutex::default() })
    }

    /// Takes `amount` for an address until the share is dropped; `None` where the address would have more than its limit.
    pub fn take(self: &Arc<Self>, address: IpAddr, amount: usize) -> Option<AddressShare> {
        let mut share = AddressShare { counts: self.clone(), network: network(address), amount: 0 };
        share.grow(amount).then_some(share)
    }

    #[cfg(test)]
    pub(crate) fn addresses(&self) -> usize {
        self.taken.lock().len()
    }
}

/// An amount that an address has taken, given back on drop.
#[derive(Debug)]
pub struct AddressShare {
    counts: Arc<AddressCounts>,
    network: IpAddr,
    amount: usize,
}

impl AddressShare {
    /// Takes `more`; `false`, and nothing is taken, where the address would have more than its limit.
    pub fn grow(&mut self, more: usize) -> bool {
        let mut taken = self.counts.taken.lock();
        let total = taken.get(&self.network).copied().unwrap_or(0).saturating_add(more);
        let fits = total <= self.counts.max;
        if fits && more > 0 {
            taken.insert(self.network, total);
            self.amount += more;
        }
        fits
    }
}

impl Drop for AddressShare {
    fn drop(&mut self) {
        if let Entry::Occupied(mut entry) = self.counts.taken.lock().entry(self.network) {
            let left = entry.get().saturating_sub(self.amount);
            if left == 0 {
                entry.remove();
            } else {
                entry.insert(left);
            }
        }
    }
}

/// The address by which a client is counted.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let mask = u128::MAX << (u128::BITS - IPV6_NETWORK_BITS);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn each_address_has_its_limit_and_gives_back() {
        let counts = AddressCounts::new(3);
        let mut first = counts.take(ip("10.0.0.1"), 2).expect("fits");
        assert!(counts.take(ip("10.0.0.1"), 2).is_none());
        assert!(counts.take(ip("::ffff:10.0.0.1"), 2).is_none(), "the same address over IPv6");
        let other = counts.take(ip("10.0.0.2"), 3).expect("another address");
        assert!(first.grow(1) && !first.grow(1));
        assert_eq!(counts.addresses(), 2);
        drop(first);
        assert!(counts.take(ip("10.0.0.1"), 3).is_some());
        drop(other);
        assert_eq!(counts.addresses(), 0, "nothing is kept of who has nothing");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let counts = AddressCounts::new(1);
        let first = counts.take(ip("2001:db8:1:2::1"), 1);
        assert!(first.is_some());
        assert!(counts.take(ip("2001:db8:1:2:ffff::9"), 1).is_none());
        assert!(counts.take(ip("2001:db8:1:3::1"), 1).is_some());
        assert!(counts.take(ip("::1"), 1).is_some());
    }
}
