#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# The installed library as its users meet it: the examples are compiled and run from the packed tree, through pkg-config
# and through CMake's find_package, against the archive and the shared library; then once more after the tree has moved.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../packaging/release.sh"
need c++:g++ cmake:cmake make:make pkg-config:pkg-config readelf:binutils

check "install" "$ROOT/packaging/install.sh" "$WORK/package/installed"
samples=$ROOT/examples/c
warnings=(-O2 -Wall -Wextra -Wpedantic -Werror)

# compile EXAMPLE KIND OUTPUT: one example, named as CMake names it, with the flags that pkg-config gives.
compile() {
  local example=$1 kind=$2 output=$3 cflags libs
  read -ra cflags < <(pkg-config --cflags quell)
  read -ra libs < <(pkg-config --libs quell)
  [ "$kind" = shared ] || libs=("-Wl,-Bstatic" "${libs[@]}" "-Wl,-Bdynamic")
  case $example in
  sample_c) cc -std=c99 "${warnings[@]}" "${cflags[@]}" "$samples/sample.c" "${libs[@]}" -lm -o "$output" ;;
  optimise_schedule | segment)
    cc -std=c99 "${warnings[@]}" "${cflags[@]}" "$samples/$example.c" "${libs[@]}" -lm -o "$output"
    ;;
  sample_cpp) c++ -std=c++17 "${warnings[@]}" "${cflags[@]}" "$samples/sample.cpp" "${libs[@]}" -o "$output" ;;
  esac
}

# The C program of the README, exactly as printed.
compile_readme() {
  local cflags libs
  read -ra cflags < <(pkg-config --cflags quell)
  read -ra libs < <(pkg-config --libs quell)
  sed -n '/^```c$/,/^```$/p' "$ROOT/README.md" | sed '1d;$d' >"$1.c"
  cc -std=c99 "${warnings[@]}" "${cflags[@]}" "$1.c" "${libs[@]}" -o "$1"
}

# Four numbers, as the README's program prints them.
prints_numbers() {
  LD_LIBRARY_PATH=$1 "$2" | grep -xE '(-?[0-9]+\.[0-9]{3} ?){4}'
}

# links_as PROGRAM KIND: whether the program needs the shared library, by the name that its version has.
links_as() {
  local needed
  needed=$(readelf -d "$1" | grep -c "NEEDED.*\[$SONAME\]" || true)
  case $2 in
  shared) [ "$needed" -eq 1 ] ;;
  static) ! readelf -d "$1" | grep -q 'NEEDED.*quell' ;;
  esac
}

configure_and_build() {
  rm -rf "$2"
  cmake -S "$samples" -B "$2" -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$1" -DQUELL_LIBRARY="$3" \
    -DCMAKE_C_FLAGS="${warnings[*]}" -DCMAKE_CXX_FLAGS="${warnings[*]}"
  cmake --build "$2"
}

# from PREFIX WHERE: everything against one installed tree.
from() {
  local prefix=$1 where=$2 build=$WORK/package/build example kind target
  export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
  mkdir -p "$build"
  check "$where: pkg-config knows the version" test "$(pkg-config --modversion quell)" = "$VERSION"
  for example in sample_c optimise_schedule segment sample_cpp; do
    for kind in static shared; do
      check "$where: pkg-config, $example, $kind: compiles" compile "$example" "$kind" "$build/$example-$kind"
      check "$where: pkg-config, $example, $kind: links as it should" links_as "$build/$example-$kind" "$kind"
      check "$where: pkg-config, $example, $kind: runs" env LD_LIBRARY_PATH="$prefix/lib" "$build/$example-$kind"
    done
  done
  check "$where: the README's C program compiles" compile_readme "$build/readme"
  check "$where: the README's C program runs" prints_numbers "$prefix/lib" "$build/readme"
  for target in quell::quell:static quell::shared:shared; do
    kind=${target##*:}
    check "$where: CMake, $kind: compiles" configure_and_build "$prefix" "$build/cmake-$kind" "${target%:*}"
    for example in sample_c optimise_schedule segment sample_cpp; do
      check "$where: CMake, $example, $kind: links as it should" links_as "$build/cmake-$kind/$example" "$kind"
      check "$where: CMake, $example, $kind: runs" "$build/cmake-$kind/$example"
    done
  done
}

# A project that asks for a version which is not there.
asks_for() {
  local project=$WORK/package/asks
  rm -rf "$project"
  mkdir -p "$project"
  printf 'cmake_minimum_required(VERSION 3.16)\nproject(asks LANGUAGES NONE)\nfind_package(quell %s REQUIRED)\n' "$2" \
    >"$project/CMakeLists.txt"
  cmake -S "$project" -B "$project/build" -DCMAKE_PREFIX_PATH="$1"
}

from "$WORK/package/installed" "installed"
rm -rf "$WORK/package/moved to"
mv "$WORK/package/installed" "$WORK/package/moved to"
mkdir -p "$WORK/package/packed"
tar -C "$WORK/package/packed" -xzf "$WORK"/quell-"$VERSION"-*.tar.gz
check "moved: CMake accepts the version" asks_for "$WORK/package/moved to" "$VERSION"
for version in 99.0 "$(awk -F. '{ print $1 "." $2 + 1 }' <<<"$VERSION")"; do
  check_fails "moved: CMake refuses version $version" 'not compatible|requested version|compatible with requested' \
    asks_for "$WORK/package/moved to" "$version"
done
rm "$WORK/package/moved to/lib/libquell.a"
check_fails "moved: CMake misses a missing archive" 'libquell.a is missing' asks_for "$WORK/package/moved to" "$VERSION"
from "$(echo "$WORK"/package/packed/quell-"$VERSION"-*)" "unpacked elsewhere"
finish
