//! `tastemaker doctor`: checks of what a server stands on.

use crate::client_tls::ClientTlsFlags;
use crate::config::{Config, ConfigFlags};
use crate::doctor::{Finding, Verdict, findings};
use anyhow::{Result, bail};
use serde_json::json;
use std::fmt::Write as _;

/// Flags of `doctor`.
#[derive(Debug, clap::Args)]
pub struct DoctorFlags {
    #[command(flatten)]
    pub(crate) config: ConfigFlags,
    #[command(flatten)]
    tls: ClientTlsFlags,
    /// Print the findings as one JSON object
    #[arg(long)]
    json: bool,
}

/// Prints what was found. Errors when a check fails.
pub async fn run(flags: &DoctorFlags) -> Result<()> {
    let config = Config::load(&flags.config)?;
    let findings = findings(&config, &flags.tls).await;
    let worst = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok);
    if flags.json {
        println!("{}", json!({ "verdict": worst, "findings": findings }));
    } else {
        print!("{}", text(&findings));
    }
    let failed = findings.iter().filter(|finding| finding.verdict == Verdict::Fail).count();
    if failed > 0 {
        bail!("{failed} of {} checks failed", findings.len());
    }
    Ok(())
}

/// A line for each finding, and one for what to change.
fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { check, verdict, found, advice } in findings {
        // Writing to text cannot fail.
        let _ = writeln!(text, "{:<5} {check}: {found}", verdict.as_str());
        if let Some(advice) = advice {
            let _ = writeln!(text, "      -> {advice}");
        }
    }
    text
}
