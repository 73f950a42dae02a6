"""A training's whole configuration: one dataclass, filled from a TOML preset and overrides like `section.key=value`."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from trainer.arithmetic import AUTO, BF16, FP16, FP32, PRECISIONS
from trainer.errors import TrainerError
from trainer.files import reason
from trainer.filling import converted, fill
from trainer.networks.deepcount import DeepCountConfig
from trainer.networks.families import FAMILY
from trainer.networks.model import ModelConfig
from trainer.networks.outputs import COUNT, numbered
from trainer.objective.seen import MAPS
from trainer.objective.settings import ObjectiveConfig
from trainer.objective.terms import CrossEntropy, features_of
from trainer.tiles.density import GroundTruthConfig
from trainer.tiles.plan import CropConfig

PRESETS = Path(__file__).parent / "presets"
OPTIMISERS = ("sgd", "adam", "adamw")
SCHEDULES = ("constant", "step", "cosine")
PLACES = ("auto", "host", "device")
MODEL = "model"
"""The fact of an exported file that is its table `[model]`, as JSON."""
_TERMS = "terms"
SWITCHES = {"bf16": True, "fp16": False}
"""What older configurations have for `precision`, and what was meant where they were silent."""


@dataclass(frozen=True, slots=True)
class OptimiserConfig:
    """How the weights move. The defaults are the paper's (section 3.6)."""

    name: str = "sgd"
    """sgd, adam or adamw."""
    rate: float = 1e-4
    frontend_factor: float = 0.5
    """The pretrained frontend learns at `rate` times this."""
    frozen: int = 0
    """Layers of the frontend, from the picture on, that keep their pretrained weights."""
    schedule: str = "constant"
    """constant, step (see `drops`), or cosine: cooled to a hundredth at the last step."""
    drops: tuple[int, ...] = ()
    """Steps at which the schedule `step` multiplies the rate by `drop_factor`."""
    drop_factor: float = 0.1
    warm_up: int = 0
    """Steps over which the rate rises from zero."""
    momentum: float = 0.9
    """Of sgd."""
    beta1: float = 0.9
    """Of adam and adamw: how slowly the mean of the gradients moves, and below that of their squares."""
    beta2: float = 0.999
    eps: float = 1e-8
    """Of adam and adamw: added to the root of the mean square."""
    clip: float = 0.0
    """Largest norm of all gradients together, to which longer ones are shortened; 0 leaves them alone."""

    def __post_init__(self) -> None:
        for key, known in (("name", OPTIMISERS), ("schedule", SCHEDULES)):
            if getattr(self, key) not in known:
                what = "optimiser" if key == "name" else key
                raise ValueError(f"{what} is {getattr(self, key)!r}, expected one of {', '.join(known)}")
        for key in ("momentum", "beta1", "beta2"):
            if not 0 <= getattr(self, key) < 1:
                raise ValueError(f"{key} is {getattr(self, key)}, expected a number from 0 to below 1")
        for key in ("rate", "drop_factor", "eps"):
            if not getattr(self, key) > 0:
                raise ValueError(f"{key} is {getattr(self, key)}, expected a number above 0")
        if not self.clip >= 0:
            raise ValueError(f"clip is {self.clip}, expected a norm above 0, or 0 for none")


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything that decides the result of a training, apart from the data and the pretrained weights."""

    model: ModelConfig = field(default_factory=DeepCountConfig)
    """Of the family that its key `family` names; see `deepcount-trainer describe`."""
    crops: CropConfig = field(default_factory=CropConfig)
    ground_truth: GroundTruthConfig = field(default_factory=GroundTruthConfig)
    objective: ObjectiveConfig = field(default_factory=ObjectiveConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    like_start: bool = False
    """Whether network, and what its count is, are those of the model that the training starts from."""
    counted: tuple[str, ...] = (COUNT,)
    """What the count is the mean of where it is evaluated and exported: count, the network's own, and sums of its maps
    by their names, such as branch 3. Numbers of branches are understood too, 0 for the count."""
    seed: int = 1
    batch: int = 32
    balanced: bool = False
    """Of several data sets each is drawn from equally often, not each picture."""
    steps: int = 10_000
    ema: float = 0.0
    """Decay of the averaged weights that are evaluated and exported; 0 evaluates the weights themselves."""
    evaluate_every: int = 500
    """Steps between two evaluations on the held-out pictures, each of which also writes the checkpoints."""
    patience: int = 0
    """Evaluations without a lower MAE after which the training ends; 0 goes on to the last step."""
    evaluation: str = "tiles"
    """How pictures are divided when they are counted: tiles, or, for networks that take any size, whole, at their own,
    or resized, all of a picture to one tile."""
    precision: str = AUTO
    """fp32, bf16, fp16 (with scaled gradients), or auto: bf16 where the machine computes it, else fp16 on a GPU and
    fp32 on a processor. A training records which it was."""
    pictures: str = "auto"
    """Where decoded pictures are kept and tiles are cut: device, host, or auto: on the GPU where they fit."""

    def __post_init__(self) -> None:
        if self.patience < 0:
            raise ValueError(f"patience is {self.patience}, expected a number of evaluations, or 0 for none")
        for name in ("batch", "steps", "evaluate_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")
        for key, choices in (("pictures", PLACES), ("precision", PRECISIONS)):
            if getattr(self, key) not in choices:
                raise ValueError(f"{key} is {getattr(self, key)!r}, expected one of {', '.join(choices)}")
        if self.evaluation not in self.model.ways:
            ways = ", ".join(self.model.ways)
            raise ValueError(f"evaluation is {self.evaluation!r}, {self.model.family} takes pictures as {ways}")
        known = self.model.outputs.counted
        if not self.counted or len(set(self.counted) & set(known)) < len(self.counted):
            raise ValueError(f"counted is {list(self.counted)}, expected some of {', '.join(known)}, each once")
        if not 0 <= self.ema < 1:
            raise ValueError(f"ema is {self.ema}, expected a decay from 0 to below 1")
        if not self.like_start:  # else the network is another
            self._check_terms()

    def _check_terms(self) -> None:
        """Raises ValueError for a term of something that the network does not give, or of other bins."""
        given = self.model.outputs
        for term in self.objective.terms:
            is_of_people = not isinstance(term, CrossEntropy) and not features_of(term)
            known = [*given.logits] if isinstance(term, CrossEntropy) else [*given.features]
            known = [COUNT, MAPS, *given.maps] if is_of_people else known
            for name in features_of(term) or [term.of]:
                if name not in known:
                    said = ", ".join(known) or "none"
                    raise ValueError(f"a term {term.kind} is of {name!r}, this {self.model.family} gives {said}")
            if isinstance(term, CrossEntropy) and given.logits[term.of] and term.bins != self.model.bins:
                own, theirs = list(term.bins), list(self.model.bins)
                raise ValueError(f"the bins of a term {term.kind} are {own}, those of the model {theirs}")

    def to_json(self) -> str:
        """Returns the configuration as one line of JSON, for the checkpoint."""
        return json.dumps(asdict(self), sort_keys=True)

    def to_toml(self) -> str:
        """Returns the configuration as a TOML file that `load_config` takes."""
        table = asdict(self)
        sections = {name: value for name, value in table.items() if isinstance(value, dict)}
        lines = [_toml_line(name, value) for name, value in table.items() if name not in sections]
        for name, section in sections.items():
            lines += ["", f"[{name}]", *(_toml_line(key, value) for key, value in section.items() if key != _TERMS)]
            for term in section.get(_TERMS, ()):
                lines += ["", f"[[{name}.{_TERMS}]]", *(_toml_line(key, value) for key, value in term.items())]
        return "\n".join(lines) + "\n"


def preset_names() -> list[str]:
    """Names of the presets that come with the trainer."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_config(preset: str | None, overrides: Sequence[str] = ()) -> TrainConfig:
    """Builds a configuration from a preset's name (or a TOML file) and overrides like `optimiser.rate=3e-4`.

    Raises:
        TrainerError: an unknown preset, key or value, named with what was expected.
    """
    table: dict[str, Any] = {}
    if preset is not None:
        path = Path(preset) if preset.endswith(".toml") else PRESETS / f"{preset}.toml"
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise TrainerError(f"preset {preset!r} does not exist; there are: {', '.join(preset_names())}") from None
        except (OSError, ValueError) as error:
            raise TrainerError(f"preset {path} cannot be read: {reason(error)}") from error
    return from_table(overridden(table, overrides))


