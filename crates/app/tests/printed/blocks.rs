//! The fenced blocks of a Markdown document, and the commands in them.

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The word behind the fence.
    pub kind: String,
    pub text: String,
    /// Line of the fence, from 1.
    pub line: usize,
}

/// A command of a console and what it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub text: String,
    pub answer: Vec<String>,
}

/// Every fenced block, in order.
pub fn blocks(document: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (n, line) in document.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => {
                open = Some(Block { kind: kind.trim().to_owned(), text: String::new(), line: n + 1 });
            }
            (Some(_), Some("")) => found.extend(open.take()),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// The commands of a console block.
pub fn commands(text: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    // The word that ends the here-document, and whether the command goes on in the next line.
    let (mut ending, mut continued): (Option<String>, bool) = (None, false);
    for line in text.lines() {
        let inside = ending.is_some() || continued;
        let typed = if inside { Some(line) } else { line.strip_prefix("$ ") };
        let Some(typed) = typed else {
            let last = commands.last_mut().unwrap_or_else(|| panic!("no command before '{line}'"));
            last.answer.push(line.to_owned());
            continue;
        };
        match commands.last_mut() {
            Some(last) if inside => {
                last.text.push('\n');
                last.text.push_str(typed);
            }
            _ => commands.push(Command { text: typed.to_owned(), answer: Vec::new() }),
        }
        match &ending {
            Some(word) if typed == word => ending = None,
            Some(_) => {}
            None => {
                continued = typed.ends_with('\\');
                ending = typed.split_once("<<'").and_then(|(_, rest)| Some(rest.split_once('\'')?.0.to_owned()));
            }
        }
    }
    assert!(ending.is_none() && !continued, "a command does not end: {text}");
    commands
}

#[test]
fn commands_are_told_from_answers() {
    let text = "$ one \\\n  two\nanswer\n\n  more\n$ cat > f <<'EOF'\n$ not a command\nEOF\n$ three &\nready\n^C\n";
    let command = |text: &str, answer: &[&str]| Command {
        text: text.to_owned(),
        answer: answer.iter().map(|line| (*line).to_owned()).collect(),
    };
    let expected = [
        command("one \\\n  two", &["answer", "", "  more"]),
        command("cat > f <<'EOF'\n$ not a command\nEOF", &[]),
        command("three &", &["ready", "^C"]),
    ];
    assert_eq!(commands(text), expected);
    let found = blocks("a\n```sh\nx\n```\n```\ny\n\nz\n```\n");
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].kind.as_str(), found[0].text.as_str(), found[0].line), ("sh", "x\n", 2));
    assert_eq!((found[1].kind.as_str(), found[1].text.as_str()), ("", "y\n\nz\n"));
}
