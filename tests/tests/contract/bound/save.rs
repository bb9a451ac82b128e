//! Tables as bytes.

use super::{GRID, LEVELS, PAIRS, moments, with_moments_faults};
use crate::contract::{Contract, NEGATIVE, contract};
use crate::scene::{Number, Scene};
use quell::diffusion::bound::Moments;
use quell::diffusion::bound::save::{self, Kind};
use quell_ffi::diffusion::bound::save::*;
use quell_ffi::status::quell_cause as cause;

const LENGTH: usize = save::encoded_len(Kind::Pairs, LEVELS);

fn bytes() -> Vec<u8> {
    let mut bytes = vec![0; LENGTH];
    save::encode(&mut bytes, Kind::Pairs, &GRID, &moments(PAIRS)).unwrap();
    bytes
}

/// Adds a table as bytes, and what can be wrong with them.
fn on_bytes(contract: Contract) -> Contract {
    contract
        .input("bytes", &bytes(), "bytes_len")
        .zero_is_wrong("bytes_len", cause::TooShort, "bytes")
        .wrong_length("bytes_len", &[1, 27, 28, LENGTH - 1], cause::TooShort, "bytes")
        .refuses("a byte too many", |s| s.write("bytes", &[bytes(), vec![0]].concat()), cause::Length, "bytes")
        .refuses("another format", |s| s.poke("bytes", 0, b'Q'), cause::Unknown, "bytes")
        .refuses("another version", |s| s.poke("bytes", 8, 9u8), cause::Unknown, "version")
        .refuses("no kind", |s| s.poke("bytes", 12, 9u8), cause::Unknown, "kind")
        .refuses("more levels than bytes", |s| s.poke("bytes", 23, 255u8), cause::TooShort, "bytes")
        .refuses("a flipped bit", |s| s.poke("bytes", LENGTH / 2, bytes()[LENGTH / 2] ^ 16), cause::Domain, "checksum")
}

fn kind(s: &Scene) -> Kind {
    Kind::from_number(s.get("kind")).unwrap()
}

/// What can be wrong with a kind; not all fit the table at hand.
fn with_kind(contract: Contract) -> Contract {
    let mut contract = contract.any("kind", Number::Signed(Kind::Pairs as i32));
    for bad in [-1, 6, i32::MIN, i32::MAX] {
        let spoil = move |s: &mut Scene| s.set("kind", Number::Signed(bad));
        contract = contract.refuses(format!("kind {bad}"), spoil, cause::Unknown, "kind");
    }
    contract.refuses("a table of levels", |s| s.set("kind", Number::Signed(0)), cause::Length, "moments")
}

pub fn contracts() -> Vec<Contract> {
    let encoded = contract!(quell_table_encode(bytes, bytes_len, moments, moments_len, grid, grid_len, kind))
        .output::<u8>("bytes", LENGTH, "bytes_len")
        .input("moments", &moments(PAIRS), "moments_len");
    vec![
        Contract::plain("quell_table_encoded_len", || {
            for kind in 0..6 {
                for levels in [0, 1, 64, usize::MAX] {
                    let expected = save::encoded_len(Kind::from_number(kind).unwrap(), levels);
                    assert_eq!(quell_table_encoded_len(kind, levels), expected);
                }
            }
            for kind in [-1, 6, i32::MIN, i32::MAX] {
                assert_eq!(quell_table_encoded_len(kind, 1), usize::MAX);
            }
        }),
        with_kind(with_moments_faults(encoded, "moments"))
            .input("grid", &GRID, "grid_len")
            .zero_is_wrong("grid_len", cause::TooShort, "grid")
            .wrong_length("grid_len", &[LEVELS - 1], cause::Length, "moments")
            .bad_elements("grid", 1, NEGATIVE, cause::Domain)
            .bad_elements("grid", 2, &[3.0, 5.0], cause::Order)
            .zero_is_wrong("bytes_len", cause::Length, "bytes")
            .wrong_length("bytes_len", &[LENGTH - 1, LENGTH + 1], cause::Length, "bytes")
            .zero_is_wrong("moments_len", cause::Length, "moments")
            .wrong_length("moments_len", &[PAIRS - 1], cause::Length, "moments")
            .accepts("leaps", |s| s.set("kind", Number::Signed(3)))
            .accepts("levels alone", |s| {
                s.set("kind", Number::Signed(0));
                s.write("moments", &moments(LEVELS));
                s.write("bytes", &vec![0u8; save::encoded_len(Kind::Mmse, LEVELS)]);
            })
            .twin(|s| {
                let mut bytes = s.read::<u8>("bytes");
                save::encode(&mut bytes, kind(s), &s.read::<f64>("grid"), &s.read::<Moments>("moments")).unwrap();
                s.write("bytes", &bytes);
            }),
        with_kind(on_bytes(
            contract!(quell_table_decode(moments, moments_len, grid, grid_len, bytes, bytes_len, kind))
                .output::<Moments>("moments", PAIRS, "moments_len"),
        ))
        .input("grid", &GRID, "grid_len")
        .zero_is_wrong("grid_len", cause::Length, "moments")
        .wrong_length("grid_len", &[LEVELS - 1], cause::Length, "moments")
        .bad_elements("grid", 1, &[2.0], cause::Domain)
        .zero_is_wrong("moments_len", cause::Length, "moments")
        .wrong_length("moments_len", &[PAIRS - 1, PAIRS + 1], cause::Length, "moments")
        .refuses("another kind", |s| s.set("kind", Number::Signed(2)), cause::Unknown, "kind")
        .twin(|s| {
            let mut moments = s.read::<Moments>("moments");
            save::decode(&mut moments, kind(s), &s.read::<f64>("grid"), &s.read::<u8>("bytes")).unwrap();
            s.write("moments", &moments);
        }),
        on_bytes(
            contract!(quell_table_header(kind, levels, bytes, bytes_len))
                .result::<i32>("kind")
                .result::<usize>("levels"),
        )
        .twin(|s| {
            let header = save::header(&s.read::<u8>("bytes")).unwrap();
            s.write("kind", &[header.kind as i32]);
            s.write("levels", &[header.levels]);
        }),
        on_bytes(
            contract!(quell_table_grid(grid, grid_len, bytes, bytes_len)).output::<f64>("grid", LEVELS, "grid_len"),
        )
        .zero_is_wrong("grid_len", cause::Length, "grid")
        .wrong_length("grid_len", &[LEVELS - 1, LEVELS + 1], cause::Length, "grid")
        .twin(|s| {
            let mut grid = s.read::<f64>("grid");
            save::decode_sigmas(&mut grid, &s.read::<u8>("bytes")).unwrap();
            s.write("grid", &grid);
        }),
    ]
}
