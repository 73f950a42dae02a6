"""The model card: what a person should know before trusting an exported model, as Markdown and a picture beside it.

`NAME.onnx` gets the whole card; `NAME.fp16.onnx` and the like, which are the same weights, get a short one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from trainer.checkpoints import Checkpoint
from trainer.contract import CROWD, FIRST, TABLES
from trainer.datasets import Dataset, load_all
from trainer.evaluation.counters import onnx_counter
from trainer.evaluation.evaluate import Measured, measure
from trainer.evaluation.examination import Examination, examination_text, examined
from trainer.evaluation.groups import by_data_set
from trainer.evaluation.scenes import Group, Scene, draw_sheet
from trainer.evaluation.scores import Scores, score_table, scores
from trainer.evaluation.worst import typical_of, worst_in_turns
from trainer.exporting.export import file_hash, metadata_of
from trainer.exporting.markdown import command, data_options, table, wrapped
from trainer.exporting.origin import origin, recipe
from trainer.exporting.trial import LARGEST_DIFFERENCE, Outcome
from trainer.exporting.weaknesses import weaknesses
from trainer.files import written_whole
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.networks.families import FAMILIES

SHOWN = 6
"""Pictures of each kind on the sheet."""
BAD = "Counted badly: the largest errors, and the largest for their crowds"
TYPICAL = "Counted as usual: errors for their crowds near the median, from few people to many"
FULL = "fp32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a card is about."""

    exported: Path
    checkpoint: Checkpoint
    checkpoint_name: str
    data: tuple[Path, ...]
    """Folders of the held-out pictures."""
    choice: tuple[str, ...] = ()
    """Options that chose labels and held-out pictures in them."""
    held_out: Dataset
    """The pictures of the trial."""
    shown: Dataset | None = None
    """Annotated pictures for the card's sheet, where those of the trial may not be passed on."""
    behaves: bool = True
    """Whether the card shall tell how the model behaves, which takes far longer than all else."""

    @property
    def is_variant(self) -> bool:
        """Whether the file lies beside the one that has the whole card."""
        return "." in self.exported.stem

    @property
    def said_data(self) -> list[str]:
        """The data as options of a command, without the places of one machine."""
        return [*data_options(self.data), *self.choice]


def write_card(subject: Subject, outcome: Outcome) -> list[Path]:
    """Writes the card beside the exported file and, unless that is a variant, a sheet of pictures as JPEG.

    Args:
        subject: the exported file and where it comes from.
        outcome: of its trial on the held-out pictures.

    Returns:
        what was written, the card first.
    """
    facts = metadata_of(subject.exported)
    path = subject.exported.with_suffix(".md")
    if not subject.is_variant:
        sheet = [_drawn(subject, facts, outcome.after)]
        sections = [_identity(subject, facts, sheet[0]), *_whole(subject, facts, outcome)]
    else:
        sheet = []
        sections = [
            _identity(subject, facts),
            _figures(subject, facts, outcome),
            _agreement(outcome, facts["precision"]),
            origin(subject.checkpoint, facts),
        ]
    with written_whole(path, "model card") as partial:
        partial.write_text(wrapped("\n\n".join(sections)) + "\n", "utf-8")
    return [path, *sheet]


def _whole(subject: Subject, facts: Mapping[str, str], outcome: Outcome) -> Iterator[str]:
    yield _figures(subject, facts, outcome)
    yield _agreement(outcome, facts["precision"])
    examination = None
    if subject.behaves:
        examination = examined(onnx_counter(subject.exported), load_all(subject.held_out), outcome.after)
        yield _behaviour(subject, examination)
    yield weaknesses(outcome.after, facts, examination)
    yield origin(subject.checkpoint, facts)
    learnt_here = subject.held_out.name == facts["training_data"]
    yield recipe(subject.checkpoint, facts, subject.said_data if learnt_here else None)


