//! Texts that occur again and again, each held once and called by a number.

use hashbrown::HashMap;
use parking_lot::RwLock;
use std::sync::Arc;

/// Item ids, or event types, by number.
#[derive(Debug, Default)]
pub(crate) struct Names(RwLock<Numbered>);

#[derive(Debug, Default)]
struct Numbered {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Names {
    /// The number of a name, which is given one if it has none yet. Numbers are below 2^31.
    pub fn number(&self, name: &str) -> u32 {
        if let Some(number) = self.0.read().numbers.get(name) {
            return *number;
        }
        let mut numbered = self.0.write();
        let Numbered { names, numbers } = &mut *numbered;
        *numbers.entry_ref(name).or_insert_with(|| {
            let name: Arc<str> = name.into();
            names.push(name);
            (names.len() - 1) as u32
        })
    }

    /// The name with a number that [`Self::number`] gave; empty for others.
    pub fn name(&self, number: u32) -> Arc<str> {
        self.0.read().names.get(number as usize).cloned().unwrap_or_else(|| "".into())
    }

    /// All names in the order of their numbers.
    pub fn all(&self) -> Vec<Arc<str>> {
        self.0.read().names.clone()
    }

    /// The numbers of all names that are the same as this one but for the case of letters.
    pub fn like(&self, number: u32) -> Vec<u32> {
        let numbered = self.0.read();
        let Some(name) = numbered.names.get(number as usize) else { return vec![number] };
        let same = numbered.names.iter().zip(0..).filter(|(other, _)| other.eq_ignore_ascii_case(name));
        same.map(|(_, number)| number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_whoever_asks() {
        let names = Names::default();
        let numbers: Vec<u32> = ["Click", "View", "click", "Click"].iter().map(|name| names.number(name)).collect();
        assert_eq!(numbers, [0, 1, 2, 0]);
        assert_eq!((&*names.name(1), &*names.name(9)), ("View", ""));
        assert_eq!((names.like(0), names.like(1), names.like(9)), (vec![0, 2], vec![1], vec![9]));

        let shared = Names::default();
        let number_all = || (0..1000).map(|n| shared.number(&format!("i{n}"))).collect::<Vec<_>>();
        let found: Vec<Vec<u32>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(number_all)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(found.iter().all(|numbers| *numbers == found[0]));
        assert!(found[0].iter().enumerate().all(|(n, number)| *shared.name(*number) == format!("i{n}")));
    }
}
