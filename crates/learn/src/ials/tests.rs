use super::*;
use crate::Event;
use crate::artifact::Tensors;
use crate::relations::Recency;
use tastemaker_data::ItemIx;

fn history(items: &[u32]) -> Vec<Event> {
    items.iter().map(|&item| Event::new(ItemIx(item), 0)).collect()
}

fn floats(value: &serde_json::Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

/// The reference is `fixtures/components.py`: a direct solve of the normal equations.
#[test]
fn folding_in_equals_the_reference() {
    let fixture = crate::fixtures::Components::read();
    let ials = &fixture.json["ials"];
    let rows: Vec<f32> = ials["factors"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| {
            let mut row = floats(row);
            row.resize(16, 0.0);
            row
        })
        .collect();
    let seen: Vec<u32> = floats(&ials["seen"]).iter().map(|&item| item as u32).collect();
    // The fixture weighs taken pairs 3, others 0.1, and adds 0.5: relative to 1 a third of each.
    let unobserved = 0.1 / 3.0;
    let ridge = 0.5 / 3.0;
    let lambda = ridge / (seen.len() as f32 + unobserved * 12.0);
    let model = ItemFactors::new(4, &rows, unobserved, lambda).unwrap();
    let expected = floats(&ials["user"]);
    for (found, expected) in model.vector(&history(&seen)).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-4, "{found} {expected}");
    }
}

/// The same alternation with direct solves in f64, which many steps must reach.
#[test]
fn training_equals_direct_solves() {
    let fixture = crate::fixtures::Components::read();
    let (sequences, items) = (fixture.sequences(), fixture.items);
    let config = IalsConfig { factors: 3, epochs: 4, unobserved: 0.2, lambda: 0.05, steps: 40 };
    let ours = ials(&sequences, items, &config, 9, &Cancel::new()).unwrap();
    let start = ials(&sequences, items, &IalsConfig { epochs: 0, ..config }, 9, &Cancel::new()).unwrap();
    let by_user = Taken::by_user(&sequences, items);
    let by_item = by_user.transposed(items);
    let mut of_items: Vec<Vec<f64>> =
        (0..items).map(|i| start.row(i).iter().map(|&x| f64::from(x)).collect()).collect();
    for _ in 0..4 {
        let of_users = direct(&by_user, &of_items, &config);
        of_items = direct(&by_item, &of_users, &config);
    }
    for (item, expected) in of_items.iter().enumerate() {
        for (found, expected) in ours.row(item).iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 2e-3, "{item}: {found} {expected}");
        }
    }
}

fn direct(taken: &Taken, from: &[Vec<f64>], config: &IalsConfig) -> Vec<Vec<f64>> {
    let d = config.factors;
    let (unobserved, lambda) = (f64::from(config.unobserved), f64::from(config.lambda));
    (0..taken.len())
        .map(|at| {
            let others = taken.row(at);
            let ridge = lambda * (others.len() as f64 + unobserved * from.len() as f64);
            let mut a = vec![vec![0.0; d + 1]; d];
            for i in 0..d {
                for j in 0..d {
                    a[i][j] = unobserved * from.iter().map(|v| v[i] * v[j]).sum::<f64>()
                        + others.iter().map(|&o| from[o as usize][i] * from[o as usize][j]).sum::<f64>();
                }
                a[i][i] += ridge;
                a[i][d] = others.iter().map(|&o| from[o as usize][i]).sum();
            }
            for k in 0..d {
                let pivot = a[k].clone();
                for (i, row) in a.iter_mut().enumerate().filter(|(i, _)| *i != k) {
                    let factor = row[k] / pivot[k];
                    row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= factor * p);
                    debug_assert!(i < d);
                }
            }
            (0..d).map(|k| a[k][d] / a[k][k]).collect()
        })
        .collect()
}

#[test]
fn who_shares_users_is_near_and_nobody_is_nowhere() {
    // Two camps of five items each, and item 10 that nobody took.
    let (mut offsets, mut events) = (vec![0], Vec::new());
    for user in 0..40u32 {
        events.extend((0..4).map(|k| (user % 2) * 5 + (user / 2 + k) % 5));
        offsets.push(events.len());
    }
    let sequences = Sequences { offsets: &offsets, items: &events, weights: &[] };
    let config = IalsConfig { factors: 4, ..IalsConfig::default() };
    let model = ials(&sequences, 11, &config, 1, &Cancel::new()).unwrap();
    let every = Recency { decay: 0.0, floor: 0.0, distinct: true };
    let mut scores = [9.0; 11];
    model.scores(&history(&[0, 1, 0, 77]), every, &mut scores);
    let (near, far) = (scores[2..5].iter().sum::<f32>(), scores[5..].iter().map(|x| x.abs()).sum::<f32>());
    assert!(near > 1.5 && far < 0.7, "{scores:?}");
    assert_eq!(scores[10], 0.0);
    model.scores(&[], every, &mut scores);
    assert_eq!(scores, [0.0; 11]);
    // The newest event decides which camp a fickle user is in.
    let newest = Recency { decay: 2.0, floor: 0.0, distinct: true };
    model.scores(&history(&[5, 6, 0]), newest, &mut scores);
    assert!(scores[1..5].iter().sum::<f32>() > scores[7..10].iter().sum::<f32>() + 0.5, "{scores:?}");
}

#[test]
fn threads_change_nothing_and_storage_changes_nothing() {
    let fixture = crate::fixtures::Components::read();
    let train = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let config = IalsConfig { factors: 5, ..IalsConfig::default() };
        pool.install(|| ials(&fixture.sequences(), fixture.items, &config, 3, &Cancel::new()).unwrap())
    };
    let model = train(1);
    assert_eq!(model, train(3));
    let mut tensors = Tensors::new("t/1");
    model.store("ials", &mut tensors);
    assert_eq!(ItemFactors::load("ials", &tensors, fixture.items).unwrap(), model);
    assert!(ItemFactors::load("ials", &tensors, 5).is_err());
}

#[test]
fn bad_configurations_are_refused_and_cancelling_stops() {
    let sequences = Sequences { offsets: &[0, 2], items: &[0, 1], weights: &[] };
    let train = |config: IalsConfig, cancel: &Cancel| ials(&sequences, 2, &config, 1, cancel).err();
    let usual = IalsConfig::default();
    for (name, config) in [
        ("factors", IalsConfig { factors: 0, ..usual }),
        ("unobserved", IalsConfig { unobserved: 0.0, ..usual }),
        ("lambda", IalsConfig { lambda: f32::NAN, ..usual }),
    ] {
        assert!(matches!(train(config, &Cancel::new()), Some(Error::Invalid(m)) if m.starts_with(name)), "{name}");
    }
    let cancel = Cancel::new();
    cancel.cancel();
    assert_eq!(train(usual, &cancel), Some(Error::Cancelled));
}
