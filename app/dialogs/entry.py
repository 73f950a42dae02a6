"""One setting in a form: the widget that suits its type, and its value in and out as TOML has it.

What nobody touched comes out as it went in: a number with more digits than are shown keeps them, an address keeps the
secrets that are not shown. A wheel that scrolls past changes nothing.
"""

from collections.abc import Callable, Sized
from csv import reader
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BeforeValidator
from pydantic.fields import FieldInfo
from PyQt6.QtCore import QCoreApplication, QEvent, QLocale, QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QLineEdit, QSpinBox, QWidget

from engine.settings.address import Address
from engine.settings.fields import NEVER

MOST = 1_000_000  # where a number has no bound of its own
DECIMALS = 2
LEAST_DIGITS_EM = 9  # width of a field for numbers


class Entry(QObject):
    """A setting's widget; `changed` follows each change of what it says."""

    changed = pyqtSignal()

    def __init__(self, widget: QWidget, read: Callable[[], Any], write: Callable[[Any], None]) -> None:
        super().__init__(widget)
        self.widget, self._read, self._write = widget, read, write
        self.none: Any = None
        """How TOML says that it is not set; None leaves it out."""
        self._given: Any = None
        self._as_shown: Any = None

    @property
    def value(self) -> Any:
        """As TOML has it; None where it is not set."""
        now = self._read()
        return self._given if now == self._as_shown else now

    @value.setter
    def value(self, value: Any) -> None:
        self._write(value)
        self._given, self._as_shown = self.none if value is None else value, self._read()


def entry_for(field: FieldInfo) -> Entry:
    """Makes the entry of a pydantic field, set to its default."""
    made = _made(field)
    made.widget.setAccessibleName(field.title or "")
    made.widget.setAccessibleDescription(field.description or "")
    made.widget.setToolTip(field.description or "")
    if isinstance(made.widget, QAbstractSpinBox | QComboBox):
        made.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.widget.installEventFilter(_WheelGuard(made.widget))
    made.value = None if field.is_required() else field.default
    return made


def _made(field: FieldInfo) -> Entry:
    kinds = _kinds(field.annotation)
    optional = NoneType in kinds
    kind = next(each for each in kinds if each is not NoneType)
    if get_origin(kind) is Literal:
        return _choice([str(each) for each in get_args(kind)], optional=optional)
    if kind is bool:
        return _three_way() if optional else _switch(field.title or "")
    if kind is float and not _is_bounded(field):
        return _free_number()
    if get_args(kind) == (str, ...):
        return _texts()
    if kind in (int, float):
        return _number(field, whole=kind is int, optional=optional)
    if kind is str or kind is Address:
        return _text(optional=optional)
    return _carried()


def _kinds(annotation: Any) -> tuple[Any, ...]:
    kinds = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return tuple(get_args(kind)[0] if get_origin(kind) is Annotated else kind for kind in kinds)


def _switch(title: str) -> Entry:
    box = QCheckBox(title)
    made = Entry(box, box.isChecked, lambda value: box.setChecked(bool(value)))
    box.toggled.connect(made.changed)
    return made


def _three_way() -> Entry:
    """For yes, no, or whatever is usual."""
    box = QComboBox()
    words = {
        None: not_set(),
        True: QCoreApplication.translate("Form", "yes"),
        False: QCoreApplication.translate("Form", "no"),
    }
    for value, word in words.items():
        box.addItem(word, value)
    made = Entry(box, box.currentData, lambda value: box.setCurrentIndex(list(words).index(value)))
    box.currentIndexChanged.connect(made.changed)
    return made


def _choice(choices: list[str], *, optional: bool) -> Entry:
    box = QComboBox()
    if optional:
        box.addItem(not_set(), None)
    for choice in choices:
        box.addItem(choice, choice)
    made = Entry(box, box.currentData, lambda value: box.setCurrentIndex(max(0, box.findData(value))))
    box.currentIndexChanged.connect(made.changed)
    return made


def _text(*, optional: bool) -> Entry:
    line = QLineEdit()
    if optional:
        line.setPlaceholderText(not_set())

    def read() -> str | None:
        return line.text().strip() or (None if optional else "")

    def write(value: object) -> None:
        line.setText(value.shown if isinstance(value, Address) else str(value or ""))
        line.setCursorPosition(0)

    made = Entry(line, read, write)
    line.textChanged.connect(made.changed)
    return made


