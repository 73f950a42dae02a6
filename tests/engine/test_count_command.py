"""`deepcount-engine count` as its user meets it."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress

import av
import cv2
import numpy as np
import pytest

from engine.cli import main
from engine.commands.report import CSV, CURVE, VIDEO, AnnotatedVideo, draw_curve
from engine.counting.reading import Reading
from engine.paths import DEMO_CLIP, DEMO_TRUTH, LIGHT_MODEL
from engine.picture.frame import Frame
from engine.picture.view import View
from engine.recording.table import Row
from engine.sources.flaws import Hole
from logged import started
from media import stamped, with_damaged_packets

NAMED = ("--model", LIGHT_MODEL)  # which runs as it is, and is not raced against others


def count(capsys, *arguments):
    """Runs the command in this process; returns its exit status and what it printed."""
    try:
        status = main(["count", *map(str, arguments)])
    except SystemExit as stop:
        status = stop.code
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def rows(folder):
    with (folder / CSV).open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_clip_leaves_counts_curve_video_and_log(clip, tmp_path, capsys):
    out = tmp_path / "out"
    status, printed, _ = count(capsys, clip(frames=9, rate=3), "--out", out)
    assert status == 0
    assert sorted(p.name for p in out.iterdir()) == sorted([VIDEO, CURVE, CSV, "deepcount.db"])
    assert all(name in printed for name in (CSV, CURVE, VIDEO, "deepcount.db"))
    table = rows(out)
    assert list(table[0]) == ["frame", "time_s", "count", "own_time_s", "low", "high", "reliable"]
    assert [int(r["frame"]) for r in table] == list(range(9))
    assert all(float(r["count"]) >= 0 for r in table)
    with av.open(str(out / VIDEO)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 9
    with sqlite3.connect(out / "deepcount.db") as log:
        assert log.execute("SELECT second, readings FROM sample").fetchall() == [(0, 3), (1, 3), (2, 3)]
    log.close()


def test_json_says_what_was_counted_and_where_it_is(clip, tmp_path, capsys):
    status, printed, _ = count(capsys, clip(), "--out", tmp_path / "out", "--json", "--no-video", "--no-density")
    facts = json.loads(printed)
    assert status == 0
    assert facts["frames"] == 12
    assert facts["least"] <= facts["mean"] <= facts["most"]
    assert VIDEO not in facts["files"]
    assert not (tmp_path / "out" / VIDEO).exists()


def test_what_an_earlier_count_left_is_not_said_to_be_written(clip, tmp_path, capsys):
    out = tmp_path / "out"
    assert count(capsys, clip(frames=2), "--out", out, *NAMED)[0] == 0
    status, printed, _ = count(capsys, clip(frames=2), "--out", out, "--no-video", *NAMED)
    assert status == 0
    assert (out / VIDEO).exists()
    assert VIDEO not in printed
    assert CURVE in printed


def test_a_picture_that_cannot_be_shown_is_the_end_of_its_recording_in_a_sentence(clip, tmp_path, capsys, monkeypatch):
    shown = View.picture

    def fails_at_the_fourth(view, shot):
        made.append(shot)
        if len(made) == 4:
            raise cv2.error("no memory")
        return shown(view, shot)

    made = []
    monkeypatch.setattr(View, "picture", fails_at_the_fourth)
    out = tmp_path / "out"
    status, printed, err = count(capsys, clip(frames=9, rate=3), "--out", out, *NAMED)
    assert status == 2
    assert "clip.mp4: the frame at 1.0 s cannot be counted (error); the readings up to there are kept" in err
    assert len(rows(out)) == 3
    assert all(name in printed for name in (CSV, CURVE, VIDEO))


def test_fewer_frames_a_second_are_counted_on_request(clip, tmp_path, capsys):
    status, _, _ = count(capsys, clip(frames=12, rate=6), "--out", tmp_path / "out", "--fps", "1", "--no-video")
    assert status == 0
    assert [r["frame"] for r in rows(tmp_path / "out")] == ["0", "6"]


def test_a_clip_of_one_frame_is_counted(clip, tmp_path, capsys):
    status, _, _ = count(capsys, clip(frames=1), "--out", tmp_path / "out")
    assert status == 0
    assert len(rows(tmp_path / "out")) == 1


def test_odd_sizes_and_upright_pictures_are_counted(clip, tmp_path, capsys):
    path = clip(frames=2, size=(150, 84), name="odd.mkv")
    assert count(capsys, path, "--out", tmp_path / "out", "--grid", "2x1")[0] == 0


def test_a_clip_cut_off_keeps_its_readings_and_says_so(clip, tmp_path, capsys):
    path = clip(frames=60, size=(192, 256), faststart=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    out = tmp_path / "out"
    status, _, err = count(capsys, path, "--out", out)
    assert status == 2
    assert "kept" in err
    assert "Traceback" not in err
    assert 10 < len(rows(out)) < 50
    with av.open(str(out / VIDEO)) as video:
        assert sum(1 for _ in video.decode(video=0)) == len(rows(out))
    with sqlite3.connect(out / "deepcount.db") as log:
        assert log.execute("SELECT SUM(readings) FROM sample").fetchone() == (len(rows(out)),)
    log.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["missing.mp4"], "missing.mp4 does not exist", id="missing file"),
        pytest.param(["{clip}", "--model", "missing.onnx"], "model missing.onnx does not exist", id="missing model"),
        pytest.param(["{clip}", "--model", "{clip}"], "is no ONNX file", id="clip as a model"),
        pytest.param(["{clip}", "--out", "/proc/results"], "/proc/results cannot be written", id="unwritable folder"),
        pytest.param(["{clip}", "--database", "{clip}"], "is no SQLite database", id="clip as a database"),
        pytest.param(["{clip}", "--truth", "missing.csv"], "missing.csv cannot be read", id="missing truth"),
        pytest.param(["{clip}", "--fps", "0"], "0 is not above 0", id="no frames a second"),
        pytest.param(["{clip}", "--grid", "0x3"], "is no grid", id="empty grid"),
        pytest.param(["{clip}", "--every-frame", "--fps", "2"], "not allowed with", id="two rates"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2_and_leaves_nothing(
    clip, tmp_path, monkeypatch, capsys, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    path = clip(frames=2)
    status, _, err = count(capsys, *[a.format(clip=path) for a in arguments])
    assert status == 2
    assert sentence in err
    assert "Traceback" not in err
    assert not list(tmp_path.rglob("counts.*"))
    assert not list(tmp_path.rglob("annotated.*"))


def test_a_log_that_fails_midway_keeps_the_readings(clip, tmp_path, capsys):
    out, log = tmp_path / "out", tmp_path / "log.db"
    assert count(capsys, clip(frames=2), "--out", out, "--database", log, "--no-video")[0] == 0
    with sqlite3.connect(log) as connection:
        connection.execute("CREATE TRIGGER broken BEFORE INSERT ON sample BEGIN DELETE FROM nowhere; END")
    connection.close()
    status, _, err = count(capsys, clip(frames=40, rate=4), "--out", out, "--database", log, "--no-video")
    assert status == 2
    assert "lacks tables of the log" in err
    assert len(rows(out)) > 2


def partials(out):
    """Files that are not finished yet."""
    return list(out.glob(".counts.*.part.csv"))


def wait_for_lines(process, out):
    """Waits until some frames are counted, or the process has ended."""
    while process.poll() is None and not any(path.stat().st_size > 100 for path in partials(out)):
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_costs_the_video_but_not_the_counts(clip, tmp_path):
    """No file may grow beyond 250 kB, which the database needs and a video of noise soon exceeds."""
    out = tmp_path / "out"
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))"
    process = started("count", clip(frames=60, size=(384, 512)), "--out", out, before=limit)
    printed, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "cannot be written: file too large" in err
    assert "Traceback" not in err
    assert 0 < len(rows(out)) < 60
    assert not (out / VIDEO).exists()
    assert VIDEO not in printed


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_being_stopped_keeps_what_was_counted(clip, tmp_path, number):
    """A real process, stopped as by Ctrl-C (which a shell's background jobs ignore by default) or by the system."""
    out = tmp_path / "out"
    process = started("count", clip(frames=2000, rate=25), "--out", out)
    wait_for_lines(process, out)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "what was counted so far is kept" in err
    assert 0 < len(rows(out)) < 2000
    assert not partials(out)


def test_the_model_sees_the_people_of_the_demonstration_clip(tmp_path, capsys):
    out = tmp_path / "out"
    status, printed, _ = count(
        capsys, DEMO_CLIP, "--out", out, "--truth", DEMO_TRUTH, "--fps", "1", "--no-video", "--no-density", "--json"
    )
    assert status == 0
    assert json.loads(printed)["mae"] < 10
    counts = np.array([float(r["count"]) for r in rows(out)])
    with DEMO_TRUTH.open() as file:
        truth = {r["frame"]: int(r["count"]) for r in csv.DictReader(file)}
    true = np.array([truth[r["frame"]] for r in rows(out)])
    assert np.corrcoef(counts, true)[0, 1] > 0.8
    assert json.loads(printed)["change_p95"] == pytest.approx(np.quantile(np.abs(np.diff(counts)), 0.95), abs=0.02)


def told(path):
    """What a player is told of a video: size, colours, and whether it may begin before all is loaded."""
    content = path.read_bytes()
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        context = stream.codec_context
        colours = context.colorspace, context.color_primaries, context.color_trc, context.color_range
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(stream)]
    return (stream.height, stream.width), colours, content.index(b"moov") < content.index(b"mdat"), frames


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        pytest.param((288, 704), (528, 704), id="squeezed"),
        pytest.param((320, 180), (320, 180), id="portrait"),
        pytest.param((96, 5000), (78, 4096), id="very wide"),
    ],
)
def test_the_annotated_video_is_as_people_see_the_picture_and_tells_its_colours(clip, tmp_path, capsys, size, shown):
    status, printed, _ = count(capsys, clip(frames=2, size=size), "--out", tmp_path / "out")
    assert status == 0
    found, colours, is_fast, frames = told(tmp_path / "out" / VIDEO)
    assert found == shown
    assert colours == (1, 1, 1, 1)  # BT.709, and the range of video
    assert is_fast
    assert len(frames) == 2
    assert ("note: its pictures of 704x288 are shown as 704x528" in printed) == (size == (288, 704))


