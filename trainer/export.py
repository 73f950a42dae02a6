"""From a checkpoint to the ONNX file that the engine reads: one graph in which the density map is optional.

ONNX Runtime computes whatever a graph holds, asked for or not. So the nodes which only the density map needs are moved
into the branch of an `If` on the input `with_density`; a frame that is only counted does not pay for them.
"""

import hashlib
import logging
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper
from torch import Tensor, nn

from trainer.checkpoint import Checkpoint
from trainer.contract import CONTRACT, FACTS, KEY, OUTPUTS
from trainer.counters import TileCounter, onnx_counter, torch_counter
from trainer.errors import TrainerError
from trainer.files import reason, written_whole
from trainer.model import BRANCH_SIZES, TILE_HEIGHT, TILE_WIDTH, DeepCount

LARGEST_DIFFERENCE = 1e-3  # of the count, relative, on any tile
LEAST_PEOPLE = 1.0  # a difference is taken relative to at least this many people


@dataclass(frozen=True, slots=True)
class Parity:
    """How far the exported graph is from the network, over real tiles."""

    tiles: int
    count: float
    """Largest relative difference of a tile's count."""
    density: float
    """Largest relative difference of a tile's integral of the density."""


class _Flat(nn.Module):
    """Backbone and one branch as one forward pass, cut off at zero."""

    def __init__(self, network: DeepCount, branch: int) -> None:
        super().__init__()
        self.backbone, self.branch = network.backbone, network.branches[str(branch)]

    def forward(self, tiles: Tensor) -> tuple[Tensor, Tensor]:
        count, vector, levels = self.backbone(tiles)
        return count.clamp(min=0), self.branch(vector, levels).clamp(min=0)


def export(
    checkpoint: Checkpoint, path: Path, tiles: NDArray[np.uint8], *, branch: int, facts: dict[str, str]
) -> Parity:
    """Writes `path` and compares it with the network on real tiles.

    Args:
        checkpoint: the trained network.
        path: of the ONNX file; written whole or not at all.
        tiles: uint8 (n, 384, 512, 3), real pictures for the comparison.
        branch: whose map becomes `density`, 1 (48x64 cells) to 5 (3x4).
        facts: metadata beside what the checkpoint knows: name, licence and checkpoint_hash, and what is measured anew.

    Raises:
        TrainerError: the branch was not trained, or the graph counts differently from the network (no file is left).
    """
    network = checkpoint.network()
    if branch not in network.config.branches:
        raise TrainerError(f"branch {branch} was not trained; this checkpoint has {list(network.config.branches)}")
    metadata = _metadata(checkpoint, branch) | facts
    if missing := [name for name in FACTS if name not in metadata]:
        raise ValueError(f"facts lack {', '.join(missing)}, which the contract demands")
    model = separate(_traced(_Flat(network, branch).eval()))
    model.graph.name = path.stem
    helper.set_model_props(model, {KEY + name: value for name, value in metadata.items()})
    onnx.checker.check_model(model, full_check=True)
    with written_whole(path, "model") as partial:
        partial.write_bytes(model.SerializeToString())
        parity = compare(onnx_counter(partial), torch_counter(network), tiles, branch=branch)
        if not (parity.count < LARGEST_DIFFERENCE and parity.density < LARGEST_DIFFERENCE):
            raise TrainerError(
                f"exported model differs from the network by up to {parity.count:.2%} of a count and "
                f"{parity.density:.2%} of a density over {parity.tiles} tiles, allowed are {LARGEST_DIFFERENCE:.1%}; "
                "nothing was written"
            )
    return parity


def compare(exported: TileCounter, network: TileCounter, tiles: NDArray[np.uint8], *, branch: int) -> Parity:
    """Counts the same tiles with both and returns the largest relative differences."""
    theirs, ours = (_in_batches(counter, tiles) for counter in (exported, network))

    def largest(output: str, original: str) -> float:
        difference = np.abs(theirs[output] - ours[original])
        return float((difference / np.maximum(ours[original], LEAST_PEOPLE)).max())

    return Parity(len(tiles), largest("count", "count"), largest("density", f"branch {branch}"))


