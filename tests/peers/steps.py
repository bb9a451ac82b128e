"""One solver step of diffusers, PyTorch and NumPy beside one pass of quell, in one process on one thread.

usage: steps.py path/to/libquell.so

Each line gives the median time of a step in microseconds and how many times quell's it is. The peers' steps are timed
as their users call them; quell's is the C function on the same buffers.
"""

import ctypes
import statistics
import sys
import time

import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler, EulerDiscreteScheduler, UniPCMultistepScheduler

STEPS = 20
POSITION = 8
SHAPES = [(1, 4, 64, 64), (1, 4, 128, 128), (1, 16, 128, 128)]

Double = ctypes.c_double


class Level(ctypes.Structure):
    _fields_ = [("alpha", Double), ("sigma", Double), ("input_scale", Double), ("timestep", Double)]


class Linear(ctypes.Structure):
    _fields_ = [("x", Double), ("model", Double)]


class Row(ctypes.Structure):
    _fields_ = [("x", Double), ("denoised", Double), ("raw", Double), ("noise", Double), ("slots", Double * 6)]


class Step(ctypes.Structure):
    _fields_ = [
        ("at", Level),
        ("next", Level),
        ("denoised", Linear),
        ("rows", Row * 3),
        ("destinations", ctypes.c_int32 * 3),
        ("evaluate", ctypes.c_int32),
        ("noise_index", ctypes.c_uint32),
        ("position", ctypes.c_uint32),
        ("noise_from", Double),
        ("noise_to", Double),
    ]


class Process(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int32), ("alpha_bars", ctypes.c_void_p), ("alpha_bars_len", ctypes.c_size_t)] + [
        (name, Double) for name in ("beta_min", "beta_d", "offset", "epsilon", "sigma_data", "time_scale")
    ]


class Prediction(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int32), ("sigma_data", Double)]


class Schedule(ctypes.Structure):
    _fields_ = [
        ("process", Process),
        ("prediction", Prediction),
        ("levels", ctypes.POINTER(Level)),
        ("levels_len", ctypes.c_size_t),
    ]


class Inputs(ctypes.Structure):
    _fields_ = [
        ("model", ctypes.c_void_p),
        ("unconditional", ctypes.c_void_p),
        ("guidance", Double),
        ("denoised", ctypes.c_void_p),
        ("noise", ctypes.c_void_p),
        ("seeds", ctypes.c_void_p),
        ("seeds_len", ctypes.c_size_t),
        ("stream", ctypes.c_uint32),
        ("known_stream", ctypes.c_uint32),
        ("first_element", ctypes.c_uint64),
        ("mask", ctypes.c_void_p),
        ("mask_len", ctypes.c_size_t),
        ("known", ctypes.c_void_p),
        ("known_noise", ctypes.c_void_p),
    ]


class Quell:
    """As much of the library as a step of Stable Diffusion 1.5 takes."""

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        betas, bars = (Double * 1000)(), (Double * 1000)()
        self.call("quell_betas_scaled_linear", betas, ctypes.c_size_t(1000), Double(0.00085), Double(0.012))
        self.call("quell_alpha_bars_from_betas", bars, ctypes.c_size_t(1000), betas, ctypes.c_size_t(1000))
        timesteps, levels = (Double * STEPS)(), (Level * (STEPS + 1))()
        self.call("quell_timesteps_spaced", timesteps, ctypes.c_size_t(STEPS), ctypes.c_size_t(1000), 1, ctypes.c_size_t(0))
        process = Process(0, ctypes.cast(bars, ctypes.c_void_p), 1000)
        self.call(
            "quell_levels_from_timesteps",
            levels,
            ctypes.c_size_t(STEPS + 1),
            ctypes.byref(process),
            timesteps,
            ctypes.c_size_t(STEPS),
            0,
        )
        self.schedule = Schedule(process, Prediction(0, 0.0), levels, STEPS + 1)
        self.keep = (bars, levels)

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status != 0:
            raise RuntimeError(f"{name}: status {status}")

    def step(self, solver):
        options, step = (ctypes.c_uint8 * 64)(), Step()
        aligned = ctypes.cast(options, ctypes.c_void_p)
        self.call(f"quell_{solver}_default", aligned)
        self.call(
            f"quell_{solver}_step", ctypes.byref(step), aligned, ctypes.byref(self.schedule), ctypes.c_size_t(POSITION)
        )
        return step

    def apply(self, step, x, history, model):
        """A call ready to be made, with every argument converted beforehand, as a C host has them."""
        inputs = Inputs(model=model.ctypes.data)
        function = self.library.quell_apply_f32
        arguments = (
            ctypes.c_void_p(x.ctypes.data),
            ctypes.c_size_t(x.size),
            ctypes.c_void_p(history.ctypes.data),
            ctypes.c_size_t(history.size),
            ctypes.c_void_p(None),
            ctypes.byref(inputs),
            ctypes.byref(step),
            ctypes.c_size_t(1),
        )
        if function(*arguments) != 0:
            raise RuntimeError("quell_apply_f32")
        return lambda: function(*arguments)


