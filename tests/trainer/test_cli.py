"""The command line does what it says, and answers what it cannot use with one sentence."""

import csv
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
import torch
from onnx import TensorProto, helper
from safetensors.torch import save_file

from trainer.cli import main
from trainer.contract import KEY

ROOT = Path(__file__).parents[2]


def foreign_onnx(path: Path, facts: dict[str, str]) -> None:
    """Writes a model that doubles a number."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y"))
    model = helper.make_model(
        helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "double", [x], [y]),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=10,
    )
    helper.set_model_props(model, facts)
    onnx.save(model, path)


def error_of(capsys: pytest.CaptureFixture[str]) -> str:
    """Returns the one sentence on stderr."""
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("deepcount-trainer: ")
    return line


@pytest.mark.parametrize("model", ["best", "exported"])
def test_evaluate_prints_the_errors_of_every_output(
    model: str, data: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    path = request.getfixturevalue(model)
    capsys.readouterr()
    assert main(["evaluate", str(path), "--data", str(data)]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0] == "ShanghaiTech part B, held-out: 2 pictures, 30 people"
    outputs = ["count", "density"] if model == "exported" else ["count", *(f"branch {k}" for k in range(1, 6))]
    assert [line[:9].strip() for line in lines[2:-1]] == outputs
    assert lines[-1].startswith("GAME 0 to 3: ")
    assert printed.err == ""


def test_evaluate_says_the_same_of_a_checkpoint_and_its_export(
    best: Path, exported: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = []
    for path in (best, exported):
        capsys.readouterr()
        assert main(["evaluate", str(path), "--data", str(data), "--split", "all"]) == 0
        counts.append(capsys.readouterr().out.splitlines()[2])
    assert counts[0] == counts[1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have other folders")
def test_an_evaluation_leaves_nothing_in_the_home_that_is_not_ours(exported: Path, data: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    silent = ("CI", "ORT_DISABLE_TELEMETRY", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in silent} | {"HOME": str(home)}
    command = [
        sys.executable,
        "-m",
        "trainer",
        "evaluate",
        str(exported),
        "--data",
        str(data),
        "--out",
        str(home / "out"),
    ]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, timeout=120)
    left = [path.relative_to(home) for path in home.rglob("*") if path.is_file()]
    assert any(path.name.startswith("fontlist") for path in left)
    assert [path for path in left if path.parts[0] != "out" and "deepcount" not in path.parts] == []


def test_evaluate_writes_scores_table_plot_and_sheet(exported: Path, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "found"
    assert main(["evaluate", str(exported), "--data", str(data), "--split", "train", "--out", str(folder)]) == 0
    names = ["pictures.csv", "scatter.png", "scores.txt", "worst.png"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert "18 pictures" in (folder / "scores.txt").read_text("utf-8")
    with (folder / "pictures.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["picture"] for row in rows[:2]] == ["IMG_1", "IMG_2"]
    assert [int(row["annotated"]) for row in rows] == [n for n in range(1, 20) if n != 10]
    assert set(rows[0]) == {"picture", "annotated", "count", "density", *(f"game {n}" for n in range(4))}


def test_the_same_command_resumes(run_folder: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["model.width=0.03125", "optimiser.name=adamw", "optimiser.rate=0.003", "batch=2", "steps=4"]
    words = [word for change in (*changes, "evaluate_every=2") for word in ("--set", change)]
    assert main(["train", "--data", str(data), "--run", str(run_folder), "--device", "cpu", *words]) == 0
    assert "resuming at step 4" in capsys.readouterr().out


MODELS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "missing": ("a.onnx", lambda path: None, "does not exist"),
    "a folder": ("a.onnx", lambda path: path.mkdir(), "does not exist"),
    "wrong ending": ("a.pt", lambda path: torch.save({}, path), r"is no safetensors file and no ONNX file: .* '.pt'"),
    "no ending": ("model", lambda path: path.touch(), "its name ends in 'nothing', expected .safetensors or .onnx"),
    "pickle": ("a.safetensors", lambda path: path.write_bytes(pickle.dumps([1, 2])), "is no safetensors file"),
    "PyTorch's pickle": ("a.safetensors", lambda path: torch.save({}, path), "is no safetensors file"),
    "foreign weights": (
        "a.safetensors",
        lambda path: save_file({"w": torch.ones(1)}, path),
        "is no checkpoint of this",
    ),
    "text": ("a.onnx", lambda path: path.write_text("this is a text\n"), "is no ONNX model"),
    "empty": ("a.onnx", lambda path: path.touch(), "is no ONNX model"),
    "foreign ONNX": ("a.onnx", lambda path: foreign_onnx(path, {}), "was not exported by this trainer: its metadata"),
    "another contract": ("a.onnx", lambda path: foreign_onnx(path, {KEY + "contract": "9"}), "has contract 9 with"),
    "other outputs": (
        "a.onnx",
        lambda path: foreign_onnx(path, {KEY + "contract": "1"}),
        r"outputs \(\('x',\), \('y',\)\), expected contract 1 with .*'density'\)\) and at most heads; export it again",
    ),
}


@pytest.mark.parametrize(("name", "write", "message"), MODELS.values(), ids=MODELS.keys())
def test_a_model_that_cannot_be_used_is_answered_with_one_sentence(
    name: str,
    write: Callable[[Path], object],
    message: str,
    data: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    write(tmp_path / name)
    assert main(["evaluate", str(tmp_path / name), "--data", str(data), "--device", "cpu"]) == 2
    assert re.search(message, error_of(capfd))


WRONG_INPUTS = {
    "no data": ("evaluate {exported} --data {tmp}/none", "data folder .*none does not exist"),
    "no pictures": ("evaluate {exported} --data {tmp}/empty", "empty holds no pictures where they are .*unpacked"),
    "evaluation below a file": (
        "evaluate {exported} --data {data} --out {tmp}/file/found",
        "output folder .*file/found cannot be made: .*; choose another",
    ),
    "a bound below zero": (
        "export {best} --data {data} --out {tmp}/a.onnx --precision fp16 --worsen -1",
        "--worsen is -1.0, expected a percentage from 0",
    ),
    "a checkpoint to describe that is none": ("describe {tmp}/none.safetensors", "checkpoint .* does not exist"),
    "unknown device": ("evaluate {exported} --data {data} --device abacus", "device 'abacus' cannot be used here"),
    "export of an ONNX file that lacks weights": (
        "export {exported} --data {data} --out {tmp}/a.onnx",
        "tiny.onnx does not hold all weights of its network, it lacks",
    ),
    "export of nothing": ("export {tmp}/none --data {data} --out {tmp}/a.onnx", "checkpoint .* does not exist"),
    "output with another ending": (
        "export {best} --data {data} --out {tmp}/a.pb",
        "output .*a.pb has the ending '.pb', expected .onnx",
    ),
    "output below a file": (
        "export {best} --data {data} --tiles 2 --out {tmp}/file/a.onnx",
        "output folder .*file cannot be made: .*; choose another",
    ),
    "too many tiles": (
        "export {best} --data {data} --out {tmp}/a.onnx --tiles 50",
        "50 tiles were asked for, 2 pictures give 1 to 2",
    ),
    "unknown branch": (
        "export {best} --data {data} --tiles 2 --branch 0 --out {tmp}/a.onnx",
        "branch 0 was not trained; this checkpoint has branch 1, branch 2, branch 3, branch 4, branch 5",
    ),
    "unknown preset": ("train --data {data} --run {tmp}/run --preset huge", "preset 'huge' does not exist; there are:"),
    "unknown key": ("train --data {data} --run {tmp}/run --set speed=1", "configuration has no 'speed'"),
    "no weights": (
        "train --data {data} --run {tmp}/run --set model.width=0.03125 --weights {tmp}/none",
        "weights .*none cannot be read as safetensors",
    ),
    "run of another configuration": (
        "train --data {data} --run {run} --set model.width=0.03125",
        'another configuration: optimiser.name is "adamw" there, "sgd" here, optimiser.rate is 0.003 there, 0.0001',
    ),
    "run of another family": (
        "train --data {data} --run {run} --set model.family=csrnet --set model.width=0.03125",
        'another configuration: model.family is "deepcount" there, "csrnet" here',
    ),
    "run folder that is a file": (
        "train --data {data} --run {tmp}/file --set model.width=0.03125",
        "run folder .*file cannot be made",
    ),
}


@pytest.mark.parametrize(("command", "message"), WRONG_INPUTS.values(), ids=WRONG_INPUTS.keys())
def test_wrong_input_is_answered_with_one_sentence(
    command: str, message: str, places: dict[str, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    before = sorted(places["tmp"].rglob("*"))
    capfd.readouterr()
    assert main(command.format(**places).split()) == 2
    assert re.search(message, error_of(capfd))
    assert sorted(places["tmp"].rglob("*")) == before


@pytest.fixture
def places(data: Path, best: Path, exported: Path, run_folder: Path, tmp_path: Path) -> dict[str, Path]:
    for name in ("images", "ground-truth"):
        (tmp_path / "empty" / name).mkdir(parents=True)
    (tmp_path / "file").touch()
    return {"data": data, "best": best, "exported": exported, "run": run_folder, "tmp": tmp_path}


@pytest.mark.parametrize(
    "words",
    [[], ["evaluate"], ["evaluate", "a.onnx"], ["export", "a", "--data", "b"], ["train", "--colour", "red"], ["count"]],
    ids=" ".join,
)
def test_wrong_usage_exits_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(words)
    assert exit_.value.code == 2
    assert capsys.readouterr().err.startswith("usage: deepcount-trainer")


def test_the_program_itself_exits_with_two_and_shows_no_traceback(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "trainer", "evaluate", str(tmp_path / "none.onnx"), "--data", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"deepcount-trainer: {tmp_path} is no data set of a known layout (shanghaitech, ucf-cc-50,")


UNREADY = """
import sys
class Unready:
    def find_spec(self, name, *_):
        if name == "torch":
            raise {error}
sys.meta_path.insert(0, Unready())
from trainer.cli import main
sys.exit(main())
"""
"""A program for which PyTorch does not load."""


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        ("ModuleNotFoundError(name=name)", 2, "needs the Python package torch, which is not installed; 'make setup'"),
        ("KeyboardInterrupt", 130, "stopped before it began"),
    ],
    ids=["not installed", "Ctrl-C meanwhile"],
)
def test_a_command_whose_pytorch_does_not_load_says_so_in_one_sentence(error, status, said):
    code = UNREADY.format(error=error)
    ran = subprocess.run([sys.executable, "-c", code, "doctor"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (status, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith(f"deepcount-trainer: {said}")
