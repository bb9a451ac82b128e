#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# The C and C++ programs and examples under AddressSanitizer and UndefinedBehaviorSanitizer, wrong calls included. The
# Rust side is instrumented, too, and checks its arithmetic. Mistakes planted on both sides must be noticed.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/report.sh"
need gcc:gcc g++:g++ timeout:coreutils
need_cargo
ROOT=$(cd "$here/.." && pwd)
mkdir -p "${CARGO_TARGET_DIR:-$ROOT/target}"
TARGET=$(cd "${CARGO_TARGET_DIR:-$ROOT/target}" && pwd)/sanitized
host=$(rustc -vV | sed -n 's/^host: //p')
scratch=$TARGET/programs
mkdir -p "$scratch"

# With the std feature a panic says what it is about; the shipped library has neither. The sanitizer is an option of the
# nightly compiler, which the variable opens on the stable one; --target keeps it out of build scripts.
(cd "$ROOT" && RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address cargo rustc --quiet --package quell-ffi --lib \
  --target "$host" --target-dir "$TARGET" --crate-type staticlib)
# The archive calls the sanitizer's run-time library without bringing one: the C compiler's serves both sides.
library=("$TARGET/$host/debug/libquell_ffi.a" -lm -lpthread -ldl)

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:halt_on_error=1
export UBSAN_OPTIONS=print_stacktrace=1

# sanitized OUTPUT COMMAND...: compiles, links and runs.
sanitized() {
  local output=$1
  shift
  "$@" -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -I"$ROOT/include" \
    "${library[@]}" -o "$output" && timeout 120 "$output"
}

# programs COMPILER C++COMPILER
programs() {
  local cc=$1 cxx=$2 name c=$ROOT/tests/c cpp=$ROOT/tests/cpp examples=$ROOT/examples/c
  check "$cc: golden" sanitized "$scratch/golden" "$cc" -std=c99 "$c/golden_check.c" "$c/golden.c"
  for name in contract contract_masks; do
    check "$cc: $name, with all its wrong calls" sanitized "$scratch/$name" "$cc" -std=c99 "$c/$name.c"
  done
  check "$cc: philox" sanitized "$scratch/philox" "$cc" -std=c99 -ffp-contract=off "$c/philox.c"
  check "$cc: example" sanitized "$scratch/sample_c" "$cc" -std=c99 "$examples/sample.c"
  check "$cc: example with a table" sanitized "$scratch/optimise_schedule" "$cc" -std=c99 \
    "$examples/optimise_schedule.c"
  check "$cc: example with images" sanitized "$scratch/segment" "$cc" -std=c99 "$examples/segment.c"
  check "$cxx: plain" sanitized "$scratch/plain" "$cxx" -std=c++11 "$cpp/plain.cpp" -x c++ "$c/golden.c" -x none
  check "$cxx: sample" sanitized "$scratch/sample" "$cxx" -std=c++17 "$cpp/sample.cpp" -x c++ "$c/golden.c" -x none
  check "$cxx: contract, with all its wrong calls" sanitized "$scratch/contract_cpp" "$cxx" -std=c++17 "$cpp/contract.cpp"
  check "$cxx: contract without exceptions" sanitized "$scratch/returning" "$cxx" -std=c++17 -fno-exceptions \
    "$cpp/contract.cpp"
  check "$cxx: example" sanitized "$scratch/sample_cpp" "$cxx" -std=c++17 "$examples/sample.cpp"

  # Negative controls.
  local planted=$scratch/planted
  check "$cc: planted mistakes compile" "$cc" -std=c99 -g -O0 -fsanitize=address,undefined -fno-sanitize-recover=all \
    -I"$ROOT/include" "$c/planted.c" "${library[@]}" -o "$planted"
  check "$cc: no mistake, no report" "$planted" none
  check_fails "control: $cc notices a write past the end by the library" 'heap-buffer-overflow' "$planted" write
  if [ "$cc" = gcc ] || [ -n "${ASAN_SYMBOLIZER_PATH:-}" ]; then
    check_fails "control: $cc blames the library for it" "#0 .*(quell|core)" "$planted" write
  else
    skip "control: $cc blames the library for it" "without llvm-symbolizer its reports name no functions"
  fi
  check_fails "control: $cc notices a read past the end by the library" 'heap-buffer-overflow' "$planted" read
  check_fails "control: $cc notices a read of freed memory by the library" 'heap-use-after-free' "$planted" freed
  check_fails "control: $cc notices a write past the end in C" 'heap-buffer-overflow' "$planted" in-c
  check_fails "control: $cc notices undefined behaviour in C" 'signed integer overflow' "$planted" undefined
  check_fails "control: $cc notices a leak" 'detected memory leaks' "$planted" leak
}

programs gcc g++
clang=
for candidate in clang-22 clang-21 clang-20 clang; do
  # Without its run-time library a clang cannot link the programs.
  if command -v "$candidate" >/dev/null && echo 'int main(void) { return 0; }' |
    "$candidate" -fsanitize=address,undefined -x c - -o "$scratch/probe" 2>/dev/null; then
    clang=$candidate
    symbolizer=$(command -v "${candidate/clang/llvm-symbolizer}" || true)
    [ -z "$symbolizer" ] || export ASAN_SYMBOLIZER_PATH=$symbolizer
    break
  fi
done
if [ -z "$clang" ]; then
  skip "the same with clang" "there is none that has its sanitizers (Debian packages clang-22, libclang-rt-22-dev)"
else
  programs "$clang" "${clang/clang/clang++}"
fi
finish
