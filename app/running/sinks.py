"""What is done with sinks in a thread: secrets kept, and tests sent; both may wait long."""

from engine.errors import ConfigError
from engine.notify.sinks import Outcome, tried_sink
from engine.settings.passwords import store_password, stored_password
from engine.settings.sinks import KEYRING_USER, SinkAccess, SinkSettings


def kept_secret(name: str, typed: str | None, was: str | None) -> None:
    """Keeps the secret of a sink in the keyring: what was typed, or that of the name which the sink had before.

    Raises:
        ConfigError: there is neither, or no keyring.
    """
    secret = typed or (stored_password(KEYRING_USER, was) if was is not None else None)
    if secret is None:
        raise ConfigError("is not in the keyring, expected it there; type it once more")
    store_password(KEYRING_USER, name, secret)


def try_typed(sink: SinkSettings, typed: str | None, was: str | None) -> Outcome:
    """Sends a test to a sink that need not be kept yet.

    Args:
        sink: whom to tell.
        typed: its secret as it was typed just now; None where it is kept already.
        was: the name under which the keyring has its secret, where it is to be called otherwise.

    Raises:
        ConfigError: a secret is not where it is said to be.
    """
    secret = typed
    if secret is None and sink.password is not None and was not in (None, sink.name):
        secret = stored_password(KEYRING_USER, was or "")
    if secret is None:
        return tried_sink(sink)
    open_part = sink.model_copy(update={"password": None, "password_env": None}).access()
    return tried_sink(sink, SinkAccess(open_part.url, secret))
