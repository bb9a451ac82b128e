#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# The library compiles with every subset of its features, without warnings: on this machine all of them, on each target
# without an operating system none, each feature alone, and all.
#
# usage: check.sh [target ...]    the usual microcontrollers and WebAssembly by default
#
# A target that cannot be tried is a failure, unless QUELL_ALLOW_SKIP=1.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$here/../.." && pwd)
. "$here/../report.sh"
need cargo:cargo
. "$here/toolchain.sh"

targets=("$@")
[ $# -gt 0 ] || targets=(thumbv6m-none-eabi thumbv7em-none-eabihf thumbv8m.main-none-eabihf riscv32imac-unknown-none-elf
  wasm32-unknown-unknown)
mkdir -p "${CARGO_TARGET_DIR:-$ROOT/target}"
folder=$(cd "${CARGO_TARGET_DIR:-$ROOT/target}" && pwd)/embedded

# The systems: the core's features but for the default.
mapfile -t systems < <(sed -n '/^\[features\]/,/^\[/s/^\([a-z-]*\) = .*/\1/p' "$ROOT/core/Cargo.toml" |
  grep -vx default)
everything=$(IFS=, && echo "${systems[*]}")

# subset NUMBER: the systems whose bits are set in it.
subset() {
  local index chosen=()
  for index in "${!systems[@]}"; do
    if (($1 >> index & 1)); then chosen+=("${systems[index]}"); fi
  done
  (IFS=, && echo "${chosen[*]-}")
}

# compiles PACKAGE FEATURES OPTION...: with CROSS_CARGO. This package's warnings are errors; but what the systems share
# may be unused without them.
compiles() {
  local package=$1 features=$2 lints=(-Dwarnings)
  shift 2
  [[ $features == *"$everything" ]] || lints+=(-Adead-code)
  # A library without std has no unwinding.
  (cd "$ROOT" && CARGO_PROFILE_DEV_PANIC=abort "${CROSS_CARGO[@]}" rustc --quiet --locked --package "$package" --lib \
    --profile check --no-default-features --features "$features" --target-dir "$folder" "$@" -- "${lints[@]}")
}

# both WHERE FEATURES OPTION...: the core and the C ABI.
both() {
  local where=$1 features=$2
  shift 2
  check "$where: quell [$features]" compiles quell "$features" "$@"
  check "$where: quell-ffi [$features]" compiles quell-ffi "$features" "$@"
}

CROSS_CARGO=(cargo)
for ((number = 0; number < 1 << ${#systems[@]}; ++number)); do
  both host "$(subset "$number")"
  check "host: quell-ffi [std,$(subset "$number")]" compiles quell-ffi "std,$(subset "$number")"
done
# Negative control.
check_fails "control: a feature that does not exist is noticed" 'no-such-feature' compiles quell no-such-feature

skipped=0
for target in "${targets[@]}"; do
  if ! use_toolchain "$target"; then
    skip "$target" "no Rust compiler from $MINIMAL_RUST on has the core library for it (rustup target add $target)"
    skipped=$((skipped + 1))
    continue
  fi
  for features in "" "${systems[@]}" "$everything"; do both "$target" "$features" "${CROSS_OPTIONS[@]}"; done
done
if [ $skipped -gt 0 ] && [ "${QUELL_ALLOW_SKIP:-0}" != 1 ]; then
  check "every target was tried (QUELL_ALLOW_SKIP=1 to let $skipped pass)" false
fi
finish
