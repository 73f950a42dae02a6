"""What this machine computes at best in ONNX Runtime: a matrix product, and the convolution that networks consist of.

A share of what the processor's maker promises says little: clock, memory and other guests of the machine differ by the
hour. So both are measured in the run whose model they are compared with.
"""

import statistics
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from onnx import GraphProto, TensorProto, helper

from engine.inference.onnxruntime_session import session_options
from engine.inference.runtime import PROVIDERS
from engine.inference.session import RunOptions

SIDE = 1024  # of the matrices
CHANNELS, HEIGHT, WIDTH = 128, 96, 128  # of the convolution, a quarter of a tile's sides
ROUNDS = 9
GIGA = 1e9


class Peak(NamedTuple):
    """Multiply-adds a second, in billions, with as many threads as the model has."""

    product: float
    """Of a matrix product in float32."""
    convolution: float
    """Of a 3x3 convolution in float32."""

    @property
    def best(self) -> float:
        """The larger of both."""
        return max(self)


def measured_peak(options: RunOptions) -> Peak:
    """Measures both, medians over some rounds."""
    return Peak(
        _speed(_product(), (SIDE, SIDE), SIDE**3, options),
        _speed(_convolution(), (1, CHANNELS, HEIGHT, WIDTH), 9 * CHANNELS**2 * HEIGHT * WIDTH, options),
    )


def _speed(graph: GraphProto, shape: tuple[int, ...], multiply_adds: int, options: RunOptions) -> float:
    import onnxruntime

    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), session_options(options), providers=[PROVIDERS["cpu"]]
    )
    given = {"x": _numbers(shape)}
    session.run(["y"], given)
    times = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        session.run(["y"], given)
        times.append(perf_counter() - begun)
    return multiply_adds / statistics.median(times) / GIGA


def _product() -> GraphProto:
    return _graph("MatMul", (SIDE, SIDE), (SIDE, SIDE))


def _convolution() -> GraphProto:
    return _graph("Conv", (1, CHANNELS, HEIGHT, WIDTH), (CHANNELS, CHANNELS, 3, 3), pads=[1, 1, 1, 1])


def _graph(kind: str, shape: tuple[int, ...], weights: tuple[int, ...], **attributes: Any) -> GraphProto:
    return helper.make_graph(
        [helper.make_node(kind, ["x", "w"], ["y"], **attributes)],
        "peak",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [helper.make_tensor("w", TensorProto.FLOAT, weights, _numbers(weights).tobytes(), raw=True)],
    )


def _numbers(shape: tuple[int, ...]) -> Any:
    return np.random.default_rng(1).standard_normal(shape, np.float32)
