"""A clip of an alert, made of a camera's last packets: copied where that can be, else encoded from what may be seen.

Copied packets begin at a key frame. Encoded are those of a camera with privacy masks, which hold what is masked, those
of pictures, and those whose key frame lies so far back that copying them would show much of what was before.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.capture.preroll import MOST_GROUP_S, Kept
from engine.errors import OutputError
from engine.files import ffmpeg_file, written_whole
from engine.picture.shot import Decoded
from engine.picture.view import View
from engine.sources.bounds import LIMITS
from engine.sources.opening import ERRORS

TIME_BASE = Fraction(1, 90_000)
LONGEST_STEP_S, LEAST_STEP_S = 2.0, 0.001  # of a stream's own time; what is beyond is a jump, and goes by arrival
SEAM_S = 1.0  # within which a recording that begins again goes on as it did
LONGEST_LEAD_S = 10.0  # by which a copied clip may begin too early
WITHIN = 720, 1280  # height and width in pixels of what is encoded
MOST_FPS = 12.5  # of it
COPIED = ("h264", "hevc")
"""What every player knows in an MP4 file."""
FASTSTART = {"movflags": "+faststart"}
BT709, LIMITED = 1, 1  # FFmpeg's numbers for colour space, primaries and transfer; and for the range of video


@dataclass(frozen=True, slots=True)
class Scene:
    """What a clip is made of."""

    kept: Sequence[Kept]
    """From a key frame on, which may lie before the beginning."""
    begin_s: float
    """When it should begin, on the monotonic clock."""
    at_s: float
    """The moment that it is about: where a camera changed its coding, what is coded as then is taken."""
    view: View


@dataclass(frozen=True, slots=True)
class _Timed:
    """A packet with rising times from the first one's on."""

    kept: Kept
    decoded_s: float
    shown_s: float


def write_clip(path: Path, scene: Scene, is_over: Callable[[], bool] = lambda: False) -> None:
    """Writes a clip (MP4) whole or not at all.

    Args:
        path: of the file.
        scene: what it shows.
        is_over: asked now and then whether it is to be given up.

    Raises:
        OutputError: it cannot be written, was given up, or there is nothing that it could be made of.
    """
    timed = list(_timed(_of_one_coding(scene)))
    if not timed:
        raise OutputError(
            f"no key frame of the last {MOST_GROUP_S:g} s is there to begin with, expected one; have the camera send "
            "them more often"
        )
    coding, lead_s = timed[0].kept.piece.coding, scene.begin_s - timed[0].kept.arrived_s
    is_whole = coding.codec in COPIED and coding.head and coding.extradata
    is_copied = is_whole and not scene.view.private and lead_s <= LONGEST_LEAD_S
    with written_whole(path) as partial:
        with av.open(ffmpeg_file(partial), "w", format="mp4", options=FASTSTART) as container:
            if is_copied:
                _copy(container, timed)
                return
            frames = _encode(container, timed, scene, is_over)
        if not frames:
            raise OutputError(f"clip {path.name} would hold no picture, expected some; see what the camera sends")


def _of_one_coding(scene: Scene) -> Iterator[Kept]:
    """Yields what lies around the moment and is coded in one way, from a key frame on."""
    kept = scene.kept
    middle = max((place for place, each in enumerate(kept) if each.arrived_s <= scene.at_s), default=0)
    first = last = middle
    while first > 0 and kept[first - 1].piece.coding == kept[middle].piece.coding:
        first -= 1
    while last < len(kept) and kept[last].piece.coding == kept[middle].piece.coding:
        last += 1
    has_begun = False
    for each in kept[first:last]:
        has_begun = has_begun or each.piece.is_key
        if has_begun:
            yield each


