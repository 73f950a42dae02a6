"""The slider for how strongly the heat-map covers the video."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from app.theme import em

DEFAULT_PERCENT, STEP_PERCENT = 70, 10
WIDTH_EM = 9.0


ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right)


class _Slider(QSlider):
    """Keeps the keys that move it, whatever else the page does with them."""

    def event(self, event: QEvent | None) -> bool:
        """Takes its keys before they become shortcuts."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and event.key() in ARROWS:
            event.accept()
            return True
        return super().event(event)


class OpacitySlider(QWidget):
    """Tells a callback the opacity, 0 to 1, whenever it changes."""

    def __init__(self, on_change: Callable[[float], None]) -> None:
        super().__init__()
        self._on_change = on_change
        self._slider = _Slider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 100)
        self._slider.setPageStep(STEP_PERCENT)
        self._slider.setFixedWidth(em(self, WIDTH_EM))
        label = QLabel(self.tr("Heat-map opacity"))
        label.setBuddy(self._slider)
        self._slider.setAccessibleName(label.text())
        self._percent = QLabel()
        self._percent.setMinimumWidth(self._percent.fontMetrics().horizontalAdvance("100 %"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(em(self, 0.6), 0, em(self, 0.3), 0)
        row.setSpacing(em(self, 0.6))
        for widget in (label, self._slider, self._percent):
            row.addWidget(widget)
        self.setToolTip(self.tr("How strongly the heat-map covers the video (+ and -)"))
        self._slider.valueChanged.connect(self._tell)
        self._slider.setValue(DEFAULT_PERCENT)

    @property
    def opacity(self) -> float:
        """0 to 1."""
        return self._slider.value() / 100

    def set_opacity(self, opacity: float) -> None:
        """Takes another opacity, 0 to 1."""
        self._slider.setValue(round(100 * opacity))

    def step(self, steps: int) -> None:
        """Changes the opacity by a number of steps, up or down."""
        self._slider.setValue(self._slider.value() + steps * STEP_PERCENT)

    def _tell(self, percent: int) -> None:
        self._percent.setText(f"{percent} %")
        self._on_change(percent / 100)
