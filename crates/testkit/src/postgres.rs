//! A PostgreSQL server in a temporary directory, for as long as the test process lives.
//!
//! The programs are those of the `PATH` or of `/usr/lib/postgresql`. Where there are none, tests pass with a line that says so, unless
//! `CI` is set. The server runs as the user `postgres` or `nobody` where root runs the tests, since it refuses root.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// The password of the user `tm`, which every connection over TCP needs.
pub const PASSWORD: &str = "s3cret/word";

/// Starts the server and ends it with whoever holds the other end of its standard input.
const KEEPER: &str =
    r#""$1/postgres" -D "$2/data" >>"$2/log" 2>&1 & server=$!; read -r _; kill -QUIT $server; wait $server"#;

/// As [`KEEPER`], and takes the directory away.
const KEEPER_OF_ALL: &str = r#"read -r _; sleep 1; rm -rf "$1""#;

/// The time that a start may take.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// The time after which a start that did nothing is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// A server of its own data directory.
pub struct Postgres {
    programs: PathBuf,
    directory: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    keeper: Mutex<Option<Child>>,
    /// Ends after the last keeper.
    _cleaner: Child,
    databases: AtomicUsize,
}

impl Postgres {
    /// The server that the tests of this process share.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[("fsync", "off")])).as_ref()
    }

    /// A server with these settings; none where PostgreSQL is not installed.
    ///
    /// # Panics
    /// If it does not start, and where it is not installed and `CI` is set.
    pub fn start(settings: &[(&str, &str)]) -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none(), "CI needs PostgreSQL (on Debian: apt-get install postgresql)");
            eprintln!("skipped: PostgreSQL is neither on the PATH nor in /usr/lib/postgresql");
            return None;
        };
        let user = unprivileged();
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("tastemaker-pg-{}-{number}", std::process::id()));
        fs::create_dir_all(&directory).expect("a directory");
        let mut cleaner = Command::new("sh");
        let cleaner = cleaner.args(["-c", KEEPER_OF_ALL, "sh"]).arg(&directory).stdin(Stdio::piped()).spawn();
        let password = directory.join("password");
        fs::write(&password, PASSWORD).expect("written");
        if let Some((uid, gid)) = user {
            chown(&directory, Some(uid), Some(gid)).expect("owned");
        }
        let server = Self {
            programs,
            user,
            port: free_port(),
            keeper: Mutex::default(),
            _cleaner: cleaner.expect("sh runs"),
            databases: AtomicUsize::new(0),
            directory,
        };
        let mut initdb = server.program("initdb");
        initdb.arg("-D").arg(server.data()).arg(format!("--pwfile={}", password.display()));
        initdb.args(["--no-sync", "--username=tm", "--encoding=UTF8", "--locale=C"]);
        succeeded("initdb", initdb.args(["--auth-local=trust", "--auth-host=scram-sha-256"]).output());
        let mut lines = format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nmax_connections = 300\nlogging_collector = off\n",
            server.port,
            server.directory.display()
        );
        for (name, value) in settings {
            lines += &format!("{name} = '{value}'\n");
        }
        let path = server.data().join("postgresql.auto.conf");
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&path, before + &lines).expect("written");
        server.resume();
        Some(server)
    }

    /// The directory of the server's data.
    pub fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// Puts a file that only the server may read into its data.
    pub fn put_file(&self, name: &str, content: &[u8]) {
        let path = self.data().join(name);
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("made private");
        if let Some((uid, gid)) = self.user {
            chown(&path, Some(uid), Some(gid)).expect("owned");
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0"));
        self.url(&name)
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://tm:{}@127.0.0.1:{}/{database}", PASSWORD.replace('/', "%2F"), self.port)
    }

    /// Runs a statement over the server's socket; what it answered, without headers.
    ///
    /// # Panics
    /// If it fails.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        let mut program = self.client("psql");
        let output = program.args(["-d", database, "-v", "ON_ERROR_STOP=1", "-qAt", "-c", sql]).output();
        String::from_utf8_lossy(&succeeded("psql", output).stdout).trim().to_owned()
    }

    /// A client program of the installation, for the server's socket and its administrator.
    pub fn client(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.arg("-h").arg(&self.directory).args(["-p", &self.port.to_string(), "-U", "tm"]);
        command
    }

    /// Kills every process of the server at once, as a loss of power does.
    pub fn kill(&self) {
        let main = fs::read_to_string(self.data().join("postmaster.pid")).expect("it runs");
        let main = main.lines().next().expect("a number").trim().to_owned();
        // The first one is stopped first, so that it starts no others.
        signal("-STOP", std::slice::from_ref(&main));
        let children = fs::read_to_string(format!("/proc/{main}/task/{main}/children")).unwrap_or_default();
        let mut all: Vec<String> = children.split_whitespace().map(str::to_owned).collect();
        all.push(main);
        signal("-KILL", &all);
        self.end_keeper();
    }

    /// Stops every process of the server, as a machine that hangs does, or lets them go on.
    pub fn freeze(&self, frozen: bool) {
        let main = fs::read_to_string(self.data().join("postmaster.pid")).expect("it runs");
        let main = main.lines().next().expect("a number").trim().to_owned();
        let children = fs::read_to_string(format!("/proc/{main}/task/{main}/children")).unwrap_or_default();
        let mut all: Vec<String> = children.split_whitespace().map(str::to_owned).collect();
        all.push(main);
        signal(if frozen { "-STOP" } else { "-CONT" }, &all);
    }

    /// Ends the server at once, without a word to its clients.
    pub fn stop(&self) {
        self.end_keeper();
    }

    /// Starts the server again, on the same port, and waits until it answers.
    ///
    /// # Panics
    /// If it does not within a minute.
    pub fn resume(&self) {
        let (began, mut tried) = (Instant::now(), None::<Instant>);
        while !self.answers() {
            // Processes of before may be ending still, and then the new one ends.
            if tried.is_none_or(|tried| tried.elapsed() > RETRY_AFTER) && !self.has_server() {
                self.end_keeper();
                let mut command = Command::new("sh");
                command.args(["-c", KEEPER, "sh"]).arg(&self.programs).arg(&self.directory).stdin(Stdio::piped());
                self.lower(&mut command);
                *self.keeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(command.spawn().expect("sh runs"));
                tried = Some(Instant::now());
            }
            assert!(began.elapsed() < START_TIMEOUT, "PostgreSQL does not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The lines that the server has logged.
    pub fn log(&self) -> String {
        let mut log = Vec::new();
        if let Ok(mut file) = fs::File::open(self.directory.join("log")) {
            let _ = file.read_to_end(&mut log);
        }
        String::from_utf8_lossy(&log).into_owned()
    }

    fn has_server(&self) -> bool {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let number = file.lines().next().unwrap_or_default().trim().to_owned();
        !number.is_empty() && Path::new("/proc").join(number).exists()
    }

    fn answers(&self) -> bool {
        let mut ask = self.client("pg_isready");
        ask.arg("-q").status().is_ok_and(|status| status.success())
    }

    fn end_keeper(&self) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut keeper) = keeper {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        self.lower(&mut command);
        command
    }

    fn lower(&self, command: &mut Command) {
        // A directory that the other user cannot enter makes the programs complain.
        command.current_dir("/");
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end_keeper();
    }
}

fn signal(name: &str, processes: &[String]) {
    // Some may be gone already.
    let _ = Command::new("kill").arg(name).args(processes).stderr(Stdio::null()).status();
}

fn succeeded(what: &str, output: std::io::Result<Output>) -> Output {
    let output = output.unwrap_or_else(|error| panic!("{what} does not run: {error}"));
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// The directory of the programs: that of the newest version.
fn programs() -> Option<PathBuf> {
    let whole =
        |directory: &PathBuf| ["initdb", "postgres", "psql", "pg_isready"].iter().all(|p| directory.join(p).exists());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<_> = installed.map(|entry| entry.path().join("bin")).filter(whole).collect();
    let version = |directory: &PathBuf| {
        let name = directory.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        name.and_then(|name| name.parse::<u32>().ok())
    };
    installed.sort_by_key(version);
    std::env::split_paths(&path).find(whole).or_else(|| installed.pop())
}

/// The user and group that the server runs as, if this process is root's.
fn unprivileged() -> Option<(u32, u32)> {
    let number = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8_lossy(&output.stdout).trim().parse::<u32>().ok()
    };
    if number(&["-u"]) != Some(0) {
        return None;
    }
    ["postgres", "nobody"].into_iter().find_map(|name| Some((number(&["-u", name])?, number(&["-g", name])?)))
}