def _timed(kept: Iterable[Kept]) -> Iterator[_Timed]:
    """Gives packets times that rise: their own, in which jumps are closed, or else when they came."""
    now_s, step_s, before = 0.0, LEAST_STEP_S, None
    for each in kept:
        piece = each.piece
        if before is not None:
            own_s = _between(piece.decoded_s, before.piece.decoded_s)
            came_s = each.arrived_s - before.arrived_s
            if own_s is not None and LEAST_STEP_S <= own_s <= LONGEST_STEP_S:
                step_s = own_s
            elif own_s is None or came_s > SEAM_S:
                step_s = max(LEAST_STEP_S, came_s)
            now_s += step_s
        yield _Timed(each, now_s, now_s + max(0.0, _between(piece.shown_s, piece.decoded_s) or 0.0))
        before = each


def _between(later_s: float | None, earlier_s: float | None) -> float | None:
    return None if later_s is None or earlier_s is None else later_s - earlier_s


def _copy(container: OutputContainer, timed: Sequence[_Timed]) -> None:
    head = io.BytesIO(timed[0].kept.piece.coding.head)
    with av.open(head, format="nut") as template:
        stream = container.add_stream_from_template(template.streams.video[0])
        for each in timed:
            packet = _packet(each)
            packet.stream = stream
            container.mux(packet)


def _packet(timed: _Timed) -> "av.Packet[Stream]":
    packet = av.Packet(timed.kept.piece.data)
    packet.time_base, packet.is_keyframe = TIME_BASE, timed.kept.piece.is_key
    packet.dts, packet.pts = round(timed.decoded_s / TIME_BASE), round(timed.shown_s / TIME_BASE)
    return packet


def _encode(container: OutputContainer, timed: Sequence[_Timed], scene: Scene, is_over: Callable[[], bool]) -> int:
    """Encodes what people may see of the packets; returns how many pictures that are."""
    begin_s = next((each.shown_s for each in timed if each.kept.arrived_s >= scene.begin_s), 0.0)
    stream: VideoStream | None = None
    frames, due_s = 0, begin_s
    for frame in _decoded(timed):
        if is_over():
            raise OutputError("a clip was given up, since the watch ends")
        shown_s = float((frame.pts or 0) * TIME_BASE)
        if shown_s < due_s:
            continue
        due_s = max(due_s + 1 / MOST_FPS, shown_s)
        drawn = _drawn(frame, timed[0].kept.piece.coding.pixel, scene.view)
        if stream is None:
            stream = _stream(container, drawn.width, drawn.height)
        place = {"width": stream.width, "height": stream.height}
        coded = drawn.reformat(**place, format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED)
        coded.pts, coded.time_base = round((shown_s - begin_s) / TIME_BASE), TIME_BASE
        container.mux(stream.encode(coded))
        frames += 1
    if stream is not None:
        container.mux(stream.encode(None))
    return frames


def _decoded(timed: Sequence[_Timed]) -> Iterator[VideoFrame]:
    coding = timed[0].kept.piece.coding
    decoder = av.CodecContext.create(coding.codec, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.extradata = coding.extradata or None
    decoder.options = LIMITS
    for packet in (*map(_packet, timed), None):
        try:
            frames = decoder.decode(packet)
        except ERRORS:
            continue
        yield from frames


def _drawn(frame: VideoFrame, pixel: Fraction | None, view: View) -> VideoFrame:
    """Returns what people may see of a picture, in a size that video can have: even, as 4:2:0 asks for."""
    picture = view.picture(Decoded(frame, pixel), WITHIN)
    height, width = (max(2, side // 2 * 2) for side in picture.shape[:2])
    return VideoFrame.from_ndarray(picture[:height, :width].copy(), format="rgb24")


def _stream(container: OutputContainer, width: int, height: int) -> VideoStream:
    stream = container.add_stream("libx264", rate=Fraction(25, 2))
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.time_base = TIME_BASE
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED
    context.thread_count = 1  # the cores are for counting
    stream.options = {"preset": "veryfast", "crf": "25"}
    return stream
