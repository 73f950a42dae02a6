"""What a notebook gets from `import trainer`, and the example of its page."""

import re
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

import trainer

PAGE = Path(__file__).parents[2] / "docs" / "notebook.md"
LONGEST = 25  # lines of the example, blank ones aside


def test_the_example_of_the_page_runs_as_it_stands(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len([line for line in example.splitlines() if line]) <= LONGEST
    (tmp_path / "part_B").symlink_to(data.parent)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, PAGE.name, "exec"), {})
    assert "ShanghaiTech part B: 18 pictures, 1 people in IMG_1" in capsys.readouterr().out
    assert len(onnx.load(tmp_path / "runs" / "notebook" / "mine.onnx").graph.input) == 2


def test_importing_it_loads_nothing_heavy() -> None:
    script = "import sys, trainer; print(*{'torch', 'numpy', 'cv2', 'scipy'} & set(sys.modules)); trainer.loss"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "\n"


def test_the_page_names_all_there_is() -> None:
    table = PAGE.read_text("utf-8").partition("| name |")[2]
    named = {name for cell in re.findall(r"^\|(.*?)\|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)}
    offered = {name for name in dir(trainer) if name in trainer._HOME}
    assert named == offered
    assert all(getattr(trainer, name).__doc__ for name in offered)


def test_a_name_that_is_not_there_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'trainer' has no attribute 'fly'"):
        trainer.fly  # noqa: B018
