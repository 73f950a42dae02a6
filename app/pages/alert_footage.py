"""Whether there is footage of the alert that is chosen; looked for on disk, and again while there is none."""

from collections.abc import Callable, Sequence

from engine.alerts.listing import Alert

LOOK_AGAIN_S = 10  # until which a minute that is being recorded may be over


class AlertFootage:
    """Belongs to the GUI thread."""

    def __init__(
        self,
        look_for: Callable[[Alert, Callable[[bool], object]], object],
        show: Callable[[Alert], object],
        offer: Callable[[bool], object],
    ) -> None:
        """Takes what looks for it and answers in a while, what shows it, and what is told whether that is offered."""
        self._look_for, self._show, self._offer = look_for, show, offer
        self._alert: Alert | None = None
        self._second, self._is_there = 0, False

    def choose(self, chosen: Sequence[Alert], second: int) -> None:
        """Takes what is chosen at a second."""
        alert = chosen[0] if len(chosen) == 1 else None
        is_other = (alert and alert.uid) != (self._alert and self._alert.uid)
        if not is_other and (alert is None or self._is_there or second - self._second < LOOK_AGAIN_S):
            return
        self._alert, self._second = alert, second
        if is_other:
            self._take(alert, is_there=False)
        if alert is not None:
            self._look_for(alert, lambda is_there: self._take(alert, is_there=is_there))

    def show(self) -> None:
        """Shows the footage of what is chosen."""
        if self._alert is not None:
            self._show(self._alert)

    def _take(self, alert: Alert | None, *, is_there: bool) -> None:
        if alert is self._alert:
            self._is_there = is_there
            self._offer(is_there)
