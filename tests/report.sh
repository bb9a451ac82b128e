# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# How the scripts of this folder install what they need, count what they check and say what they skip. To be sourced.

passed=0
failed=0

# The commands that a script needs: `need gcc:gcc pkg-config:pkg-config` installs the package after the colon where the
# command is absent and Debian's tools are there; else it says what is missing and ends the script.
need() {
  local pair command package absent=()
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || absent+=("${pair##*:}")
  done
  [ ${#absent[@]} -eq 0 ] && return
  install_packages "${absent[@]}" || true
  for pair in "$@"; do
    command=${pair%%:*} package=${pair##*:}
    command -v "$command" >/dev/null && continue
    echo "missing: $command (Debian package $package); install it and run this script again" >&2
    exit 1
  done
}

# Debian's own cargo is too old for this workspace, so it is not installed for anybody.
need_cargo() {
  command -v cargo >/dev/null || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  command -v cargo >/dev/null && return
  echo "missing: cargo and rustc; install them with rustup (https://rustup.rs) and run this script again" >&2
  exit 1
}

# Installs Debian packages as root or through sudo; fails quietly elsewhere.
install_packages() {
  local root=()
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || return 1
    root=(sudo)
  fi
  echo "installing $*"
  "${root[@]}" apt-get update -qq >/dev/null 2>&1 || true
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null 2>&1
}

# check WHAT COMMAND...: one test; its output is shown where it fails.
check() {
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "ok      $what"
  else
    failed=$((failed + 1))
    echo "FAILED  $what: $*"
    printf '%s\n' "$output" | sed 's/^/        /'
  fi
}

# check_fails WHAT PATTERN COMMAND...: a negative control, which must fail and say why in words that match PATTERN.
check_fails() {
  local what=$1 pattern=$2 output
  shift 2
  if output=$("$@" 2>&1); then
    failed=$((failed + 1))
    echo "FAILED  $what: it passed"
  elif grep -qE -- "$pattern" <<<"$output"; then
    passed=$((passed + 1))
    echo "ok      $what"
  else
    failed=$((failed + 1))
    echo "FAILED  $what: no match for '$pattern' in"
    printf '%s\n' "$output" | sed 's/^/        /'
  fi
}

# No symbol, local or global, defined or not, of a panic, an unwinder, a formatter or an allocator.
innocent() {
  local found
  found=$(readelf -sW "$1" | awk '$8 != "" { print $8 }' |
    grep -E 'panic|unwind|unwrap_failed|expect_failed|eh_personality|core3fmt|_fmt|alloc|abort|^free$' || true)
  [ -z "$found" ] && return
  echo "$found" | sort | uniq -c
  return 1
}

skip() {
  echo "skipped $1: $2"
}

# Ends a script: the counts, and success if something was checked and nothing failed.
finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
