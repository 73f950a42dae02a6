"""The section of a report that tells of one subject: figures, curve, tables."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

from engine.alerts.listing import Alert
from engine.evidence.account import Account, Kind, Part, ended, summed, utc
from engine.evidence.curve import SEVERITY, draw_account, draw_line, legend
from engine.evidence.sheet import MARGIN, MUTED, Cell, Column, Sheet
from engine.evidence.span import HOUR_S, lasting

CURVE_HEIGHT = 205.0
MOST_GAPS, MOST_ALERTS, MOST_DAYS_OF_HOURS = 12, 400, 14
UNKNOWN = "–"
SPARK_HEIGHT = 22.0
KINDS = {Kind.CAMERA: "camera", Kind.GROUP: "group of cameras", Kind.RECORDING: "recording"}


def write_section(sheet: Sheet, account: Account) -> None:
    """Puts all that is told of one subject."""
    if account.is_empty:
        sheet.paragraph("Nothing was counted in this span.", size=11)
        _gaps(sheet, account)
        _alerts(sheet, account)
        return
    _tiles(sheet, account)
    _curve(sheet, account)
    for note in account.notes:
        sheet.paragraph(note, size=8, colour=MUTED)
    _alerts(sheet, account)
    _peaks(sheet, account)
    _hours(sheet, account)
    _zones(sheet, account)
    _gaps(sheet, account)
    _accuracy(sheet, account)
    _facts(sheet, account)


def _tiles(sheet: Sheet, account: Account) -> None:
    whole, span = account.whole, account.span
    share = 1 - whole.unknown_s / span.length_s
    known = "100 %" if whole.unknown_s < 0.5 else f"{min(99.9, 100 * share):.1f} %"
    sheet.tiles(
        [
            ("people on average", people_words(whole.mean), f"never below {people_words(whole.least)}"),
            ("most at once", people_words(whole.most), f"at {span.moment(account.highest_s)}"),
            _third(account),
            ("of the time known", known, f"{lasting(whole.unknown_s)} unknown" if whole.unknown_s >= 0.5 else "no gap"),
        ]
    )
    sheet.space(14)


def _third(account: Account) -> tuple[str, str, str]:
    """Returns the tile of alerts; of a recording, which no rule guards, that of its length."""
    if account.kind is Kind.RECORDING:
        span = account.span
        return "of the recording", lasting(span.length_s), span.hour(span.from_s, span.to_s)
    number = len(account.alerts)
    return "alerts", str(number), _standing(number, sum(alert.acknowledged_at is None for alert in account.alerts))


def _standing(number: int, waiting: int) -> str:
    if not number:
        return "none was raised"
    return f"{waiting} not acknowledged" if waiting else "all acknowledged"


def _curve(sheet: Sheet, account: Account) -> None:
    axes = sheet.axes(CURVE_HEIGHT, right=18)
    draw_account(axes, account)
    sheet.space(26)
    sheet.key(legend(account))
    sheet.space(4)


def _alerts(sheet: Sheet, account: Account) -> None:
    if not account.alerts:
        return
    sheet.heading(f"Alerts ({len(account.alerts)})")
    columns = (
        Column("raised, lasted", 2.3), Column("what", 3), Column("peak", 1.9, "right"), Column("acknowledged", 3.1),
    )  # fmt: skip
    sheet.table(columns, [_alert_row(account, alert) for alert in account.alerts[:MOST_ALERTS]])
    if len(account.alerts) > MOST_ALERTS:
        sheet.paragraph(f"… and {len(account.alerts) - MOST_ALERTS} more", size=8, colour=MUTED)


def _alert_row(account: Account, alert: Alert) -> list[Cell | str]:
    span, raised_s = account.span, utc(alert.raised_at)
    end = alert.cleared_at or alert.closed_at
    lasted = "still open" if end is None else lasting(ended(alert, 0.0) - raised_s)
    place = f"zone {alert.zone}: " if alert.zone else ""
    colour = SEVERITY.get(alert.severity, MUTED)
    return [
        Cell(f"{_moment(account, raised_s)}\n{lasted}", mark=colour),
        Cell(f"{place}{alert.rule_name} ({alert.said})\n{alert.severity}"),
        f"{alert.peak:.3g}\n{span.moment(utc(alert.peak_at))}",
        _acknowledged(account, alert),
    ]


def _acknowledged(account: Account, alert: Alert) -> Cell:
    if alert.acknowledged_at is None:
        return Cell("not acknowledged", colour=MUTED)
    note = f"\n{alert.note}" if alert.note else ""
    return Cell(f"{alert.acknowledged_by}, {_moment(account, utc(alert.acknowledged_at))}{note}")


def _moment(account: Account, moment_s: float) -> str:
    """Returns a moment that may lie outside of the span, then with its day."""
    span = account.span
    if not span.is_wall or span.from_s <= moment_s < span.to_s:
        return span.moment(moment_s)
    return f"{datetime.fromtimestamp(moment_s).astimezone():%Y-%m-%d %H:%M:%S}"


def _peaks(sheet: Sheet, account: Account) -> None:
    peaks = account.peaks()
    sheet.heading("Highest counts")
    step = lasting(account.curve.grid.step_s)
    columns = (
        Column("from", 2), Column("most", 2, "right"), Column(f"mean over {step}", 2, "right"), Column("", 3),
    )  # fmt: skip
    rows = [[account.span.moment(peak.at_s), people_words(peak.most), people_words(peak.people), ""] for peak in peaks]
    sheet.table(columns, rows)


def _hours(sheet: Sheet, account: Account) -> None:
    span = account.span
    if span.days > 1:
        days = [account.part(account.series, *day) for day in span.whole_days()]
        _parts(sheet, "Day by day", days, lambda part: span.day(part.from_s))
    if span.length_s > HOUR_S and span.days <= MOST_DAYS_OF_HOURS:
        _parts(sheet, "Hour by hour", account.hours, lambda part: span.hour(part.from_s, part.to_s))


def _parts(sheet: Sheet, heading: str, parts: Sequence[Part], named: Callable[[Part], str]) -> None:
    sheet.heading(heading)
    columns = (
        Column("", 2.4), Column("mean", 1, "right"), Column("least", 1, "right"), Column("most", 1, "right"),
        Column("seconds unknown", 1.7, "right"), Column("", 2.9),
    )  # fmt: skip
    highest = max((part.mean for part in parts if part.mean is not None), default=1.0) or 1.0
    rows: list[list[Cell | str]] = [
        [named(part), people_words(part.mean), people_words(part.least), people_words(part.most),
         f"{part.unknown_s:,.0f}" if part.unknown_s >= 0.5 else "0", _bar(part, highest)]
        for part in parts
    ]  # fmt: skip
    sheet.table(columns, rows, size=7, least=min(4, len(rows)))


def _bar(part: Part, highest: float) -> Cell:
    """Returns a bar as long as the mean is high."""
    if part.mean is None:
        return Cell("nothing counted", colour=MUTED)
    return Cell("", colour="#a9c6e3", bar=part.mean / highest)


def _zones(sheet: Sheet, account: Account) -> None:
    if not account.zones:
        return
    sheet.heading("Zones")
    span = account.span
    for name, series in account.zones:
        sheet.need(SPARK_HEIGHT + 8)
        mean, least, most = summed(series, span.from_s, span.to_s)
        axes = sheet.axes_at(MARGIN + 0.58 * sheet.width, sheet.y + 4, 0.42 * sheet.width, SPARK_HEIGHT)
        draw_line(axes, account.coarse(series), width=0.8)
        axes.set_xlim(span.from_s, span.to_s)
        axes.set_ylim(bottom=0)
        axes.axis("off")
        sheet.put(name, MARGIN, sheet.y + 14, size=9, weight="bold")
        words = f"{people_words(mean)} on average, least {people_words(least)}, most {people_words(most)}"
        sheet.put(words, MARGIN, sheet.y + 26, size=8, color=MUTED)
        sheet.space(SPARK_HEIGHT + 10)
        sheet.rule("#eceff3")


def _gaps(sheet: Sheet, account: Account) -> None:
    if not account.gaps:
        return
    sheet.heading(f"Gaps ({len(account.gaps)})")
    longest = sorted(islice(sorted(account.gaps, key=lambda gap: -gap.length_s), MOST_GAPS), key=lambda gap: gap.from_s)
    columns = (Column("from", 2), Column("to", 2), Column("lasted", 1.4, "right"), Column("why", 4))
    rows = [
        [account.span.moment(gap.from_s), _end(account, gap.to_s), lasting(gap.length_s), gap.reason] for gap in longest
    ]
    sheet.table(columns, rows)
    if len(account.gaps) > MOST_GAPS:
        sheet.paragraph(f"These are the {MOST_GAPS} longest of {len(account.gaps)}.", size=8, colour=MUTED)


def _end(account: Account, moment_s: float) -> str:
    span = account.span
    if span.is_wall and moment_s >= span.to_s and span.days == 1 and span.moment(moment_s) == "00:00:00":
        return "24:00:00"
    return span.moment(moment_s)


def _accuracy(sheet: Sheet, account: Account) -> None:
    sheet.heading("How far off the count may be", keep=90)
    found, checks = account.accuracy, account.accuracy.checks
    if checks is not None:
        sheet.paragraph(
            f"Here, on frames of this {KINDS[account.kind]} whose people somebody counted: {checks.sentence}."
        )
    else:
        sheet.paragraph(
            f"Nobody has checked single frames of this {KINDS[account.kind]}; a spot check says more than any figure "
            "from elsewhere."
        )
    sheet.space(4)
    if not found.held_out:
        sheet.paragraph("The card of the model is not here: how far off it is elsewhere is not known.", colour=MUTED)
        return
    sheet.paragraph("Elsewhere: errors in people per picture, on pictures that the model was not trained on.")
    columns = (
        Column("pictures of", 3), Column("number", 1, "right"), Column("MAE", 1, "right"), Column("RMSE", 1, "right"),
        Column("bias", 1, "right"), Column("", 1.4),
    )  # fmt: skip
    rows = [[each.name, each.pictures, each.mae, each.rmse, each.bias, ""] for each in found.held_out]
    sheet.table(columns, rows)
    words = "MAE: mean absolute error. RMSE: root of the mean squared error. bias: counted minus true, on average."
    sheet.paragraph(words, size=7.5, colour=MUTED)


def _facts(sheet: Sheet, account: Account) -> None:
    sheet.heading("Made by", keep=50)
    rows: list[tuple[str, str]] = []
    for model in account.models:
        precision = f", {account.accuracy.precision}" if account.accuracy.precision else ""
        rows.append(("model", f"{model.name}{precision}\nSHA-256 {model.sha256}"))
    rows += [*account.facts, ("counts", _words_of_counts(account))]
    pairs(sheet, rows)


def _words_of_counts(account: Account) -> str:
    if account.spacing_s > 1:
        return f"about every {account.spacing_s:.0f} s; a count stands until the next"
    return "means of seconds; least and most are of single frames"


def pairs(sheet: Sheet, rows: Sequence[tuple[str, str]]) -> None:
    """Puts names and values."""
    columns = (Column("", 1.6), Column("", 8.4))
    sheet.table(columns, [[Cell(name, colour=MUTED), value] for name, value in rows], least=1)


def people_words(value: float | None) -> str:
    """Returns a number of people."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def missing_words(part: Part) -> str:
    """Returns how much of a part of time is not known."""
    return "0" if part.unknown_s < 0.5 else lasting(part.unknown_s)
