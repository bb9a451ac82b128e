//! The contract of the C ABI, for every function and every element type.
//!
//! Each section of the header has a file here, in which a function is a few lines that describe its arguments; what is
//! checked about it, and how, stands in `contract`. A last test holds the list of functions against the header.

mod bound;
mod contract;
mod correspondence;
mod coverage;
mod guidance;
mod inversion;
mod layout;
mod memory;
mod noise;
mod pass;
mod prediction;
mod random;
mod samples;
mod scene;
mod schedule;
mod solver;
mod status;
mod step;

use contract::{Contract, check_all};

/// The contracts of all sections.
fn all() -> Vec<Contract> {
    let sections = [
        status::contracts(),
        random::contracts(),
        noise::contracts(),
        schedule::contracts(),
        prediction::contracts(),
        solver::contracts(),
        step::contracts(),
        pass::contracts(),
        guidance::contracts(),
        inversion::contracts(),
        bound::contracts(),
        correspondence::contracts(),
    ];
    sections.into_iter().flatten().collect()
}

#[test]
fn status_keeps_the_contract() {
    check_all(status::contracts());
}

#[test]
fn random_keeps_the_contract() {
    check_all(random::contracts());
}

#[test]
fn noise_keeps_the_contract() {
    check_all(noise::contracts());
}

#[test]
fn schedule_keeps_the_contract() {
    check_all(schedule::contracts());
}

#[test]
fn prediction_keeps_the_contract() {
    check_all(prediction::contracts());
}

#[test]
fn solver_keeps_the_contract() {
    check_all(solver::contracts());
}

#[test]
fn step_keeps_the_contract() {
    check_all(step::contracts());
}

#[test]
fn pass_keeps_the_contract() {
    check_all(pass::contracts());
}

#[test]
fn guidance_keeps_the_contract() {
    check_all(guidance::contracts());
}

#[test]
fn bound_keeps_the_contract() {
    check_all(bound::contracts());
}

#[test]
fn inversion_keeps_the_contract() {
    check_all(inversion::contracts());
}

#[test]
fn correspondence_keeps_the_contract() {
    check_all(correspondence::contracts());
}
