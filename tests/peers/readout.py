"""The read-out of 30 masks of 512x512 RGB images beside NumPy with scipy.ndimage and NumPy with OpenCV, in one process on
one thread.

usage: readout.py path/to/libquell.so

Each line gives the median time of all 30 masks in milliseconds, of the processor and not of the clock, and how many times
quell's it is. Peers work in place, with no temporary that can be avoided; "as written" is what one would write at first.
All give the same labels but where two masks are within rounding of each other.
"""

import ctypes
import statistics
import sys
import time

import cv2
import numpy as np
from scipy import ndimage

SIDE = 512
MASKS = 30
SIGMA = 1.0

Size = ctypes.c_size_t
Double = ctypes.c_double


class Layout(ctypes.Structure):
    _fields_ = [(name, Size) for name in ("channels", "height", "width", "channel_stride", "row_stride", "column_stride")]


class Blur(ctypes.Structure):
    _fields_ = [
        ("sigma_y", Double),
        ("sigma_x", Double),
        ("radius_y", Size),
        ("radius_x", Size),
        ("boundary", ctypes.c_int32),
    ]


class Readout(ctypes.Structure):
    _fields_ = [
        ("channels", Size),
        ("height", Size),
        ("width", Size),
        ("norm", ctypes.c_int32),
        ("filtered", ctypes.c_int32),
        ("filter", Blur),
    ]


class Progress(ctypes.Structure):
    _fields_ = [("label", Size), ("divisor", Double), ("rows", Size)]


class Fold(ctypes.Structure):
    _fields_ = [
        ("best", ctypes.c_void_p),
        ("labels", ctypes.c_void_p),
        ("second", ctypes.c_void_p),
        ("sum", ctypes.c_void_p),
        ("moment", ctypes.c_void_p),
        ("pixels", Size),
        ("scale", Double),
    ]


class Quell:
    """The C functions of a read-out, on NumPy's memory."""

    def __init__(self, path, images):
        self.library = ctypes.CDLL(path)
        self.images = images
        self.best, self.labels = np.empty((SIDE, SIDE), np.float32), np.empty((SIDE, SIDE), np.uint8)
        self.fold = Fold(self.best.ctypes.data, self.labels.ctypes.data, None, None, None, self.best.size, 0.0)
        self.readout, self.layout, length = Readout(), Layout(), Size()
        self.call("quell_readout_default", ctypes.byref(self.readout), Size(3), Size(SIDE), Size(SIDE), Double(SIGMA))
        self.call("quell_layout_planar", ctypes.byref(self.layout), Size(3), Size(SIDE), Size(SIDE))
        self.call("quell_readout_state_len", ctypes.byref(length), ctypes.byref(self.readout))
        self.state = np.empty(length.value, np.float32)

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status != 0:
            raise RuntimeError(f"{name}: status {status}")

    def run(self):
        self.call("quell_fold_reset_f32_u8", ctypes.byref(self.fold))
        for mask, (minus, plus) in enumerate(self.images):
            progress = Progress(mask, 1.0, 0)
            self.call(
                "quell_readout_push_rows_f32_u8",
                ctypes.byref(progress),
                ctypes.byref(self.fold),
                ctypes.c_void_p(self.state.ctypes.data),
                Size(self.state.size),
                ctypes.c_void_p(minus.ctypes.data),
                Size(minus.size),
                ctypes.c_void_p(plus.ctypes.data),
                Size(plus.size),
                ctypes.byref(self.layout),
                ctypes.byref(self.readout),
            )
        return self.labels


class Peer:
    """A careful programmer's version: NumPy for the difference and the fold, and the filter of another library."""

    def __init__(self, images, blur):
        self.images, self.blur = images, blur
        self.channels = np.empty((3, SIDE, SIDE), np.float32)
        self.filtered, self.best = np.empty((SIDE, SIDE), np.float32), np.empty((SIDE, SIDE), np.float32)
        self.labels, self.wins = np.empty((SIDE, SIDE), np.uint8), np.empty((SIDE, SIDE), bool)

    def run(self):
        self.best.fill(-np.inf)
        self.labels.fill(0)
        for mask, (minus, plus) in enumerate(self.images):
            np.subtract(minus, plus, out=self.channels)
            np.multiply(self.channels, self.channels, out=self.channels)
            difference = self.channels[0]
            difference += self.channels[1]
            difference += self.channels[2]
            np.sqrt(difference, out=difference)
            self.blur(difference, self.filtered)
            np.greater(self.filtered, self.best, out=self.wins)
            np.copyto(self.best, self.filtered, where=self.wins)
            np.copyto(self.labels, np.uint8(mask), where=self.wins)
        return self.labels


def as_written(images):
    """All maps at once, and their arg-max."""
    maps = [ndimage.gaussian_filter(np.linalg.norm(minus - plus, axis=0), SIGMA) for minus, plus in images]
    return np.argmax(maps, axis=0)


def opencv(source, destination):
    cv2.GaussianBlur(source, (9, 9), SIGMA, dst=destination, borderType=cv2.BORDER_REFLECT)


def scipy(source, destination):
    ndimage.gaussian_filter(source, SIGMA, output=destination)


def measure(calls, rounds=12):
    """Medians of all calls, taken in turns so that a slow moment of the machine meets each alike."""
    times = {name: [] for name in calls}
    for round_number in range(rounds + 2):
        for name, call in calls.items():
            start = time.process_time()
            call()
            if round_number >= 2:
                times[name].append(time.process_time() - start)
    return {name: statistics.median(values) * 1e3 for name, values in times.items()}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    cv2.setNumThreads(1)
    rng = np.random.default_rng(1)
    images = [[rng.random((3, SIDE, SIDE), dtype=np.float32) for _ in range(2)] for _ in range(MASKS)]
    calls = {
        "quell": Quell(sys.argv[1], images).run,
        "NumPy and OpenCV": Peer(images, opencv).run,
        "NumPy and SciPy": Peer(images, scipy).run,
        "NumPy and SciPy, as written": lambda: as_written(images),
    }
    ours = calls["quell"]().copy()
    for name, call in calls.items():
        differing = int((call() != ours).sum())
        if differing > SIDE * SIDE // 10000:
            raise RuntimeError(f"{name}: {differing} labels differ")
    medians = measure(calls)
    print(f"{'read-out':28} {'ms':>8} {'x quell':>8}")
    for name, median in medians.items():
        print(f"{name:28} {median:8.1f} {median / medians['quell']:8.2f}")


if __name__ == "__main__":
    main()