def test_the_annotated_video_has_the_colours_of_the_picture(tmp_path):
    picture = np.full((90, 121, 3), (200, 40, 60), np.uint8)
    with AnnotatedVideo.open(tmp_path / VIDEO, 5.0) as video:
        video.add(Reading(Frame.of(0, 0.0, picture), 3.0))
    size, *_, frames = told(tmp_path / VIDEO)
    assert size == (90, 120)
    assert frames[0][-1, -1] == pytest.approx((200, 40, 60), abs=4)


def test_an_aspect_is_counted_as_asked_for(clip, tmp_path, capsys):
    source = clip(frames=2, size=(96, 128))
    status, printed, _ = count(capsys, source, "--out", tmp_path / "out", "--aspect", "16:6", "--json")
    assert status == 0
    assert json.loads(printed)["remarks"] == []
    assert told(tmp_path / "out" / VIDEO)[0] == (96, 256)


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [("--aspect", "16/9", "'16/9' is no width:height such as 16:9"), ("--grid", "9x8", "'9x8' is no grid such as 2x3")],
)
def test_a_shape_or_grid_that_cannot_be_is_refused(clip, capsys, option, value, sentence):
    status, _, err = count(capsys, clip(frames=1), option, value)
    assert status == 2
    assert sentence in err


