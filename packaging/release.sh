#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Builds the library as it ships: without std, with link-time optimisation, as an archive and as a shared object.
#
# Run alone it prints where they are. Sourced, it sets ROOT, TARGET, WORK, VERSION, SONAME, FEATURES and LIBRARY (the
# folder with libquell.a and libquell.so), and defines build_library and what tests/report.sh does.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../tests/report.sh"
need ar:binutils cc:gcc
need_cargo

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "${CARGO_TARGET_DIR:-$ROOT/target}"
TARGET=$(cd "${CARGO_TARGET_DIR:-$ROOT/target}" && pwd)
WORK=$TARGET/native
FEATURES=diffusion,correspondence,graph,population
VERSION=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
# Before 1.0 a minor version may change the ABI, after it only a major one.
case $VERSION in
0.*) SONAME=libquell.so.$(cut -d. -f1-2 <<<"$VERSION") ;;
*) SONAME=libquell.so.${VERSION%%.*} ;;
esac

# build_library NAME FEATURES: makes $WORK/NAME/libquell.a and libquell.so.
#
# The crate types are named here: cargo does no link-time optimisation for a package that is also built as an rlib, and
# what is not optimised away are the panics of the dependencies.
build_library() {
  local name=$1 features=$2 folder=$TARGET
  # Others share this target folder's names: what is not the shipped library is built beside it.
  [ "$name" = library ] || folder=$TARGET/$name
  (cd "$ROOT" && cargo rustc --quiet --package quell-ffi --lib --release --no-default-features \
    --features "$features" --crate-type staticlib,cdylib --target-dir "$folder" -- -Clink-arg=-Wl,-soname,"$SONAME")
  rm -rf "${WORK:?}/$name"
  mkdir -p "$WORK/$name"
  cp "$folder/release/libquell_ffi.so" "$WORK/$name/libquell.so"
  ln -s libquell.so "$WORK/$name/$SONAME"
  # rustc adds the compiler's run-time functions to the archive. quell uses none of them (symbols.sh proves it), and a
  # program that uses some should get those of its own compiler: Rust's refer to an unwinder that is not there.
  (cd "$WORK/$name" && ar t "$folder/release/libquell_ffi.a" | grep '^quell_ffi\.' |
    xargs ar x "$folder/release/libquell_ffi.a" && ar rcsD libquell.a quell_ffi.*.o && rm quell_ffi.*.o)
}

LIBRARY=$WORK/library
build_library library "$FEATURES"

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  echo "$LIBRARY/libquell.a"
  echo "$LIBRARY/libquell.so ($SONAME)"
fi
