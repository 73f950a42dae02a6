"""How fast a model counts on this machine, for a person who chooses between models and providers."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Event
from time import perf_counter

from engine.errors import EngineError, ModelError
from engine.inference.runtime import OPENVINO, PROVIDERS, check_provider
from engine.inference.variants import load_model
from engine.paths import DEMO_CLIP, SHIPPED
from engine.sources import FileSource

FRAMES = 8  # of the demonstration clip
MEASURE_S = 2.0
SLOW_TO_START = ("tensorrt",)  # takes minutes


@dataclass(frozen=True, slots=True)
class Speed:
    """What one model does on one provider."""

    model: str
    provider: str
    tiles_per_s: float | None
    """None where it could not be run."""
    words: str = ""
    """Why not."""


def providers_here() -> tuple[str, ...]:
    """Returns the providers that this installation has, but those that take minutes to start."""
    return tuple(name for name in (*PROVIDERS, *OPENVINO) if name not in SLOW_TO_START and _is_here(name))


def measured_speeds(stop: Event, models: tuple[Path, ...] = tuple(map(Path, SHIPPED))) -> Iterator[Speed]:
    """Yields the speed of each model on each provider here, one after another, until told to stop.

    What counts meanwhile is not stopped, and takes its share of the machine.
    """
    for model in models:
        for provider in providers_here():
            if stop.is_set():
                return
            try:
                yield Speed(model.name, provider, tiles_per_second(model, provider, stop))
            except EngineError as error:
                yield Speed(model.name, provider, None, str(error))


def tiles_per_second(model: Path, provider: str, stop: Event) -> float:
    """Returns how many tiles of the demonstration clip a model counts a second; raises EngineError if it cannot."""
    counter = load_model(model, provider=provider)
    with FileSource(DEMO_CLIP) as source:
        batches = [frame.take_tiles() for frame in islice(source.frames(), FRAMES)]
    counter.count(batches[0])
    begun, counted = perf_counter(), 0
    while (spent := perf_counter() - begun) < MEASURE_S and not stop.is_set():
        counted += len(counter.count(batches[counted % len(batches)]))
    return counted / spent


def _is_here(provider: str) -> bool:
    try:
        check_provider(provider)
    except ModelError:
        return False
    return True
