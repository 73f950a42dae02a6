"""The models that come with the product count as well as their cards say."""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from engine.inference.contract import read_model_file
from engine.inference.variants import load_model
from trainer.datasets import Choice, load_all, open_dataset
from trainer.evaluation.counters import onnx_counter
from trainer.evaluation.evaluate import measure
from trainer.evaluation.scores import scores

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "assets" / "models"
SHIPPED = sorted(path.name for path in MODELS.glob("*.onnx"))
LARGEST_BYTES = 60_000_000
DATA = ROOT.parent / "shared" / "data"
A, B, UCF = (DATA / name for name in ("shanghaitech/part_A/train_data", "shanghaitech/part_B/train_data", "ucf_cc_50"))
WORST = {"light.onnx": (110.0, 14.0), "full.int8.onnx": (90.0, 11.0)}
"""Mean absolute errors on parts A and B; `full` in the numbers that a processor counts fast."""


def test_both_models_are_shipped_also_in_fewer_bits() -> None:
    assert SHIPPED == ["full.int8.onnx", "full.onnx", "light.fp16.onnx", "light.int8.onnx", "light.onnx"]


@pytest.mark.parametrize("name", SHIPPED)
def test_each_file_is_small_enough_to_ship_and_has_its_card(name: str) -> None:
    path = MODELS / name
    assert path.stat().st_size < LARGEST_BYTES
    assert path.with_suffix(".md").read_text("utf-8").startswith(f"# {name.partition('.')[0]}\n")


@pytest.mark.parametrize("name", SHIPPED)
def test_no_file_tells_of_the_machine_that_made_it(name: str) -> None:
    content = (MODELS / name).read_bytes()
    assert b".py" not in content
    assert b"stack_trace" not in content
    card = (MODELS / name).with_suffix(".md").read_text("utf-8")
    assert f"`{sha256(content).hexdigest()}`" in card


@pytest.mark.parametrize("name", SHIPPED)
def test_each_file_counts_nobody_on_a_grey_wall(name: str) -> None:
    found = load_model(MODELS / name, provider="cpu").count_and_map(np.full((1, 384, 512, 3), 128, np.uint8))
    assert found.people[0] < 2
    assert found.density.sum() < 2


@pytest.mark.parametrize("name", SHIPPED)
def test_each_file_says_how_tall_heads_are_so_that_all_divide_a_picture_alike(name: str) -> None:
    file = read_model_file(MODELS / name)
    assert file.has_heads
    assert "## How tall heads are" in file.path.with_suffix(".md").read_text("utf-8")


def told_of(card: Path) -> Iterator[tuple[int, float]]:
    """Returns pictures and MAE of parts A and B and of UCF_CC_50, as a card tells them."""
    text = card.read_text("utf-8")
    for name in ("ShanghaiTech part A", "ShanghaiTech part B", "UCF_CC_50"):
        (row,) = re.findall(rf"^\| {name} \|(.*)\|$", text, re.MULTILINE)
        pictures, _, mae, *_ = row.split("|")
        yield int(pictures), float(mae)


@pytest.mark.shared_data
@pytest.mark.skipif(
    not (A.is_dir() and B.is_dir() and UCF.is_dir()), reason="the data sets are not beside the repository"
)
@pytest.mark.parametrize("name", WORST)
def test_a_model_is_as_good_as_it_says_on_the_held_out_tenth(name: str) -> None:
    path, held_out = MODELS / name, Choice("held-out")
    each = [
        list(measure(onnx_counter(path), load_all(open_dataset(folder, held_out, layout=layout))))
        for folder, layout in ((A, "shanghaitech"), (B, "shanghaitech"), (UCF, "ucf-cc-50"))
    ]
    worst_a, worst_b = WORST[name]
    assert scores(each[0]).mae < worst_a
    assert scores(each[1]).mae < worst_b
    for found, told in zip(each, told_of(path.with_suffix(".md")), strict=True):
        assert (scores(found).pictures, scores(found).mae) == (told[0], pytest.approx(told[1], rel=0.02))
