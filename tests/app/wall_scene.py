"""Walls of drawn cameras for tests and pictures: settings, facts and pictures as the engine gives them."""

from functools import lru_cache
from time import monotonic

import av
import numpy as np

from engine.capture.health import HealthReport, State
from engine.counting.schedule import Load
from engine.monitor.facts import CameraFacts
from engine.monitor.screen import Heat, Picture
from engine.monitor.tally import Newest, Total
from engine.paths import DEMO_CLIP
from engine.picture.condition import Condition
from engine.picture.heatmap import coloured, softened
from engine.picture.shot import resized
from engine.settings.config import Config
from engine.settings.problems import checked

NAMES = ("gate", "north square", "platform 2", "main hall", "ticket office", "stairs", "car park", "canteen")
QUEUE = {"name": "queue", "polygon": [[0.1, 0.35], [0.45, 0.3], [0.5, 0.75], [0.12, 0.8]], "capacity": 12}
DOOR = {"name": "door", "polygon": [[0.6, 0.4], [0.85, 0.4], [0.85, 0.7], [0.6, 0.7]]}


def table(number=0, **own):
    """A camera as a configuration file has it."""
    name = f"{NAMES[number % len(NAMES)]}{f' {number}' if number >= len(NAMES) else ''}"
    return {"name": name, "address": f"rtsp://192.0.2.{number + 1}/live", **own}


def config(*cameras):
    return checked(Config, {"cameras": list(cameras)}, "a test")


def health(state=State.LIVE, *, problem="", age_s=0.04, condition=Condition.CLEAR, rate=25.0, remark=""):
    return HealthReport(
        state=state, since_s=0.0, problem=problem, frames=100, rate=rate, age_s=age_s, drops=0, stalls=0, reconnects=0,
        decode_errors=0, condition=condition, size=(576, 768), link=None, remark=remark,
    )  # fmt: skip


def load(*, dropped_share=0.0, latency_s=0.21, counted_fps=4.1):
    return Load(25.0, counted_fps, dropped_share, latency_s, 2 * latency_s)


def facts(name, people=None, *, zones=None, count_age_s=0.3, report=None, loaded=None):
    """How a camera is doing."""
    report = report or health()
    arrived_s = None if people is None else monotonic() - count_age_s
    return CameraFacts(name, report, loaded or load(), Newest(people, zones, arrived_s), Total())


@lru_cache
def stills(number=12):
    """Pictures of the demonstration clip, some seconds apart."""
    with av.open(str(DEMO_CLIP)) as clip:
        frames = [
            frame.to_ndarray(format="rgb24") for place, frame in enumerate(clip.decode(video=0)) if place % 30 == 0
        ]
    return frames[:number]


def density(peaks=9, seed=0):
    """A density map with people here and there."""
    spots = np.random.default_rng(seed).uniform(0.1, 0.9, (peaks, 2))
    y, x = np.mgrid[0:96, 0:128] / np.array([96, 128])[:, None, None]
    return sum(np.exp(-((x - a) ** 2 + (y - b) ** 2) / 0.0008) for a, b in spots).astype(np.float32) / 25


def picture(room, still=0, *, heat=False, heads=None, age_s=0.05):
    """A picture as large as fits into a room, as the engine makes it."""
    whole = stills()[still % len(stills())]
    height, width = whole.shape[:2]
    scale = min(1.0, room[0] / height, room[1] / width)
    within = max(2, int(height * scale) // 2 * 2), max(2, int(width * scale) // 2 * 2)
    colours = coloured(softened(density(seed=still)), 0.04) if heat else None
    now_s = monotonic()
    layer = Heat(colours, 0.04, 8.0, now_s) if colours is not None else None
    return Picture(np.ascontiguousarray(resized(whole, *within)), (height, width), now_s - age_s, layer, heads)
