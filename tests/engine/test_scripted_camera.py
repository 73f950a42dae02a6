"""What clients see of the scripted cameras, with PyAV and bare sockets as clients."""

import itertools
import socket
import threading

import av
import numpy as np
import pytest

from cameras import Client, Clip, ScriptedCamera, number_of
from cameras.client import LATE_S, SOON_S
from cameras.clip import picture

RATE = 100.0
CLOCK_HZ = 90_000


@pytest.fixture(autouse=True)
def no_thread_of_a_camera_is_left():
    yield
    assert not [t for t in threading.enumerate() if t.name == "scripted camera"]


@pytest.fixture
def camera():
    with ScriptedCamera(rate=RATE) as camera:
        yield camera


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize(("codec", "name"), [("h264", "h264"), ("h265", "hevc")])
def test_every_picture_arrives_as_it_was_drawn(codec, name, transport):
    with ScriptedCamera(Clip.drawn(codec), rate=RATE) as camera, Client(camera.address, transport=transport) as client:
        frames = client.take(35)
        assert client.codec == name
    assert [number_of(f.to_ndarray(format="rgb24")) for f in frames] == [*range(30), *range(5)]
    assert np.all(np.diff([f.pts for f in frames[1:]]) > 0)
    assert camera.frames_sent >= 35


def test_large_pictures_arrive_in_pieces():
    with ScriptedCamera(Clip.drawn(size=(720, 1280), frames=12), rate=RATE) as camera:
        assert max(len(nal) for nal in camera.clip.units[0].nals) > 10_000
        with Client(camera.address) as client:
            assert client.numbers(15) == [*range(12), 0, 1, 2]


def test_the_clip_of_a_file_is_played_in_the_order_of_presentation(tmp_path):
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25, options={"x264-params": "bframes=2:b-adapt=0:keyint=10"})
        stream.height, stream.width, stream.pix_fmt = 96, 128, "yuv420p"
        for number in range(20):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number, (96, 128)), format="rgb24")))
        file.mux(stream.encode(None))
    with ScriptedCamera(Clip.of_file(path), rate=RATE) as camera, Client(camera.address) as client:
        order = [unit.shown for unit in camera.clip.units]
        assert order[:3] != sorted(order[:3])
        assert client.numbers(30) == [*range(20), *range(10)]


def test_several_clients_each_begin_with_a_keyframe(camera):
    with Client(camera.address) as one, Client(camera.address) as other:
        assert camera.connected == 2
        assert one.numbers(12) == other.numbers(12) == list(range(12))
    assert camera.until(lambda: camera.connected == 0)
    assert camera.connections == 2


def test_a_camera_without_udp_is_asked_for_tcp(camera):
    camera.offers_udp = False
    with pytest.raises(OSError, match="not supported"):
        Client(camera.address, transport="udp")
    with Client(camera.address, transport="udp+tcp") as client:
        assert client.numbers(3) == [0, 1, 2]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_stall_times_out_and_the_same_connection_goes_on(camera, transport):
    with Client(camera.address, transport=transport, read_s=SOON_S) as client:
        client.take(10)
        camera.stall()
        sent = camera.frames_sent
        with pytest.raises(av.ExitError):
            client.take(1000)
        assert camera.frames_sent == sent
        camera.go_on()
        assert client.numbers(20)[-1] in range(30)
    assert camera.connections == 1


def test_nobody_is_answered_during_a_stall(camera):
    camera.stall()
    with socket.create_connection(("127.0.0.1", camera.port), SOON_S) as client:
        client.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        with pytest.raises(TimeoutError):
            client.recv(1)
        camera.go_on()
        client.settimeout(LATE_S)
        assert client.recv(100).startswith(b"RTSP/1.0 200 OK\r\n")


@pytest.mark.parametrize("end", ["close_connections", "reset_connections", "go_away"])
def test_a_connection_that_ends_gives_no_more_frames(camera, end):
    with Client(camera.address) as client:
        client.take(5)
        getattr(camera, end)()
        sent = camera.frames_sent
        assert client.drain() <= sent
    assert camera.until(lambda: camera.connected == 0)


def test_closing_is_orderly_and_resetting_is_not(camera):
    for end in (camera.close_connections, camera.reset_connections):
        with socket.create_connection(("127.0.0.1", camera.port), LATE_S) as client:
            assert camera.until(lambda: camera.connected == 1)
            end()
            if end == camera.close_connections:
                assert client.recv(1) == b""
            else:
                with pytest.raises(ConnectionResetError):
                    client.recv(1)
        assert camera.until(lambda: camera.connected == 0)


