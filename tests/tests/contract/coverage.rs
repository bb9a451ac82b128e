//! No function of the header is without a contract.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The names of the functions that a header declares: what stands before a parenthesis outside comments and macros.
fn functions(header: &str) -> BTreeSet<String> {
    let mut code = String::new();
    let mut rest = header;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").expect("a comment that ends").1;
    }
    code.push_str(rest);
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or(""));
    let code: String = lines.filter(|line| !line.trim_start().starts_with('#')).flat_map(|l| [l, "\n"]).collect();
    let before_parentheses = code.split('(').map(str::trim_end);
    let names = before_parentheses
        .map(|text| text.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or(""));
    names.filter(|name| name.starts_with("quell_")).map(str::to_owned).collect()
}

#[test]
fn every_function_of_the_header_has_a_contract() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/quell.h");
    let declared = functions(&fs::read_to_string(&path).expect("include/quell.h"));
    let contracts: Vec<_> = crate::all().iter().map(|contract| contract.function().to_owned()).collect();
    let covered: BTreeSet<_> = contracts.iter().cloned().collect();
    println!("functions in the header: {}", declared.len());
    println!("functions with a contract test: {}", covered.len());
    let lacking: Vec<_> = declared.difference(&covered).collect();
    let unknown: Vec<_> = covered.difference(&declared).collect();
    lacking.iter().for_each(|name| println!("without a contract test: {name}"));
    assert!(declared.len() > 100, "the header has lost its functions");
    assert!(lacking.is_empty(), "without a contract test: {lacking:?}");
    assert!(unknown.is_empty(), "tested, but not in the header: {unknown:?}");
    assert_eq!(contracts.len(), covered.len(), "two contracts for one function");
}

#[test]
fn comments_and_macros_declare_nothing() {
    let header = "/* int quell_a(void); */\n#define QUELL_X(n) quell_b(n)\n// quell_c(1)\nMUST\nint *quell_d(void);\n\
                  int quell_e (int quell_f);\n/** @see quell_g() */ typedef int quell_h;";
    assert_eq!(functions(header), ["quell_d", "quell_e"].map(str::to_owned).into());
}
