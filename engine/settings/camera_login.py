"""Whom a camera knows, and its addresses with what it asks for; both of its streams take the same user and password."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.errors import ConfigError
from engine.settings.address import LISTENING, Address
from engine.settings.passwords import stored_password
from engine.settings.table import Misfit

WITH_LOGIN = ("rtsp", "http", "rtmp")  # kinds of addresses that may ask for a user, and may be encrypted


if TYPE_CHECKING:
    from engine.settings.config import CameraSettings


def login_of(camera: "CameraSettings") -> str | None:
    """Returns whom the camera knows; None where it lets everybody in."""
    return camera.user if camera.user is not None else camera.address.user


def full_address(camera: "CameraSettings") -> str:
    """Returns the address for opening only: with user and password, from the environment or the system's keyring.

    Raises:
        ConfigError: the password is not where it is said to be.
    """
    if camera.password is None and camera.password_env is None:
        return camera.address.full if camera.user is None else camera.address.with_credentials(camera.user, "").full
    return camera.address.with_credentials(login_of(camera) or "", _password(camera)).full


def full_address_small(camera: "CameraSettings") -> str | None:
    """Returns the same of the small stream, which has the login of the address or one of its own; None without one.

    Raises:
        ConfigError: the password is not where it is said to be.
    """
    small = camera.address_small
    if small is None or small.user is not None or small.kind not in WITH_LOGIN:
        return None if small is None else small.full
    _, user, password = Address.of(full_address(camera)).without_login()
    return small.full if user is None else small.with_credentials(user, password or "").full


def misfits_of_login(camera: "CameraSettings") -> Iterator[Misfit]:
    """Yields what cannot be of a user, a password and where it is kept."""
    given = next((key for key in ("password", "password_env") if getattr(camera, key) is not None), None)
    if camera.user is None and given is None:
        return
    own = given or "password_env"
    if camera.address.kind not in WITH_LOGIN:
        yield "user" if camera.user else own, f"has a user or {own}, which only a network address can; take them out"
    elif camera.address.has_password() or (camera.user is not None and camera.address.user is not None):
        yield "address", f"has a user or {own} and also credentials in its address, expected one of the two"
    elif camera.user is None and camera.address.user is None:
        yield "user", f"has a {own} but no user, expected both"
    elif camera.password is not None and camera.password_env is not None:
        yield "password_env", "has password and also password_env, expected one of the two"
    elif camera.address_small is not None and camera.address_small.user is not None:
        yield "address_small", f"has a user or {own} and also credentials in its address_small, expected one of the two"


def misfits_of_small(camera: "CameraSettings") -> Iterator[Misfit]:
    """Yields what cannot be of the address of a small stream."""
    small, address = camera.address_small, camera.address
    if small is None:
        return
    if {small.kind, address.kind} & {"webcam", "path"}:
        yield "address_small", "has an address_small, which only a network camera can; take it out"
    elif small.without_login()[0] == address.without_login()[0]:
        yield "address_small", "has an address_small that is its address, expected that of its small stream"
    elif not {small.kind, address.kind} & LISTENING and _host(small) != _host(address):
        yield (
            "address_small",
            "has an address_small on another host than its address, expected the same camera, which alone gets the "
            "password",
        )


def _host(address: Address) -> str | None:
    return address.host.casefold() if address.host else None


def _password(camera: "CameraSettings") -> str:
    if camera.password_env is None:
        return _stored_password(camera)
    password = os.environ.get(camera.password_env)
    if password is None:
        raise ConfigError(
            f"camera '{camera.name}': the environment variable that password_env names is not set, "
            "expected the camera's password in it; set it before the start"
        )
    return password


def _stored_password(camera: "CameraSettings") -> str:
    host = camera.address.host
    try:
        password = stored_password(login_of(camera) or "", host) if host else None
    except ConfigError as error:
        raise ConfigError(f"camera '{camera.name}': {error}") from None
    if password is None:
        raise ConfigError(
            f"camera '{camera.name}': the system's keyring holds no password of its user at {host or 'its host'}, "
            "expected one; give it again in the camera's settings"
        )
    return password
