"""Requests to a service: who it is, whom it trusts, and what is said where it does not answer as it should."""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from engine.errors import ConfigError, SourceError

CONNECT_S, ANSWER_S = 5.0, 15.0


@dataclass(frozen=True, slots=True)
class Service:
    """Which service, and what opens it."""

    url: str
    """Scheme, host and port."""
    token: str = field(default="", repr=False)
    """Empty where none is needed, as on this computer."""
    authority: Path | None = None
    """PEM of who signed its certificate; None takes those that the system trusts."""

    @property
    def name(self) -> str:
        """Host and port, for people."""
        return httpx.URL(self.url).netloc.decode("ascii")


def service_of(url: str, token: str = "", authority: Path | None = None) -> Service:
    """Returns the service at an address.

    Raises:
        ConfigError: it is no address of one.
    """
    try:
        given = httpx.URL(url)
    except httpx.InvalidURL:
        given = httpx.URL("")
    if given.scheme not in ("http", "https") or not given.host or given.userinfo or given.path not in ("", "/"):
        raise ConfigError("--server is no address of a service, expected one such as https://host:8443")
    return Service(str(given.copy_with(raw_path=b"/")).rstrip("/"), token, authority)


class Door:
    """Asks a service; any thread may, at the same time."""

    def __init__(self, service: Service) -> None:
        """Connects to nothing yet.

        Raises:
            ConfigError: the certificate of the authority cannot be read.
        """
        self.service = service
        headers = {"authorization": f"Bearer {service.token}"} if service.token else {}
        timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
        self._client = httpx.Client(
            base_url=service.url, headers=headers, timeout=timeout, verify=_trust(service), trust_env=False
        )

    def get(self, path: str, **query: Any) -> Any:
        """Returns the JSON that a path answers; raises SourceError."""
        return self._answer(self._asked("GET", path, params=query))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Has something done; returns the JSON that is answered; raises SourceError."""
        return self._answer(self._asked("POST", path, json=body))

    def picture(self, path: str, **query: Any) -> bytes | None:
        """Returns a picture or a clip; None where there is none now; raises SourceError."""
        answer = self._asked("GET", path, params=query)
        if answer.status_code in (httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.NOT_FOUND):
            return None
        self._check(answer)
        return answer.content

    def is_there(self, path: str) -> bool:
        """Says whether a file can still be had, of which next to nothing is asked for; raises SourceError."""
        return self._asked("GET", path, headers={"range": "bytes=0-0"}).is_success

    def fetch(self, path: str, into: Path, size: int, is_wanted: Callable[[], bool]) -> None:
        """Copies a file of so many bytes into another.

        Raises:
            SourceError: the service does not give it whole, or it is wanted no longer.
            OSError: it cannot be written.
        """
        written = 0
        try:
            with self._client.stream("GET", path) as answer:
                if answer.is_error:
                    answer.read()
                self._check(answer)
                with into.open("wb") as file:
                    for part in answer.iter_bytes():
                        written += file.write(part)
                        if written > size or not is_wanted():
                            break
        except (httpx.HTTPError, RuntimeError) as error:  # the latter once it is closed
            raise self._silent(error) from None
        if written != size:
            raise SourceError(f"{self.service.name} did not give {path} whole, expected {size} bytes; try again")

    @contextmanager
    def events(self) -> Iterator[Iterator[tuple[str, dict[str, Any]]]]:
        """Yields events as they come, with their kinds; raises SourceError where there are no more."""
        try:
            with self._client.stream("GET", "/api/events") as answer:
                if answer.is_error:
                    answer.read()
                self._check(answer)
                yield _events(answer.iter_lines())
        except httpx.HTTPError as error:
            raise self._silent(error) from None

    def close(self) -> None:
        """Lets go of all connections; what is being asked then fails."""
        self._client.close()

    def _asked(self, method: str, path: str, **given: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **given)
        except (httpx.HTTPError, RuntimeError) as error:  # the latter once it is closed
            raise self._silent(error) from None

    def _answer(self, answer: httpx.Response) -> Any:
        self._check(answer)
        try:
            return answer.json()
        except ValueError:
            raise SourceError(f"{self.service.name} answers no JSON, expected a service of DeepCount there") from None

    def _check(self, answer: httpx.Response) -> None:
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise SourceError(
                f"{self.service.name} asks for a token that it knows; give one in the variable DEEPCOUNT_TOKEN, which "
                "'deepcount-engine token make' makes there"
            )
        if not answer.is_success:
            raise SourceError(f"{self.service.name}: {_detail(answer)}")

    def _silent(self, error: Exception) -> SourceError:
        is_refused = isinstance(error, httpx.ConnectError)
        why = "cannot be reached" if is_refused else "does not answer"
        if is_refused and "CERTIFICATE_VERIFY_FAILED" in str(error):
            why = "shows a certificate that is not trusted here; give its authority's with --server-ca"
        return SourceError(f"{self.service.name} {why}; it is tried again")


def _trust(service: Service) -> ssl.SSLContext | bool:
    if service.authority is None:
        return True
    try:
        return ssl.create_default_context(cafile=service.authority)
    except (OSError, ssl.SSLError):
        raise ConfigError(f"{service.authority} holds no certificate, expected a PEM file") from None


def _events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    kind = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"it answers with status {answer.status_code}"
