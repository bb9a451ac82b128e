//! What a program says on the terminal, and how it ends.

use anyhow::{Context, Result};
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::process::ExitCode;

/// What went wrong, and the exit code for it.
#[derive(Debug)]
pub struct Failure {
    /// The cause.
    pub error: anyhow::Error,
    /// What the program ends with.
    pub code: u8,
}

impl Failure {
    /// Something is wrong with the request, as with an argument that cannot be read.
    pub fn of_request(error: anyhow::Error) -> Failure {
        Failure { error, code: 2 }
    }

    /// The request was fine.
    pub fn of_work(error: anyhow::Error) -> Failure {
        Failure { error, code: 1 }
    }
}

/// Says what went wrong, if anything did.
pub fn exit_code(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { error, code }) => {
            eprintln!("error: {error:#}");
            ExitCode::from(code)
        }
    }
}

/// Writes a line to the standard output.
pub fn print(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("cannot print")
}

/// Counts network evaluations on the standard error, where that is a terminal.
pub fn progress_bar(quiet: bool, evaluations: u64) -> Result<ProgressBar> {
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let template = "{wide_bar} {percent:>3} % of {human_len} network evaluations, {eta} left";
    let style = ProgressStyle::with_template(template)?;
    Ok(ProgressBar::with_draw_target(Some(evaluations), target).with_style(style))
}

/// A table with one line under its header; the first `names` columns stand on the left, the others on the right.
pub fn table<S: AsRef<str>>(header: &[S], names: usize) -> Table {
    let mut table = Table::new();
    let style = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
    table.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(|name| Cell::new(name.as_ref())));
    for column in table.column_iter_mut().skip(names) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_on_the_right() {
        let mut table = table(&["name", "value"], 1);
        table.add_row(["a", "1"]);
        table.add_row(["long name", "100"]);
        let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
        assert_eq!(
            [&lines[0][..], &lines[2], &lines[3]],
            [" name        value", " a               1", " long name     100"]
        );
        assert!(lines[1].chars().all(|c| c == '─'), "{}", lines[1]);
    }
}