def file_hash(path: Path) -> str:
    """Returns the SHA-256 of a file, in hexadecimal."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise TrainerError(f"{path} cannot be read: {reason(error)}") from error


def metadata_of(path: Path) -> dict[str, str]:
    """Returns the facts that an exported file carries, under their names in the contract."""
    properties = onnx.load(path, load_external_data=False).metadata_props
    return {p.key.removeprefix(KEY): p.value for p in properties if p.key.startswith(KEY)}


def separate(model: ModelProto) -> ModelProto:
    """Moves every node that only `density` needs into an `If` on a new boolean input `with_density`.

    Without it `density` comes out empty, (0, h, w).
    """
    graph = model.graph
    counting = _ancestors(graph, "count")
    kept = [node for node in graph.node if set(node.output) & counting]
    moved = [node for node in graph.node if not set(node.output) & counting]
    used = {name for node in kept for name in node.input}
    inner = [tensor for tensor in graph.initializer if tensor.name not in used]
    outer = [tensor for tensor in graph.initializer if tensor.name in used]
    density = next(output for output in graph.output if output.name == "density")
    height, width = (dimension.dim_value for dimension in density.type.tensor_type.shape.dim[1:])
    result = helper.make_tensor_value_info("density_if_asked", TensorProto.FLOAT, [None, height, width])
    for node in moved:
        _rename_output(node, "density", "density_if_asked")
    then = helper.make_graph(moved, "density", [], [result], inner)
    nothing = helper.make_tensor("nothing", TensorProto.FLOAT, [0, height, width], [])
    empty = helper.make_node("Constant", [], ["density_if_asked"], value=nothing)
    otherwise = helper.make_graph([empty], "no_density", [], [result])
    choice = helper.make_node("If", ["with_density"], ["density"], "choice", then_branch=then, else_branch=otherwise)
    asked = helper.make_tensor_value_info("with_density", TensorProto.BOOL, [])
    shape = density.type.tensor_type.shape.dim[0]
    shape.Clear()
    shape.dim_param = "maps"
    new = helper.make_graph([*kept, choice], graph.name, [*graph.input, asked], graph.output, outer)
    separated = helper.make_model(new, opset_imports=model.opset_import, ir_version=model.ir_version)
    separated.producer_name = "deepcount-trainer"
    return separated


def _traced(flat: nn.Module) -> ModelProto:
    example = torch.zeros(2, TILE_HEIGHT, TILE_WIDTH, 3, dtype=torch.uint8)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns that torchvision is missing, which nothing needs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # PyTorch's, about PyTorch
        program = torch.onnx.export(
            flat,
            (example,),
            input_names=["tiles"],
            output_names=list(OUTPUTS),
            dynamic_shapes={"tiles": {0: torch.export.Dim("N", min=1, max=1024)}},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise TrainerError("PyTorch returned no ONNX program")
    return program.model_proto


def _metadata(checkpoint: Checkpoint, branch: int) -> dict[str, str]:
    config = checkpoint.config.model
    return {
        "contract": CONTRACT,
        "architecture": f"deepcount-{config.frontend}",
        "width": str(config.width),
        "tile": f"{TILE_HEIGHT}x{TILE_WIDTH}",
        "branch": str(branch),
        "density_stride": str(TILE_HEIGHT // BRANCH_SIZES[branch - 1][0]),
        "training_data": checkpoint.facts.get("data", "unknown"),
        "validation_mae": checkpoint.facts.get("validation_mae", "unknown"),
        "validation_rmse": checkpoint.facts.get("validation_rmse", "unknown"),
        "training_steps": str(checkpoint.step),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _ancestors(graph: GraphProto, output: str) -> set[str]:
    makers = {name: node for node in graph.node for name in node.output}
    needed: set[str] = set()
    waiting = [output]
    while waiting:
        name = waiting.pop()
        if name and name not in needed:
            needed.add(name)
            waiting += makers[name].input if name in makers else []
    return needed


def _rename_output(node: NodeProto, old: str, new: str) -> None:
    for index, name in enumerate(node.output):
        if name == old:
            node.output[index] = new


def _in_batches(counter: TileCounter, tiles: NDArray[np.uint8], size: int = 8) -> dict[str, NDArray[np.float32]]:
    parts = [counter(tiles[start : start + size]) for start in range(0, len(tiles), size)]
    return {output: np.concatenate([part[output] for part in parts]) for output in parts[0]}
