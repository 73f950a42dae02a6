"""What nobody should send: media, addresses, configurations and names with faults that chance puts into them."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np
from hypothesis import strategies as st

from cameras import Clip

SECRET = "n3verseen"
FRAMES, RATE, SIZE = 8, 10, (64, 96)
VIDEOS = {"mp4": "libx264", "ts": "libx264", "mkv": "libx264", "avi": "mpeg4", "mov": "mjpeg", "webm": "libvpx"}
PICTURES = ("jpg", "png", "gif", "webp", "bmp")
PARTS = "multipart/x-mixed-replace; boundary=x"
SERVED = {"mjpeg": PARTS, "ts": "video/mp2t", "jpg": "image/jpeg", "m3u8": "application/vnd.apple.mpegurl"}

ADDRESSES = [
    "rtsp://u:{}@127.0.0.1:1/x", "RTSPS://u:{}@[::1]:1/x", "http://u:{}@localhost:1/x?pwd={}", "https://h.invalid/?p={}",
    "rtsp:/u:{}@h.invalid", "u:{}@h.invalid/x", "rtmp://127.0.0.1:1/app/{}", "srt://127.0.0.1:1?passphrase={}",
    "udp://127.0.0.1:1?x={}", "rtsp://127.0.0.1:1/user=a&password={}&channel=1", "postgresql://u:{}@127.0.0.1:1/db",
    "mysql+x://u:{}@h.invalid/db?password={}", "sqlite:///a.db?password={}", "concat:http://u:{}@h.invalid/x|b",
    "file:///x?token={}", "webcam:rtsp://u:{}@h.invalid", "-rtsp://u:{}@h.invalid", "crypto:rtsp://u:{}@h.invalid",
]  # fmt: skip
CONFIG = f"""
database = "log.db"
[[cameras]]
name = "gate"
address = "rtsp://u:{SECRET}@127.0.0.1:1/x"
address_small = "rtsp://u:{SECRET}@127.0.0.1:1/y"
open_timeout_s = 0.5
max_fps = 5.0
grid = "1x2"
aspect = "16:9"
include = [[[0, 0], [1, 0], [1, 1]]]
[[cameras.zones]]
name = "left"
polygon = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
[[cameras]]
name = "street"
address = "clip.mp4"
loop = true
density_interval_s = "never"
tls_verify = true
"""
VALUES = [
    "9" * 5000, "1e400", "-1", "0", "nan", "inf", "true", "''", '"\\u0000"', '"\\u202e"', "[" * 3000, "[[]]", "{}",
    "{a = {a = {a = 1}}}", "1979-05-27T07:32:00Z", "0x" + "f" * 400, f'"rtsp://u:{SECRET}@h.invalid/x"', '"$\\\\foo$"',
    '"' + "x" * 10_000 + '"', f'"u:{SECRET}@h"', "[[[0, 0], [1, 1]], 3]", "\ufeff", "1_000", "1.7976931348623157e308",
]  # fmt: skip
HEADS = [
    "",
    ";",
    '; boundary="',
    "; boundary=",
    "; boundary=(.*)+$",
    f"; boundary={'x' * 50_000}",
    "; charset=\u2603",
    "\r\nContent-Encoding: gzip",
    "\r\nContent-Encoding: deflate",
    "\r\nTransfer-Encoding: chunked",
    "\r\nContent-Length: -5",
    "\r\nContent-Length: 1e9",
    f"\r\nContent-Length: {'9' * 5000}",
    "\r\n: x",
    "\r\nnothing",
    f"\r\nX: {'x' * 100_000}",
    "\r\nX: 1" * 500,
    f'\r\nETag: "{SECRET}"',
    f"\r\nSet-Cookie: {SECRET}",
    "\r\n\r\n",
    "\r\nConnection: keep-alive",
    "\0",
    "\r\nLast-Modified: never",
]
"""What may stand behind the content type of an answer, and in further lines."""
LETTERS = "$\\{}[]<>|&;:=%#@?!'\"` .,-+~^()*\u202e\u200d😀é٣\x1b\x07\n\t\r\udce9aZ0/"


@cache
def video(suffix: str) -> bytes:
    """A sound clip of noise in the container that a suffix names."""
    rng = np.random.default_rng(1)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"clip.{suffix}"
        with av.open(str(path), "w") as container:
            stream = container.add_stream(VIDEOS[suffix], rate=RATE)
            stream.height, stream.width = SIZE
            stream.pix_fmt = "yuvj420p" if VIDEOS[suffix] == "mjpeg" else "yuv420p"
            for _ in range(FRAMES):
                pixels = rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode(None))
        return path.read_bytes()


@cache
def picture(suffix: str) -> bytes:
    """A sound picture."""
    pixels = np.random.default_rng(1).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    if suffix == "gif":
        out = io.BytesIO()
        with av.open(out, "w", format="gif") as container:
            stream = container.add_stream("gif", rate=RATE)
            stream.height, stream.width, stream.pix_fmt = *SIZE, "rgb8"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode(None))
        return out.getvalue()
    return cv2.imencode(f".{suffix}", pixels)[1].tobytes()


@cache
def served(kind: str) -> bytes:
    """What a sound camera sends at once."""
    if kind == "m3u8":
        return b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\nsegment.ts\n#EXT-X-ENDLIST\n"
    if kind != "mjpeg":
        return video("ts") if kind == "ts" else picture(kind)
    pictures = [b"".join(unit.nals) for unit in Clip.drawn("mjpeg", frames=5).units]
    head = "--x\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n"
    return b"".join(head.format(len(jpeg)).encode() + jpeg + b"\r\n" for jpeg in pictures)


@st.composite
def spoiled(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with up to four faults, one in four in its head: bytes flipped, set, cut, doubled or left out."""
    data = bytearray(content)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data) if draw(st.integers(0, 3)) else min(len(data), 200)))
        length = draw(st.sampled_from([1, 2, 4, 8, 100, 1000]))
        match draw(st.sampled_from(["flip", "set", "random", "cut", "double", "leave out"])):
            case "flip" if at < len(data):
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "set":
                data[at : at + length] = draw(st.sampled_from([b"\0", b"\xff", b"\x7f", b"\x80"])) * length
            case "random":
                data[at : at + length] = draw(st.binary(min_size=1, max_size=8))
            case "cut":
                del data[max(at, 1) :]
            case "double":
                data[at:at] = data[at : at + length]
            case "leave out":
                del data[at : at + length]
    return bytes(data)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """An address with the secret in it, and signs around that and anywhere."""
    around = st.text(LETTERS, max_size=4).filter(lambda text: not set(text) & set("\n\t\r"))
    secret = draw(around) + SECRET + draw(around)
    text = draw(st.sampled_from(ADDRESSES)).replace("{}", secret)
    at = draw(st.integers(0, text.index(SECRET)))
    return text[:at] + draw(st.text(LETTERS, max_size=2)) + text[at:] if draw(st.booleans()) else text


