"""What a network is computed in is settled at the start, said, recorded and kept."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from trainer.arithmetic import X86, has_bf16, resolved, said
from trainer.checkpoints import load_checkpoint
from trainer.cli import main
from trainer.config import TrainConfig, from_table
from trainer.learning.run import BEST, CONFIG, ENVIRONMENT, LAST

CPU = torch.device("cpu")
TINY = ("model.width=0.03125", "model.branches=[5]", "batch=2", "evaluate_every=2")
ASKED = """
import torch
from trainer.arithmetic import has_bf16, resolved, said
cpu = torch.device("cpu")
print(has_bf16(cpu), resolved("auto", cpu), said("fp32", cpu), said("bf16", cpu), sep="|")
"""


def train(data: Path, run: Path, *changes: str) -> int:
    settings = [word for change in (*TINY, *changes) for word in ("--set", change)]
    return main(["train", "--data", str(data), "--run", str(run), "--device", "cpu", *settings])


@pytest.mark.skipif(platform.machine().lower() not in X86, reason="the limit of instructions is for x86 only")
def test_a_processor_without_bf16_computes_in_fp32_and_warns_of_emulation() -> None:
    limited = os.environ | {"ONEDNN_MAX_CPU_ISA": "AVX2"}
    asked = subprocess.run([sys.executable, "-c", ASKED], env=limited, capture_output=True, text=True, check=True)
    able, auto, plain, emulated = asked.stdout.strip().split("|")
    assert (able, auto) == ("False", "fp32")
    assert plain == "computing in fp32, for this processor has no bf16"
    assert emulated == "computing in bf16, which this processor only emulates: ten times slower than fp32 or more"


def test_auto_takes_bf16_where_the_processor_computes_it() -> None:
    assert resolved("auto", CPU) == ("bf16" if has_bf16(CPU) else "fp32")


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_a_precision_asked_for_by_name_is_the_one(precision: str) -> None:
    assert resolved(precision, CPU) == precision


@pytest.mark.parametrize(
    ("switches", "precision"),
    [
        ({}, "auto"),
        ({"bf16": True, "fp16": False}, "bf16"),
        ({"bf16": False, "fp16": False}, "fp32"),
        ({"bf16": True, "fp16": True}, "fp16"),
        ({"bf16": False}, "fp32"),
        ({"fp16": True}, "fp16"),
        ({"bf16": True, "precision": "fp32"}, "fp32"),
    ],
    ids=["silent", "bf16", "neither", "both", "bf16 off", "fp16 alone", "overridden"],
)
def test_the_switches_of_older_files_are_understood(switches: dict[str, bool | str], precision: str) -> None:
    assert from_table(switches) == TrainConfig(precision=precision)


def test_what_auto_was_is_said_and_recorded(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(data, tmp_path, "steps=2") == 0
    taken = resolved("auto", CPU)
    assert said(taken, CPU) in capsys.readouterr().out
    assert f'precision = "{taken}"' in (tmp_path / CONFIG).read_text()
    assert load_checkpoint(tmp_path / BEST).config.precision == taken
    found = json.loads((tmp_path / ENVIRONMENT).read_text())["bf16"]
    assert found == ("computed" if has_bf16(CPU) else "emulated")


def test_a_run_that_is_resumed_keeps_its_precision(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = "fp32" if has_bf16(CPU) else "bf16"
    assert train(data, tmp_path, "steps=2", f"precision={other}") == 0
    assert train(data, tmp_path, "steps=3") == 0
    assert load_checkpoint(tmp_path / LAST).config.precision == other
    assert train(data, tmp_path, "steps=4", "precision=fp16") == 2
    assert "the run folder holds a training of another configuration" in capsys.readouterr().err


def test_an_older_checkpoint_is_read_with_its_switches(best: Path, tmp_path: Path) -> None:
    with safe_open(best, framework="pt") as file:
        metadata = dict(file.metadata())
    table = json.loads(metadata["config"])
    del table["precision"]
    metadata["config"] = json.dumps(table | {"bf16": True, "fp16": False})
    save_file(load_file(best), tmp_path / "older.safetensors", metadata)
    assert load_checkpoint(tmp_path / "older.safetensors").config.precision == "bf16"
