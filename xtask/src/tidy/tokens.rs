//! Rust text as tokens: names, `::` and single characters, without comments, literals and test-only items.

/// The tokens of `text`. Comments and the contents of string and character literals are left out.
pub fn tokens(text: &str) -> Vec<&str> {
    scan(text).0
}

/// Every string literal of `text`, in its quotes and with its escapes as written, and the line where it begins, from 1.
pub fn string_literals(text: &str) -> Vec<(usize, &str)> {
    let (mut line, mut counted) = (1, 0);
    let located = scan(text).1.into_iter().map(|(at, literal)| {
        line += text[counted..at].matches('\n').count();
        counted = at;
        (line, literal)
    });
    located.collect()
}

/// The tokens, and the string literals with where they begin.
fn scan(text: &str) -> (Vec<&str>, Vec<(usize, &str)>) {
    let bytes = text.as_bytes();
    let (mut found, mut literals, mut at) = (Vec::new(), Vec::new(), 0);
    while at < bytes.len() {
        let rest = &text[at..];
        let byte = bytes[at];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += block_comment(rest);
        } else if byte == b'"' {
            let length = quoted(rest);
            literals.push((at, &rest[..length]));
            at += length;
        } else if byte == b'\'' {
            at += character_or_lifetime(rest);
        } else if byte == b'_' || byte.is_ascii_alphabetic() {
            let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let raw = raw_string(&rest[end..]).filter(|_| matches!(&rest[..end], "r" | "br" | "cr"));
            match raw {
                Some(length) => literals.push((at, &rest[..end + length])),
                None => found.push(&rest[..end]),
            }
            at += end + raw.unwrap_or(0);
        } else if rest.starts_with("::") {
            found.push(&rest[..2]);
            at += 2;
        } else {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            if !byte.is_ascii_whitespace() {
                found.push(&rest[..length]);
            }
            at += length;
        }
    }
    (found, literals)
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text.as_bytes()[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if text.as_bytes()[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of what follows the `r` of a raw string, or nothing where it is not one.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.bytes().take_while(|b| *b == b'#').count();
    let body = text[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(hashes + 1 + body.find(&end).map_or(body.len(), |at| at + end.len()))
}

fn character_or_lifetime(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    let Some((_, first)) = characters.next() else { return 1 };
    if first == '\\' {
        let end = characters.skip(1).find(|(_, c)| *c == '\'');
        return end.map_or(text.len(), |(at, _)| at + 1);
    }
    match characters.next() {
        Some((at, '\'')) => at + 1,
        _ => 1,
    }
}

/// The tokens outside `#[cfg(test)]` items, and the names of the modules that are such items.
pub fn without_tests<'a>(tokens: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
    const ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut modules, mut at) = (Vec::new(), Vec::new(), 0);
    while at < tokens.len() {
        if !tokens[at..].starts_with(&ATTRIBUTE) {
            kept.push(tokens[at]);
            at += 1;
            continue;
        }
        at += ATTRIBUTE.len();
        let mut depth = 0;
        while let Some(&token) = tokens.get(at) {
            at += 1;
            match token {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                "mod" if depth == 0 => modules.extend(tokens.get(at)),
                _ => {}
            }
            if depth == 0 && matches!(token, ";" | "}") {
                break;
            }
        }
    }
    (kept, modules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_tokens() {
        let text = "let a = \"x\\\"::y\"; // b::c\n/* d /* e */ f */ r#\"g \" h\"#; '\\''; 'i'; fn j<'k>(l: &'k str) {} r\"m\" m::n";
        let expected = "let a = ; ; ; ; fn j < k > ( l : & k str ) { } m :: n";
        assert_eq!(tokens(text).join(" "), expected);
    }

    #[test]
    fn literals_with_their_lines() {
        let text = "f(\"a\\\"b\"); // \"c\"\n'\"'; g(b\"d\", r#\"e \"\n f\"#,\n\"h\")";
        let expected = [(1, "\"a\\\"b\""), (2, "\"d\""), (2, "r#\"e \"\n f\"#"), (4, "\"h\"")];
        assert_eq!(string_literals(text), expected);
    }

    #[test]
    fn test_only_items_go() {
        let text = "use a::b; #[cfg(test)] mod reference; #[cfg(test)] #[allow(x)] mod tests { use c::d; fn e() {} } fn f() {}";
        let (kept, modules) = without_tests(&tokens(text));
        assert_eq!(kept.join(" "), "use a :: b ; fn f ( ) { }");
        assert_eq!(modules, ["reference", "tests"]);
    }
}
