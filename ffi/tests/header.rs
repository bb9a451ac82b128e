//! `include/quell.h` is what the crate says it is: generated from it, committed, and checked here. C and C++ compilers
//! take it without a warning.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Where the header leaves what the generator makes of the Rust sources: each pattern must occur.
const REPLACEMENTS: &[(&str, &str)] = &[
    // Rust's links and code quotes mean nothing to Doxygen.
    ("[`plus_plus`]", "quell_kmeans_plus_plus_f32()"),
    ("[`planar`](Layout::planar)", "quell_layout_planar()"),
    ("[`interleaved`](Layout::interleaved)", "quell_layout_interleaved()"),
    ("[`Size`](super::difference::Size)", "quell_difference_size"),
    ("[`fill_pair`](super::fill_pair)", "quell_noising_pair_f32()"),
    ("[`", ""),
    ("`]", ""),
    ("`", ""),
    ("see destination.", "see quell_destination."),
    // A bare literal of this size would be a long.
    ("QUELL_KNOWN_NOISE_STEP 4294967295", "QUELL_KNOWN_NOISE_STEP UINT32_C(4294967295)"),
    ("QUELL_INITIAL_NOISE_STEP 4294967294", "QUELL_INITIAL_NOISE_STEP UINT32_C(4294967294)"),
    ("QUELL_UNMATCHED 4294967295", "QUELL_UNMATCHED UINT32_C(4294967295)"),
    // The core writes formulas with mathematical signs, but not every compiler takes a header beyond ASCII.
    ("Σₖ slotₖ·slots[k]", "the sum over k of slot_k slots[k]"),
    ("x₀", "x0"),
    ("α", "alpha"),
    ("σ", "sigma"),
    ("ε", "epsilon"),
    ("λ", "lambda"),
    ("·", " "),
    ("×", "by"),
    ("−", "-"),
    ("²", "^2"),
];

/// The sections of the header, by their first functions.
const SECTIONS: &[(&str, &str)] = &[
    ("quell_version", "Version and status"),
    ("quell_philox4x32_10", "Random draws"),
    ("quell_betas_linear", "Noise processes and noise levels"),
    ("quell_schedule_check", "Schedules"),
    ("quell_prediction_denoised", "What a network predicts"),
    ("quell_ddim_default", "Solvers"),
    ("quell_step_add_noise", "Steps"),
    ("quell_apply_f32", "The pass"),
    ("quell_classifier_free_f32", "Guidance and clipping"),
    ("quell_step_noise_to", "The noise of a given sample"),
    ("quell_moments_add", "The bound on what discretisation costs: running means and spreads"),
    ("quell_mmse_add_f32", "The bound of an ideal denoiser"),
    ("quell_pairs_len", "The bound of any denoiser"),
    ("quell_gaussian_mmse", "The bound for Gaussian data"),
    ("quell_importance_draw", "The bound from pairs of evaluations"),
    ("quell_parents_len", "Schedules of least cost on a grid"),
    ("quell_search_candidates", "Schedules by the search of Align Your Steps"),
    ("quell_density_klub", "Schedules from a density of steps"),
    ("quell_leaps_add_f32", "Schedules that imitate a teacher"),
    ("quell_table_encoded_len", "Tables as bytes"),
    ("quell_kmeans_default", "Correspondence: clusters of cells"),
    ("quell_offset_passes", "Correspondence: pushing a cluster up and down"),
    ("quell_layout_planar", "Correspondence: images and their differences"),
    ("quell_blur_radius", "Correspondence: the Gaussian filter"),
    ("quell_fold_reset_f32_u8", "Correspondence: the running arg-max over masks"),
    ("quell_readout_default", "Correspondence: masks from pairs of images"),
    ("quell_interpolate_row_f32", "Correspondence: masks by interpolation"),
    ("quell_joint_bilateral_weights_len", "Correspondence: masks by joint bilateral upsampling"),
    ("quell_guided_statistics_len", "Correspondence: masks by the guided filter"),
    ("quell_pamr_weights_len", "Correspondence: masks by pixel-adaptive refinement"),
    ("quell_mix_scratch_len", "Correspondence: masks by given weights"),
    ("quell_remove_small_scratch_len", "Correspondence: connected components"),
    ("quell_cell_weights_f32_u8", "Correspondence: embeddings of masks"),
    ("quell_confusion_count_u8_u8", "Correspondence: how good a segmentation is"),
];

