"""A model ready to count: a checked file, the session that runs it, and the checks of what comes out."""

import re
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.inference.contract import REMEDY, ModelFile
from engine.inference.lanes import Lanes, Round
from engine.inference.onnxruntime_session import OnnxRuntimeSession
from engine.inference.openvino_session import OpenVinoSession
from engine.inference.runtime import OPENVINO
from engine.inference.session import BrokenOffError, Counted, RunOptions, Session, pieces
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH

Run: TypeAlias = tuple[NDArray[np.uint8], bool]
"""Tiles for one run of the session, and whether no other goes on meanwhile."""
Part: TypeAlias = tuple[Counted, float]
"""What a run of the session found, and the seconds of the model that it took."""


class Model:
    """Counts tiles, and maps them where asked; owned by one thread."""

    def __init__(self, file: ModelFile, options: RunOptions | None = None) -> None:
        """Starts a session and runs it once at every batch size, with and without density map and crowd.

        Args:
            file: from `read_model_file`.
            options: how it shall be run.

        Raises:
            ModelError: the file cannot be run, or not on the provider that was asked for.
        """
        self.file = file
        self.remark = ""
        """Why this file was chosen, if there was a choice; for people."""
        self._map = _map_size(file)
        self._interrupted = False
        self._session = _session(file, options or RunOptions())
        self._lanes = Lanes(self._session.runs_at_once)
        for size in self._session.batch_sizes:
            blank = np.zeros((size, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)
            for every_part in {False, file.has_crowd}:
                self._counted(blank, False, every_part=every_part)
                self._counted(blank, True, every_part=every_part)

    @property
    def provider(self) -> str:
        """What the model in fact runs on: 'cuda', 'cpu', 'openvino' and so on."""
        return self._session.provider

    @property
    def tiles_side_by_side(self) -> int:
        """How many single tiles are counted at the same time, if there are so many."""
        return self._session.runs_at_once

    @property
    def gains_from_batches(self) -> bool:
        """Whether a tile takes less time with others than alone."""
        return self._session.batch_sizes[0] > 1

    @property
    def details(self) -> str:
        """The runtime's version, its threads, a fallback if there was one, and why this file; for people."""
        return ", ".join(filter(None, (self._session.details, self.file.precision, self.remark)))

    def count(self, *tiles: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Counts tiles uint8 (N, 384, 512, 3), one or more arrays: people per tile, (N,). Costs no density branch."""
        return self._run(*tiles, with_density=False).people

    def count_and_map(self, *tiles: NDArray[np.uint8]) -> Counted:
        """Counts and maps tiles, given as for `count`."""
        return self._run(*tiles, with_density=True)

    def begin(
        self, *tiles: NDArray[np.uint8], with_density: bool, beside: bool, on_step: Callable[[], object]
    ) -> "Counting":
        """Has tiles, given as for `count`, counted behind those that were begun before.

        Args:
            tiles: one or more arrays.
            with_density: whether to map them too.
            beside: whether others are being counted, or soon will be, so that no tile need be spread over all threads.
            on_step: called by any thread when something of it begins or ends; has to be quick.
        """
        runs = self._shared_out(self._batches(tiles), beside=beside)
        return Counting(self._lanes.begin(self._map_part if with_density else self._count_part, runs, on_step))

    def rehearse(self, tiles: NDArray[np.uint8]) -> None:
        """Counts tiles with every part of the model, as if all of them were crowded."""
        self._run(tiles, with_density=False, every_part=True)

    def interrupt(self) -> None:
        """Ends what is being counted, and all until `resume`, with `BrokenOffError`, after the tile at the latest."""
        self._interrupted = True
        self._session.interrupt()

    def resume(self) -> None:
        """Lets it count again."""
        self._interrupted = False
        self._session.resume()

    def _run(self, *given: NDArray[np.uint8], with_density: bool, every_part: bool = False) -> Counted:
        def count(run: Run) -> Counted:
            tiles, alone = run
            return self._counted(tiles, with_density, every_part=every_part, alone=alone)

        runs = self._shared_out(self._batches(given))
        together = [run for run in runs if not run[1]]
        return _joined(self._lanes.each(count, together) + [count(run) for run in runs[len(together) :]])

    def _count_part(self, run: Run) -> Part:
        return self._part(run, with_density=False)

    def _map_part(self, run: Run) -> Part:
        return self._part(run, with_density=True)

    def _part(self, run: Run, *, with_density: bool) -> Part:
        """Runs the session; what keeps one of its lanes busy leaves the others of the model to whoever is beside it."""
        (tiles, alone), begun_s = run, monotonic()
        found = self._counted(tiles, with_density, every_part=False, alone=alone)
        return found, (monotonic() - begun_s) / (1 if alone else self._session.runs_at_once)

    def _shared_out(self, batches: Sequence[NDArray[np.uint8]], *, beside: bool = False) -> list[Run]:
        """Has batches counted side by side; a few at the end, for which most lanes would be idle, alone."""
        lanes = self._session.runs_at_once
        rest = 0 if beside else len(batches) % lanes
        together = len(batches) - (rest if 2 * rest <= lanes else 0)
        return [(batch, number >= together) for number, batch in enumerate(batches)]

    def _batches(self, given: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
        """Returns the tiles in batches of the sizes that the session takes; nothing is copied for batches of one."""
        for tiles in given:
            if tiles.dtype != np.uint8 or tiles.shape[1:] != (TILE_HEIGHT, TILE_WIDTH, 3) or not len(tiles):
                raise ModelError(
                    f"model {self.file.name} was given {tiles.dtype} {tiles.shape}, expected tiles uint8 "
                    f"(N, {TILE_HEIGHT}, {TILE_WIDTH}, 3)"
                )
        sizes = self._session.batch_sizes
        if sizes[0] > 1 and len(given) > 1:
            given = [np.concatenate(given)]
        whole = map(np.ascontiguousarray, given)
        return [tiles[piece] for tiles in whole for piece in pieces(len(tiles), sizes)]

    def _counted(
        self, tiles: NDArray[np.uint8], with_density: bool, *, every_part: bool, alone: bool = False
    ) -> Counted:
        if self._interrupted:
            raise BrokenOffError
        try:
            found = self._session.run(tiles, with_density, every_part=every_part, alone=alone)
            return self._checked(found, len(tiles), with_density)
        except ModelError:
            if self._interrupted:
                raise BrokenOffError from None
            raise

    def _checked(self, counted: Counted, tiles: int, with_density: bool) -> Counted:
        expected = (tiles,), (tiles if with_density else 0, *self._map), (tiles if self.file.has_heads else 0,)
        shapes = tuple(part.shape for part in counted)
        if shapes != expected:
            raise ModelError(
                f"model {self.file.path} returns {_named(shapes)} for {tiles} tiles, "
                f"expected {_named(expected)}; {REMEDY} again"
            )
        if not all(np.isfinite(part).all() for part in counted):
            raise ModelError(f"model {self.file.name} returned numbers that are not finite; {REMEDY} again")
        return counted


class Counting:
    """Tiles that are being counted."""

    def __init__(self, asked: Round[Run, Part]) -> None:
        self._round = asked

    @property
    def waiting(self) -> int:
        """How many runs of the session have not begun."""
        return self._round.waiting

    @property
    def is_done(self) -> bool:
        """Whether the result is there, or an error."""
        return self._round.is_done

    def wait(self) -> None:
        """Waits until it is done."""
        self._round.wait()

    def counted(self) -> Part:
        """Waits for the result, and what it took of the model's time in seconds.

        That is so much as all of it would take if nothing else were counted, whatever was counted beside it.

        Raises:
            ModelError: ONNX Runtime failed, or returned numbers that are not finite.
            BrokenOffError: it was told to leave them.
        """
        found, taken_s = zip(*self._round.found(), strict=True)
        return _joined(found), sum(taken_s)


def _joined(parts: Sequence[Counted]) -> Counted:
    if len(parts) == 1:
        return parts[0]
    return Counted(*map(np.concatenate, zip(*parts, strict=True)))


def _named(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in zip(("count", "density", "heads"), shapes, strict=True))


def _session(file: ModelFile, options: RunOptions) -> Session:
    return OpenVinoSession(file, options) if options.provider in OPENVINO else OnnxRuntimeSession(file, options)


def _map_size(file: ModelFile) -> tuple[int, int]:
    """Height and width of a tile's density map, in cells."""
    stride = file.facts["density_stride"]
    if not re.fullmatch("[1-9][0-9]{0,2}", stride):
        raise ModelError(f"model {file.path} has density stride {stride!r}, expected a whole number; {REMEDY} again")
    return TILE_HEIGHT // int(stride), TILE_WIDTH // int(stride)
