"""Cameras on the web as they are, and as they should not be."""

import http.client
import threading
from itertools import islice, pairwise
from time import monotonic
from urllib.parse import urlsplit

import psutil
import pytest

from answering import Answering
from cameras import Clip, WebCamera, number_of
from engine.errors import SourceError
from engine.settings.address import camera_address
from engine.sources.connecting import connected
from engine.sources.hardware import SOFTWARE
from engine.sources.opening import LiveOrder, RefusedError
from engine.sources.playback import Playback
from engine.sources.waiting import Waiting
from engine.sources.web import Answer

RATE = 50.0
SECRET = "s3cret! ü"
MEGABYTE = 2**20


def linked(address, **parts):
    order = LiveOrder("gate", camera_address(address), **{"open_timeout_s": 10.0, "read_timeout_s": 5.0} | parts)
    return connected(order, SOFTWARE, Waiting(), Playback(own_speed=True))


def arrivals(address, count, **parts):
    source = linked(address, **parts)
    try:
        return list(islice(source.arrivals(), count))
    finally:
        source.close()


def numbers(address, count, **parts):
    return [number_of(a.shot.rgb(*a.shot.size)) for a in arrivals(address, count, **parts)]


@pytest.fixture(autouse=True)
def no_thread_of_a_camera_is_left():
    yield
    assert not [t for t in threading.enumerate() if t.name == "scripted camera"]


@pytest.mark.parametrize("kind", ["mjpeg", "mpegts"])
@pytest.mark.parametrize(
    "manner",
    [
        pytest.param({"chunked": True}, id="chunked"),
        pytest.param({"packed": True}, id="gzip"),
        pytest.param({"chunked": True, "packed": True}, id="both"),
        pytest.param({"content_type": "application/octet-stream"}, id="unknown-type"),
    ],
)
def test_streams_are_read_however_they_are_wrapped(kind, manner):
    with WebCamera(kind, rate=RATE, **manner) as camera:
        shown = numbers(camera.address, 20)
    assert {(b - a) % 30 for a, b in pairwise(shown)} == {1}


@pytest.mark.parametrize(
    "manner",
    [
        pytest.param({"says_length": False}, id="no-length"),
        pytest.param({"empty_parts": 2}, id="empty-parts"),
        pytest.param({"mark": "----picture"}, id="more-dashes"),
        pytest.param({"content_type": 'multipart/x-mixed-replace;boundary="--picture"'}, id="dashes-in-the-boundary"),
        pytest.param({"content_type": "multipart/x-mixed-replace"}, id="no-boundary"),
        pytest.param({"says_length": False, "content_type": "multipart/x-mixed-replace"}, id="neither"),
        pytest.param({"content_type": "multipart/mixed; boundary=picture"}, id="mixed"),
    ],
)
def test_pictures_are_found_however_their_parts_are_written(manner):
    with WebCamera("mjpeg", rate=RATE, **manner) as camera:
        shown = numbers(camera.address, 20)
        assert camera.connections == 1
    assert {(b - a) % 30 for a, b in pairwise(shown)} == {1}


def test_a_part_that_announces_too_much_is_refused_before_it_is_held():
    before = psutil.Process().memory_info().rss
    with WebCamera("mjpeg", rate=RATE, announced=2_000_000_000) as camera, pytest.raises(RefusedError) as caught:
        arrivals(camera.address, 1)
    assert str(caught.value) == (
        "camera 'gate' sends a picture of 1,907 MB, expected at most 32 MB; choose a smaller one in it"
    )
    assert psutil.Process().memory_info().rss - before < 100 * MEGABYTE


def test_a_part_without_end_is_refused_when_it_is_too_large(monkeypatch):
    monkeypatch.setattr("engine.sources.parts.MOST_BYTES", 10 * MEGABYTE)
    content = b"--x\r\nContent-Type: image/jpeg\r\n\r\n" + bytes(11 * MEGABYTE)
    with (
        Answering(content, "multipart/x-mixed-replace; boundary=x") as address,
        pytest.raises(RefusedError, match=r"a picture of 1\d MB, expected at most 10 MB"),
    ):
        arrivals(address, 1)