def test_two_recordings_joined_are_counted_whole_and_the_jump_is_told(clip, tmp_path, capsys):
    path, out = clip(frames=12, rate=6, name="a.ts"), tmp_path / "out"
    path.write_bytes(path.read_bytes() * 2)
    status, printed, err = count(capsys, path, "--out", out, "--json", *NAMED)
    assert status == 0
    table = rows(out)
    assert [float(row["time_s"]) for row in table] == pytest.approx([n / 6 for n in range(24)], abs=2e-3)
    assert table[12]["own_time_s"] == table[0]["own_time_s"]
    with av.open(str(out / VIDEO)) as video:
        times = [frame.time for frame in video.decode(video=0)]
    assert times == pytest.approx([n / 6 for n in range(24)], abs=2e-3)
    with sqlite3.connect(out / "deepcount.db") as log:
        assert log.execute("SELECT second, readings FROM sample").fetchall() == [(second, 6) for second in range(4)]
    log.close()
    (jump,) = json.loads(printed)["recording"]["time_jumps"]
    assert jump == {"at_s": 2.0, "from_s": float(table[11]["own_time_s"]), "to_s": float(table[12]["own_time_s"])}
    assert "warning: at 2.0 s its own time jumps" in err


def test_a_damaged_packet_costs_its_frame_alone_and_leaves_a_gap(tmp_path, capsys):
    times = [n / 4 for n in range(16)]
    path = with_damaged_packets(stamped(tmp_path / "a.mp4", times, rate=4), 4, 5, 6, 7)
    out = tmp_path / "out"
    status, printed, _ = count(capsys, path, "--out", out, "--no-video", *NAMED)
    assert status == 0
    assert "warning: pictures are damaged or lost: 4 could not be decoded; nothing is known of 1.0 to 2.0 s" in printed
    assert [int(row["frame"]) for row in rows(out)] == [0, 1, 2, 3, *range(8, 16)]
    with sqlite3.connect(out / "deepcount.db") as log:
        assert log.execute("SELECT second FROM sample").fetchall() == [(0,), (2,), (3,)]
    log.close()


