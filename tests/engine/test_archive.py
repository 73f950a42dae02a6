"""`deepcount-engine archive`: many recordings in pieces, by any number of processes, as `count` counts them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from onnx import helper

from constant import NUMBER, write_model
from engine.archive.crew import Outfit, Worker
from engine.archive.foreman import Foreman, Plan
from engine.archive.ledger import Ledger
from engine.archive.listing import recordings
from engine.archive.pieces import Manner, Piece, Place, Survey, cut
from engine.archive.processes import Processes
from engine.cli import main
from engine.errors import EngineError, OutputError, SourceError
from engine.inference.contract import read_model_file
from engine.recording.identity import identity_of
from engine.recording.index import read_index
from logged import waited_for
from media import stamped, with_damaged_packets

MINUTES = [float(second) for second in range(150)]
"""Time stamps of a recording of one frame a second, which is three pieces."""
KEYS = {"bf": "2", "g": "10", "open_gop": "1", "preset": "ultrafast"}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def bright(tmp_path_factory):
    """A model that sees more people the brighter a tile is, so that every frame has a count of its own."""
    nodes = [
        helper.make_node("Cast", ["tiles"], ["grey"], to=NUMBER),
        helper.make_node("ReduceMean", ["grey"], ["people"], axes=[1, 2, 3], keepdims=0),
    ]
    path = tmp_path_factory.mktemp("model") / "bright.onnx"
    return write_model(path, "bright", {"per_cell": np.full(1, 0.01, np.float32)}, first=nodes)


class Here:
    """A crew of this very process, which notes what it does."""

    size = 1

    def __init__(self, outfit):
        self._worker, self._jobs, self.done = Worker(outfit), [], []

    def submit(self, job):
        self._jobs.append(job)

    def outcomes(self, _timeout_s):
        outcome = self._worker.attempt(self._jobs.pop(0))
        self.done.append(outcome.job)
        return [outcome]

    def close(self):
        self._jobs.clear()


@pytest.fixture
def archive(bright, tmp_path):
    """Counts recordings into a folder by a crew; returns what came of them and the crew."""

    def run(*named, out="out", manner=None, crew=Here, stop=lambda progress: False, **plan):
        file, manner = read_model_file(bright), manner or Manner()
        folder, state = tmp_path / out, tmp_path / out / ".archive"
        state.mkdir(parents=True, exist_ok=True)
        found = recordings([str(each) for each in named], folder, state)
        used = crew(Outfit(manner, file, "cpu", 1))
        foreman = Foreman(found, Plan(manner, file, "cpu", folder, fetches=True, **plan), used, Ledger(state))
        with contextlib.closing(used):
            for progress in foreman.run():
                if stop(progress):
                    break
        return foreman.results, used

    return run


@pytest.fixture
def counted(bright, tmp_path, capsys):
    """Returns the bytes of the table that `count` writes of a recording."""

    def run(source, *way):
        out = tmp_path / "counted"
        main(["count", str(source), "--no-video", "--model", str(bright), "--provider", "cpu", "--out", str(out), *way])
        capsys.readouterr()
        return (out / "counts.csv").read_bytes()

    return run


@pytest.fixture
def long(tmp_path):
    """A recording of three pieces."""
    return stamped(tmp_path / "clips" / "long.mp4", MINUTES, rate=1, options=KEYS)


@pytest.fixture(autouse=True)
def clips(tmp_path):
    (tmp_path / "clips").mkdir()
    return tmp_path / "clips"


def names(used):
    return [job.name for job in used.done if isinstance(job, Piece)]


def test_pieces_begin_with_key_frames_and_hold_every_picture_once(long):
    index = read_index(long)
    pieces = cut(Place(str(long), identity_of(long)), index, None, None, is_whole=True)
    assert [piece.name for piece in pieces] == ["0-60", "60-120", "120-150"]
    assert all(piece.first in index.keys for piece in pieces)
    assert [piece.span_s for piece in pieces] == [(0, 60), (60, 120), (120, 150)]


def test_of_fewer_frames_a_second_each_piece_counts_its_own(long):
    pieces = cut(Place(str(long), identity_of(long)), read_index(long), None, 0.5, is_whole=True)
    assert [piece.frames for piece in pieces] == [30, 30, 15]


@pytest.mark.parametrize(
    ("suffix", "manner", "plan", "way"),
    [
        pytest.param(".mp4", Manner(), {}, (), id="mp4"),
        pytest.param(".mkv", Manner(), {}, (), id="mkv"),
        pytest.param(".ts", Manner(), {}, (), id="ts"),
        pytest.param(".mp4", Manner(max_fps=0.4), {}, ("--fps", "0.4"), id="some frames"),
        pytest.param(".mp4", Manner(density=False), {}, ("--no-density",), id="no density"),
        pytest.param(".mp4", Manner(grid=(1, 2)), {}, ("--grid", "1x2"), id="grid"),
        pytest.param(".mp4", Manner(), {"smoothing_s": 5.0}, ("--smooth", "5"), id="smoothed across pieces"),
    ],
)
def test_an_archive_has_the_table_that_count_writes(archive, counted, clips, tmp_path, suffix, manner, plan, way):
    source = stamped(clips / f"long{suffix}", MINUTES, rate=1, options=KEYS)
    results, used = archive(clips, manner=manner, **plan)
    assert names(used) == ["0-60", "60-120", "120-150"]
    assert results[source.name].is_good
    assert (tmp_path / "out" / f"{source.name}.csv").read_bytes() == counted(source, *way)


def damaged(path):
    return with_damaged_packets(stamped(path, MINUTES, rate=1, options={"bf": "0", "g": "10"}), 75, 76)


def cut_off(path):
    whole = stamped(path, MINUTES, rate=1, options=KEYS).read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    return path


def jumping(path):
    return stamped(path, [*MINUTES[:70], *(5000.0 + second for second in MINUTES[70:])], rate=1)


@pytest.mark.parametrize(
    ("make", "name"),
    [(damaged, "damaged.mp4"), (cut_off, "cut.mkv"), (jumping, "jump.mkv")],
    ids=["damaged", "cut", "jump"],
)
def test_a_recording_with_flaws_is_read_from_its_beginning(archive, counted, clips, tmp_path, make, name):
    source = make(clips / name)
    results, used = archive(clips)
    assert names(used)[-1] == "whole"
    result = results[name]
    assert not result.skipped
    assert result.flaws.as_dict["whole"] is (make is jumping)
    assert bool(result.error) is (make is cut_off)
    assert (tmp_path / "out" / f"{name}.csv").read_bytes() == counted(source)


def test_a_folder_of_pictures_is_one_recording(archive, counted, clips, tmp_path):
    for number in range(4):
        cv2.imwrite(str(clips / f"{number}.png"), np.full((96, 128, 3), 40 * number, np.uint8))
    archive(clips)
    assert (tmp_path / "out" / "clips.csv").read_bytes() == counted(clips)


def test_what_was_stopped_goes_on_and_what_is_done_is_not_counted_again(archive, counted, long, tmp_path):
    _, before = archive(long, stop=lambda progress: progress.frames > 0)
    assert names(before) == ["0-60"]
    results, then = archive(long)
    assert names(then) == ["60-120", "120-150"]
    assert not results[long.name].counted_before
    again, known = archive(long)
    assert known.done == []
    assert again[long.name].counted_before
    assert again == results
    assert (tmp_path / "out" / "long.mp4.csv").read_bytes() == counted(long)
    anew, used = archive(long, again=True)
    assert len(names(used)) == 3
    assert anew == results


def test_another_file_under_the_same_name_is_counted(archive, long):
    archive(long)
    stamped(long, MINUTES[:20], rate=1)
    results, _ = archive(long)
    assert results[long.name].frames == 20


def test_a_piece_that_fails_three_times_is_named_and_tried_again_by_the_next_command(archive, counted, long, tmp_path):
    content = long.read_bytes()

    class Losing(Here):
        def outcomes(self, timeout_s):
            found = super().outcomes(timeout_s)
            if self.done[-1] is not None and names(self) == ["0-60"]:
                long.unlink(missing_ok=True)  # as where a share goes away
            return found

    facts = long.stat()
    results, used = archive(long, crew=Losing)
    result = results[long.name]
    assert [(piece.from_s, piece.to_s) for piece in result.skipped] == [(60, 120), (120, 150)]
    assert all("cannot be read" in piece.why for piece in result.skipped)
    assert result.frames == 60
    assert names(used).count("60-120") == 3
    long.write_bytes(content)
    os.utime(long, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    results, then = archive(long)
    assert names(then) == ["60-120", "120-150"]
    assert results[long.name].is_good
    assert (tmp_path / "out" / "long.mp4.csv").read_bytes() == counted(long)


def test_what_is_no_recording_is_named_and_the_others_are_counted(archive, clips):
    stamped(clips / "good.mp4", MINUTES[:5], rate=1)
    (clips / "bad.mp4").write_bytes(b"no video")
    results, _ = archive(clips)
    assert results["good.mp4"].is_good
    assert "is no video that FFmpeg can read" in results["bad.mp4"].error


def test_recordings_of_one_name_get_tables_of_their_own(archive, clips, tmp_path):
    for folder, frames in (("a", 3), ("b", 4)):
        (clips / folder).mkdir()
        stamped(clips / folder / "gate.mp4", MINUTES[:frames], rate=1)
    results, _ = archive(clips / "a" / "gate.mp4", clips / "b" / "gate.mp4", clips / "a" / ".." / "a" / "gate.mp4")
    assert {name: result.frames for name, result in results.items()} == {"gate.mp4": 3, "gate.mp4-2": 4}
    results, _ = archive(clips / "b" / "gate.mp4", clips / "a" / "gate.mp4")
    assert {name: result.frames for name, result in results.items()} == {"gate.mp4": 3, "gate.mp4-2": 4}
    assert all(result.counted_before for result in results.values())
    results, _ = archive(clips, out="tree")
    assert sorted(results) == ["a/gate.mp4", "b/gate.mp4"]
    assert (tmp_path / "tree" / "a" / "gate.mp4.csv").is_file()


def test_results_are_no_recordings_and_patterns_find_some(clips, tmp_path):
    for name in ("one.mp4", "two.mkv", ".hidden.mp4", "out/old.mp4", "notes.txt"):
        (clips / name).parent.mkdir(exist_ok=True)
        (clips / name).write_bytes(b"x")
    state = tmp_path / "state"
    state.mkdir()

    def found(*named):
        return [each.name for each in recordings([str(each) for each in named], clips / "out", state)]

    assert found(clips) == ["one.mp4", "two.mkv"]
    assert found(clips / "*.mp4") == ["one.mp4"]
    for wrong, why in ((clips / "*.avi", "finds no video"), (clips / "none", "does not exist")):
        with pytest.raises(SourceError, match=why):
            found(wrong)
    (state / "names.json").write_text(json.dumps({"x": "../../etc/passwd"}))
    with pytest.raises(OutputError, match="does not hold names of results"):
        found(clips)


def test_recordings_elsewhere_are_fetched_once_and_their_names_stay_inside(archive, long, tmp_path):
    fsspec = pytest.importorskip("fsspec", reason="the extra 'cluster' is not installed")
    files = fsspec.filesystem("memory")
    for name in ("/city/2024/gate.mp4", "/city/../city/up.mp4"):
        files.pipe(name, long.read_bytes())
    results, used = archive("memory://city")
    assert all(result.is_good for result in results.values())
    assert all(Path(os.path.normpath(tmp_path / "out" / name)).is_relative_to(tmp_path / "out") for name in results)
    assert (tmp_path / "out" / "2024" / "gate.mp4.csv").is_file()
    assert not list((tmp_path / "out" / ".archive" / "fetched").glob("*"))
    assert sum(isinstance(job, Survey) for job in used.done) == len(results)
    again, known = archive("memory://city")
    assert known.done == []
    assert again == results
    with pytest.raises(SourceError, match="holds no video"):
        archive("memory://town")
    files.rm("/city", recursive=True)


@pytest.fixture
def twenty(clips):
    """Short recordings in two folders."""
    for number in range(20):
        folder = clips / f"{number % 2}"
        folder.mkdir(exist_ok=True)
        stamped(folder / f"{number}.mp4", MINUTES[: 5 + number], rate=1, options={"preset": "ultrafast"})
    return clips


def tables(folder):
    return {path.name.removesuffix(".csv"): path.read_bytes() for path in folder.rglob("*.mp4.csv")}


@pytest.fixture
def counted_alone(bright, tmp_path, capsys):
    """The tables that `count` writes of twenty recordings."""

    def run(clips):
        sources = [str(path) for path in sorted(clips.rglob("*.mp4"))]
        main(
            ["count", *sources, "--no-video", "--model", str(bright), "--provider", "cpu", "--out", str(tmp_path / "x")]
        )
        capsys.readouterr()
        return {f"{path.parent.name}.mp4": path.read_bytes() for path in (tmp_path / "x").rglob("counts.csv")}

    return run


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(archive, twenty, counted_alone, tmp_path):
    killed = []

    class Shot(Processes):
        def __init__(self, outfit):
            super().__init__(2, outfit)

        def outcomes(self, timeout_s):
            found = super().outcomes(timeout_s)
            if not killed and len(list((tmp_path / "out").rglob("*.csv"))) >= 10:
                killed.append(self.pids[0])
                os.kill(killed[0], signal.SIGKILL)
            return found

    results, _ = archive(twenty, crew=Shot)
    assert killed
    assert len(results) == 20
    assert all(result.is_good for result in results.values())
    assert tables(tmp_path / "out") == counted_alone(twenty)


def test_workers_that_cannot_begin_are_told_once(archive, long):
    class Strange(Processes):
        def __init__(self, outfit):
            super().__init__(1, replace(outfit, version="0.0.0"))

    with pytest.raises(EngineError, match=r"a node runs DeepCount .*, expected 0\.0\.0"):
        archive(long, crew=Strange)


@pytest.mark.parametrize("way", [(), ("--no-density", "--smooth", "3", "--workers", "1")], ids=["plain", "other"])
def test_the_command_writes_tables_and_a_summary(bright, clips, tmp_path, capsys, way):
    stamped(clips / "good.mp4", MINUTES[:5], rate=1)
    (clips / "bad.mp4").write_bytes(b"no video")
    out = tmp_path / "out"
    order = ["archive", str(clips), "--out", str(out), "--model", str(bright), "--provider", "cpu", "--json", *way]
    assert main(order) == 2
    said = json.loads(capsys.readouterr().out)
    assert said == json.loads((out / "summary.json").read_text())
    assert [(each["source"], each["frames"]) for each in said["results"]] == [
        (str(clips / "bad.mp4"), 0),
        (str(clips / "good.mp4"), 5),
    ]
    assert "bad.mp4: " in said["problems"][0]
    assert sorted(tables(out)) == ["good.mp4"]


def test_ctrl_c_ends_all_and_says_130(bright, clips, tmp_path):
    stamped(clips / "long.mp4", [one / 10 for one in range(6000)], rate=10, options={"preset": "ultrafast"})
    order = ["archive", str(clips), "--out", str(tmp_path / "out"), "--model", str(bright), "--workers", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "engine", *order], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as program:
        pieces = tmp_path / "out" / ".archive"
        assert waited_for(lambda: list(pieces.rglob("0-*")) or program.poll() is not None, 60)
        os.killpg(program.pid, signal.SIGINT)
        _, said = program.communicate(timeout=30)
    assert program.returncode == 130
    assert said.endswith("stopped; what was counted so far is kept\n")
    assert list(pieces.rglob("0-*"))


@pytest.fixture
def own_environment():
    """Takes back the variables that Ray sets when it begins."""
    before = dict(os.environ)
    yield
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update(before)


@pytest.mark.ray
def test_a_ray_cluster_counts_as_processes_do(own_environment, bright, archive, long, tmp_path, capsys):
    pytest.importorskip("ray", reason="the extra 'cluster' is not installed")
    archive(long)
    out = tmp_path / "ray"
    order = ["archive", f"file://{long}", "--out", str(out), "--model", str(bright), "--provider", "cpu"]
    assert main([*order, "--ray", "local", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == len(MINUTES)
    assert tables(out) == tables(tmp_path / "out")


def test_a_cluster_that_does_not_answer_is_said_at_once(bright, long, tmp_path, capsys):
    pytest.importorskip("ray", reason="the extra 'cluster' is not installed")
    with socket.create_server(("127.0.0.1", 0)) as place:
        address = f"127.0.0.1:{place.getsockname()[1]}"
    order = ["archive", str(long), "--out", str(tmp_path / "out"), "--model", str(bright), "--ray", address]
    assert main(order) == 2
    assert f"no Ray cluster answers at {address}" in capsys.readouterr().err
