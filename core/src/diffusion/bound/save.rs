//! Tables as bytes, so that a run that was killed goes on, and machines can put theirs together.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `quelltab` |
//! | 4 | the version of this format, [`VERSION`] |
//! | 4 | the [`Kind`] |
//! | 8 | the number of levels |
//! | 8 a level | the sigmas |
//! | 24 a value | count, mean and sum of squares of each of the moments |
//! | 4 | the CRC-32 (IEEE 802.3) of all bytes before |
//!
//! All numbers are little-endian. Nothing is rounded, so that a run from saved moments has the bits of one that never
//! stopped. What the samples so far were is the caller's to know; the counts say how many.
//!
//! ```
//! use quell::diffusion::bound::{MmseTable, Moments, save::{self, Kind}};
//! const SIGMAS: [f64; 3] = [2.0, 1.0, 0.5];
//! let mut moments = [Moments::default(); 3];
//! MmseTable::new(&SIGMAS, &mut moments)?.add(1, &[1.0f32, 2.0], &[0.5f32, 2.0])?;
//! let mut bytes = [0; save::encoded_len(Kind::Mmse, 3)];
//! save::encode(&mut bytes, Kind::Mmse, &SIGMAS, &moments)?;
//! // Later, elsewhere:
//! let mut again = [Moments::default(); 3];
//! save::decode(&mut again, Kind::Mmse, &SIGMAS, &bytes)?;
//! assert_eq!(again, moments);
//! bytes[40] ^= 1;
//! assert!(save::decode(&mut again, Kind::Mmse, &SIGMAS, &bytes).is_err());
//! # Ok::<(), quell::Error>(())
//! ```

use super::mmse::check_same_grid;
use super::moments::Moments;
use super::triangle::pairs_len;
use crate::error::{Argument, Error, check};

/// The version of the format.
pub const VERSION: u32 = 1;

const MAGIC: [u8; 8] = *b"quelltab";
const HEADER: usize = 24;
const CHECKSUM: usize = 4;

/// What a table is of: one and the same format, but numbers that must not be mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Kind {
    /// The moments of an [`MmseTable`](super::MmseTable), one for each level.
    Mmse = 0,
    /// Those of a [`PairTable`](super::PairTable) of noising paths, one for each pair.
    Pairs = 1,
    /// Those of a [`LeapTable`](super::teacher::LeapTable) of squared distances, one for each pair.
    SquaredLeaps = 2,
    /// The same of distances.
    Leaps = 3,
    /// The same of deviations.
    Deviations = 4,
    /// Those of a [`PairTable`](super::PairTable) of trajectories, one for each pair.
    Trajectories = 5,
}

impl Kind {
    /// Every kind there is.
    const ALL: [Kind; 6] =
        [Kind::Mmse, Kind::Pairs, Kind::SquaredLeaps, Kind::Leaps, Kind::Deviations, Kind::Trajectories];

    /// The kind that a number stands for.
    pub fn from_number(number: i32) -> Result<Kind, Error> {
        let kind = Kind::ALL.into_iter().find(|&kind| kind as i32 == number);
        kind.ok_or(Error::Unknown { argument: Argument::Kind, value: number })
    }

    /// How many moments a table of this kind has.
    pub const fn moments_len(self, levels: usize) -> usize {
        match self {
            Kind::Mmse => levels,
            _ => pairs_len(levels),
        }
    }
}

/// The length of a table as bytes; saturates.
pub const fn encoded_len(kind: Kind, levels: usize) -> usize {
    let numbers = levels.saturating_add(kind.moments_len(levels).saturating_mul(3));
    numbers.saturating_mul(8).saturating_add(HEADER + CHECKSUM)
}

