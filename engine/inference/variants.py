"""Which model runs here, and which of its files.

A model that comes with the product is called by its name. It lies in `NAME.onnx`, and beside it with numbers of fewer
bits in `NAME.fp16.onnx` and `NAME.int8.onnx`; which of them is fastest differs from machine to machine. A graphics
card takes float16. On a processor, where nothing computes float16 fast, int8 has to win a race, once on each machine,
and so has OpenVINO where it is installed.
"""

import logging
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.inference.contract import ModelFile, read_model_file
from engine.inference.model import Model
from engine.inference.races import Race, Won
from engine.inference.runtime import OPENVINO, installed, provider_order
from engine.inference.session import RunOptions
from engine.paths import LIGHT_MODEL, SHIPPED
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH

VARIANTS = ("fp16", "int8")
ON_CARD = ("cuda", "tensorrt")
ENOUGH = 0.9
"""A race is won with at most this share of the other's time: for less nobody gives up exactness."""
ROUNDS = 5
RACED_TILES = 2
HEAD_PX = 12
EQUAL = 1e-3
"""By which share of a count, or of a person, two runtimes may differ over the same weights."""
FLOAT32_OPENVINO = "openvino"

logger = logging.getLogger(__name__)


def load_model(path: Path | None = None, *, provider: str = "auto", threads: int = 0, strict: bool = True) -> Model:
    """Reads, checks and starts a model.

    Args:
        path: an ONNX file, which is run as it is; or the name of a model of `SHIPPED`, of whose files the fastest here
            is run; None takes `light`.
        provider: see `RunOptions`, as the rest.
        threads: of the processor.
        strict: refuses a fallback from a provider that was named.

    Raises:
        ModelError: in one sentence, what is wrong.
    """
    options = RunOptions(provider, threads, strict)
    main = main_file(path)
    if main == path:
        return Model(read_model_file(main), options)
    files = [read_model_file(file) for file in _with_variants(main)]
    return _fastest(files, options)


def main_file(path: Path | None) -> Path:
    """Returns the file to read for what a model is: that of the name, or `path` itself; None is the light model."""
    if path is None:
        return LIGHT_MODEL
    return path if path.exists() else SHIPPED.get(path.name, path)


def _wants_card(options: RunOptions) -> bool:
    return options.provider not in OPENVINO and provider_order(options.provider, strict=options.strict)[0] in ON_CARD


def _with_variants(main: Path) -> Iterator[Path]:
    yield main
    for variant in VARIANTS:
        path = main.with_suffix(f".{variant}.onnx")
        if path.is_file():
            yield path


def _fastest(files: Sequence[ModelFile], options: RunOptions) -> Model:
    """Starts the file that is fastest here; the first is the model as it was trained."""
    if options.provider == "openvino-bf16":  # the number format was asked for
        return Model(files[0], options)
    halves = [file for file in files if file.precision == "fp16"]
    if halves and _wants_card(options):
        model = Model(halves[0], options)
        if model.provider in ON_CARD:
            return model
    racing = _racing(files, options)
    if len(racing) == 1:
        return Model(racing[0][0], options)
    race = Race([file for file, _ in racing], options)
    won = race.remembered()
    if won is None:
        entries = list(_started(racing))
        won = _race(entries)
        race.remember(won)
        model = next(model for model, provider in entries if (model.file, provider) == (won.file, won.provider))
    else:
        model = Model(won.file, replace(options, provider=won.provider))
    model.remark = won.remark
    return model


def remembered_race(path: Path | None, options: RunOptions) -> str:
    """Returns what was measured when the files of a model raced on this machine, for people; '' where they did not.

    Raises:
        ModelError: a file cannot be read.
    """
    main = main_file(path)
    if main == path:
        return ""
    racing = _racing([read_model_file(file) for file in _with_variants(main)], options)
    won = Race([file for file, _ in racing], options).remembered()
    return won.remark if won else ""


def _racing(files: Sequence[ModelFile], options: RunOptions) -> list[tuple[ModelFile, RunOptions]]:
    """Returns which files run against each other on a processor, and how; the first is the model as it was trained."""
    racing = [(file, options) for file in files if file.precision != "fp16"] or [(files[0], options)]
    if _offers_openvino(files[0], options):
        racing.append((files[0], replace(options, provider=FLOAT32_OPENVINO)))
    return racing


def _started(racing: Sequence[tuple[ModelFile, RunOptions]]) -> Iterator[tuple[Model, str]]:
    """Yields models with the providers that were asked for; OpenVINO may be missing, since nobody asked for it."""
    for number, (file, options) in enumerate(racing):
        try:
            yield Model(file, options), options.provider
        except ModelError as error:
            if number == 0 or options.provider not in OPENVINO:
                raise
            logger.warning("OpenVINO takes no part: %s", error)


def _offers_openvino(file: ModelFile, options: RunOptions) -> bool:
    """Whether OpenVINO takes part where nothing was asked for: it is there, no card is, and it runs all of the file."""
    is_free = options.provider == "auto" and not _wants_card(options)
    return is_free and installed("openvino") is not None and not file.has_crowd


def _race(entries: Sequence[tuple[Model, str]]) -> Won:
    """Times models, each with the provider that was asked for, and returns the fastest; the first if none is much so.

    What is timed is what crowded tiles take, as many as are counted side by side: that is where a slower one would be
    felt. Whoever counts the weights of the first otherwise than it does is left out.
    """
    tiles = np.stack([_like_a_crowd(number) for number in range(RACED_TILES)])
    first = entries[0][0]
    same = [each for each in entries if each[0].file is not first.file or _agree(each[0], first, tiles)]
    times: list[list[float]] = [[] for _ in same]
    for _ in range(ROUNDS):
        for (model, _provider), own in zip(same, times, strict=True):
            started = perf_counter()
            model.rehearse(tiles)
            own.append(1000 * (perf_counter() - started) / len(tiles))
    found = [statistics.median(own) for own in times]
    place = min(range(len(same)), key=lambda k: found[k] * (ENOUGH if k == 0 else 1))
    said = ", ".join(f"{_words(*each)} {ms:.0f} ms a tile" for each, ms in zip(same, found, strict=True))
    model, provider = same[place]
    return Won(model.file, provider, f"the fastest here ({said})")


def _like_a_crowd(number: int) -> NDArray[np.uint8]:
    """Returns a tile of soft noise as fine as heads, (384, 512, 3): a crowd to models, which sharp noise is not."""
    import cv2  # here, since the window asks this module for a file's name before it is shown

    rows, columns = TILE_HEIGHT // HEAD_PX, TILE_WIDTH // HEAD_PX
    noise = np.random.default_rng(number).integers(0, 256, (rows, columns, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (TILE_WIDTH, TILE_HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)


def _agree(model: Model, first: Model, tiles: NDArray[np.uint8]) -> bool:
    return bool(np.allclose(model.count(tiles), first.count(tiles), rtol=EQUAL, atol=EQUAL))


def _words(model: Model, provider: str) -> str:
    return f"{model.file.precision} in OpenVINO" if provider in OPENVINO else model.file.precision
