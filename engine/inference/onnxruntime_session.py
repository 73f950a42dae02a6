"""ONNX Runtime behind the session protocol: on the processor, on CUDA, or through TensorRT.

Left to itself ONNX Runtime falls back to the processor in silence, and prints on the way. Here every attempt is ours: a
provider that does not start is either refused or named in `details`, and none is exchanged while the session runs.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.inference.contract import CROWD, HEADS, ModelFile
from engine.inference.runtime import PROVIDERS, check_packages, provider_order
from engine.inference.session import Counted, RunOptions
from engine.paths import cache_folder

log = logging.getLogger(__name__)

SILENT = 4  # ONNX Runtime's "fatal only": a provider that does not work is reported by us, once
ON_PROCESSOR = (1,)  # tiles at once: four at once took a third longer for each, since they leave the caches
MOST_AT_ONCE = 4
"""Runs of single tiles side by side on the processor: their threads need not wait for each other at every node.

Where there are no more cores than that, each run has one thread: two threads for each of two runs on two cores took
half as long again, beside other work, since whoever waits at a node waits for one that is not at a core.
"""
ON_CARD = (16, 8, 4, 2, 1)  # few fixed sizes: a card's libraries choose and warm their kernels for each shape

EVERY_TILE = np.array([-2, -1], np.float32)
"""For the input `CROWD`: every tile is crowded."""

Ask = Callable[[NDArray[np.uint8], bool, bool], Counted]
"""Tiles, whether to map them, and whether they count as crowded whatever they show."""


class OnnxRuntimeSession:
    """A model in ONNX Runtime, on the first provider in order that works."""

    def __init__(self, file: ModelFile, options: RunOptions) -> None:
        """Starts a session.

        Raises:
            ModelError: ONNX Runtime cannot run the file, or (strict) not on the provider that was asked for.
        """
        package = check_packages()
        order = provider_order(options.provider, strict=options.strict)
        ours = session_options(options, beside=tiles_at_once(options) - 1)
        self.provider, session = _start(file, order, options, ours)
        fallback = _fallback(options, order, self.provider)
        if fallback:
            log.warning("%s", fallback)
        threads = f"{threads_of(options)} threads" if self.provider == "cpu" else "IO binding"
        self.runs_at_once = tiles_at_once(options) if self.provider == "cpu" else 1
        self.details = ", ".join(filter(None, (f"{package} {_version()}", threads, fallback)))
        self.batch_sizes: Sequence[int] = ON_PROCESSOR if self.provider == "cpu" else ON_CARD
        self._file, self._options = file, options
        self._order, self._all_threads = run_order(), Lock()
        self._ask: Ask = (
            plain(session, self._order)
            if self.provider == "cpu"
            else Bound(session, device="cuda", facts=file.facts, order=self._order)
        )

    def run(
        self, tiles: NDArray[np.uint8], with_density: bool, *, every_part: bool = False, alone: bool = False
    ) -> Counted:
        """Counts tiles uint8 (N, 384, 512, 3), and maps them if asked; raises ModelError if ONNX Runtime fails."""
        every_part = every_part and self._file.has_crowd
        try:
            if alone and self.runs_at_once > 1:
                with self._all_threads:
                    return self._ask_alone(tiles, with_density, every_part)
            return self._ask(tiles, with_density, every_part)
        except Exception as error:  # ONNX Runtime's errors share no base below Exception
            raise ModelError(f"model {self._file.name} failed on {len(tiles)} tiles: {error}") from error

    @cached_property
    def _ask_alone(self) -> Ask:
        """Asks a session in which every thread works on the same tile; made when it is first needed."""
        _, session = _start(self._file, ["cpu"], self._options, session_options(self._options))
        return plain(session, self._order)

    def interrupt(self) -> None:
        """Ends a run at the next node of its graph, also inside a loop, and any other before its first."""
        self._order.terminate = True

    def resume(self) -> None:
        """Lets runs begin again."""
        self._order.terminate = False


def run_order() -> Any:
    """Returns ONNX Runtime's orders to a run, an `onnxruntime.RunOptions`."""
    import onnxruntime

    order = onnxruntime.RunOptions()
    order.log_severity_level = SILENT
    return order


def threads_of(options: RunOptions) -> int:
    """Returns how many threads compute on the processor."""
    return options.threads or os.cpu_count() or 1


def tiles_at_once(options: RunOptions) -> int:
    """Returns how many tiles are counted side by side on the processor."""
    return min(threads_of(options), MOST_AT_ONCE)


def session_options(options: RunOptions, *, beside: int = 0) -> Any:
    """Returns ONNX Runtime's own options, an `onnxruntime.SessionOptions`; `beside` other runs that go on meanwhile."""
    import onnxruntime

    _share_memory()
    ours = onnxruntime.SessionOptions()
    ours.add_session_config_entry("session.use_env_allocators", "1")
    ours.intra_op_num_threads = threads_of(options) - beside  # whoever asks is one of them, and so is each beside it
    ours.log_severity_level = SILENT
    ours.add_session_config_entry("session.intra_op.allow_spinning", "0")  # it is slower beside other work
    return ours


@cache
def _share_memory() -> None:
    """Has all sessions of this process compute in the same memory: each would keep for ever what it once needed."""
    import onnxruntime

    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(memory, None)


