//! Pixel-accurate masks from the coarse features of a diffusion network.

mod cluster;
mod components;
mod embedding;
mod evaluate;
mod fold;
mod images;
mod modulate;
mod readout;
mod upsample;

use crate::contract::Contract;
use crate::memory::Plain;
use quell_ffi::status::quell_cause as cause;

pub fn contracts() -> Vec<Contract> {
    let files = [
        cluster::contracts(),
        modulate::contracts(),
        images::contracts(),
        fold::contracts(),
        readout::contracts(),
        upsample::contracts(),
        components::contracts(),
        embedding::contracts(),
        evaluate::contracts(),
    ];
    files.into_iter().flatten().collect()
}

/// Adds memory to work in, of which so many elements are needed, whatever they hold.
fn on_scratch<T: Plain>(
    contract: Contract,
    name: &'static str,
    filled_with: T,
    needed: usize,
    length: &'static str,
) -> Contract {
    contract
        .in_out(name, &vec![filled_with; needed + 1], length)
        .zero_is_wrong(length, cause::TooShort, name)
        .wrong_length(length, &[needed - 1], cause::TooShort, name)
        .accepts("no more scratch than needed", move |s| s.write(name, &vec![filled_with; needed]))
        .ignores(format!("what {name} holds"), |_| (), move |s| s.buffer_mut(name).bytes.fill(0xff))
}
