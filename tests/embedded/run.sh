#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# The sampler on microcontrollers: builds the library for each, links the golden sampler of tests/c to it, runs it in
# QEMU and compares the bits with this machine's. Prints what the library takes there: code, stack, instructions.
#
# usage: run.sh [board ...]    m0 m4 m7 m33 rv32imac rv32imafc; m4 m0 rv32imac by default
#
# OPT_LEVEL is that of the library, s by default: it takes half the code of 3 and somewhat more instructions.
# A board that cannot be tried is a failure, unless QUELL_ALLOW_SKIP=1.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../report.sh"
need gcc:gcc ar:binutils readelf:binutils cargo:cargo timeout:coreutils
. "$here/../../packaging/release.sh"
. "$here/toolchain.sh"

boards=("$@")
[ $# -gt 0 ] || boards=(m4 m0 rv32imac)
OPT_LEVEL=${OPT_LEVEL:-s}
work=$WORK/embedded
mkdir -p "$work"

# describe BOARD: what it is, how to compile for it, and where QEMU has its memory.
describe() {
  local arm=(-mthumb) sizes=(ROM_SIZE=4M RAM_SIZE=4M)
  stack_kib=64 hz=25000000 memory=(ROM=0x0 RAM=0x20000000 "${sizes[@]}") qemu=(qemu-system-arm)
  case $1 in
  m0)
    # The variant of the nRF51822 that has 32 KiB.
    name="Cortex-M0" triple=thumbv6m-none-eabi flags=(-mcpu=cortex-m0 -mfloat-abi=soft "${arm[@]}") hz=16000000
    qemu+=(-machine microbit -global nrf51-soc.sram-size=32768)
    memory=(ROM=0x0 RAM=0x20000000 ROM_SIZE=256K RAM_SIZE=32K) stack_kib=16
    ;;
  m4)
    name="Cortex-M4F" triple=thumbv7em-none-eabihf qemu+=(-machine mps2-an386)
    flags=(-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16 "${arm[@]}")
    ;;
  m7)
    name="Cortex-M7" triple=thumbv7em-none-eabihf qemu+=(-machine mps2-an500)
    flags=(-mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-sp-d16 "${arm[@]}")
    ;;
  m33)
    name="Cortex-M33" triple=thumbv8m.main-none-eabihf qemu+=(-machine mps2-an505) hz=20000000
    flags=(-mcpu=cortex-m33 -mfloat-abi=hard -mfpu=fpv5-sp-d16 "${arm[@]}")
    memory=(ROM=0x10000000 RAM=0x38000000 "${sizes[@]}")
    ;;
  rv32imac | rv32imafc)
    name="RISC-V $1" triple=riscv32${1#rv32}-unknown-none-elf qemu=(qemu-system-riscv32 -machine virt -bios none)
    flags=(-march="$1" -mabi=ilp32 -mcmodel=medany --specs=picolibc.specs)
    [ "$1" = rv32imac ] || flags+=(-mabi=ilp32f)
    memory=(RAM=0x80000000 RAM_SIZE=4M)
    ;;
  *)
    echo "no board is called $1; there are: m0 m4 m7 m33 rv32imac rv32imafc" >&2
    exit 2
    ;;
  esac
  case $triple in
  thumb*)
    start=cortex_m prefix=arm-none-eabi
    packages=(gcc-arm-none-eabi binutils-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm)
    ;;
  riscv*)
    start=riscv prefix=riscv64-unknown-elf
    packages=(gcc-riscv64-unknown-elf binutils-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc)
    ;;
  esac
}

# Are the C compiler with its library and the emulator there?
equipped() {
  command -v "$prefix-gcc" >/dev/null && command -v "${qemu[0]}" >/dev/null &&
    echo '#include <string.h>' | "$prefix-gcc" "${flags[@]}" -fsyntax-only -x c - 2>/dev/null
}

# build FOLDER FEATURES: puts libquell.a for the board, as cargo makes it, into a folder, and beside it own.o, the part
# of it that is quell.
#
# As in packaging/release.sh, the crate type is named for link-time optimisation's sake. What rustc adds to the archive
# stays in it here: the arithmetic that the processor lacks, and memcpy and its kin.
build() {
  rm -rf "$1"
  (cd "$ROOT" && CARGO_PROFILE_RELEASE_OPT_LEVEL=$OPT_LEVEL "${CROSS_CARGO[@]}" rustc --quiet --locked \
    --package quell-ffi --lib --release --no-default-features --features "$2" --crate-type staticlib \
    --target-dir "$TARGET/embedded" "${CROSS_OPTIONS[@]}") || return 1
  mkdir -p "$1" && cp "$TARGET/embedded/$triple/release/libquell_ffi.a" "$1/libquell.a" || return 1
  ar p "$1/libquell.a" "$(ar t "$1/libquell.a" | grep '^quell_ffi')" >"$1/own.o"
}