@st.composite
def configurations(draw: st.DrawFn) -> bytes:
    """A configuration with up to three faults in values, lines or letters."""
    lines = CONFIG.splitlines()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        key, equals, _ = lines[at].partition(" = ")
        match draw(st.sampled_from(["value", "key", "letters", "leave out", "double"])):
            case "value" if equals:
                lines[at] = f"{key} = {draw(st.sampled_from(VALUES))}"
            case "key":
                lines[at] = lines[at].replace(key, draw(st.text(LETTERS, max_size=5)))
            case "letters":
                place = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:place] + draw(st.text(LETTERS, max_size=3)) + lines[at][place:]
            case "leave out":
                lines[at] = ""
            case "double":
                lines.insert(at, lines[at])
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def names() -> st.SearchStrategy[str]:
    """What a file can be called, without its ending."""
    letters = st.characters(exclude_characters="/\0", exclude_categories=["Cs"]) | st.sampled_from(LETTERS)
    return st.text(letters, min_size=1, max_size=12).map(lambda text: text.replace("/", "_").lstrip("."))


def media() -> st.SearchStrategy[tuple[str, bytes]]:
    """A suffix and the spoiled content that goes with it."""
    kinds: list[tuple[str, Callable[[str], bytes]]] = [(s, video) for s in VIDEOS] + [(s, picture) for s in PICTURES]
    return st.sampled_from(kinds).flatmap(lambda kind: st.tuples(st.just(kind[0]), spoiled(kind[1](kind[0]))))


def answers() -> st.SearchStrategy[tuple[str, bytes]]:
    """A content type, with whatever follows it in the head, and the spoiled content that a camera on the web sends."""
    kinds = st.sampled_from(sorted(SERVED))
    heads = st.sampled_from(HEADS)
    return kinds.flatmap(lambda kind: st.tuples(heads.map(lambda head: SERVED[kind] + head), spoiled(served(kind))))
