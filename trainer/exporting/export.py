"""From a checkpoint to the ONNX file that the engine reads.

Nothing is written before the graph was tried (`exporting.trial`). The figures in its metadata are its own, not those of
the checkpoint.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import onnx
from onnx import helper

from trainer.checkpoints import Checkpoint
from trainer.contract import CONTRACT, FACTS, KEY, facts_of
from trainer.errors import TrainerError
from trainer.evaluation.scores import scores
from trainer.exporting.cascade import said_cascade
from trainer.exporting.graph import Wanted, exported_config, graph_of, settled
from trainer.exporting.trial import Outcome, Trial, tried
from trainer.files import reason, written_whole
from trainer.geometry import TILE
from trainer.learning.licences import DATA, ORIGIN, START_LICENCE, TEACHER, TEACHER_LICENCE
from trainer.networks.model import ModelConfig
from trainer.networks.outputs import said_counted


def export(checkpoint: Checkpoint, path: Path, wanted: Wanted, trial: Trial, facts: Mapping[str, str]) -> Outcome:
    """Makes the graph, tries it, and writes it to `path`.

    Args:
        checkpoint: the trained network.
        path: of the ONNX file; written whole or not at all.
        wanted: which map and which numbers.
        trial: what it must stand first.
        facts: metadata beside what the checkpoint knows: name, licence and checkpoint_hash.

    Raises:
        TrainerError: the branch was not trained, or the graph counts too differently from the network.
    """
    wanted = settled(checkpoint, wanted)
    model = graph_of(checkpoint, wanted)
    model.graph.name = path.stem
    metadata = _metadata(checkpoint, wanted) | dict(facts)
    if missing := [name for name in FACTS if name not in metadata]:
        raise ValueError(f"facts lack {', '.join(missing)}, which the contract demands")
    outcome = tried(checkpoint, model, wanted, trial)
    own = scores(outcome.after)
    metadata |= {"validation_mae": f"{own.mae:.3f}", "validation_rmse": f"{own.rmse:.3f}"}
    metadata["validation_data"] = f"{trial.pictures.name}, {own.pictures} held-out pictures"
    helper.set_model_props(model, {KEY + name: value for name, value in metadata.items()})
    with written_whole(path, "model") as partial:
        partial.write_bytes(model.SerializeToString())
    return outcome


def file_hash(path: Path) -> str:
    """Returns the SHA-256 of a file, in hexadecimal."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise TrainerError(f"{path} cannot be read: {reason(error)}") from error


def metadata_of(path: Path) -> dict[str, str]:
    """Returns the facts that an exported file carries, under their names in the contract."""
    return facts_of(onnx.load(path, load_external_data=False))


def _metadata(checkpoint: Checkpoint, wanted: Wanted) -> dict[str, str]:
    config = checkpoint.config.model
    return {
        "contract": CONTRACT,
        "architecture": config.architecture,
        "width": str(config.width),
        "model": json.dumps(asdict(exported_config(checkpoint, wanted))),
        "tile": "x".join(map(str, TILE)),
        "map": wanted.density,
        "count": said_counted(wanted.counted),
        **(said_cascade(wanted.cascade) if wanted.cascade else {}),
        "density_stride": str(config.outputs.maps[wanted.density]),
        "precision": wanted.precision,
        "preprocessing": _preprocessing(config),
        "training_data": checkpoint.facts.get(DATA) or "unknown",
        **_start(checkpoint.facts),
        "validation_mae": "unknown",
        "validation_rmse": "unknown",
        "training_steps": str(checkpoint.step),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _start(known: Mapping[str, str]) -> dict[str, str]:
    """Returns what the weights started from, with its data, and who taught them, each with its licence."""
    kept = {"start": ORIGIN} | {name: name for name in (START_LICENCE, TEACHER, TEACHER_LICENCE)}
    return {name: known[own] for name, own in kept.items() if known.get(own)}


def _preprocessing(config: ModelConfig) -> str:
    mean, deviation = (" ".join(map(str, values)) for values in config.pixels)
    return f"inside the graph: RGB / 255, minus {mean}, by {deviation}"
