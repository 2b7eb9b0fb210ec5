//! Failed logins by address, of which so many a minute are taken.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

/// Failed logins of one address in a minute.
const FAILURES_MAX: u32 = 5;
/// Seconds in which they are counted.
const WINDOW_SECONDS: i64 = 60;
/// Addresses that are remembered; those whose minute is over go first.
const ADDRESSES_MAX: usize = 10_000;

/// The counts of failed logins.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    by_address: Mutex<HashMap<Option<IpAddr>, Failures>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    since_s: i64,
    count: u32,
}

impl Attempts {
    /// Seconds to wait for an address that failed too often; `None` where it may try.
    pub fn wait_s(&self, address: Option<IpAddr>, now_s: i64) -> Option<i64> {
        let failures = *self.by_address.lock().get(&network(address))?;
        let left = failures.since_s + WINDOW_SECONDS - now_s;
        (failures.count >= FAILURES_MAX && left > 0).then_some(left)
    }

    /// Counts a failed login.
    pub fn failed(&self, address: Option<IpAddr>, now_s: i64) {
        let mut by_address = self.by_address.lock();
        if by_address.len() >= ADDRESSES_MAX {
            by_address.retain(|_, failures| now_s < failures.since_s + WINDOW_SECONDS);
        }
        let failures = by_address.entry(network(address)).or_insert(Failures { since_s: now_s, count: 0 });
        if now_s >= failures.since_s + WINDOW_SECONDS {
            *failures = Failures { since_s: now_s, count: 0 };
        }
        failures.count = failures.count.saturating_add(1);
    }
}

/// An address; of IPv6 the network of one subscriber.
fn network(address: Option<IpAddr>) -> Option<IpAddr> {
    Some(match address?.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_a_minute_and_no_more() {
        let attempts = Attempts::default();
        let here = Some(IpAddr::from([10, 0, 0, 1]));
        for second in 0..5 {
            assert_eq!(attempts.wait_s(here, second), None);
            attempts.failed(here, second);
        }
        assert_eq!(attempts.wait_s(here, 5), Some(55));
        assert_eq!(attempts.wait_s(Some(IpAddr::from([10, 0, 0, 2])), 5), None, "others may");
        assert_eq!(attempts.wait_s(here, 60), None);
        attempts.failed(here, 60);
        assert_eq!(attempts.wait_s(here, 61), None, "a new minute begins with one");
    }

    #[test]
    fn addresses_of_one_subscriber_count_together() {
        let attempts = Attempts::default();
        for host in 0..5u16 {
            attempts.failed(Some(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host))), 0);
        }
        assert!(attempts.wait_s(Some(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 9, 9, 9, 9))), 0).is_some());
    }
}
