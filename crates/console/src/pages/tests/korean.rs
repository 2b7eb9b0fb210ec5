//! Korean pages: no English is left on them but names, values and texts of the API.

use super::*;

/// Elements whose text no language changes: code, values and times.
const VALUES: [&str; 9] = ["bdi", "code", "pre", "kbd", "samp", "script", "style", "time", "option"];
/// Elements without an end.
const VOID: [&str; 6] = ["input", "br", "meta", "link", "img", "hr"];
/// Words that Korean texts have as they are: names of the product, of programs, of forms of data and of metrics, and those of the shop.
const NAMES: [&str; 27] = [
    "Tastemaker",
    "Amazon",
    "Personalize",
    "AWS",
    "API",
    "CLI",
    "JavaScript",
    "curl",
    "boto",
    "SDK",
    "NDCG",
    "MRR",
    "CSV",
    "JSON",
    "HPO",
    "ARN",
    "Avro",
    "Parquet",
    "Lines",
    "English",
    "UTC",
    "Name",
    "Kettle",
    "Pot",
    "Connected",
    "Content",
    "of",
];

/// Two English words or more in a row that are visible on a page.
fn english(page: &str) -> Vec<String> {
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut found = Vec::new();
    for piece in page.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        if let Some(ended) = name.strip_prefix('/') {
            if let Some(at) = open.iter().rposition(|(known, _)| known == ended) {
                open.truncate(at);
            }
        } else if !VOID.contains(&name.as_str()) {
            let is_value = VALUES.contains(&name.as_str()) || tag.contains("lang=\"en\"");
            open.push((name, is_value));
        }
        if !open.iter().any(|(_, is_value)| *is_value) {
            found.extend(sentences(text));
        }
    }
    found
}

/// Runs of words without one that is no name.
fn sentences(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !(c.is_ascii_alphabetic() || c == ' ' || c == '\''));
    let words = |run: &str| run.split_whitespace().filter(|word| word.len() > 1).count();
    let is_named = |run: &str| run.split_whitespace().filter(|word| word.len() > 1).all(|word| NAMES.contains(&word));
    runs.filter(|run| words(run) > 1 && !is_named(run)).map(|run| run.trim().to_owned()).collect()
}

#[test]
fn english_is_found_where_it_is_no_value() {
    let page = "<main><p>추천 <b>two words</b> <code>aws personalize</code></p><p lang=\"en\">from the API</p><p>NDCG MRR</p><br>\
                <option>a b c</option><p>It fails</p></main>";
    assert_eq!(english(page), ["two words", "It fails"]);
}

#[tokio::test]
async fn no_page_has_an_english_sentence() {
    let job = RunningJob {
        resource_arn: version_arn("v1"),
        stage: "train".into(),
        done: 30,
        total: 120,
        detail: "epoch 2: loss 3.1".into(),
        ..RunningJob::default()
    };
    let training = |operation: Operation, _: &Value| {
        let version =
            json!({"solutionVersionArn": version_arn("v1"), "status": "CREATE IN_PROGRESS", "creationDateTime": 1.7e9});
        (operation == Operation::DescribeSolutionVersion).then(|| Ok(json!({"solutionVersion": version})))
    };
    let of_domain = |operation: Operation, _: &Value| {
        let group = json!({"name": "shop", "datasetGroupArn": format!("{ARN}:dataset-group/shop"), "status": "ACTIVE", "domain": "ECOMMERCE"});
        let recommender = json!({"name": "bought", "recommenderArn": format!("{ARN}:recommender/bought"), "status": "ACTIVE",
            "recipeArn": "arn:aws:personalize:::recipe/aws-ecomm-popular-items-by-purchases"});
        match operation {
            Operation::DescribeDatasetGroup => Some(Ok(json!({"datasetGroup": group}))),
            Operation::ListRecommenders => Some(Ok(json!({"recommenders": [recommender]}))),
            _ => None,
        }
    };
    let mut recipes: Vec<String> = Vec::new();
    for recipe in tastemaker_domain::catalog::ALL.iter().filter(|recipe| recipe.use_case.is_none()) {
        recipes.push(format!("/g/shop/new-solution?recipe={}", recipe.name));
    }
    let evaluated =
        format!("/g/shop/evaluate?v={}&v={}&all=1", segment(&version_arn("v1")), segment(&version_arn("v2")));
    let more =
        ["/about", "/search?q=shop", "/g/shop/data", "/g/shop/data/INTERACTIONS", "/g/shop/data/add", &evaluated];
    let plain: Vec<&str> = PAGES.into_iter().chain(more).chain(recipes.iter().map(String::as_str)).collect();
    let worlds = [
        (Site::shop().korean(), plain),
        (Site::with_job(job, training).korean(), vec!["/", "/g/shop/train/for-you/v1"]),
        (
            Site::with(of_domain).korean(),
            vec!["/", "/g/shop/deploy", "/g/shop/new-recommender", "/g/shop/recommenders/bought"],
        ),
    ];
    let mut faults = Vec::new();
    for (site, paths) in &worlds {
        for path in paths {
            let page = site.get(path).await;
            assert!(page.status.is_success(), "{path}: {}", page.body);
            faults.extend(english(&page.body).into_iter().map(|words| format!("{path}: {words}")));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[tokio::test]
async fn a_job_says_in_korean_how_far_it_is() {
    let job = RunningJob {
        resource_arn: version_arn("v1"),
        stage: "train".into(),
        detail: "epoch 2: loss 3.1".into(),
        ..RunningJob::default()
    };
    let site = Site::with_job(job, |_, _| None);
    has(&site.page("/").await, &["epoch 2: loss 3.1"]);
    let site = site.korean();
    has(&site.page("/").await, &["에포크 2: 손실 3.1", "학습"]);
    let page = site.page("/g/shop/new-solution?recipe=aws-sims").await;
    has(&page, &["사용자 기록에서 함께 나타나는 정도로", "인기를 얼마나 깎을지"]);
    assert!(!page.contains("How much an item"), "{page}");
}
