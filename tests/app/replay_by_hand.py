"""An analyst's way through a recording, by real mouse and keys on a display that nobody sees.

    python tests/app/replay_by_hand.py [FOLDER]

The demonstration clip is counted, its peak is looked at, stepped from and saved as a picture; a part is chosen with the
mouse and saved as a clip and as a table; a threshold is tried and dragged. Pictures of the display are left in the
folder. Takes about a minute; ends as `by_hand.py` does.
"""

import csv
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path
from time import sleep

import av
import cv2

from by_hand import WINDOW, Desk, end, tried_out, until

LEFT, MIDDLE = 0.2, 0.89  # of the window: where the curve is near its beginning, and half as high
CLIP_S = 31


def place(share: float) -> tuple[int, int]:
    """A place on the curve, so far to the right."""
    return round(share * WINDOW[0]), round(MIDDLE * WINDOW[1])


def seconds(database: Path) -> int:
    """How many of the recording are in the log."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as log:
        return int(log.execute("SELECT count(DISTINCT second) FROM sample").fetchone()[0])
    return 0


def choose_part(desk: Desk, window: str) -> None:
    """By dragging with Shift."""
    places = [place(share) for share in (0.3, 0.4, 0.5)]
    desk.hands("mousemove", "--window", window, *map(str, places[0]))
    desk.hands("keydown", "shift", "mousedown", "1")
    for at in places[1:]:
        desk.hands("mousemove", "--window", window, *map(str, at))
        sleep(0.1)
    desk.hands("mouseup", "1", "keyup", "shift")


def save(desk: Desk, key: str, title: str, path: Path) -> None:
    """Saves by keys, in Qt's own dialog."""
    desk.call(title, key)
    desk.keys("ctrl+a")
    desk.write(str(path))
    desk.keys("Return")
    until(f"{path.name} is written", path.exists)
    desk.window("DeepCount")


def scene(desk: Desk, folder: Path) -> None:
    """All of it."""
    home = desk.home
    config = home / ".config" / "deepcount" / "cameras.toml"
    config.parent.mkdir(parents=True)
    config.write_text('model = "light"\ndatabase = "counts.db"\n')  # and no camera that takes from the processor
    process = desk.start()
    desk.window("DeepCount")
    window = desk.call("pets2009", "ctrl+d")
    desk.resize(window, WINDOW)
    until("something is counted", lambda: seconds(config.parent / "counts.db") >= 2, 60.0)
    desk.click(window, *place(LEFT))
    until("all of it is counted", lambda: seconds(config.parent / "counts.db") >= CLIP_S, 300.0)
    desk.keys("n")
    sleep(2.0)
    desk.keys("period", "period", "comma", "s")
    until("a picture of the peak is saved", lambda: len(list(home.glob("pets2009*.png"))) == 1)
    saved = cv2.imread(str(next(home.glob("pets2009*.png"))))
    until("and can be opened", lambda: saved is not None and saved.shape[1] >= 320)
    desk.shoot(folder / "peak.png")
    choose_part(desk, window)
    desk.shoot(folder / "part.png")
    save(desk, "ctrl+e", "Save a clip", home / "part.mp4")
    with av.open(str(home / "part.mp4")) as clip:
        frames = sum(1 for _ in clip.decode(video=0))
    until(f"the clip has {frames} frames", lambda: frames > 20)
    save(desk, "ctrl+t", "Save the counts", home / "part.csv")
    with (home / "part.csv").open(newline="") as table:
        rows = len(list(csv.reader(table)))
    until(f"the table has {rows} rows", lambda: 20 < rows < 200)
    desk.keys("t")
    sleep(1.5)
    desk.shoot(folder / "what-if.png")
    desk.keys("ctrl+a")
    desk.write("20")
    sleep(1.5)
    desk.shoot(folder / "what-if-20.png")
    end(desk, process)


def main(folder: Path) -> int:
    """Returns the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    return tried_out(lambda desk: scene(desk, folder), folder / "failed.png")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "replay-by-hand")))