fn generate() -> String {
    // Expansion is an option of the nightly compiler; the first variable opens it on the stable one, for this process
    // only. The second keeps what that builds apart from the artifacts of the test run, which it would replace.
    // SAFETY: other threads of this test binary read the environment through the standard library alone, which locks it.
    unsafe {
        env::set_var("RUSTC_BOOTSTRAP", "1");
        env::set_var("CARGO_EXPAND_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("expanded"));
    }
    let directory = env!("CARGO_MANIFEST_DIR");
    let mut config = cbindgen::Config::from_file(Path::new(directory).join("cbindgen.toml")).expect("cbindgen.toml");
    config.header = Some(read("ffi/header/opening.h"));
    config.after_includes = Some(format!("\n{}", macros()));
    let bindings = cbindgen::Builder::new().with_crate(directory).with_config(config).generate().expect("cbindgen");
    let mut bytes = Vec::new();
    bindings.write(&mut bytes);
    let mut header = String::from_utf8(bytes).expect("UTF-8");
    for (pattern, replacement) in REPLACEMENTS {
        assert!(header.contains(pattern), "nothing to replace: {pattern}");
        header = header.replace(pattern, replacement);
    }
    for (first, title) in SECTIONS {
        let function = header.find("extern \"C\"").and_then(|start| {
            let (before, declarations) = header.split_at(start);
            declarations.find(&format!("{first}(")).map(|at| before.len() + at)
        });
        let comment = function.and_then(|at| header[..at].rfind("/**")).unwrap_or_else(|| panic!("no {first}"));
        header.insert_str(comment, &format!("/* ---- {title} ---- */\n\n"));
    }
    header
}

/// The hand-written macros, with the version filled in.
fn macros() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let [major, minor, patch] = version.split('.').collect::<Vec<_>>()[..] else { panic!("version {version}") };
    read("ffi/header/macros.h")
        .replace("@VERSION@", version)
        .replace("@MAJOR@", major)
        .replace("@MINOR@", minor)
        .replace("@PATCH@", patch)
}

/// Run with `QUELL_BLESS=1` to write the header anew.
#[test]
fn header_is_current() {
    let generated = generate();
    if env::var_os("QUELL_BLESS").is_some() {
        fs::write(root().join("include/quell.h"), &generated).expect("include/quell.h");
    }
    let committed = read("include/quell.h");
    let differs = committed.lines().zip(generated.lines()).position(|(a, b)| a != b);
    assert!(
        committed == generated,
        "include/quell.h is stale (first differing line: {differs:?}); run QUELL_BLESS=1 cargo test -p quell-ffi"
    );
}

#[test]
fn header_is_ascii() {
    let header = read("include/quell.h");
    let stray = header.lines().find(|line| !line.is_ascii());
    assert_eq!(stray, None);
}

/// Does not need the generator: what the sources export is in the header. A name is an argument of `no_mangle`, or of a
/// macro that stamps functions, so all words of the sources that look like names are held against the header's.
#[test]
fn every_exported_name_is_in_the_header() {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        words.filter(|word| word.starts_with("quell_")).map(str::to_owned).collect()
    };
    let mut exported = BTreeSet::new();
    let mut pending = vec![root().join("ffi/src")];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(fs::read_dir(&path).expect("src").map(|entry| entry.expect("entry").path()));
        } else {
            exported.extend(words(&fs::read_to_string(&path).expect("source")));
        }
    }
    let not_public = ["quell_planted_panic", "quell_ffi"].map(str::to_owned);
    let known = words(&read("include/quell.h"));
    let absent: Vec<_> = exported.difference(&known).filter(|name| !not_public.contains(name)).collect();
    assert!(absent.is_empty(), "not in the header: {absent:?}");
    assert!(exported.len() > 100, "only {} names found", exported.len());
}

