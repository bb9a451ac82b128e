//! Saved tables: nothing is lost, nothing that was damaged is taken, and a run that was killed goes on to the same bits.

use proptest::collection::vec;
use proptest::prelude::*;
use quell::diffusion::bound::save::{Header, Kind, decode, decode_sigmas, encode, encoded_len, header};
use quell::diffusion::bound::{MmseTable, Moments, PairTable, fill_path, pairs_len};
use quell::random::{Stream, fill_normal};
use quell_tests::strategies::{config, ratios};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/bound_save.txt");

#[derive(Clone, Debug)]
struct Saved {
    kind: Kind,
    sigmas: Vec<f64>,
    moments: Vec<Moments>,
}

impl Saved {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![7; encoded_len(self.kind, self.sigmas.len())];
        encode(&mut bytes, self.kind, &self.sigmas, &self.moments).unwrap();
        bytes
    }

    /// Reads bytes back; what an error leaves must be what was there.
    fn read(&self, bytes: &[u8]) -> Option<Vec<Moments>> {
        let before = Moments { count: 3, mean: 0.5, squares: 7.0 };
        let mut moments = vec![before; self.moments.len()];
        match decode(&mut moments, self.kind, &self.sigmas, bytes) {
            Ok(()) => Some(moments),
            Err(_) => {
                assert!(moments.iter().all(|moments| *moments == before));
                None
            }
        }
    }
}

fn bits(moments: &[Moments]) -> Vec<[u64; 3]> {
    moments.iter().map(|m| [m.count, m.mean.to_bits(), m.squares.to_bits()]).collect()
}

fn saved() -> impl Strategy<Value = Saved> {
    let kinds = [Kind::Mmse, Kind::Pairs, Kind::SquaredLeaps, Kind::Leaps, Kind::Deviations, Kind::Trajectories];
    (prop::sample::select(kinds.to_vec()), ratios((1e-6, 1e4), 1..=9)).prop_flat_map(|(kind, sigmas)| {
        // Any numbers that moments can be.
        let moments = (2..=u64::MAX, -1e300..1e300f64, 0.0..1e300f64);
        let moments = prop_oneof![
            4 => moments.prop_map(|(count, mean, squares)| Moments { count, mean, squares }),
            1 => Just(Moments::default()),
            1 => Just(Moments { count: 1, mean: -0.0, squares: 0.0 }),
            1 => Just(Moments { count: 2, mean: 5e-324, squares: f64::INFINITY }),
        ];
        let count = kind.moments_len(sigmas.len());
        vec(moments, count).prop_map(move |moments| Saved { kind, sigmas: sigmas.clone(), moments })
    })
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn a_round_trip_changes_no_bit(saved in saved()) {
        let bytes = saved.bytes();
        prop_assert_eq!(header(&bytes), Ok(Header { kind: saved.kind, levels: saved.sigmas.len() }));
        let mut sigmas = vec![0.0; saved.sigmas.len()];
        decode_sigmas(&mut sigmas, &bytes).unwrap();
        prop_assert_eq!(&sigmas, &saved.sigmas);
        let again = saved.read(&bytes).expect("a whole table");
        prop_assert_eq!(bits(&again), bits(&saved.moments));
        prop_assert_eq!(Saved { moments: again, ..saved }.bytes(), bytes);
    }

    #[test]
    fn damage_is_noticed(saved in saved(), place in any::<prop::sample::Index>(), bit in 0..8u32, cut in any::<prop::sample::Index>()) {
        let bytes = saved.bytes();
        let mut flipped = bytes.clone();
        flipped[place.index(bytes.len())] ^= 1 << bit;
        prop_assert!(saved.read(&flipped).is_none());
        prop_assert!(saved.read(&bytes[..cut.index(bytes.len())]).is_none());
        prop_assert!(saved.read(&[&bytes[..], &[0]].concat()).is_none());
        let mut other = saved.clone();
        let level = place.index(saved.sigmas.len());
        other.sigmas[level] *= 1.0 + 1e-9;
        prop_assert!(other.read(&bytes).is_none());
    }
}

/// Every bit of one file, not a sample of them.
#[test]
fn no_single_bit_goes_unnoticed() {
    let mut moments = vec![Moments::default(); 6];
    (1..5).for_each(|k| moments[k].add(0.1 * k as f64).unwrap());
    let saved = Saved { kind: Kind::Pairs, sigmas: vec![3.0, 1.0, 0.1], moments };
    let bytes = saved.bytes();
    assert!(saved.read(&bytes).is_some());
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(saved.read(&flipped).is_none(), "bit {bit}");
        assert!(header(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_bits() {
    const SIGMAS: [f64; 6] = [20.0, 5.0, 1.0, 0.4, 0.1, 0.02];
    let add = |table: &mut PairTable, curve: &mut MmseTable, sample: u64| {
        let (mut x0, mut path) = ([0f32; 5], [0f32; 30]);
        fill_normal(&mut x0, Stream { seed: sample, stream: 1, step: 0 }, 0).unwrap();
        fill_path(&mut path, &x0, &SIGMAS, Stream { seed: sample, stream: 0, step: 0 }).unwrap();
        let denoised = path.map(|x| (0.8 * x).tanh());
        table.add_path(&x0, &denoised).unwrap();
        for (level, denoised) in denoised.chunks(5).enumerate() {
            curve.add(level, &x0, denoised).unwrap();
        }
    };
    let run = |moments: &mut (Vec<Moments>, Vec<Moments>), samples: std::ops::Range<u64>| {
        let mut table = PairTable::new(&SIGMAS, &mut moments.0).unwrap();
        let mut curve = MmseTable::new(&SIGMAS, &mut moments.1).unwrap();
        samples.for_each(|sample| add(&mut table, &mut curve, sample));
    };
    let start = || (vec![Moments::default(); pairs_len(6)], vec![Moments::default(); 6]);
    let mut whole = start();
    run(&mut whole, 0..40);
    for killed in [0, 1, 17, 39, 40] {
        let mut before = start();
        run(&mut before, 0..killed);
        let saved = [
            Saved { kind: Kind::Pairs, sigmas: SIGMAS.to_vec(), moments: before.0 },
            Saved { kind: Kind::Mmse, sigmas: SIGMAS.to_vec(), moments: before.1 },
        ];
        let [pairs, curve] = saved.map(|saved| saved.read(&saved.bytes()).expect("a whole table"));
        // How far it was is in the counts.
        assert_eq!(pairs[0].count, killed);
        let mut after = (pairs, curve);
        run(&mut after, killed..40);
        assert_eq!((bits(&after.0), bits(&after.1)), (bits(&whole.0), bits(&whole.1)), "killed at {killed}");
    }
    // The diagonal of the pairs is the curve.
    assert_eq!(bits(&whole.0[..1]), bits(&whole.1[..1]));
}
