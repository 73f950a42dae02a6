"""E-mail: SMTP with STARTTLS or TLS, the picture of the alert inline where there is one."""

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate
from html import escape
from threading import Lock

from engine.errors import NotifyError
from engine.notify.message import Message
from engine.notify.sink import Standing
from engine.notify.trust import trusted
from engine.redaction import readable, redacted
from engine.settings.secrets import without
from engine.settings.sinks import SinkAccess, SinkSettings

PORTS = {"starttls": 587, "tls": 465, "none": 25}
OWN_NAME = "[127.0.0.1]"  # else smtplib asks the network for a name of this computer, and may wait long
LONGEST_REPLY = 100
PICTURE = "picture"


class Mail:
    """Sends e-mails through one server."""

    shows = False

    def __init__(self, settings: SinkSettings, access: SinkAccess) -> None:
        self._settings, self._password, self._lock = settings, access.secret, Lock()
        self._open: smtplib.SMTP | None = None

    def deliver(self, message: Message) -> str:
        """Sends one e-mail to all recipients."""
        to = self._settings.to or ()
        try:
            refused = self._sent(email_of(message, self._settings))
        except smtplib.SMTPAuthenticationError:
            raise self._failed("refuses the user or password; correct them") from None
        except smtplib.SMTPNotSupportedError:
            raise self._failed("offers no STARTTLS, or no login; choose security as it has it") from None
        except smtplib.SMTPRecipientsRefused as error:
            raise self._failed(f"refuses all recipients: {self._said(error.recipients)}") from None
        except smtplib.SMTPResponseException as error:
            raise self._failed(f"answered {error.smtp_code}: {self._words(error.smtp_error)}") from None
        except ssl.SSLCertVerificationError:
            raise self._failed("proves nothing by its certificate; give it with tls_ca") from None
        except (OSError, smtplib.SMTPException) as error:
            if TimeoutError in (type(error), type(error.__context__)):  # smtplib calls some a lost connection
                raise self._failed(f"does not answer within {self._settings.timeout_s:g} s; is it running?") from None
            reason = (getattr(error, "strerror", None) or "it broke off the connection").lower()
            raise self._failed(f"cannot be used: {reason}; look at its host, port and security") from None
        if refused:
            return f"told {len(to) - len(refused)} of {len(to)}; the server refused {self._said(refused)}"
        return f"sent an e-mail to {', '.join(to)}"

    def show(self, standing: Standing) -> None:
        """An e-mail shows nothing."""

    def close(self) -> None:
        """Breaks off the connection that is open, if one is."""
        with self._lock:
            server = self._open
        if server is not None and server.sock is not None:
            server.close()

    def _sent(self, email: EmailMessage) -> Mapping[str, tuple[int, bytes]]:
        settings = self._settings
        security = settings.security or "starttls"
        place = settings.host or "", settings.port or PORTS[security], OWN_NAME
        if security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=settings.timeout_s, context=trusted(settings))
        else:
            server = smtplib.SMTP(*place, timeout=settings.timeout_s)
        with self._lock:
            self._open = server
        try:
            with server:
                if security == "starttls":
                    server.starttls(context=trusted(settings))
                if settings.user is not None:
                    server.login(settings.user, self._password or "")
                return server.send_message(email)
        finally:
            with self._lock:
                self._open = None

    def _said(self, refused: Mapping[str, tuple[int, bytes]]) -> str:
        return ", ".join(f"{who} ({code} {self._words(words)})" for who, (code, words) in refused.items())

    def _words(self, reply: bytes | str) -> str:
        """A server's own words, from which a password that it gives back is taken."""
        text = reply if isinstance(reply, str) else reply.decode("utf-8", "replace")
        return redacted(readable(without(text, frozenset(filter(None, [self._password])))))[:LONGEST_REPLY]

    def _failed(self, words: str) -> NotifyError:
        return NotifyError(f"sink '{self._settings.name}': the mail server {words}")


def email_of(message: Message, settings: SinkSettings) -> EmailMessage:
    """Returns a message as an e-mail; all attempts have the same Message-ID, so that mail programs show one."""
    email = EmailMessage()
    email["Subject"] = message.title
    email["From"], email["To"] = settings.sender, ", ".join(settings.to or ())
    email["Date"], email["Message-ID"] = formatdate(), f"<{message.key}@deepcount.invalid>"
    email["X-DeepCount-Attempt"] = str(message.attempt)
    email.set_content(message.text)
    if message.picture is not None and settings.picture is not False:
        lines = escape(message.text).replace("\n", "<br>\n")
        email.add_alternative(f'<p>{lines}</p>\n<img src="cid:{PICTURE}" alt="">\n', subtype="html")
        email.get_payload()[1].add_related(  # type: ignore[index, union-attr]
            message.picture, "image", "jpeg", cid=f"<{PICTURE}>", filename="alert.jpg", disposition="inline"
        )
    return email
