#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# The C and C++ programs of this folder against the library as it ships: with each compiler that there is, in each
# language standard, warnings being errors, linked to the archive and to the shared library; then under Valgrind.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../packaging/release.sh"
need gcc:gcc g++:g++

scratch=$WORK/programs
rm -rf "$scratch"
mkdir -p "$scratch"
c=$ROOT/tests/c
cpp=$ROOT/tests/cpp
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Werror -I"$ROOT/include")
shared=("-L$LIBRARY" -lquell "-Wl,-rpath,$LIBRARY")

# compiled OUTPUT COMMAND...: compiles, links, and runs what came out.
compiled() {
  local output=$1
  shift
  "$@" -o "$output" && "$output"
}

# programs COMPILER C++COMPILER: all of them with one pair of compilers.
programs() {
  local cc=$1 cxx=$2 standard linked name options
  local -a library
  for standard in c99 c11 c17; do
    check "$cc $standard: quell.h alone" "$cc" -std=$standard "${warnings[@]}" -Wundef -Wstrict-prototypes -Wconversion \
      -fsyntax-only -x c "$ROOT/include/quell.h"
  done
  for standard in c99 c11; do
    for linked in static shared; do
      # The archive needs no option; the shared library two, which must come last.
      if [ "$linked" = static ]; then library=("$LIBRARY/libquell.a"); else library=("${shared[@]}"); fi
      options=(-std="$standard" -O2 "${warnings[@]}")
      check "$cc $standard $linked: golden" compiled "$scratch/golden-$cc-$standard-$linked" \
        "$cc" "${options[@]}" "$c/golden_check.c" "$c/golden.c" "${library[@]}"
      for name in contract contract_masks layout; do
        check "$cc $standard $linked: $name" compiled "$scratch/$name-$cc-$standard-$linked" \
          "$cc" "${options[@]}" "$c/$name.c" "${library[@]}"
      done
      check "$cc $standard $linked: philox" compiled "$scratch/philox-$cc-$standard-$linked" \
        "$cc" "${options[@]}" -ffp-contract=off "$c/philox.c" "${library[@]}" -lm
    done
  done
  check "$cxx: golden.c as an object" "$cc" -std=c99 -O2 "${warnings[@]}" -c "$c/golden.c" -o "$scratch/golden-$cc.o"
  for standard in c++11 c++14; do
    check "$cxx $standard static: plain" compiled "$scratch/plain-$cxx-$standard" \
      "$cxx" -std=$standard "${warnings[@]}" "$cpp/plain.cpp" "$scratch/golden-$cc.o" "$LIBRARY/libquell.a"
  done
  for standard in c++17 c++20; do
    check "$cxx $standard: quell.hpp alone" "$cxx" -std=$standard "${warnings[@]}" -Wconversion -fsyntax-only \
      -include "$ROOT/include/quell.hpp" -x c++ /dev/null
    for linked in static shared; do
      if [ "$linked" = static ]; then library=("$LIBRARY/libquell.a"); else library=("${shared[@]}"); fi
      check "$cxx $standard $linked: sample" compiled "$scratch/sample-$cxx-$standard-$linked" \
        "$cxx" -std=$standard -O1 "${warnings[@]}" "$cpp/sample.cpp" "$scratch/golden-$cc.o" "${library[@]}"
      check "$cxx $standard $linked: contract" compiled "$scratch/contract-$cxx-$standard-$linked" \
        "$cxx" -std=$standard "${warnings[@]}" "$cpp/contract.cpp" "${library[@]}"
    done
    check "$cxx $standard static: contract without exceptions" compiled "$scratch/returning-$cxx-$standard" \
      "$cxx" -std=$standard -fno-exceptions "${warnings[@]}" "$cpp/contract.cpp" "$LIBRARY/libquell.a"
    check "$cxx $standard static: contract with exceptions switched off for quell" \
      compiled "$scratch/switched-$cxx-$standard" \
      "$cxx" -std=$standard -DQUELL_NO_EXCEPTIONS "${warnings[@]}" "$cpp/contract.cpp" "$LIBRARY/libquell.a"
  done
}

programs gcc g++
clang=
for candidate in clang clang-{22,21,20,19,18,17,16,15,14}; do
  if command -v "$candidate" >/dev/null && command -v "${candidate/clang/clang++}" >/dev/null; then
    clang=$candidate
    break
  fi
done
if [ -n "$clang" ]; then
  programs "$clang" "${clang/clang/clang++}"
else
  skip "the programs with clang" "there is no clang"
fi

# Each struct of the header has its line in layout.c.
structs_without_layout() { # HEADER
  local name found=0
  while read -r name; do
    grep -qE "^ *(SIZE|INPUTS|FOLD)\($name\b" "$c/layout.c" || { echo "layout.c lacks $name" && found=1; }
  done < <(sed -n 's/^typedef struct \([a-z0-9_]*\) {$/\1/p' "$1")
  return $found
}
check "layout.c covers every struct" structs_without_layout "$ROOT/include/quell.h"

# Negative controls.
printf 'typedef struct quell_forgotten {\n' >"$scratch/forgotten.h"
check_fails "control: a struct without layout is noticed" 'lacks quell_forgotten' \
  structs_without_layout "$scratch/forgotten.h"
dropped='#include <quell.h>
void drop(struct quell_ddim *options); void drop(struct quell_ddim *options) { quell_ddim_default(options); }'
check_fails "control: C warns of a dropped status" 'unused' gcc -std=c99 "${warnings[@]}" -c -o /dev/null -x c - <<<"$dropped"
check_fails "control: C++ warns of a dropped status" 'nodiscard|unused' \
  g++ -std=c++17 "${warnings[@]}" -fsyntax-only -x c++ - <<<"${dropped//struct /}"
mkdir -p "$scratch/changed"
cp "$c"/golden* "$c/check.h" "$scratch/changed"
sed -i 's/\(define QUELL_GOLDEN\) \(.*\)/\1 (\2 ^ 1)/' "$scratch/changed/golden.h"
check_fails "control: other bits are noticed" 'all == ' compiled "$scratch/changed/golden" \
  gcc -std=c99 -O2 "${warnings[@]}" "$scratch/changed/golden_check.c" "$scratch/changed/golden.c" "$LIBRARY/libquell.a"
if grep -qw fma /proc/cpuinfo 2>/dev/null && [ "$(uname -m)" = x86_64 ]; then
  check_fails "control: contraction to fused products is noticed" 'memcmp' compiled "$scratch/philox-fused" \
    gcc -std=c99 -O2 -mfma -ffp-contract=fast "${warnings[@]}" "$c/philox.c" "$LIBRARY/libquell.a" -lm
else
  skip "the control with fused products" "this processor has none that gcc's -mfma stands for"
fi

if command -v valgrind >/dev/null; then
  for program in golden-gcc-c99-static contract-gcc-c99-static contract_masks-gcc-c99-static sample-g++-c++17-static \
    contract-g++-c++17-static; do
    check "Valgrind: $program" valgrind -q --error-exitcode=99 --leak-check=full "$scratch/$program"
  done
else
  skip "Valgrind" "there is none"
fi
finish
