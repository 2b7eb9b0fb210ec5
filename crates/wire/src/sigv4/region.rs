//! Names of regions, which become a part of ARNs.

use super::error::{SignatureError, shortened};

/// Characters of a region's name at most.
const REGION_CHARS_MAX: usize = 32;

/// Whether a text can be the name of a region: 1 to 32 lower-case letters, digits and hyphens.
pub fn is_region(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=REGION_CHARS_MAX).contains(&text.len()) && text.bytes().all(legal)
}

/// Refuses what cannot be the region of a scope.
pub(super) fn check_region(region: &str) -> Result<(), SignatureError> {
    if is_region(region) {
        return Ok(());
    }
    Err(SignatureError::invalid(
        format!("Credential should be scoped to a valid region, not '{}'.", shortened(region),),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_letters_digits_and_hyphens() {
        for name in ["us-east-1", "eu-west-1", "local", "us-gov-west-1", "a", &"x".repeat(32)] {
            assert!(is_region(name), "{name}");
        }
        for name in ["", "a'b", "EU-WEST-1", "eu_west", "a:b", "a/b", "eu west", "é", "*", &"x".repeat(33)] {
            assert!(!is_region(name), "{name}");
        }
    }
}
