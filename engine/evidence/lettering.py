"""How wide texts are in reports, and how they are put into lines; by the font's own measures."""

from functools import lru_cache

from engine.evidence.drawing import FontProperties, findfont, get_font, text_to_path

MISSING = "\N{WHITE SQUARE}"


def breadth(text: str, size: float, *, bold: bool = False) -> float:
    """Returns how wide a text is, in points."""
    return size * sum(_advance(character, bold) for character in text)


@lru_cache(maxsize=4096)
def _advance(character: str, bold: bool) -> float:
    """Returns how wide a character is, in sizes of the font."""
    font = FontProperties(weight="bold" if bold else "normal", size=100)
    seen = drawable(character)
    double = text_to_path.get_text_width_height_descent(seen + "|", font, ismath=False)[0]
    return float(double - text_to_path.get_text_width_height_descent("|", font, ismath=False)[0]) / 100


def shortened(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Returns a text in one line of a width, with an ellipsis where it is too long."""
    if breadth(text, size, bold=bold) <= width:
        return text
    while text and breadth(f"{text}…", size, bold=bold) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Returns a text as lines of a width; a word that is too long is broken."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if breadth(longer, size, bold=bold) <= width:
            line = longer
            continue
        lines += [line] if line else []
        *full, line = _pieces(word, size, width, bold=bold)
        lines += full
    return [*lines, line] if line or not lines else lines


def _pieces(word: str, size: float, width: float, *, bold: bool) -> list[str]:
    """Returns a word in pieces that fit."""
    pieces, piece = [], ""
    for character in word:
        if piece and breadth(piece + character, size, bold=bold) > width:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


@lru_cache(maxsize=4096)
def drawable(text: str) -> str:
    """Returns a text with a box in place of each character that the font of reports does not have."""
    known = _characters()
    return "".join(character if ord(character) in known else MISSING for character in text)


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())
