"""Where a model comes from: its data, its licence, and the command that trains it again."""

from collections.abc import Mapping, Sequence
from shlex import quote

from trainer.checkpoints import UNTRAINED, Checkpoint
from trainer.contract import CROWD, FIRST
from trainer.exporting.markdown import command
from trainer.learning.licences import (
    ORIGIN,
    START_LICENCE,
    STARTED,
    TEACHER,
    TEACHER_LICENCE,
    TOGETHER,
    UNLICENSED,
)
from trainer.learning.trained_weights import EXPORTED_AS
from trainer.networks.pretrained import TORCHVISION

FRONTENDS = {
    "vgg16": "the first ten convolutions of VGG-16 in shape, with ImageNet weights of the Visual Geometry Group, "
    "University of Oxford (Simonyan and Zisserman), CC BY 4.0",
    "vgg19": "the convolutions of VGG-19 with ImageNet weights of the Visual Geometry Group, University of Oxford "
    "(Simonyan and Zisserman), CC BY 4.0",
    "mobilenet_v2": "MobileNetV2 with ImageNet weights, Apache-2.0",
    "efficientnet_lite0": "EfficientNet-lite0 with Google's ImageNet weights, Apache-2.0",
}
OF_TORCHVISION = {
    "vgg16": "the first ten convolutions of VGG-16 with torchvision's ImageNet weights",
    "vgg19": "the convolutions of VGG-19 with torchvision's ImageNet weights",
}


def origin(checkpoint: Checkpoint, facts: Mapping[str, str]) -> str:
    """Returns the section of the card on data and licence."""
    points = [f"Weights: {facts['licence']}.", f"Trained on {facts['training_data']}."]
    learnt = facts["training_data"] + checkpoint.facts.get(ORIGIN, "")
    points += [
        f"{name} was published for research and **states no licence**: these weights are for research use, and nobody "
        "here can grant more."
        for name in UNLICENSED
        if name in learnt
    ]
    points.append(_frontend(checkpoint))
    if teacher := checkpoint.facts.get(TEACHER):
        terms = checkpoint.facts.get(TEACHER_LICENCE) or "of unstated licence"
        points.append(
            f"It learnt from a teacher too, {teacher}, whose terms are among those of these weights: {terms}."
        )
    if CROWD in facts:
        points.append(f"The small model inside is `{facts[FIRST + 'name']}`: its own card tells where it comes from.")
    return "\n".join(("## Data and licence\n", *(f"* {point}" for point in points)))


def recipe(checkpoint: Checkpoint, facts: Mapping[str, str], data: Sequence[str] | None) -> str:
    """Returns the section of the card on how to train the model again.

    Args:
        checkpoint: that was exported.
        facts: that the exported file carries.
        data: options that name the folders; None where only the names of the data sets are known.
    """
    if file := checkpoint.facts.get(EXPORTED_AS):
        return f"## Recipe\n\nIt was made of `{file}`, whose weights it has: see its card."
    folders = data or [f"--data {quote(name)}" for name in facts["training_data"].split(" + ")]
    run = quote(f"runs/{facts['name']}")
    again = [*folders, *_start(checkpoint.facts.get(ORIGIN, "")), *_teacher(checkpoint.facts), f"--run {run}"]
    config = checkpoint.config
    return f"""## Recipe

The checkpoint is of step {checkpoint.step} of {config.steps}, each of {config.batch} tiles. With the configuration \
below as `recipe.toml`:

```
$ {command("deepcount-trainer train --preset recipe.toml", again)}
```

```toml
{config.to_toml()}```"""


def _start(weights: str) -> list[str]:
    """Returns the options that name what a training started from, as far as the fact `weights` says."""
    if weights in ("", UNTRAINED):
        return []
    files, started, _ = weights.partition(STARTED)
    if not started:
        return [f"--weights {quote(files)}"]
    return [f"--start {quote(file)}" for file in files.split(TOGETHER)]


def _teacher(facts: Mapping[str, str]) -> list[str]:
    """Returns the option that names what a training learnt from beside the truth."""
    file, with_hash, _ = facts.get(TEACHER, "").rpartition(" (")
    return [f"--teacher {quote(file)}"] if with_hash else []


def _frontend(checkpoint: Checkpoint) -> str:
    shape, weights = checkpoint.config.model.frontend_name, checkpoint.facts.get(ORIGIN, "")
    file, started, data = weights.partition(STARTED)
    if weights == UNTRAINED:
        return f"Frontend: {shape}, learned from random weights."
    if weights == str(TORCHVISION):
        theirs = OF_TORCHVISION.get(shape, f"{shape} with torchvision's ImageNet weights")
        return f"Frontend: {theirs}."
    if started:
        terms = f" ({checkpoint.facts[START_LICENCE]})" if START_LICENCE in checkpoint.facts else ""
        return (
            f"It went on from {_named(file)}, trained on {data or 'unknown data'}{terms}, whose frontend is {shape}: "
            f"as a rule {_known(shape)}."
        )
    return f"Frontend: {_known(shape)}{f' (file `{file}`)' if file else ''}."


def _known(shape: str) -> str:
    """Says what frontends of this shape are."""
    return FRONTENDS.get(shape, f"{shape} with ImageNet weights")


def _named(files: str) -> str:
    names = [f"`{name}`" for name in files.split(TOGETHER)]
    return names[0] if len(names) == 1 else f"the mean of the weights of {' and '.join(names)}"
