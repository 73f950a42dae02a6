"""How far off a count may be: what the model's card says, and what people found on single frames."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.checks.spot_check import Errors
from engine.paths import SHIPPED

TABLE = "| held out of |"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Errors of a model on pictures that it was not trained on."""

    name: str
    pictures: str
    mae: str
    rmse: str
    bias: str


@dataclass(frozen=True, slots=True)
class Accuracy:
    """All that is known of it."""

    held_out: tuple[HeldOut, ...] = ()
    card: Path | None = None
    """Of the model; None where it is not here."""
    precision: str = ""
    checks: Errors | None = None
    """Of spot checks."""


def card_of(model_name: str, sha256: str, given: Path | None = None) -> Path | None:
    """Returns the card of a model that is known by its name and hash; None where it is not here.

    Args:
        model_name: as the log has it.
        sha256: of its file.
        given: a file that it may be too, beside those that come with the product.
    """
    for path in _candidates(model_name, given):
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            card = path.with_suffix(".md")
            return card if card.is_file() else None
    return None


def _candidates(model_name: str, given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
    main = SHIPPED.get(model_name)
    if main is not None:
        yield from (main, *sorted(main.parent.glob(f"{main.stem}.*.onnx")))


def held_out_of(card: Path | None) -> tuple[HeldOut, ...]:
    """Returns what a card says of pictures that the model was not trained on; nothing where it says none."""
    if card is None:
        return ()
    lines = card.read_text("utf-8", errors="replace").splitlines()
    start = next((place for place, line in enumerate(lines) if line.startswith(TABLE)), len(lines))
    found = []
    for line in lines[start + 2 :]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) < 6:
            break
        name, pictures, _, mae, rmse, bias, *_ = cells
        found.append(HeldOut(name, pictures, mae, rmse, bias))
    return tuple(found)


def precision_of(card: Path | None) -> str:
    """Returns the number format of a model's weights as its card says it; '' where it does not."""
    if card is None:
        return ""
    said = re.search(r"^\| precision \| (\w+) \|$", card.read_text("utf-8", errors="replace"), re.MULTILINE)
    return said[1] if said else ""
