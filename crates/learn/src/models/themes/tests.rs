use super::*;

/// `(category, name, description)` of forty items: hair care, tents and tools, and what all shops say.
fn catalog() -> Vec<(String, String, String)> {
    let mut items = Vec::new();
    for n in 0..20 {
        let brand = ["Lumo", "Vera", "Nord", "Sol"][n % 4];
        items.push((
            "Hair Care".to_owned(),
            format!("{brand} shampoo {n}"),
            "With organic almond oil for dry hair and the best of care".to_owned(),
        ));
        items.push((
            "Camping".to_owned(),
            format!("{brand} tent {n}"),
            "A waterproof tent with room for two and the best of nights".to_owned(),
        ));
        items.push((
            "Tools".to_owned(),
            format!("{brand} drill {n}"),
            "Cordless with a case for the best of tools".to_owned(),
        ));
    }
    items
}

fn words(item: &(String, String, String)) -> ItemWords<'_> {
    ItemWords { categories: item.0.split('|').collect(), texts: vec![&item.1, &item.2] }
}

fn of(items: &[(String, String, String)], lists: &[Vec<usize>]) -> Vec<Option<Theme>> {
    let catalog = ItemCatalog { items: items.len(), words: &|item| words(&items[item]) };
    themes(lists, &catalog, &Cancel::new()).unwrap()
}

#[test]
fn a_list_is_called_by_what_tells_it_from_the_catalog() {
    let items = catalog();
    let hair: Vec<usize> = (0..24).step_by(3).collect();
    let tents: Vec<usize> = (1..24).step_by(3).collect();
    let mut mixed = tents.clone();
    mixed.push(0);
    let found = of(&items, &[hair.clone(), tents, mixed]);
    let texts: Vec<&str> = found.iter().map(|theme| theme.as_ref().unwrap().text.as_str()).collect();
    assert_eq!(texts[0], "Hair Care: organic almond oil");
    assert_eq!(texts[1], "Camping: tent with room");
    for common in ["the best", "best of", " and", "the "] {
        assert!(texts.iter().all(|text| !text.contains(common)), "{texts:?}");
    }
    let relevance = &found[2].as_ref().unwrap().relevance;
    assert_eq!(relevance.len(), 9);
    assert!(relevance[..8].iter().all(|of| *of > relevance[8] && *of <= 1.0), "{relevance:?}");
    assert!(relevance[8] < 0.1, "shampoo has hardly anything of the tents' theme: {relevance:?}");
}

#[test]
fn the_same_data_gives_the_same_theme_whatever_the_threads_and_the_company() {
    let items = catalog();
    let lists = [vec![0, 3, 6], vec![1, 4, 7], vec![2, 5, 8], vec![0, 1, 2]];
    let together = of(&items, &lists);
    let alone: Vec<Option<Theme>> = lists.iter().map(|list| of(&items, std::slice::from_ref(list)).remove(0)).collect();
    assert_eq!(together, alone);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(pool.install(|| of(&items, &lists)), together);
}

#[test]
fn korean_texts_have_themes_and_what_says_the_same_twice_is_said_once() {
    let item = |category: &str, name: &str, text: &str| (category.to_owned(), name.to_owned(), text.to_owned());
    let mut items = catalog();
    let first = items.len();
    items.extend((0..6).map(|n| item("헤어 케어", &format!("샴푸 {n}호"), "유기농 아몬드 오일 함유")));
    items.extend((0..6).map(|n| item("Almond Oil", &format!("bottle {n}"), "pure almond oil")));
    let found = of(&items, &[(first..first + 6).collect(), (first + 6..first + 12).collect()]);
    assert_eq!(found[0].as_ref().unwrap().text, "헤어 케어: 유기농 아몬드 오일");
    let said = &found[1].as_ref().unwrap().text;
    assert_eq!(said.to_lowercase().matches("almond").count(), 1, "{said}");
}

#[test]
fn lists_without_words_have_no_theme_and_those_without_anything_in_common_a_modest_one() {
    let item = |category: &str, name: &str| (category.to_owned(), name.to_owned(), String::new());
    let items = [item("", ""), item("", "..."), item("", "solo lamp"), item("", "other chair"), item("a|b", "")];
    let found = of(&items, &[vec![0, 1], vec![], vec![2, 3], vec![4]]);
    assert_eq!((found[0].clone(), found[1].clone()), (None, None));
    assert_eq!(found[2].as_ref().unwrap().text, "Solo");
    assert_eq!(found[3].as_ref().unwrap().text, "A");
    let everywhere = vec![item("Shop", "x1"), item("Shop", "y2"), item("Shop", "z3")];
    assert_eq!(of(&everywhere, &[vec![0, 1]])[0].as_ref().unwrap().text, "Shop");
}

#[test]
fn long_categories_are_cut() {
    let items = vec![("é".repeat(300), "x".to_owned(), String::new()); 2];
    let theme = of(&items, &[vec![0, 1]]).remove(0).unwrap();
    assert_eq!((theme.text.chars().count(), theme.text.chars().next()), (CHARS_MAX, Some('É')));
}
