//! Semantic neighbors, and what moves them up.

use super::*;
use tastemaker_data::ItemIx;

fn texts() -> Vec<String> {
    [
        "Organic almond oil for dry hair",
        "Pure almond oil, cold pressed, for hair and skin",
        "Leather wallet for men in brown",
        "Brown leather purse for women",
        "Camping tent for two, waterproof",
        "Waterproof tents for camping and hiking",
        "Hiking boots, waterproof leather",
        "",
    ]
    .map(str::to_owned)
    .into()
}

fn model(standing: Vec<Standing>) -> SemanticModel {
    SemanticModel::train(&texts(), standing, 1, &Cancel::new()).unwrap()
}

fn similar(model: &SemanticModel, item: u32, influence: [f32; 2]) -> Vec<u32> {
    let scoring_context = ScoringContext { item: Some(ItemIx(item)), influence, ..ScoringContext::default() };
    let ranked = model.top_k(&model.start(), &scoring_context, 3, None, &mut Scratch::default());
    ranked.items.into_iter().map(|(item, _)| item.0).collect()
}

#[test]
fn texts_about_the_same_are_similar() {
    let model = model(vec![Standing::default(); 8]);
    for (item, nearest) in [(0, 1), (1, 0), (2, 3), (3, 2), (4, 5), (5, 4)] {
        assert_eq!(similar(&model, item, [0.0; 2])[0], nearest, "{item}");
        assert!(!similar(&model, item, [0.0; 2]).contains(&item));
    }
    // "tents" and "tent" share subwords.
    assert!(similar(&model, 6, [0.0; 2])[..3].contains(&5), "{:?}", similar(&model, 6, [0.0; 2]));
    assert_eq!(similar(&model, 7, [0.0; 2]).len(), 3, "without a text there are others all the same");
}

#[test]
fn words_of_the_same_company_are_near_each_other() {
    // No text has both "sofa" and "couch", but both come with the same words. Names of their own share no letters between seats and
    // drills: numbers in them would relate the two by their digits.
    let mut texts: Vec<String> = Vec::new();
    for n in 0..40u8 {
        let seat = if n % 2 == 0 { "sofa" } else { "couch" };
        let own = |first: u8| [n / 7, n % 7].map(|part| char::from(first + part)).iter().collect::<String>();
        texts.push(format!("{seat} living room seat comfortable x{}", own(b'a')));
        texts.push(format!("drill workshop power tool cordless z{}", own(b'n')));
    }
    texts.push("sofa".into());
    texts.push("couch".into());
    texts.push("drill".into());
    let model = SemanticModel::train(&texts, vec![Standing::default(); texts.len()], 1, &Cancel::new()).unwrap();
    let scoring_context = ScoringContext { item: Some(ItemIx(80)), ..ScoringContext::default() };
    let mut scratch = Scratch::default();
    let scores = model.scores(&model.start(), &scoring_context, &mut scratch);
    assert!(scores[81] > 0.05 && scores[82] < scores[81] / 10.0, "{} {}", scores[81], scores[82]);
}

#[test]
fn influence_moves_fresh_and_popular_items_up() {
    let mut standing = vec![Standing::default(); 8];
    standing[6] = Standing { freshness: 1.0, popularity: 0.0 };
    standing[3] = Standing { freshness: 0.0, popularity: 1.0 };
    let model = model(standing);
    let mean_rank = |item: u32, influence| {
        let rank = |of: u32| similar(&model, of, influence).iter().position(|i| *i == item).unwrap_or(3);
        (0..6).filter(|of| *of != item).map(rank).sum::<usize>()
    };
    assert!(mean_rank(6, [1.0, 0.0]) < mean_rank(6, [0.0, 0.0]));
    let rank = |influence| similar(&model, 6, influence).iter().position(|item| *item == 3).unwrap_or(3);
    assert!(rank([0.0, 1.0]) < rank([0.0, 0.0]));
}

#[test]
fn storing_changes_nothing_and_new_items_are_placed_without_training() {
    let standing: Vec<Standing> = (0..8).map(|n| Standing { freshness: n as f32 / 8.0, popularity: 0.5 }).collect();
    let model = model(standing);
    let read = Tensors::from_safetensors(&model.to_tensors().to_safetensors().unwrap()).unwrap();
    assert_eq!(SemanticModel::from_tensors(&read).unwrap(), model);
    assert!(SemanticModel::from_tensors(&Tensors::new("als/1")).is_err());
    let mut more = texts();
    more.push("Tent, waterproof, for camping with children".into());
    let grown = model.with(&more, |item| (item < 8).then_some(item));
    assert_eq!(grown.item_count(), 9);
    assert!(similar(&grown, 4, [0.0; 2]).contains(&8), "{:?}", similar(&grown, 4, [0.0; 2]));
    assert_eq!(grown.standing[..8], model.standing[..]);
    assert_eq!(grown.standing[8], Standing { freshness: 1.0, popularity: 0.0 });
}

#[test]
fn misspelt_and_korean_texts_are_placed_near_what_they_mean() {
    let mut texts = texts();
    texts.extend(
        [
            "유기농 아몬드 오일 헤어",
            "아몬드 오일 스킨 헤어",
            "갈색 가죽 지갑",
            "가죽 지갑 여성 갈색",
            "방수 캠핑 텐트",
            "캠핑 텐트 방수",
        ]
        .map(str::to_owned),
    );
    let model = SemanticModel::train(&texts, vec![Standing::default(); texts.len()], 1, &Cancel::new()).unwrap();
    for (asked, meant) in [
        ("almondd oill", 0..2),
        ("leahter wallett", 2..4),
        ("watterproof tentt", 4..6),
        ("아몬드를 오일로", 8..10),
        ("지갑은 가죽이", 10..12),
        ("텐트를 캠핑에", 12..14),
    ] {
        let mut more = texts.clone();
        more.push(asked.to_owned());
        let grown = model.with(&more, Some);
        let nearest = similar(&grown, texts.len() as u32, [0.0; 2])[0];
        assert!(meant.contains(&nearest), "{asked}: {nearest}");
    }
}

#[test]
fn models_of_older_builds_keep_their_pieces_of_words() {
    let model = model(vec![Standing::default(); 8]);
    let counted: Vec<_> = texts().iter().map(|text| features(text, Parts::Pieces)).collect();
    let vocabulary = Vocabulary::of(Parts::Pieces, counted.iter());
    let rows: Vec<_> = counted.iter().map(|features| vocabulary.vector(features)).collect();
    let projection = projection(&rows, vocabulary.keys.len(), 1, &Cancel::new()).unwrap();
    let old = SemanticModel::joined(vocabulary, projection, rows, vec![Standing::default(); 8]);
    let tensors = old.to_tensors();
    assert_eq!((tensors.kind.as_str(), model.to_tensors().kind.as_str()), ("semantic/1", "semantic/2"));
    let read = SemanticModel::from_tensors(&tensors).unwrap();
    assert_eq!(read, old);
    // New items are taken apart as the others were.
    let grown =
        read.with(&[texts(), vec!["Waterproof camping tents".to_owned()]].concat(), |item| (item < 8).then_some(item));
    assert_eq!(grown.rows[..8], old.rows[..]);
    assert!((4..6).contains(&similar(&grown, 8, [0.0; 2])[0]));
    assert_eq!(grown.to_tensors().kind, "semantic/1");
}
