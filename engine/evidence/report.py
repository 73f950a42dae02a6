"""The report that people read: a PDF of what was counted, and of how far that can be relied on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import time

import numpy as np
from numpy.typing import NDArray

from engine import __version__
from engine.errors import DatabaseError
from engine.evidence.account import Account
from engine.evidence.curve import draw_together
from engine.evidence.lettering import breadth
from engine.evidence.sections import CURVE_HEIGHT, KINDS, UNKNOWN, missing_words, pairs, people_words, write_section
from engine.evidence.sheet import MARGIN, MUTED, TOP, Cell, Column, Sheet


@dataclass(frozen=True, slots=True)
class Illustration:
    """A picture that belongs to a subject."""

    picture: NDArray[np.uint8] = field(repr=False, compare=False)
    """RGB, (H, W, 3)."""
    caption: str


def write_report(
    path: Path,
    accounts: Sequence[Account],
    *,
    pictures: Sequence[Illustration] = (),
    annex: Sequence[tuple[str, str]] = (),
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Writes a report, whole or not at all.

    Args:
        path: of the PDF.
        accounts: one section each; at least one of them has a count.
        pictures: of the first of them.
        annex: what is said at the end, names and values.
        progress: called with the share that is done.

    Raises:
        DatabaseError: nothing was counted.
        OutputError: it cannot be written.
    """
    if all(account.is_empty for account in accounts):
        names = ", ".join(f"'{account.name}'" for account in accounts)
        raise DatabaseError(f"nothing was counted of {names} in this span, {accounts[0].span.title}; give another")
    title = ", ".join(account.name for account in accounts)
    sheet = Sheet(f"DeepCount {__version__} · {title} · {accounts[0].span.title}")
    _title(sheet, accounts)
    if len(accounts) > 1:
        _overview(sheet, accounts)
    for place, account in enumerate(accounts):
        progress(place / len(accounts))
        if place or len(accounts) > 1:
            sheet.turn()
            _name(sheet, account)
        write_section(sheet, account)
        if pictures and place == 0:
            sheet.heading("Pictures", keep=180)
            sheet.space(4)
            sheet.pictures([(each.picture, each.caption) for each in pictures])
    _annex(sheet, annex)
    sheet.save(path, f"Count of people: {title}, {accounts[0].span.title}")
    progress(1.0)


def _title(sheet: Sheet, accounts: Sequence[Account]) -> None:
    span = accounts[0].span
    sheet.put("REPORT ON THE COUNT OF PEOPLE", MARGIN, sheet.y + 9, size=8, color=MUTED, weight="bold")
    made = datetime.fromtimestamp(time()).astimezone()
    right = MARGIN + sheet.width
    sheet.put(f"made {made:%Y-%m-%d %H:%M} (UTC{made:%z})", right, sheet.y + 9, size=8, color=MUTED, ha="right")
    sheet.space(16)
    name = ", ".join(account.name for account in accounts)
    sheet.paragraph(name, size=20 if breadth(name, 20, bold=True) < sheet.width else 14, bold=True)
    kind = KINDS[accounts[0].kind] if len(accounts) == 1 else f"{len(accounts)} cameras"
    sheet.paragraph(f"{span.title} – {kind}", size=11)
    sheet.paragraph(span.zone, size=8.5, colour=MUTED)
    sheet.space(10)


def _name(sheet: Sheet, account: Account) -> None:
    sheet.y = TOP
    sheet.paragraph(account.name, size=16, bold=True)
    sheet.paragraph(f"{KINDS[account.kind]}, {account.span.title}", size=9, colour=MUTED)
    sheet.space(8)


def _overview(sheet: Sheet, accounts: Sequence[Account]) -> None:
    columns = (
        Column("camera", 3), Column("mean", 1, "right"), Column("least", 1, "right"), Column("most", 1, "right"),
        Column("highest at", 1.7, "right"), Column("alerts", 1, "right"), Column("not known", 1.3, "right"),
    )  # fmt: skip
    rows: list[list[Cell | str]] = []
    for account in accounts:
        whole = account.whole
        at = UNKNOWN if account.is_empty else account.span.moment(account.highest_s)
        figures = [people_words(each) for each in (whole.mean, whole.least, whole.most)]
        rows.append([Cell(account.name, bold=True), *figures, at, str(len(account.alerts)), missing_words(whole)])
    sheet.table(columns, rows, size=8.5)
    sheet.space(16)
    axes = sheet.axes(CURVE_HEIGHT, right=4)
    keys = draw_together(axes, accounts)
    sheet.space(26)
    sheet.key([(colour, name, False) for colour, name in keys])


def _annex(sheet: Sheet, annex: Sequence[tuple[str, str]]) -> None:
    if annex:
        sheet.heading("In this bundle")
        pairs(sheet, annex)
