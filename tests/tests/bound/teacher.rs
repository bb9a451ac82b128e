//! Schedules that imitate a teacher: that their costs are what a run on them makes, and that they are the best there are.

use proptest::collection::vec;
use proptest::prelude::*;
use quell::diffusion::bound::dynamic::{parents_len, scratch_len, trace};
use quell::diffusion::bound::teacher::{LeapTable, Measure, advance};
use quell::diffusion::bound::{Moments, pairs_len};
use quell::diffusion::noise::{NoiseLevel, Process, RectifiedFlow};
use quell::diffusion::schedule::{Last, karras};
use quell_tests::floors;
use quell_tests::mixture1d::Mixture1d;
use quell_tests::strategies::config;
use quell_tests::tolerance::{MERGE, PEER_F64, ROUNDING_F64, relative};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/bound_teacher.txt");
const LEVELS: usize = 25;
const STEPS: usize = 5;
const SAMPLES: usize = 12;
const DIMENSION: usize = 3;

/// A teacher on a mixture, element by element, with the states in the process's own scale.
struct School {
    mixture: Mixture1d,
    levels: Vec<NoiseLevel>,
    /// For each sample and level, `DIMENSION` elements.
    teacher: Vec<f64>,
}

impl School {
    fn new(process: Process) -> School {
        let mut sigmas = vec![0.0; LEVELS];
        karras::fill(&mut sigmas, 0.02, 20.0, 7.0, Last::SigmaMin).unwrap();
        let levels = sigmas.iter().map(|&sigma| process.at_noise_to_signal(sigma).unwrap()).collect();
        let mut school = School { mixture: floors::specification().0, levels, teacher: vec![] };
        for sample in 0..SAMPLES {
            let start = |k: usize| {
                (20.0 * ((sample * DIMENSION + k) as f64 * 0.618).fract() - 10.0) * school.levels[0].sigma / 10.0
            };
            let mut x: Vec<f64> = (0..DIMENSION).map(start).collect();
            for level in 0..LEVELS {
                school.teacher.extend(&x);
                if level + 1 < LEVELS {
                    x = school.flow(&x, level, level + 1, 16);
                }
            }
        }
        school
    }

    fn denoise(&self, x: &[f64], level: &NoiseLevel) -> Vec<f64> {
        let law = self.mixture.at(level.sigma / level.alpha);
        x.iter().map(|x| law.point(x / level.alpha).denoised).collect()
    }

    /// Many steps of Euler's method in σ/α.
    fn flow(&self, x: &[f64], from: usize, to: usize, parts: usize) -> Vec<f64> {
        let (here, there) = (self.levels[from], self.levels[to]);
        let (start, end) = (here.sigma / here.alpha, there.sigma / there.alpha);
        let at = |part: usize| start * (end / start).powf(part as f64 / parts as f64);
        let mut x: Vec<f64> = x.iter().map(|x| x / here.alpha).collect();
        for part in 0..parts {
            let law = self.mixture.at(at(part));
            let ratio = at(part + 1) / at(part);
            x.iter_mut().for_each(|x| {
                let denoised = law.point(*x).denoised;
                *x = denoised + ratio * (*x - denoised);
            });
        }
        x.iter().map(|x| x * there.alpha).collect()
    }

    fn state(&self, sample: usize, level: usize) -> &[f64] {
        &self.teacher[(sample * LEVELS + level) * DIMENSION..][..DIMENSION]
    }

    fn ddim(&self, x: &[f64], denoised: &[f64], from: usize, to: usize) -> Vec<f64> {
        let (from, to) = (self.levels[from], self.levels[to]);
        let ratio = to.sigma / from.sigma;
        x.iter().zip(denoised).map(|(x, d)| ratio * x + (to.alpha - from.alpha * ratio) * d).collect()
    }

    /// DDIM on some of the levels, from the teacher's start.
    fn run(&self, sample: usize, indices: &[u32]) -> Vec<f64> {
        let mut x = self.state(sample, 0).to_vec();
        for step in indices.windows(2) {
            let denoised = self.denoise(&x, &self.levels[step[0] as usize]);
            x = self.ddim(&x, &denoised, step[0] as usize, step[1] as usize);
        }
        x
    }

