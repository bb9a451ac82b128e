#!/usr/bin/env bash
# Lists the functions of include/quell.h that have no contract test, and fails unless that list is empty.
#
# The comparison is itself a test (tests/tests/contract/coverage.rs): it holds the functions that the header declares
# against the contracts that the other tests run, not against text, so a name in a comment counts for nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v cargo >/dev/null; then
    echo "missing: cargo, the Rust toolchain (https://rustup.rs)" >&2
    exit 1
fi
echo "comparing include/quell.h with the contracts in tests/tests/contract"
cargo test --quiet -p quell-tests --test contract -- --exact --nocapture \
    coverage::every_function_of_the_header_has_a_contract
