"""The ONNX contract: what an exported file calls its inputs and outputs, and the facts it carries in its metadata."""

from onnx import ModelProto

CONTRACT = "1"
KEY = "deepcount."
"""Before the name of every fact."""
INPUTS = ("tiles", "with_density")
OUTPUTS = ("count", "density")
HEADS = "heads"
"""An output that may be left out, float32 (N,): how tall heads are in pixels of each tile."""
CROWD = "crowd"
"""An input with a default, float32 (2,), of a model that is two in one: at how many people the large one begins to take
over from the small one, and at how many it has."""
FIRST = "first_"
"""Before those facts of such a file that the small model brings: name, architecture, width and count."""
WHOLE = "whole_people"
"""The fact that a model counts whole people, and where."""
ERRORS = "errors"
"""Name of the table that says by how much counts are wrong."""
LIKENESS = "likeness"
"""Name of the table that says what training pictures look like."""
TABLES = (ERRORS, LIKENESS)
"""Facts that are read by programs, and not shown to people."""
FACTS = (
    "contract",
    "name",
    "architecture",
    "width",
    "tile",
    "density_stride",
    "training_data",
    "licence",
    "validation_mae",
    "validation_rmse",
    "checkpoint_hash",
    "date",
)

PACKED, SCALE = ".int8", ".scale"
"""Behind the name of a weight that is stored in whole numbers, and of what they are to be multiplied by."""


def facts_of(model: ModelProto) -> dict[str, str]:
    """Returns the facts that an exported model carries, under their names."""
    return {p.key.removeprefix(KEY): p.value for p in model.metadata_props if p.key.startswith(KEY)}
