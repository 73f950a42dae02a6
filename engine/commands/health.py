"""Asks a running service whether it does its work: the work of `deepcount-engine health`, for what starts it anew."""

import sys
from ipaddress import ip_address

import httpx

PATIENCE_S = 4.0
ILL = 1


def ask(url: str) -> int:
    """Prints how a service is doing; returns 0 where it does its work or is about to, else 1."""
    try:
        answer = httpx.get(httpx.URL(url).join("/health"), timeout=PATIENCE_S, verify=_trust(url))
        status = str(answer.json()["status"])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        print(f"no answer from {url}: {_why(error)}", file=sys.stderr)
        return ILL
    print(status)
    return 0 if answer.status_code == httpx.codes.OK else ILL


def _why(error: Exception) -> str:
    match error:
        case httpx.UnsupportedProtocol() | httpx.InvalidURL():
            return "it is no address of a service, expected one such as http://127.0.0.1:8080"
        case httpx.TimeoutException():
            return f"nothing came within {PATIENCE_S:g} s"
        case httpx.HTTPError():
            return "nobody listens there, or breaks off; is 'deepcount-engine serve' running?"
    return "what listens there is no service of DeepCount"


def _trust(url: str) -> bool:
    """On this computer any certificate is right: it is made out to the name that others use."""
    try:
        is_own = ip_address(httpx.URL(url).host).is_loopback
    except ValueError:
        is_own = httpx.URL(url).host == "localhost"
    return not is_own
