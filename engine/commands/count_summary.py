"""What a count says at its end, for people and as JSON."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import numpy as np

from engine.commands.places import Place
from engine.commands.report import CSV, CURVE, VIDEO, Report
from engine.errors import EngineError
from engine.inference.model import Model
from engine.redaction import readable
from engine.sources.flaws import Flaws

FAILED = 2
MEANINGS = {CSV: "the count of every frame", CURVE: "the curve", VIDEO: "the video with heat-map and count"}


def change_p95(counts: Sequence[float]) -> float:
    """Returns by how many people the count moves between neighbouring frames, in 95 % of them at most."""
    return float(np.quantile(np.abs(np.diff(counts)), 0.95))


def failed(place: Place, error: EngineError) -> dict[str, Any]:
    """Returns what JSON says of a recording of which nothing could be counted."""
    return {"source": readable(str(place.source)), "frames": 0, "files": {}, "error": str(error)}


def refused(found: Sequence[Place], problems: Sequence[EngineError], *, as_json: bool) -> int:
    """Tells of several recordings why none can be counted, and returns the exit status; raises that of the only one."""
    if len(problems) == 1:
        raise problems[0]
    for problem in problems:
        print(f"deepcount-engine: {problem}", file=sys.stderr)
    if as_json:
        print(json.dumps([failed(place, problem) for place, problem in zip(found, problems, strict=True)], indent=2))
    return FAILED


@dataclass(frozen=True, slots=True)
class Summary:
    """What came out of a count."""

    place: Place
    model: Model
    report: Report
    flaws: Flaws
    elapsed_s: float
    known: int
    """Frames that were counted before."""
    mae: float | None
    database: str
    error: str | None = None
    """Why it broke off; None where it did not."""

    def as_dict(self) -> dict[str, Any]:
        """Returns plain values, for JSON."""
        counts = [row.count for row in self.report.rows]
        return {
            "source": readable(str(self.place.source)),
            "frames": len(counts),
            "counted_before": self.known,
            "mean": round(sum(counts) / len(counts), 2),
            "least": round(min(counts), 2),
            "most": round(max(counts), 2),
            "most_at_s": round(max(self.report.rows, key=lambda row: row.count).time_s, 3),
            "change_p95": None if len(counts) < 2 else round(change_p95(counts), 2),
            "elapsed_s": round(self.elapsed_s, 2),
            "frames_per_second": round(len(counts) / self.elapsed_s, 2),
            **self._trust(),
            "mae": None if self.mae is None else round(self.mae, 2),
            "remarks": self.report.remarks,
            "recording": self.flaws.as_dict,
            "model": {
                "name": self.model.file.name,
                "precision": self.model.file.precision,
                "sha256": self.model.file.sha256,
                "provider": self.model.provider,
                "details": self.model.details,
            },
            "files": {name: readable(str(self.place.folder / name)) for name in self._files()},
            "database": self.database,
            "error": self.error,
        }

    def _trust(self) -> dict[str, Any]:
        """Returns the ends of the interval on average, and how many frames are not to be relied on."""
        known = [row.interval for row in self.report.rows if row.interval is not None]
        low, high = (round(float(np.mean(ends)), 2) for ends in zip(*known, strict=True)) if known else (None, None)
        doubted = sum(bool(row.doubt) for row in self.report.rows)
        return {"low": low, "high": high, "reliable": not doubted, "doubtful_frames": doubted}

    def print(self) -> None:
        """Prints it for people."""
        facts = self.as_dict()
        print(
            f"{readable(self.place.source.name)}: {facts['frames']} frames in {self.elapsed_s:.1f} s "
            f"({facts['frames_per_second']:.1f} a second, by {self.model.file.name} {self.model.file.precision} on "
            f"{self.model.provider})"
        )
        if self.model.remark:
            print(f"model: {self.model.file.path.name}, {self.model.remark}")
        if self.known:
            print(f"note: {self.known} of them were counted before, and not again (--again counts them anew)")
        for remark in self.report.remarks:
            print(f"note: {remark}")
        print(
            f"people: {facts['mean']:.1f} on average, {facts['least']:.0f} at least, "
            f"{facts['most']:.0f} at most (at {facts['most_at_s']:.1f} s)"
        )
        if facts["low"] is not None:
            print(f"with 90 % certainty: {facts['low']:.0f} to {facts['high']:.0f} on average")
        if doubts := Counter(row.doubt for row in self.report.rows if row.doubt):
            doubt, frames = doubts.most_common(1)[0]
            print(f"do not rely on {facts['doubtful_frames']} of the counts, of {frames} because {doubt.words}")
        if facts["change_p95"] is not None:
            print(f"from frame to frame: by {facts['change_p95']:.1f} people at most in 95 % of them")
        if self.mae is not None:
            print(f"against the true counts: mean absolute error {self.mae:.2f} people")
        self.warn(sys.stdout)
        print("wrote:")
        for name, path in facts["files"].items():
            print(f"  {path:<36} {MEANINGS[name]}")
        print(f"  {self.database:<36} the log of every second")

    def warn(self, stream: TextIO) -> None:
        """Prints what was wrong in the recording."""
        for warning in self.flaws.warnings:
            print(f"warning: {warning}", file=stream)

    def _files(self) -> list[str]:
        return [name for name in MEANINGS if name in self.report.files]
