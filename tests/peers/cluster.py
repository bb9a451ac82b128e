"""K-means of scikit-learn beside that of quell, on the same numbers and one thread.

usage: cluster.py path/to/criterion

The folder is where `cargo bench --package quell-tests --bench cluster` leaves its results, target/criterion unless told
otherwise. Each line gives median times in milliseconds; run both on an idle machine, one after the other.
"""

import json
import os
import pathlib
import statistics
import sys
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import sklearn
from sklearn.cluster import KMeans

SIDE, DIMENSION, CLUSTERS, REGIONS = 16, 1280, 30, 12
POINTS = SIDE * SIDE


def numbers(stream, count):
    """The numbers of tests/benches/cluster.rs: SplitMix64, uniform in [-1, 1)."""
    z = ((np.uint64(stream) << np.uint64(32)) + np.arange(1, count + 1, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * (2.0 / 2**53) - 1.0


def noise():
    return numbers(0, POINTS * DIMENSION).astype(np.float32).reshape(POINTS, DIMENSION)


def feature_map():
    """The region's vector, a slope along each side of the map, and noise."""
    y, x = (np.indices((SIDE, SIDE)).reshape(2, -1) / 8.0 - 1.0)[:, :, None]
    sites = numbers(1, 2 * REGIONS).reshape(REGIONS, 2)
    region = np.argmin((y - sites[:, 0]) ** 2 + (x - sites[:, 1]) ** 2, axis=1)
    vectors = numbers(4, REGIONS * DIMENSION).reshape(REGIONS, DIMENSION)
    slope = y * numbers(2, DIMENSION) + x * numbers(3, DIMENSION)
    fluctuation = numbers(5, POINTS * DIMENSION).reshape(POINTS, DIMENSION)
    return (vectors[region] + 0.5 * slope + 0.5 * fluctuation).astype(np.float32)


def measure(call, seconds=3.0):
    """The median of as many calls as fit in the time, in milliseconds."""
    call()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def median(folder, name):
    estimates = json.loads((folder / name / "new" / "estimates.json").read_text())
    return estimates["median"]["point_estimate"] / 1e6


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    # Points that coincide, and what threads might do: neither matters here.
    warnings.filterwarnings("ignore")
    folder = pathlib.Path(sys.argv[1])
    print(f"scikit-learn {sklearn.__version__}, {POINTS} x {DIMENSION}, K = {CLUSTERS}")
    print(f"{'features':9} {'start':13} {'iterations':>10} {'inertia':>12} {'sklearn, ms':>12} {'quell, ms':>10} {'ratio':>6}")
    for kind, features in (("map", feature_map()), ("noise", noise())):
        start = features[: 8 * CLUSTERS : 8]
        options = {
            "given": {"init": start, "n_init": 1},
            "plus_plus_1": {"n_init": 1, "random_state": 0},
            "plus_plus_10": {"n_init": 10, "random_state": 0},
        }
        for name, option in options.items():
            model = KMeans(CLUSTERS, **option)
            model.fit(features)
            theirs, ours = measure(lambda: KMeans(CLUSTERS, **option).fit(features)), median(folder, f"cluster_{kind}_{name}")
            print(
                f"{kind:9} {name:13} {model.n_iter_:10} {model.inertia_:12.4f} {theirs:12.3f} {ours:10.3f} {theirs / ours:6.2f}"
            )


if __name__ == "__main__":
    main()
