"""Connects to whatever an address means; on the web that is seen from what answers."""

import http.client
from dataclasses import replace
from time import monotonic

from engine.errors import SourceError
from engine.sources.arrival import Connection
from engine.sources.ffmpeg import opened, opened_from_web
from engine.sources.hardware import Hardware
from engine.sources.live import LiveSource
from engine.sources.opening import ERRORS, LiveOrder, RefusedError, opening_error
from engine.sources.pictures import WebPictures
from engine.sources.playback import Playback
from engine.sources.waiting import Waiting
from engine.sources.web import Web

SEGMENT_S = 20.0  # segments of HLS last 2 to 10 s, and nothing comes before the next is whole


def connected(order: LiveOrder, hardware: Hardware, waiting: Waiting, playback: Playback) -> Connection:
    """Connects to a camera on the network or on this machine.

    Args:
        order: what to watch.
        hardware: what to decode it by.
        waiting: limits every wait, and ends them from another thread.
        playback: the clock by which pictures are shown that come many at once.

    Raises:
        HardwareError: the hardware has no room for another decoder.
        RefusedError: a person has to put something right.
        SourceError: anything else, which may be over the next time.
    """
    if order.obstacle:
        raise RefusedError(order.obstacle)
    if not order.trust.is_readable:
        raise RefusedError(f"{order.who} has a tls_ca that cannot be read or holds no certificate (PEM); correct it")
    if order.address.kind != "http":
        return LiveSource(order, hardware, waiting, opened(order, hardware, waiting))
    web, begun = Web(order, waiting), monotonic()
    try:
        return _answered(web, hardware, waiting, playback)
    except (*ERRORS, http.client.HTTPException) as error:
        web.close()
        raise opening_error(order, error, monotonic() - begun) from None
    except SourceError:
        web.close()
        raise


def _answered(web: Web, hardware: Hardware, waiting: Waiting, playback: Playback) -> Connection:
    order = web.order
    waiting.allow(order.open_timeout_s)
    answer = web.get().checked()
    if answer.is_picture or answer.holds_parts:
        return WebPictures(answer, hardware, waiting)
    waiting.allow(order.open_timeout_s)
    if not answer.is_playlist:
        return LiveSource(order, hardware, waiting, opened_from_web(answer, order, hardware, waiting))
    order = replace(order, read_timeout_s=max(order.read_timeout_s, SEGMENT_S))
    return LiveSource(order, hardware, waiting, opened_from_web(answer, order, hardware, waiting), playback)