def plain(session: Any, order: Any = None) -> Ask:
    """Asks a session with arrays as they are: the way of the processor, where nothing has to be copied."""
    outputs = _outputs(session)

    def ask(tiles: NDArray[np.uint8], with_density: bool, crowded: bool = False) -> Counted:
        given = {"tiles": tiles, "with_density": np.array(with_density)}
        return Counted(*session.run(outputs, given | ({CROWD: EVERY_TILE} if crowded else {}), order))

    return ask


@dataclass(frozen=True, slots=True)
class _Buffers:
    """What one batch size is run in, made once."""

    binding: Any
    tiles: Any
    """`OrtValue` uint8 (N, 384, 512, 3), on the device."""
    outputs: tuple[Any, ...]
    """`OrtValue` of count, density and, where the model says it, heads; float32, in the machine's own memory."""


class Bound:
    """Asks a session through IO binding: tiles go into a buffer on the device that stays, results come into ours.

    One set of buffers is kept for each batch size, with and without density map, so batches should be of few sizes.
    """

    def __init__(self, session: Any, *, device: str, facts: Mapping[str, str], order: Any = None) -> None:
        """Takes an `onnxruntime.InferenceSession`, the device in its words, the model's facts, and its `run_order`."""
        self._session, self._order = session, order
        self._device = device
        self._stride = int(facts["density_stride"])
        self._buffers: dict[tuple[int, bool, bool], _Buffers] = {}

    def __call__(self, tiles: NDArray[np.uint8], with_density: bool, crowded: bool = False) -> Counted:
        """Counts and maps tiles; the arrays returned are the caller's own."""
        key = (len(tiles), with_density, crowded)
        if key not in self._buffers:
            self._buffers[key] = self._bind(tiles.shape, with_density, crowded)
        buffers = self._buffers[key]
        buffers.tiles.update_inplace(tiles)
        buffers.binding.synchronize_inputs()
        self._session.run_with_iobinding(buffers.binding, self._order)
        buffers.binding.synchronize_outputs()
        return Counted(*(np.array(value.numpy()) for value in buffers.outputs))

    def _bind(self, shape: tuple[int, ...], with_density: bool, crowded: bool) -> _Buffers:
        from onnxruntime import OrtValue

        number, height, width, _ = shape
        maps = (number if with_density else 0, height // self._stride, width // self._stride)
        tiles = OrtValue.ortvalue_from_shape_and_type(shape, np.uint8, self._device)
        shapes = {"count": (number,), "density": maps, HEADS: (number,)}
        names = _outputs(self._session)
        outputs = tuple(OrtValue.ortvalue_from_shape_and_type(shapes[name], np.float32) for name in names)
        binding = self._session.io_binding()
        binding.bind_ortvalue_input("tiles", tiles)
        binding.bind_cpu_input("with_density", np.array(with_density))  # an `If` decides on the processor
        if crowded:
            binding.bind_ortvalue_input(CROWD, OrtValue.ortvalue_from_numpy(EVERY_TILE))
        for name, value in zip(names, outputs, strict=True):
            binding.bind_ortvalue_output(name, value)
        return _Buffers(binding, tiles, outputs)


def _outputs(session: Any) -> list[str]:
    """Returns the names of what a session returns, in the order of `Counted`."""
    there = [value.name for value in session.get_outputs()]
    return [name for name in ("count", "density", HEADS) if name in there]


def _start(file: ModelFile, order: Sequence[str], options: RunOptions, ours: Any) -> tuple[str, Any]:
    """Returns the provider in use and the session: of the first provider that starts, strictly of the first if so."""
    import onnxruntime

    providers = [(PROVIDERS[name], _settings(name)) for name in order]
    try:
        session = onnxruntime.InferenceSession(file.content, ours, providers=providers, enable_fallback=0)
    except Exception as error:  # they share no base below Exception
        if len(order) > 1 and (options.provider == "auto" or not options.strict):
            return _start(file, order[1:], options, ours)
        raise ModelError(f"model {file.path} cannot be run by ONNX Runtime: {error}") from error
    named = {name: short for short, name in PROVIDERS.items()}
    return named[session.get_providers()[0]], session


def _settings(provider: str) -> dict[str, str]:
    """Options of a provider: choices that need no search at every start."""
    if provider == "cuda":
        return {"cudnn_conv_algo_search": "HEURISTIC"}
    if provider == "tensorrt":
        cache = cache_folder() / "tensorrt"
        cache.parent.mkdir(parents=True, exist_ok=True)
        return {"trt_engine_cache_enable": "1", "trt_engine_cache_path": str(cache)}
    return {}


def _fallback(options: RunOptions, order: Sequence[str], used: str) -> str:
    """Returns what there is to say of a provider that should have been used and is not, or ''."""
    wanted = order[0] if options.provider == "auto" else options.provider
    if used == wanted:
        return ""
    if options.strict and options.provider != "auto":
        raise ModelError(
            f"provider {wanted!r} was asked for, but ONNX Runtime fell back to {used!r}; run 'deepcount-engine doctor'"
        )
    return f"fell back to {used!r}, since {wanted!r} does not start"


def _version() -> str:
    import onnxruntime

    version: str = onnxruntime.__version__
    return version