def overridden(table: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Puts overrides like `optimiser.rate=3e-4` into nested tables; raises TrainerError for what is none."""
    for item in overrides:
        _override(table, item)
    return table


def from_table(table: Mapping[str, Any]) -> TrainConfig:
    """Builds a configuration from nested tables (TOML or JSON); raises TrainerError naming the key that is wrong."""
    filled: TrainConfig = fill(TrainConfig(), _with_names(_with_precision(table)), "")
    return filled


def model_from(table: Mapping[str, Any]) -> ModelConfig:
    """Builds a network's configuration from a table `[model]`; raises TrainerError naming what is wrong."""
    model: ModelConfig = converted(DeepCountConfig(), table, "model")
    return model


def model_of(facts: Mapping[str, str]) -> ModelConfig:
    """Returns the network's configuration from what an exported file says of itself.

    Files of earlier releases say family, frontend and width; which branches DeepCount has, and the slope of its
    activations, is then to be seen in the file itself.

    Raises:
        TrainerError: it says none that is known here.
    """
    try:
        if MODEL in facts:
            return model_from(json.loads(facts[MODEL]))
        family, _, frontend = facts["architecture"].partition("-")
        table = {FAMILY: family, "frontend": frontend, "width": float(facts["width"])}
    except (KeyError, ValueError, AttributeError) as error:
        raise TrainerError(f"the facts name no network that can be built: {reason(error)}") from error
    return model_from(table)


def _with_names(table: Mapping[str, Any]) -> dict[str, Any]:
    """Puts names in the place of the numbers that older files have for `counted`."""
    counted = table.get("counted")
    if not isinstance(counted, list):
        return dict(table)
    return {**table, "counted": [numbered(item) if type(item) is int else item for item in counted]}


def _with_precision(table: Mapping[str, Any]) -> dict[str, Any]:
    """Puts `precision` in the place of the switches bf16 (on, unless it was switched off) and fp16 of older files."""
    rest = {key: value for key, value in table.items() if key not in SWITCHES}
    switches = SWITCHES | {key: converted(SWITCHES[key], table[key], key) for key in SWITCHES.keys() & table.keys()}
    if len(rest) < len(table):
        rest.setdefault("precision", FP16 if switches["fp16"] else BF16 if switches["bf16"] else FP32)
    return rest


def _override(table: dict[str, Any], item: str) -> None:
    name, equals, text = item.partition("=")
    if not equals:
        raise TrainerError(f"override {item!r} is no key=value, such as optimiser.rate=3e-4")
    try:
        value = tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        value = text
    *parents, last = name.strip().split(".")
    for parent in parents:
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise TrainerError(f"override {item!r}: '{parent}' is one value and has no keys of its own")
    table[last] = value


def _toml_line(name: str, value: Any) -> str:
    return f"{name} = {json.dumps(value)}"  # JSON and TOML write texts, numbers, booleans and lists alike
