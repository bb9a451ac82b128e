"""The digits of examples/data, halved exactly as the program align_steps halves them, and their exact denoiser."""

import gzip
from pathlib import Path

import numpy as np
import torch

FILE = Path(__file__).resolve().parent.parent / "data" / "digits.csv.gz"
SIDE = 8
WHITE = 16
SPLIT_SEED = 1998


def load():
    """The training half and the held-out half, [n, 1, 8, 8] float32 in [-1, 1]."""
    with gzip.open(FILE, "rt") as lines:
        grey = np.loadtxt(lines, delimiter=",", dtype=np.uint8)[:, : SIDE * SIDE]
    if grey.max() > WHITE:
        raise ValueError(f"{FILE}: a grey value above {WHITE}")
    # A stable sort, as in data.rs: the halves agree image by image.
    order = np.argsort(uniforms(len(grey), SPLIT_SEED), kind="stable")
    images = torch.from_numpy(grey[order].astype(np.float32) / (WHITE / 2) - 1).reshape(-1, 1, SIDE, SIDE)
    half = (len(images) + 1) // 2
    return images[:half], images[half:]


def grey(images):
    """The grey values of the file, from 0 to 16, a list of pixels for each image."""
    return ((images + 1) * (WHITE / 2)).round().int().flatten(1).tolist()


def uniforms(count, seed):
    """The first float64 uniforms of stream 0, step 0 of quell's generator, Philox4x32-10 (Salmon et al. 2011)."""
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    words = np.zeros((4, (count + 1) // 2), np.uint64)
    words[0] = np.arange(words.shape[1])
    for round_number in range(10):
        key = [(half + round_number * step) & 0xFFFFFFFF for half, step in
               ((seed & 0xFFFFFFFF, 0x9E3779B9), (seed >> 32, 0xBB67AE85))]
        products = words[0] * np.uint64(0xD2511F53), words[2] * np.uint64(0xCD9E8D57)
        words = np.stack([
            products[1] >> shift ^ words[1] ^ np.uint64(key[0]), products[1] & low,
            products[0] >> shift ^ words[3] ^ np.uint64(key[1]), products[0] & low,
        ])
    bits = np.stack([words[1] << shift | words[0], words[3] << shift | words[2]], axis=1).reshape(-1)
    return (bits >> np.uint64(11)).astype(np.float64)[:count] * 2.0**-53


def exact_denoiser(x, sigma, images):
    """The posterior mean of a clean image that is one of `images`, each as likely as the others, given x."""
    flat, known = x.flatten(1).double(), images.flatten(1).double()
    weights = torch.softmax(-torch.cdist(flat, known).square() / (2 * sigma**2), dim=1)
    return (weights @ known).reshape(x.shape).to(x.dtype)
