"""The graph of a checkpoint, as the engine reads it, without what is said of it."""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto
from torch import Tensor, nn

from trainer.checkpoints import Checkpoint
from trainer.contract import OUTPUTS
from trainer.errors import TrainerError
from trainer.exporting.cascade import Cascade, cascaded
from trainer.exporting.packing import packed
from trainer.exporting.precision import PRECISIONS, halved, quantised
from trainer.exporting.separation import separate
from trainer.geometry import TILE
from trainer.networks.families import built
from trainer.networks.model import ModelConfig
from trainer.networks.network import CountingNetwork
from trainer.networks.outputs import COUNT, density_in, people_in
from trainer.progress import word


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be exported."""

    density: str = ""
    """Name of the map that becomes `density`; empty for the finest."""
    precision: str = "fp32"
    calibration: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)
    """Tiles uint8 (n, 384, 512, 3) from training pictures; int8 needs them."""
    counted: tuple[str, ...] = (COUNT,)
    """What the count is the mean of: `COUNT`, and maps by their sums. Coarse ones cost next to nothing."""
    cascade: Cascade | None = None
    """The small model that counts first, where the network is to be asked for crowded tiles only."""

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision is {self.precision!r}, expected one of {', '.join(PRECISIONS)}")
        if not self.counted or len(set(self.counted)) < len(self.counted):
            raise ValueError(f"counted is {list(self.counted)}, expected at least one output, and each once")
        if self.precision == "int8" and self.calibration is None:
            raise ValueError("precision int8 needs tiles for its calibration")


class _Flat(nn.Module):
    """A network with a count and one map as one forward pass, in float32 from here on and cut off at zero."""

    def __init__(self, network: CountingNetwork, counted: Sequence[str], density: str) -> None:
        super().__init__()
        self.network, self.counted, self.density = network, counted, density

    def forward(self, tiles: Tensor) -> tuple[Tensor, Tensor]:
        outputs = self.network(tiles)
        return people_in(outputs, self.counted), density_in(outputs, self.density)


def graph_of(checkpoint: Checkpoint, wanted: Wanted) -> ModelProto:
    """Returns the graph without metadata; raises TrainerError if one of its maps was not trained."""
    wanted = settled(checkpoint, wanted)
    weights = checkpoint.network().state_dict()
    network = built(exported_config(checkpoint, wanted))
    network.take(weights)
    network = halved(network) if wanted.precision == "fp16" else network
    flat = _traced(_Flat(network, wanted.counted, wanted.density).eval())
    if wanted.calibration is not None and wanted.precision == "int8":
        flat = quantised(flat, wanted.calibration)
    model = separate(flat)
    if wanted.precision != "fp32":
        packed(model)
    if wanted.cascade:
        model = cascaded(wanted.cascade, model)
    _forget_origin(model.graph)
    onnx.checker.check_model(model, full_check=True)
    return model


def settled(checkpoint: Checkpoint, wanted: Wanted) -> Wanted:
    """Names the map that was left open; raises TrainerError if one that is named was not trained."""
    maps = list(checkpoint.config.model.outputs.maps)
    if not maps:
        raise TrainerError("this checkpoint has no map, and a model without a density cannot be exported; train one")
    named = wanted.density or maps[0]
    for name in (named, *wanted.counted):
        if name not in (COUNT, *maps) or named == COUNT:
            raise TrainerError(f"{name} was not trained; this checkpoint has {', '.join(maps)}")
    return replace(wanted, density=named)


def exported_config(checkpoint: Checkpoint, wanted: Wanted) -> ModelConfig:
    """Returns the configuration of what the exported file will hold."""
    return checkpoint.config.model.only(frozenset((wanted.density, *wanted.counted))).exported


def _traced(flat: nn.Module) -> ModelProto:
    word("tracing the network")
    example = torch.zeros(2, *TILE, 3, dtype=torch.uint8)
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


def _forget_origin(graph: GraphProto) -> None:
    """Removes what PyTorch notes at every node: lines of our sources, and where they lie on this machine."""
    del graph.metadata_props[:], graph.value_info[:]
    for node in graph.node:
        del node.metadata_props[:]
        node.ClearField("doc_string")
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _forget_origin(attribute.g)
