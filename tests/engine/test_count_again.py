"""`deepcount-engine count` of what was counted before, of what was interrupted, and of several recordings."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress

import av
import cv2
import numpy as np
import pytest

from engine.cli import main
from engine.commands.count_bar import frames_words
from engine.commands.report import CSV, CURVE, VIDEO
from engine.paths import LIGHT_MODEL
from engine.recording.cache import Cache
from logged import started
from media import stamped, with_damaged_packets

COUNTED = "counted_before"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "deepcount" / "recordings"


@pytest.fixture
def count(capsys):
    """Runs the command in this process; returns its exit status, its facts and what it said on stderr."""

    def run(*arguments, video=False):
        said = () if video else ("--no-video",)
        status = main(["count", *map(str, arguments), "--json", *said, "--model", str(LIGHT_MODEL)])
        printed = capsys.readouterr()
        return status, json.loads(printed.out or "null"), printed.err

    return run


def logged(folder):
    with closing(sqlite3.connect(folder / "deepcount.db")) as log:
        return log.execute(
            "SELECT second, mean, least, most, readings, consistency, condition FROM sample ORDER BY run_id, second"
        ).fetchall()


def left(folder):
    """All that a count left, without the video."""
    return (folder / CSV).read_bytes(), (folder / CURVE).read_bytes(), logged(folder)


@pytest.mark.parametrize("way", [(), ("--smooth", "1"), ("--fps", "2"), ("--no-density",)], ids=" ".join)
def test_a_second_count_is_known_and_leaves_the_same(clip, tmp_path, count, way):
    source = clip(frames=12, rate=6)
    assert count(source, "--out", tmp_path / "a", *way)[1][COUNTED] == 0
    status, facts, _ = count(source, "--out", tmp_path / "b", *way)
    assert status == 0
    assert facts[COUNTED] == facts["frames"] > 0
    assert left(tmp_path / "a") == left(tmp_path / "b")


def test_another_smoothing_is_taken_from_the_same_counts(clip, tmp_path, count):
    source = clip(frames=12, rate=6)
    count(source, "--out", tmp_path / "plain")
    assert count(source, "--out", tmp_path / "known", "--smooth", "1")[1][COUNTED] == 12
    assert count(source, "--out", tmp_path / "anew", "--smooth", "1", "--again")[1][COUNTED] == 0
    assert left(tmp_path / "known") == left(tmp_path / "anew")
    assert left(tmp_path / "known") != left(tmp_path / "plain")


@pytest.mark.parametrize("way", [("--grid", "1x2"), ("--fps", "3"), ("--aspect", "16:6")])
def test_what_was_counted_in_another_way_is_counted(clip, tmp_path, count, way):
    source = clip(frames=6, rate=6)
    count(source, "--out", tmp_path / "a")
    assert count(source, "--out", tmp_path / "b", *way)[1][COUNTED] == 0


def test_a_file_that_was_replaced_is_counted_and_one_that_was_moved_is_known(clip, tmp_path, count):
    source = clip(frames=6, rate=6)
    count(source, "--out", tmp_path / "a")
    moved = source.rename(tmp_path / "moved.mp4")
    assert count(moved, "--out", tmp_path / "b")[1][COUNTED] == 6
    assert count(clip(frames=7, rate=6), "--out", tmp_path / "c")[1][COUNTED] == 0


def test_the_video_makes_its_maps_anew_and_its_counts_are_known_then(clip, tmp_path, count):
    source = clip(frames=6, rate=6)
    for out in ("a", "b"):
        assert count(source, "--out", tmp_path / out, video=True)[1][COUNTED] == 0
        assert (tmp_path / out / VIDEO).exists()
    assert count(source, "--out", tmp_path / "c")[1][COUNTED] == 6


def test_remarks_and_damage_are_known_again(tmp_path, count):
    times = [n / 4 for n in range(16)]
    source = with_damaged_packets(stamped(tmp_path / "a.mp4", times, rate=4, size=(288, 704)), 4, 5, 6, 7)
    _, first, _ = count(source, "--out", tmp_path / "a")
    _, second, err = count(source, "--out", tmp_path / "b")
    assert second[COUNTED] == 12
    assert first["remarks"] == second["remarks"] != []
    assert first["recording"] == second["recording"]
    assert first["recording"]["holes"] == [{"from_s": 1.0, "to_s": 2.0}]
    assert "nothing is known of 1.0 to 2.0 s" in err
    assert left(tmp_path / "a") == left(tmp_path / "b")


def test_a_recording_that_breaks_off_says_so_again(clip, tmp_path, count):
    source = clip(frames=60, size=(192, 256), faststart=True)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    errors, tables = [], []
    for out in (tmp_path / "a", tmp_path / "b"):
        status, facts, err = count(source, "--out", out)
        assert status == 2
        errors.append(err.splitlines()[-1])
        tables.append(left(out))
    assert facts[COUNTED] == facts["frames"] > 10
    assert errors[0] == errors[1]
    assert "breaks off" in facts["error"]
    assert facts["error"] in errors[0]
    assert tables[0] == tables[1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_a_count_that_was_stopped_goes_on_where_it_was(clip, tmp_path, cache, count, number):
    source = clip(frames=60, rate=6)
    process = started(
        "count",
        source,
        "--out",
        tmp_path / "a",
        "--no-video",
        before="import engine.recording.counts as c; c.SAVE_S = 0.01",
    )
    while process.poll() is None and not list(cache.glob("counts-*")):
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    process.send_signal(number)
    process.communicate(timeout=60)
    status, facts, _ = count(source, "--out", tmp_path / "b")
    assert status == 0
    assert 0 < facts[COUNTED] < facts["frames"] == 60
    count(source, "--out", tmp_path / "c", "--again")
    assert left(tmp_path / "b") == left(tmp_path / "c")


def test_what_is_damaged_in_the_cache_is_said_and_counted_anew(clip, tmp_path, cache, count):
    source = clip(frames=6, rate=6)
    count(source, "--out", tmp_path / "a")
    (entry,) = cache.glob("counts-*")
    entry.write_bytes(entry.read_bytes()[:-3])
    status, facts, err = count(source, "--out", tmp_path / "b")
    assert (status, facts[COUNTED]) == (0, 0)
    assert err.count("is damaged, and is made anew") == 1
    assert count(source, "--out", tmp_path / "c")[1][COUNTED] == 6


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(clip, tmp_path, cache, count):
    cache.parent.mkdir(parents=True)
    cache.write_text("in the way")
    for out in ("a", "b"):
        status, facts, err = count(clip(frames=6, rate=6), "--out", tmp_path / out)
        assert (status, facts[COUNTED]) == (0, 0)
        assert err.count("nothing is kept in") == 1


def test_of_the_cache_what_was_not_used_longest_goes(tmp_path):
    cache = Cache(tmp_path / "small", most_bytes=3 * 132)
    for name in ("a", "b", "c"):
        cache.write(name, bytes(100))
    for age, name in enumerate(("b", "c", "a")):
        os.utime(tmp_path / "small" / name, (1000 + age, 1000 + age))
    assert cache.read("b") == bytes(100)
    cache.write("d", bytes(100))
    assert [cache.read(name) is not None for name in "abcd"] == [True, True, False, True]


def test_several_recordings_have_folders_of_their_own(clip, tmp_path, count):
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("cut.mp4", "cut.mkv", "yard.mp4"):
        clip(frames=3, rate=6, name=name).rename(folder / name)
    (folder / "notes.txt").write_text("of the day")
    alone = clip(frames=2, rate=6, name="Yard.mp4")
    status, facts, _ = count(folder, alone, "--out", tmp_path / "out")
    assert status == 0
    assert [one["frames"] for one in facts] == [3, 3, 3, 2]
    assert [one["files"][CSV].removeprefix(f"{tmp_path}/out/") for one in facts] == [
        f"{name}/{CSV}" for name in ("cut.mkv", "cut.mp4", "yard.mp4", "Yard.mp4-2")
    ]
    assert all((p / CSV).exists() for p in (tmp_path / "out").iterdir())


def test_a_folder_of_pictures_is_one_recording(tmp_path, count):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((96, 128, 3), 90, np.uint8))
    assert count(folder, "--out", tmp_path / "out")[1]["frames"] == 3
    assert count(folder, "--out", tmp_path / "b")[1][COUNTED] == 3
    cv2.imwrite(str(folder / "3.png"), np.full((96, 128, 3), 90, np.uint8))
    assert count(folder, "--out", tmp_path / "c")[1][COUNTED] == 0


def test_of_several_the_one_that_cannot_be_read_is_told_and_the_others_are_counted(clip, tmp_path, count):
    notes = tmp_path / "notes.mp4"
    notes.write_text("a shopping list\n" * 99)
    status, facts, err = count(notes, clip(frames=3, rate=6), "--out", tmp_path / "out")
    assert status == 2
    assert [one["frames"] for one in facts] == [0, 3]
    assert [one["source"] for one in facts] == [str(notes), str(tmp_path / "clip.mp4")]
    assert facts[0]["error"] in err
    assert facts[1]["error"] is None
    assert "notes.mp4 is no video that FFmpeg can read" in err
    with (tmp_path / "out" / "clip" / CSV).open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 3


def test_none_of_several_can_be_read(tmp_path, count):
    status, facts, err = count(tmp_path / "a.mp4", tmp_path / "b.mp4")
    assert status == 2
    assert [one["source"] for one in facts] == [str(tmp_path / "a.mp4"), str(tmp_path / "b.mp4")]
    assert all(one["error"] in err and "does not exist" in one["error"] for one in facts)
    assert err.count("does not exist") == 2


def test_a_folder_that_holds_nothing_is_told_what_it_may_hold(tmp_path, count):
    folder = tmp_path / "empty"
    folder.mkdir()
    status, facts, err = count(folder)
    assert (status, facts) == (2, None)
    assert "holds no picture and no video, expected pictures (.bmp, " in err
    assert "or videos (such as .mp4)" in err


@pytest.mark.parametrize(
    ("done", "total", "known", "words"),
    [
        (77, None, 0, "77 frames"),
        (0, None, 0, "0 frames"),
        (7, 9, 3, "7/9 frames"),
        (0, 0, 12, "12 frames counted before"),
        (0, None, 12, "12 frames counted before"),
        (3, None, 12, "3 frames"),
    ],
)
def test_progress_says_no_total_that_is_unknown_or_nothing(done, total, known, words):
    assert frames_words(done, total, known) == words


def test_progress_of_a_recording_without_a_promise_names_no_total(clip, tmp_path, count):
    source = clip(frames=6, rate=6, name="live.mkv")
    said = [count(source, "--out", tmp_path / out)[2] for out in ("a", "b")]
    assert "None" not in "".join(said)
    assert "6/6 frames" in said[0]
    assert "6 frames counted before" in said[1]
    assert "0/0" not in said[1]


def test_true_counts_are_those_of_one_recording(clip, tmp_path, count):
    truth = tmp_path / "truth.csv"
    truth.write_text("frame,count\n0,1\n")
    status, _, err = count(clip(), clip(name="b.mp4"), "--truth", truth)
    assert status == 2
    assert "give one" in err


def test_the_video_of_a_known_recording_has_all_of_its_frames(clip, tmp_path, count):
    source = clip(frames=6, rate=6)
    count(source, "--out", tmp_path / "a")
    count(source, "--out", tmp_path / "b", video=True)
    with av.open(str(tmp_path / "b" / VIDEO)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 6
