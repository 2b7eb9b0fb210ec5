//! The console in a real browser, against the real server process.

#[allow(dead_code)]
mod server;

use parking_lot::Mutex;
use server::Server;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One browser at a time: each takes a processor and some hundred megabytes.
static BROWSER: Mutex<()> = Mutex::new(());

#[test]
fn the_sample_shop_fills_a_new_server_and_every_page_of_it_holds() {
    let server = Server::start();
    browser_scripts(&["demo_shop.py", "filled.py", "pages.py", "visits.py"], &server);
}

#[test]
fn the_sample_shop_is_loaded_in_korean() {
    browser_scripts(&["korean_demo.py"], &Server::start());
}

#[test]
fn own_data_becomes_recommendations_with_scripts_without_and_by_keyboard() {
    browser_scripts(&["own_data.py"], &Server::start());
}

#[test]
fn a_search_for_hyperparameters_is_watched_stopped_and_compared() {
    browser_scripts(&["tuning.py"], &Server::start());
}

#[test]
fn a_failed_training_is_told_on_the_first_page() {
    browser_scripts(&["failure.py"], &Server::start());
}

#[test]
fn a_session_that_ended_keeps_the_form() {
    browser_scripts(&["log_in_again.py"], &Server::start());
}

#[test]
fn a_roll_back_fails_no_request() {
    browser_scripts(&["roll_back.py"], &Server::start());
}

#[test]
fn an_event_changes_the_list_on_the_page_at_once() {
    browser_scripts(&["react.py"], &Server::start());
}

/// Programs that the scripts need beside the server.
struct Tools {
    python: PathBuf,
    chromium: PathBuf,
    chromedriver: PathBuf,
    axe: PathBuf,
}

/// Runs scripts of `tests/console`, one after the other; says so and returns where there is no browser, which is a failure
/// where `CONSOLE_BROWSER` is `require`.
fn browser_scripts(scripts: &[&str], server: &Server) {
    let tools = match tools() {
        Ok(tools) => tools,
        Err(missing) => {
            let required = std::env::var("CONSOLE_BROWSER").is_ok_and(|value| value == "require");
            assert!(!required, "CONSOLE_BROWSER=require, but there is no {missing}");
            println!("skipped: {} need {missing}; `cargo xtask test` says how to get it", scripts.join(", "));
            return;
        }
    };
    let _one_at_a_time = BROWSER.lock();
    for script in scripts {
        let mut command = Command::new(&tools.python);
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/console").join(script))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONPATH", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients"))
            .env("CONSOLE_CHROMIUM", &tools.chromium)
            .env("CONSOLE_CHROMEDRIVER", &tools.chromedriver)
            .env("CONSOLE_AXE", &tools.axe)
            .env("CONSOLE_SHOTS", shots())
            .env("TASTEMAKER_BINARY", env!("CARGO_BIN_EXE_tastemaker"))
            .env("TASTEMAKER_DATA_DIR", server.data());
        server::run(&mut command, server);
    }
}

fn tools() -> Result<Tools, &'static str> {
    let python = server::python().ok_or("Python with boto3")?;
    let selenium = Command::new(&python).args(["-c", "import selenium"]).output();
    if !selenium.is_ok_and(|output| output.status.success()) {
        return Err("Python with selenium");
    }
    let modules = std::env::var_os("CLIENT_TESTS_NODE_MODULES").map(PathBuf::from).ok_or("axe-core of npm")?;
    let axe = modules.join("node_modules/axe-core/axe.min.js");
    Ok(Tools {
        python,
        chromium: on_path("chromium").ok_or("chromium")?,
        chromedriver: on_path("chromedriver").ok_or("chromedriver")?,
        axe: Some(axe).filter(|axe| axe.exists()).ok_or("axe-core of npm")?,
    })
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// `console-shots` in the build directory.
fn shots() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../console-shots")
}
