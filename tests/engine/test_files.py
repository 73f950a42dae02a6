import errno
import os
import subprocess
import sys

import pytest

from engine.errors import OutputError
from engine.files import claimed, written_whole


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.txt"
    with pytest.raises(TypeError), written_whole(path) as partial:
        partial.write_text(b"half")
    assert not list(tmp_path.iterdir())
    with written_whole(path) as partial:
        partial.write_text("all")
        assert not path.exists()
    assert path.read_text() == "all"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def read_only(tmp_path):
    """A folder on a disk that can only be read."""
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("only root of Linux can mount a disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_can_only_be_read_is_said_to_be_so(read_only):
    with (
        pytest.raises(OutputError, match=r"a\.txt cannot be written: read-only file system") as raised,
        written_whole(read_only / "a.txt"),
    ):
        pass
    assert raised.value.__cause__.errno == errno.EROFS


def test_two_writers_of_one_file_do_not_share_what_is_not_finished(tmp_path):
    path = tmp_path / "a.txt"
    with written_whole(path) as first, written_whole(path) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets few people make links")
def test_a_link_that_lies_where_a_part_would_is_not_followed(tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / ".a.0badcafe.part.txt").symlink_to(victim)
    monkeypatch.setattr("engine.files.token_hex", lambda _: "0badcafe")
    with pytest.raises(OutputError, match="file exists"), written_whole(tmp_path / "a.txt") as partial:
        partial.write_text("spoilt")
    assert victim.read_text() == "precious"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_what_is_written_may_be_read_as_other_files_of_the_user_are(tmp_path):
    with written_whole(tmp_path / "a.txt") as partial:
        partial.write_text("all")
    (tmp_path / "b.txt").write_text("all")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "b.txt").stat().st_mode


def test_a_folder_is_claimed_once_and_free_again_afterwards(tmp_path):
    folder = tmp_path / "deep" / "out"
    with claimed(folder):
        with pytest.raises(OutputError, match="is being written by another count"), claimed(folder):
            pass
        with claimed(tmp_path / "other"):
            pass
    with claimed(folder):
        pass
    assert not list(folder.iterdir())


def test_parts_that_a_killed_process_left_are_deleted_and_nothing_else(tmp_path):
    left = tmp_path / ".counts.0badcafe.part.csv"
    others = [tmp_path / name for name in ("counts.csv", ".notes.0badcafe.part.csv", ".counts.part.csv")]
    for path in (left, *others):
        path.touch()
    with claimed(tmp_path, "counts.csv"):
        pass
    assert sorted(tmp_path.iterdir()) == sorted(others)
