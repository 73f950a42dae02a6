"""What was recorded of cameras: listed, copied into one file, and opened as one recording."""

import json
import os
from datetime import UTC, datetime
from fractions import Fraction

import av
import numpy as np
import pytest

from cameras.clip import number_of
from constant import write_constant
from engine.cli import main
from engine.commands.recordings import local
from engine.errors import OutputError, SourceError
from engine.history.footage import footage_of, logged_counts
from engine.monitor.monitor import Monitor
from engine.monitor.playing import PlayOrder
from engine.picture.layout import Grid
from engine.picture.masks import Mask
from engine.picture.view import PLAIN, View
from engine.recording.camera_footage import CameraFootage, Cut
from engine.recording.counts import Counts
from engine.recording.export import Export, write_export
from engine.recording.segments import Span, camera_folder, missing_in, partial_path, read_segments
from engine.recording.sighting import seen_in
from engine.rules.series import Subject
from engine.settings.config import Config
from engine.settings.problems import checked
from engine.sources.playback import Playback
from kept import RATE, SIZE, write_log, write_segment
from logged import waited_for

START_S = 1_790_000_000.0
SECOND = 10  # pictures


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Of one camera twenty seconds, a gap of five, and ten more; of another nothing that plays."""
    root = tmp_path_factory.mktemp("kept")
    folder = camera_folder(root, "north/gate")
    for number, begin_s in enumerate((0.0, 10.0, 25.0)):
        write_segment(folder, START_S + begin_s, 10 * SECOND, first=number * 10 * SECOND)
    return root


@pytest.fixture
def config(root, tmp_path):
    path = tmp_path / "cameras.toml"
    path.write_text(f'[recordings]\nfolder = "{root}"\n')
    return path


def moment(second):
    return datetime.fromtimestamp(START_S + second, UTC).isoformat()


def numbers_of(path):
    with av.open(str(path)) as container:
        return [
            (round(frame.time, 3), number_of(frame.to_ndarray(format="rgb24"))) for frame in container.decode(video=0)
        ]


def test_recordings_are_listed_with_their_gaps(config, root, capsys, monkeypatch):
    assert main(["recordings", "--config", str(config), "--json"]) == 0
    (north,) = json.loads(capsys.readouterr().out)
    spans = [(datetime.fromisoformat(one["from"]).timestamp() - START_S) for one in north["spans"]]
    assert (north["camera"], north["segments"], spans) == ("north/gate", 3, [0.0, 25.0])
    assert north["writing_since"] is None
    assert north["bytes"] == sum(path.stat().st_size for path in root.rglob("*.mp4"))
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["recordings", "--config", str(config)]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[-3] for line in out.splitlines()[1:]] == ["0:00:20", "0:00:10"]
    assert f"MB in {root}" in err


def test_a_span_is_copied_into_one_file_with_its_gap(config, tmp_path, capsys):
    out = tmp_path / "span.mp4"
    span = ["--from", moment(7.25), "--to", moment(26)]
    assert main(["recordings", "export", "north/gate", *span, "--out", str(out), "--config", str(config)]) == 0
    found = numbers_of(out)
    first = 70
    assert found[0][1] == first
    expected = {number: (number - first) / RATE for number in range(first, 200)}
    expected |= {number: (number - first) / RATE + 5.0 for number in range(200, 210)}
    assert {number: time_s - found[0][0] for time_s, number in found if number in expected} == pytest.approx(
        expected, abs=0.011
    )
    assert len(found) - len(expected) <= 2
    assert "nothing was recorded from " in capsys.readouterr().err


def exported(config, out, camera, from_s, to_s):
    span = ["--from", moment(from_s), "--to", moment(to_s)]
    return main(["recordings", "export", camera, *span, "--out", str(out), "--config", str(config)])


def test_what_was_asked_for_and_is_not_there_is_said_and_so_is_a_file_that_is_replaced(config, tmp_path, capsys):
    out = tmp_path / "span.mp4"
    assert exported(config, out, "north/gate", 26, 40) == 0
    assert capsys.readouterr().err == f"nothing was recorded from {local(START_S + 35)} to {local(START_S + 40)}\n"
    assert exported(config, out, "north/gate", -5, 2) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"note: {out} was there already, and was replaced",
        f"nothing was recorded from {local(START_S - 5)} to {local(START_S)}",
    ]


@pytest.fixture
def writing(tmp_path):
    """The configuration of a camera whose first ten seconds are there, and whose next segment is being written."""
    folder = camera_folder(tmp_path / "kept", "south")
    write_segment(folder, START_S, 10 * SECOND)
    partial_path(folder, START_S + 10, ".mp4").write_bytes(b"begun")
    path = tmp_path / "south.toml"
    path.write_text(f'[recordings]\nfolder = "{tmp_path / "kept"}"\n')
    return path


def test_what_is_being_written_is_told(writing, tmp_path, capsys):
    assert main(["recordings", "--config", str(writing), "--json"]) == 0
    (south,) = json.loads(capsys.readouterr().out)
    assert datetime.fromisoformat(south["writing_since"]).timestamp() == START_S + 10
    assert main(["recordings", "--config", str(writing)]) == 0
    since = f"what comes since {local(START_S + 10)} is still being written"
    assert f"south: {since}" in capsys.readouterr().err
    assert exported(writing, tmp_path / "a.mp4", "south", 5, 15) == 0
    span = f"{local(START_S + 10)} to {local(START_S + 15)}"
    assert capsys.readouterr().err == f"{span} is not in it: {since}\n"
    assert exported(writing, tmp_path / "b.mp4", "south", 11, 15) == 2
    assert f"{since}, so nothing" in capsys.readouterr().err
    assert not (tmp_path / "b.mp4").exists()


def test_what_a_program_left_that_died_is_not_being_written(writing, tmp_path, capsys):
    (left,) = (tmp_path / "kept").rglob("*.part.mp4")
    os.utime(left, (START_S, START_S))
    assert main(["recordings", "--config", str(writing), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["writing_since"] is None


@pytest.mark.parametrize(
    ("spans", "missing"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(-5, 20)], []),
        ([(2, 9.8)], [(0, 2)]),
        ([(-9, 3), (4, 6)], [(3, 4), (6, 10)]),
        ([(12, 14)], [(0, 10)]),
    ],
)
def test_parts_of_a_span_that_are_missing(spans, missing):
    assert missing_in(Span(0, 10), [Span(*one) for one in spans]) == [Span(*one) for one in missing]


@pytest.mark.parametrize(
    ("camera", "span", "out", "reason"),
    [
        ("south", (0, 1), "x.mp4", "no recording of a camera 'south', expected one of: north/gate"),
        ("north/gate", (21, 24), "x.mp4", "nothing was recorded from "),
        ("north/gate", (9, 1), "x.mp4", "expected --from to be before --to"),
        ("north/gate", (0, 1), "x.txt", "no name of a video"),
    ],
)
def test_what_cannot_be_copied_is_said_and_leaves_no_file(config, tmp_path, capsys, camera, span, out, reason):
    times = ["--from", moment(span[0]), "--to", moment(span[1])]
    options = [*times, "--out", str(tmp_path / out), "--config", str(config)]
    assert main(["recordings", "export", camera, *options]) == 2
    assert reason in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["cameras.toml"]


def test_what_changes_its_size_on_the_way_is_not_put_into_one_file(tmp_path):
    segments = [
        write_segment(tmp_path, START_S + number, SECOND, size=size) for number, size in enumerate((SIZE, (112, 176)))
    ]
    with pytest.raises(OutputError, match="coded in another way from "):
        write_export(tmp_path / "x.mp4", Export(segments, START_S, START_S + 2))
    write_export(tmp_path / "x.mp4", Export(segments, START_S + 1, START_S + 2))
    assert len(numbers_of(tmp_path / "x.mp4")) == SECOND


def test_no_recording_is_no_error(tmp_path, capsys):
    config = tmp_path / "cameras.toml"
    config.write_text('[recordings]\nfolder = "none"\n')
    assert main(["recordings", "--config", str(config)]) == 0
    assert "holds no recording" in capsys.readouterr().err
    assert main(["recordings", "--config", str(config), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


class Followed:
    """What follows a recording that is played."""

    def __init__(self):
        self.known, self.points = Counts.none(), []

    def recalled(self, counts):
        self.known = counts

    def counted(self, point):
        self.points.append(point)

    def logged(self, samples):
        pass


@pytest.fixture
def configured(tmp_path):
    """A configuration without cameras, of which each picture shows seven people."""
    write_constant(tmp_path / "seven.onnx", people=7.0)
    return checked(Config, {"model": "seven.onnx"}, "a test", folder=tmp_path)


def footage(root, from_s=0.0, to_s=35.0, known=(), view=None):
    """What was recorded of the camera, of which the counts of some seconds are known."""
    seconds = START_S + np.array(list(known), float)
    segments = tuple(read_segments(camera_folder(root, "north/gate")))
    cut = Cut("north/gate", segments, START_S + from_s, START_S + to_s, view)
    return CameraFootage(cut, lambda begin_s, end_s: Counts(seconds, np.full(len(seconds), 7.0)))


def test_footage_is_seen_as_its_camera_but_for_what_is_asked_for(any_root):
    mask = Mask((((0.0, 0.0), (0.2, 0.0), (0.2, 1.0)),))
    own = View(Grid(1, 1), private=mask, aspect=Fraction(4, 3))
    whole = footage(any_root, view=own)
    assert whole.seen(PLAIN, lambda frames: pytest.fail("its grid is configured")) == own
    asked = whole.seen(View(Grid(2, 3), aspect=Fraction(1)), lambda frames: [])
    assert asked == View(Grid(2, 3), private=mask, aspect=Fraction(1))
    path = read_segments(camera_folder(any_root, "north/gate"))[0].path
    assert footage(any_root).seen(PLAIN, lambda frames: []) == seen_in(path, PLAIN, lambda frames: [])


def shown(frame):
    return number_of(frame.shot.rgb(*SIZE))


def expected_times(numbers):
    return [number / RATE + (5.0 if number >= 20 * SECOND else 0.0) for number in numbers]


@pytest.fixture(params=[0, 2], ids=["in order", "reordered"])
def any_root(request, tmp_path):
    """The same camera, with pictures that are stored in the order in which they are shown, and without."""
    for number, begin_s in enumerate((0.0, 10.0, 25.0)):
        folder = camera_folder(tmp_path, "north/gate")
        write_segment(folder, START_S + begin_s, 10 * SECOND, first=number * 10 * SECOND, bframes=request.param)
    return tmp_path


def test_any_time_of_many_segments_is_found_exactly(any_root):
    finder = footage(any_root).finder(PLAIN, lambda: True)
    assert finder.times == pytest.approx(expected_times(range(30 * SECOND)))
    times = [*np.random.default_rng(1).uniform(0, 36, 40), 9.95, 10.0, 22.0, 24.99, 25.0]
    for time_s in times:
        *_, found = finder.frames(time_s)
        number = finder.place(time_s)
        assert (found.is_exact, found.frame.index, shown(found.frame)) == (True, number, number % 256)
        assert found.frame.time_s == finder.times[number]
    finder.close()


def test_a_part_of_the_recording_begins_where_it_should(root):
    part = footage(root, 5.05, 24.0)
    finder = part.finder(PLAIN, lambda: True)
    *_, first = finder.frames(0.0)
    *_, last = finder.frames(100.0)
    finder.close()
    assert (shown(first.frame), shown(last.frame), len(finder.times)) == (51, 199, 149)
    assert part.reel().begin_s == pytest.approx(START_S + 5.1)
    assert part.name.startswith("north/gate, ")


def test_all_frames_come_in_order_with_their_times(any_root):
    travel = footage(any_root).travel(PLAIN, Playback(own_speed=False))
    frames = [(frame.index, shown(frame), frame.time_s) for frame in travel.frames()]
    assert [number for number, _, _ in frames] == list(range(30 * SECOND))
    assert all(number % 256 == seen for number, seen, _ in frames)
    assert [time_s for _, _, time_s in frames] == pytest.approx(expected_times(range(30 * SECOND)))
    assert (travel.is_over, travel.is_flawless, travel.rate) == (True, True, pytest.approx(RATE))


def test_what_the_log_knows_does_not_come_again_and_what_is_looked_at_comes_first(root):
    travel = footage(root, known=range(15)).travel(PLAIN, Playback(own_speed=False))
    assert list(travel.left_out) == [(0, 190)]
    frames = travel.frames()
    first = [next(frames).index for _ in range(3)]
    travel.go_to(27.0)
    rest = [frame.index for frame in frames]
    assert first == [190, 191, 192]
    turn = rest.index(220)
    assert rest == [*range(193, 193 + turn), *range(220, 300), *range(193 + turn, 220)]
    assert turn <= SECOND


def test_a_segment_that_is_damaged_or_gone_is_a_hole(tmp_path):
    folder = camera_folder(tmp_path, "north/gate")
    segments = [write_segment(folder, START_S + 2 * number, 2 * SECOND, first=20 * number) for number in range(4)]
    segments[1].path.write_bytes(segments[1].path.read_bytes()[:2000])
    part = footage(tmp_path)
    travel = part.travel(PLAIN, Playback(own_speed=False))
    segments[2].path.unlink()
    assert [frame.index for frame in travel.frames()] == [*range(20), *range(40, 60)]
    assert list(travel.lost) == [(20, 40)]
    assert not travel.is_flawless
    finder = part.finder(PLAIN, lambda: True)
    with pytest.raises(SourceError, match="is no longer there"):
        list(finder.frames(4.5))
    *_, found = finder.frames(6.5)
    assert shown(found.frame) == 65
    finder.close()
    segments[0].path.write_bytes(b"")
    segments[3].path.write_bytes(b"")
    with pytest.raises(SourceError, match="nothing that can be played was recorded in this span"):
        footage(tmp_path).reel()


def test_the_log_s_counts_are_those_of_the_footage_and_only_the_rest_is_counted(root, configured, tmp_path):
    log = write_log(tmp_path / "log.db", "north/gate", START_S, dict.fromkeys(range(10), 7.0))
    part = footage_of("north/gate", root, (START_S, START_S + 20), log=str(log))
    followed = Followed()
    with Monitor() as monitor:
        monitor.apply(configured)
        playing = monitor.play(PlayOrder(part, follower=followed))
        assert playing.progress.share == pytest.approx(14 / 20)
        playing.capture.playback.hurry()
        assert waited_for(lambda: monitor.is_over(playing))
        assert playing.progress.share == 1.0
        assert playing.progress.spans_s() == ((0.0, pytest.approx(20.0)),)
    assert list(followed.known.times) == list(range(10))
    assert set(followed.known.people) == {7.0}
    assert [point.time_s for point in followed.points] == pytest.approx(expected_times(range(140, 200)))


def test_footage_of_nothing_is_refused_and_a_log_that_is_not_there_has_no_counts(root, tmp_path):
    with pytest.raises(SourceError, match="nothing was recorded of camera 'north/gate'"):
        footage_of("north/gate", root, (START_S + 21, START_S + 24))
    assert len(logged_counts(str(tmp_path / "none.db"), Subject("north/gate"), START_S, START_S + 9)) == 0
    assert len(logged_counts(None, Subject("north/gate"), START_S, START_S + 9)) == 0
