//! What the host programs share and a user would not copy: writing results, drawing pictures, intervals, the terminal.

pub mod axes;
pub mod canvas;
pub mod output;
pub mod statistics;
pub mod terminal;
