"""Recording of live cameras: real cameras, files that a player plays, and nothing in them that masks hide."""

import re
from dataclasses import replace
from itertools import pairwise

import av
import cv2
import numpy as np
import pytest

from cameras import Clip, ScriptedCamera, WebCamera
from cameras.clip import number_of
from constant import write_constant
from engine.capture.live import LiveCapture
from engine.errors import OutputError
from engine.monitor.facts import facts_of
from engine.monitor.monitor import Monitor
from engine.picture.masks import BLACK, Mask
from engine.picture.view import PLAIN, View
from engine.recording.cutting import Cutting, Taken
from engine.recording.export import Export, write_export
from engine.recording.mending import mend
from engine.recording.plan import Plan
from engine.recording.recorder import Recorder
from engine.recording.retention import DAY_S, Limits, oldest, superfluous
from engine.recording.segment_file import SegmentFile
from engine.recording.segments import Segment, camera_folder, camera_of, partials, read_cameras, read_segments, spans_of
from engine.recording.stock import Stock
from engine.settings.address import camera_address
from engine.settings.config import Config
from engine.settings.config_file import load_config, save_config
from engine.settings.problems import checked
from engine.sources.opening import LiveOrder
from engine.sources.packets import Coding, Kept, Piece
from logged import waited_for

TOP = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))
MASKED = View(private=Mask((TOP,)))
CODED, EDGE = 20, 8  # by which a black pixel may differ once it was coded, and how near to others it may more
START_S = 1_790_000_000.0
RATE = 25


class Taking:
    """Who takes all packets."""

    is_wanted = True

    def __init__(self):
        self.pieces = []

    def put(self, piece):
        self.pieces.append(piece)


@pytest.fixture(scope="module")
def packets():
    """What a camera sends: thirty pictures, a key frame every ten."""
    taking = Taking()
    with ScriptedCamera(Clip.drawn(frames=30), rate=100) as camera:
        capture = LiveCapture(LiveOrder("yard", camera_address(camera.address)))
        capture.taps.add(taking)
        capture.start()
        try:
            assert waited_for(lambda: len(taking.pieces) >= 60)
        finally:
            capture.stop()
    return taking.pieces[:30]


@pytest.fixture
def stream(packets):
    """Returns so many packets from a second on, 25 a second: those of the camera, again and again."""

    def make(number, from_s=0.0, *, moved_s=0.0, own_s=0.0, view=PLAIN, **coding):
        changed = replace(packets[0].coding, **coding)
        made = []
        for at in range(number):
            time_s = from_s + at / RATE
            stamps = {"decoded_s": time_s + own_s, "shown_s": time_s + own_s}
            piece = replace(packets[at % len(packets)], coding=changed, **stamps)
            made.append(Taken(Kept(piece, time_s), START_S + time_s + moved_s, view))
        return made

    return make


@pytest.fixture
def cut(tmp_path):
    """Writes what was taken and returns the segments."""

    def write(taken):
        cutting = Cutting(tmp_path)
        found = [cutting.put(each) for each in taken]
        return [segment for segment in [*found, cutting.finish()] if segment is not None]

    return write


