//! `include/quell.h` is what the crate says it is: generated from it, committed, and checked here.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn generate() -> String {
    // Expansion is an option of the nightly compiler; the variable opens it on the stable one, for this process only.
    // SAFETY: no other thread of this test binary reads or writes the environment.
    unsafe { env::set_var("RUSTC_BOOTSTRAP", "1") };
    let directory = env!("CARGO_MANIFEST_DIR");
    let mut config = cbindgen::Config::from_file(Path::new(directory).join("cbindgen.toml")).expect("cbindgen.toml");
    config.header = Some(preamble());
    let bindings = cbindgen::Builder::new().with_crate(directory).with_config(config).generate().expect("cbindgen");
    let mut bytes = Vec::new();
    bindings.write(&mut bytes);
    let header = String::from_utf8(bytes).expect("UTF-8");
    // Rust's links and code quotes mean nothing to Doxygen.
    header.replace("[`", "").replace("`]", "").replace('`', "")
}

/// The contract, from the crate's own documentation, and the version.
fn preamble() -> String {
    let library = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("src/lib.rs");
    let contract: String = library
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| format!(" *{}\n", line.replace("(status::quell_status)", "").replace(" *", " -")))
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    let [major, minor, patch] = version.split('.').collect::<Vec<_>>()[..] else { panic!("version {version}") };
    format!(
        "/**\n * @file quell.h\n *\n{contract} */\n\n/* SPDX-License-Identifier: MIT OR Apache-2.0 */\n\n\
         #define QUELL_VERSION \"{version}\"\n#define QUELL_VERSION_MAJOR {major}\n#define QUELL_VERSION_MINOR {minor}\n\
         #define QUELL_VERSION_PATCH {patch}\n\n\
         /* A status that nobody looks at is an error that nobody sees. */\n\
         #if defined(__GNUC__)\n#define QUELL_MUST_USE __attribute__((warn_unused_result))\n\
         #else\n#define QUELL_MUST_USE\n#endif"
    )
}

/// Run with `QUELL_BLESS=1` to write the header anew.
#[test]
fn header_is_current() {
    let path = root().join("include/quell.h");
    let generated = generate();
    if env::var_os("QUELL_BLESS").is_some() {
        fs::write(&path, &generated).expect("include/quell.h");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differs = committed.lines().zip(generated.lines()).position(|(a, b)| a != b);
    assert!(
        committed == generated,
        "include/quell.h is stale (first differing line: {differs:?}); run QUELL_BLESS=1 cargo test -p quell-ffi"
    );
}

/// Does not need the generator: each name that the sources export is in the header.
#[test]
fn every_exported_name_is_in_the_header() {
    let header = fs::read_to_string(root().join("include/quell.h")).expect("include/quell.h");
    let mut names = Vec::new();
    let mut pending = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(fs::read_dir(&path).expect("src").map(|entry| entry.expect("entry").path()));
            continue;
        }
        let text = fs::read_to_string(&path).expect("source");
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        names.extend(words.filter(|word| word.starts_with("quell_")).map(str::to_owned));
    }
    names.sort();
    names.dedup();
    let absent: Vec<_> =
        names.iter().filter(|name| !header.contains(name.as_str()) && *name != "quell_planted_panic").collect();
    assert!(absent.is_empty(), "not in the header: {absent:?}");
    assert!(names.len() > 100, "only {} names found", names.len());
}
