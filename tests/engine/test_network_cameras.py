"""Cameras that send to an address, publish by RTMP, or encrypt; and how soon a blocked read ends."""

import contextlib
import shutil
import socket
import subprocess
from itertools import islice, pairwise
from time import monotonic

import pytest
from av.device import DeviceInfo

from cameras import Clip, ScriptedCamera, WebCamera, number_of
from cameras.certificate import serving, signed_by_itself
from cameras.datagrams import Datagrams
from engine.capture.backoff import Backoff
from engine.capture.health import State
from engine.capture.live import LiveCapture
from engine.errors import SourceError
from engine.settings.address import camera_address
from engine.sources.connecting import connected
from engine.sources.hardware import SOFTWARE
from engine.sources.opening import LiveOrder, RefusedError
from engine.sources.playback import Playback
from engine.sources.trust import Trust
from engine.sources.waiting import Waiting
from engine.sources.webcam import device_of

RATE = 50.0
SOON_S = 15.0


def order(address, **parts):
    return LiveOrder("gate", camera_address(address), **{"open_timeout_s": 10.0, "read_timeout_s": 5.0} | parts)


def linked(address, **parts):
    return connected(order(address, **parts), SOFTWARE, Waiting(), Playback(own_speed=True))


def numbers(source, count):
    found = [number_of(a.shot.rgb(*a.shot.size)) for a in islice(source.arrivals(), count) if a is not None]
    source.close()
    return found


def is_in_order(shown):
    return {(b - a) % 30 for a, b in pairwise(shown)} == {1}


@pytest.mark.parametrize("scheme", ["rtsp", "RTSP", "Rtsp"])
def test_a_scheme_may_be_written_in_capitals(scheme):
    with ScriptedCamera(rate=RATE) as camera:
        assert is_in_order(numbers(linked(camera.address.replace("rtsp", scheme, 1)), 10))


@pytest.mark.parametrize(
    ("form", "protocol", "codec"),
    [
        pytest.param("udp://127.0.0.1:{port}", "udp", "h265", id="udp"),
        pytest.param("udp://:{port}", "udp", "h264", id="udp-from-anywhere"),
        pytest.param("udp://@127.0.0.1:{port}", "udp", "h264", id="udp-as-vlc-writes-it"),
        pytest.param("rtp://127.0.0.1:{port}", "rtp", "h264", id="rtp"),
    ],
)
def test_what_is_sent_to_this_machine_is_received(form, protocol, codec):
    with Datagrams(Clip.drawn(codec), rate=RATE, protocol=protocol) as sender:
        assert is_in_order(numbers(linked(form.format(port=sender.port)), 20))


@pytest.mark.parametrize("protocol", ["udp", "rtp"])
def test_what_is_sent_to_a_group_is_received(protocol):
    with Datagrams(Clip.drawn(), rate=RATE, protocol=protocol, group="239.255.70.7") as sender:
        if sender.unreachable:
            pytest.skip(f"this machine has no way to a multicast group: {sender.unreachable}")
        assert is_in_order(numbers(linked(f"{protocol}://239.255.70.7:{sender.port}?localaddr=127.0.0.1"), 20))


@pytest.mark.parametrize(
    ("protocol", "numbers", "reconnects"),
    [
        pytest.param("udp", {"pid": 0x321}, 0, id="udp"),
        pytest.param("http", {"pid": 0x321}, 0, id="http"),
        pytest.param("rtp", {"pid": 0x321}, 1, id="rtp"),
        pytest.param("http", {"pid": 0x321, "program": 7}, 1, id="to-another-program"),
    ],
)
def test_a_stream_that_moves_to_another_number_goes_on(protocol, numbers, reconnects):
    with contextlib.ExitStack() as stack:
        if protocol == "http":
            camera = stack.enter_context(WebCamera("mpegts", rate=RATE))
            address, move = camera.address, lambda: setattr(camera.manner, "numbers", numbers)
        else:
            sender = stack.enter_context(Datagrams(Clip.drawn(), rate=RATE, protocol=protocol))
            address, move = f"{protocol}://127.0.0.1:{sender.port}", lambda: sender.move(**numbers)
        capture = LiveCapture(order(address, read_timeout_s=0.7), backoff=Backoff(scale=0.02))
        stack.callback(capture.stop)
        capture.start()
        until(capture, State.LIVE)
        move()
        frames = capture.health.frames
        until(capture, State.LIVE, frames=frames + 50)
        assert capture.health.reconnects == reconnects


@pytest.fixture
def publisher(clip):
    """An address at which the program ffmpeg publishes a recording, to one client."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("the program ffmpeg is needed to publish by RTMP")
    with socket.create_server(("127.0.0.1", 0)) as own:
        address = f"rtmp://127.0.0.1:{own.getsockname()[1]}/live/gate"
    endless = ["ffmpeg", "-loglevel", "quiet", "-re", "-stream_loop", "-1", "-i", clip(frames=25, rate=25)]
    process = subprocess.Popen([*endless, "-c", "copy", "-f", "flv", "-listen", "1", address])
    yield address
    process.kill()
    process.wait()


def test_rtmp_is_read(publisher):
    capture = LiveCapture(order(publisher), backoff=Backoff(scale=0.02))  # which listens in its own time
    capture.start()
    until(capture, State.LIVE, frames=20)
    report = capture.health
    capture.stop()
    assert (report.size, report.link.codec, report.reconnects) == ((96, 128), "h264", 0)


def test_srt_is_read_or_said_to_be_missing():
    with pytest.raises(RefusedError, match="speaks SRT, which this FFmpeg was built without"):
        linked("srt://127.0.0.1:9000?mode=caller", open_timeout_s=1.0)


@pytest.fixture
def silent():
    """The port of a server that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("form", ["rtsp://{}", "rtsps://{}", "http://{}", "https://{}", "rtmp://{}/live/x", "udp://{}"])
