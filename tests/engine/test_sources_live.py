import errno
import logging
import os
import socket
from itertools import pairwise
from time import perf_counter

import av
import numpy as np
import pytest

from cameras import Clip, ScriptedCamera, WebCamera, number_of
from engine.capture.scrutiny import Scrutiny
from engine.errors import SourceError
from engine.picture.condition import Condition
from engine.picture.shot import Decoded, Still
from engine.settings.address import camera_address
from engine.sources.arrival import Arrival
from engine.sources.connecting import connected
from engine.sources.ffmpeg import ffmpeg_name, ffmpeg_options
from engine.sources.hardware import SOFTWARE, Hardware, hardware_for
from engine.sources.opening import LiveOrder, RefusedError, opening_error
from engine.sources.patience import LONGEST_WAIT_FOR_KEYFRAME_S, Patience
from engine.sources.playback import Playback
from engine.sources.waiting import Waiting

RATE = 50.0
SECRET = "s3cret!"


def order(address, **parts):
    return LiveOrder("gate", camera_address(address), **{"open_timeout_s": 5.0, "read_timeout_s": 2.0} | parts)


def linked(order, hardware=SOFTWARE, waiting=None):
    return connected(order, hardware, waiting or Waiting(), Playback(own_speed=True))


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: (ScriptedCamera(Clip.drawn("h264"), rate=RATE), "tcp", "h264"), id="rtsp-tcp-h264"),
        pytest.param(lambda: (ScriptedCamera(Clip.drawn("h265"), rate=RATE), "tcp", "hevc"), id="rtsp-tcp-h265"),
        pytest.param(lambda: (ScriptedCamera(Clip.drawn("h264"), rate=RATE), "udp", "h264"), id="rtsp-udp-h264"),
        pytest.param(lambda: (ScriptedCamera(Clip.drawn("h265"), rate=RATE), "udp", "hevc"), id="rtsp-udp-h265"),
        pytest.param(lambda: (WebCamera("mjpeg", rate=RATE), "tcp", "mjpeg"), id="http-mjpeg"),
        pytest.param(lambda: (WebCamera("mpegts", rate=RATE), "tcp", "h264"), id="http-mpegts-h264"),
        pytest.param(lambda: (WebCamera("mpegts", Clip.drawn("h265"), rate=RATE), "tcp", "hevc"), id="http-ts-h265"),
    ],
)
def test_every_kind_of_camera_is_read_without_a_gap(make):
    camera, transport, codec = make()
    with camera:
        source = linked(order(camera.address, transport=transport))
        arrivals = [arrival for _, arrival in zip(range(40), source.arrivals(), strict=False)]
        source.close()
    shown = [number_of(arrival.shot.rgb(*arrival.shot.size)) for arrival in arrivals]
    assert source.link.codec == codec
    assert source.link.decoder == "software"
    assert {(b - a) % 30 for a, b in pairwise(shown)} == {1}


def test_key_frames_are_known():
    with ScriptedCamera(rate=RATE) as camera:
        source = linked(order(camera.address))
        keys = [arrival.is_key for _, arrival in zip(range(21), source.arrivals(), strict=False)]
        source.close()
    assert keys.count(True) == pytest.approx(2, abs=1)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("rtsp://me:pw@10.0.0.7/x", "rtsp://me:pw@10.0.0.7/x"),
        ("RTSPS://me:PW@Gate/X", "rtsps://me:PW@Gate/X"),
        ("/dev/video3", "/dev/video3"),
    ],
)
def test_ffmpeg_is_given_the_address_with_its_scheme_in_small_letters(address, name):
    assert ffmpeg_name(camera_address(address)) == name


@pytest.mark.parametrize(
    ("address", "transport", "expected"),
    [
        pytest.param("rtsp://10.0.0.7/x", "udp", {"rtsp_transport": "udp", "allowed_media_types": "video"}, id="rtsp"),
        pytest.param("rtsps://10.0.0.7/x", "tcp", {"rtsp_transport": "tcp", "fpsprobesize": "0"}, id="rtsps"),
        pytest.param("rtmp://10.0.0.7/a/x", "tcp", {"rtmp_live": "live"}, id="rtmp"),
        pytest.param("rtmps://10.0.0.7/a/x", "tcp", {"tls_verify": "1"}, id="rtmps"),
        pytest.param("udp://@239.0.0.7:5004", "tcp", {"overrun_nonfatal": "1"}, id="udp"),
        pytest.param("rtp://239.0.0.7:5004", "tcp", {"protocol_whitelist": "rtp,udp"}, id="rtp"),
        pytest.param("srt://10.0.0.7:9000", "tcp", {"protocol_whitelist": "srt"}, id="srt"),
    ],
)
def test_a_camera_cannot_make_ffmpeg_read_files(address, transport, expected):
    options = ffmpeg_options(order(address, transport=transport))
    assert expected.items() <= options.items()
    assert not {"file", "data", "concat", "subfile", "pipe"} & set(options["protocol_whitelist"].split(","))
    assert not any(address in value for value in options.values())