    /// How far such a run ends from the teacher, squared, in the mean over samples.
    fn error(&self, indices: &[u32]) -> f64 {
        let distance = |sample: usize| -> f64 {
            let (ends, goal) = (self.run(sample, indices), self.state(sample, LEVELS - 1));
            ends.iter().zip(goal).map(|(a, b)| (a - b).powi(2)).sum()
        };
        (0..SAMPLES).map(distance).sum::<f64>() / SAMPLES as f64
    }

    fn table(&self, measure: Measure, samples: std::ops::Range<usize>) -> Vec<Moments> {
        let mut moments = vec![Moments::default(); pairs_len(LEVELS)];
        let mut table = LeapTable::new(&self.levels, &mut moments, measure).unwrap();
        for sample in samples {
            let states = &self.teacher[sample * LEVELS * DIMENSION..][..LEVELS * DIMENSION];
            let denoised: Vec<f64> = (0..LEVELS - 1)
                .flat_map(|level| self.denoise(self.state(sample, level), &self.levels[level]))
                .collect();
            table.add_trajectory(states, &denoised, DIMENSION).unwrap();
        }
        moments
    }
}

fn evenly(steps: usize) -> Vec<u32> {
    (0..=steps).map(|step| (step * (LEVELS - 1) / steps) as u32).collect()
}

fn processes() -> [Process<'static>; 2] {
    [Process::Ve, Process::Flow(RectifiedFlow::default())]
}

#[test]
fn leaps_cost_what_a_step_of_ddim_makes() {
    for process in processes() {
        let school = School::new(process);
        for measure in [Measure::Squared, Measure::Distance] {
            let mut moments = school.table(measure, 0..SAMPLES);
            let table = LeapTable::new(&school.levels, &mut moments, measure).unwrap();
            for (from, to) in [(0, 1), (0, 24), (3, 17), (12, 13), (23, 24)] {
                let cost = |sample: usize| {
                    let x = school.state(sample, from);
                    let reached = school.ddim(x, &school.denoise(x, &school.levels[from]), from, to);
                    let squared: f64 = reached.iter().zip(school.state(sample, to)).map(|(a, b)| (a - b).powi(2)).sum();
                    if measure == Measure::Squared { squared } else { squared.sqrt() }
                };
                let mean = (0..SAMPLES).map(cost).sum::<f64>() / SAMPLES as f64;
                // Differences of nearby states: their rounding is seen from the states' own size.
                assert!((table.get(from, to).unwrap() - mean).abs() <= MERGE * (1.0 + mean), "{measure:?} {from} {to}");
            }
        }
    }
}

/// The exact flow of N(0, diag(c²)) data through some starts, in the variance exploding form: states and outputs of each.
fn flow_of_gaussian(deviations: &[f64], sigmas: &[f64], starts: &[&[f64]]) -> Vec<(Vec<f64>, Vec<f64>)> {
    let of = |start: &&[f64]| {
        let (mut states, mut denoised) = (vec![], vec![]);
        for &sigma in sigmas {
            for (c, x) in deviations.iter().zip(*start) {
                let state = x * c.hypot(sigma) / c.hypot(sigmas[0]);
                states.push(state);
                denoised.push(state * c * c / (c * c + sigma * sigma));
            }
        }
        denoised.truncate(deviations.len() * (sigmas.len() - 1));
        (states, denoised)
    };
    starts.iter().map(of).collect()
}

