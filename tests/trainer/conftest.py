"""A small data set, drawn here, and one small model that was trained and exported on it."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.io import savemat

from trainer.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from trainer.cli import main

PICTURES = 20
HEIGHT, WIDTH = 96, 128
LIVELY = 3.0
TINY = ("model.width=0.03125", "optimiser.name=adamw", "optimiser.rate=0.003", "batch=2", "steps=4", "evaluate_every=2")


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    torch.set_num_threads(1)


def write_annotated(folder: Path, number: int, points: NDArray[np.float64]) -> None:
    """Writes a picture of noise with a dark blob at each point, annotated as in ShanghaiTech."""
    for name in ("images", "ground-truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    picture = np.random.default_rng(number).integers(120, 255, (HEIGHT, WIDTH, 3), np.uint8)
    for x, y in points[np.isfinite(points).all(axis=1)]:
        cv2.circle(picture, (int(x), int(y)), 3, (10, 20, 40), -1)
    cv2.imwrite(str(folder / "images" / f"IMG_{number}.jpg"), picture)
    head_points = np.empty((1, 1), object)
    head_points[0, 0] = {"location": points, "number": float(len(points))}
    savemat(folder / "ground-truth" / f"GT_IMG_{number}.mat", {"image_info": head_points})


@pytest.fixture
def annotate() -> Callable[[Path, int, NDArray[np.float64]], None]:
    return write_annotated


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Part B in miniature: 20 pictures, from one person in the first to twenty in the last."""
    folder = tmp_path_factory.mktemp("data") / "part_B" / "train_data"
    for number in range(1, PICTURES + 1):
        points = np.random.default_rng(number).uniform((0, 0), (WIDTH, HEIGHT), (number, 2))
        write_annotated(folder, number, points)
    return folder


@pytest.fixture(scope="session")
def run_folder(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command line leaves after training a tiny model for four steps."""
    run = tmp_path_factory.mktemp("run")
    changes = [word for change in TINY for word in ("--set", change)]
    assert main(["train", "--data", str(data), "--run", str(run), "--device", "cpu", *changes]) == 0
    return run


@pytest.fixture(scope="session")
def best(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The best checkpoint, made to answer strongly to what it sees, as four steps do not teach it to."""
    checkpoint = load_checkpoint(run_folder / "best.safetensors")
    for name, value in checkpoint.weights.items():
        if "frontend" not in name:
            value.mul_(0 if name.endswith("bias") else LIVELY)
    path = tmp_path_factory.mktemp("best") / "best.safetensors"
    save_checkpoint(checkpoint, path)
    return path


@pytest.fixture(scope="session")
def lived(best: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint in which no two weights are equal, as after a long training; equal ones are exported once."""
    checkpoint = load_checkpoint(best)
    generator = torch.Generator().manual_seed(1)
    for name, value in checkpoint.weights.items():
        if name.endswith("bias"):
            value.add_(0.01 * torch.rand(value.shape, generator=generator))
        value.copy_(value.bfloat16())  # as they are used
    path = tmp_path_factory.mktemp("lived") / "lived.safetensors"
    save_checkpoint(checkpoint, path)
    return path


@pytest.fixture(scope="session")
def checkpoint(best: Path) -> Checkpoint:
    return load_checkpoint(best)


@pytest.fixture(scope="session")
def exported(data: Path, best: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as ONNX, with its card beside it."""
    path = tmp_path_factory.mktemp("models") / "tiny.onnx"
    arguments = [str(best), "--data", str(data), "--out", str(path), "--tiles", "2", "--name", "Tiny"]
    assert main(["export", *arguments]) == 0
    return path
