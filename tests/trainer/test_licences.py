"""Weights may be used under the terms of all their data and of what they started from."""

from pathlib import Path

import pytest

from trainer.cli import main
from trainer.errors import TrainerError
from trainer.learning.licences import DATA, LICENCE, ORIGIN, START_LICENCE, check_not_freer, learnt_from, licence_of

SHANGHAITECH = "research use only: ShanghaiTech states no licence"
UCF = "research use only: UCF_CC_50 states no licence"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({DATA: "my_pictures"}, "unstated for my_pictures"),
        ({DATA: "ShanghaiTech part A + ShanghaiTech part B + UCF_CC_50"}, f"{SHANGHAITECH}; {UCF}"),
        ({DATA: "gate", START_LICENCE: SHANGHAITECH}, f"{SHANGHAITECH}; unstated for gate"),
        ({DATA: "ShanghaiTech part B", START_LICENCE: SHANGHAITECH}, SHANGHAITECH),
        ({DATA: "gate", ORIGIN: "a.safetensors, trained on UCF_CC_50"}, f"unstated for gate; {UCF}"),
        ({DATA: "gate", ORIGIN: "a.safetensors, trained on UCF_CC_50", START_LICENCE: "MIT"}, "MIT; unstated for gate"),
        ({DATA: "UCF_CC_50", LICENCE: "CC BY 4.0"}, "CC BY 4.0"),
        ({}, "unstated for unknown data"),
    ],
    ids=["own", "known sets", "start", "start of the same", "older checkpoint", "granted start", "stated", "nothing"],
)
def test_the_licence_follows_from_data_and_start(facts: dict[str, str], expected: str) -> None:
    assert licence_of(facts) == expected


def test_data_of_the_start_is_not_forgotten() -> None:
    facts = {DATA: "gate", ORIGIN: "best.safetensors, trained on hall + UCF_CC_50 + gate"}
    assert learnt_from(facts) == "gate + hall + UCF_CC_50"


def test_a_stated_licence_may_say_more_but_not_less() -> None:
    derived = f"{SHANGHAITECH}; unstated for gate"
    check_not_freer(f"{SHANGHAITECH}, and for use in this house alone", derived)
    check_not_freer("MIT", "unstated for gate")
    with pytest.raises(TrainerError, match=f"--licence 'MIT' leaves out .* expected in it '{SHANGHAITECH}'; if you"):
        check_not_freer("MIT", derived)


def test_a_freer_licence_has_to_be_confirmed(
    best: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", str(best), "--data", str(data), "--out", str(tmp_path / "a.onnx"), "--licence", "MIT"]
    assert main(words) == 2
    assert "--licence-confirmed" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
