"""Tables put into the metadata of an exported file, whose graph stays as it is to the byte, and told in its card."""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import onnx
from onnx import helper

from trainer.contract import KEY
from trainer.errors import TrainerError
from trainer.exporting.markdown import wrapped
from trainer.files import reason, written_whole


def add_tables(path: Path, tables: Mapping[str, str]) -> None:
    """Writes facts into an exported file beside those that it has, or in their place.

    Raises:
        TrainerError: the file cannot be read or written.
    """
    model = onnx.load(path, load_external_data=False)
    facts = {each.key: each.value for each in model.metadata_props}
    helper.set_model_props(model, facts | {KEY + name: value for name, value in tables.items()})
    with written_whole(path, "model") as partial:
        partial.write_bytes(model.SerializeToString())


def tell_in_card(path: Path, heading: str, text: str, facts: Mapping[str, str] | None = None) -> Path | None:
    """Puts a section and the new hash into the card beside a file, in place of what stood there under the same heading.

    Args:
        path: of the file.
        heading: of the section.
        text: below it.
        facts: that have changed, for the card's table of them.

    Returns:
        The card; None where is none.

    Raises:
        TrainerError: the card cannot be read or written.
    """
    card = path.with_suffix(".md")
    if not card.is_file():
        return None
    try:
        content = card.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise TrainerError(f"model card {card} cannot be read: {reason(error)}") from error
    digest = sha256(path.read_bytes()).hexdigest()
    content = re.sub(rf"(SHA-256 of `{re.escape(path.name)}`: )`[0-9a-f]{{64}}`", rf"\1`{digest}`", content)
    if facts:
        content = re.sub(
            r"(?<=\| fact \| value \|\n\| --- \| --- \|\n)(\|.*\n)+", lambda m: _rows(m[0], facts), content
        )
    content = re.sub(rf"\n## {re.escape(heading)}\n.*?(?=\n## |\Z)", "", content, flags=re.DOTALL).rstrip("\n")
    with written_whole(card, "model card") as partial:
        partial.write_text(content + "\n\n" + wrapped(f"## {heading}\n\n{text}") + "\n", "utf-8")
    return card


def _rows(text: str, facts: Mapping[str, str]) -> str:
    """Returns the rows of a card's table of facts with these among them, in order."""
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in text.splitlines()}
    rows |= {name: f"| {name} | {value} |" for name, value in facts.items()}
    return "".join(f"{rows[name]}\n" for name in sorted(rows))
