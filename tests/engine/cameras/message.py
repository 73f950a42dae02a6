"""Requests and responses, which RTSP 1.0 (RFC 2326) and HTTP/1.1 write alike."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

_PHRASES = {454: "Session Not Found", 461: "Unsupported Transport"} | {s.value: s.phrase for s in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    url: str
    version: str
    headers: dict[str, str]
    """By names in lower case."""


async def read_request(reader: asyncio.StreamReader) -> Request:
    """The next request; skips interleaved packets, which are receiver reports.

    Raises:
        ValueError: what came is no request.
        asyncio.IncompleteReadError: the client is gone.
    """
    while (first := await reader.readexactly(1)) == b"$":
        head = await reader.readexactly(3)
        await reader.readexactly(int.from_bytes(head[1:], "big"))
    text = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *fields = text.strip().split("\r\n")
    method, url, version = line.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)}
    await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, url, version, headers)


def response(request: Request, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of an answer, with the number of the request where it has one."""
    lines = [f"{request.version} {status} {_PHRASES.get(status, 'Refused')}"]
    fields = dict(headers or {})
    if "cseq" in request.headers:
        fields["CSeq"] = request.headers["cseq"]
    if body:
        fields["Content-Length"] = str(len(body))
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