def _number(field: FieldInfo, *, whole: bool, optional: bool) -> Entry:
    step = 1.0 if whole else 10.0**-DECIMALS
    low, high = bounds_of(field, step)
    is_interval = optional and any(isinstance(each, BeforeValidator) for each in field.metadata)
    none = low - step if optional else None
    box: QSpinBox | QDoubleSpinBox = QSpinBox() if whole else _Decimal()
    box.setSuffix(_suffix(field))
    box.setMinimum(_as(box, low if none is None else none))
    box.setMaximum(_as(box, high))
    if none is not None:
        box.setSpecialValueText(NEVER if is_interval else not_set())
    box.setMinimumWidth(box.fontMetrics().averageCharWidth() * LEAST_DIGITS_EM * 2)

    def read() -> Any:
        if none is not None and box.value() <= none + step / 2:
            return made.none
        return int(box.value()) if whole else round(box.value(), DECIMALS)

    def write(value: Any) -> None:
        is_none = value is None or value == NEVER
        box.setValue(_as(box, (low if none is None else none) if is_none else value))

    made = Entry(box, read, write)
    made.none = NEVER if is_interval else None
    box.valueChanged.connect(made.changed)
    return made


def _free_number() -> Entry:
    """For a number that may be anything, also nothing; what is none is handed on, to be refused beside the field."""
    line = QLineEdit()
    line.setPlaceholderText(not_set())

    def read() -> Any:
        text = line.text().strip()
        number, is_one = line.locale().toDouble(text)
        if not is_one:
            number, is_one = QLocale.c().toDouble(text)
        return (number if is_one else text) if text else None

    made = Entry(line, read, lambda value: line.setText("" if value is None else f"{value:g}"))
    line.textChanged.connect(made.changed)
    return made


def _texts() -> Entry:
    """For several texts, parted by commas; one that holds a comma is in quotes."""
    line = QLineEdit()
    line.setPlaceholderText(not_set())

    def read() -> list[str] | None:
        parts = next(reader([line.text()], skipinitialspace=True), [])
        return [text.strip() for text in parts if text.strip()] or None

    made = Entry(line, read, lambda value: line.setText(", ".join(map(_quoted, value or ()))))
    line.textChanged.connect(made.changed)
    return made


def _quoted(text: str) -> str:
    """Returns a text as it stands among others; in quotes where it holds what parts them."""
    return '"' + text.replace('"', '""') + '"' if "," in text or text.startswith('"') else text


def _is_bounded(field: FieldInfo) -> bool:
    return any(isinstance(bound, Ge | Gt | Le | Lt) for bound in field.metadata)


def _carried() -> Entry:
    """For what is edited elsewhere, such as polygons: says how many there are, and hands them on."""
    label = QLabel()
    held: list[Any] = [()]

    def write(value: Any) -> None:
        held[0] = () if value is None else value
        label.setText(str(len(held[0])) if isinstance(held[0], Sized) else "…")

    return Entry(label, lambda: held[0], write)


def bounds_of(field: FieldInfo, step: float) -> tuple[float, float]:
    """Returns the least and the largest value that a number may have; what is excluded is a step away."""
    low, high = 0.0, float(MOST)
    for bound in field.metadata:
        match bound:
            case Ge(ge=least):
                low = float(least)  # type: ignore[arg-type]
            case Gt(gt=least):
                low = float(least) + step  # type: ignore[arg-type]
            case Le(le=most):
                high = float(most)  # type: ignore[arg-type]
            case Lt(lt=most):
                high = float(most) - step  # type: ignore[arg-type]
    return low, high


def not_set() -> str:
    """What a field says that has no value."""
    return QCoreApplication.translate("Form", "not set")


def _as(box: QSpinBox | QDoubleSpinBox, value: float) -> Any:
    return int(value) if isinstance(box, QSpinBox) else float(value)


def _suffix(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    said = {
        "1/s": QCoreApplication.translate("Form", "per second"),
        "1/min": QCoreApplication.translate("Form", "per minute"),
        "d": QCoreApplication.translate("Form", "days"),
    }
    words = said.get(unit, unit)
    return f" {words}" if words else ""


class _Decimal(QDoubleSpinBox):
    """A number that shows no more digits than it has."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(DECIMALS)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:  # noqa: N802
        """Returns it without the zeros at its end."""
        text, point = super().textFromValue(value), self.locale().decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text


class _WheelGuard(QObject):
    """Hands a wheel that turns over a field which is not in use to what scrolls."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        if event is None or event.type() != QEvent.Type.Wheel or not isinstance(watched, QWidget):
            return False
        event.ignore()
        return not watched.hasFocus()
