"""What answers requests: routes behind a door that keeps strangers out, in a thread with an event loop of its own."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from re import DOTALL, search
from socket import socket
from time import monotonic
from typing import Any

from anyio.to_thread import current_default_thread_limiter, run_sync
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config, Server

from engine import __version__
from engine.errors import EngineError
from engine.monitor.facts import facts_of, groups_of
from engine.redaction import readable
from engine.service import alert_routes, camera_routes, state_routes
from engine.service.answers import Problem
from engine.service.connection import Connection
from engine.service.desk import Desk
from engine.service.listening import refusal_of
from engine.settings.fields import LONGEST_NAME
from engine.worker import Worker

REFUSED: dict[int | str, str] = {
    403: "It comes from elsewhere.",
    411: "Its body has no length.",
    413: "Its body is too large.",
    422: "Something in it cannot be.",
}
THREADS = 8  # that requests may keep busy at once: what is counted needs the cores
SECOND_S = 1.0
END_S = 1  # for answers that are being given at the end
CLOSE_S = 3.0

logger = logging.getLogger(__name__)


class Door:
    """Lets in what comes from this computer, and says what browsers may do with the answer."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        """Takes what is behind it, and the headers that all answers get."""
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or has it answered."""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        refusal = refusal_of(scope["method"], scope["headers"]) if scope["type"] == "http" else None
        if refusal is not None:
            answer = JSONResponse({"detail": refusal.sentence}, refusal.status, {"connection": "close"})
            await answer(scope, receive, send_on)
        else:
            await self._app(scope, receive, send_on)


class WebServer:
    """Answers requests from its start on until it is closed."""

    def __init__(self, desk: Desk, place: socket) -> None:
        """Takes what to answer from, and where clients connect."""
        self._desk, self._place = desk, place
        self.beat_s = monotonic()
        """When it was seen at work last, on the monotonic clock."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server = Server(
            Config(
                application(desk, self._publishing),
                http=Connection,
                ws="none",
                lifespan="on",
                loop="asyncio",
                log_config=None,
                log_level=logging.ERROR,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=END_S,
            )
        )
        self._worker = Worker("answers over HTTP", lambda: self._server.run([place]))

    @property
    def failure(self) -> Exception | None:
        """Why it answers no more, or None."""
        ended = self._worker.ident is not None and not self._worker.running and not self._server.should_exit
        return self._worker.failure or (EngineError("no more requests are answered") if ended else None)

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def close(self) -> None:
        """Ends what is being answered, and the thread; may be called twice."""
        self._server.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._desk.hub.end)
        self._worker.finish(CLOSE_S)
        self._place.close()

    @asynccontextmanager
    async def _publishing(self, _app: FastAPI) -> AsyncIterator[None]:
        """Tells listeners once a second while the block runs."""
        self._loop = asyncio.get_running_loop()
        current_default_thread_limiter().total_tokens = THREADS
        task = asyncio.create_task(self._publish())
        try:
            yield
        finally:
            task.cancel()

    async def _publish(self) -> None:
        due_s = monotonic()
        while True:
            self.beat_s = monotonic()
            try:
                readings = await run_sync(readings_of, self._desk) if self._desk.hub.clients else []
                self._desk.hub.publish(readings, self._desk.monitor.alarms.firing)
            except Exception as error:  # of this second, so that the next ones are told
                logger.warning("what happened cannot be told: %s", type(error).__name__)
            due_s = max(due_s + SECOND_S, monotonic())
            await asyncio.sleep(due_s - monotonic())


def readings_of(desk: Desk) -> list[dict[str, Any]]:
    """Returns how all cameras and groups are doing, as events tell it."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    every: list[Any] = [*facts_of(desk.monitor), *groups_of(desk.monitor)]
    return [{"time": now, **facts.as_dict} for facts in every]


def application(desk: Desk, lifespan: Any) -> ASGIApp:
    """Returns all that is answered, behind its door."""
    app = FastAPI(
        title="DeepCount",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses={status: {"model": Problem, "description": why} for status, why in REFUSED.items()},
    )
    app.state.desk = desk
    for routes in (state_routes, camera_routes, alert_routes):
        app.include_router(routes.router)
    app.add_exception_handler(EngineError, _unanswered)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    page = (files("engine.service") / "page.html").read_text("utf-8")

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def _page() -> HTMLResponse:
        return HTMLResponse(page, headers={"cache-control": "no-cache"})

    return Door(app, headers_for(page))


def headers_for(page: str) -> dict[str, str]:
    """Returns what browsers are told: nothing runs but the page's own script, and nobody frames it."""
    script = search(r"<script>(.*?)</script>", page, DOTALL)
    digest = b64encode(sha256(script[1].encode()).digest()).decode() if script else ""
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
    }


async def _misunderstood(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    what = ".".join(str(part) for part in first["loc"][1:]) or "the body"
    return JSONResponse({"detail": f"{readable(what)[:LONGEST_NAME]}: {first['msg']}"}, 422)


async def _unanswered(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 503)
