"""A day of counts that are drawn by chance, with holes, in a log of their own."""

from datetime import UTC, datetime
from time import time

import numpy as np
from sqlalchemy import insert

from engine.log.database import Run, StoredCamera, StoredSample, open_database
from engine.paths import default_database


def write_day() -> None:
    """Writes a drawn day into the log, with holes."""
    database = default_database()
    database.parent.mkdir(parents=True, exist_ok=True)
    engine = open_database(database)
    now_s, chance = time() - 700, np.random.default_rng(1)
    with engine.begin() as connection:
        connection.execute(insert(StoredCamera), [{"id": 1, "name": "North path"}, {"id": 2, "name": "Lamp post"}])
        for run in range(1, 9):
            start_s, length = now_s - 86_400 + 10_800 * (run - 1), 9000
            begun = datetime.fromtimestamp(start_s, UTC).replace(tzinfo=None)
            values = {"id": run, "camera_id": 1, "started_at": begun, "model_name": "light"}
            connection.execute(insert(Run), [values | {"model_sha256": "0"}])
            mean = 25 + 15 * np.sin(np.arange(length) / 1500 + run) + chance.normal(0, 1.5, length).cumsum() * 0.05
            rows = [
                {"run_id": run, "second": second, "mean": max(0.0, each), "least": max(0.0, each - 3)}
                | {"most": each + 3, "readings": 2}
                for second, each in enumerate(mean.tolist())
            ]
            connection.execute(insert(StoredSample), rows)
    engine.dispose()
