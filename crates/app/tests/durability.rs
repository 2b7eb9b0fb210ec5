//! What the server acknowledged survives `kill -9`, and jobs go on after it.

mod server;

use server::{Server, python_script};

#[test]
fn jobs_finish_after_the_server_is_killed() {
    let mut server = Server::start();
    python_script("kill_start.py", &["import"], &server);
    server.kill_and_restart();
    python_script("kill_start.py", &["train"], &server);
    server.kill_and_restart();
    python_script("kill_finish.py", &["campaign"], &server);
    server.kill_and_restart();
    python_script("kill_finish.py", &["answers"], &server);
}
