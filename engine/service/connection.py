"""A client's connection, with an end to its patience: whoever sends or takes nothing is let go.

Where more come than there is room for, those go first that have sent nothing whole for longest: a crowd that holds
connections open keeps nobody out.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_CLIENTS = 512
LOOK_S = 5.0
REQUEST_S = 15.0  # in which a request has to be there, whole
TAKING_S = 15.0  # in which something of an answer has to be taken


class Connection(H11Protocol):
    """One connection; handed to requests as `transport` in their state, so that a client can be dropped at once."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes a client, or hangs up where there are too many."""
        super().connection_made(transport)
        self._since_s = self._taken_s = self.loop.time()
        self._left = 0
        self.app_state["place"].hears(transport.get_extra_info("socket").fileno())
        if len(self.connections) > MOST_CLIENTS and not self._make_room():
            transport.abort()
            return
        self.app_state: dict[str, Any] = {**self.app_state, "transport": transport}
        self._timer = self.loop.call_later(LOOK_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the client."""
        if hasattr(self, "_timer"):
            self._timer.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Begins to wait for the next request."""
        self._since_s = self.loop.time()
        super().on_response_complete()

    @property
    def _is_answering(self) -> bool:
        """Whether it waits for an answer; else for its client, whose request is not there yet, or not whole."""
        cycle = self.cycle
        return cycle is not None and not cycle.response_complete and not cycle.more_body

    def _make_room(self) -> bool:
        """Hangs up on the client that has been waited for longest; returns whether there is one."""
        others = (each for each in self.connections if isinstance(each, Connection) and each is not self)
        waiting = [each for each in others if not each._is_answering]
        if not waiting:
            return False
        longest = min(waiting, key=lambda each: each._since_s)
        self.connections.discard(longest)  # as it does itself, a little later
        longest.transport.abort()
        return True

    def _look(self) -> None:
        """Hangs up where nothing has gone on for too long."""
        now_s, left = self.loop.time(), self.transport.get_write_buffer_size()
        if left == 0 or left != self._left:
            self._taken_s, self._left = now_s, left
        is_waiting_long = not self._is_answering and now_s - self._since_s > REQUEST_S
        if is_waiting_long or now_s - self._taken_s > TAKING_S:
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(LOOK_S, self._look)