/// The numbers of GITS's own code (zju-pi/diff-sampler, `gits_utils.py`, `metric=dev`, `coeff=1.15`) on two trajectories
/// in three dimensions.
#[test]
fn deviations_and_schedules_are_those_of_gits() {
    let mut sigmas = [0.0; 13];
    karras::fill(&mut sigmas, 0.02, 20.0, 7.0, Last::SigmaMin).unwrap();
    let mut levels = [NoiseLevel::default(); 13];
    Process::Ve.fill_levels(&mut levels, &sigmas).unwrap();
    let mut moments = [Moments::default(); pairs_len(13)];
    let mut table = LeapTable::new(&levels, &mut moments, Measure::Deviation).unwrap();
    for (states, denoised) in
        flow_of_gaussian(&[1.0, 0.25, 0.05], &sigmas, &[&[20.0, -15.0, 10.0], &[5.0, 25.0, -30.0]])
    {
        table.add_trajectory(&states, &denoised, 3).unwrap();
    }
    for (from, to, cost) in [
        (0, 1, 0.0015424543508839594),
        (0, 6, 0.11409639981293329),
        (3, 9, 0.2702822243891523),
        (5, 12, 0.26212970730196783),
        (8, 10, 0.03375428892288263),
    ] {
        // A difference of two distances that are sums of squares as large as 30².
        assert!(relative(table.get(from, to).unwrap(), cost) <= PEER_F64, "{from} {to}");
    }
    let (mut totals, mut parents) = ([0.0; 7], [0; parents_len(7, 13)]);
    table.shortest_paths(&mut totals, &mut parents, 1.15, &mut [0.0; scratch_len(7, 13)]).unwrap();
    for expected in [&[0, 6, 8, 12][..], &[0, 6, 7, 8, 10, 12], &[0, 5, 6, 7, 8, 9, 10, 12]] {
        let mut indices = vec![0; expected.len()];
        trace(&mut indices, &parents, 13).unwrap();
        assert_eq!(indices, expected);
    }
}

/// What GITS's measure cannot see: the trajectories of isotropic data are straight, however much a leap is off along them.
#[test]
fn straight_trajectories_deviate_by_nothing() {
    let mut sigmas = [0.0; 9];
    karras::fill(&mut sigmas, 0.02, 20.0, 7.0, Last::SigmaMin).unwrap();
    let mut levels = [NoiseLevel::default(); 9];
    Process::Ve.fill_levels(&mut levels, &sigmas).unwrap();
    let cost = |measure| {
        let mut moments = [Moments::default(); pairs_len(9)];
        let mut table = LeapTable::new(&levels, &mut moments, measure).unwrap();
        for (states, denoised) in flow_of_gaussian(&[0.5; 3], &sigmas, &[&[20.0, -15.0, 10.0]]) {
            table.add_trajectory(&states, &denoised, 3).unwrap();
        }
        let pairs = (0..8).flat_map(|from| (from + 1..9).map(move |to| (from, to)));
        pairs.map(|(from, to)| table.get(from, to).unwrap().abs()).fold(0.0, f64::max)
    };
    assert!(cost(Measure::Deviation) <= ROUNDING_F64 * 30.0 && cost(Measure::Distance) > 0.1);
}

/// GITS: the chosen leaps are the best by their measure, and by distances the run on them ends nearer to the teacher.
#[test]
fn chosen_leaps_are_better_than_even_ones() {
    for process in processes() {
        let school = School::new(process);
        for (measure, coefficient) in [(Measure::Squared, 1.0), (Measure::Distance, 1.0), (Measure::Deviation, 1.15)] {
            let mut moments = school.table(measure, 0..SAMPLES);
            let table = LeapTable::new(&school.levels, &mut moments, measure).unwrap();
            let (mut totals, mut parents) = (vec![0.0; STEPS], vec![0; parents_len(STEPS, LEVELS)]);
            let mut scratch = vec![0.0; scratch_len(STEPS, LEVELS)];
            table.shortest_paths(&mut totals, &mut parents, coefficient, &mut scratch).unwrap();
            let mut indices = vec![0; STEPS + 1];
            trace(&mut indices, &parents, LEVELS).unwrap();
            let total = |path: &[u32]| -> f64 {
                let costs = path.windows(2).map(|w| table.get(w[0] as usize, w[1] as usize).unwrap());
                costs.enumerate().map(|(step, cost)| cost * coefficient.powi(step as i32)).sum()
            };
            assert!((total(&indices) - totals[STEPS - 1]).abs() <= ROUNDING_F64 * 100.0);
            assert!(totals[STEPS - 1] < total(&evenly(STEPS)));
            let (chosen, even) = (school.error(&indices), school.error(&evenly(STEPS)));
            println!("{measure:?}: {indices:?}, {chosen} against {even}");
            assert!(measure == Measure::Deviation || chosen < even, "{measure:?}: {chosen} {even}");
        }
    }
}

