//! Link arguments of the binary.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let of_build = |name: &str| std::env::var(name).unwrap_or_default();
    // The row of this package in `[profile.release.package]` makes Cargo forget the profile's `strip`.
    if of_build("PROFILE") == "release" && of_build("CARGO_CFG_TARGET_OS") == "linux" {
        println!("cargo::rustc-link-arg-bins=-Wl,--strip-all");
    }
}
