"""What a term of the objective looks at: a network's outputs, the truth of their batch, and a teacher's outputs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor

from trainer.errors import TrainerError
from trainer.networks.outputs import COUNT, Outputs
from trainer.tiles.batch import Batch

MAPS, FEATURE = "maps", "feature "
TRUTH, TEACHER = "truth", "teacher"


@dataclass(frozen=True, slots=True)
class Seen:
    """Outputs and truth of N tiles, on one device."""

    found: Outputs
    batch: Batch
    weight: Tensor = field(repr=False)
    """What is left of one person in each tile, (N,), float32."""
    teacher: Outputs | None = None

    @property
    def tile(self) -> tuple[int, int]:
        """Height and width of the tiles in pixels."""
        height, width = self.batch.tiles.shape[1:3]
        return height, width

    def damped(self, people: Tensor) -> Tensor:
        """Returns people (N, ...) in what is left of one in each tile, float32."""
        return self.weight.reshape(-1, *[1] * (people.dim() - 1)) * people.float()

    def both(self, name: str, against: str) -> tuple[Tensor, Tensor]:
        """Returns an output in people and what it is compared with, of one shape.

        Args:
            name: of the output, `count` or that of a map.
            against: `truth`, `teacher` for its output of the same name, or `teacher` and the name of another.

        Raises:
            TrainerError: there is no such output, no teacher, or its map has other cells.
        """
        found = people(self.found, name)
        if against == TRUTH:
            return found, self.batch.counts if name == COUNT else self._drawn(name, found)
        taught = people(self.taught, taught_name(name, against))
        if taught.shape != found.shape:
            raise TrainerError(_other_stride(name, found, taught_name(name, against), taught, self.tile))
        return found, taught.to(found.device)

    @property
    def taught(self) -> Outputs:
        """The teacher's outputs; raises TrainerError where there is none."""
        if self.teacher is None:
            raise TrainerError("the objective compares with a teacher and none is given; name one with --teacher FILE")
        return self.teacher

    def feature(self, name: str, against: str = TEACHER) -> tuple[Tensor, Tensor]:
        """Returns features of the network, and those of the teacher; both must be as high and wide."""
        found = chosen(self.found.features, name, FEATURE)
        taught = chosen(self.taught.features, taught_name(name, against), FEATURE)
        if taught.shape != found.shape:
            raise TrainerError(
                f"feature {name!r} is {tuple(found.shape[1:])} in the student and {tuple(taught.shape[1:])} in the "
                "teacher; compare layers of one stride"
            )
        return found, taught

    def _drawn(self, name: str, found: Tensor) -> Tensor:
        """Returns the ground truth with the cells of a map."""
        for truth in self.batch.maps.values():
            if truth.shape == found.shape:
                return truth
        known = ", ".join("x".join(map(str, truth.shape[1:])) for truth in self.batch.maps.values())
        raise TrainerError(
            f"output {name!r} has {'x'.join(map(str, found.shape[1:]))} cells, ground truth was drawn with {known}"
        )


def people(outputs: Outputs, name: str) -> Tensor:
    """Returns a count (N,), in its place the sum of the finest map, or the map (N, h, w) of a name."""
    if name != COUNT:
        return chosen(outputs.maps, name)
    if outputs.count is None and not outputs.maps:
        raise TrainerError("the objective compares a count, and this network gives neither a count nor a map")
    return outputs.people


def chosen(outputs: dict[str, Tensor], name: str, what: str = "") -> Tensor:
    """Returns an output by its name; raises TrainerError with those that there are."""
    if name not in outputs:
        known = ", ".join(outputs) or "none"
        raise TrainerError(f"the objective compares {what}{name!r}, which this network does not give; it gives {known}")
    return outputs[name]


def taught_name(name: str, against: str) -> str:
    """Returns which of a teacher's outputs an output is compared with."""
    return against.removeprefix(TEACHER).strip() or name


def other_maps(maps: Sequence[str], named: Sequence[str]) -> list[str]:
    """Returns those maps that no term names."""
    return [name for name in maps if name not in named]


def _other_stride(name: str, found: Tensor, other: str, taught: Tensor, tile: tuple[int, int]) -> str:
    if found.dim() == 1 or taught.dim() == 1 or len(found) != len(taught):
        return f"{name!r} is {tuple(found.shape)} in the student, {other!r} is {tuple(taught.shape)} in the teacher"
    own, theirs = (f"cells of {tile[0] / x.shape[1]:g}x{tile[1] / x.shape[2]:g} pixels" for x in (found, taught))
    return f"{name!r} has {own}, the teacher's {other!r} has {theirs}; compare maps of one stride"