def test_one_frame_an_hour_is_counted_and_shown_at_its_hours(tmp_path, capsys):
    hours = [3600.0 * n for n in range(4)]
    out = tmp_path / "out"
    assert count(capsys, stamped(tmp_path / "slow.mkv", hours), "--out", out, *NAMED)[0] == 0
    assert [float(row["time_s"]) for row in rows(out)] == hours
    with av.open(str(out / VIDEO)) as video:
        assert [frame.time for frame in video.decode(video=0)] == pytest.approx(hours)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(r"$\foo$.mp4", id="mathematics"),
        pytest.param("cash$_and_$x.mp4", id="broken mathematics"),
        pytest.param("\N{GRINNING FACE} \N{CJK UNIFIED IDEOGRAPH-8857}.mp4", id="what the font does not have"),
        pytest.param("bell\a\x1b[31m.mp4", id="control characters"),
        pytest.param(os.fsdecode(b"caf\xe9.mp4"), id="no UTF-8"),
    ],
)
def test_any_name_is_drawn_as_it_is(tmp_path, recwarn, name):
    path = tmp_path / CURVE
    draw_curve(path, [Row(0, 0.0, 1.0), Row(1, 1.0, 2.0)], {}, f"{name}, counted by {name}")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert not recwarn


def test_the_curve_has_a_gap_where_nothing_is_known(tmp_path):
    rows = [Row(number, float(number), 5.0) for number in range(10) if not 4 <= number < 7]
    pictures = []
    for name, holes in (("whole.png", []), ("gap.png", [Hole(4.0, 7.0)])):
        draw_curve(tmp_path / name, rows, {}, "", holes=holes)
        pictures.append(cv2.imread(str(tmp_path / name)))
    drawn = [int((picture[:, :, 0].astype(int) - picture[:, :, 2] > 60).sum()) for picture in pictures]
    assert drawn[1] == pytest.approx(drawn[0] * 5 / 9, rel=0.1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes in another way")
def test_a_folder_that_is_being_written_is_refused_and_a_killed_count_leaves_it_free(clip, tmp_path, capsys):
    out = tmp_path / "out"
    first = started("count", clip(frames=1000, rate=25, name="first.mp4"), "--out", out)
    wait_for_lines(first, out)
    first.send_signal(signal.SIGSTOP)
    second = clip(frames=2, name="second.mp4")
    status, _, err = count(capsys, second, "--out", out, *NAMED)
    assert status == 2
    assert f"{out} is being written by another count" in err
    assert len(partials(out)) == 1
    first.kill()
    first.communicate(timeout=60)
    assert len(partials(out)) == 1
    assert count(capsys, second, "--out", out, "--no-video", *NAMED)[0] == 0
    assert not partials(out)
    assert len(rows(out)) == 2
