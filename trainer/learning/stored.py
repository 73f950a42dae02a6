"""A teacher's outputs in a folder: written once for the tiles of a training, read by every student of them.

Which tiles those are is decided by pictures, seed, batch and augmentation, so all of these stand in the folder's
manifest, and a training that draws other tiles is refused. Outputs lie in shards of some steps each, whose hashes the
manifest has; it is written after each, so that what was stopped goes on where it was.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from trainer.config import TrainConfig
from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.files import content_hash, reason, written_whole
from trainer.learning.parallel import share
from trainer.learning.teacher import Shape, Teacher
from trainer.networks.outputs import COUNT, Outputs

MANIFEST = "teacher.json"
FORMAT = "deepcount-teacher-1"
SHARD_STEPS = 25
ADDED = ("crops.repeated", "crops.pasted", "crops.among")
"""What came after the format: where it is off, tiles are those of before."""
STORED = torch.float16
"""What maps and features are stored as; counts stay float32."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of stored outputs holds."""

    teacher: str
    """Its file and the hash of that."""
    tile: tuple[int, int]
    shapes: Mapping[str, Shape]
    drawn: Mapping[str, Any]
    """What decides the tiles, beside the pictures."""
    pictures: Sequence[tuple[str, str]]
    """Name and hash of each, in their order."""
    licence: str = ""
    """Of the teacher."""
    steps: int = 0
    """That are stored."""
    shards: Mapping[str, str] = field(default_factory=dict)
    """File to SHA-256."""

    def to_json(self) -> str:
        """Returns the manifest as text."""
        return json.dumps({"format": FORMAT} | asdict(self), indent=1) + "\n"


def described(teacher: Teacher, config: TrainConfig, pictures: Sequence[Annotated]) -> Manifest:
    """Returns the manifest of a folder that holds nothing yet."""
    return Manifest(
        teacher.name, teacher.tile, teacher.shapes, drawn_by(config), hashes_of(pictures, config), teacher.licence
    )


def drawn_by(config: TrainConfig) -> dict[str, Any]:
    """Returns what decides which tiles a training draws, beside its pictures; tuples as JSON has them."""
    named = {"seed": config.seed, "batch": config.batch, "tile": config.model.tile}
    crops = {f"crops.{key}": value for key, value in asdict(config.crops).items()}
    drawn: dict[str, Any] = json.loads(json.dumps(named | crops))
    return {key: value for key, value in drawn.items() if value or key not in ADDED}


def hashes_of(pictures: Sequence[Annotated], config: TrainConfig) -> list[tuple[str, str]]:
    """Returns name and hash of each picture with its head points, and with their sizes where these decide tiles."""
    known: dict[int, tuple[str, str]] = {}
    for picture in pictures:  # of balanced sets some come again
        if id(picture) not in known:
            sizes = picture.sizes.tobytes() if config.crops.sets_people and picture.sizes is not None else b""
            digest = hashlib.sha256(picture.picture.tobytes() + picture.points.tobytes() + sizes).hexdigest()
            known[id(picture)] = picture.name, digest[:16]
    return [known[id(picture)] for picture in pictures]


def read_manifest(folder: Path) -> Manifest:
    """Reads a folder's manifest; raises TrainerError if it is none."""
    path = folder / MANIFEST
    try:
        table = json.loads(path.read_text("utf-8"))
        if table.pop("format") != FORMAT:
            raise ValueError(f"it is of another format, expected {FORMAT}")
        table["tile"] = tuple(table["tile"])
        table["shapes"] = {name: tuple(shape) for name, shape in table["shapes"].items()}
        table["pictures"] = [(str(name), str(digest)) for name, digest in table["pictures"]]
        return Manifest(**table)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainerError(f"{path} cannot be read as a manifest of stored outputs: {reason(error)}") from error


def check_same(stored: Manifest, config: TrainConfig, pictures: Sequence[Annotated]) -> None:
    """Raises TrainerError where a training draws other tiles than outputs are stored for: what differs first."""
    for number, (theirs, own) in enumerate(zip_longest(stored.pictures, hashes_of(pictures, config)), 1):
        if theirs != own:
            have, want = (f"{pair[0]!r}" if pair else "none" for pair in (theirs, own))
            other = " with other content" if have == want else ""
            raise TrainerError(
                f"outputs of teacher {stored.teacher} are stored for other pictures: picture {number} is {have} "
                f"there and {want}{other} here; run `deepcount-trainer teach` with this training's data"
            )
    now = drawn_by(config)
    for key in {**now, **stored.drawn}:
        if now.get(key) != stored.drawn.get(key):
            then = json.dumps(stored.drawn.get(key))
            raise TrainerError(
                f"outputs of teacher {stored.teacher} are stored for other tiles, and so already of "
                f"{stored.pictures[0][0]!r}: {key} is {then} there and {json.dumps(now.get(key))} here"
            )


