//! Value stability: outputs for given seeds and inputs, bit for bit, on every machine.
//!
//! A change here is a change that users see. It needs an entry under "Values" in CHANGELOG.md; the failing test prints
//! the lines to put in place of the old ones. Networks below use +, · and ÷ alone, so that no library function of the
//! machine takes part.

use quell::diffusion::noise::{NoiseLevel, Process, VpLinear};
use quell::diffusion::pass::{self, Inputs, Noise};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::{Last, Schedule, arctan, exponential, karras, published};
use quell::diffusion::solver::{
    Ddim, DpmPp2M, ErSde, EulerAncestral, Heun, Integral, NoiseScale, SdeDpmPp2M, Solver, UniPc,
};
use quell::diffusion::step::{Step, history_len};
use quell::random::{Stream, fill_normal, fill_uniform, normals_from_bits, philox4x32_10};
use quell::{bf16, f16};
use quell_tests::naive::Element;
use quell_tests::sampler::bits;
use quell_tests::strategies::AnySolver;

/// A name, the FNV-1a hash of all values, and the first three of them.
type Pin = (&'static str, u64, [u64; 3]);

#[rustfmt::skip]
const PINS: &[Pin] = &[
    ("philox", 0xd3d7de761229ae25, [0xfa5c8fc3, 0x24b6b0ab, 0xf7b1058d]),
    ("uniform f32", 0x806289dabe5155d1, [0x3eea3206, 0x3f2df26d, 0x3f7abcf9]),
    ("uniform f64", 0x9904574aae0bc631, [0x3fe7c6684e4eb61f, 0x3feacd5a50df7fa0, 0x3fc26316b7d39b3c]),
    ("all radii", 0x63a4cc834f800205, [0x40b89456, 0x40b2616a, 0x40af6c71]),
    ("angles", 0x5ac956c54ed9625a, [0x3f96b55e, 0x0, 0x3f96b55e]),
    ("normal f32", 0xddc3a4be1c4f758e, [0x3f90b0d4, 0xbde7df06, 0xbf5f2e4b]),
    ("normal f64", 0x05205a85792c6ff8, [0x3ff2161a80000000, 0xbfbcfbe0c0000000, 0xbfebe5c960000000]),
    ("normal f16", 0x67c56f34aea88cef, [0x3c86, 0xaf3f, 0xbaf9]),
    ("normal bf16", 0x13ce0ad85cdade00, [0x3f91, 0xbde8, 0xbf5f]),
    ("karras", 0xc3982135503885cd, [0x4054000000000000, 0x40386889165af3a4, 0x40175b15167902cb]),
    ("exponential", 0x56bd20ac260a420b, [0x4054000000000000, 0x402b5c0fbcfec4d2, 0x4002b6b5edf6b549]),
    ("arctan", 0xd58599776d847963, [0x4054000000000000, 0x3ffd52b3ff7a3b03, 0x3feb88493edc2d95]),
    ("published", 0x95ec7711d576b952, [0x402d3ab241553bc5, 0x4011e823a00416b5, 0x3ffdabd34561e31d]),
    ("ddim table, EDM", 0xfe437bd95212ef7e, [0x3ff0000000000000, 0x4054000000000000, 0x3f899978d53cdd50]),
    ("ddim table, VP", 0xdd1e197930025ac6, [0x3f8999168b19828a, 0x3fefff5c2ddfe32c, 0x3ff0000000000000]),
    ("ddim f32", 0x519dde42267d59d7, [0x3daed83e, 0x3d453aa9, 0xbf459e1b]),
    ("ddim f64", 0xfd3cb7b8a0109a08, [0x3fb5db07308c1178, 0x3fa8a753cc2ab44d, 0xbfe8b3c31caf02eb]),
    ("ddim f16", 0xa6422126a4e08361, [0xb0c2, 0xacac, 0xb95d]),
    ("ddim bf16", 0xed33fa6db13285a9, [0xbe18, 0xbd96, 0xbf2c]),
    ("euler ancestral table, EDM", 0x77a090afcfc44b64, [0x3ff0000000000000, 0x4054000000000000, 0x3f899978d53cdd50]),
    ("euler ancestral table, VP", 0x1573fd45de51ddca, [0x3f8999168b19828a, 0x3fefff5c2ddfe32c, 0x3ff0000000000000]),
    ("euler ancestral f32", 0x21ccf0eff8d47157, [0xbe065a35, 0xbd34b6d5, 0xbf244651]),
    ("euler ancestral f64", 0xd7e27a5bf31fc87e, [0xbfc0cb470bc9224c, 0xbfa696db1250a32c, 0xbfe488c9f493b039]),
    ("euler ancestral f16", 0xd19c75e8c6042ba2, [0xb55b, 0x277f, 0xb826]),
    ("euler ancestral bf16", 0x9445333896577b28, [0xbeab, 0x3cf3, 0xbf05]),
    ("heun table, EDM", 0xaa5139977d8a7f74, [0x3ff0000000000000, 0x4054000000000000, 0x3f899978d53cdd50]),
    ("heun table, VP", 0xf1f0fa0df29e02f8, [0x3f8999168b19828a, 0x3fefff5c2ddfe32c, 0x3ff0000000000000]),
    ("heun f32", 0xba6d9d3540a32733, [0x3f1946f8, 0x3f5f7bef, 0xc02530d9]),
    ("heun f64", 0x2797c616aae2e661, [0x3fe328dfe9e761bb, 0x3febef7e29490daf, 0xc004a61b76adc70e]),
    ("heun f16", 0xb85b8afb33509231, [0x21ca, 0x37dd, 0xbd9d]),
    ("heun bf16", 0x6ee60a0391fb43d4, [0x3c4a, 0x3efc, 0xbfb4]),
    ("dpm++ 2m table, EDM", 0x83727b835194c9e7, [0x3ff0000000000000, 0x4054000000000000, 0x3f899978d53cdd50]),
    ("dpm++ 2m table, VP", 0x3880ab5cbf72d686, [0x3f8999168b19828a, 0x3fefff5c2ddfe32c, 0x3ff0000000000000]),
    ("dpm++ 2m f32", 0x2e6eaa328631c654, [0xbf0f6297, 0x3f131f53, 0xbd07ccba]),
    ("dpm++ 2m f64", 0xa7c48211edfb92cc, [0xbfe1ec52d3ec19b7, 0x3fe263ea4d77b320, 0xbfa0f997e328fa82]),
    ("dpm++ 2m f16", 0x5d8fa480667925ae, [0xb93b, 0x34f7, 0xb295]),
    ("dpm++ 2m bf16", 0xd0b2fa0564957fe4, [0xbf27, 0x3e9e, 0xbe52]),
    ("sde-dpm++ 2m table, EDM", 0x3ef9538fa028d23d, [0x3ff0000000000000, 0x4054000000000000, 0x3f899978d53cdd50]),
    ("sde-dpm++ 2m table, VP", 0xf1445662ff895280, [0x3f8999168b19828a, 0x3fefff5c2ddfe32c, 0x3ff0000000000000]),
    ("sde-dpm++ 2m f32", 0xd169814568ea23de, [0xbf15eeb8, 0xbddd1f80, 0xbf860fa8]),
    ("sde-dpm++ 2m f64", 0x8805d01f2738d13d, [0xbfe2bdd71898bd60, 0xbfbba3f23b6712b8, 0xbff0c1f5096b3570]),
    ("sde-dpm++ 2m f16", 0xcc7da841b41331cb, [0xb88b, 0x2a3b, 0xbd58]),
    ("sde-dpm++ 2m bf16", 0x9f5e2d664767fcb7, [0xbf12, 0x3d49, 0xbfab]),
    ("unipc table, EDM", 0x0a7ded71ba04bf9f, [0x3ff0000000000000, 0x4054000000000000, 0x3f899978d53cdd50]),
    ("unipc table, VP", 0x375eee3c6b4fac1f, [0x3f8999168b19828a, 0x3fefff5c2ddfe32c, 0x3ff0000000000000]),
    ("unipc f32", 0x0c5699cf65ab492a, [0xbf58a0c6, 0x3f53196e, 0xbd8ebc5d]),
    ("unipc f64", 0xa4b449abb44d2a11, [0xbfeb141933f18380, 0x3fea632df9438fb4, 0xbfb1d78b9ff3f035]),
    ("unipc f16", 0x064aeb0cd118283c, [0xbcf3, 0x39d5, 0xb52d]),
    ("unipc bf16", 0x02e6716580cf32bf, [0xbf9e, 0x3f3b, 0xbea5]),
    ("er-sde table, EDM", 0x0baae5a4798d756f, [0x3ff0000000000000, 0x4054000000000000, 0x3f899978d53cdd50]),
    ("er-sde table, VP", 0xdfa481a655cb6616, [0x3f8999168b19828a, 0x3fefff5c2ddfe32c, 0x3ff0000000000000]),
    ("er-sde f32", 0x16f1bb1f651e2ce9, [0x3eec4b4d, 0xbead1168, 0xbf81c363]),
    ("er-sde f64", 0xd27d33bcd8f9fbfc, [0x3fdd89696e5c216d, 0xbfd5a22d2c44e3da, 0xbff0386c582bece6]),
    ("er-sde f16", 0xae74c7434258fbb9, [0x2ac8, 0xb3ae, 0xbc4e]),
    ("er-sde bf16", 0x933c5fddee91265e, [0x3d5f, 0xbe74, 0xbf89]),
    ("er-sde exact table, EDM", 0x2a67e35bcae86e1c, [0x3ff0000000000000, 0x4054000000000000, 0x3f899978d53cdd50]),
    ("er-sde exact table, VP", 0xde17e6582c5a04a7, [0x3f8999168b19828a, 0x3fefff5c2ddfe32c, 0x3ff0000000000000]),
    ("er-sde exact f32", 0x16f997ece2689294, [0xbdb43167, 0x3dfdc8b1, 0xbf46cb4b]),
    ("er-sde exact f64", 0xa4ede2bae09fbaa5, [0xbfb6862cf3e0a406, 0x3fbfb91582b4c48c, 0xbfe8d9697980f21c]),
    ("er-sde exact f16", 0x41f04ecafa4ae409, [0xb3e4, 0x2823, 0xb9c8]),
    ("er-sde exact bf16", 0x4409eb221b87a879, [0xbe7d, 0x3d04, 0xbf39]),
];

const STREAM: Stream = Stream { seed: 0x0123_4567_89ab_cdef, stream: 2, step: 7 };

fn fnv(values: &[u64]) -> u64 {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn pin(name: &'static str, values: impl IntoIterator<Item = u64>) -> Pin {
    let values: Vec<u64> = values.into_iter().collect();
    (name, fnv(&values), [values[0], values[1], values[2]])
}

/// The bits of an element, in its own type.
trait Bits: Element {
    fn bits(self) -> u64;
}

macro_rules! impl_bits {
    ($($type:ty),*) => {$(
        impl Bits for $type {
            fn bits(self) -> u64 {
                self.to_bits().into()
            }
        }
    )*};
}
impl_bits!(f32, f64, f16, bf16);

fn draws<X: Bits>(n: usize) -> Vec<u64> {
    let mut out = vec![X::default(); n];
    // A start within a block.
    fill_normal(&mut out, STREAM, 3).expect("a range");
    out.into_iter().map(X::bits).collect()
}

fn random() -> Vec<Pin> {
    let (mut single, mut double) = (vec![0f32; 1000], vec![0f64; 1000]);
    fill_uniform(&mut single, STREAM, 3).expect("a range");
    fill_uniform(&mut double, STREAM, 3).expect("a range");
    let words = (0..1000).flat_map(|k| philox4x32_10([k, !k, k << 16, 5], [k.rotate_left(7), 9]));
    // With the second word 0 the angle is 0 and the first normal is the radius itself.
    let radii = (0..1u32 << 23).map(|k| normals_from_bits([k << 9, 0, 0, 0])[0].bits());
    let angles = (0..=u32::MAX).step_by(1021).flat_map(|word| {
        let [cosine, sine, ..] = normals_from_bits([1 << 31, word, 0, 0]);
        [cosine.bits(), sine.bits()]
    });
    vec![
        pin("philox", words.map(u64::from)),
        pin("uniform f32", single.into_iter().map(Bits::bits)),
        pin("uniform f64", double.into_iter().map(Bits::bits)),
        pin("all radii", radii),
        pin("angles", angles),
        pin("normal f32", draws::<f32>(10_000)),
        pin("normal f64", draws::<f64>(10_000)),
        pin("normal f16", draws::<f16>(10_000)),
        pin("normal bf16", draws::<bf16>(10_000)),
    ]
}

const STEPS: usize = 6;

fn sigmas() -> [f64; STEPS + 1] {
    let mut sigmas = [0.0; STEPS + 1];
    karras::fill(&mut sigmas, 0.002, 80.0, 7.0, Last::Zero).expect("a range");
    sigmas
}

fn schedules() -> Vec<Pin> {
    let mut list = [0.0; STEPS + 1];
    let mut filled = |fill: &dyn Fn(&mut [f64]) -> Result<(), quell::Error>| {
        fill(&mut list).expect("a range");
        list.map(f64::to_bits)
    };
    vec![
        pin("karras", sigmas().map(f64::to_bits)),
        pin("exponential", filled(&|s| exponential::fill(s, 0.002, 80.0, Last::SigmaMin))),
        pin("arctan", filled(&|s| arctan::fill(s, 0.002, 80.0, 0.5, Last::SigmaMin))),
        pin("published", filled(&|s| published::fill(s, published::List::StableDiffusionXl, Last::SigmaMin))),
    ]
}

fn steps(solver: AnySolver, process: Process, prediction: Prediction) -> Vec<Step> {
    let mut levels = [NoiseLevel::default(); STEPS + 1];
    process.fill_levels(&mut levels, &sigmas()).expect("decreasing");
    let schedule = Schedule::new(process, prediction, &levels).expect("levels");
    (0..solver.passes(&schedule).expect("passes")).map(|i| solver.step(&schedule, i).expect("a position")).collect()
}

/// A run from seeded noise, two items of 67 elements.
fn run<X: Bits>(steps: &[Step]) -> Vec<u64> {
    const SIZE: usize = 134;
    let (mut x, mut input, mut model) = ([X::default(); SIZE], [X::default(); SIZE], [X::default(); SIZE]);
    let slots = steps.iter().map(Step::slots).max().unwrap_or(0);
    let mut history = vec![X::default(); history_len(slots, SIZE)];
    let drawn = |stream| Inputs::<X, X> {
        noise: Noise::Seeded { seeds: &[42, 43], stream, first_element: 0 },
        ..Inputs::default()
    };
    let first = Step::initial_noise(steps[0].at).expect("a level");
    pass::apply(&[first], &mut x, &mut history, &drawn(1), Some(&mut input)).expect("a pass");
    for step in steps {
        for (model, input) in model.iter_mut().zip(&input) {
            let input = input.widen();
            *model = X::narrow(X::round((0.5 * input + 0.1) / (1.0 + 0.25 * input * input)));
        }
        let inputs = Inputs { model: &model, ..drawn(0) };
        pass::apply(&[*step], &mut x, &mut history, &inputs, Some(&mut input)).expect("a pass");
    }
    x.into_iter().map(X::bits).collect()
}

macro_rules! solver_pins {
    ($pins:ident, $name:literal, $solver:expr) => {
        let edm = steps($solver, Process::Edm { sigma_data: 0.5 }, Prediction::Edm { sigma_data: 0.5 });
        let preserving = steps($solver, Process::VpLinear(VpLinear::default()), Prediction::V);
        $pins.extend([
            pin(concat!($name, " table, EDM"), edm.iter().flat_map(bits)),
            pin(concat!($name, " table, VP"), preserving.iter().flat_map(bits)),
            pin(concat!($name, " f32"), run::<f32>(&edm)),
            pin(concat!($name, " f64"), run::<f64>(&edm)),
            pin(concat!($name, " f16"), run::<f16>(&preserving)),
            pin(concat!($name, " bf16"), run::<bf16>(&preserving)),
        ]);
    };
}

fn solvers() -> Vec<Pin> {
    let mut pins = Vec::new();
    solver_pins!(pins, "ddim", AnySolver::Ddim(Ddim { eta: 0.5, ..Ddim::default() }));
    solver_pins!(pins, "euler ancestral", AnySolver::EulerAncestral(EulerAncestral::default()));
    solver_pins!(pins, "heun", AnySolver::Heun(Heun { s_churn: 2.0, ..Heun::default() }));
    solver_pins!(pins, "dpm++ 2m", AnySolver::DpmPp2M(DpmPp2M::default()));
    solver_pins!(pins, "sde-dpm++ 2m", AnySolver::SdeDpmPp2M(SdeDpmPp2M::default()));
    solver_pins!(pins, "unipc", AnySolver::UniPc(UniPc { order: 3, ..UniPc::default() }));
    solver_pins!(pins, "er-sde", AnySolver::ErSde(ErSde::default()));
    let as_it_stands = ErSde { noise_floor: 0.0, integral: Integral::Exact, ..ErSde::default() };
    solver_pins!(
        pins,
        "er-sde exact",
        AnySolver::ErSde(ErSde { order: 2, noise_scale: NoiseScale::Sde4, ..as_it_stands })
    );
    pins
}

#[test]
fn values_are_what_they_were() {
    let actual: Vec<Pin> = [random(), schedules(), solvers()].concat();
    let mut changed = Vec::new();
    for &(name, hash, [a, b, c]) in &actual {
        if !PINS.contains(&(name, hash, [a, b, c])) {
            changed.push(format!("    ({name:?}, {hash:#018x}, [{a:#x}, {b:#x}, {c:#x}]),"));
        }
    }
    assert!(changed.is_empty(), "changed values, which need an entry in CHANGELOG.md:\n{}", changed.join("\n"));
    assert_eq!(actual.len(), PINS.len(), "a pin that nothing computes");
}
