//! The library against recorded runs of other programs: diffusers, k-diffusion and the solvers' authors.
//!
//! Every run is either made here or listed in `not_run` with a reason.

mod diffusers;
mod k_diffusion;
mod not_run;
mod official;
mod plan;

use not_run::{NOT_RUN, PEER_HAS_NO_NUMBER};
use plan::Plan;
use quell_tests::tolerance::{PEER_F32, PEER_F32_FACTOR, PEER_F32_UNRECORDED, PEER_F64, worst, worst_of_largest};
use quell_tests::vectors::{file_names, json, npy, numbers};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

struct Case {
    id: String,
    recorded: Value,
}

impl Case {
    fn family(&self) -> &str {
        self.id.split('/').next().expect("a family")
    }

    fn plan(&self) -> Option<Plan> {
        match self.family() {
            "kdiff" => k_diffusion::plan(&self.recorded),
            "official" => official::plan(&self.recorded),
            _ => diffusers::plan(&self.id, &self.recorded),
        }
    }

    fn expected(&self) -> Vec<f64> {
        npy(&format!("peers/{}.final_f64.npy", self.id))
    }

    /// How far from the largest element a run in single precision may be.
    fn tolerance_f32(&self) -> f64 {
        match self.recorded["f32_vs_f64_rel_max"].as_f64() {
            Some(of_the_peer) => PEER_F32.max(PEER_F32_FACTOR * of_the_peer),
            None => PEER_F32_UNRECORDED,
        }
    }

    fn is_listed(&self) -> bool {
        let mut listed = NOT_RUN.iter().flat_map(|(_, ids)| *ids).chain(PEER_HAS_NO_NUMBER);
        listed.any(|id| *id == self.id)
    }
}

fn cases() -> Vec<Case> {
    let (index, official): (Value, Value) = (json("peers/index.json"), json("peers/official/cases.json"));
    let id = |entry: &Value| entry["id"].as_str().expect("a name").to_owned();
    let single = index.as_array().expect("an index").iter().map(|entry| {
        let id = id(entry);
        let recorded = json(&format!("peers/{id}.json"));
        Case { id, recorded }
    });
    let together = official["cases"].as_array().expect("cases").iter();
    single.chain(together.map(|case| Case { id: format!("official/{}", id(case)), recorded: case.clone() })).collect()
}

#[test]
fn every_case_is_run_or_listed() {
    let cases = cases();
    let known: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(known.len(), cases.len());
    let mut listed = BTreeSet::new();
    for (reason, ids) in NOT_RUN {
        println!("{:3} not run: {reason}", ids.len());
        for id in *ids {
            assert!(known.contains(id), "{id} is listed but not there");
            assert!(listed.insert(id), "{id} is listed twice");
        }
    }
    for id in PEER_HAS_NO_NUMBER {
        assert!(known.contains(id) && listed.insert(id), "{id}");
    }
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for case in &cases {
        let (run, not_run) = counts.entry(case.family()).or_default();
        *(if case.is_listed() { not_run } else { run }) += 1;
        assert!(case.is_listed() || case.plan().is_some(), "{} is neither run nor listed", case.id);
    }
    for (family, (run, not_run)) in &counts {
        // The files are the measure of what there is, not the index.
        let results = file_names(&format!("peers/{family}"), ".final_f64.npy");
        assert_eq!(results.len(), run + not_run, "{family}");
        println!("{family:16} run {run:3}, listed {not_run:3}");
    }
}

/// A row of the report.
#[derive(Default)]
struct Worst {
    runs: usize,
    distance: f64,
    case: String,
}

impl Worst {
    fn add(&mut self, case: &Case, distance: f64) {
        self.runs += 1;
        if distance >= self.distance {
            (self.distance, self.case) = (distance, case.id.clone());
        }
    }
}

fn report(worst: &BTreeMap<&str, Worst>, unit: &str) {
    println!("{:16} runs  {unit}", "solver");
    for (solver, Worst { runs, distance, case }) in worst {
        println!("{solver:16} {runs:4}  {distance:7.1e}  {case}");
    }
}

#[test]
fn runs_agree_in_double_precision() {
    let (mut report_of, mut failures) = (BTreeMap::<_, Worst>::new(), vec![]);
    for case in cases().iter().filter(|case| !case.is_listed()) {
        let plan = case.plan().expect("a plan");
        let (distance, element) = worst(&plan.run::<f64>(), &case.expected());
        report_of.entry(plan.solver).or_default().add(case, distance);
        if distance.is_nan() || distance > PEER_F64 {
            failures.push(format!("{}: element {element} is off by {distance:e}", case.id));
        }
    }
    report(&report_of, "worst relative distance of an element");
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn runs_agree_in_single_precision() {
    let (mut report_of, mut failures) = (BTreeMap::<_, Worst>::new(), vec![]);
    for case in cases().iter().filter(|case| !case.is_listed()) {
        let plan = case.plan().expect("a plan");
        let share = worst_of_largest(&plan.run::<f32>(), &case.expected()) / case.tolerance_f32();
        report_of.entry(plan.solver).or_default().add(case, share);
        if share.is_nan() || share > 1.0 {
            failures.push(format!("{}: {share} of the tolerance {:e}", case.id, case.tolerance_f32()));
        }
    }
    report(&report_of, "worst share of the tolerance that is used up");
    assert!(failures.is_empty(), "{failures:#?}");
}

/// A listed case that agrees after all, with the solver that comes nearest, belongs to those that are run.
#[test]
fn listed_cases_do_not_agree() {
    let (mut compared, mut without) = (0, 0);
    for case in cases() {
        if !NOT_RUN.iter().any(|(_, ids)| ids.contains(&case.id.as_str())) {
            continue;
        }
        match case.plan() {
            Some(plan) => {
                let (distance, _) = worst(&plan.run::<f64>(), &case.expected());
                assert!(distance > PEER_F64, "{} agrees: it need not be listed", case.id);
                compared += 1;
            }
            None => without += 1,
        }
    }
    println!("listed cases that the nearest solver does not reproduce: {compared}; without any near it: {without}");
}

/// The elements of a state that each step of a recorded run keeps, in single precision.
const KEPT: [usize; 4] = [0, 1, 383, 766];

/// The peer's last step gives no number; what it had before is the measure for all but that one.
#[test]
fn where_the_peer_has_no_number_quell_has_one() {
    for case in cases().iter().filter(|case| PEER_HAS_NO_NUMBER.contains(&case.id.as_str())) {
        assert!(case.expected().iter().any(|x| !x.is_finite()), "{}: the peer has numbers", case.id);
        let mut plan = case.plan().expect("a plan");
        assert!(plan.run::<f64>().iter().all(|x| x.is_finite()), "{}", case.id);
        assert!(plan.run::<f32>().iter().all(|x| x.is_finite()), "{}", case.id);
        plan.steps.pop();
        let state = plan.run::<f64>();
        let before = &case.recorded["steps"][plan.steps.len() - 1]["out"];
        let distance = worst_of_largest(&KEPT.map(|k| state[k]), &numbers(&before["at"]));
        assert!(distance <= case.tolerance_f32(), "{}: {distance:e} before the last step", case.id);
    }
}