def stored_teacher(folder: Path) -> Teacher:
    """Opens a folder of stored outputs, whose `check` compares a training with it; TrainerError if it is none."""
    manifest = read_manifest(folder)
    shards = _Shards(folder, manifest)
    size = int(manifest.drawn["batch"])

    def run(step: int, tiles: Tensor) -> Outputs:
        part, parts = share()
        own = slice(part * size // parts, (part + 1) * size // parts)
        return shards.outputs(step, own, tiles.device)

    def check(config: TrainConfig, pictures: Sequence[Annotated]) -> None:
        check_same(manifest, config, pictures)
        if manifest.steps < config.steps:
            raise TrainerError(
                f"{folder} holds the outputs of {manifest.steps} steps, this training has {config.steps}; go on with "
                f"`deepcount-trainer teach`, or train with --set steps={manifest.steps}"
            )

    return Teacher(manifest.teacher, manifest.tile, manifest.shapes, run, manifest.licence, check)


class _Shards:
    """Reads shards, and keeps the last one."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder, self._manifest = folder, manifest
        self._number, self._kept = -1, dict[str, Tensor]()

    def outputs(self, step: int, own: slice, device: torch.device) -> Outputs:
        """Returns the outputs of a step's own tiles."""
        number, place = divmod(step, SHARD_STEPS)
        if number != self._number:
            self._kept, self._number = self._read(shard_name(number)), number
        found = {name: values[place][own].to(device).float() for name, values in self._kept.items()}
        maps = {name: x for name, x in found.items() if len(self._manifest.shapes[name]) == 2}
        features = {name: x for name, x in found.items() if len(self._manifest.shapes[name]) == 3}
        return Outputs(found.get(COUNT), maps, {}, features)

    def _read(self, name: str) -> dict[str, Tensor]:
        path = self._folder / name
        if content_hash(path) != self._manifest.shards.get(name):
            raise TrainerError(
                f"{path} is damaged: its checksum differs from the manifest's; delete it and teach again"
            )
        try:
            return load_file(path)
        except SafetensorError as error:
            raise TrainerError(f"{path} cannot be read: {reason(error)}") from error


def shard_name(number: int) -> str:
    """Returns the file of a shard, counted from 0."""
    return f"outputs-{number:06}.safetensors"


def whole_shards(folder: Path, wanted: Manifest, steps: int) -> Manifest:
    """Returns the manifest of what a folder holds already, without shards that are damaged, or too short to go on from.

    Args:
        folder: which may be empty.
        wanted: its manifest at the start.
        steps: that shall be stored in the end.

    Raises:
        TrainerError: the folder holds the outputs of another teacher or of other tiles.
    """
    if not (folder / MANIFEST).exists():
        return wanted
    found = read_manifest(folder)
    for key in ("teacher", "drawn", "pictures", "shapes"):
        if getattr(found, key) != getattr(wanted, key):
            raise TrainerError(f"{folder} holds outputs of another {key.removesuffix('s')}; choose another --out")
    shards = dict[str, str]()
    for number in range(len(found.shards)):
        name = shard_name(number)
        if not (folder / name).is_file() or content_hash(folder / name) != found.shards.get(name):
            break
        shards[name] = found.shards[name]
    stored = min(found.steps, SHARD_STEPS * len(shards))
    if stored < steps and stored % SHARD_STEPS:
        shards.pop(shard_name(len(shards) - 1))
        stored -= stored % SHARD_STEPS
    return replace(found, steps=stored, shards=shards)


def write_shard(folder: Path, manifest: Manifest, steps: Sequence[Outputs]) -> Manifest:
    """Writes the outputs of some steps as the next shard; returns the manifest with it, which is written too."""
    name = shard_name(len(manifest.shards))
    every = [dict(_named(outputs)) for outputs in steps]
    tensors = {key: torch.stack([step[key] for step in every]).contiguous() for key in every[0]}
    with written_whole(folder / name, "stored outputs") as partial:
        try:
            save_file(tensors, partial)
        except SafetensorError as error:  # how the library reports a full disk
            raise TrainerError(f"stored outputs {folder / name} cannot be written: {reason(error)}") from error
    shards = {**manifest.shards, name: content_hash(folder / name)}
    manifest = replace(manifest, steps=manifest.steps + len(steps), shards=shards)
    with written_whole(folder / MANIFEST, "manifest") as partial:
        partial.write_text(manifest.to_json(), "utf-8")
    return manifest


def _named(outputs: Outputs) -> Iterator[tuple[str, Tensor]]:
    if outputs.count is not None:
        yield COUNT, outputs.count.detach().float().cpu()
    for name, values in {**outputs.maps, **outputs.features}.items():
        yield name, values.detach().to(STORED).cpu()
