//! Scenes on several threads, each with the network to itself.
//!
//! One evaluation of a small network is too little work for several threads, but scenes are independent. Each worker
//! runs inside rten's own pool of one thread: an evaluation that was handed to another pool would leave its worker idle.
//! A scene's numbers do not depend on the worker that it falls to.

use crate::network::{Evaluator, Network};
use anyhow::Result;
use rten::ThreadPool;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// As many threads as the machine runs at once.
pub fn available() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// What `work` makes of each item, in their order. The first error ends it. `progress` hears of network evaluations.
pub fn map<T: Sync, R: Send>(
    network: &Network,
    threads: usize,
    items: &[T],
    progress: impl Fn(u64) + Sync,
    work: impl Fn(&Evaluator, &T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<Result<R>>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let worker = || {
        let pool = Arc::new(ThreadPool::with_num_threads(1));
        pool.run(|| {
            let evaluator = Evaluator::new(network, &pool);
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let (Some(item), Some(result)) = (items.get(at), results.get(at)) else { break };
                let outcome = work(&evaluator, item);
                progress(evaluator.take_evaluations());
                if outcome.is_err() {
                    next.store(items.len(), Ordering::Relaxed);
                }
                *result.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(outcome);
            }
        });
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(worker);
        }
    });
    let outcomes =
        results.into_iter().map(|result| result.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()));
    // Items behind the first error may not have been begun.
    let mut done = Vec::with_capacity(items.len());
    let mut failure = None;
    for outcome in outcomes {
        match outcome {
            Some(Ok(result)) => done.push(result),
            Some(Err(error)) if failure.is_none() => failure = Some(error),
            _ => (),
        }
    }
    failure.map_or(Ok(done), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::tests::committed;
    use anyhow::ensure;

    #[test]
    fn results_stand_in_the_order_of_the_items_and_an_error_ends_the_work() {
        let network = committed();
        let items: Vec<usize> = (0..50).collect();
        for threads in [1, 3, 80] {
            let squares = map(&network, threads, &items, |_| (), |_, &item| Ok(item * item)).unwrap();
            assert_eq!(squares, items.iter().map(|item| item * item).collect::<Vec<_>>());
            let fails = |_: &Evaluator, &item: &usize| {
                ensure!(item != 20, "item {item}");
                Ok(item)
            };
            assert_eq!(map(&network, threads, &items, |_| (), fails).unwrap_err().to_string(), "item 20");
        }
        let begun = AtomicUsize::new(0);
        let fails = |_: &Evaluator, _: &usize| -> Result<()> {
            begun.fetch_add(1, Ordering::Relaxed);
            anyhow::bail!("at once")
        };
        assert!(map(&network, 2, &items, |_| (), fails).is_err());
        assert!(begun.load(Ordering::Relaxed) <= 4);
        assert!(map(&network, 2, &[], |_| (), fails).unwrap().is_empty());
    }
}
