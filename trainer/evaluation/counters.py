"""Networks and exported files as one kind of function: tiles in, people out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from trainer.checkpoints import load_checkpoint
from trainer.contract import CONTRACT, HEADS, INPUTS, KEY, OUTPUTS
from trainer.errors import TrainerError
from trainer.evaluation.tiling import AS_ENGINE, TILES, Division
from trainer.files import reason
from trainer.networks.model import ModelConfig
from trainer.networks.network import CountingNetwork
from trainer.networks.outputs import COUNT, Outputs, density_in, people_in


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found on N tiles."""

    people: dict[str, NDArray[np.float32]] = field(compare=False)
    """People per tile, (N,), under 'count' and under the name of each density map."""
    density: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """People per cell, (N, h, w), of the finest map there is."""
    heads: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """How tall heads are in pixels of each tile, (N,); None of a network and of a file that do not say it."""


@dataclass(frozen=True, slots=True)
class TileCounter:
    """Counts tiles."""

    run: Callable[[NDArray[np.uint8]], Counted]
    """Takes tiles uint8 (N, H, W, 3)."""
    division: Division = AS_ENGINE
    """How pictures are to be divided for it."""

    def __call__(self, tiles: NDArray[np.uint8]) -> Counted:
        """Counts tiles."""
        return self.run(tiles)


CHECKPOINT, EXPORTED = ".safetensors", ".onnx"
ONLY_ERRORS = 3
"""Of ONNX Runtime's severities: it warns of every float16 weight that it has to keep as it is."""


def load_counter(path: Path, device: torch.device, way: str | None = None) -> TileCounter:
    """Counts with a checkpoint on `device`, or with an exported file on the CPU, whichever `path` is.

    Args:
        path: of the file.
        device: for a checkpoint.
        way: how pictures are divided, one of `WAYS`; None for the checkpoint's own. An exported file takes tiles.

    Raises:
        TrainerError: the file is missing, or is neither, or takes pictures in no such way.
    """
    if not path.is_file():
        raise TrainerError(f"model {path} does not exist")
    if path.suffix == CHECKPOINT:
        checkpoint = load_checkpoint(path)
        config = checkpoint.config
        division = division_for(config.model, way or config.evaluation)
        return torch_counter(checkpoint.network().to(device), counted=config.counted, division=division)
    if path.suffix == EXPORTED:
        if way not in (None, TILES):
            raise TrainerError(f"model {path} is exported, which takes tiles; pictures can be {way} for a checkpoint")
        return onnx_counter(path)
    raise TrainerError(
        f"model {path} is no safetensors file and no ONNX file: "
        f"its name ends in {path.suffix or 'nothing'!r}, expected {CHECKPOINT} or {EXPORTED}"
    )


def check_models(paths: Iterable[Path]) -> None:
    """Raises TrainerError where one of some files is none that was exported, or keeps another contract."""
    for path in paths:
        check_exported(path)
        onnx_counter(path)


def check_exported(path: Path) -> None:
    """Raises TrainerError where a file is none that was exported, by its ending."""
    if path.suffix != EXPORTED:
        raise TrainerError(f"model {path} has the ending {path.suffix!r}, expected an exported file, {EXPORTED}")


def division_for(config: ModelConfig, way: str) -> Division:
    """Returns how pictures are divided for a network; raises TrainerError where it cannot take them in this way."""
    if way not in config.ways:
        raise TrainerError(f"{config.family} takes pictures as {' or '.join(config.ways)}, not {way}")
    return Division(config.tile, way, config.stride)


def torch_counter(
    network: CountingNetwork,
    *,
    bf16: bool = False,
    counted: Sequence[str] = (COUNT,),
    division: Division = AS_ENGINE,
) -> TileCounter:
    """Counts with a PyTorch network, cutting counts and densities off at zero as the exported graph does.

    Args:
        network: in any state.
        bf16: whether to compute in bfloat16.
        counted: maps by name, and `COUNT` for the network's own count; the count is the mean of what these find.
        division: how pictures are divided for it.
    """
    device = next(network.parameters()).device
    names = list(network.config.outputs.maps)
    network.eval()

    @torch.inference_mode()
    def run(tiles: NDArray[np.uint8]) -> Counted:
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            outputs: Outputs = network(torch.from_numpy(tiles).to(device))
        people = {COUNT: people_in(outputs, counted)} | {name: people_in(outputs, [name]) for name in names}
        finest = density_in(outputs, names[0]).cpu().numpy() if names else None
        return Counted({output: values.cpu().numpy() for output, values in people.items()}, finest)

    return TileCounter(run, division)


def onnx_counter(path: Path) -> TileCounter:
    """Counts with an exported file in ONNX Runtime, on the CPU; raises TrainerError as `onnx_session` does."""
    return session_counter(onnx_session(path))


def onnx_session(path: Path, threads: int = 0) -> onnxruntime.InferenceSession:
    """Starts an exported file in ONNX Runtime, on the CPU, with one thread for each core unless a number is given.

    Raises:
        TrainerError: the file is no ONNX model, or not one of ours.
    """
    try:
        session = processor_session(path.read_bytes(), threads)
    except OSError as error:
        raise TrainerError(f"model {path} cannot be read: {reason(error)}") from error
    except Exception as error:  # ONNX Runtime raises its own types, which share no base below Exception
        raise TrainerError(f"model {path} is no ONNX model: {reason(error)}") from error
    found = session.get_modelmeta().custom_metadata_map.get(KEY + "contract")
    if found is None:
        raise TrainerError(f"model {path} was not exported by this trainer: its metadata has no '{KEY}contract'")
    names = tuple(i.name for i in session.get_inputs()), tuple(o.name for o in session.get_outputs())
    if found != CONTRACT or names not in ((INPUTS, OUTPUTS), (INPUTS, (*OUTPUTS, HEADS))):
        raise TrainerError(
            f"model {path} has contract {found} with inputs and outputs {names}, "
            f"expected contract {CONTRACT} with {(INPUTS, OUTPUTS)} and at most {HEADS}; export it again"
        )
    return session


def processor_session(content: bytes, threads: int = 0) -> onnxruntime.InferenceSession:
    """Starts a graph on the processor, with one thread for each core unless another number is given."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = ONLY_ERRORS
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.force_spinning_stop", "1")  # or its threads disturb those of the next one
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def session_counter(session: onnxruntime.InferenceSession) -> TileCounter:
    """Counts with a graph that keeps the contract."""
    names = [output.name for output in session.get_outputs()]

    def run(tiles: NDArray[np.uint8]) -> Counted:
        found = dict(zip(names, session.run(names, {"tiles": tiles, "with_density": np.array(True)}), strict=True))
        count, density = (np.asarray(found[name]) for name in OUTPUTS)
        return Counted({"count": count, "density": density.sum((1, 2))}, density, found.get(HEADS))

    return TileCounter(run)
