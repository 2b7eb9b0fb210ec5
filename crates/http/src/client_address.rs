//! The address of a request's caller, and the blocks of addresses that may call.

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::IpAddr;
use std::str::FromStr;

/// The other end of a connection, in the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// A block of addresses: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr(IpNet);

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no block of addresses such as 10.0.0.0/8 or 2001:db8::/32");
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let bits = bits.map(str::parse::<u8>).transpose().map_err(|_| wrong())?;
        let base: IpAddr = base.trim().parse().map_err(|_| wrong())?;
        let width = IpNet::from(base).prefix_len();
        let bits = bits.unwrap_or(width);
        if bits > width {
            return Err(format!("'{text}': {bits} is more than the {width} bits of an address"));
        }
        let base = base.to_canonical();
        IpNet::new(base, bits.min(IpNet::from(base).prefix_len())).map(Self).map_err(|_| wrong())
    }
}

impl Cidr {
    /// Whether `address` lies in the block. An IPv4 address that came over IPv6 counts as itself.
    pub fn holds(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

/// Which addresses may call.
#[derive(Debug, Clone)]
pub struct Network {
    /// Blocks that may call; empty lets everybody.
    pub allow: Vec<Cidr>,
    /// Proxies whose word on the caller's address counts.
    pub trusted_proxies: Vec<Cidr>,
    /// The header in which they say it, such as `x-forwarded-for`.
    pub client_header: HeaderName,
}

impl Default for Network {
    fn default() -> Self {
        let client_header = HeaderName::from_static("x-forwarded-for");
        Self { allow: Vec::new(), trusted_proxies: Vec::new(), client_header }
    }
}

impl Network {
    /// Whether the caller may call.
    pub fn admits(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
        self.allow.is_empty() || self.client(peer, headers).is_some_and(|client| within(&self.allow, client))
    }

    /// Whether `peer` is a proxy whose word counts.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        within(&self.trusted_proxies, peer)
    }

    /// The caller's address: the connection's, or what a trusted proxy says it is. Each proxy appends whom it heard, so
    /// the last address that is no trusted proxy is the caller; what stands before it anybody may have written.
    pub fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?;
        if !within(&self.trusted_proxies, peer) {
            return Some(peer);
        }
        let mut client = peer;
        for said in headers.get_all(&self.client_header).iter().rev() {
            for hop in said.to_str().ok()?.rsplit(',').map(str::trim) {
                client = address(hop)?;
                if !within(&self.trusted_proxies, client) {
                    return Some(client);
                }
            }
        }
        Some(client)
    }
}

fn within(blocks: &[Cidr], address: IpAddr) -> bool {
    blocks.iter().any(|block| block.holds(address))
}

/// An address, which some proxies write with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.split(']').next()?.parse().ok();
    let with_port = || text.rsplit_once(':')?.0.parse().ok();
    text.parse().ok().or_else(bracketed).or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn blocks_hold_their_addresses() {
        for (block, address, held) in [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.8", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
            ("2001:db8::1", "2001:db8::1", true),
            ("2001:db8::1", "2001:db8::2", false),
            ("::ffff:10.1.1.1", "10.1.1.1", true),
            ("::ffff:10.1.1.1", "10.1.1.2", false),
        ] {
            assert_eq!(block.parse::<Cidr>().expect(block).holds(ip(address)), held, "{block} {address}");
        }
        for block in ["10.0.0.0/33", "::/129", "10.0.0/8", "x", "", "10.0.0.0/-1"] {
            assert!(block.parse::<Cidr>().is_err(), "{block}");
        }
    }

    #[test]
    fn a_lone_address_is_a_block_of_one() {
        for (lone, block) in [("2001:db8::1", "2001:db8::1/128"), ("203.0.113.9", "203.0.113.9/32")] {
            assert_eq!(lone.parse::<Cidr>(), block.parse(), "{lone}");
        }
    }

    #[test]
    fn without_trusted_proxies_nobody_is_believed() {
        let headers = HeaderMap::from_iter([(Network::default().client_header, "203.0.113.7".parse().expect("text"))]);
        for peer in ["127.0.0.1", "10.0.0.1", "::1", "203.0.113.9"] {
            assert_eq!(Network::default().client(Some(ip(peer)), &headers), Some(ip(peer)));
        }
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let network = Network {
            allow: vec!["203.0.113.0/24".parse().expect("a block")],
            trusted_proxies: vec!["10.0.0.0/8".parse().expect("a block")],
            ..Network::default()
        };
        let admits = |peer: Option<&str>, said: &[&str]| {
            let headers = said.iter().map(|v| (HeaderName::from_static("x-forwarded-for"), v.parse().expect("text")));
            network.admits(peer.map(ip), &HeaderMap::from_iter(headers))
        };
        assert!(admits(Some("203.0.113.7"), &[]));
        assert!(!admits(Some("198.51.100.1"), &["203.0.113.7"]), "a stranger may write any header");
        assert!(admits(Some("10.0.0.1"), &["203.0.113.7"]));
        assert!(admits(Some("10.0.0.1"), &["1.1.1.1, 203.0.113.7, 10.9.9.9"]));
        assert!(!admits(Some("10.0.0.1"), &["203.0.113.7, 198.51.100.1"]), "the caller wrote the first address");
        assert!(admits(Some("10.0.0.1"), &["1.1.1.1", "203.0.113.7:5123"]));
        assert!(!admits(Some("10.0.0.1"), &["rubbish"]));
        assert!(!admits(Some("10.0.0.1"), &[]));
        assert!(!admits(None, &[]));
        assert!(Network::default().admits(None, &HeaderMap::new()));
    }
}
