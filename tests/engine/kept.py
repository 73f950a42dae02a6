"""What was recorded of cameras, made for tests: segments whose pictures bear numbers, and a log of what was counted."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
from sqlalchemy import insert

from cameras.clip import picture
from engine.log.database import Run, StoredCamera, StoredSample, open_database
from engine.recording.segments import Segment, finished_path, partial_path

RATE, KEYS_EVERY = 10, 5
SIZE = 96, 160


def write_segment(
    folder: Path, begin_s: float, pictures: int, *, first: int = 0, size: tuple[int, int] = SIZE, bframes: int = 2
) -> Segment:
    """Writes a segment of a camera's folder, ten pictures a second, numbered from the first one's on."""
    partial = partial_path(folder, begin_s, ".mp4")
    partial.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(partial), "w", format="mp4") as container:
        options = {"preset": "ultrafast", "x264-params": f"keyint={KEYS_EVERY}:bframes={bframes}:log-level=none"}
        stream = container.add_stream("libx264", rate=RATE, options=options)
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        for number in range(pictures):
            frame = av.VideoFrame.from_ndarray(picture((first + number) % 256, size), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    path = partial.replace(finished_path(partial, pictures / RATE))
    return Segment(begin_s, begin_s + pictures / RATE, path, path.stat().st_size)


def write_log(path: Path, camera: str, begin_s: float, seconds: Mapping[int, float]) -> Path:
    """Writes a log with one count in each of some seconds of a run that began then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = open_database(path)
    begun = datetime.fromtimestamp(begin_s, UTC).replace(tzinfo=None)
    run = {"id": 1, "camera_id": 1, "started_at": begun, "model_name": "m", "model_sha256": "0", "is_summed": False}
    rows = [
        {"run_id": 1, "second": second, "mean": people, "least": people, "most": people, "readings": 1}
        for second, people in seconds.items()
    ]
    with engine.begin() as connection:
        connection.execute(insert(StoredCamera), [{"id": 1, "name": camera}])
        connection.execute(insert(Run), [run])
        connection.execute(insert(StoredSample), rows)
    engine.dispose()
    return path