def peers(solver, shape, rng):
    """The peers' steps at the same position, each as a call without arguments."""
    x = torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))
    model = torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))
    options = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    kinds = {"ddim": EulerDiscreteScheduler, "dpmpp_2m": DPMSolverMultistepScheduler, "unipc": UniPCMultistepScheduler}
    scheduler = kinds[solver](**options)
    scheduler.set_timesteps(STEPS)
    for timestep in scheduler.timesteps[:POSITION]:
        scheduler.scale_model_input(x, timestep)
        scheduler.step(model, timestep, x)
    timestep = scheduler.timesteps[POSITION]

    def diffusers():
        scheduler._step_index = POSITION
        scheduler.scale_model_input(x, timestep)
        scheduler.step(model, timestep, x, return_dict=False)

    # A careful programmer's version in each library: in place, with no temporary that can be avoided.
    rows = {"ddim": ["xm"], "dpmpp_2m": ["xm", "xms"], "unipc": ["xm", "xmst", "xmst"]}[solver]
    tensors = dict(zip("xmst", (x, model, torch.randn(shape), torch.randn(shape))))
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    results, scratch = [np.empty(shape, np.float32) for _ in rows], np.empty(shape, np.float32)
    torch_results = [torch.from_numpy(result) for result in results]

    def in_numpy():
        for row, result in zip(rows, results):
            np.multiply(arrays[row[0]], np.float32(0.9), out=result)
            for name in row[1:]:
                np.multiply(arrays[name], np.float32(0.1), out=scratch)
                result += scratch

    def in_torch():
        for row, result in zip(rows, torch_results):
            torch.mul(tensors[row[0]], 0.9, out=result)
            for name in row[1:]:
                result.add_(tensors[name], alpha=0.1)

    return {"diffusers": diffusers, "NumPy, in place": in_numpy, "PyTorch, in place": in_torch}


def measure(calls, rounds=40):
    """Medians of all calls, taken in turns so that a slow moment of the machine meets each alike."""
    times = {name: [] for name in calls}
    for round_number in range(rounds + 5):
        for name, call in calls.items():
            repeats = 20
            start = time.perf_counter()
            for _ in range(repeats):
                call()
            if round_number >= 5:
                times[name].append((time.perf_counter() - start) / repeats)
    return {name: statistics.median(values) * 1e6 for name, values in times.items()}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    quell, rng = Quell(sys.argv[1]), np.random.default_rng(1)
    print(f"{'solver':10} {'shape':16} {'step of':18} {'us':>10} {'x quell':>8}")
    for solver, slots in (("ddim", 0), ("dpmpp_2m", 1), ("unipc", 3)):
        for shape in SHAPES:
            n = int(np.prod(shape))
            x, model = (rng.standard_normal(n, dtype=np.float32) for _ in range(2))
            history = rng.standard_normal(max(slots, 1) * n, dtype=np.float32)
            calls = {"quell": quell.apply(quell.step(solver), x, history, model), **peers(solver, shape, rng)}
            medians = measure(calls)
            for name, median in medians.items():
                ratio = median / medians["quell"]
                print(f"{solver:10} {'x'.join(map(str, shape)):16} {name:18} {median:10.1f} {ratio:8.1f}")


if __name__ == "__main__":
    main()