@pytest.mark.parametrize("scheme", ["basic", "digest", "sha-256"])
@pytest.mark.parametrize("kind", ["mjpeg", "mpegts", "picture", "hls"])
def test_logins_are_answered_in_every_way(kind, scheme):
    with WebCamera(kind, rate=RATE) as camera:
        camera.require('wäch"ter ☃', SECRET, scheme=scheme)
        assert None not in arrivals(camera.address_with('wäch"ter ☃', SECRET), 3, max_fps=50.0)
        asked = [request.headers.get("authorization") for request in camera.requests]
    assert asked[0] is None
    assert any(asked)


@pytest.mark.parametrize("scheme", ["basic", "digest", "sha-256"])
def test_a_wrong_password_is_shown_once(scheme):
    with WebCamera("picture") as camera:
        camera.require("operator", "another", scheme=scheme)
        with pytest.raises(RefusedError, match="refuses its user or password") as caught:
            arrivals(camera.address_with("operator", SECRET), 1)
        shown = [request for request in camera.requests if "authorization" in request.headers]
    assert len(shown) == 1
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("kind", ["mjpeg", "mpegts", "picture", "hls"])
def test_a_login_is_not_shown_to_whom_a_camera_redirects(kind):
    with WebCamera(kind, rate=RATE) as camera, WebCamera(kind, rate=RATE) as other:
        camera.require("operator", SECRET)
        camera.redirect(other.address)
        assert arrivals(camera.address_with("operator", SECRET), 3, max_fps=50.0)
        assert len(other.requests) >= 1
        assert not any("authorization" in request.headers for request in other.requests)
        other.require("operator", SECRET, scheme="basic")
        with pytest.raises(RefusedError, match="refuses its user or password"):
            arrivals(camera.address_with("operator", SECRET), 1)
        assert not any("authorization" in request.headers for request in other.requests)


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        pytest.param("file:///etc/passwd", "leads to something that is no web address", id="file"),
        pytest.param("concat:/etc/passwd|/etc/group", "leads to something that is no web address", id="concat"),
        pytest.param("rtsp://127.0.0.1/x", "leads to something that is no web address", id="another-protocol"),
        pytest.param("http://[::1", "leads to something that is no web address", id="nonsense"),
        pytest.param("/again", "redirects more than 5 times", id="in-circles"),
        pytest.param("", "redirects more than 5 times", id="nowhere"),
    ],
)
def test_a_redirect_leads_to_the_web_or_nowhere(to, sentence):
    with WebCamera() as camera:
        camera.redirect(to)
        with pytest.raises(SourceError, match=sentence):
            arrivals(camera.address, 1)


@pytest.mark.parametrize("scheme", ["file:///etc/passwd", "crypto+http://127.0.0.1/x", "data:video/mp2t,x"])
def test_a_playlist_leads_to_the_web_or_nowhere(scheme):
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{scheme}\n#EXT-X-ENDLIST\n".encode()
    with Answering(playlist, "application/vnd.apple.mpegurl") as address, pytest.raises(SourceError):
        arrivals(address, 1, open_timeout_s=2.0)


@pytest.mark.parametrize("bytes_per_s", [30_000, 200_000])
def test_what_drips_slowly_is_read(bytes_per_s):
    with WebCamera("mjpeg", rate=RATE) as camera:
        camera.trickle(bytes_per_s)
        assert None not in arrivals(camera.address, 3)


@pytest.mark.parametrize("kind", ["mjpeg", "mpegts", "picture", "hls"])
def test_an_answer_that_drips_for_ever_is_given_up(kind):
    with WebCamera(kind) as camera:
        camera.trickle(20)
        begun = monotonic()
        with pytest.raises(SourceError, match=r"did not answer within 0\.5 s|sent no picture for 0\.5 s"):
            arrivals(camera.address, 1, open_timeout_s=0.5, read_timeout_s=0.5)
        assert monotonic() - begun < 5.0


def test_encryption_that_is_not_spoken_is_said():
    with Answering(b"", "text/html") as address, pytest.raises(SourceError, match="cannot agree on an encryption"):
        arrivals(address.replace("http", "https", 1), 1)


