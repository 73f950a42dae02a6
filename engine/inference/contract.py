"""What an ONNX file must hold to be one of our models; read before any of it is run.

The file is untrusted input. It is parsed without following references to other files (external data could name any file
of this machine), and refused unless its facts and its inputs and outputs are those of the contract.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from onnx import AttributeProto, GraphProto, ModelProto, TensorProto, ValueInfoProto

from engine.errors import ModelError
from engine.inference.error_table import ERRORS, ErrorTable
from engine.inference.likeness import LIKENESS, Likeness
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH
from engine.redaction import readable

CONTRACT = "1"
KEY = "deepcount."
REQUIRED = (
    "contract", "name", "architecture", "width", "tile", "density_stride", "training_data", "licence",
    "validation_mae", "validation_rmse", "checkpoint_hash", "date",
)  # fmt: skip
RETURNED = {"count": "FLOAT", "density": "FLOAT"}
FIRST_BYTE = b"\x08"
"""Of an ONNX file: the tag of its version, which is written first."""
LARGEST_BYTES = 2**30
LONGEST_FACT = 200  # characters
CROWD = "crowd"
"""An input that may be left out, float32 (2,), of a file that holds a small and a large model: at how many people in a
tile the large one begins to take over, and at how many it has. Without such people it is not run."""
HEADS = "heads"
"""An output that may be left out, float32 (N,): how tall heads are in pixels of each tile."""
WHOLE = "whole_people"
"""The fact that a model counts whole people, and where."""
TABLES = (ERRORS, LIKENESS)
"""Facts that are read by programs, and not shown to people."""
REMEDY = "export it with 'deepcount-trainer export'"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file that keeps the contract, read whole: what is checked is what is run."""

    path: Path
    content: bytes = field(repr=False)
    sha256: str
    facts: dict[str, str]
    """Metadata without the prefix 'deepcount.': name, training_data, validation_mae and so on."""
    has_crowd: bool = False
    """Whether it has the input `CROWD`."""
    has_heads: bool = False
    """Whether it has the output `HEADS`."""
    errors: ErrorTable | None = field(default=None, repr=False)
    """By how much its counts are wrong; None where the file does not say."""
    likeness: Likeness | None = field(default=None, repr=False)
    """What its training pictures look like; None where the file does not say."""

    @property
    def name(self) -> str:
        """What people call this model."""
        return self.facts["name"]

    @property
    def network(self) -> str:
        """Its architecture, for people; of two models in one file both."""
        own = f"{self.facts['architecture']}, width {self.facts['width']}"
        if not self.has_crowd:
            return own
        return f"{self.facts.get('first_architecture', 'a small model')}, and for crowded tiles {own}"

    @property
    def precision(self) -> str:
        """Of its weights and of what it computes: fp32, fp16 or int8."""
        return self.facts.get("precision", "fp32")


def read_model_file(path: Path) -> ModelFile:
    """Reads and checks an ONNX file.

    Raises:
        ModelError: no such file, no ONNX file, external data, facts missing, another contract or tile size.
    """
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise ModelError(f"model {path} {found}, expected an ONNX file or the name of one of ours")
    content = _content(path)
    model = _parsed(content, path)
    outside = next((t.name for t in _tensors(model.graph) if t.data_location == TensorProto.EXTERNAL), None)
    if outside is not None:
        raise ModelError(
            f"model {path} keeps the weights '{outside}' in another file, which is not allowed; {REMEDY}, in one file"
        )
    said = {p.key.removeprefix(KEY): p.value for p in model.metadata_props if p.key.startswith(KEY)}
    facts = {name: _fact(value) for name, value in said.items() if name not in TABLES}
    _check_facts(facts, path)
    _check_interface(model.graph, path)
    has_crowd = any(value.name == CROWD for value in model.graph.input)
    has_heads = any(value.name == HEADS for value in model.graph.output)
    errors, likeness = ErrorTable.read(said.get(ERRORS, "")), Likeness.read(said.get(LIKENESS, ""))
    return ModelFile(path, content, hashlib.sha256(content).hexdigest(), facts, has_crowd, has_heads, errors, likeness)


