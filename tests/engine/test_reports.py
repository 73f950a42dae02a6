"""`deepcount-engine report`: what is told of a camera, and the PDF that tells it."""

import re
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from engine.checks.spot_check import Errors
from engine.cli import main
from engine.errors import OutputError
from engine.evidence.account import Kind, coarser, summed
from engine.evidence.known import Gap, blocks_of, gaps_of, joined, unknown_s
from engine.evidence.report import write_report
from engine.evidence.span import DAY_S, Span, clock, day_span, lasting, seconds_of
from engine.evidence.watched import LogPlace, watched
from engine.history.series import Grid, Series
from told import BEGAN, LOST, PEAK, SECONDS, write_log

HOUR = Span(BEGAN, BEGAN + SECONDS)


@pytest.fixture(autouse=True)
def berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return write_log(tmp_path_factory.mktemp("log") / "counts.db")


def test_a_camera_is_told_of_as_the_log_has_it(log):
    account = watched(LogPlace(str(log)), "north", HOUR)
    assert account.kind is Kind.CAMERA
    assert account.whole.unknown_s == len(LOST)
    assert [(gap.from_s - BEGAN, gap.to_s - BEGAN, gap.reason) for gap in account.gaps] == [(600, 660, "camera lost")]
    peak = account.peaks()[0]
    assert (peak.at_s - BEGAN, peak.people, peak.most) == (PEAK, 40.0, 42.0)
    assert [alert.rule_name for alert in account.alerts] == ["crowd"]
    assert {(level.words, level.people) for level in account.levels} == {
        ("crowd: above 25 people for 3 s", 25.0),
        ("capacity 60", 60.0),
    }
    assert [name for name, _ in account.zones] == ["queue"]
    assert account.accuracy.checks == Errors(5, 1.8, pytest.approx(-0.6), account.accuracy.checks.interval)
    assert [row.name for row in account.accuracy.held_out][-1] == "all"


def test_what_lies_outside_of_the_span_is_left_out(log):
    account = watched(LogPlace(str(log)), "north", Span(BEGAN + 700, BEGAN + 800))
    assert account.alerts == ()
    assert account.gaps == ()
    assert account.whole.most == 12.0


def test_a_day_holds_what_was_not_watched(log):
    day = day_span("2026-11-20")
    account = watched(LogPlace(str(log)), "north", day)
    assert account.whole.unknown_s == DAY_S - SECONDS + len(LOST)
    assert [gap.reason for gap in account.gaps] == ["not watched", "camera lost", "not watched"]
    told = [part for part in account.hours if part.mean is not None]
    assert len(account.hours) == 24
    assert [day.hour(part.from_s, part.to_s) for part in told] == ["11:00 – 12:00"]
    assert told[0].unknown_s == 3600 - SECONDS + len(LOST)


def test_a_day_on_which_clocks_are_put_back_has_25_hours():
    hours = day_span("2026-10-25").hours()
    assert len(hours) == 25
    assert all(to_s - from_s == 3600 for from_s, to_s in hours)
    assert day_span("2026-10-25").zone == "local time, CEST (UTC+02:00) and then CET (UTC+01:00)"
    assert len(day_span("2026-03-29").hours()) == 23


@pytest.mark.parametrize(
    ("span", "title"),
    [
        (lambda: day_span("2026-11-20"), "Fri 2026-11-20, the whole day"),
        (lambda: Span(BEGAN, BEGAN + 3600), "Fri 2026-11-20, 11:00 to 12:00"),
        (lambda: Span(BEGAN, BEGAN + DAY_S), "Fri 2026-11-20, 11:00 to Sat 2026-11-21, 11:00"),
        (lambda: Span(62.5, 3700.0, is_wall=False), "0:01:02.5 to 1:01:40 of the recording"),
    ],
    ids=["day", "hour", "night", "recording"],
)
def test_a_span_is_named(span, title):
    assert span().title == title


