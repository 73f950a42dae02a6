"""What goes wrong in a soak: the faults that a camera of each kind may have, and how all of them are mended."""

import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cameras import Clip, ScriptedCamera, WebCamera
from media import swollen

LIVE_CAMERA = ScriptedCamera | WebCamera
SIZES = [(240, 320), (360, 640), (480, 480)]  # height, width
OF_MANY_TILES = (24, 2000)
HUGE_BYTES = 2_000_000_000


@dataclass
class Faults:
    """All that may happen to cameras and to their log."""

    chance: random.Random
    certificates: tuple[Path, Path]
    """The one that clients trust, and another."""
    database: Path
    _lock: sqlite3.Connection | None = None

    def of_log(self) -> dict[str, Callable[[], object]]:
        """What may happen to the log."""
        return {"locked": self._lock_log}

    def of(self, camera: LIVE_CAMERA) -> dict[str, Callable[[], object]]:
        """What may happen to a camera."""
        kinds: dict[str, Callable[[], object]] = {
            "stall": camera.stall,
            "close": camera.close_connections,
            "reset": camera.reset_connections,
            "garbage": lambda: camera.garbage(20),
            "babble": camera.babble,
            "trickle": lambda: camera.trickle(200),
            "clock": lambda: camera.jump_clock(self.chance.choice([-7200.0, 3600.0])),
            "away": camera.go_away,
            "busy": lambda: camera.refuse(503),
        }
        return kinds | (self._of_web(camera) if isinstance(camera, WebCamera) else self._of_rtsp(camera))

    def mend(self, camera: LIVE_CAMERA) -> None:
        """Makes a camera well again, whatever it had."""
        camera.go_on()
        camera.come_back()
        if isinstance(camera, ScriptedCamera):
            camera.change(size=SIZES[0])
            return
        camera.manner.announced, camera.manner.empty_parts = None, 0
        camera.clip = Clip.drawn(camera.clip.codec)
        camera.show_certificate(self.certificates[0])

    def mend_log(self) -> None:
        """Gives the log back to those who write it."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _of_rtsp(self, camera: ScriptedCamera) -> dict[str, Callable[[], object]]:
        return {
            "size": lambda: camera.change(size=self.chance.choice(SIZES)),
            "codec": lambda: camera.change(codec=self.chance.choice(["h264", "h265"])),
            "many tiles": lambda: camera.change(size=OF_MANY_TILES),
            "aspect": lambda: _play(camera, Clip.drawn(camera.clip.codec, pixel=2)),
        }

    def _of_web(self, camera: WebCamera) -> dict[str, Callable[[], object]]:
        kinds: dict[str, Callable[[], object]] = {"refusal": lambda: camera.refuse(404)}
        if camera.scheme == "https":
            kinds["certificate"] = lambda: self._other_certificate(camera)
        if camera.kind == "mpegts":
            kinds["aspect"] = lambda: _play(camera, Clip.drawn("h264", pixel=2))
            kinds["moved"] = lambda: self._move(camera)
            return kinds
        kinds["many tiles"] = lambda: _play(camera, Clip.drawn("mjpeg", size=OF_MANY_TILES))
        kinds["oversized"] = lambda: _play(camera, _oversized(camera.clip))
        if camera.kind == "mjpeg":
            kinds["huge part"] = lambda: setattr(camera.manner, "announced", HUGE_BYTES)
            kinds["empty parts"] = lambda: setattr(camera.manner, "empty_parts", 3)
        return kinds

    def _other_certificate(self, camera: WebCamera) -> None:
        camera.show_certificate(self.certificates[1])
        camera.close_connections()

    def _move(self, camera: WebCamera) -> None:
        camera.manner.numbers = {"pid": self.chance.randrange(0x200, 0x1000), "program": self.chance.randrange(2, 100)}

    def _lock_log(self) -> None:
        if self._lock is None:
            self._lock = sqlite3.connect(self.database, timeout=30.0)
            self._lock.execute("BEGIN EXCLUSIVE")


def _play(camera: LIVE_CAMERA, clip: Clip) -> None:
    camera.clip = clip


def _oversized(clip: Clip) -> Clip:
    return replace(clip, units=tuple(replace(u, nals=(swollen(b"".join(u.nals)),)) for u in clip.units))