def failing(kind, code=1):
    return kind(code, "message with rtsp://me:s3cret!@10.0.0.7/x", "rtsp://me:s3cret!@10.0.0.7/x")


@pytest.mark.parametrize(
    ("error", "waited_s", "kind", "sentence"),
    [
        pytest.param(failing(av.HTTPUnauthorizedError), 0, RefusedError, "refuses its user or password", id="401"),
        pytest.param(failing(av.HTTPForbiddenError), 0, RefusedError, "refuses its user or password", id="403"),
        pytest.param(failing(av.HTTPNotFoundError), 0, SourceError, "no such stream", id="404"),
        pytest.param(failing(av.error.HTTPOtherClientError), 0, SourceError, "answers with an error", id="454"),
        pytest.param(failing(av.error.HTTPServerError), 0, SourceError, "answers with an error", id="500"),
        pytest.param(failing(av.error.DecoderNotFoundError), 0, RefusedError, "not supported", id="codec"),
        pytest.param(failing(av.error.ConnectionRefusedError), 0, SourceError, "refuses the connection", id="refused"),
        pytest.param(failing(av.error.ExitError), 5, SourceError, "did not answer within 5 s", id="interrupted"),
        pytest.param(failing(av.error.InvalidDataError), 5, SourceError, "did not answer within 5 s", id="time-out"),
        pytest.param(failing(av.error.InvalidDataError), 0, SourceError, "is no video", id="no-video"),
        pytest.param(failing(av.error.OSError, errno.EHOSTUNREACH), 0, SourceError, "cannot be opened", id="no-route"),
        pytest.param(UnicodeDecodeError("utf-8", b"s3cret!", 0, 1, "x"), 0, SourceError, "cannot be opened", id="text"),
    ],
)
def test_errors_become_one_sentence_of_ours(error, waited_s, kind, sentence):
    if isinstance(error, av.FFmpegError):
        error.strerror = os.strerror(errno.EIO)
    found = opening_error(order(f"rtsp://me:{SECRET}@127.0.0.1/x"), error, waited_s)
    assert type(found) is kind
    assert str(found).startswith("camera 'gate' ")
    assert sentence in str(found)
    assert SECRET not in str(found)
    assert "\n" not in str(found)


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        pytest.param(FileNotFoundError(), SourceError, "is not connected", id="unplugged"),
        pytest.param(PermissionError(), RefusedError, "may not be opened by this user", id="not-allowed"),
        pytest.param(OSError(errno.EBUSY, "Busy"), SourceError, "another program", id="in-use"),
    ],
)
def test_errors_of_webcams_say_what_to_do(error, kind, sentence):
    found = opening_error(order("webcam:0"), error, 0.1)
    assert type(found) is kind
    assert sentence in str(found)


def is_resolver_there():
    try:
        socket.getaddrinfo("no-such-host.invalid", None)
    except socket.gaierror as error:
        return error.errno != socket.EAI_AGAIN
    return False


@pytest.mark.skipif(not is_resolver_there(), reason="no resolver says that a host is unknown")
def test_an_unknown_host_is_refused_by_name():
    with pytest.raises(RefusedError, match=r"host no-such-host\.invalid is unknown"):
        linked(order(f"rtsp://me:{SECRET}@no-such-host.invalid/x"))


def test_a_server_that_says_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/x"
        with pytest.raises(SourceError, match=r"did not answer within 0\.2 s"):
            linked(order(address, open_timeout_s=0.2))


