"""How long any span of a log takes to be read: a log of one camera for so many days, and spans from an hour to all.

`python tests/engine/year.py --days 365` makes a log of a year, which takes some minutes and 3 GB.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import text

from engine.history.query import History
from engine.history.series import DAY_S, Grid
from engine.log.database import open_database
from engine.log.rollups import HOUR_S, MINUTE_S
from engine.rules.series import Subject

END_S = 1_790_006_400  # a whole day
GATE = Subject("gate")
POINTS, TIMES = 1200, 5
SAMPLES = text(
    "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 86399) "
    "INSERT INTO sample (run_id, second, mean, least, most, readings, condition) "
    "SELECT :run, n, 30 + n % 17, 28 + n % 13, 33 + n % 19, 5, 'clear' FROM s"
)
ROLLUPS = text(
    "INSERT INTO rollup (run_id, zone_id, span_s, began_s, people, least, most, readings, seconds) "
    "SELECT run_id, 0, :span, :began + second / :span * :span, SUM(mean * readings), MIN(least), MAX(most), "
    "SUM(readings), COUNT(*) FROM sample WHERE run_id = :run GROUP BY second / :span"
)


def written(path: Path, days: int) -> None:
    """Makes a log of so many days, each a run of its own."""
    engine = open_database(path)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO camera (id, name) VALUES (1, 'gate')"))
    for run in range(1, days + 1):
        began_s = END_S - (days - run + 1) * DAY_S
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO run (id, camera_id, started_at, model_name, model_sha256) "
                    "VALUES (:run, 1, strftime('%Y-%m-%d %H:%M:%f', :began, 'unixepoch'), 'light', '')"
                ),
                {"run": run, "began": began_s},
            )
            connection.execute(SAMPLES, {"run": run})
            for span_s in (MINUTE_S, HOUR_S):
                connection.execute(ROLLUPS, {"run": run, "span": span_s, "began": began_s})
    engine.dispose()


def measured(path: Path, days: int) -> dict[float, list[float]]:
    """Returns the seconds that each span takes, in hours: at the end of the log, and in the middle of it."""
    history, found = History(path), {}
    spans = [HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S, 90 * DAY_S, 180 * DAY_S, 365 * DAY_S]
    for span_s in [span for span in spans if span <= days * DAY_S]:
        for end_s in (END_S, END_S - (days * DAY_S - span_s) // 2):
            grid = Grid.over(end_s - span_s, end_s, points=POINTS)
            for _ in range(TIMES):
                began_s = perf_counter()
                series = history.series(GATE, grid)
                found.setdefault(span_s / HOUR_S, []).append(perf_counter() - began_s)
                assert (series.readings > 0).sum() >= grid.number - 2
    history.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=10)
    days = parser.parse_args().days
    with tempfile.TemporaryDirectory() as folder:
        path, began_s = Path(folder) / "log.db", perf_counter()
        written(path, days)
        print(f"{days} days of one camera: {path.stat().st_size >> 20} MB, made in {perf_counter() - began_s:.0f} s")
        for hours, times_s in measured(path, days).items():
            print(f"{hours:7.0f} h: {1000 * median(times_s):6.1f} ms, at most {1000 * max(times_s):6.1f} ms")


if __name__ == "__main__":
    main()
