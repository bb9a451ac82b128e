#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Installs the C library: headers, archive, shared library, pkg-config and CMake files, licences; and packs them.
#
# usage: packaging/install.sh [PREFIX]     PREFIX is target/native/install unless given
#
# The tree may be moved: nothing in it knows where it lies. The same tree is packed as quell-VERSION-HOST.tar.gz beside
# the default prefix.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/release.sh"
need strip:binutils tar:tar

prefix=${1:-$WORK/install}
major=$(cut -d. -f1 <<<"$VERSION")
minor=$(cut -d. -f2 <<<"$VERSION")
host=$(rustc -vV | sed -n 's/^host: //p')
case $host in
x86_64* | aarch64* | riscv64* | s390x* | powerpc64*) pointer_size=8 ;;
*) pointer_size=4 ;;
esac

fill() {
  sed -e "s/@VERSION@/$VERSION/g" -e "s/@SONAME@/$SONAME/g" -e "s/@MAJOR@/$major/g" -e "s/@MINOR@/$minor/g" \
    -e "s/@POINTER_SIZE@/$pointer_size/g" "$ROOT/packaging/$1.in" >"$2/$1"
  if grep -n '@[A-Z_]*@' "$2/$1"; then
    echo "$1: a placeholder was left" >&2
    exit 1
  fi
}

# lay_out FOLDER: fills an empty or older tree.
lay_out() {
  local to=$1
  install -d "$to/include" "$to/lib/pkgconfig" "$to/lib/cmake/quell" "$to/share/licenses/quell"
  install -m 644 "$ROOT/include/quell.h" "$ROOT/include/quell.hpp" "$to/include"
  install -m 644 "$LIBRARY/libquell.a" "$to/lib/libquell.a"
  install -m 755 "$LIBRARY/libquell.so" "$to/lib/libquell.so.$VERSION"
  strip --strip-debug "$to/lib/libquell.a"
  strip --strip-unneeded "$to/lib/libquell.so.$VERSION"
  ln -sfn "libquell.so.$VERSION" "$to/lib/$SONAME"
  ln -sfn "$SONAME" "$to/lib/libquell.so"
  fill quell.pc "$to/lib/pkgconfig"
  fill quellConfig.cmake "$to/lib/cmake/quell"
  fill quellConfigVersion.cmake "$to/lib/cmake/quell"
  install -m 644 "$ROOT"/LICENSE-* "$to/share/licenses/quell"
}

name=quell-$VERSION-$host
lay_out "$prefix"
rm -rf "${WORK:?}/pack" "$WORK"/quell-*.tar.gz
lay_out "$WORK/pack/$name"
tar -C "$WORK/pack" --sort=name --owner=0 --group=0 --numeric-owner -czf "$WORK/$name.tar.gz" "$name"
rm -rf "$WORK/pack"

echo "installed in $prefix"
(cd "$prefix" && find . -type f -o -type l | sort | sed 's/^\./  /')
echo "packed as $WORK/$name.tar.gz"