/// Compiles a source with each of the standards; the compiler is `variable`, or what the system calls `usual`.
fn compile(variable: &str, usual: &str, extension: &str, standards: &[&str], name: &str, source: &str) {
    let compiler = env::var(variable).unwrap_or_else(|_| usual.into());
    if Command::new(&compiler).arg("--version").output().is_err() {
        println!("skipped {name}.{extension}: there is no {compiler} ({variable} names another)");
        return;
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.{extension}"));
    fs::write(&path, source).expect("source");
    for standard in standards {
        let mut command = Command::new(&compiler);
        command.arg(format!("-std={standard}")).args(["-Wall", "-Wextra", "-Wpedantic", "-Wundef", "-Werror"]);
        let output = command.arg("-fsyntax-only").arg("-I").arg(root().join("include")).arg(&path).output();
        let output = output.unwrap_or_else(|error| panic!("{compiler}: {error}"));
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{compiler} -std={standard} on {name}.{extension}:\n{messages}");
    }
}

/// Included twice, with the macros in use where only constants may stand.
const TWICE: &str = r#"
#include "quell.h"
#include "quell.h"
#if QUELL_VERSION_NUMBER < 1000L || QUELL_VERSION_NUMBER / 1000000L != QUELL_VERSION_MAJOR
#error version
#endif
static float history[QUELL_HISTORY_LEN(QUELL_UNIPC_SLOTS, 10 - 6)];
int check(const quell_step *step);
int check(const quell_step *step)
{
    quell_cause cause = QUELL_CAUSE_NONE;
    const char *version = QUELL_VERSION;
    history[0] = 0.0f;
    return sizeof history == 12 * sizeof(float) && step->noise_index == QUELL_KNOWN_NOISE_STEP && cause == 0 && version;
}
"#;

#[test]
fn c_compilers_take_the_header_twice() {
    compile("CC", "cc", "c", &["c99", "c11", "c17"], "twice", TWICE);
}

#[test]
fn cpp_compilers_take_the_header_twice() {
    compile("CXX", "c++", "cpp", &["c++11", "c++17", "c++20"], "twice", TWICE);
}

/// The sketch at the top of the header, in a function that declares what it takes for granted.
#[test]
fn the_sketch_compiles() {
    let opening = read("ffi/header/opening.h");
    let sketch = opening.split_once("@code").and_then(|(_, rest)| rest.split_once("@endcode")).expect("a sketch").0;
    let sketch: String = sketch.lines().map(|line| line.trim_start_matches(" *").to_owned() + "\n").collect();
    let source = format!(
        "#include \"quell.h\"\n#define N 8\n#define TRY(call) do {{ if ((call) != 0) return 1; }} while (0)\n\
         void network(float *output, const float *input, double timestep);\nint sample(float *x, uint64_t seed);\n\
         int sample(float *x, uint64_t seed)\n{{\n\
         double sigmas[11];\nquell_level levels[11];\nquell_dpmpp_2m options;\nquell_step step;\nsize_t passes, i;\n\
         static float history[QUELL_HISTORY_LEN(QUELL_DPMPP_2M_SLOTS, N)], input[N], output[N];\n\
         quell_inputs_f32 inputs = {{0}};\ninputs.model = output;\ninputs.seeds = &seed;\ninputs.seeds_len = 1;\n\
         {{\n{sketch}}}\nreturn 0;\n}}\n"
    );
    compile("CC", "cc", "c", &["c99", "c17"], "sketch", &source);
}
