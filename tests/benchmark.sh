#!/usr/bin/env bash
# Measures, and prints the tables of BENCHMARKS.md.
#
# usage: tests/benchmark.sh [--quick] [--peers]
#   --quick  fewer samples: ratios within about 10 percent
#   --peers  also one step of diffusers, PyTorch and NumPy, k-means of scikit-learn, the read-out by SciPy and OpenCV
#            (downloads about 6 GB from PyPI into target/peers)
set -euo pipefail
cd "$(dirname "$0")/.."

quick=() peers=false
for argument in "$@"; do
  case $argument in
    --quick) quick=(--quick) ;;
    --peers) peers=true ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
target=${CARGO_TARGET_DIR:-target}

cargo bench --package quell-tests --bench pass --bench bound --bench cluster --bench readout -- "${quick[@]}"
python3 - "$target/criterion" <<'PYTHON'
import json, pathlib, sys

root = pathlib.Path(sys.argv[1])


def median(*parts):
    estimates = json.loads(root.joinpath(*parts, "new", "estimates.json").read_text())
    return estimates["median"]["point_estimate"]


print("\n| solver | elements | pass, us | loop by hand, us | ratio |\n| --- | --- | --- | --- | --- |")
for solver in ("euler", "dpmpp_2m", "unipc_2"):
    for size in sorted(int(path.name) for path in (root / solver / "pass").iterdir() if path.name.isdigit()):
        ours, loop = median(solver, "pass", str(size)), median(solver, "loop", str(size))
        print(f"| {solver} | {size:,} | {ours / 1e3:,.1f} | {loop / 1e3:,.1f} | {ours / loop:.2f} |")
for group, base in (("types", "f32"), ("options", "plain")):
    print(f"\n| {group}: 2M, 262,144 elements | us | ratio to {base} |\n| --- | --- | --- |")
    names = sorted(path.name.removeprefix(group + "_") for path in root.iterdir() if path.name.startswith(group + "_"))
    for name in names:
        time = median(f"{group}_{name}")
        print(f"| {name} | {time / 1e3:,.1f} | {time / median(f'{group}_{base}'):.2f} |")
print("\n| schedules from a table | ms |\n| --- | --- |")
for group in ("dynamic", "search", "density", "displacement", "pairs"):
    for name in sorted(path.name for path in root.iterdir() if path.name.startswith(group + "_")):
        print(f"| {name.replace('_', ': ', 1)} | {median(name) / 1e6:,.3f} |")
print("\n| masks | ms |\n| --- | --- |")
for group in ("cluster", "readout", "mask"):
    for name in sorted(path.name for path in root.iterdir() if path.name.startswith(group + "_")):
        print(f"| {name.replace('_', ': ', 1)} | {median(name) / 1e6:,.3f} |")
PYTHON

if $peers; then
  python3 -m venv "$target/peers"
  "$target/peers/bin/pip" install --quiet --requirement tests/peers/requirements.txt
  packaging/release.sh
  "$target/peers/bin/python" tests/peers/steps.py "$target/native/library/libquell.so"
  "$target/peers/bin/python" tests/peers/readout.py "$target/native/library/libquell.so"
  "$target/peers/bin/python" tests/peers/cluster.py "$target/criterion"
fi
