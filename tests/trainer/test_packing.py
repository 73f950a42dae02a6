"""Weights that are packed into int8 count as before, and are unpacked once."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from trainer.checkpoints import Checkpoint
from trainer.config import load_config
from trainer.exporting.graph import Wanted, graph_of
from trainer.exporting.packing import packed
from trainer.networks.families import built


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    """A network whose branch holds large weights, as it comes from its random start."""
    config = load_config(None, ["model.width=0.25", "model.frontend=mobilenet_v2", "model.branches=[2]"])
    torch.manual_seed(3)
    return graph_of(Checkpoint(config, 0, dict(built(config.model).state_dict()), {}, {}), Wanted("branch 2"))


def copied(model: onnx.ModelProto) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return copy


def run(model: onnx.ModelProto) -> tuple[np.ndarray, np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    tiles = np.random.default_rng(1).integers(0, 256, (1, 384, 512, 3), np.uint8)
    count, density = session.run(["count", "density"], {"tiles": tiles, "with_density": np.array(True)})
    return count, density


def test_packing_halves_the_file_and_hardly_changes_what_is_counted(model: onnx.ModelProto) -> None:
    smaller = packed(copied(model))
    onnx.checker.check_model(smaller, full_check=True)
    assert smaller.ByteSize() < 0.5 * model.ByteSize()
    (count, density), (ours, mapped) = run(model), run(smaller)
    assert np.ptp(density) > 0
    assert ours == pytest.approx(count, rel=0.02, abs=1e-3)
    assert np.abs(mapped - density).max() < 0.03 * np.ptp(density)


def test_the_runtime_unpacks_when_it_starts_and_not_with_every_tile(model: onnx.ModelProto, tmp_path: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    content = packed(copied(model)).SerializeToString()
    onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    graph = onnx.load(options.optimized_model_filepath).graph
    inner = [a.g for node in graph.node for a in node.attribute if a.name == "then_branch"]
    nodes = [node for part in (graph, *inner) for node in part.node]
    assert not [node for node in nodes if any(name.endswith((".int8", ".wide", ".scale")) for name in node.input)]
