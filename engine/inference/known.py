"""The models that are found here: those that come with the product, those that cameras learnt, and others by name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ModelError
from engine.inference.contract import ModelFile, read_model_file
from engine.inference.session import RunOptions
from engine.inference.variants import main_file, remembered_race
from engine.paths import SHIPPED, default_models


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What is known of a model without running it; the file itself is not kept in memory."""

    name: str
    """How a configuration calls it: a name of ours, or the path of its file."""
    path: Path
    facts: Mapping[str, str]
    """Metadata; empty where it cannot be read."""
    is_cascade: bool = False
    """Whether a small model leaves crowded tiles to a large one, so that these cost more."""
    error_pictures: int | None = None
    """On how many held-out pictures it was measured how far its counts are off; None where its file does not say."""
    race: str = ""
    """What was measured when its files raced on this machine; empty where they did not."""
    problem: str = ""
    """Why it cannot be used."""

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with the product."""
        return self.name in SHIPPED


def known_models(more: Iterable[Path] = (), options: RunOptions | None = None) -> Iterator[KnownModel]:
    """Yields the models that are found, those of the product first, each once; reads their files, which takes time.

    Args:
        more: what configurations name.
        options: how models are run, by which races are known again.
    """
    own = sorted(default_models().glob("*/*.onnx"))
    wanted = [Path(name) for name in SHIPPED] + own + sorted(more)
    seen = set[Path]()
    for path in wanted:
        main = main_file(path).absolute()
        if main not in seen:
            seen.add(main)
            yield _known(path, main, options or RunOptions())


def _known(path: Path, main: Path, options: RunOptions) -> KnownModel:
    try:
        file: ModelFile = read_model_file(main)
    except ModelError as error:
        return KnownModel(str(path), main, {}, problem=str(error))
    pictures = file.errors.pictures if file.errors else None
    race = remembered_race(path, options)
    return KnownModel(str(path), main, file.facts, file.has_crowd, pictures, race)
