"""What was recorded of cameras: listed, copied into one file, and opened as one recording."""

import json
from datetime import UTC, datetime
from fractions import Fraction

import av
import pytest

from cameras.clip import number_of, picture
from engine.cli import main
from engine.errors import OutputError
from engine.recording.export import Export, write_export
from engine.recording.segments import Segment, camera_folder, finished_path, partial_path, read_segments

START_S = 1_790_000_000.0
RATE, KEYS_EVERY = 10, 5
SIZE = 96, 160
SECOND = 10  # pictures


def write_segment(folder, begin_s, pictures, *, first=0, size=SIZE, bframes=2):
    """Writes a segment whose pictures bear numbers; returns it."""
    partial = partial_path(folder, begin_s, ".mp4")
    partial.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(partial), "w", format="mp4") as container:
        options = {"preset": "ultrafast", "x264-params": f"keyint={KEYS_EVERY}:bframes={bframes}:log-level=none"}
        stream = container.add_stream("libx264", rate=RATE, options=options)
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        for number in range(pictures):
            frame = av.VideoFrame.from_ndarray(picture((first + number) % 256, size), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    path = partial.replace(finished_path(partial, pictures / RATE))
    return Segment(begin_s, begin_s + pictures / RATE, path, path.stat().st_size)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Of one camera twenty seconds, a gap of five, and ten more; of another nothing that plays."""
    root = tmp_path_factory.mktemp("kept")
    folder = camera_folder(root, "north/gate")
    for number, begin_s in enumerate((0.0, 10.0, 25.0)):
        write_segment(folder, START_S + begin_s, 10 * SECOND, first=number * 10 * SECOND)
    return root


@pytest.fixture
def segments(root):
    return read_segments(camera_folder(root, "north/gate"))


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
