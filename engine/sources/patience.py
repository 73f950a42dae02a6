"""When a connection on which something still arrives is to be given up; pure: time is an argument."""

LONGEST_WAIT_FOR_KEYFRAME_S = 20.0  # cameras that save bandwidth send one in ten seconds, and nothing shows before it


class Patience:
    """Watches the packets of the picture (not of the sound) and what becomes of them."""

    def __init__(self, read_timeout_s: float, now: float) -> None:
        self._timeout_s = read_timeout_s
        self._packet_s = self._frame_s = now
        self._errs = False

    def packet(self, now: float) -> None:
        """A packet of the picture came."""
        self._packet_s = now

    def error(self) -> None:
        """It could not be decoded."""
        self._errs = True

    def frame(self, now: float) -> None:
        """It gave a frame."""
        self._frame_s, self._errs = now, False

    def is_silent(self, now: float) -> bool:
        """Whether no packet of the picture has come for the read time-out."""
        return now - self._packet_s >= self._timeout_s

    def is_hopeless(self, now: float) -> bool:
        """Whether packets come but no frames: for the read time-out with errors, or longer than a key frame takes."""
        limit_s = self._timeout_s if self._errs else max(self._timeout_s, LONGEST_WAIT_FOR_KEYFRAME_S)
        return now - self._frame_s >= limit_s
