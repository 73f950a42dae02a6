"""What a service proves itself with over TLS; taken anew when its files change, as they do every few weeks."""

import logging
import ssl
from pathlib import Path

from engine.errors import ConfigError

Stamp = tuple[tuple[int, int] | None, ...]

logger = logging.getLogger(__name__)


class Certificate:
    """A certificate with its chain and key, in use; of one thread."""

    def __init__(self, certificate: Path, key: Path | None) -> None:
        """Reads it; `key` is None where the certificate's file holds it.

        Raises:
            ConfigError: certificate or key cannot be read, or do not belong together.
        """
        self._certificate, self._key = certificate, key
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        """What encrypts; connections that are open keep what they began with."""
        self._tried = self._looked = self._stamp()
        self._load(self.context)

    def look(self) -> None:
        """Takes another one once its files have settled; has to be called about once a second."""
        stamp, before = self._stamp(), self._looked
        self._looked = stamp
        if stamp == self._tried or stamp != before:
            return
        self._tried = stamp
        try:
            self._load(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))  # half a one would spoil what is in use
            self._load(self.context)
            logger.info("the certificate was read again")
        except ConfigError as error:
            logger.warning("the certificate before goes on: %s", error)

    def _load(self, context: ssl.SSLContext) -> None:
        try:
            context.load_cert_chain(self._certificate, self._key, lambda: "")
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
            raise ConfigError(
                f"certificate {self._certificate} cannot be used: {str(reason).lower().replace('_', ' ')}, expected a "
                "PEM file with its key, without a password, in it or in --key FILE"
            ) from None

    def _stamp(self) -> Stamp:
        return tuple(_stamp(path) for path in (self._certificate, self._key) if path is not None)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
