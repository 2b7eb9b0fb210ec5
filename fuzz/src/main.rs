//! The libFuzzer program: `FUZZ_TARGET` names the target, the arguments are libFuzzer's.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tastemaker_fuzz::{TARGETS, Target, target};

static CHOSEN: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("FUZZ_TARGET must be one of {}, not '{name}'", names.join(", "));
        std::process::exit(2)
    })
});

fuzz_target!(|input: &[u8]| (CHOSEN.check)(input));
