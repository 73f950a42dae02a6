"""How a service is reached, and what that asks of whoever comes: tokens and TLS where others than this computer can."""

from dataclasses import dataclass
from pathlib import Path

from engine.errors import ConfigError
from engine.service.access import Access
from engine.service.certificate import Certificate
from engine.service.listening import address_of
from engine.service.tokens import TokenFile


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a service is reached, and how."""

    host: str
    port: int
    tokens: Path
    """The file of the tokens."""
    certificate: Path | None = None
    """With its chain, PEM."""
    key: Path | None = None
    """None where the certificate's file holds it."""
    behind_proxy: bool = False
    """Whether a proxy passes requests on, which speaks TLS with clients."""

    @property
    def is_local(self) -> bool:
        """Whether this computer alone can ask; raises ConfigError where there is no such address."""
        return address_of(self.host).is_loopback and not self.behind_proxy

    def access(self) -> Access:
        """Returns what keeps out whoever may not ask.

        Raises:
            ConfigError: tokens would be heard by others, there are none, or they cannot be read.
        """
        is_secure = self.certificate is not None or self.behind_proxy
        if self.is_local:
            return Access(is_secure=self.certificate is not None)
        if not is_secure:
            raise ConfigError(
                f"--host {self.host} can be reached from other computers, and tokens would travel there for all to "
                "hear, expected --certificate FILE, or --behind-proxy where a proxy speaks TLS with them"
            )
        tokens = TokenFile(self.tokens)
        if tokens.is_empty:
            raise ConfigError(
                f"{self.tokens} holds no token that is good, and without one nobody could ask; make one with "
                f"'deepcount-engine token make NAME --scope read --tokens {self.tokens}'"
            )
        return Access(tokens, is_secure)

    def proof(self) -> Certificate | None:
        """Returns what the service proves itself with; None where it speaks no TLS.

        Raises:
            ConfigError: certificate or key cannot be read, or do not belong together.
        """
        return None if self.certificate is None else Certificate(self.certificate, self.key)
