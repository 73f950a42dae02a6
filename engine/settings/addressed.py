"""A configuration made of nothing but addresses, as a command line gives them."""

from collections.abc import Collection, Sequence
from itertools import chain, count
from pathlib import Path

from engine.errors import ConfigError
from engine.redaction import redacted
from engine.settings.address import Address, camera_address
from engine.settings.config import Config
from engine.settings.fields import LONGEST_NAME
from engine.settings.problems import checked


def addressed(addresses: Sequence[str]) -> Config:
    """Returns a configuration of nothing but addresses, named by their files or hosts; names are made short and unique.

    Raises:
        ConfigError: an address that cannot be.
    """
    cameras: list[dict[str, object]] = []
    names: set[str] = set()
    for number, text in enumerate(addresses, 1):
        try:
            address = camera_address(text)
        except ValueError as error:
            raise ConfigError(f"address {number} {error}") from None
        name = _name(address, names)
        names.add(name.casefold())
        cameras.append({"name": name, "address": address})
    return checked(Config, {"cameras": cameras}, "the command line")


def _name(address: Address, taken: Collection[str]) -> str:
    """Returns a name that no other camera has, in small letters as they compare."""
    own = redacted(Path(address.shown).name) if address.kind == "path" else address.host or address.shown
    own = own.strip() or "camera"
    for ending in chain([""], (f" {number}" for number in count(2))):
        room = LONGEST_NAME - len(ending)
        name = (own if len(own) <= room else f"{own[: room // 2 - 1]}…{own[-room // 2 :]}") + ending
        if name.casefold() not in taken:
            break
    return name
