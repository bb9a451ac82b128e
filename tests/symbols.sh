#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# The gate on what ships: archive and shared library export exactly the functions of quell.h, hold no panic, no unwinding
# and no allocation, need nothing but memcpy and its kin, and link into a program without a C library. A panic planted
# on purpose must make the gate fail.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../packaging/release.sh"
need readelf:binutils size:binutils

scratch=$WORK/symbols
mkdir -p "$scratch"

# The functions that a header declares, once it is stripped of comments and macros.
declared_in() {
  cc -E -P -x c "$1" | grep -oE '\bquell_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u
}

# What a file shows to a linker. readelf, not nm: binutils' plugins hide symbols from nm in objects of other compilers.
exported_by() {
  local table=-sW
  [[ $1 == *.so ]] && table=--dyn-syms
  readelf "$table" -W "$1" | awk '($5 == "GLOBAL" || $5 == "WEAK") && $6 == "DEFAULT" && $7 != "UND" { print $8 }' | sort -u
}

# exports FILE HEADER: the same names on both sides.
exports() {
  local difference
  difference=$(diff <(declared_in "$2") <(exported_by "$1")) && return
  echo "< declared, > exported:"
  echo "$difference"
  return 1
}

# Nothing undefined but the functions that every compiler takes for granted; weak hooks of the loader do not count.
self_contained() {
  local found
  found=$(readelf -sW "$1" | awk '$7 == "UND" && $5 == "GLOBAL" && $8 != "" { print $8 }' | sed 's/@.*//' |
    grep -vxE 'memcpy|memmove|memset|memcmp|bcmp' || true)
  [ -z "$found" ] && return
  echo "$found" | sort -u
  return 1
}

# No other library is loaded with it.
stands_alone() {
  ! readelf -d "$1" | grep NEEDED
}

# freestanding FOLDER: links the archive, whole, into a program of its own.
freestanding() {
  local folder=$1
  declared_in "$ROOT/include/quell.h" | sed 's/.*/FUNCTION(&)/' >"$scratch/functions.inc"
  cc -std=c99 -O2 -Wall -Wextra -Wpedantic -Werror -ffreestanding -fno-builtin -fno-stack-protector \
    -fno-tree-loop-distribute-patterns -I"$ROOT/include" -I"$scratch" -static -nostdlib -Wl,--gc-sections -Wl,-z,noexecstack \
    "$ROOT/tests/c/freestanding.c" "$ROOT/tests/c/golden.c" "$folder/libquell.a" -o "$scratch/freestanding"
}

for file in "$LIBRARY/libquell.a" "$LIBRARY/libquell.so"; do
  name=$(basename "$file")
  check "$name exports the functions of quell.h ($(declared_in "$ROOT/include/quell.h" | wc -l))" \
    exports "$file" "$ROOT/include/quell.h"
  check "$name has no panic, unwinding, formatting or allocation" innocent "$file"
  check "$name needs nothing but memcpy and its kin" self_contained "$file"
done
check "libquell.so has its name" grep -q "\[$SONAME\]" <(readelf -d "$LIBRARY/libquell.so")
check "libquell.so needs no other library" stands_alone "$LIBRARY/libquell.so"
check "links without a C library" freestanding "$LIBRARY"
check "that program has no panic, unwinding or allocation either" innocent "$scratch/freestanding"
check "that program gives the golden bits" "$scratch/freestanding"
size "$scratch/freestanding" | awk 'NR == 2 { print "        all functions and the sampler: " $1 " bytes of code and constants" }'

# Negative controls: each check above fails where it should.
sed 's/quell_version(/quell_version_of_another(/' "$ROOT/include/quell.h" >"$scratch/renamed.h"
check_fails "control: a renamed function is noticed, in the archive" 'quell_version_of_another' \
  exports "$LIBRARY/libquell.a" "$scratch/renamed.h"
check_fails "control: a renamed function is noticed, in the shared library" '> quell_version$' \
  exports "$LIBRARY/libquell.so" "$scratch/renamed.h"
build_library planted "$FEATURES,planted-panic"
for name in libquell.a libquell.so; do
  check_fails "control: a planted panic is noticed, $name" 'panic' innocent "$WORK/planted/$name"
  check_fails "control: the planted function is noticed, $name" '> quell_planted_panic' \
    exports "$WORK/planted/$name" "$ROOT/include/quell.h"
done
echo 'extern void *malloc(unsigned long); void *quell_planted(void); void *quell_planted(void) { return malloc(1); }' |
  cc -x c -shared -fPIC - -o "$scratch/planted.so"
check_fails "control: an allocation is noticed" 'malloc' innocent "$scratch/planted.so"
check_fails "control: an undefined symbol is noticed" 'malloc' self_contained "$scratch/planted.so"
finish
