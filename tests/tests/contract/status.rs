//! The functions that tell what a status is. They take any number, and point to static strings.

use crate::contract::{Contract, text};
use quell::{Argument, VERSION};
use quell_ffi::status::*;

pub fn contracts() -> Vec<Contract> {
    vec![
        Contract::plain("quell_version", || assert_eq!(text(quell_version()), VERSION)),
        Contract::plain("quell_status_cause", || {
            for status in samples() {
                assert!((-1..=8).contains(&quell_status_cause(status)), "{status}");
            }
        }),
        Contract::plain("quell_status_argument", || {
            for status in samples() {
                let number = quell_status_argument(status);
                assert!(number == 0 || Argument::ALL.iter().any(|&a| a as i32 == number), "{status}");
                // A status has an argument if and only if it is an error.
                assert_eq!(number != 0, quell_status_cause(status) > 0, "{status}");
            }
        }),
        Contract::plain("quell_status_str", || {
            for status in samples() {
                assert_eq!(text(quell_status_str(status)) == "not a status of quell", quell_status_cause(status) == -1);
                assert_eq!(text(quell_status_str(status)) == "success", status == 0);
            }
        }),
        Contract::plain("quell_status_argument_str", || {
            for status in samples() {
                let number = quell_status_argument(status);
                let name = Argument::ALL.iter().find(|&&a| a as i32 == number).map_or("", |a| a.name());
                assert_eq!(text(quell_status_argument_str(status)), name, "{status}");
            }
        }),
    ]
}

/// All numbers in the range of statuses, and some far from it.
fn samples() -> impl Iterator<Item = quell_status> {
    (-4096..=4096).chain([i32::MIN, i32::MIN + 1, -(1 << 24), 1 << 24, i32::MAX])
}
