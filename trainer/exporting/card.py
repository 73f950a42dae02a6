"""The model card: what a person should know before trusting an exported model, as Markdown beside the ONNX file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer.evaluation.counters import onnx_counter
from trainer.evaluation.evaluate import Picture
from trainer.evaluation.scores import score_table, scores
from trainer.exporting.export import LARGEST_DIFFERENCE, Outcome, file_hash, metadata_of
from trainer.files import written_whole
from trainer.learning.checkpoint import UNTRAINED, Checkpoint
from trainer.networks.frontends import TORCHVISION
from trainer.networks.model import TILE_HEIGHT, TILE_WIDTH

FRONTENDS = {
    "vgg16": "the first ten convolutions of VGG-16 in shape, with ImageNet weights of the Visual Geometry Group,\n"
    "  University of Oxford (Simonyan and Zisserman), CC BY 4.0",
    "mobilenet_v2": "MobileNetV2 with ImageNet weights, Apache-2.0",
}
EMPTY = {"black": 0, "grey": 128, "white": 255}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a card is about."""

    exported: Path
    checkpoint: Checkpoint
    checkpoint_name: str
    data: tuple[Path, ...]
    """Folders of the held-out pictures."""


def write_card(subject: Subject, outcome: Outcome) -> Path:
    """Writes the card beside the exported file and returns its path.

    Args:
        subject: the exported file and where it comes from.
        outcome: of its trial on the held-out pictures.
    """
    facts = metadata_of(subject.exported)
    sections = (
        _identity(subject, facts),
        _origin(subject.checkpoint, facts),
        _recipe(subject.checkpoint),
        _figures(subject, facts, outcome.before, outcome.after),
        _agreement(outcome, facts["precision"]),
        _weaknesses(subject.exported, outcome.after),
    )
    path = subject.exported.with_suffix(".md")
    with written_whole(path, "model card") as partial:
        partial.write_text("\n\n".join(sections) + "\n", "utf-8")
    return path


def _identity(subject: Subject, facts: Mapping[str, str]) -> str:
    lines = "\n".join(f"| {name} | {value} |" for name, value in sorted(facts.items()))
    return f"""# {facts["name"]}

A crowd counter for the DeepCount engine. It takes tiles of {TILE_HEIGHT}x{TILE_WIDTH} pixels and returns the number
of people in each, and on request a density map with cells of {facts["density_stride"]} pixels.
{_manner(subject, facts)}
Everything behind the frontend has {facts["width"]} times the paper's channels.

| fact | value |
|---|---|
{lines}

SHA-256 of `{subject.exported.name}`: `{file_hash(subject.exported)}`"""


def _manner(subject: Subject, facts: Mapping[str, str]) -> str:
    if subject.checkpoint.config.model.family == "csrnet":
        return 'Its count is the sum of its map (Li et al., "CSRNet: Dilated Convolutional Neural Networks").'
    averaged = facts["count"].removeprefix("the backbone").replace("and branch", "and of the map's sum of branch")
    mean = f"; the count is the mean of that{averaged}" if averaged else ""
    return (
        f"The backbone regresses the count, branch {facts['branch']} gives the map{mean}\n"
        '(Chen et al., "Deep Density-aware Count Regressor", Table 1).'
    )


def _origin(checkpoint: Checkpoint, facts: Mapping[str, str]) -> str:
    shape = checkpoint.config.model.frontend
    weights = checkpoint.facts.get("weights", "")
    frontend = f"{shape}, learned from random weights" if weights == UNTRAINED else FRONTENDS[shape]
    if weights == str(TORCHVISION):
        frontend = "the first ten convolutions of VGG-16 with torchvision's ImageNet weights"
    file = f" (file `{weights}`)" if weights not in ("", UNTRAINED, str(TORCHVISION)) else ""
    return f"""## Data and licence

* Weights: {facts["licence"]}.
* Trained on {facts["training_data"]}. ShanghaiTech was published for research and **states no licence**: these weights
  are for research use, and nobody here can grant more.
* Frontend: {frontend}{file}."""


def _recipe(checkpoint: Checkpoint) -> str:
    return f"""## Recipe

{checkpoint.step} steps of {checkpoint.config.batch} random tiles. The whole configuration, as
`deepcount-trainer train --preset FILE.toml` takes it:

```toml
{checkpoint.config.to_toml()}```"""


def _figures(subject: Subject, facts: Mapping[str, str], before: Sequence[Picture], after: Sequence[Picture]) -> str:
    data = " --data ".join("/".join(folder.resolve().parts[-2:]) for folder in subject.data)
    people = sum(picture.truth for picture in after)
    return f"""## Figures

In people per picture, on {facts["validation_data"]} (every tenth, sorted by number) with {people} people.
The best checkpoint was chosen on these same pictures and the official test half was not used: expect somewhat more
on new ones.

The exported file:

```
$ deepcount-trainer evaluate {subject.exported.name} --data {data}
{score_table(after)}
```

The checkpoint it was made from, with all its branches:

```
$ deepcount-trainer evaluate {subject.checkpoint_name} --data {data}
{score_table(before)}
```"""


def _agreement(outcome: Outcome, precision: str) -> str:
    parity = outcome.parity
    said = (
        f"Over {parity.tiles} held-out tiles, PyTorch and ONNX Runtime differ by at most {parity.count:.5%} of a\n"
        f"count and {parity.density:.5%} of the integral of a density map"
    )
    if precision == "fp32":
        return f"{said}; {LARGEST_DIFFERENCE:.1%} is allowed."
    before, after = scores(outcome.before).mae, scores(outcome.after).mae
    return f"{said}. In {precision} the MAE is {after:.3f}; that of the\ncheckpoint, in float32, is {before:.3f}."


def _weaknesses(exported: Path, found: Sequence[Picture]) -> str:
    worst = max(found, key=lambda picture: abs(picture.counts["count"] - picture.truth))
    empty = np.stack([np.full((TILE_HEIGHT, TILE_WIDTH, 3), value, np.uint8) for value in EMPTY.values()])
    counts = onnx_counter(exported)(empty).people["count"]
    said = ", ".join(f"{count:.1f} on a {name} one" for name, count in zip(EMPTY, counts, strict=True))
    bias = scores(found).bias
    return f"""## Known weaknesses

* Largest error on a held-out picture ({worst.name}): {worst.counts["count"]:.0f} counted, {worst.truth} annotated.
* On average it counts {abs(bias):.1f} people too {"many" if bias > 0 else "few"} in a held-out picture.
* On a tile with nobody in it, it counts {said}.
* It learned from one collection of pictures. Other camera heights, night, rain, fisheye lenses, interiors and crowds
  denser than those were not measured: check it on your own camera before relying on it.
* A picture is resized to whole tiles and their counts are summed. Heads of a few pixels, or as large as a quarter of
  a tile, are counted badly.
* Map and count are separate outputs and may disagree; where they do, the picture is unlike those it learned from."""