def pictures_of(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def lengths(segments):
    return [pytest.approx(segment.end_s - segment.begin_s, abs=0.01) for segment in segments]


def test_a_segment_lasts_a_minute_and_goes_on_in_the_next_without_a_gap(stream, cut, tmp_path):
    segments = cut(stream(RATE * 130))
    assert lengths(segments) == [60.0, 60.0, 10.0]
    assert segments == read_segments(tmp_path)
    assert [span.end_s - span.begin_s for span in spans_of(segments)] == [pytest.approx(130)]
    for segment in segments:
        with av.open(str(segment.path)) as container:
            packets = [packet for packet in container.demux(video=0) if packet.size]
        assert packets[0].is_keyframe
        assert len(packets) == round(RATE * (segment.end_s - segment.begin_s))
    assert segments[0].path.relative_to(tmp_path).as_posix() == "2026-09-21/14-13-20.000Z_60.000s.mp4"


@pytest.mark.parametrize(
    ("then", "lengths_s", "gaps_s"),
    [
        ({"from_s": 12.0}, [4, 2], [8]),
        ({"from_s": 4.0}, [6], []),
        ({"from_s": 7.0, "own_s": 1000.0}, [4, 2], [3]),
        ({"from_s": 4.0, "codec": "hevc"}, [4, 2], [0]),
        ({"from_s": 4.0, "moved_s": 3600.0}, [4, 2], [3600]),
        ({"from_s": 4.0, "own_s": 1000.0}, [4.4, 1.6], [0]),
        ({"from_s": 4.0, "view": MASKED}, [4, 2], [0]),
    ],
    ids=["a gap", "at once again", "a reconnect", "another codec", "a clock that is set", "own time", "masks"],
)
def test_what_is_new_begins_a_segment_and_a_gap_is_a_gap(stream, cut, then, lengths_s, gaps_s):
    segments = cut([*stream(100), *stream(50, **then)])
    assert lengths(segments) == lengths_s
    found_s = [later.begin_s - earlier.end_s for earlier, later in pairwise(segments)]
    assert found_s == [pytest.approx(gap_s, abs=0.06) for gap_s in gaps_s]


def test_a_segment_ends_where_nothing_comes_for_long(stream, tmp_path):
    cutting = Cutting(tmp_path)
    for each in stream(50):
        cutting.put(each)
    assert cutting.rest(6.9) is None
    ended = cutting.rest(7.1)
    assert lengths([ended]) == [2.0]
    assert cutting.begin_s is None
    assert cutting.rest(8.0) is None


def test_what_was_lost_in_the_middle_costs_all_up_to_the_next_key_frame(stream, cut):
    taken = stream(100)
    lost = replace(taken[55], follows=False)
    segments = cut([*taken[:50], lost, *taken[56:]])
    assert lengths(segments) == [2.0, 1.6]
    assert segments[1].begin_s == pytest.approx(START_S + 2.4)


def test_a_camera_with_masks_is_encoded_and_black_in_every_picture_and_what_was_before_stays(stream, cut):
    copied, encoded = cut([*stream(100), *stream(100, 4.0, view=MASKED)])
    assert len(pictures_of(copied.path)) == 100
    pictures = pictures_of(encoded.path)
    assert 45 <= len(pictures) <= 51
    for picture in pictures:
        middle = picture.shape[0] // 2
        assert int(picture[: middle - EDGE].max()) - BLACK <= CODED
        assert np.ptp(picture[middle + EDGE :]) > 4 * CODED


def test_a_copy_of_what_was_recorded_before_its_masks_is_refused(stream, cut, tmp_path):
    before, after = segments = cut([*stream(100), *stream(100, 4.0, view=MASKED)])
    out = tmp_path / "copy.mp4"
    with pytest.raises(OutputError, match="was made without the camera's privacy masks"):
        write_export(out, Export(segments, before.begin_s, before.end_s, MASKED.private))
    with pytest.raises(OutputError, match="was made without the camera's privacy masks"):
        write_export(out, Export(segments, after.begin_s + 1, after.end_s, Mask((TOP, TOP))))
    assert not out.exists()
    write_export(out, Export(segments, after.begin_s + 1, after.end_s, MASKED.private))
    assert pictures_of(out)


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 0.999, 1.0])
def test_what_a_program_left_that_died_is_cut_back_to_what_can_be_played(stream, tmp_path, share, kind):
    taken = stream(100)
    if kind == "mkv":
        jpeg = cv2.imencode(".jpg", np.zeros((96, 128, 3), np.uint8))[1].tobytes()
        shot = Piece(jpeg, True, Coding("mjpeg"))
        taken = [replace(each, kept=Kept(shot, each.kept.arrived_s)) for each in taken]
    file = SegmentFile(tmp_path, START_S, taken[0].kept)
    for each in taken[:95]:
        file.put(each.kept)
    content = file.path.read_bytes()
    file.path.unlink()
    left = file.path
    left.write_bytes(content[: round(share * len(content))])
    assert partials(tmp_path) == [left]
    mended = mend(left)
    assert partials(tmp_path) == []
    assert (mended is None) == (share == 0.0)
    if mended:
        pictures = len(pictures_of(mended))
        assert pictures in range(round(95 * share) - 30, 96)
        assert lengths(read_segments(tmp_path)) == [pictures / RATE]


def test_a_folder_says_whose_it_is_whatever_a_camera_is_called(tmp_path):
    for name in ("north", "gate/north: 2", "..", "Großer Platz", "東京", "a%b;c", ".hidden "):
        folder = camera_folder(tmp_path, name)
        assert folder.parent == tmp_path
        assert not folder.name.startswith(".")
        assert camera_of(folder) == name