def test_an_opening_that_is_not_answered_ends_when_it_is_asked_to(silent, form):
    capture = LiveCapture(order(form.format(f"127.0.0.1:{silent}"), open_timeout_s=60.0, read_timeout_s=60.0))
    capture.start()
    capture.frames.wait_closed(0.3)  # until it waits for the server
    begun = monotonic()
    capture.stop()
    assert monotonic() - begun < SOON_S
    assert capture.health.state is State.ENDED


@pytest.mark.parametrize(
    ("make", "transport"),
    [
        pytest.param(lambda: ScriptedCamera(rate=RATE), "tcp", id="rtsp"),
        pytest.param(lambda: ScriptedCamera(rate=RATE), "udp", id="rtsp-by-udp"),
        pytest.param(lambda: WebCamera("mjpeg", rate=RATE), "tcp", id="mjpeg"),
        pytest.param(lambda: WebCamera("mpegts", rate=RATE), "tcp", id="mpegts"),
        pytest.param(lambda: WebCamera("picture", rate=RATE), "tcp", id="picture"),
        pytest.param(lambda: WebCamera("hls", rate=RATE), "tcp", id="hls"),
    ],
)
def test_a_read_that_is_not_answered_ends_when_it_is_asked_to(make, transport):
    with make() as camera:
        wanted = order(camera.address, open_timeout_s=60.0, read_timeout_s=60.0, transport=transport)
        capture = LiveCapture(wanted, stall_s=0.3)
        capture.start()
        until(capture, State.LIVE)
        camera.stall()
        until(capture, State.STALLED)
        begun = monotonic()
        capture.stop()
        assert monotonic() - begun < SOON_S


def until(capture, state, *, frames=1):
    end_s = monotonic() + 2 * SOON_S
    while (health := capture.health).state is not state or health.frames < frames:
        assert monotonic() < end_s, capture.health
        capture.frames.get(0.02)


ENCRYPTED = [
    pytest.param(lambda tls: ScriptedCamera(rate=RATE, tls=tls), id="rtsps"),
    pytest.param(lambda tls: WebCamera("mjpeg", rate=RATE, tls=tls), id="https"),
    pytest.param(lambda tls: WebCamera("hls", rate=RATE, tls=tls), id="hls"),
]


@pytest.mark.parametrize("make", ENCRYPTED)
def test_a_certificate_that_nobody_trusts_is_refused_and_both_ways_out_are_said(make, tls):
    with make(tls) as camera, pytest.raises(RefusedError) as caught:
        linked(camera.address)
    assert str(caught.value) == (
        "camera 'gate' shows a certificate that is not trusted (self-signed certificate); "
        "name a file with it or its authority in tls_ca, or set tls_verify = false"
    )


@pytest.mark.parametrize("make", ENCRYPTED)
@pytest.mark.parametrize(
    ("trust", "words"),
    [
        pytest.param(lambda file: Trust(verify=False), "not verified", id="not-verified"),
        pytest.param(lambda file: Trust(authority=file), "verified by server.pem", id="by-file"),
    ],
)
def test_a_certificate_is_taken_as_configured_and_the_health_says_how(make, trust, words, tls, certificate):
    with make(tls) as camera:
        source = linked(camera.address, trust=trust(certificate))
        assert next(source.arrivals()) is not None
        assert source.link.security == words
        source.close()


@pytest.mark.parametrize("make", ENCRYPTED)
def test_a_certificate_for_another_host_is_refused(make, tmp_path):
    other = signed_by_itself(tmp_path / "other.pem", "camera.invalid")
    with make(serving(other)) as camera, pytest.raises(RefusedError, match=r"not trusted \(.*mismatch"):
        linked(camera.address, trust=Trust(authority=other))


@pytest.mark.parametrize("make", ENCRYPTED)
def test_an_authority_that_cannot_be_read_is_named(make, tls, tmp_path):
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "missing.pem"):
        with make(tls) as camera, pytest.raises(RefusedError, match="has a tls_ca that cannot be read"):
            linked(camera.address, trust=Trust(authority=tmp_path / name))


def test_what_is_not_encrypted_says_nothing_of_certificates():
    with ScriptedCamera(rate=RATE) as camera:
        source = linked(camera.address)
        assert source.link.security == ""
        source.close()


@pytest.mark.parametrize(
    ("address", "platform", "name"),
    [
        pytest.param("webcam:0", "linux", "/dev/video0", id="linux-number"),
        pytest.param("/dev/video3", "linux", "/dev/video3", id="linux-path"),
        pytest.param("webcam:HD Cam", "linux", "/dev/video2", id="linux-name"),
        pytest.param("webcam:1", "darwin", "1:none", id="mac-number"),
        pytest.param("webcam:HD Cam", "darwin", "/dev/video2:none", id="mac-name"),
        pytest.param("webcam:1", "win32", "video=/dev/video2", id="windows-number"),
        pytest.param("webcam:Built in", "win32", "video=/dev/video0", id="windows-name"),
    ],
)
def test_a_webcam_is_found_by_number_path_and_name(address, platform, name):
    there = [DeviceInfo("/dev/video0", "Built in", False, []), DeviceInfo("/dev/video2", "HD Cam", False, [])]
    assert device_of(camera_address(address), platform, there) == name


@pytest.mark.parametrize("address", ["webcam:Nobody's", "/dev/video99", "webcam:99"])
def test_a_webcam_that_is_not_there_is_said_so(address):
    with pytest.raises(SourceError, match=r"camera 'gate' (is not connected to this machine|cannot be opened)"):
        linked(address)
