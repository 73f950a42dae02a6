"""The page for whoever wonders why something does not work: cameras, messages, this computer, a report of it all."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFileDialog, QLabel, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from app import theme
from app.actions import Command, make_actions
from app.icons import icon
from app.notices import Level, Notices
from app.pages.page import Page
from app.panels.health_table import HealthTable
from app.panels.message_log import MessageLog
from app.panels.rows import Cell, Column, Row, Rows, RowsView, text_cell
from app.running.diagnosis import Examination
from app.running.live import Live
from engine.commands.doctor import Finding
from engine.diagnosis import Diagnosis, ProcessFacts, ProcessWatch
from engine.redacted_log import KeptLog
from engine.settings.config import Config

COMMANDS = (
    Command("save", "Save a report…", "Write a ZIP for whoever helps you, without secrets", ("Ctrl+Shift+S",), "save"),
    Command("look", "Examine this computer", "Look at packages, display, model and log", ("F5",), "diagnostics"),
)
TABS = (("health", "Cameras", "live"), ("messages", "Messages", "info"), ("findings", "This computer", "diagnostics"))
"""What each shows, its title and its icon."""
FINDING = ("State", "Subject", "Found")
FIGURES_EVERY = 8  # pulls, about a second: what is read slowly
NO_CAMERA = "No camera is watched. Add one under Set-up; its health is shown here."
NO_LOOK = "This computer was not examined yet. “Examine this computer” (F5) says what is installed and what is missing."
LOOKING = "Looking…"


class DiagnosticsPage(Page):
    """How everything is doing."""

    name, icon = "diagnostics", "diagnostics"

    def __init__(self, live: Live, notices: Notices, log: KeptLog, *, config: Callable[[], Config]) -> None:
        """Takes what runs, where a report is told of, the messages, and how the configuration in force is got."""
        super().__init__()
        self.title = self.tr("Diagnostics")
        self._live, self._notices, self._log, self._config = live, notices, log, config
        self._process, self._pulls = ProcessWatch(), 0
        self._folder = str(Path.home())
        self._facts = self._process.facts()
        self.examination = Examination()
        self.figures, self.tabs = QLabel(), QTabWidget()
        self.health, self.messages = HealthTable(), MessageLog(log)
        self._found = Rows([Column(self.tr(title), self.tr(title)) for title in FINDING])
        self.findings = RowsView(self._found, self.tr("This computer"))
        self.nothing: dict[QWidget, QLabel] = {self.health: self._words(NO_CAMERA), self.findings: self._words(NO_LOOK)}
        self.actions_of = make_actions(self, COMMANDS, {"save": self.choose_report, "look": self.look})
        self._arrange()
        self.examination.changed.connect(self._show_findings)
        self.examination.saved.connect(lambda path: notices.post(Level.NEWS, self.name, f"{path} was written"))
        self.examination.failed.connect(lambda why: notices.post(Level.PROBLEM, self.name, why))

    def enter(self) -> None:
        """Shows how it is now."""
        self._pulls = 0
        self.pull_numbers()

    def pull_numbers(self) -> None:
        """Takes what changed; figures of the program once a second."""
        if self._pulls % FIGURES_EVERY == 0:
            cameras = self._live.facts().values()
            self.health.put(cameras)
            self._choose(self.health, shown=bool(cameras))
            self._facts = self._process.facts()
            self.figures.setText(figures_words(self._facts, overloaded=self._live.is_overloaded))
        self._pulls += 1
        self.messages.pull()

    def finish(self) -> None:
        """Waits for what is examined or written."""
        self.examination.close()

    def commands(self) -> Sequence[QAction]:
        """Save, examine."""
        return tuple(self.actions_of.values())

    def state(self) -> dict[str, object]:
        """The tab, and where reports are saved."""
        return {"tab": self.tabs.currentIndex(), "folder": self._folder}

    def restore(self, state: dict[str, object]) -> None:
        """Takes what there is of it."""
        tab, folder = state.get("tab"), state.get("folder")
        if isinstance(tab, int) and 0 <= tab < self.tabs.count():
            self.tabs.setCurrentIndex(tab)
        if isinstance(folder, str):
            self._folder = folder

    def look(self) -> None:
        """Examines this computer, and shows what is found."""
        self.tabs.setCurrentIndex(2)
        self.examination.look(self._config())

    def choose_report(self) -> None:
        """Asks where the report is to be, and writes it."""
        name = f"deepcount-report-{datetime.now():%Y%m%d-%H%M}.zip"
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save a report"), str(Path(self._folder) / name), self.tr("Reports (*.zip)")
        )
        if chosen:
            self._folder = str(Path(chosen).parent)
            self.save(Path(chosen))

    def save(self, path: Path) -> None:
        """Writes the report."""
        config, cameras, facts = self._config(), tuple(self._live.facts().values()), self._facts
        messages, overloaded = self._log.since(0), self._live.is_overloaded

        def diagnosis(findings: tuple[Finding, ...]) -> Diagnosis:
            return Diagnosis(findings, cameras, facts, config, messages, overloaded)

        self.examination.save(path, diagnosis, config)

    def close_workers(self) -> None:
        """Ends what still looks or writes."""
        self.examination.close()

    def _show_findings(self) -> None:
        findings, busy = self.examination.findings, self.examination.busy
        for action in self.actions_of.values():
            action.setEnabled(not busy)
        self._found.put([finding_row(finding) for finding in findings])
        self.nothing[self.findings].setText(self.tr(LOOKING if busy else NO_LOOK))
        self._choose(self.findings, shown=bool(findings))

    def _choose(self, table: QWidget, *, shown: bool) -> None:
        """Shows a table, or the words in its place."""
        stack = table.parentWidget()
        assert isinstance(stack, QStackedWidget)
        stack.setCurrentWidget(table if shown else self.nothing[table])

    def _words(self, words: str) -> QLabel:
        label = QLabel(self.tr(words))
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label

    def _arrange(self) -> None:
        header, rows = self.findings.horizontalHeader(), self.findings.verticalHeader()
        assert header is not None
        assert rows is not None
        rows.setSectionResizeMode(rows.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(header.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, header.ResizeMode.Stretch)
        self.findings.setWordWrap(True)
        self.tabs.setDocumentMode(True)
        bar = self.tabs.tabBar()
        assert bar is not None
        bar.setAccessibleName(self.title)
        self.tabs.setIconSize(QSize(theme.em(self, 1.4), theme.em(self, 1.4)))
        for table, title, sign in TABS:
            widget: QWidget = getattr(self, table)
            if widget in self.nothing:
                stack = QStackedWidget()
                stack.addWidget(self.nothing[widget])
                stack.addWidget(widget)
                widget = stack
            self.tabs.addTab(widget, icon(sign), self.tr(title))
        self.figures.setWordWrap(True)
        self.figures.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        whole = QVBoxLayout(self)
        whole.addWidget(self.figures)
        whole.addWidget(self.tabs, stretch=1)


def figures_words(facts: ProcessFacts, *, overloaded: bool) -> str:
    """Returns what the program takes of the machine, in a line."""
    share = "–" if facts.processor_share is None else f"{facts.processor_share:.1f}"
    slow = "⚠ this computer is too slow to count all pictures: lower the frame rate of cameras, or use a lighter model"
    keeps = slow if overloaded else "counting keeps up"
    memory = facts.memory_bytes / 1e6
    return f"Memory {memory:.0f} MB   ·   {facts.threads} threads   ·   {share} of {facts.cores} cores   ·   {keeps}"


def finding_row(finding: Finding) -> Row:
    """Returns what a row says of a finding."""
    sign = Cell("✓ well", "well", "good") if finding.well else Cell("✕ fault", "fault", "problem")
    remedy = f"\n→ {finding.remedy}" if finding.remedy and finding.remedy != finding.found else ""
    return sign, text_cell(finding.subject), text_cell(f"{finding.found}{remedy}")
