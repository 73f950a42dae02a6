"""Who is told of alerts, under Set-up: this window itself, and all that is configured; each can be tried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import time

from PyQt6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QWidget

from app.dialogs.sink import NO_LOG, SinkDialog, outcome_words
from app.dialogs.words import FAULT_SIGN
from app.pages.setup_tab import ListedTab
from app.panels.message import Message
from app.panels.named_list import ListColumn, ListRow, NamedList
from app.panels.panel import plate
from app.panels.sink_words import SinkWords, kind_word, place_of, sink_words
from app.running.document import Document
from app.running.live import Live
from app.running.task import Task
from engine.notify.sinks import Outcome, tried_sink
from engine.settings.sinks import SinkSettings


@dataclass(frozen=True, slots=True)
class OwnSink:
    """A way in which this window itself tells of alerts."""

    name: str
    how: str
    """How it tells, in a few words."""
    is_on: Callable[[], bool]
    switch: Callable[[bool], object]
    test: Callable[[], Outcome]

    @property
    def key(self) -> str:
        """By which it is known in the list; no sink can be called so."""
        return f"\n{self.name}"


class SinksTab(ListedTab):
    """A list of sinks, what is known of the one that is chosen, and what became of its test."""

    key, icon = "sinks", "notify"
    own = frozenset({"add_sink", "edit", "test", "hurry", "remove", "up", "down"})

    def __init__(self, document: Document, live: Live, *, is_logged: Callable[[], bool]) -> None:
        """Takes whether a log is kept, without which nobody is told."""
        super().__init__(document)
        self.title = self.tr("Notifications")
        self._live, self._is_logged, self._window = live, is_logged, dict[str, OwnSink]()
        columns = (
            ListColumn(self.tr("Who is told"), 10),
            ListColumn(self.tr("Kind"), 6),
            ListColumn(self.tr("Where"), 0, is_missable=True),
            ListColumn(self.tr("State"), 10),
        )
        self.sinks = NamedList(self.tr("Who is told of alerts"), columns, self.tr("Enabled"))
        self.words = Message()
        self.test_button = QPushButton(self.tr("Test"))
        self.hurry_button = QPushButton(self.tr("Tell now"))
        self._tests: dict[str, Task] = {}
        self._outcomes: dict[str, str] = {}
        self._build()

    @property
    def chooser(self) -> NamedList:
        """Who is told."""
        return self.sinks

    def show_window(self, window: Sequence[OwnSink]) -> None:
        """Takes how the window itself tells of alerts."""
        self._window = {each.key: each for each in window}
        self.fill()

    def fill(self) -> None:
        """Shows who is configured."""
        self.pull_numbers()

    def pull_numbers(self) -> None:
        """Says how all are doing."""
        facts, now_s = self._live.sinks(), time()
        self.sinks.show_rows([
            *(self._own_row(each) for each in self._window.values()),
            *(self._row(sink, sink_words(sink, facts.get(sink.name), now_s)) for sink in self.config.sinks),
        ])  # fmt: skip
        self._show_details()

    def allowed(self) -> frozenset[str]:
        """What is the window's own can be tried, and that is all."""
        if self.chosen:
            return self.own if self._can_be_hurried() else self.own - {"hurry"}
        return frozenset({"add_sink", "test"} if self.sinks.current else {"add_sink"})

    def runs(self) -> dict[str, Callable[[], object]]:
        """What its commands do."""
        return {**super().runs(), "add_sink": self.add, "test": self.test, "hurry": self.hurry}

    def add(self) -> QDialog:
        """Asks for a sink; returns what asks."""
        return self._open(SinkDialog(self._document, is_logged=self._is_logged(), parent=self))

    def edit(self, name: str = "") -> None:
        """Asks for changes of a sink, the chosen one if none is named."""
        wanted = name or self.chosen
        if wanted and wanted not in self._window:
            self._open(SinkDialog(self._document, wanted, is_logged=self._is_logged(), parent=self))

    def test(self) -> None:
        """Sends a test to what is chosen, and says what happened."""
        key, sink = self.sinks.current, self._sink(self.chosen)
        if key in self._window:
            self._outcomes[key] = outcome_words(self._window[key].test())
        elif sink is not None and key not in self._tests:
            self._outcomes[key] = self.tr("Trying “{name}”…").format(name=key)
            task = self._tests[key] = Task("test of a sink", lambda: tried_sink(sink))
            task.done.connect(lambda outcome: self._take(key, outcome_words(outcome)))
            task.failed.connect(lambda words: self._take(key, f"{FAULT_SIGN} {words}"))
            task.start()
        self._show_details()

    def hurry(self) -> None:
        """Has the chosen one told at once what waits, and what was given up."""
        if self.chosen and not self._live.try_again(self.chosen):
            self._document.renew()  # its secret may be there by now
        self._outcomes[self.chosen] = self.tr("It is told now what waits, and what was given up.")
        self._show_details()

    def drop_tests(self) -> None:
        """Nobody wants to know any more what comes of tests."""
        for task in self._tests.values():
            task.drop()

    def _take(self, key: str, words: str) -> None:
        self._tests.pop(key, None)
        self._outcomes[key] = words
        self._show_details()

    def _switch(self, key: str, on: bool) -> None:  # a signal's
        sink = self._sink(key)
        if key in self._window:
            self._window[key].switch(on)
        elif sink is not None and on and not self._is_logged():
            self._outcomes[key] = f"{FAULT_SIGN} {self.tr(NO_LOG)}"
        elif sink is not None:
            self._document.put_item("sinks", sink.model_copy(update={"enabled": on}), replacing=key)
        self.sinks.forget()
        self.pull_numbers()  # a switch that may not be goes back to where it is

    def _sink(self, name: str) -> SinkSettings | None:
        return next((sink for sink in self.config.sinks if sink.name == name), None)

    def _can_be_hurried(self) -> bool:
        sink = self._sink(self.chosen)
        return sink is not None and sink_words(sink, self._live.sinks().get(sink.name), time()).can_be_hurried

    def _show_details(self) -> None:
        key, sink = self.sinks.current, self._sink(self.chosen)
        if sink is not None:
            words = sink_words(sink, self._live.sinks().get(sink.name), time()).detail
        elif not self.config.sinks:
            words = self.tr("Nobody else is told of alerts yet. Add a webhook, MQTT, an e-mail or a program to run.")
        else:
            words = self.tr("This window tells of alerts by itself while it is open.")
        text = "\n".join(filter(None, [self._outcomes.get(key, ""), words]))
        if self.words.text != text:
            self.words.set_text(text)
        for button, name in ((self.test_button, "test"), (self.hurry_button, "hurry")):
            button.setEnabled(name in self.allowed() and key not in self._tests)
        self.hurry_button.setVisible(self._can_be_hurried())

    def _row(self, sink: SinkSettings, words: SinkWords) -> ListRow:
        shown = (sink.name, kind_word(sink.kind), place_of(sink), words.state)
        return ListRow(sink.name, shown, on=sink.enabled, tone=words.tone, tip=words.detail)

    def _own_row(self, own: OwnSink) -> ListRow:
        state = self.tr("● on") if own.is_on() else self.tr("off")
        words = (own.name, self.tr("Window"), own.how, state)
        return ListRow(own.key, words, on=own.is_on(), tone="good" if own.is_on() else "quiet")

    def _build(self) -> None:
        self._stack.addWidget(self.sinks)
        self.sinks.asked.connect(self.edit)
        self.sinks.switched.connect(self._switch)
        self.sinks.currentItemChanged.connect(lambda *_: self._choose())
        self.test_button.clicked.connect(self.test)
        self.hurry_button.clicked.connect(self.hurry)
        self.test_button.setToolTip(self.tr("Send a test to the chosen one, and say what happened"))
        self.hurry_button.setToolTip(self.tr("Tell the chosen one at once what waits, and what was given up"))
        details = plate(self._details())
        self._column.addWidget(details)

    def _choose(self) -> None:
        self._show_details()
        self.chosen_changed.emit()

    def _details(self) -> QWidget:
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.addWidget(self.words, stretch=1)
        for button in (self.test_button, self.hurry_button):
            row.addWidget(button)
        return whole
