"""Which model runs here, and which of its files.

A model that comes with the product is called by its name. It lies in `NAME.onnx`, and beside it with numbers of fewer
bits in `NAME.fp16.onnx` and `NAME.int8.onnx`; which of them is fastest differs from machine to machine. A graphics
card takes float16. On a processor, where nothing computes float16 fast, int8 has to win a race, once on each machine.
"""

import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from engine.inference.contract import ModelFile, read_model_file
from engine.inference.model import Model
from engine.inference.races import Race
from engine.inference.runtime import OPENVINO, provider_order
from engine.inference.session import RunOptions
from engine.paths import FULL_MODEL, LIGHT_MODEL, SHIPPED
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH

VARIANTS = ("fp16", "int8")
ON_CARD = ("cuda", "tensorrt")
ENOUGH = 0.9
"""A race is won with at most this share of the other's time: for less nobody gives up exactness."""
ROUNDS = 7


def load_model(
    path: Path | None = None, *, provider: str = "auto", threads: int = 0, spinning: bool = True, strict: bool = True
) -> Model:
    """Reads, checks and starts a model.

    Args:
        path: an ONNX file, which is run as it is; or the name of a model of `SHIPPED`, of whose files the fastest here
            is run; None takes `light`, on a graphics card `full` if it is there.
        provider: see `RunOptions`, as the rest.
        threads: of the processor.
        spinning: of idle threads.
        strict: refuses a fallback from a provider that was named.

    Raises:
        ModelError: in one sentence, what is wrong.
    """
    options = RunOptions(provider, threads, spinning, strict)
    main = main_file(path) if path is not None else _default(options)
    if path is not None and main == path:
        return Model(read_model_file(main), options)
    files = [read_model_file(file) for file in _with_variants(main)]
    return _fastest(files, options)


def main_file(path: Path | None) -> Path:
    """Returns the file to read for what a model is: that of the name, or `path` itself; None is the light model."""
    if path is None:
        return LIGHT_MODEL
    return path if path.exists() else SHIPPED.get(path.name, path)


def _default(options: RunOptions) -> Path:
    if FULL_MODEL not in SHIPPED.values() or not _wants_card(options):
        return LIGHT_MODEL
    if options.provider == "tensorrt":  # trying it out takes minutes
        return FULL_MODEL
    return FULL_MODEL if Model(read_model_file(LIGHT_MODEL), options).provider in ON_CARD else LIGHT_MODEL


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
    racing = [file for file in files if file not in halves] or [files[0]]
    if len(racing) == 1:
        return Model(racing[0], options)
    race = Race(racing, options)
    won = race.remembered()
    if won is None:
        model = _race([Model(file, options) for file in racing])
        race.remember(model.file, model.remark)
        return model
    model = Model(won.file, options)
    model.remark = won.remark
    return model


def _race(models: Sequence[Model]) -> Model:
    """Times the models in turns and returns the fastest, the first if none is clearly faster.

    What is timed is what a crowded tile takes: that is where a slower file would be felt.
    """
    tile = np.zeros((1, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)
    times: list[list[float]] = [[] for _ in models]
    for _ in range(ROUNDS):
        for model, own in zip(models, times, strict=True):
            started = perf_counter()
            model.rehearse(tile)
            own.append(1000 * (perf_counter() - started))
    found = [statistics.median(own) for own in times]
    place = min(range(len(models)), key=lambda k: found[k] * (ENOUGH if k == 0 else 1))
    said = ", ".join(f"{model.file.precision} {ms:.0f} ms a tile" for model, ms in zip(models, found, strict=True))
    models[place].remark = f"the fastest here ({said})"
    return models[place]
