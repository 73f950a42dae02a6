"""The ONNX contract: what an exported file calls its inputs and outputs, and the facts it carries in its metadata."""

CONTRACT = "1"
KEY = "deepcount."
"""Before the name of every fact."""
INPUTS = ("tiles", "with_density")
OUTPUTS = ("count", "density")
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
