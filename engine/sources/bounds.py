"""What decoders are given: so many threads, and pictures up to so many pixels.

How large one is is asked before it is decoded, for a few kilobytes may hold one that fills all memory.
"""

import av
from av.stream import Stream
from av.video.stream import VideoStream

from engine.picture.layout import MOST_PIXELS
from engine.sources.picture_header import picture_size

MEGAPIXEL = 1_000_000
MOST_BYTES = 8 * MOST_PIXELS  # of a file with such a picture: four channels of 16 bits, not packed
DECODER_THREADS = 2
"""Of a live camera, on slices of one frame: threads on whole frames would each add a frame of latency."""
LIMITS = {"max_pixels": str(MOST_PIXELS)}
"""FFmpeg's own bound, for opening and for every decoder: larger pictures are errors to it, and cost nothing."""


def excess(height: int, width: int) -> str:
    """Says in what a picture of this size is too large, to follow the name of what holds it; '' if it is not."""
    if height * width <= MOST_PIXELS:
        return ""
    found = height * width / MEGAPIXEL
    limit = MOST_PIXELS // MEGAPIXEL
    return f"holds pictures of {width}x{height} ({found:.0f} megapixels), expected at most {limit}; make them smaller"


def excess_of(packet: "av.Packet[Stream] | av.Packet[VideoStream]") -> str:
    """Says of a packet that was not decoded whether its picture is too large; '' if it failed for another reason."""
    context = packet.stream.codec_context
    assert isinstance(context, av.VideoCodecContext)
    size = picture_size(bytes(packet)) or (context.height, context.width)  # most decoders forget what they refuse
    return excess(*size)