def test_an_answer_that_cannot_be_unpacked_is_a_connection_that_broke_off():
    with (
        Answering(b"this is not packed", "video/mp2t\r\nContent-Encoding: gzip") as address,
        pytest.raises(SourceError, match="broke off the connection; check its network"),
    ):
        arrivals(address, 1)


def test_a_broken_answer_says_so_once_and_is_over_then():
    with Answering(b"this is not packed", "video/mp2t\r\nContent-Encoding: gzip") as address:
        link = http.client.HTTPConnection(urlsplit(address).netloc)
        link.request("GET", "/x")
        answer = Answer(link.getresponse(), None, None)
        with pytest.raises(ConnectionError):
            answer.read()
        assert answer.read() == b""
        link.close()


def test_a_page_is_no_video():
    with WebCamera("page") as camera, pytest.raises(SourceError, match="is no video"):
        arrivals(camera.address, 1)


def test_many_parts_are_never_left_to_ffmpeg():
    content = b"\r\n" * 100 + b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: 2000000000\r\n\r\n" + bytes(1000)
    with Answering(content, "video/mp2t") as address, pytest.raises(SourceError, match="is no video"):
        arrivals(address, 1)


def test_a_picture_is_asked_for_as_often_as_it_is_wanted_on_one_connection():
    with WebCamera("picture") as camera:
        source = linked(camera.address, max_fps=20.0)
        begun, shown = monotonic(), []
        for arrival in islice(source.arrivals(), 10):
            shown.append(number_of(arrival.shot.rgb(*arrival.shot.size)))
            camera.shown += 1
        elapsed_s = monotonic() - begun
        source.close()
        asked, connections = len(camera.requests), camera.connections
    assert (asked, connections) == (10, 1)
    assert shown == list(range(10))
    assert elapsed_s >= 9 * 0.05 * 0.9
    assert (source.link.codec, source.link.interval_s) == ("jpeg", 0.05)


def test_a_picture_that_did_not_change_is_the_same_and_not_sent_again():
    with WebCamera("picture") as camera:
        source = linked(camera.address, max_fps=50.0)
        found = []
        for number, arrival in enumerate(islice(source.arrivals(), 6)):
            found.append((number_of(arrival.shot.rgb(*arrival.shot.size)), arrival.is_same))
            camera.shown = 5 if number >= 3 else 0
        source.close()
        assert camera.frames_sent == 2
    assert found == [(0, False), (0, True), (0, True), (0, True), (5, False), (5, True)]


def test_a_camera_that_does_not_know_whether_its_picture_changed_sends_it_again():
    with WebCamera("picture", knows_changes=False) as camera:
        found = arrivals(camera.address, 3, max_fps=50.0)
        assert camera.frames_sent == 3
    assert not any(arrival.is_same for arrival in found)


def test_a_connection_that_was_closed_between_two_pictures_is_made_again():
    with WebCamera("picture") as camera:
        source = linked(camera.address, max_fps=50.0)
        pictures = source.arrivals()
        next(pictures)
        camera.close_connections()
        assert camera.until(lambda: camera.connected == 0)
        assert next(pictures) is not None
        source.close()
        assert camera.connections == 2


def test_a_picture_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("engine.sources.pictures.MOST_BYTES", 1000)
    with WebCamera("picture") as camera, pytest.raises(RefusedError, match="choose a smaller one"):
        arrivals(camera.address, 1)


def test_a_picture_that_cannot_be_decoded_is_none_and_given_up_after_a_while():
    with Answering(b"\xff\xd8" + bytes(500), "image/jpeg") as address:
        source = linked(address, read_timeout_s=0.3, max_fps=20.0)
        pictures = source.arrivals()
        assert next(pictures) is None
        with pytest.raises(SourceError, match="sends nothing that can be decoded"):
            list(pictures)
        source.close()


def test_segments_are_read_in_order_and_shown_at_their_own_speed():
    with WebCamera("hls", Clip.drawn("h264"), rate=60.0) as camera:
        begun = monotonic()
        shown = numbers(camera.address, 70)
        elapsed_s = monotonic() - begun
    assert {(b - a) % 30 for a, b in pairwise(shown)} == {1}
    assert elapsed_s > 0.8 * 69 / 60.0
