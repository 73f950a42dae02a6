"""A clip of an alert, made of a camera's last packets: copied where that can be, else encoded from what may be seen.

Copied packets begin at a key frame. Encoded are those of a camera with privacy masks, which hold what is masked, those
of pictures, and those whose key frame lies so far back that copying them would show much of what was before.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import OutputContainer

from engine.capture.preroll import MOST_GROUP_S
from engine.errors import OutputError
from engine.files import ffmpeg_file, written_whole
from engine.picture.view import View
from engine.recording.encoding import Encoder
from engine.recording.pieces import Timed, Timing, add_stream, packet_of
from engine.sources.packets import Kept

LONGEST_LEAD_S = 10.0  # by which a copied clip may begin too early
COPIED = ("h264", "hevc")
"""What every player knows in an MP4 file."""
FASTSTART = {"movflags": "+faststart"}


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


def write_clip(path: Path, scene: Scene, is_over: Callable[[], bool] = lambda: False) -> None:
    """Writes a clip (MP4) whole or not at all.

    Args:
        path: of the file.
        scene: what it shows.
        is_over: asked now and then whether it is to be given up.

    Raises:
        OutputError: it cannot be written, was given up, or there is nothing that it could be made of.
    """
    timed = list(map(Timing().of, _of_one_coding(scene)))
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


def _copy(container: OutputContainer, timed: Sequence[Timed]) -> None:
    stream = add_stream(container, timed[0].kept)
    for each in timed:
        packet = packet_of(each)
        packet.stream = stream
        container.mux(packet)


def _encode(container: OutputContainer, timed: Sequence[Timed], scene: Scene, is_over: Callable[[], bool]) -> int:
    """Encodes what people may see of the packets; returns how many pictures that are."""
    begin_s = next((each.shown_s for each in timed if each.kept.arrived_s >= scene.begin_s), 0.0)
    encoder = Encoder(container, timed[0].kept.piece.coding, scene.view, begin_s=begin_s)
    for each in timed:
        if is_over():
            raise OutputError("a clip was given up, since the watch ends")
        encoder.put(each)
    encoder.finish()
    return encoder.frames
