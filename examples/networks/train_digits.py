"""Trains a small denoiser of the digits in examples/data and writes it as ONNX.

usage: python train_digits.py --out digits.onnx

The network is preconditioned as in EDM (Karras et al. 2022, table 1):

    D(x, sigma) = c_skip x + c_out F(c_in x, c_noise),   c_noise = ln(sigma)/4.

The file holds F alone, in single precision: `sample` [batch, 1, 8, 8] is c_in x, `timestep` [batch] is c_noise, the
output is as large as `sample`. Clean images lie in [-1, 1]. README.md says what the metadata mean.

It is trained on the training half of align_steps and nothing else. With --validation N, the last N images of that half
are kept out and reported in place of the held-out half: so the settings below were chosen, without a look at the
held-out half. The same machine and the same number of threads give the same file; others differ in the last digits.
"""

import argparse
import math
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import digits
import export

SIGMA_MIN, SIGMA_MAX = 0.02, 80.0
SIGMAS = [0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 1.0, 1.7, 3.0, 5.0, 10.0, 80.0]
SEED = 2022


class Block(nn.Module):
    """A residual block; the noise level scales and shifts what is between its two convolutions."""

    def __init__(self, channels_in, channels_out, embedding):
        super().__init__()
        self.norm_in = nn.GroupNorm(8, channels_in)
        self.conv_in = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.affine = nn.Linear(embedding, 2 * channels_out)
        self.norm_out = nn.GroupNorm(8, channels_out)
        self.conv_out = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.skip = nn.Conv2d(channels_in, channels_out, 1) if channels_in != channels_out else nn.Identity()
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, x, embedding):
        h = self.conv_in(functional.silu(self.norm_in(x)))
        scale, shift = self.affine(embedding)[:, :, None, None].chunk(2, dim=1)
        h = functional.silu(self.norm_out(h) * (1 + scale) + shift)
        return self.skip(x) + self.conv_out(h)


class Network(nn.Module):
    """F: a UNet of two resolutions, 8x8 and 4x4."""

    def __init__(self, channels, embedding=64, frequencies=16):
        super().__init__()
        self.register_buffer("frequencies", 2 * math.pi * torch.linspace(0.1, 1.6, frequencies))
        self.embed = nn.Sequential(nn.Linear(2 * frequencies, embedding), nn.SiLU(),
                                   nn.Linear(embedding, embedding), nn.SiLU())
        self.enter = nn.Conv2d(1, channels, 3, padding=1)
        self.fine_in = Block(channels, channels, embedding)
        self.down = nn.Conv2d(channels, 2 * channels, 2, stride=2)
        self.coarse = nn.ModuleList([Block(2 * channels, 2 * channels, embedding) for _ in range(2)])
        self.up = nn.ConvTranspose2d(2 * channels, channels, 2, stride=2)
        self.fine_out = Block(2 * channels, channels, embedding)
        self.leave = nn.Sequential(nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, 1, 3, padding=1))
        nn.init.zeros_(self.leave[2].weight)

    def forward(self, sample, timestep):
        angles = timestep[:, None] * self.frequencies
        embedding = self.embed(torch.cat([angles.sin(), angles.cos()], dim=1))
        fine = self.fine_in(self.enter(sample), embedding)
        h = self.down(fine)
        for block in self.coarse:
            h = block(h, embedding)
        h = self.fine_out(torch.cat([self.up(h), fine], dim=1), embedding)
        return self.leave(h)


def denoised(network, x, sigma, sigma_data):
    """D(x, sigma) by way of the raw network."""
    sigma = sigma.reshape(-1, 1, 1, 1)
    norm = (sigma**2 + sigma_data**2).sqrt()
    f = network(x / norm, sigma.flatten().log() / 4)
    return (sigma_data / norm) ** 2 * x + sigma * sigma_data / norm * f