@pytest.mark.parametrize("level", [av.logging.DEBUG, av.logging.ERROR, None], ids=["debug", "error", "silent"])
def test_no_secret_reaches_a_log_whatever_ffmpeg_is_told_to_say(level, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    before = av.logging.get_level()
    av.logging.set_level(level)
    try:
        with ScriptedCamera() as camera:
            camera.require("operator", "another")
            with pytest.raises(RefusedError) as caught:
                linked(order(camera.address_with("operator", SECRET)))
        for address in (f"rtsp://me:{SECRET}@127.0.0.1:1/x", f"http://me:{SECRET}@127.0.0.1:1/x?pwd={SECRET}"):
            with pytest.raises(SourceError):
                linked(order(address))
        assert av.logging.get_level() is None
    finally:
        av.logging.set_level(before)
    output = capfd.readouterr()
    written = caplog.text + output.out + output.err + str(caught.value) + repr(order(f"rtsp://me:{SECRET}@10.0.0.7/x"))
    assert SECRET not in written
    assert "s3cret%21" not in written


@pytest.mark.parametrize(
    ("events", "now", "silent", "hopeless"),
    [
        pytest.param([], 4.9, False, False, id="not-yet"),
        pytest.param([], 5.0, True, False, id="nothing-came"),
        pytest.param([(t, "packet") for t in range(10)], 10, False, False, id="waits-for-a-key-frame"),
        pytest.param([(t, "packet") for t in range(20)], LONGEST_WAIT_FOR_KEYFRAME_S, False, True, id="no-key-frame"),
        pytest.param([(t, "error") for t in range(5)], 5, False, True, id="only-errors"),
        pytest.param([(1, "error"), (4, "frame"), (6, "error")], 8, False, False, id="errors-and-frames"),
        pytest.param([(4, "frame"), (6, "error")], 9, False, True, id="errors-since-a-frame"),
        pytest.param([(4, "frame")], 9, True, False, id="silent-after-a-frame"),
    ],
)
def test_patience_ends_by_what_arrives(events, now, silent, hopeless):
    patience = Patience(5.0, 0.0)
    for time, name in events:
        patience.packet(time)
        if name == "frame":
            patience.frame(time)
        if name == "error":
            patience.error()
    assert (patience.is_silent(now), patience.is_hopeless(now)) == (silent, hopeless)


def test_hardware_is_off_unless_it_is_asked_for():
    assert hardware_for("off") == SOFTWARE
    assert SOFTWARE.accel is None


@pytest.mark.parametrize("name", ["vdpau", "no such thing"])
def test_hardware_that_is_not_there_falls_back_and_says_so(name):
    found = hardware_for(name)
    assert found.accel is None
    assert found.remark == f"{name} cannot decode on this machine, so software does"


def test_hardware_that_does_not_know_the_codec_falls_back_and_says_so():
    with WebCamera("mjpeg", rate=RATE) as camera:
        source = linked(order(camera.address), Hardware("opencl"))  # knows no video at all
        next(source.arrivals())
        source.close()
    assert source.link.decoder == "software"
    assert "opencl does not decode this camera's mjpeg" in source.link.remark


@pytest.mark.parametrize("kind", ["yuv420p", "yuvj420p", "nv12", "yuv444p", "rgb24", "yuv420p10le"])
def test_luma_is_had_of_every_pixel_format(kind):
    grey = np.linspace(40, 200, 64, dtype=np.uint8)[None].repeat(48, axis=0)
    frame = av.VideoFrame.from_ndarray(grey[..., None].repeat(3, axis=2), format="rgb24").reformat(format=kind)
    luma = Decoded(frame).luma()
    assert luma.shape == (48, 64)
    assert np.abs(luma.astype(int) - grey).max() <= 20  # limited range
    assert np.abs(Still(grey[..., None].repeat(3, axis=2)).luma().astype(int) - grey).max() <= 1


def picture(seed=1, *, damaged=False, is_key=False):
    noise = np.random.default_rng(seed).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    return Arrival(Still(noise), damaged, is_key)


@pytest.mark.parametrize(
    ("before", "wanted", "condition"),
    [
        pytest.param([], picture(), Condition.CLEAR, id="clear"),
        pytest.param([None], picture(), Condition.TORN, id="failed-packet-before"),
        pytest.param([picture(2, damaged=True)], picture(), Condition.TORN, id="damaged-picture-before"),
        pytest.param([picture(2, damaged=True), picture(3, is_key=True)], picture(), Condition.CLEAR, id="repaired"),
        pytest.param([picture(3, is_key=True), None], picture(), Condition.TORN, id="damaged-after-key"),
        pytest.param([None], picture(is_key=True), Condition.CLEAR, id="key-itself"),
    ],
)
def test_damage_lasts_until_a_key_frame_though_nobody_wanted_the_pictures_between(before, wanted, condition):
    scrutiny = Scrutiny()
    for arrival in (*before, wanted):
        scrutiny.notice(arrival)
    assert scrutiny.look(wanted, 1.0).condition is condition


def test_pictures_are_idle_only_behind_the_motion_gate():
    for gate in (False, True):
        scrutiny = Scrutiny(motion_gate=gate)
        looks = [scrutiny.look(picture(), time) for time in (0.0, 0.1)]
        assert [look.is_idle for look in looks] == [False, gate]


def test_what_else_a_library_may_ask_of_its_clock_is_answered():
    clock = vars(av.container.core)["time"]
    assert clock.perf_counter is perf_counter