/// Writes a table as bytes. `sigmas` are its levels; of a [`LeapTable`](super::teacher::LeapTable) the σ of each
/// [`NoiseLevel`](crate::diffusion::noise::NoiseLevel), or σ/α where that is finite: what the reader will compare with.
///
/// # Errors
///
/// [`Error::TooShort`] for no `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` that are negative, not
/// finite or not strictly decreasing; [`Error::Length`] for `moments` ([`Kind::moments_len`]) and for `bytes`
/// ([`encoded_len`]); errors of [`Moments::check`].
pub fn encode(bytes: &mut [u8], kind: Kind, sigmas: &[f64], moments: &[Moments]) -> Result<(), Error> {
    check_levels(sigmas.iter().copied())?;
    check::length(Argument::Moments, kind.moments_len(sigmas.len()), moments.len())?;
    moments.iter().try_for_each(Moments::check)?;
    check::length(Argument::Bytes, encoded_len(kind, sigmas.len()), bytes.len())?;
    let Some((body, checksum)) = bytes.split_last_chunk_mut::<CHECKSUM>() else { return Ok(()) };
    let head = u64::from(VERSION) | (kind as u64) << 32;
    let words = [u64::from_le_bytes(MAGIC), head, sigmas.len() as u64].into_iter();
    let sigmas = sigmas.iter().map(|sigma| sigma.to_bits());
    let moments = moments.iter().flat_map(|m| [m.count, m.mean.to_bits(), m.squares.to_bits()]);
    let (slots, _) = body.as_chunks_mut::<8>();
    for (slot, word) in slots.iter_mut().zip(words.chain(sigmas).chain(moments)) {
        *slot = word.to_le_bytes();
    }
    *checksum = crc32(body).to_le_bytes();
    Ok(())
}

/// Reads the moments of a table of a given kind on a given grid.
///
/// # Errors
///
/// [`Error::Length`] for `moments` ([`Kind::moments_len`]); errors of [`header`]; [`Error::Unknown`] for a table of
/// another `kind`; [`Error::Length`] or [`Error::Domain`] for `sigmas` other than the table's; errors of
/// [`Moments::check`].
pub fn decode(moments: &mut [Moments], kind: Kind, sigmas: &[f64], bytes: &[u8]) -> Result<(), Error> {
    check::length(Argument::Moments, kind.moments_len(sigmas.len()), moments.len())?;
    let header = header(bytes)?;
    if header.kind != kind {
        return Err(Error::Unknown { argument: Argument::Kind, value: header.kind as i32 });
    }
    check::length(Argument::Sigmas, header.levels, sigmas.len())?;
    saved_sigmas(&header, bytes).zip(sigmas).try_for_each(|(saved, &sigma)| check_same_grid(&[sigma], &[saved]))?;
    let saved = || {
        let (triples, _) = words(bytes, 3 + header.levels).as_chunks::<3>();
        triples.iter().map(|&[count, mean, squares]| Moments {
            count: u64::from_le_bytes(count),
            mean: f64::from_le_bytes(mean),
            squares: f64::from_le_bytes(squares),
        })
    };
    saved().take(moments.len()).try_for_each(|moments| moments.check())?;
    moments.iter_mut().zip(saved()).for_each(|(moments, saved)| *moments = saved);
    Ok(())
}

/// What a table's bytes say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What it is of.
    pub kind: Kind,
    /// How many levels its grid has.
    pub levels: usize,
}

/// Reads what a table is, for a host that does not know, and checks that its bytes are whole.
///
/// # Errors
///
/// [`Error::TooShort`] for `bytes` that are cut off, [`Error::Length`] for more than there should be;
/// [`Error::Unknown`] for `bytes` that are no table, for another `version` and for a `kind` that is none;
/// [`Error::Domain`] for a `checksum` that does not fit, and errors for `sigmas` that are no grid.
pub fn header(bytes: &[u8]) -> Result<Header, Error> {
    check::at_least(Argument::Bytes, HEADER + CHECKSUM, bytes.len())?;
    let [magic, head, levels] = match words(bytes, 0) {
        &[magic, head, levels, ..] => [magic, head, levels].map(u64::from_le_bytes),
        _ => [0; 3],
    };
    if magic != u64::from_le_bytes(MAGIC) {
        return Err(Error::Unknown { argument: Argument::Bytes, value: magic as i32 });
    }
    if head as u32 != VERSION {
        return Err(Error::Unknown { argument: Argument::Version, value: head as i32 });
    }
    let kind = Kind::from_number((head >> 32) as i32)?;
    let levels = usize::try_from(levels).unwrap_or(usize::MAX);
    let expected = encoded_len(kind, levels);
    check::at_least(Argument::Bytes, expected, bytes.len())?;
    check::length(Argument::Bytes, expected, bytes.len())?;
    let (body, checksum) = bytes.split_last_chunk::<CHECKSUM>().unwrap_or((&[], &[0; CHECKSUM]));
    let sum = crc32(body);
    if *checksum != sum.to_le_bytes() {
        return Err(Error::Domain { argument: Argument::Checksum, value: f64::from(sum) });
    }
    let header = Header { kind, levels };
    check_levels(saved_sigmas(&header, bytes))?;
    Ok(header)
}