def train(images, sigma_data, arguments):
    """The averaged network after `arguments.steps` steps."""
    generator = torch.Generator().manual_seed(SEED)
    torch.manual_seed(SEED)
    network = Network(arguments.channels)
    average = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.999))
    optimizer = torch.optim.AdamW(network.parameters(), lr=arguments.rate, weight_decay=arguments.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, arguments.rate, arguments.steps, pct_start=0.05)
    begun, running = time.time(), 0.0
    for step in range(1, arguments.steps + 1):
        clean = images[torch.randint(len(images), (arguments.batch,), generator=generator)]
        # One draw in each of `batch` equal parts of the range of ln sigma.
        place = (torch.arange(arguments.batch) + torch.rand(arguments.batch, generator=generator)) / arguments.batch
        sigma = SIGMA_MIN * (SIGMA_MAX / SIGMA_MIN) ** place
        x = clean + sigma.reshape(-1, 1, 1, 1) * torch.randn(clean.shape, generator=generator)
        # EDM's weight makes the error of F count the same at every noise level.
        weight = (sigma**2 + sigma_data**2) / (sigma * sigma_data) ** 2
        errors = (denoised(network, x, sigma, sigma_data) - clean).square().mean(dim=(1, 2, 3))
        loss = (weight * errors).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
        running += loss.item()
        if step % 500 == 0:
            print(f"step {step:5d}  loss {running / 500:.4f}  {time.time() - begun:5.0f} s", flush=True)
            running = 0.0
    return average.module.eval()


@torch.no_grad()
def report(network, train_images, other_images, other, sigma_data):
    """Prints the denoising loss per noise level: mean of (D - x0)^2 over images, pixels and 8 draws of noise."""
    known = "exact (of the training images)"
    print(f"\n{'':10}{'network':^26}{known:^32}")
    print(f"{'sigma':>8}  {'training':>12}{other:>14}{'training':>16}{other:>16}")
    totals = np.zeros(4)
    for sigma in SIGMAS:
        losses = []
        for exact in (False, True):
            for images in (train_images, other_images):
                generator = torch.Generator().manual_seed(SEED + 1)
                clean = images.repeat(8, 1, 1, 1)
                x = clean + sigma * torch.randn(clean.shape, generator=generator)
                if exact:
                    answer = digits.exact_denoiser(x, sigma, train_images)
                else:
                    answer = denoised(network, x, torch.full((len(x),), sigma), sigma_data)
                losses.append((answer - clean).square().mean().item())
        weight = (sigma**2 + sigma_data**2) / (sigma * sigma_data) ** 2
        totals += weight * np.array(losses) / len(SIGMAS)
        print(f"{sigma:8g}  {losses[0]:12.6f}{losses[1]:14.6f}{losses[2]:16.6f}{losses[3]:16.6f}")
    print(f"weighted  {totals[0]:12.6f}{totals[1]:14.6f}{totals[2]:16.6f}{totals[3]:16.6f}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="digits.onnx", help="the ONNX file to write")
    parser.add_argument("--reference", metavar="JSON", help="also write inputs and PyTorch's outputs for a test")
    parser.add_argument("--data-out", metavar="NPY", help="also write the training half for align_steps --data")
    parser.add_argument("--validation", type=int, default=0, metavar="N", help="keep N training images out; write nothing")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.05)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    images, other = digits.load()
    name = "held-out"
    if arguments.validation:
        images, other, name = images[: -arguments.validation], images[-arguments.validation :], "validation"
    sigma_data = round(images.std().item(), 4)
    begun = time.time()
    network = train(images, sigma_data, arguments)
    parameters = sum(p.numel() for p in network.parameters())
    print(f"{parameters} parameters, sigma_data {sigma_data}, trained in {time.time() - begun:.0f} s "
          f"on {arguments.threads} threads")
    report(network, images, other, name, sigma_data)
    if arguments.validation:
        return
    metadata = {
        "prediction": "edm", "process": "edm", "sigma_data": sigma_data, "sigma_min": SIGMA_MIN, "sigma_max": SIGMA_MAX,
        "data_min": -1, "data_max": 1,
    }
    export.write(arguments.out, network, images.shape[1:], metadata)
    if arguments.data_out:
        np.save(arguments.data_out, images.numpy())
    if arguments.reference:
        write_reference(arguments.reference, network, images, sigma_data)


@torch.no_grad()
def write_reference(path, network, images, sigma_data):
    generator = torch.Generator().manual_seed(SEED + 2)
    cases = []
    for sigma in (0.02, 0.3, 2.0, 80.0):
        x = images[:3] + sigma * torch.randn(images[:3].shape, generator=generator)
        sample = x / math.hypot(sigma, sigma_data)
        timestep = math.log(sigma) / 4
        output = network(sample, torch.full((len(x),), timestep))
        cases.append((sigma, timestep, x, sample, output,
                      denoised(network, x, torch.full((len(x),), sigma), sigma_data)))
    export.write_reference(path, digits.grey(images[:4]), cases)


if __name__ == "__main__":
    main()