def test_times_are_said():
    assert [clock(0), clock(3661), clock(0.5)] == ["0:00:00", "1:01:01", "0:00:00.5"]
    assert [lasting(90), lasting(600), lasting(7260)] == ["90 s", "10 min", "2 h 1 min"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("1:30", 90), ("0:01:30", 90), ("1.5", 1.5), ("1:00:00.5", 3600.5), ("75:00", 4500)],
)
def test_times_of_a_recording_are_read(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "1:99", "1:60:00", "-1", "noon", "1:", ":30"])
def test_what_is_no_time_of_a_recording_is_refused(text):
    with pytest.raises(ValueError, match="no time of a recording"):
        seconds_of(text)


def test_a_camera_that_is_counted_seldom_is_known_in_between():
    every_ten = np.arange(0, 1000, 10)
    assert unknown_s(blocks_of(every_ten, 10.0), 0, 1000) == 0
    assert unknown_s(blocks_of(np.array([0, 1, 2, 5, 6])), 0, 10) == 5


def test_gaps_lie_between_what_is_known():
    blocks = joined(np.array([[50.0, 60.0], [0.0, 10.0], [12.0, 20.0]]))
    gaps = gaps_of(blocks, Span(0, 100, is_wall=False), [Gap(21, 49, "camera lost")])
    assert [(gap.from_s, gap.to_s, gap.reason) for gap in gaps] == [
        (20, 50, "camera lost"),
        (60, 100, "not watched"),
    ]


def test_sums_weigh_readings():
    series = Series.unknown(Grid(0, 1, 6))
    series.mean[:3], series.least[:3], series.most[:3], series.readings[:3] = [1, 2, 6], [0, 1, 5], [2, 3, 9], [1, 1, 2]
    assert summed(series, 0, 6) == (3.75, 0.0, 9.0)
    assert summed(series, 3, 6) == (None, None, None)
    assert coarser(series, Span(0, 6, is_wall=False), 3.0).mean[0] == 3.75


def test_the_command_writes_pages_of_a4_with_fonts_and_links_to_nothing(log, tmp_path, capsys):
    out = tmp_path / "report.pdf"
    status = main(["report", "--camera", "north", "--day", "2026-11-20", "--database", str(log), "--out", str(out)])
    assert status == 0
    assert "report.pdf tells of north" in capsys.readouterr().out
    content = out.read_bytes()
    assert content.startswith(b"%PDF-")
    pages = int(re.search(rb"/Count (\d+)", content)[1])
    assert content.count(b"/MediaBox [ 0 0 595.28 841.89 ]") == pages >= 2
    assert b"/FontFile2" in content
    assert b"DeepCount" in content
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_disk_that_fills_up_is_said_in_a_sentence_and_leaves_nothing(log, tmp_path):
    import resource

    account = watched(LogPlace(str(log)), "north", HOUR)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(OutputError, match=r"report.pdf cannot be written: file too large; .* make room"):
            write_report(tmp_path / "report.pdf", [account])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_several_cameras_come_one_after_the_other_whatever_they_are_called(log, tmp_path):
    account = watched(LogPlace(str(log)), "north", HOUR)
    odd = replace(account, name="$\\frac{1}{0}$ 群衆 " + "W" * 300, zones=(), alerts=())
    write_report(tmp_path / "two.pdf", [account, odd])
    content = (tmp_path / "two.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert int(re.search(rb"/Count (\d+)", content)[1]) >= 3


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--camera", "north", "--from", "2026-11-21", "--to", "2026-11-22"], "nothing was counted of 'north'"),
        (["--camera", "south", "--day", "2026-11-20"], "holds no camera 'south', expected one of: north"),
        (["--camera", "north", "--from", "2026-11-22", "--to", "2026-11-21"], "--to lies before --from"),
        (["--camera", "north", "--from", "2026-01-01", "--to", "2026-11-21"], "longer than 62 days"),
    ],
    ids=["nothing counted", "unknown", "backwards", "too long"],
)
def test_what_cannot_be_told_is_said_in_a_sentence(log, tmp_path, capsys, arguments, problem):
    out = tmp_path / "report.pdf"
    assert main(["report", *arguments, "--database", str(log), "--out", str(out)]) == 2
    assert problem in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