def test_a_camera_that_went_away_comes_back_on_its_port(camera):
    address = camera.address
    camera.go_away()
    camera.go_away()
    with pytest.raises(ConnectionRefusedError):
        Client(address)
    camera.come_back()
    assert camera.address == address
    with Client(address) as client:
        assert client.numbers(3) == [0, 1, 2]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, av.HTTPUnauthorizedError),
        (403, av.HTTPForbiddenError),
        (404, av.HTTPNotFoundError),
        (454, av.HTTPOtherClientError),
        (503, av.HTTPServerError),
    ],
)
def test_a_refusal_is_told_until_it_ends(camera, status, error):
    camera.refuse(status)
    with pytest.raises(error):
        Client(camera.address_with("operator", "any"))
    camera.go_on()
    with Client(camera.address) as client:
        assert client.numbers(1) == [0]


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_garbage_costs_frames_and_passes(codec):
    with ScriptedCamera(Clip.drawn(codec), rate=RATE) as camera, Client(camera.address) as client:
        client.take(5)
        camera.garbage(10)
        numbers = []
        for frame in itertools.islice(client.frames(), 200):
            whole = (frame.height, frame.width) == camera.clip.size
            numbers.append(number_of(frame.to_ndarray(format="rgb24")) if whole else -1)
            steps = (np.diff(numbers) % 30 == 1).tolist()
            if False in steps and len(steps) > 25 and all(steps[-12:]):
                break
        assert False in steps
        assert all(steps[-12:])


def test_garbage_without_end_shows_no_right_picture(camera):
    camera.garbage()
    with socket.create_connection(("127.0.0.1", camera.port), LATE_S) as client:
        for number, method in enumerate(("SETUP", "PLAY"), 1):
            client.sendall(f"{method} x RTSP/1.0\r\nCSeq: {number}\r\nTransport: RTP/AVP/TCP\r\n\r\n".encode())
        sent = b""
        while len(sent) < len(camera.clip.units[0].annex_b):
            sent += client.recv(10_000)
    packets = sent.partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")[2]
    assert packets[:2] == b"$\x00"
    assert packets[4] == 0x80
    assert camera.clip.parameter_sets[0] not in sent


def test_a_camera_that_babbles_is_none(camera):
    with Client(camera.address, read_s=SOON_S) as client:
        client.take(5)
        camera.babble()
        sent = camera.frames_sent
        assert client.drain() <= sent
    with socket.create_connection(("127.0.0.1", camera.port), LATE_S) as client:
        client.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        assert not client.recv(100).startswith(b"RTSP")


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_another_size_comes_within_the_stream(codec):
    with ScriptedCamera(Clip.drawn(codec), rate=RATE) as camera, Client(camera.address) as client:
        client.take(5)
        camera.change(size=(480, 640))
        sizes = ((f.height, f.width) for f in itertools.islice(client.frames(), 5000))
        assert set(itertools.takewhile(lambda size: size != (480, 640), sizes)) == {(240, 320)}
        assert set(itertools.islice(sizes, 20)) == {(480, 640)}
    assert camera.connections == 1


def test_another_codec_comes_with_a_new_connection(camera):
    with Client(camera.address) as client:
        client.take(3)
        camera.change(codec="h265")
        assert client.drain() < 1000
    with Client(camera.address) as client:
        assert client.codec == "hevc"
        assert client.numbers(2) == [0, 1]


@pytest.mark.parametrize("seconds", [3600.0, -3600.0], ids=["forth", "back"])
def test_the_clock_jumps(camera, seconds):
    with Client(camera.address) as client:
        client.take(5)
        camera.jump_clock(seconds)
        steps = np.diff([f.pts for f in client.take(30)])
    # FFmpeg unfolds 32-bit time stamps, and may take a jump back for one round forth.
    off = (steps - round(seconds * CLOCK_HZ)) % 2**32
    assert np.count_nonzero(np.minimum(off, 2**32 - off) < CLOCK_HZ) == 1


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_trickle_is_timed_out_like_a_stall(camera, transport):
    with Client(camera.address, transport=transport, read_s=SOON_S) as client:
        client.take(5)
        camera.trickle(50)
        with pytest.raises(av.ExitError):
            client.take(1000)


def test_a_trickle_sends_the_right_bytes_slowly(camera):
    camera.trickle(400)
    with socket.create_connection(("127.0.0.1", camera.port), LATE_S) as client:
        client.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        pieces = [client.recv(1000)]
        while not pieces[-1].endswith(b"\n\r\n"):
            pieces.append(client.recv(1000))
    assert b"".join(pieces).startswith(b"RTSP/1.0 200 OK\r\nPublic: ")
    assert max(len(p) for p in pieces) < 100


@pytest.mark.parametrize("fault", ["stall", "trickle", "none"])
def test_a_camera_ends_whatever_its_clients_do(fault):
    with ScriptedCamera(rate=RATE) as camera:
        client = Client(camera.address, read_s=SOON_S)
        if fault == "stall":
            camera.stall()
        if fault == "trickle":
            camera.trickle(1)
    assert client.drain() < 1000
    client.container.close()
    assert camera.connected == 0