# section_sizes MAP KIND...: the bytes of the sections whose name begins so that the library has in a linked program.
section_sizes() {
  local map=$1 kinds
  shift
  kinds=$(IFS='|' && echo "$*")
  # A long name stands on a line of its own before address, size and file.
  awk -v kinds="^ \\\\.($kinds)" '
    /^Linker script and memory map/ { linked = 1 }
    linked && $0 ~ /^ \.[^ ]+$/ { name = $0; next }
    linked && /libquell\.a\(quell_ffi/ {
      line = $0 ~ /^ \./ ? $0 : name $0
      if (line ~ kinds) { split(line, field); printf "%s\n", field[3] }
    }
    { name = "" }' "$map" | { total=0; while read -r size; do total=$((total + size)); done; echo "$total"; }
}

# code MAP: the bytes of instructions and constants that a linked program has of the library.
code() {
  section_sizes "$1" text rodata srodata
}

without_variables() {
  [ "$(code "$1")" -gt 0 ] && [ "$(section_sizes "$1" data bss sdata sbss)" -eq 0 ]
}

# link PROGRAM LIBRARY OPTION...: makes PROGRAM.elf and PROGRAM.map in the folder of the library.
link() {
  local program=$1 library=$2 symbol definitions=("-Wl,--defsym,STACK_SIZE=${stack_kib}K")
  shift 2
  for symbol in "${memory[@]}"; do definitions+=("-Wl,--defsym,$symbol"); done
  "$prefix-gcc" "${flags[@]}" -std=c11 -O2 -Wall -Wextra -Wpedantic -Wshadow -Werror -ffunction-sections \
    -fdata-sections -I"$ROOT/include" -I"$ROOT/tests/c" -DSYSTICK_HZ="$hz" "$@" "$here/board.c" "$here/$start.c" \
    "$library/libquell.a" -nostdlib -T "$here/$start.ld" "${definitions[@]}" -Wl,--gc-sections -Wl,-z,noexecstack \
    -Wl,-Map="$library/$program.map" -o "$library/$program.elf"
}

# link_bits PROGRAM LIBRARY HASH: the golden sampler, which succeeds if it gets this hash.
link_bits() {
  link "$1" "$2" -DEXPECTED_BITS="UINT64_C(0x$3)" "$here/bits.c" "$ROOT/tests/c/golden.c"
}

# emulate PROGRAM: runs PROGRAM.elf, keeps what it prints as PROGRAM.txt, and ends with its exit status.
emulate() {
  local status=0
  timeout 300 "${qemu[@]}" -nographic -monitor none -serial none -semihosting-config enable=on,target=native \
    -icount shift=0 -kernel "$1.elf" </dev/null >"$1.txt" 2>&1 || status=$?
  cat "$1.txt"
  echo "exit status $status"
  return $status
}

run_on_host() {
  "$work/host" >"$work/host.txt"
}

# value PROGRAM NAME: the largest number that a program has printed by a name.
value() {
  awk -v name="$2" '$1 == name && $2 > most + 0 { most = $2 } END { print most + 0 }' "$1.txt"
}

# as_host PROGRAM: did it print the hashes that this machine's program prints?
as_host() {
  diff <(grep -E '^(run|all)' "$work/host.txt") <(grep -E '^(run|all)' "$1.txt")
}

# measured PROGRAM NAME...: has a program printed a number other than 0 by each name?
measured() {
  local name
  for name in "${@:2}"; do
    [ "$(value "$1" "$name")" -gt 0 ] || { echo "no $name" && return 1; }
  done
}

# counts_right PROGRAM: does the instruction counter agree with a loop of known length, to within a thousandth?
counts_right() {
  local expected=$((2 * $(value "$1" spins))) got
  got=$(value "$1" spin)
  echo "expected $expected, counted $got"
  [ "$expected" -gt 0 ] && [ $((got - expected < 0 ? expected - got : got - expected)) -le $((expected / 1000)) ]
}

# per_element PROGRAM NAME: the instructions for one element more, from calls with all elements and with half of them.
per_element() {
  awk -v all="$(value "$1" "$2")" -v half="$(value "$1" "half-$2")" -v n="$(value "$1" elements)" \
    'BEGIN { printf "%.1f", (all - half) / (n / 2) }'
}

# per_call PROGRAM NAME: the instructions of a call that do not depend on how many elements there are.
per_call() {
  echo $((2 * $(value "$1" "half-$2") - $(value "$1" "$2")))
}

table=()
skipped=0

# try BOARD: all checks of one board, and its row of the table.
try() {
  local folder=$work/$1
  describe "$1"
  equipped || install_packages "${packages[@]}" || true
  if ! equipped; then
    skip "$name" "needs $prefix-gcc with a C library and ${qemu[0]} (Debian packages: ${packages[*]})"
    skipped=$((skipped + 1))
    return
  fi
  if ! use_toolchain "$triple"; then
    skip "$name" "no Rust compiler from $MINIMAL_RUST on has the core library for it (rustup target add $triple)"
    skipped=$((skipped + 1))
    return
  fi
  echo "--- $name: $triple, ${CROSS_CARGO[-1]} ${CROSS_OPTIONS[*]}, opt-level $OPT_LEVEL"
  check "$name: the library builds" build "$folder" "$FEATURES"
  [ -f "$folder/libquell.a" ] || return 0
  check "$name: no panic, unwinding, formatting or allocation" innocent "$folder/own.o"
  check "$name: the golden sampler links without a C library" link_bits bits "$folder" "$golden"
  check "$name: gives the golden bits" emulate "$folder/bits"
  check "$name: every run has the host's bits" as_host "$folder/bits"
  check "$name: that program has no panic, unwinding or allocation either" innocent "$folder/bits.elf"
  check "$name: the stack was large enough" test "$(value "$folder/bits" stack)" -lt $((stack_kib * 1024))
  check "$name: the library has no variables" without_variables "$folder/bits.map"
  check "$name: a sampler in f32 links" link cost "$folder" "$here/cost.c"
  check "$name: that sampler runs" emulate "$folder/cost"
  check "$name: that sampler is measured" measured "$folder/cost" elements noise half-noise step pass half-pass \
    pass-stack
  check "$name: the instruction counter is right" counts_right "$folder/cost"

  # Negative controls; that of the symbols is the same for all boards.
  check "$name: control: links with a wrong hash" link_bits wrong "$folder" "$other"
  check_fails "$name: control: a wrong hash is noticed" '^exit status 3$' emulate "$folder/wrong"
  if [ ${#table[@]} -eq 0 ]; then
    check "$name: control: the library builds with a planted panic" build "$work/planted" "$FEATURES,planted-panic"
    check_fails "$name: control: a planted panic is noticed" 'panic' innocent "$work/planted/own.o"
  fi

  local cost=$folder/cost
  table+=("|$(printf ' %s |' "$name" "$(code "$cost.map")" "$(code "$folder/bits.map")" "$(value "$cost" pass-stack)" \
    "$(value "$folder/bits" stack)" "$(per_element "$cost" pass)" "$(per_element "$cost" noise)" \
    "$(per_call "$cost" pass)" "$(value "$cost" step)")")
}

for board in "${boards[@]}"; do describe "$board"; done
check "host: the golden sampler compiles" gcc -std=c99 -O2 -Wall -Wextra -Wpedantic -Werror -I"$ROOT/include" \
  "$ROOT/tests/c/golden_check.c" "$ROOT/tests/c/golden.c" "$LIBRARY/libquell.a" -o "$work/host"
check "host: it gives the golden bits" run_on_host
golden=$(sed -n 's/^all: //p' "$work/host.txt")
other=${golden%?}$(tr 0-9a-f 1-9a-f0 <<<"${golden: -1}")

for board in "${boards[@]}"; do try "$board"; done

if [ ${#table[@]} -gt 0 ]; then
  cat <<TABLE

Built at opt-level $OPT_LEVEL. Bytes of code that the linker keeps of quell, which has no variables: for a sampler in
f32 (DPM-Solver++(2M) on EDM's schedule), and for the golden runs (seven solvers, six pairs of types). Bytes of stack: for
a pass in f32, and the most of any golden run. Instructions: for an element of a pass and of drawn noise; for a pass
beside its elements, and for the coefficients of a step.

| processor | code, f32 | code, all | stack, f32 | stack, all | pass | noise | call | step |
| --- | --: | --: | --: | --: | --: | --: | --: | --: |
TABLE
  printf '%s\n' "${table[@]}" ''
fi
if [ $skipped -gt 0 ] && [ "${QUELL_ALLOW_SKIP:-0}" != 1 ]; then
  check "every board was tried (QUELL_ALLOW_SKIP=1 to let $skipped pass)" false
fi
finish
