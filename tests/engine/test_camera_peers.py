"""What clients see of cameras other than plain RTSP: logins, HTTP, TLS, and a server that is not ours."""

import threading

import av
import pytest

from cameras import Client, Clip, GStreamerCamera, ScriptedCamera, WebCamera
from cameras.client import SOON_S

RATE = 100.0


@pytest.fixture(autouse=True)
def no_thread_of_a_camera_is_left():
    yield
    assert not [t for t in threading.enumerate() if t.name == "scripted camera"]


@pytest.fixture(scope="module")
def gstreamer():
    if reason := GStreamerCamera.missing():
        pytest.skip(reason)
    with GStreamerCamera(rate=25) as peer:
        yield peer


def refused(address, error):
    with pytest.raises(error):
        Client(address, read_s=SOON_S)


@pytest.mark.parametrize("make", [ScriptedCamera, WebCamera], ids=["rtsp", "http"])
@pytest.mark.parametrize("scheme", ["digest", "basic"])
def test_only_the_right_login_plays(make, scheme):
    with make(rate=RATE) as camera:
        camera.require("operator", "a b@c:/d", scheme=scheme)
        for address in (camera.address, camera.address_with("operator", "wrong"), camera.address_with("x", "a b@c:/d")):
            refused(address, av.HTTPUnauthorizedError)
        with Client(camera.address_with("operator", "a b@c:/d")) as client:
            assert client.numbers(2) == [0, 1]
        assert "a b@c:/d" not in repr(camera.script.conduct)


@pytest.mark.parametrize(
    ("kind", "codec", "name"), [("mjpeg", "mjpeg", "mjpeg"), ("mpegts", "h264", "h264"), ("mpegts", "h265", "hevc")]
)
def test_pictures_arrive_over_http(kind, codec, name):
    with WebCamera(kind, Clip.drawn(codec), rate=RATE) as camera, Client(camera.address) as client:
        assert client.codec == name
        assert client.numbers(35) == [*range(30), *range(5)]


@pytest.mark.parametrize("kind", ["mjpeg", "mpegts"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [("stall", av.ExitError), ("close_connections", OSError), ("reset_connections", ConnectionResetError)],
)
def test_faults_over_http_are_errors(kind, fault, error):
    with WebCamera(kind, rate=RATE) as camera, Client(camera.address, read_s=SOON_S) as client:
        client.take(3)
        getattr(camera, fault)()
        with pytest.raises(error):
            client.take(1000)


def test_rtsps_is_rtsp_within_tls(tls):
    with ScriptedCamera(rate=RATE, tls=tls) as camera, Client(camera.address) as client:
        assert client.numbers(3) == [0, 1, 2]


@pytest.mark.parametrize("codec", ["h264", "h265", "mjpeg"])
def test_an_independent_server_plays(gstreamer, codec):
    if codec not in gstreamer.codecs:
        pytest.skip(f"this GStreamer has no encoder for {codec}")
    with Client(gstreamer.address(codec)) as client:
        assert {(f.height, f.width) for f in client.take(10)} == {(240, 320)}


def test_an_independent_server_checks_our_digest(gstreamer):
    for login in ("", "operator:wrong"):
        refused(gstreamer.address("digest", login=login), av.HTTPUnauthorizedError)
    with Client(gstreamer.address("digest", login="operator:a%20ball")) as client:
        assert len(client.take(3)) == 3