/// Reads the grid of a table.
///
/// # Errors
///
/// Errors of [`header`]; [`Error::Length`] for `sigmas` of another length than the grid.
pub fn decode_sigmas(sigmas: &mut [f64], bytes: &[u8]) -> Result<(), Error> {
    let header = header(bytes)?;
    check::length(Argument::Sigmas, header.levels, sigmas.len())?;
    sigmas.iter_mut().zip(saved_sigmas(&header, bytes)).for_each(|(sigma, saved)| *sigma = saved);
    Ok(())
}

/// At least one, strictly decreasing and none negative: a teacher's last level may be 0.
fn check_levels(sigmas: impl Iterator<Item = f64>) -> Result<(), Error> {
    let (mut above, mut count) = (f64::INFINITY, 0);
    for (index, sigma) in sigmas.enumerate() {
        check::non_negative(Argument::Sigmas, sigma)?;
        if sigma >= above {
            return Err(Error::Order { argument: Argument::Sigmas, index });
        }
        (above, count) = (sigma, index + 1);
    }
    check::at_least(Argument::Sigmas, 1, count)
}

/// Groups of eight bytes, from the one at `start` on.
fn words(bytes: &[u8], start: usize) -> &[[u8; 8]] {
    bytes.as_chunks::<8>().0.get(start..).unwrap_or(&[])
}

fn saved_sigmas(header: &Header, bytes: &[u8]) -> impl Iterator<Item = f64> {
    words(bytes, 3).iter().take(header.levels).map(|&sigma| f64::from_le_bytes(sigma))
}