def _drawn(subject: Subject, facts: Mapping[str, str], found: Sequence[Measured]) -> Path:
    """Draws the sheet of bad and typical pictures, of each kind at most half of all there are."""
    source = subject.held_out
    if subject.shown is not None:
        source = subject.shown
        found = list(measure(onnx_counter(subject.exported), load_all(source)))
    count = min(SHOWN, (len(found) + 1) // 2)
    bad = worst_in_turns(found, count)
    chosen = {BAD: bad, TYPICAL: typical_of(found, count, bad)}
    groups = [
        Group(title, [Scene(source[place], found[place]) for place in places])
        for title, places in chosen.items()
        if places
    ]
    path = subject.exported.with_suffix(".jpg")
    draw_sheet(groups, f"{facts['name']} on {source.name}, {'held-out' if subject.shown is None else 'shown'}", path)
    return path


def _identity(subject: Subject, facts: Mapping[str, str], sheet: Path | None = None) -> str:
    kind = "Held-out pictures" if subject.shown is None else f"Pictures of {subject.shown.name}"
    about = f"{kind} with head points and density map: counted badly above, as usual below"
    sight = f"![{about}]({quote(sheet.name)})" if sheet else _elsewhere(subject)
    shown = {name: value for name, value in facts.items() if name not in TABLES}
    hashed = f"SHA-256 of `{subject.exported.name}`: `{file_hash(subject.exported)}`"
    return f"""# {facts["name"]}

A crowd counter for the DeepCount engine. It takes tiles of {TILE_HEIGHT}x{TILE_WIDTH} pixels and returns the number \
of people in each, and on request a density map with cells of {facts["density_stride"]} pixels. \
{_manner(subject, facts)} {_width(subject, facts)}

{sight}

{table(("fact", "value"), sorted(shown.items())).replace("---:", "---")}

{hashed}"""


def _width(subject: Subject, facts: Mapping[str, str]) -> str:
    """Says how wide the network is, and whether its map is classified."""
    model = subject.checkpoint.config.model
    part = "Everything behind the frontend" if model.family == "deepcount" else "Every layer"
    said = f"{part} has {facts['width']} times the paper's channels."
    if not model.bins:
        return said
    return (
        f"{said} Cells of the classified map hold {', '.join(map(str, model.bins))} or more people (Ma et al., 2024)."
    )


def _elsewhere(subject: Subject) -> str:
    stem = subject.exported.name.partition(".")[0]
    return (
        f"Pictures, behaviour, weaknesses and the recipe are those of the same weights in `{stem}.onnx`: see its card."
    )


def _manner(subject: Subject, facts: Mapping[str, str]) -> str:
    model = subject.checkpoint.config.model
    if not model.outputs.has_count:
        return f"Its count is the sum of its map ({FAMILIES[model.family].source})."
    count = facts["count"].replace("the backbone", "what the backbone regresses")
    count = count.replace("branch", "the sum of the map of branch")
    mean = "the mean of " if " and " in count else ""
    own = f"The count is {mean}{count}; {facts['map']} gives the map ({FAMILIES[model.family].source})."
    if CROWD not in facts:
        return own
    return (
        f"It is two models in one: `{facts[FIRST + 'name']}` ({facts[FIRST + 'architecture']}, "
        f"{facts[FIRST + 'width']} times the paper's channels) counts every tile, and this network takes over from "
        f"{facts[CROWD]}, in a straight line; a tile with fewer does not pay for it. {own}"
    )


def _figures(subject: Subject, facts: Mapping[str, str], outcome: Outcome) -> str:
    groups = by_data_set(outcome.after, subject.held_out.name)
    if len(groups) > 1:
        groups["all"] = outcome.after
    rows = [_row(name, pictures, scores(pictures)) for name, pictures in groups.items()]
    held_out = (
        "held out as below" if any("--hold-out" in word for word in subject.choice) else "every tenth, sorted by number"
    )
    chosen = "The best checkpoint was" if CROWD not in facts else "The best checkpoint and the numbers of people were"
    of_the_file = f"""## Figures

Errors of the count in people per picture, on {facts["validation_data"]} ({held_out}). \
{chosen} chosen on these same pictures and the official test half was not used: expect somewhat more \
on new ones.

{table(("held out of", "pictures", "people", "MAE", "RMSE", "bias", "NAE"), rows)}

The exported file over all of them, with 95 % intervals:

```
$ {command(f"deepcount-trainer evaluate {subject.exported.name}", subject.said_data)}
{score_table(outcome.after)}
```"""
    if CROWD in facts:  # the checkpoint alone was not measured
        return of_the_file
    return f"""{of_the_file}

The checkpoint it was made from, with all its branches:

```
$ {command(f"deepcount-trainer evaluate {subject.checkpoint_name}", subject.said_data)}
{score_table(outcome.before)}
```"""


def _row(name: str, pictures: Sequence[Measured], now: Scores) -> list[str]:
    people = sum(picture.truth for picture in pictures)
    figures = f"{now.mae:.2f}", f"{now.rmse:.2f}", f"{now.bias:+.2f}", f"{now.nae:.3f}"
    return [name, str(now.pictures), f"{people:,}", *figures]


def _agreement(outcome: Outcome, precision: str) -> str:
    parity = outcome.parity
    said = (
        f"Over {parity.tiles} held-out tiles, PyTorch and ONNX Runtime differ by at most {parity.count:.5%} of a "
        f"count and {parity.density:.5%} of the integral of a density map"
    )
    if precision == FULL:
        return f"{said}; {LARGEST_DIFFERENCE:.1%} is allowed."
    before, after = scores(outcome.before).mae, scores(outcome.after).mae
    return f"{said}. In {precision} the MAE is {after:.3f}; that of the checkpoint, in float32, is {before:.3f}."


def _behaviour(subject: Subject, examination: Examination) -> str:
    return f"""## Behaviour

What is asked of a model beside being right on average: a map that agrees with the count and lies where the heads are, \
the same count when a picture is resized, and nobody where nobody is.

```
$ {command(f"deepcount-trainer examine {subject.exported.name}", subject.said_data)}
{examination_text(examination)}
```"""
