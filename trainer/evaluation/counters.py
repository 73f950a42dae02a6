"""Networks and exported files as one kind of function: tiles in, people out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from trainer.checkpoints import load_checkpoint
from trainer.contract import CONTRACT, INPUTS, KEY, OUTPUTS
from trainer.errors import TrainerError
from trainer.files import reason
from trainer.geometry import TILE
from trainer.networks.network import CountingNetwork
from trainer.networks.outputs import COUNT, Outputs, density_in, people_in


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found on N tiles."""

    people: dict[str, NDArray[np.float32]] = field(compare=False)
    """People per tile, (N,), under 'count' and under the name of each density map."""
    density: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """People per cell, (N, h, w), of the finest map there is."""


@dataclass(frozen=True, slots=True)
class TileCounter:
    """Counts tiles."""

    run: Callable[[NDArray[np.uint8]], Counted]
    """Takes tiles uint8 (N, H, W, 3)."""
    tile: tuple[int, int] = TILE
    """Height and width of the tiles that pictures are to be cut into, in pixels."""

    def __call__(self, tiles: NDArray[np.uint8]) -> Counted:
        """Counts tiles."""
        return self.run(tiles)


CHECKPOINT, EXPORTED = ".safetensors", ".onnx"
ONLY_ERRORS = 3
"""Of ONNX Runtime's severities: it warns of every float16 weight that it has to keep as it is."""


def load_counter(path: Path, device: torch.device) -> TileCounter:
    """Counts with a checkpoint on `device`, or with an exported file on the CPU, whichever `path` is.

    Raises:
        TrainerError: the file is missing, or is neither.
    """
    if not path.is_file():
        raise TrainerError(f"model {path} does not exist")
    if path.suffix == CHECKPOINT:
        checkpoint = load_checkpoint(path)
        return torch_counter(checkpoint.network().to(device), counted=checkpoint.config.counted)
    if path.suffix == EXPORTED:
        return onnx_counter(path)
    raise TrainerError(
        f"model {path} is no safetensors file and no ONNX file: "
        f"its name ends in {path.suffix or 'nothing'!r}, expected {CHECKPOINT} or {EXPORTED}"
    )


def torch_counter(
    network: CountingNetwork,
    *,
    bf16: bool = False,
    counted: Sequence[str] = (COUNT,),
    tile: tuple[int, int] | None = None,
) -> TileCounter:
    """Counts with a PyTorch network, cutting counts and densities off at zero as the exported graph does.

    Args:
        network: in any state.
        bf16: whether to compute in bfloat16.
        counted: maps by name, and `COUNT` for the network's own count; the count is the mean of what these find.
        tile: height and width of the tiles that it is to be given; None for those of its configuration.
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

    return TileCounter(run, tile or network.config.tile)


def onnx_counter(path: Path) -> TileCounter:
    """Counts with an exported file in ONNX Runtime, on the CPU.

    Raises:
        TrainerError: the file is no ONNX model, or not one of ours.
    """
    try:
        session = processor_session(path.read_bytes())
    except OSError as error:
        raise TrainerError(f"model {path} cannot be read: {reason(error)}") from error
    except Exception as error:  # ONNX Runtime raises its own types, which share no base below Exception
        raise TrainerError(f"model {path} is no ONNX model: {reason(error)}") from error
    found = session.get_modelmeta().custom_metadata_map.get(KEY + "contract")
    if found is None:
        raise TrainerError(f"model {path} was not exported by this trainer: its metadata has no '{KEY}contract'")
    names = tuple(i.name for i in session.get_inputs()), tuple(o.name for o in session.get_outputs())
    if found != CONTRACT or names != (INPUTS, OUTPUTS):
        raise TrainerError(
            f"model {path} has contract {found} with inputs and outputs {names}, "
            f"expected contract {CONTRACT} with {(INPUTS, OUTPUTS)}; export it again"
        )
    return session_counter(session)


def processor_session(content: bytes, threads: int = 0) -> onnxruntime.InferenceSession:
    """Starts a graph on the processor, with one thread for each core unless another number is given."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = ONLY_ERRORS
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.force_spinning_stop", "1")  # or its threads disturb those of the next one
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def session_counter(session: onnxruntime.InferenceSession) -> TileCounter:
    """Counts with a graph that keeps the contract."""

    def run(tiles: NDArray[np.uint8]) -> Counted:
        count, density = session.run(list(OUTPUTS), {"tiles": tiles, "with_density": np.array(True)})
        return Counted({"count": np.asarray(count), "density": np.asarray(density).sum((1, 2))}, np.asarray(density))

    return TileCounter(run)