/// CRC-32 of IEEE 802.3, reflected, four bits at a time: it notices any burst of errors of up to 32 bits.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = {
        let mut table = [0; 16];
        let mut nibble = 0;
        while nibble < 16 {
            let mut remainder = nibble as u32;
            let mut bit = 0;
            while bit < 4 {
                remainder = if remainder & 1 == 1 { remainder >> 1 ^ 0xedb8_8320 } else { remainder >> 1 };
                bit += 1;
            }
            table[nibble] = remainder;
            nibble += 1;
        }
        table
    };
    let step = |remainder: u32, nibble: u32| {
        let place = ((remainder ^ nibble) & 15) as usize;
        remainder >> 4 ^ TABLE.get(place).copied().unwrap_or(0)
    };
    !bytes.iter().fold(u32::MAX, |remainder, &byte| step(step(remainder, u32::from(byte)), u32::from(byte >> 4)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    const SIGMAS: [f64; 3] = [2.0, 1.0, 0.1];

    fn table() -> (Vec<Moments>, Vec<u8>) {
        let mut moments = vec![Moments::default(); 3];
        moments[0].add(0.1).unwrap();
        (0..5).for_each(|k| moments[2].add(f64::from(k) / 3.0).unwrap());
        let mut bytes = vec![0; encoded_len(Kind::Mmse, 3)];
        encode(&mut bytes, Kind::Mmse, &SIGMAS, &moments).unwrap();
        (moments, bytes)
    }

    fn refused(bytes: &[u8], kind: Kind, sigmas: &[f64]) -> Error {
        let mut moments = vec![Moments { count: 1, mean: 7.0, squares: 0.0 }; kind.moments_len(sigmas.len())];
        let before = moments.clone();
        let result = decode(&mut moments, kind, sigmas, bytes);
        assert_eq!(moments, before);
        result.unwrap_err()
    }

    #[test]
    fn the_check_value_of_the_checksum() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn the_layout_is_as_documented() {
        let (_, bytes) = table();
        assert_eq!(bytes.len(), 24 + 3 * 8 + 3 * 24 + 4);
        assert_eq!(&bytes[..16], b"quelltab\x01\0\0\0\0\0\0\0");
        assert_eq!(&bytes[16..24], &3u64.to_le_bytes());
        assert_eq!(&bytes[24..32], &2f64.to_le_bytes());
        assert_eq!(&bytes[48..64], [1u64.to_le_bytes(), 0.1f64.to_le_bytes()].as_flattened());
        assert_eq!(header(&bytes), Ok(Header { kind: Kind::Mmse, levels: 3 }));
        let mut sigmas = [0.0; 3];
        decode_sigmas(&mut sigmas, &bytes).unwrap();
        assert_eq!(sigmas, SIGMAS);
        assert!(decode_sigmas(&mut sigmas[1..], &bytes).is_err());
    }

    #[test]
    fn each_cause_has_its_error() {
        let (_, bytes) = table();
        let argument = |bytes: &[u8]| refused(bytes, Kind::Mmse, &SIGMAS).argument();
        for length in 0..bytes.len() {
            assert!(matches!(
                refused(&bytes[..length], Kind::Mmse, &SIGMAS),
                Error::TooShort { argument: Argument::Bytes, .. }
            ));
        }
        assert_eq!(argument(&[&bytes[..], &[0]].concat()), Argument::Bytes);
        assert_eq!(refused(&bytes, Kind::Pairs, &SIGMAS).argument(), Argument::Kind);
        assert_eq!(refused(&bytes, Kind::Mmse, &SIGMAS[..2]).argument(), Argument::Sigmas);
        let other = Error::Domain { argument: Argument::Sigmas, value: 1.0 };
        assert_eq!(refused(&bytes, Kind::Mmse, &[2.0, 1.5, 0.1]), other);
        let with = |place: usize, byte: u8| {
            let mut bytes = bytes.clone();
            bytes[place] = byte;
            bytes
        };
        assert!(matches!(
            refused(&with(0, b'Q'), Kind::Mmse, &SIGMAS),
            Error::Unknown { argument: Argument::Bytes, .. }
        ));
        assert_eq!(argument(&with(8, 2)), Argument::Version);
        assert_eq!(argument(&with(12, 9)), Argument::Kind);
        assert_eq!(argument(&with(60, 1)), Argument::Checksum);
        assert_eq!(argument(&with(23, 255)), Argument::Bytes);
    }

    /// Bytes that are whole but were written by something else.
    #[test]
    fn impossible_contents_are_refused() {
        let sealed = |change: &dyn Fn(&mut [u8])| {
            let (_, mut bytes) = table();
            let body = bytes.len() - 4;
            change(&mut bytes[..body]);
            let sum = crc32(&bytes[..body]);
            bytes[body..].copy_from_slice(&sum.to_le_bytes());
            bytes
        };
        assert!(decode(&mut [Moments::default(); 3], Kind::Mmse, &SIGMAS, &sealed(&|_| ())).is_ok());
        let nan = sealed(&|body| body[56..64].copy_from_slice(&f64::NAN.to_le_bytes()));
        assert_eq!(refused(&nan, Kind::Mmse, &SIGMAS).argument(), Argument::Moments);
        let order = sealed(&|body| body[24..32].copy_from_slice(&1f64.to_le_bytes()));
        assert_eq!(header(&order), Err(Error::Order { argument: Argument::Sigmas, index: 1 }));
    }

    #[test]
    fn what_is_no_table_is_not_written() {
        let (moments, bytes) = table();
        let mut out = vec![7; bytes.len()];
        let bad = Moments { mean: f64::NAN, ..moments[0] };
        assert!(encode(&mut out[1..], Kind::Mmse, &SIGMAS, &moments).is_err());
        assert!(encode(&mut out, Kind::Pairs, &SIGMAS, &moments).is_err());
        assert!(encode(&mut out, Kind::Mmse, &[1.0, 2.0, 3.0], &moments).is_err());
        assert!(encode(&mut out, Kind::Mmse, &SIGMAS, &[moments[0], moments[1], bad]).is_err());
        assert!(encode(&mut out, Kind::Mmse, &[], &[]).is_err());
        assert!(out.iter().all(|&byte| byte == 7));
    }

    #[test]
    fn kinds_have_their_numbers() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind as i32), Ok(kind));
        }
        assert!(Kind::from_number(-1).is_err() && Kind::from_number(6).is_err());
    }
}
