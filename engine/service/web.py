"""What answers requests: routes behind a door that keeps strangers out, in a thread with an event loop of its own."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from re import DOTALL, search
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
from engine.service import (
    alert_routes,
    camera_routes,
    check_routes,
    layout_routes,
    proof_routes,
    recording_routes,
    session_routes,
    state_routes,
)
from engine.service.access import Access, Asker
from engine.service.answers import Problem
from engine.service.certificate import Certificate
from engine.service.connection import Connection
from engine.service.desk import Desk
from engine.service.listening import Place, Refusal, refusal_of
from engine.settings.fields import LONGEST_NAME
from engine.worker import Worker

REFUSED: dict[int | str, str] = {
    400: "Its body or a header cannot be understood.",
    401: "It brings no token, where one is needed.",
    403: "It comes from elsewhere, or its token is not good for it.",
    411: "Its body has no length.",
    413: "Its body is too large.",
    422: "Something in it cannot be.",
    429: "Too many came.",
}
ROUTES = (
    state_routes,
    session_routes,
    camera_routes,
    alert_routes,
    recording_routes,
    check_routes,
    layout_routes,
    proof_routes,
)
THREADS = 8  # that requests may keep busy at once: what is counted needs the cores
SECOND_S = 1.0
LOOK_S = 2.0  # between two looks at the token of an answer that goes on
END_S = 1  # for answers that are being given at the end
CLOSE_S = 3.0

logger = logging.getLogger(__name__)


class Door:
    """Lets in whoever may ask, and says what browsers may do with the answer."""

    def __init__(self, app: ASGIApp, access: Access, headers: dict[str, str]) -> None:
        """Takes what is behind it, who may come in, and the headers that all answers get."""
        self._app, self._access, self._headers = app, access, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or has it answered."""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        asker = self._judged(scope) if scope["type"] == "http" else Asker()
        if isinstance(asker, Refusal):
            closing = {"connection": "close"} if asker.status != 429 else {}
            answer = JSONResponse({"detail": asker.sentence}, asker.status, asker.headers | closing)
            await answer(scope, receive, send_on)
        else:
            scope["asker"] = asker
            with self._watched(scope, asker):
                await self._app(scope, receive, send_on)

    @contextmanager
    def _watched(self, scope: Scope, asker: Asker) -> Iterator[None]:
        """Breaks the connection off once the token opens nothing any more: some answers go on for days."""
        transport = scope.get("state", {}).get("transport")
        if asker.token is None or transport is None:
            yield
            return

        async def look() -> None:
            while self._access.holds(scope["headers"]):
                await asyncio.sleep(LOOK_S)
            transport.abort()

        watcher = asyncio.create_task(look())
        try:
            yield
        finally:
            watcher.cancel()

    def _judged(self, scope: Scope) -> Asker | Refusal:
        is_local = self._access.tokens is None
        refusal = refusal_of(scope["method"], scope["headers"], is_local=is_local)
        address = (scope.get("client") or ("",))[0]
        return refusal or self._access.judge(scope["method"], scope["path"], scope["headers"], address, monotonic())


@dataclass(frozen=True, slots=True)
class Front:
    """Where clients connect."""

    place: Place
    access: Access
    """Who may ask for what."""
    certificate: Certificate | None = None
    """What it proves itself with; None where nothing is encrypted."""


class WebServer:
    """Answers requests from its start on until it is closed."""

    def __init__(self, desk: Desk, front: Front) -> None:
        """Takes what to answer from, and where clients connect."""
        self._desk, self._place = desk, front.place
        self.beat_s = monotonic()
        """When it was seen at work last, on the monotonic clock."""
        self._loop: asyncio.AbstractEventLoop | None = None
        config = Config(
            application(desk, front.access, self._publishing),
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
        config.load()
        config.ssl = front.certificate.context if front.certificate else None
        self._server = Server(config)
        self._worker = Worker("answers over HTTP", lambda: self._server.run([front.place]))

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
    async def _publishing(self, _app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        """Tells listeners once a second while the block runs; connections find there where they came in."""
        self._loop = asyncio.get_running_loop()
        current_default_thread_limiter().total_tokens = THREADS
        task = asyncio.create_task(self._publish())
        try:
            yield {"place": self._place}
        finally:
            task.cancel()

    async def _publish(self) -> None:
        due_s = monotonic()
        while True:
            self.beat_s = monotonic()
            try:
                readings = await run_sync(readings_of, self._desk) if self._desk.hub.clients else []
                self._desk.hub.publish(readings, self._desk.monitor.alarms.firing, self._desk.configuration.reloads)
            except Exception as error:  # of this second, so that the next ones are told
                logger.warning("what happened cannot be told: %s", type(error).__name__)
            due_s = max(due_s + SECOND_S, monotonic())
            await asyncio.sleep(due_s - monotonic())


def readings_of(desk: Desk) -> list[dict[str, Any]]:
    """Returns how all cameras and groups are doing, as events tell it."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    cameras = facts_of(desk.monitor)
    every: list[Any] = [*cameras, *groups_of(desk.monitor, cameras)]
    return [{"time": now, **facts.as_dict} for facts in every]


def application(desk: Desk, access: Access, lifespan: Any) -> ASGIApp:
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
    app.state.desk, app.state.access = desk, access
    if access.tokens is not None:
        app.openapi = described_with_tokens(app)  # type: ignore[method-assign]
    for routes in ROUTES:
        app.include_router(routes.router)
    app.add_exception_handler(EngineError, _unanswered)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    page = (files("engine.service") / "page.html").read_text("utf-8")

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def _page() -> HTMLResponse:
        return HTMLResponse(page, headers={"cache-control": "no-cache"})

    return Door(app, access, headers_for(page))


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


def described_with_tokens(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Returns what describes an application to clients, with the tokens that they need."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        found = plain()
        found.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
        return found

    return described


async def _misunderstood(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    what = ".".join(str(part) for part in first["loc"][1:]) or "the body"
    return JSONResponse({"detail": f"{readable(what)[:LONGEST_NAME]}: {first['msg']}"}, 422)


async def _unanswered(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 503)
