"""The shape of a stream's pixels, which may change in mid-stream."""

from fractions import Fraction

from av.video.stream import VideoStream


class PixelAspect:
    """What container and decoder tell of it; the container's word stands until the decoder's changes."""

    def __init__(self, stream: VideoStream) -> None:
        """Takes a stream of which nothing was decoded yet."""
        self._context = stream.codec_context
        self._first, self._told = self._context.sample_aspect_ratio, stream.sample_aspect_ratio

    def now(self) -> Fraction | None:
        """Returns width over height of the pixels of the frame that was decoded last; None where nobody tells."""
        newest = self._context.sample_aspect_ratio
        return self._told if newest == self._first else newest
