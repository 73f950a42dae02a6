"""Files are written whole or not at all, whoever else writes there."""

import sys
from pathlib import Path

import pytest

from trainer.errors import TrainerError
from trainer.files import written_whole


def test_what_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(TypeError), written_whole(path, "list") as partial:
        partial.write_text(b"half")  # type: ignore[arg-type]
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_who_write_one_file_at_once_share_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with written_whole(path, "list") as first, written_whole(path, "list") as second:
        first.write_text("first")
        second.write_text("second")
        assert first.read_text() == "first"
    assert path.read_text() == "first"  # whose block ended last
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets few people make links")
def test_a_link_that_lies_in_wait_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / ".a.0badcafe.part.txt").symlink_to(victim)
    monkeypatch.setattr("trainer.files.token_hex", lambda _: "0badcafe")
    with pytest.raises(TrainerError, match="File exists"), written_whole(tmp_path / "a.txt", "list") as partial:
        partial.write_text("spoilt")
    assert victim.read_text() == "precious"