/// OSS: the states are those of a run of DDIM on the schedule that is chosen, and its errors theirs.
#[test]
fn the_student_runs_on_the_schedule_that_is_chosen() {
    for process in processes() {
        let school = School::new(process);
        let (mut states, mut denoised) = (vec![f64::NAN; school.teacher.len()], vec![f64::NAN; school.teacher.len()]);
        let item = LEVELS * DIMENSION;
        for sample in 0..SAMPLES {
            states[sample * item..][..DIMENSION].copy_from_slice(school.state(sample, 0));
        }
        let (mut errors, mut parents) = (vec![0.0; LEVELS], vec![7; parents_len(STEPS, LEVELS)]);
        for step in 0..STEPS {
            let reached = step..if step == 0 { 1 } else { LEVELS - 1 };
            for row in (0..SAMPLES).flat_map(|sample| reached.clone().map(move |level| sample * LEVELS + level)) {
                let at = row * DIMENSION..(row + 1) * DIMENSION;
                let output = school.denoise(&states[at.clone()], &school.levels[row % LEVELS]);
                denoised[at].copy_from_slice(&output);
            }
            advance(
                &mut errors,
                &mut parents,
                &mut states,
                &school.teacher,
                &denoised,
                &school.levels,
                step,
                DIMENSION,
            )
            .unwrap();
            // The schedules of so many steps, to each level as if it were the last.
            let mut indices = vec![0; step + 2];
            trace(&mut indices, &parents, LEVELS).unwrap();
            for sample in 0..SAMPLES {
                let last = &states[sample * item + item - DIMENSION..][..DIMENSION];
                let run = school.run(sample, &indices);
                assert!(
                    last.iter().zip(&run).all(|(a, b)| (a - b).abs() <= MERGE * (1.0 + b.abs())),
                    "{last:?} {run:?}"
                );
            }
            assert!((errors[LEVELS - 1] - school.error(&indices)).abs() <= MERGE * (1.0 + errors[LEVELS - 1]));
            assert!(errors[..=step].iter().all(|error| *error == f64::INFINITY));
            assert!(errors[step + 1..].iter().all(|error| error.is_finite()));
            println!(
                "{} steps: {indices:?}, {} against {}",
                step + 1,
                errors[LEVELS - 1],
                school.error(&evenly(step + 1))
            );
        }
        assert!(errors[LEVELS - 1] < school.error(&evenly(STEPS)));
    }
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    /// A denoiser whose output never changes is followed without error by steps of any length.
    #[test]
    fn a_straight_teacher_costs_nothing(clean in vec(-2.0..2.0f64, 4), noise in vec(-2.0..2.0f64, 4), flow in any::<bool>()) {
        let process = processes()[usize::from(flow)];
        let mut sigmas = [0.0; 9];
        karras::fill(&mut sigmas, 0.02, 20.0, 7.0, Last::Zero).unwrap();
        let levels: Vec<NoiseLevel> = sigmas.iter().map(|&sigma| process.at_noise_to_signal(sigma).unwrap()).collect();
        let state = |level: &NoiseLevel| -> Vec<f64> {
            clean.iter().zip(&noise).map(|(x, z)| level.alpha * x + level.sigma * z).collect()
        };
        let states: Vec<f64> = levels.iter().flat_map(state).collect();
        let mut moments = vec![Moments::default(); pairs_len(9)];
        let mut table = LeapTable::new(&levels, &mut moments, Measure::Squared).unwrap();
        table.add_trajectory(&states, &clean.repeat(8), 4).unwrap();
        for from in 0..9 {
            for to in from + 1..9 {
                prop_assert!(table.get(from, to).unwrap() <= (ROUNDING_F64 * 100.0).powi(2));
            }
        }
    }

    #[test]
    fn any_split_merges_to_the_whole(cut in 0..=SAMPLES) {
        static SCHOOL: std::sync::LazyLock<School> = std::sync::LazyLock::new(|| School::new(Process::Ve));
        let whole = SCHOOL.table(Measure::Squared, 0..SAMPLES);
        let (mut left, mut right) =
            (SCHOOL.table(Measure::Squared, 0..cut), SCHOOL.table(Measure::Squared, cut..SAMPLES));
        let mut table = LeapTable::new(&SCHOOL.levels, &mut left, Measure::Squared).unwrap();
        table.merge(&LeapTable::new(&SCHOOL.levels, &mut right, Measure::Squared).unwrap()).unwrap();
        for (merged, whole) in left.iter().zip(&whole) {
            prop_assert!(merged.count == whole.count && relative(merged.mean, whole.mean) <= MERGE);
        }
    }
}
