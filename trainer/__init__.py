"""Builds crowd-counting models in PyTorch and exports them as ONNX files for the engine.

What a notebook needs is here by name (see docs/notebook.md), and loaded when it is asked for: PyTorch takes a second.

ONNX Runtime would report each use to its maker, matplotlib write into folders of its own, and PyTorch's threads spin:
all look when they are imported, so all are told here.
"""

import os
from importlib import import_module
from typing import Any

from platformdirs import user_cache_path

from trainer.waiting import wait_asleep

wait_asleep()
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("MPLCONFIGDIR", str(user_cache_path("deepcount", appauthor=False) / "matplotlib"))

_FROM = {
    "checkpoints": ("Checkpoint", "load_checkpoint", "save_checkpoint"),
    "config": ("TrainConfig", "load_config"),
    "datasets": ("Annotated", "Choice", "Dataset", "load_all", "open_dataset", "open_datasets"),
    "errors": ("TrainerError",),
    "evaluation.counters": ("load_counter",),
    "evaluation.evaluate": ("Measured", "measure"),
    "evaluation.scores": ("Scores", "score_table", "scores"),
    "evaluation.tiling": ("sample_tiles",),
    "exporting.export": ("export", "file_hash"),
    "exporting.graph": ("Wanted",),
    "exporting.trial": ("Trial",),
    "learning.loop": ("train",),
    "learning.run": ("Run",),
    "learning.teacher": ("Teacher", "load_teacher"),
    "learning.training": ("Trainer",),
    "networks.families": ("built",),
    "networks.model": ("ModelConfig",),
    "networks.outputs": ("Outputs",),
    "objective.loss": ("ObjectiveConfig", "loss"),
    "tiles.batch": ("Batch",),
    "tiles.crops": ("Sampler",),
    "tiles.plan": ("CropConfig",),
}
_HOME = {name: f"trainer.{module}" for module, names in _FROM.items() for name in names}


def __getattr__(name: str) -> Any:
    """Loads what is asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'trainer' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
