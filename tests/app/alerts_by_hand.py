"""A rule over the demonstration clip, alerts and their proof, by real mouse and keys (`make try-alerts`).

    python tests/app/alerts_by_hand.py [FOLDER]

The clip is a camera that begins again and again, and a rule says above 25 people for 3 s: an alert is raised once in
each pass, with a snapshot and a clip that can be decoded. It is acknowledged by keyboard with a note, its rule is
suspended by keyboard and raises nothing in the next pass, and after a restart all of it is found again. Pictures of the
display are left in the folder. Takes some three minutes; ends as `by_hand.py` does.
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import av
import cv2

from by_hand import ROOT, WINDOW, Desk, end, key_of, tried_out, until

CLIP = ROOT / "assets" / "demo" / "pets2009_s1l1.mp4"
CLIP_S, LATE_S = 32.0, 6.0
CONFIG = f"""
database = "counts.db"
model = "light"
[[cameras]]
name = "Demonstration"
address = "{CLIP}"
loop = true
max_fps = 3.0
[[cameras.rules]]
name = "crowd"
above = 25
for_s = 3
"""
LEAST_FRAMES = 50  # of a clip


class Watch:
    """A window over that camera, and what its log says."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder = desk, folder
        self.home = desk.home / ".config" / "deepcount"
        self.home.mkdir(parents=True)
        (self.home / "cameras.toml").write_text(CONFIG)

    def rows(self, query: str) -> list[Any]:
        """What a query finds in the log."""
        path = self.home / "counts.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as log:
            try:
                return log.execute(query).fetchall()
            except sqlite3.OperationalError:  # its tables are being made
                return []

    def alerts(self, columns: str = "id") -> list[Any]:
        """All of them, the oldest first."""
        return self.rows(f"SELECT {columns} FROM alert ORDER BY id")

    def shoot(self, name: str) -> None:
        """Leaves a picture."""
        self.desk.shoot(self.folder / f"{name}.png")


def raise_twice(watch: Watch) -> None:
    """Waits for two passes of the clip."""
    until("an alert is raised", lambda: len(watch.alerts()) == 1, 90.0)
    until("and another", lambda: len(watch.alerts()) == 2, CLIP_S + LATE_S)
    raised = watch.alerts("strftime('%s', raised_at)")
    apart_s = int(raised[1][0]) - int(raised[0][0])
    until(f"in the next pass, {apart_s} s later", lambda: abs(apart_s - CLIP_S) < LATE_S)
    until("each has its snapshot and its clip", lambda: all(map(all, watch.alerts("snapshot, clip"))))
    for snapshot, clip in watch.alerts("snapshot, clip"):
        picture = cv2.imread(str(watch.home / snapshot))
        until(f"{Path(snapshot).name} is a picture", lambda picture=picture: picture is not None)
        frames, seconds = decoded(watch.home / clip)
        said = f"{Path(clip).name} has {frames} frames of {seconds:.1f} s"
        until(said, lambda frames=frames: frames > LEAST_FRAMES)


def decoded(path: Path) -> tuple[int, float]:
    """How many frames a clip has, and how long it is."""
    with av.open(str(path)) as container:
        times = [frame.time or 0.0 for frame in container.decode(video=0)]
    return len(times), max(times) - min(times)


def acknowledge(watch: Watch, note: str) -> None:
    """By keys alone; the newest is chosen first."""
    desk = watch.desk
    desk.call("Acknowledge", key_of("alerts"), "a")
    desk.write(note)
    desk.keys("ctrl+Return")
    noted = "SELECT note FROM alert WHERE acknowledged_at IS NOT NULL ORDER BY acknowledged_at"
    until(f"acknowledged with “{note}”", lambda: watch.rows(noted)[-1:] == [(note,)])
    desk.window("DeepCount")


def suspend(watch: Watch) -> None:
    """By keys alone, for an hour; then a pass goes by without an alert."""
    watch.desk.keys("s", "h")
    until("the rule is suspended", lambda: len(watch.rows("SELECT id FROM suspension")) == 1)
    sleep(1.0)
    watch.shoot("suspended")
    known, began_s = len(watch.alerts()), monotonic()
    over = "SELECT id FROM alert WHERE cleared_at IS NULL"
    until("the open one clears all the same", lambda: watch.rows(over) == [], CLIP_S + LATE_S)
    until("a pass is over", lambda: monotonic() - began_s > CLIP_S + LATE_S, 2 * CLIP_S)
    until("and raised none", lambda: len(watch.alerts()) == known)
    watch.desk.keys(key_of("live"))
    sleep(1.0)
    watch.shoot("suspended-wall")


def scene(desk: Desk, folder: Path) -> None:
    """All of it."""
    watch = Watch(desk, folder)
    process = desk.start()
    desk.resize(desk.window("DeepCount"), WINDOW)
    raise_twice(watch)
    watch.shoot("raised")
    acknowledge(watch, "Opened the second gate")
    watch.shoot("acknowledged")
    suspend(watch)
    before = watch.alerts("uid, raised_at, note")
    desk.keys("ctrl+q")
    until("the window is closed", lambda: process.poll() == 0)
    again = desk.start()
    desk.resize(desk.window("DeepCount"), WINDOW)
    acknowledge(watch, "Looked at it the day after")
    watch.shoot("again")
    found = watch.alerts("uid, raised_at, note")
    until("all is found again, and none twice", lambda: [row[:2] for row in found] == [row[:2] for row in before])
    suspended = "SELECT who FROM suspension WHERE until_s > strftime('%s', 'now')"
    until("the rule is still suspended", lambda: len(watch.rows(suspended)) == 1)
    end(desk, again)


def main(folder: Path) -> int:
    """Returns the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    return tried_out(lambda desk: scene(desk, folder), folder / "failed.png")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "alerts-by-hand").absolute()))
