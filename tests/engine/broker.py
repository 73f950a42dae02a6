"""A mosquitto broker of the tests' own: with a password, perhaps TLS, stopped and started at will."""

import shutil
import socket
import subprocess
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from logged import waited_for

PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
USER, PASSWORD = "deepcount", "planted-password"


def missing():
    """Why there is no broker to run; empty where there is one."""
    return "" if PROGRAM and shutil.which("mosquitto_passwd") else "the program mosquitto is needed"


class Broker:
    """Listens on this computer; `heard` holds what its own client got: topic, text, whether it was retained."""

    def __init__(self, folder: Path, certificate: Path | None = None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        subprocess.run(["mosquitto_passwd", "-b", "-c", folder / "passwords", USER, PASSWORD], check=True)
        (folder / "passwords").chmod(0o644)
        tls = f"certfile {certificate}\nkeyfile {certificate.with_suffix('.key')}\n" if certificate else ""
        self._file = folder / "mosquitto.conf"
        self._file.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {folder / 'passwords'}\n"
            f"user root\npersistence false\n{tls}"
        )
        self._certificate = certificate
        self.heard, self._process, self._client = [], None, None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.stop()

    @property
    def retained(self):
        """The newest of each topic, as it was heard."""
        return {topic: text for topic, text, _ in list(self.heard)}

    def start(self):
        self._process = subprocess.Popen([PROGRAM, "-c", self._file], stderr=subprocess.DEVNULL)
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(USER, PASSWORD)
        if self._certificate:
            self._client.tls_set(ca_certs=str(self._certificate))
        self._client.on_connect = lambda client, *_: client.subscribe("#", 1)
        self._client.on_message = lambda _client, _data, message: self.heard.append(
            (message.topic, message.payload.decode(), message.retain)
        )
        assert waited_for(self._is_up)
        self._client.loop_start()
        assert waited_for(self._client.is_connected)

    def stop(self):
        self._client.disconnect()
        self._client.loop_stop()
        self._process.kill()
        self._process.wait()

    def _is_up(self):
        try:
            self._client.connect("127.0.0.1", self.port)
        except OSError:
            return False
        return True
