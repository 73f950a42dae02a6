"""A network so small that it learns in a second, exported as the trainer exports all."""

from pathlib import Path

import cv2
import numpy as np
import torch

from trainer.checkpoints import Checkpoint, save_checkpoint
from trainer.cli import main
from trainer.config import TrainConfig
from trainer.networks.deepcount import DeepCountConfig
from trainer.networks.families import built

PICTURES = 6
"""So that some are held out."""


def write_tiny(folder: Path) -> Path:
    """Writes a model that has learnt nothing and counts next to nobody; returns its path."""
    pictures = folder / "annotated"
    pictures.mkdir(parents=True)
    for number in range(PICTURES):
        picture = np.random.default_rng(number).integers(0, 256, (192, 256, 3), np.uint8)
        cv2.imwrite(str(pictures / f"{number}.png"), picture)
        (pictures / f"{number}.csv").write_text("x,y\n10,20\n30,40\n")
    torch.manual_seed(1)
    config = TrainConfig(model=DeepCountConfig(width=1 / 32))
    weights = built(config.model).state_dict()
    for name, value in weights.items():
        if name.endswith("bias"):
            value.add_(0.01 * torch.rand(value.shape))  # equal ones are exported once, and cannot be taken back
    save_checkpoint(Checkpoint(config, 0, weights, {}), folder / "tiny.safetensors")
    words = ["--data", str(pictures), "--out", str(folder / "tiny.onnx"), "--no-behaviour", "--tiles", "1"]
    assert main(["export", str(folder / "tiny.safetensors"), *words]) == 0
    return folder / "tiny.onnx"
