"""Cameras that give single pictures over HTTP: pushed one after another (MJPEG), or asked for again and again.

FFmpeg reads the first kind as well, but believes whatever size a server announces; the second it takes for a stream
that keeps ending.
"""

import http.client
from collections.abc import Iterator
from http import HTTPStatus
from time import monotonic

import av

from engine.picture.fields import Fields
from engine.picture.shot import Decoded, fields_in
from engine.sources.arrival import Arrival, Link
from engine.sources.bounds import LIMITS, excess
from engine.sources.hardware import Hardware
from engine.sources.opening import ERRORS, RefusedError, break_off, ending, nonsense, silence
from engine.sources.packets import Coding, Piece, Tap
from engine.sources.parts import MOST_BYTES, Parts, TooLargeError
from engine.sources.patience import Patience
from engine.sources.picture_header import picture_size
from engine.sources.thrift import EVERYTHING, Thrift
from engine.sources.waiting import Waiting
from engine.sources.web import Answer

JPEG = Coding("mjpeg")
POLLS_PER_S = 1.0  # where nothing else is wanted


class WebPictures:
    """A camera that gives one JPEG picture after another."""

    def __init__(self, answer: Answer, hardware: Hardware, waiting: Waiting) -> None:
        """Takes over the first answer: of many pictures, or of one that is to be asked for again."""
        self._answer, self._waiting, self._web = answer, waiting, answer.web
        order = self._order = answer.web.order
        self._is_pushed = answer.holds_parts
        self._interval_s = 0.0 if self._is_pushed else 1 / (order.max_fps or POLLS_PER_S)
        self._decoder = av.VideoCodecContext.create("mjpeg", "r")
        self._decoder.options = LIMITS
        codec, name = "mjpeg" if self._is_pushed else "jpeg", hardware.name
        remark = f"{name} does not decode this camera's {codec}, so software does" if name else hardware.remark
        self._tap: Tap | None = None
        self._thrift, self._fields = Thrift(), Fields()
        self._link = Link(codec, "software", remark, answer.web.security, self._interval_s)

    @property
    def link(self) -> Link:
        """It is decoded by software."""
        return self._link

    def tap(self, tap: Tap) -> None:
        """Hands on the pictures as they came."""
        self._tap = tap

    def spare(self, thrift: Thrift) -> None:
        """Leaves out what need not be decoded."""
        thrift.begin()
        self._thrift = thrift

    def arrivals(self) -> Iterator[Arrival | None]:
        """Yields pictures as they come, None for each that could not be decoded, until it raises SourceError.

        A picture that a server says is the same as before comes again: the camera is live, and who was seen is there.
        """
        patience, last = Patience(self._order.read_timeout_s, monotonic()), None
        for content in self._judged(self._pushed() if self._is_pushed else self._polled()):
            patience.packet(monotonic())
            if content and self._is_spared(content):
                patience.frame(monotonic())
                continue
            arrival = self._decoded(content) if content else last and Arrival(last.shot, is_key=True, is_same=True)
            if arrival is None:
                patience.error()
            else:
                if content and self._tap is not None:
                    self._tap.put(Piece(content, True, JPEG))
                patience.frame(monotonic())
                last = arrival
            yield arrival
            if patience.is_hopeless(monotonic()):
                raise nonsense(self._order)
        raise ending(self._order)

    def close(self) -> None:
        """Hangs up; may be called twice."""
        self._web.close()

    def _judged(self, contents: Iterator[bytes]) -> Iterator[bytes]:
        """Makes errors ours."""
        try:
            yield from contents
        except TooLargeError as error:
            raise RefusedError(f"{self._order.who} sends {error}; choose a smaller one in it") from None
        except TimeoutError:
            raise silence(self._order) from None
        except (OSError, http.client.HTTPException):
            raise break_off(self._order) from None

    def _pushed(self) -> Iterator[bytes]:
        pictures = Parts(self._answer.read, self._answer.boundary).pictures()
        while True:
            self._waiting.allow(self._order.read_timeout_s)
            content = next(pictures, None)
            if content is None:
                return
            yield content

    def _polled(self) -> Iterator[bytes]:
        """Yields what is answered; nothing where it is the same as before."""
        self._waiting.allow(self._order.read_timeout_s)
        answer, due_s, conditions = self._answer, monotonic(), {}
        while True:
            if answer.status == HTTPStatus.NOT_MODIFIED:
                answer.finish()
                yield b""
            else:
                conditions = _conditions(answer.checked())
                yield answer.whole(MOST_BYTES)
            due_s = max(due_s + self._interval_s, monotonic())
            self._waiting.pause(due_s - monotonic())
            self._waiting.allow(self._order.read_timeout_s)
            answer = self._web.get(headers=conditions)

    def _is_spared(self, content: bytes) -> bool:
        """Whether a picture is not looked at; who takes pictures as they came gets it all the same."""
        if self._thrift.skip(is_key=True, now_s=monotonic()) != EVERYTHING:
            return False
        self._thrift.decoded(0, 0.0)
        if self._tap is not None:
            self._tap.put(Piece(content, True, JPEG))
        return True

    def _decoded(self, content: bytes) -> Arrival | None:
        if (size := picture_size(content)) and (too_large := excess(*size)):
            raise RefusedError(f"{self._order.who} {too_large}")
        begun_s = monotonic()
        try:
            frames = self._decoder.decode(av.Packet(content))
        except ERRORS:
            return None
        self._thrift.decoded(len(frames), monotonic() - begun_s)
        if not frames:
            return None
        shot = Decoded(frames[-1], has_fields=fields_in(frames[-1], self._fields))
        return Arrival(shot, damaged=frames[-1].is_corrupt, is_key=True)


def _conditions(answer: Answer) -> dict[str, str]:
    """Returns the headers that ask for a picture only if it is another than this."""
    names = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    return {ours: value for theirs, ours in names.items() if (value := answer.headers.get(theirs))}