def segment(second, size=10):
    return Segment(START_S + second, START_S + second + 60, None, size)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limits", "kept"),
    [(Limits(), 5), (Limits(days=1), 2), (Limits(bytes=40), 4), (Limits(bytes=0), 0), (Limits(1, 10), 1)],
)
def test_the_oldest_go_by_days_and_by_bytes(limits, kept):
    own = [segment(day * DAY_S / 2) for day in range(5)]
    now_s = START_S + 2 * DAY_S + DAY_S / 2 + 59
    gone = list(superfluous({"yard": own, "other": own}, {"yard": limits}, now_s))
    assert gone == [("yard", each) for each in own[: 5 - kept]]


def test_where_the_disk_is_full_the_oldest_of_all_cameras_go():
    stocks = {"yard": [segment(0), segment(120)], "gate": [segment(60), segment(180)]}
    assert list(oldest(stocks, 25)) == [("yard", segment(0)), ("gate", segment(60)), ("yard", segment(120))]
    assert list(oldest(stocks, 0)) == []


@pytest.fixture
def filled(stream, tmp_path):
    """Five seconds of a camera, a segment each."""
    for second in range(5):
        cutting = Cutting(camera_folder(tmp_path, "yard"))
        for each in stream(RATE, second * 10.0):
            cutting.put(each)
        cutting.finish()
    return read_segments(camera_folder(tmp_path, "yard"))


def test_a_disk_that_is_full_costs_the_oldest_and_is_told_once(filled, tmp_path, caplog):
    room = [0]

    def free(_):
        return room[0] + sum(each.bytes for each in filled if not each.path.exists())

    stock = Stock(tmp_path, filled[0].bytes + filled[1].bytes, free=free)
    stock.tidy({}, START_S)
    stock.tidy({}, START_S)
    assert read_segments(camera_folder(tmp_path, "yard")) == filled[2:]
    assert (caplog.text.count("the oldest recordings are deleted"), stock.problem) == (1, "")
    assert stock.held("yard") == (sum(each.bytes for each in filled[2:]), filled[2].begin_s)
    room[0] = -(1 << 40)
    stock.tidy({}, START_S)
    stock.tidy({}, START_S)
    assert read_segments(tmp_path / "yard") == []
    assert stock.problem.startswith("disk full: ")
    assert (caplog.text.count("the oldest recordings are deleted"), caplog.text.count("nothing is recorded")) == (1, 1)


