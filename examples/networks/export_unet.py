"""Trains diffusers' UNet2DModel, made tiny, on the digits of examples/data for a minute or two and writes it as ONNX.

usage: python export_unet.py --out unet.onnx

It stands for the networks that users of diffusers bring: variance preserving on a table of 1000 linear betas, noise
prediction. `sample` [batch, 1, 8, 8] is the state sqrt(abar) x0 + sqrt(1 - abar) eps itself, `timestep` [batch] float32
is the training step from 0 to 999, fractions allowed. Clean images lie in [-1, 1].
"""

import argparse
import time

import torch
from diffusers import DDIMScheduler, UNet2DModel

import digits
import export

SEED = 2020


def train(network, scheduler, images, steps, batch):
    generator = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, steps, pct_start=0.05)
    begun, running = time.time(), 0.0
    for step in range(1, steps + 1):
        clean = images[torch.randint(len(images), (batch,), generator=generator)]
        noise = torch.randn(clean.shape, generator=generator)
        timesteps = torch.randint(len(scheduler.betas), (batch,), generator=generator)
        loss = (network(scheduler.add_noise(clean, noise, timesteps), timesteps).sample - noise).square().mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        running += loss.item()
        if step % 250 == 0:
            print(f"step {step:5d}  loss {running / 250:.4f}  {time.time() - begun:5.0f} s", flush=True)
            running = 0.0


@torch.no_grad()
def write_reference(path, network, scheduler, images):
    """D is the x0 of diffusers' own scheduler; x is the state over sqrt(abar)."""
    generator = torch.Generator().manual_seed(SEED + 1)
    # The scheduler's own table is in single precision: too coarse for sigma at the first steps.
    config = scheduler.config
    betas = torch.linspace(config.beta_start, config.beta_end, config.num_train_timesteps, dtype=torch.float64)
    alpha_bars = (1 - betas).cumprod(0)
    cases = []
    for timestep in (0, 100, 500, 999):
        alpha_bar = alpha_bars[timestep]
        state = scheduler.add_noise(images[:3], torch.randn(images[:3].shape, generator=generator),
                                    torch.tensor([timestep]))
        output = network(state, torch.tensor(float(timestep))).sample
        denoised = scheduler.step(output, timestep, state).pred_original_sample
        sigma = ((1 - alpha_bar) / alpha_bar).sqrt().item()
        cases.append((sigma, timestep, state.double() / alpha_bar.sqrt(), state, output, denoised))
    export.write_reference(path, digits.grey(images[:4]), cases)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="unet.onnx", help="the ONNX file to write")
    parser.add_argument("--reference", metavar="JSON", help="also write inputs and PyTorch's outputs for a test")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=64)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(SEED)

    images, _ = digits.load()
    network = UNet2DModel(
        sample_size=digits.SIDE, in_channels=1, out_channels=1, layers_per_block=1, block_out_channels=(16, 32),
        down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=8, norm_num_groups=8,
    )
    # clip_sample would change D.
    scheduler = DDIMScheduler(num_train_timesteps=1000, beta_start=1e-4, beta_end=0.02, beta_schedule="linear",
                              clip_sample=False)
    scheduler.set_timesteps(1000)
    begun = time.time()
    train(network, scheduler, images, arguments.steps, arguments.batch)
    network.eval()
    parameters = sum(p.numel() for p in network.parameters())
    print(f"{parameters} parameters, trained in {time.time() - begun:.0f} s on {arguments.threads} threads")
    config = scheduler.config
    metadata = {
        "prediction": config.prediction_type, "process": "vp", "data_min": -1, "data_max": 1,
        **{name: config[name] for name in ("beta_schedule", "beta_start", "beta_end", "num_train_timesteps")},
    }
    export.write(arguments.out, network, images.shape[1:], metadata,
                 call=lambda network, sample, timestep: network(sample, timestep).sample)
    if arguments.reference:
        write_reference(arguments.reference, network, scheduler, images)


if __name__ == "__main__":
    main()
