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
        print(f"no answer ({type(error).__name__})", file=sys.stderr)
        return ILL
    print(status)
    return 0 if answer.status_code == httpx.codes.OK else ILL


def _trust(url: str) -> bool:
    """On this computer any certificate is right: it is made out to the name that others use."""
    try:
        is_own = ip_address(httpx.URL(url).host).is_loopback
    except ValueError:
        is_own = httpx.URL(url).host == "localhost"
    return not is_own
