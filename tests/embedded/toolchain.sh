# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Finds a Rust compiler for a target without an operating system. To be sourced after report.sh; expects ROOT.
#
# Users of rustup need "rustup target add <target>" and nothing of this. Where no compiler has the target's core library
# ready, one that comes with the library's source builds it: Debian's does.

MINIMAL_RUST=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")

# What use_toolchain has chosen: the command that stands for cargo, and its options.
# shellcheck disable=SC2034
CROSS_CARGO=()
# shellcheck disable=SC2034
CROSS_OPTIONS=()

# new_enough RUSTC: is it there, and not older than the workspace asks for?
new_enough() {
  local version
  version=$("$1" --version 2>/dev/null | awk '{ print $2 }') || return 1
  [ -n "$version" ] && [ "$(printf '%s\n' "$MINIMAL_RUST" "$version" | sort -V | head -n 1)" = "$MINIMAL_RUST" ]
}

# has_core RUSTC TARGET: is the target's core library installed?
has_core() {
  compgen -G "$("$1" --print target-libdir --target "$2" 2>/dev/null)/libcore-*.rlib" >/dev/null
}

# has_source RUSTC: is the source of the core library installed?
has_source() {
  [ -f "$("$1" --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library/Cargo.lock" ]
}

# shellcheck disable=SC2034
# choose FOLDER TARGET: takes the compiler of a folder of the search path if it serves.
choose() {
  local rustc=$1/rustc cargo=$1/cargo
  [ -x "$cargo" ] && new_enough "$rustc" || return 1
  CROSS_CARGO=(env RUSTC="$rustc" RUSTDOC="$1/rustdoc")
  if has_core "$rustc" "$2"; then
    CROSS_OPTIONS=(--target "$2")
  elif has_source "$rustc"; then
    # Building core is an option of the nightly compiler; the variable opens it on the stable one.
    CROSS_CARGO+=(RUSTC_BOOTSTRAP=1)
    CROSS_OPTIONS=(--target "$2" -Zbuild-std=core)
  else
    return 1
  fi
  CROSS_CARGO+=("$cargo")
}

# use_toolchain TARGET: sets CROSS_CARGO and CROSS_OPTIONS; installs Debian's compiler if it must, and fails if that
# does not help either.
use_toolchain() {
  local folder first
  first=$(dirname "$(command -v rustc || echo /usr/bin/rustc)")
  for folder in "$first" /usr/bin; do
    choose "$folder" "$1" && return
  done
  install_packages rustc-web cargo-web rust-web-src || true
  choose /usr/bin "$1"
}
