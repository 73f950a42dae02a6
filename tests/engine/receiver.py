"""Somebody who is told: an HTTP server that fails, hangs or works, and a mail server that speaks SMTP."""

import base64
import json
import re
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """An HTTP server of one address; `mode` is the status it answers with, or 'hang'."""

    def __init__(self, mode=200):
        self.mode, self.got = mode, []
        self.hanging, self.released = threading.Event(), threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                mode = receiver.mode
                receiver.got.append((mode, dict(self.headers), body))
                if mode == "hang":
                    receiver.hanging.set()
                    receiver.released.wait(60)
                    return
                self.send_response(mode)
                self.end_headers()

            def log_message(self, *_arguments):
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}/alerts"

    @property
    def told(self):
        """Bodies of what was answered well, as values."""
        return [json.loads(body) for mode, _, body in list(self.got) if mode == 200]


class MailServer:
    """An SMTP server (RFC 5321) with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954); `refuses` are recipients."""

    def __init__(self, *, tls=None, login=None, refuses=()):
        self.mails, self.recipients, self.encrypted = [], [], []
        self.silent = False
        mail = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                if mail.silent:
                    mail.released.wait(60)
                    return
                self.is_known, self.to, self.is_encrypted = login is None, [], False
                self.say("220 test")
                while line := self.rfile.readline().decode().strip():
                    if self.obey(*line.partition(" ")[::2]):
                        return

            def say(self, *lines):
                self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

            def obey(self, verb, rest):
                match verb.upper():
                    case "EHLO":
                        can = ["STARTTLS"] if tls and not self.is_encrypted else []
                        can += ["AUTH PLAIN"] if login else []
                        can = ["test", *can]
                        self.say(*[f"250-{each}" for each in can[:-1]], f"250 {can[-1]}")
                    case "STARTTLS":
                        self.say("220 go")
                        self.connection = tls.wrap_socket(self.connection, server_side=True)
                        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                        self.is_encrypted = True
                    case "AUTH":
                        given = base64.b64decode(rest.split()[1]).decode().split("\0")[1:]
                        self.is_known = tuple(given) == login
                        self.say("235 ok" if self.is_known else f"535 no, {given[1]} is wrong")
                    case "MAIL":
                        self.say("250 ok" if self.is_known else "530 log in first")
                    case "RCPT":
                        address = re.search("<(.*)>", rest)[1]
                        is_fine = address not in refuses
                        self.to += [address] * is_fine
                        self.say("250 ok" if is_fine else "550 nobody of that name")
                    case "DATA":
                        self.say("354 go on")
                        lines = iter(self.rfile.readline, b".\r\n")
                        mail.mails.append(b"".join(lines))
                        mail.recipients.append(self.to)
                        mail.encrypted.append(self.is_encrypted)
                        self.say("250 taken")
                    case "QUIT":
                        self.say("221 bye")
                        return True
                    case _:
                        self.say("250 ok")
                return False

        self.released = threading.Event()
        socketserver.ThreadingTCPServer.daemon_threads = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self):
        return self._server.server_address[1]
