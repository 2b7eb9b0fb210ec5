//! Import of an interactions CSV against DuckDB's CSV-to-Parquet copy of the same file.
//!
//! `TASTEMAKER_BENCH_PYTHON=/path/to/python cargo bench -p tastemaker-compute -- 5 20` takes sizes in millions of rows.
//! The Python must have `duckdb`; without the variable only our side runs. Every measurement is a process of its own, so
//! that the peak of its resident memory is its own; the two sides alternate and the best of the rounds counts.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use tastemaker_compute::{ImportRules, import_csv};
use tastemaker_domain::schema::Schema;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const ROUNDS: usize = 3;
const SCHEMA: &str = r#"{"type":"record","name":"Interactions","fields":[
    {"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
    {"name":"EVENT_TYPE","type":"string"},{"name":"EVENT_VALUE","type":["null","float"]}]}"#;
const DUCKDB: &str = "
import duckdb, sys, time
connection = duckdb.connect()
connection.execute('SET enable_progress_bar = false')
started = time.perf_counter()
connection.execute(f\"COPY (SELECT * FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT parquet)\")
seconds = time.perf_counter() - started
peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1]
print(seconds, peak)
";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if let [mode, csv, parquet] = args.as_slice()
        && mode == "import-once"
    {
        return import_once(csv, parquet);
    }
    let millions: Vec<u64> = args.iter().filter_map(|a| a.parse().ok()).collect();
    let millions = if millions.is_empty() { vec![5, 20] } else { millions };
    let python = std::env::var("TASTEMAKER_BENCH_PYTHON").ok();

    println!("rows      csv MB  ours s  ours peak MB  parquet MB  duckdb s  duckdb peak MB  parquet MB  ratio");
    for millions in millions {
        let dir = tempfile::tempdir()?;
        let csv = dir.path().join("interactions.csv");
        generate(&csv, millions * 1_000_000)?;
        let (ours_out, duckdb_out) = (dir.path().join("ours.parquet"), dir.path().join("duckdb.parquet"));
        let (mut ours, mut duckdb) = (Measured::default(), Measured::default());
        for _ in 0..ROUNDS {
            let mut command = Command::new(std::env::current_exe()?);
            ours.add(command.arg("import-once").arg(&csv).arg(&ours_out))?;
            if let Some(python) = &python {
                let mut command = Command::new(python);
                duckdb.add(command.arg("-c").arg(DUCKDB).arg(&csv).arg(&duckdb_out))?;
            }
        }
        let megabytes = |path: &Path| std::fs::metadata(path).map_or(0, |m| m.len() / 1_000_000);
        println!(
            "{millions:>3}M  {:>10}  {:>6.2}  {:>12}  {:>10}  {:>8.2}  {:>14}  {:>10}  {:>5.2}",
            megabytes(&csv),
            ours.seconds,
            ours.peak_kb / 1024,
            megabytes(&ours_out),
            duckdb.seconds,
            duckdb.peak_kb / 1024,
            megabytes(&duckdb_out),
            ours.seconds / duckdb.seconds
        );
    }
    Ok(())
}

/// The best time and the highest peak of several runs.
#[derive(Default)]
struct Measured {
    seconds: f64,
    peak_kb: u64,
}

impl Measured {
    fn add(&mut self, command: &mut Command) -> Result<()> {
        let output = command.output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let text = String::from_utf8(output.stdout)?;
        let (seconds, peak_kb) =
            text.lines().last().unwrap_or_default().trim().split_once(' ').ok_or("no measurement")?;
        let seconds: f64 = seconds.parse()?;
        self.seconds = if self.seconds == 0.0 { seconds } else { self.seconds.min(seconds) };
        self.peak_kb = self.peak_kb.max(peak_kb.parse()?);
        Ok(())
    }
}

fn import_once(csv: &str, parquet: &str) -> Result<()> {
    let schema = Schema::parse(SCHEMA, None)?;
    let started = Instant::now();
    let mut sink = BufWriter::with_capacity(1 << 20, File::create(parquet)?);
    import_csv(File::open(csv)?, "interactions.csv", &schema, &ImportRules::default(), &mut sink, &|_, _| {}, &|| {
        false
    })?;
    sink.flush()?;
    let seconds = started.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    println!("{seconds} {}", peak.trim().trim_end_matches(" kB"));
    Ok(())
}

/// Skewed users and items, increasing times, four event types, a value in every third row.
fn generate(path: &Path, rows: u64) -> Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(file, "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE")?;
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    for row in 0..rows {
        let user = (uniform().powi(2) * 500_000.0) as u64;
        let item = (uniform().powi(3) * 50_000.0) as u64;
        let time = 1_600_000_000 + row * 60_000_000 / rows + (uniform() * 600.0) as u64;
        let event = ["view", "view", "cart", "purchase"][(uniform() * 4.0) as usize];
        write!(file, "user-{user:06},item-{item:05},{time},{event},")?;
        if row % 3 == 0 {
            write!(file, "{:.2}", uniform() * 100.0)?;
        }
        file.write_all(b"\n")?;
    }
    file.flush()?;
    Ok(())
}
