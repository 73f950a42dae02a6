"""Every command line of the documents that starts with `deepcount-trainer` runs as it stands, on drawn data."""

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng
from PIL import Image
from safetensors.torch import save_file
from scipy.io import savemat

from trainer.cli import EXAMPLES, main
from trainer.networks.frontends import MobileNetV2, Vgg16

ROOT = Path(__file__).parents[2]
OWN_TEST = ("own-data.md",)
"""Documents that are walked elsewhere, on the pictures that they speak of."""
DOCUMENTS = {
    path.name: path.read_text("utf-8")
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    if path.name not in OWN_TEST
}
PICTURES = 11  # of each set, the tenth held out
NARROW = 0.03125
SHORTER = {
    "train": "--set steps=1 --set batch=1 --set evaluate_every=1 --set optimiser.rate=1e-6 --device cpu",
    "teach": "--set steps=1 --set batch=1 --set evaluate_every=1 --device cpu",
    "bench": f"--set batch=1 --set model.width={NARROW} --steps 1 --device cpu",
    "export": "--tiles 1 --no-behaviour --worsen 10000",
    "evaluate": "--device cpu",
}
"""What is added to a command so that a test can wait for it."""


def commands_in(text: str) -> Iterator[list[str]]:
    """Yields the words of each command line, without comments, with what its document assigns to variables."""
    text = text.replace("\\\n", " ")
    for name, value in re.findall(r'^([A-Z]+)="(.*)"$', text, re.MULTILINE):
        text = text.replace(f"${name}", value)
    for line in re.findall(r"^ *deepcount-trainer (.*)$", text, re.MULTILINE):
        yield shlex.split(line, comments=True)


FOUND = {name: list(commands_in(text)) for name, text in (DOCUMENTS | {"--help": EXAMPLES}).items()}
RUNNABLE = {name: found for name, found in FOUND.items() if found}


@pytest.fixture
def ground(tmp_path: Path, annotate: Callable[..., None]) -> Path:
    """A folder with all that the documents name: data sets, pretrained weights, shipped models."""
    rng = default_rng(1)
    for number in range(1, PICTURES + 1):
        points = rng.uniform((0, 0), (128, 96), (number, 2))
        for folder in ("part_A/train_data", "part_B/train_data"):
            annotate(tmp_path / folder, number, points)
        own = tmp_path / "my_pictures" / f"{number}.png"
        own.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (96, 128, 3), np.uint8)).save(own)
        own.with_suffix(".csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in points))
        boxed = tmp_path / "boxes" / "rf_crowd" / own.name
        boxed.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(own, boxed)
        boxed.with_suffix(".csv").write_text("x,y,width,height\n60,15,10,10\n")
    for number in range(1, PICTURES + 1):
        folder = tmp_path / "ucf_cc_50"
        folder.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (48, 64, 3), np.uint8)).save(folder / f"{number}.jpg")
        savemat(folder / f"{number}_ann.mat", {"annPoints": rng.uniform(1, 40, (3, 2))})
    pretrained = {name.replace("blocks.", "block", 1): value for name, value in MobileNetV2(1).state_dict().items()}
    for name in ("mobilenet_v2.safetensors", "mobilenet_v2_bnfolded.safetensors"):
        save_file(pretrained, tmp_path / name)
    save_file(Vgg16(NARROW).state_dict(), tmp_path / "vgg16.safetensors")
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    return tmp_path


@pytest.mark.timeout(900)  # a document with all recipes trains and exports two dozen times
@pytest.mark.parametrize("document", RUNNABLE)
def test_the_command_lines_of_a_document_run(
    document: str, ground: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ground)
    monkeypatch.setattr("trainer.commands.export.CALIBRATED_ON", 2)
    monkeypatch.setattr("trainer.exporting.heads.LEAST_PEOPLE", -1.0)  # models of one step see nobody
    monkeypatch.setattr("trainer.learning.start.BATCHES", 1)
    monkeypatch.setattr("trainer.learning.start.TILES", 2)
    (ground / "models").mkdir()
    for words in RUNNABLE[document]:
        extra = SHORTER.get(words[0], "").split()
        if words[0] == "train" and not any(word.startswith("assets/") for word in words):
            extra += ["--set", f"model.width={NARROW}"]
        assert main([*words, *extra]) == 0, f"{shlex.join(words)}\n{capsys.readouterr().err}"


def test_there_are_command_lines_to_run() -> None:
    assert {"training.md", "recipes.md", "--help"} <= set(RUNNABLE)
