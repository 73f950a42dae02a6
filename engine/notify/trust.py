"""The certificates that sinks believe."""

import ssl

from engine.errors import NotifyError
from engine.settings.sinks import SinkSettings


def trusted(settings: SinkSettings) -> ssl.SSLContext:
    """Returns how the server of a sink proves that it is that server.

    Raises:
        NotifyError: the certificate file cannot be read.
    """
    path = None if settings.tls_ca is None else settings.tls_ca.path
    try:
        return ssl.create_default_context(cafile=None if path is None else str(path))
    except (OSError, ssl.SSLError):
        raise NotifyError(
            f"sink '{settings.name}': tls_ca holds no certificate that can be read, expected a PEM file; correct it"
        ) from None
