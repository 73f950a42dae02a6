"""Whose certificates a camera's encrypted connection takes, in Python's own TLS and in FFmpeg's.

FFmpeg's builds know no authorities of their own, so they are given the file that Python takes by default.
"""

import ssl
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

NOT_VERIFIED = "not verified"
WEAK = "DEFAULT:@SECLEVEL=0"  # old cameras have short keys; whom nobody verifies need not be strong


@dataclass(frozen=True, slots=True)
class Trust:
    """What a camera's certificate is held against."""

    verify: bool = True
    """Whether a certificate has to be signed for this host by somebody who is trusted."""
    authority: Path | None = None
    """A file (PEM) with the only ones who are; None takes those of the system."""

    @property
    def words(self) -> str:
        """For people: who vouches for the camera."""
        if not self.verify:
            return NOT_VERIFIED
        return f"verified by {self.authority.name}" if self.authority else "verified"

    @property
    def is_readable(self) -> bool:
        """Whether the file, if there is one, holds a certificate."""
        try:
            return self.authority is None or bool(self.context())
        except OSError:
            return False

    def context(self) -> ssl.SSLContext:
        """For Python's TLS; raises OSError if the file cannot be read or holds no certificate."""
        context = ssl.create_default_context(cafile=self.authority and str(self.authority))
        if self.authority:  # who is named by hand may sign as loosely as cameras do
            context.verify_flags = context.verify_flags & ~ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
        if not self.verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.set_ciphers(WEAK)
        return context

    def ffmpeg_options(self) -> dict[str, str]:
        """For FFmpeg's TLS, which then verifies the host's name as well."""
        file = self._file()
        options = {"tls_verify": str(int(self.verify))}
        return options | ({"ca_file": str(file)} if file and self.verify else {})

    def _file(self) -> Path | None:
        """The authority, or what the system trusts; None where the system keeps that in no file."""
        if self.authority:
            return self.authority
        place: str | None = ssl.get_default_verify_paths().cafile
        if place is None and find_spec("certifi"):
            place = str(import_module("certifi").where())
        return Path(place) if place else None


SYSTEM = Trust()
"""What the system trusts."""
