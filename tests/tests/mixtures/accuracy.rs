//! How exact the judge is: its two resolutions against a much finer one.

use quell_tests::floors::ends;
use quell_tests::judge::{Judged, Resolution, divergence};
use quell_tests::mixtures::Problem;
use quell_tests::tolerance::{JUDGE_COARSE, JUDGE_FINE};
use std::time::{Duration, Instant};

const FINEST: Resolution = Resolution { tolerance: 1e-18, spacing: 0.3, rare: 1e-16 };

#[test]
fn both_resolutions_keep_their_promise() {
    for solver in Judged::ALL {
        let (mut worst, mut spent, mut count) = ([0f64; 2], [Duration::ZERO; 2], 0);
        for problem in Problem::all() {
            let (mixture, ends) = (problem.mixture(), ends(&problem));
            for sigmas in [ends.edm(), ends.log_linear(), ends.arctan(mixture.std())] {
                let exact = divergence(&mixture, solver, &sigmas, &FINEST);
                assert!(exact > 0.0, "{solver:?}, seed {}: {exact}", problem.seed);
                for (k, resolution) in [Resolution::COARSE, Resolution::FINE].iter().enumerate() {
                    let started = Instant::now();
                    let kl = divergence(&mixture, solver, &sigmas, resolution);
                    spent[k] += started.elapsed();
                    worst[k] = worst[k].max((kl / exact - 1.0).abs());
                }
                count += 1;
            }
        }
        let [coarse, fine] = spent.map(|spent| spent / count);
        println!("{solver:?}: coarse {:.0e} in {coarse:?}, fine {:.0e} in {fine:?}", worst[0], worst[1]);
        assert!(worst[0] < JUDGE_COARSE && worst[1] < JUDGE_FINE, "{solver:?}: {worst:?}");
    }
}
