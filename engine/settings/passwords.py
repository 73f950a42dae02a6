"""Passwords of cameras in the system's keyring: under the service 'deepcount', one for each user of a host.

A keyring may ask its owner to unlock it, so whoever looks up must be able to wait.
"""

from typing import TYPE_CHECKING

from engine.errors import ConfigError

SERVICE = "deepcount"
RECOMMENDED = 1  # priority; below lie plain files, which only who asks for them gets, and from 0 on what keeps nothing
REMEDY = "let the password be in an environment variable that password_env names"

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend


def account_of(user: str, host: str) -> str:
    """Returns what a keyring calls the login of a user at a host."""
    return f"{user}@{host}"


def keyring_problem() -> str:
    """Returns why passwords cannot be kept in a keyring here, in a sentence; empty where they can."""
    try:
        _keyring()
    except ConfigError as error:
        return str(error)
    return ""


def store_password(user: str, host: str, password: str) -> None:
    """Keeps a password, in place of one that is there; raises ConfigError where it cannot be kept."""
    there = _keyring()
    try:
        there.set_password(SERVICE, account_of(user, host), password)
    except Exception as error:
        raise _unusable(error) from None


def stored_password(user: str, host: str) -> str | None:
    """Returns a password that was kept, None where there is none; raises ConfigError where none can be looked up."""
    there = _keyring()
    try:
        return there.get_password(SERVICE, account_of(user, host))
    except Exception as error:
        raise _unusable(error) from None


def forget_password(user: str, host: str) -> None:
    """Deletes a password, if it is there; raises ConfigError where that cannot be."""
    there = _keyring()
    if stored_password(user, host) is None:
        return
    try:
        there.delete_password(SERVICE, account_of(user, host))
    except Exception as error:
        raise _unusable(error) from None


def _keyring() -> "KeyringBackend":
    """Returns the keyring of this system; imported here, since it takes a tenth of a second."""
    try:
        from keyring import core

        chosen = core.load_env() or core.load_config()
        there = chosen or core.get_keyring()
        if there.priority <= 0 or (chosen is None and there.priority < RECOMMENDED):
            raise ConfigError(f"this system has no keyring that is running; start one, or {REMEDY}")
    except ConfigError:
        raise
    except Exception as error:  # backends are other people's code
        name = type(error).__name__
        raise ConfigError(f"the keyring that is asked for cannot be used ({name}); correct that, or {REMEDY}") from None
    return there


def _unusable(error: Exception) -> ConfigError:
    """Takes nothing but the kind of error, since a backend's words may hold what it was given."""
    name = type(error).__name__
    if name == "KeyringLocked":
        return ConfigError(f"the system's keyring is locked; unlock it, or {REMEDY}")
    return ConfigError(f"the system's keyring could not be used ({name}); look into it, or {REMEDY}")
