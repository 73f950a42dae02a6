"""GStreamer's RTSP server as a peer that shares no line with ours."""

import os
import selectors
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's bindings belong to this one and to no other
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 5.0
_PEER = Path(__file__).with_name("gstreamer_peer.py")
_PROBE = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
_PACKAGES = "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{base,good,bad,ugly}"


class GStreamerCamera:
    """Serves a moving ball, 240 by 320 pixels; a context manager."""

    user, password = "operator", "a ball"

    def __init__(self, *, rate: int = 25) -> None:
        self.rate = rate
        self.port = 0
        self.codecs: tuple[str, ...] = ()
        """What this machine's GStreamer can encode, of h264, h265 and mjpeg."""

    @staticmethod
    def missing() -> str | None:
        """Why there can be no such server on this machine; None where there can."""
        if not Path(SYSTEM_PYTHON).exists():
            return f"GStreamer's bindings are looked for in {SYSTEM_PYTHON}, which does not exist"
        probe = subprocess.run([SYSTEM_PYTHON, "-c", _PROBE], capture_output=True, timeout=START_TIMEOUT_S, check=False)
        return None if probe.returncode == 0 else f"GStreamer's RTSP server is missing (Debian: {_PACKAGES})"

    def __enter__(self) -> Self:
        command = [SYSTEM_PYTHON, str(_PEER), self.password, str(self.rate)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stdout, selectors.EVENT_READ)
            words = self._process.stdout.readline().split() if ready.select(START_TIMEOUT_S) else []
        if not words:
            self.__exit__(None, None, None)
            raise RuntimeError(f"GStreamer's server did not name its port within {START_TIMEOUT_S:g} s")
        self.port, self.codecs = int(words[0]), tuple(w.decode() for w in words[1:])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def address(self, path: str, *, login: str = "") -> str:
        """Where clients find one of `codecs` or `digest`; `login` is `user:password`, quoted."""
        return f"rtsp://{login + '@' if login else ''}127.0.0.1:{self.port}/{path}"