def _content(path: Path) -> bytes:
    """Reads a file that begins as one of ONNX does; others may be of any size."""
    try:
        with path.open("rb") as file:
            if file.read(1) != FIRST_BYTE:
                return b""
            if os.fstat(file.fileno()).st_size > LARGEST_BYTES:
                limit = f"{LARGEST_BYTES // 2**20} MB"
                raise ModelError(f"model {path} is larger than {limit}, expected an ONNX file; {REMEDY}")
            file.seek(0)
            return file.read()
    except OSError as error:
        raise ModelError(f"model {path} cannot be read: {error.strerror}") from error


def _fact(value: str) -> str:
    """Returns a fact as it may be shown and stored: whoever made the file chose the words."""
    return readable(value if len(value) <= LONGEST_FACT else f"{value[: LONGEST_FACT - 1]}…")


def _parsed(content: bytes, path: Path) -> ModelProto:
    try:
        model = ModelProto.FromString(content)
    except DecodeError:
        model = None
    if model is None or any(isinstance(text, bytes) for text in _texts(model)):
        raise ModelError(f"model {path} is no ONNX file, or a damaged one; {REMEDY}")
    if not model.graph.node:
        raise ModelError(f"model {path} is no ONNX file: it holds no graph; {REMEDY}")
    return model


def _texts(message: Message) -> Iterator[str | bytes]:
    """Yields all texts of a message, as bytes where they cannot be read as such."""
    for described, value in message.ListFields():
        values: Iterable[Any] = [value] if isinstance(value, str | bytes | Message) else value
        if described.type == FieldDescriptor.TYPE_STRING:
            yield from values
        elif described.type == FieldDescriptor.TYPE_MESSAGE:
            for inner in values:
                yield from _texts(inner)


def _check_facts(facts: dict[str, str], path: Path) -> None:
    missing = [name for name in REQUIRED if name not in facts]
    if missing:
        raise ModelError(f"model {path} is not one of ours: its metadata lacks {', '.join(missing)}; {REMEDY}")
    if facts["contract"] != CONTRACT:
        raise ModelError(
            f"model {path} has contract {facts['contract']!r}, this engine reads {CONTRACT!r}; {REMEDY} again"
        )
    expected = f"{TILE_HEIGHT}x{TILE_WIDTH}"
    if facts["tile"] != expected:
        raise ModelError(
            f"model {path} takes tiles of {facts['tile']}, this engine cuts tiles of {expected}; {REMEDY} again"
        )


def _check_interface(graph: GraphProto, path: Path) -> None:
    inputs = {value.name: _signature(value) for value in graph.input}
    needed = {"tiles": ("UINT8", (None, TILE_HEIGHT, TILE_WIDTH, 3)), "with_density": ("BOOL", ())}
    crowd = {CROWD: ("FLOAT", (2,))} if any(tensor.name == CROWD for tensor in graph.initializer) else {}
    if inputs not in (needed, needed | crowd):
        raise ModelError(
            f"model {path} takes {inputs}, expected tiles uint8 (N, {TILE_HEIGHT}, {TILE_WIDTH}, 3) and with_density "
            f"bool; {REMEDY} again"
        )
    outputs = {value.name: _signature(value)[0] for value in graph.output}
    if outputs not in (RETURNED, RETURNED | {HEADS: "FLOAT"}):
        raise ModelError(
            f"model {path} returns {outputs}, expected count, density and at most heads as float32; {REMEDY} again"
        )
    if any(not _signature(value)[1] for value in graph.output):
        raise ModelError(
            f"model {path} has an output that is a single number, expected one for each tile; {REMEDY} again"
        )


def _signature(value: ValueInfoProto) -> tuple[str, tuple[int | None, ...]]:
    tensor = value.type.tensor_type
    shape = tuple(d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim)
    kinds = TensorProto.DataType
    kind = kinds.Name(tensor.elem_type) if tensor.elem_type in kinds.values() else f"kind {tensor.elem_type}"
    return kind, shape


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from _attribute_tensors(attribute)


def _attribute_tensors(attribute: AttributeProto) -> Iterator[TensorProto]:
    if attribute.HasField("t"):
        yield attribute.t
    yield from attribute.tensors
    for graph in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
        yield from _tensors(graph)
