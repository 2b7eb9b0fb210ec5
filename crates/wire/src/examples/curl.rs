//! Calls by curl, which signs by itself with `--aws-sigv4`.

use super::call::Call;
use super::shell;

pub(super) fn text(call: &Call) -> String {
    let row = call.operation.descriptor();
    let mut lines = vec![
        format!("curl -sS {}", shell::word(&format!("{}{}", call.endpoint, row.path))),
        format!("--aws-sigv4 {}", shell::word(&format!("aws:amz:{}:personalize", call.region))),
        "--user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\"".to_owned(),
        format!("-H {}", shell::quoted(&format!("Content-Type: {}", row.service.content_type()))),
    ];
    lines.extend(row.target.map(|target| format!("-H {}", shell::quoted(&format!("X-Amz-Target: {target}")))));
    lines.push(format!("--data-binary {}", shell::quoted(&call.body().to_string())));
    format!("{}\n{}\n", call.environment(), lines.join(" \\\n  "))
}
