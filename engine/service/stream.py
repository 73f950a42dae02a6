"""Server-sent events: what happens, once a second, to any number of clients; one that is too slow is dropped.

What is sent is made once for all of them. Lives in the thread of the event loop, but for what it is made of.
"""

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.alerts.guard import Firing
from engine.monitor.facts import shown

MOST_STREAMS = 256
ROOM = 5  # seconds that may wait for a client
FIRST = b"retry: 3000\n\n"
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Client:
    """One that listens."""

    def __init__(self, transport: asyncio.Transport | None) -> None:
        """Takes its connection, to be broken off where it takes nothing."""
        self._transport = transport
        self._waiting: deque[bytes] = deque()
        self._bell = asyncio.Event()
        self.is_over = False

    def put(self, payload: bytes) -> bool:
        """Takes what is to be sent; False if it is too slow, and now dropped."""
        if len(self._waiting) >= ROOM:
            self.end()
            if self._transport is not None:
                self._transport.abort()
            return False
        self._waiting.append(payload)
        self._bell.set()
        return True

    def end(self) -> None:
        """Sends nothing more."""
        self.is_over = True
        self._waiting.clear()
        self._bell.set()

    async def next(self) -> bytes:
        """Waits for what is to be sent next; empty at the end."""
        while not self._waiting and not self.is_over:
            self._bell.clear()
            await self._bell.wait()
        return self._waiting.popleft() if self._waiting else b""


class Hub:
    """All that listen."""

    def __init__(self) -> None:
        """Nobody does yet."""
        self._clients: set[Client] = set()
        self._open: dict[str, Firing] = {}
        self._layout = 0
        self._is_ended = False
        self.dropped = 0
        """How many were too slow so far."""

    @property
    def clients(self) -> int:
        """How many listen."""
        return len(self._clients)

    @property
    def is_full(self) -> bool:
        """Whether no more may come."""
        return self._is_ended or len(self._clients) >= MOST_STREAMS

    @contextmanager
    def joined(self, transport: asyncio.Transport | None) -> Iterator[Client]:
        """Has a client told of everything while the block runs, first of the alerts that are open."""
        client = Client(transport)
        client.put(FIRST + b"".join(event("alert", alert_of(each, "open")) for each in self._open.values()))
        self._clients.add(client)
        try:
            yield client
        finally:
            self._clients.discard(client)

    def publish(self, readings: Iterable[dict[str, Any]], firing: Sequence[Firing], layout: int = 0) -> None:
        """Tells all of what was counted, and of what became of alerts since the last time.

        Args:
            readings: of this second.
            firing: the alerts that are open.
            layout: how often what is watched was changed; all are told when it was, and ask anew.
        """
        now = {each.uid: each for each in firing}
        events = [event("reading", each) for each in readings]
        events += [event("alert", alert_of(each, change)) for each, change in changes_between(self._open, now)]
        if layout != self._layout:
            events.insert(0, event("layout", {"changes": layout}))
        self._open, self._layout = now, layout
        payload = b"".join(events)
        for client in list(self._clients) if payload else ():
            if not client.put(payload):
                self._clients.discard(client)
                self.dropped += 1

    def end(self) -> None:
        """Lets all go."""
        self._is_ended = True
        for client in list(self._clients):
            client.end()


class EventStream(Response):
    """The answer to a client that listens."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub) -> None:
        """Takes what the client is to be told of."""
        super().__init__(headers=HEADERS, media_type=self.media_type)
        del self.headers["content-length"]
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends events until the client leaves, is dropped, or the service ends."""
        with self._hub.joined(scope.get("state", {}).get("transport")) as client:
            watcher = asyncio.create_task(_until_left(receive, client))
            try:
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                while payload := await client.next():
                    await send({"type": "http.response.body", "body": payload, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            finally:
                watcher.cancel()


async def _until_left(receive: Receive, client: Client) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    client.end()


def changes_between(before: dict[str, Firing], now: dict[str, Firing]) -> list[tuple[Firing, str]]:
    """Returns what became of alerts by their uids: raised, changed by people or in severity, or over."""
    found = [(each, "raised") for uid, each in now.items() if uid not in before]
    found += [
        (each, "changed")
        for uid, each in now.items()
        if uid in before
        and (each.acknowledged_by, each.severity) != (before[uid].acknowledged_by, before[uid].severity)
    ]
    return found + [(each, "over") for uid, each in before.items() if uid not in now]


def alert_of(alert: Firing, change: str) -> dict[str, Any]:
    """Returns an alert that is or was open as plain values."""
    return {"change": change, "uid": alert.uid, "owner": alert.placed.subject.owner, **shown(alert)}


def event(kind: str, values: dict[str, Any]) -> bytes:
    """Returns an event as it is sent."""
    return f"event: {kind}\ndata: {json.dumps(values, allow_nan=False)}\n\n".encode()