def test_nothing_waits_for_the_disk_and_what_does_not_fit_is_a_gap_that_is_said(packets, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("engine.recording.recorder.MOST_BYTES", 5 * len(packets[0].data))
    recorder = Recorder("yard", lambda: PLAIN)
    stock = Stock(tmp_path, 0)
    recorder.put(packets[0])
    monkeypatch.setattr("engine.recording.recorder.LOOK_S", 0.01)
    monkeypatch.setattr("engine.recording.writing.Writing.write", lambda *_, **__: None)
    recorder.expect(Plan("always"), stock)
    for _ in range(20):
        for piece in packets:
            recorder.put(piece)
    assert waited_for(lambda: recorder.facts.lost > 0 and "there is a gap" in caplog.text)
    recorder.close()


@pytest.fixture
def configured(tmp_path):
    """Returns a configuration of one camera of which each picture shows eight people, recorded below a folder."""
    write_constant(tmp_path / "eight.onnx", people=8.0)

    def make(address, recording, **settings):
        yard = {"name": "yard", "address": address, "recording": recording} | settings
        values = {"model": "eight.onnx", "database": "log.db", "cameras": [yard]}
        values["recordings"] = {"folder": "kept", "free_gigabytes": 0.0}
        return checked(Config, values, "a test", folder=tmp_path)

    return make


@pytest.fixture
def hasty(monkeypatch):
    """Segments that last from a key frame to the next."""
    monkeypatch.setattr("engine.recording.cutting.LENGTH_S", 0.4)
    monkeypatch.setattr("engine.recording.recorder.LOOK_S", 0.1)


def test_a_camera_is_recorded_while_it_is_counted_also_where_its_size_changes(configured, hasty, tmp_path):
    folder = camera_folder(tmp_path / "kept", "yard")
    with ScriptedCamera(rate=25.0) as camera, Monitor() as monitor:
        monitor.apply(configured(camera.address, {"keep": "always"}))
        assert waited_for(lambda: len(read_segments(folder)) >= 2)
        camera.change(size=(160, 192))
        assert waited_for(lambda: len(read_segments(folder)) >= 4)
        facts = facts_of(monitor)[0].recording
        assert (facts.is_recording, facts.problem, facts.lost) == (True, "", 0)
        assert re.fullmatch(r"recording, \d\.\d MB, since .*", facts.words)
        monitor.close()
    segments = read_segments(folder)
    sizes = [{picture.shape[:2] for picture in pictures_of(segment.path)} for segment in segments]
    assert {len(each) for each in sizes} == {1}
    assert set().union(*sizes) == {(240, 320), (160, 192)}
    assert len(spans_of(segments)) == 1
    numbers = [number_of(picture) for picture in pictures_of(segments[0].path)]
    assert numbers == [(numbers[0] + at) % 30 for at in range(len(numbers))]
    assert read_cameras(tmp_path / "kept") == ["yard"]
    assert partials(folder) == []


@pytest.mark.parametrize("masked", ["encode", "none"])
def test_what_masks_hide_is_never_recorded(configured, hasty, tmp_path, masked):
    recording = {"keep": "always", "masked": masked}
    with ScriptedCamera(rate=25.0) as camera, Monitor() as monitor:
        monitor.apply(configured(camera.address, recording, privacy=[TOP]))
        if masked == "none":
            problem = "not recording: it has privacy masks"
            assert waited_for(lambda: facts_of(monitor)[0].recording.words == problem)
        else:
            assert waited_for(lambda: len(read_segments(tmp_path / "kept" / "yard")) >= 2)
    segments = read_segments(tmp_path / "kept" / "yard")
    assert bool(segments) == (masked == "encode")
    for picture in (picture for segment in segments for picture in pictures_of(segment.path)):
        middle = picture.shape[0] // 2
        assert int(picture[: middle - EDGE].max()) - BLACK <= CODED


def test_pictures_of_a_web_camera_are_copied(configured, hasty, tmp_path):
    with WebCamera(rate=10.0) as camera, Monitor() as monitor:
        monitor.apply(configured(camera.address, {"keep": "always"}))
        assert waited_for(lambda: len(read_segments(tmp_path / "kept" / "yard")) >= 2)
    for segment in read_segments(tmp_path / "kept" / "yard"):
        assert pictures_of(segment.path)


def test_on_alert_is_what_was_before_the_alert_and_after_it(configured, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.recording.recorder.LOOK_S", 0.1)
    rule = {"name": "busy", "above": 5, "for_s": 1}
    recording = {"keep": "on alert", "before_s": 1.0, "after_s": 1.0}
    with ScriptedCamera(rate=25.0) as camera, Monitor() as monitor:
        monitor.apply(configured(camera.address, recording, rules=[rule]))
        assert waited_for(lambda: monitor.sessions[0].recorder.facts.words == "waiting for an alert")
        assert waited_for(lambda: monitor.sessions[0].recorder.facts.is_recording)
        monitor.apply(configured(camera.address, recording, rules=[rule | {"above": 9}]))
        assert waited_for(lambda: len(read_segments(tmp_path / "kept" / "yard")) == 1)
        assert not monitor.sessions[0].recorder.is_wanted
    (segment,) = read_segments(tmp_path / "kept" / "yard")
    assert segment.end_s - segment.begin_s >= 1.0


def test_a_folder_that_another_program_records_into_is_left_alone(configured, tmp_path, packets):
    stock = Stock(tmp_path, 0)
    first, second = (Recorder("yard", lambda: PLAIN) for _ in range(2))
    try:
        for recorder in (first, second):
            recorder.expect(Plan("always"), stock)
            recorder.put(packets[0])
            assert waited_for(lambda recorder=recorder: recorder.facts.is_recording or recorder.facts.problem)
        assert (first.facts.is_recording, second.facts.problem) == (True, "another program records it")
    finally:
        first.close()
        second.close()


def test_settings_of_recordings_are_written_and_read(tmp_path):
    path = tmp_path / "cameras.toml"
    path.write_text('[[cameras]]\nname = "gate"\naddress = "webcam:0"\n')
    config = load_config(path)
    assert config.cameras[0].recording.keep == "never"
    recording = config.cameras[0].recording.model_copy(update={"keep": "always", "days": None, "gigabytes": 1.5})
    gate = config.cameras[0].model_copy(update={"recording": recording})
    save_config(config.model_copy(update={"cameras": (gate,)}), path)
    assert "[cameras.recording]" in path.read_text()
    assert load_config(path).cameras == (gate,)
