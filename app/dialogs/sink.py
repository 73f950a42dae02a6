"""Adds or edits a sink: over which channel somebody is told of alerts, of which, and when rather not."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.dialogs.check_list import CheckList
from app.dialogs.form import Form
from app.dialogs.login import LoginFields
from app.dialogs.rows import Rows
from app.dialogs.scrolled import ScrolledDialog
from app.dialogs.words import FAULT_SIGN, FaultLabel, WrappedLabel
from app.panels.panel import title
from app.panels.sink_words import KINDS, kind_word
from app.running.document import Document
from app.running.sinks import kept_secret, try_typed
from app.running.task import Task
from engine.notify.sinks import Outcome
from engine.settings.problems import Problem, tried
from engine.settings.sinks import OWN, SinkSettings

CHANNEL = (
    "url", "url_env", "host", "port", "security", "program", "sender", "to", "picture", "topic", "discovery", "tls_ca",
)  # fmt: skip
OF_ALL = ("severity", "quiet", "timezone", "most_per_minute", "timeout_s", "give_up_days", "enabled")
OF_LOGIN = ("user", "password", "password_env")
SIZE_EM = 44, 44
NO_LOG = (
    "What a sink is to be told waits in the log, and no database is configured, expected one; name one in the settings "
    "(Set-up, Ctrl+,)"
)


class SinkDialog(ScrolledDialog):
    """When it is accepted the keyring has the secret, and the document the sink."""

    def __init__(
        self, document: Document, name: str | None = None, *, is_logged: bool = True, parent: QWidget | None = None
    ) -> None:
        """Edits the sink of that name, or adds one; `is_logged` says whether there is a log, without which none is."""
        self._document, self._is_logged = document, is_logged
        self._before = next((sink for sink in document.config.sinks if sink.name == name), None)
        super().__init__("", "", parent)
        self.setWindowTitle(self.tr("Notification {0}").format(name) if name else self.tr("Add a notification"))
        self.buttons.buttons()[0].setText(self.tr("Save") if self._before else self.tr("Add it"))
        self.head, self.kind, self.scope, self.whose = Rows(), QComboBox(), Rows(), QComboBox()
        self.naming, self.channel = Form(SinkSettings, ("name",)), Form(SinkSettings, CHANNEL)
        self.login, self.rest = LoginFields(), Form(SinkSettings, OF_ALL)
        self.owners = CheckList(self.tr("Only these"), {each.name: () for each in document.config.owners})
        self.test, self.said, self._fault = QPushButton(self.tr("&Test")), WrappedLabel(), FaultLabel()
        self._task: Task | None = None
        self._build()
        self._fill()
        self._arrange()
        self.kind.setFocus()

    def accept(self) -> None:
        """Keeps the secret, then the sink; where either cannot be, says why and stays."""
        sink = self.settings()
        if sink is None:
            return
        typed, before = self.login.typed if sink.password else None, self._before
        if sink.password is None or (typed is None and before is not None and before.name == sink.name):
            self._put(sink, is_renewed=False)
            return
        was = before.name if before is not None and before.password is not None else None
        self._do("storing of a secret", lambda: kept_secret(sink.name, typed, was))
        assert self._task is not None
        self._task.done.connect(lambda _: self._put(sink, is_renewed=True))
        self._task.failed.connect(self._not_stored)
        self._task.start()

    def done(self, result: int) -> None:
        """Ends what is still being tried."""
        if self._task is not None:
            self._task.drop()
        super().done(result)

    def settings(self) -> SinkSettings | None:
        """Returns what was filled in; None where it cannot be, which is then said beside the fields."""
        sink, problems = self._checked()
        self._show(problems)
        return sink

    def _checked(self) -> tuple[SinkSettings | None, Sequence[Problem]]:
        values = self._values()
        sink, found = tried(SinkSettings, values, str(values.get("name", "")), folder=self._document.path.parent)
        problems = list(found)
        own = self._before.name if self._before else None
        others = {each.name.casefold() for each in self._document.config.sinks if each.name != own}
        if str(values.get("name", "")).strip().casefold() in others:
            problems.append(_problem("name", self.tr("is the name of another one, expected one of its own")))
        if values.get("only_cameras") == ():
            problems.append(_problem("only_cameras", self.tr("nothing is ticked, expected cameras or groups")))
        if values.get("enabled") and not self._is_logged:
            problems.append(_problem("", self.tr(NO_LOG)))
        if self.login.homeless and self._has_secret:
            words = self.tr("is missing: what was typed is not kept; name a variable that holds it")
            problems.append(_problem("password_env", words))
        return (None if problems else sink), problems

    def _values(self) -> dict[str, Any]:
        kind, shown = self.kind.currentData(), self._shown_keys()
        values = {key: value for key, value in self.channel.values().items() if key in shown}
        values |= {**self.naming.values(), **self.rest.values(), "kind": kind}
        if self._has_secret:
            login = self.login.values()
            values |= login if self._has_user else {**login, "user": None}
        values["only_cameras"] = self.owners.ticked if self.whose.currentData() else None
        return values

    @property
    def _has_secret(self) -> bool:
        return "password" in OWN[self.kind.currentData()]

    @property
    def _has_user(self) -> bool:
        return "user" in OWN[self.kind.currentData()]

    def _shown_keys(self) -> list[str]:
        return [key for key in CHANNEL if key in OWN[self.kind.currentData()]]

    def _try(self) -> None:
        """Sends a test with what is filled in, whether it is kept or not."""
        sink = self.settings()
        if sink is None:
            return
        typed, before = self.login.typed if sink.password else None, self._before
        was = before.name if before is not None and before.password is not None else None
        self.said.setText(self.tr("Trying…"))
        self._do("test of a sink", lambda: try_typed(sink, typed, was))
        assert self._task is not None
        self._task.done.connect(self._tell)
        self._task.failed.connect(lambda words: self._tell(Outcome(words, is_good=False)))
        self._task.start()

    def _tell(self, outcome: object) -> None:
        assert isinstance(outcome, Outcome)
        self._free()
        self.said.setText(outcome_words(outcome))

    def _do(self, name: str, work: Any) -> None:
        """Makes a task, while which nothing else can be done."""
        self._task = Task(name, work)
        self.buttons.setEnabled(False)
        self.test.setEnabled(False)

    def _free(self) -> None:
        self.buttons.setEnabled(True)
        self.test.setEnabled(True)

    def _put(self, sink: SinkSettings, *, is_renewed: bool) -> None:
        self._free()
        in_force = self._document.config
        found = self._document.put_item("sinks", sink, replacing=self._before.name if self._before else None)
        self._show(found)
        if found:
            return
        if is_renewed and self._document.config is in_force:  # another secret is all that changed
            self._document.renew()
        super().accept()

    def _not_stored(self, problem: str) -> None:
        self._free()
        self._show([_problem("password", problem)])

    def _show(self, problems: Sequence[Problem]) -> None:
        self.login.clear_faults()
        self.scope.clear_faults()
        left = [problem for problem in problems if not self._said_beside(problem)]
        for form in (self.naming, self.channel, self.rest):
            left = list(form.show_problems(left))
        self._fault.say("; ".join(problem.sentence for problem in left), self)
        parts = (self.naming, self.channel, self.login, self.scope, self.rest)
        if any(part.focus_first_fault() for part in parts):
            self.area.ensureWidgetVisible(self.focusWidget())

    def _said_beside(self, problem: Problem) -> bool:
        login = {"user": self.login.user, "password": self.login.password, "password_env": self.login.variable}
        key = str(problem.place[0]) if problem.place else ""
        if key == "only_cameras":
            self.scope.say(self.whose, problem.words)
        elif key in login and self._has_secret:
            self.login.say_beside(login[key], problem.words)
        else:
            return False
        return True

    def _arrange(self) -> None:
        """Shows the fields that the kind has."""
        self.channel.set_shown(self._shown_keys())
        self.login.setVisible(self._has_secret)
        self.login.set_user(shown=self._has_user)
        self.login.rename(self.login.password, self.tr("&Password") if self._has_user else self.tr("&Key"))
        self.owners.setVisible(bool(self.whose.currentData()))

    def _fill(self) -> None:
        for kind in KINDS:
            self.kind.addItem(kind_word(kind), kind)
        for words, is_part in ((self.tr("all cameras and groups"), False), (self.tr("only these"), True)):
            self.whose.addItem(words, is_part)
        before = self._before
        if before is not None:
            self.kind.setCurrentIndex(self.kind.findData(before.kind))
            self.login.set_values(before)
            self.owners.tick(before.only_cameras or ())
            self.whose.setCurrentIndex(self.whose.findData(before.only_cameras is not None))
        for form in (self.naming, self.channel, self.rest):
            form.set_values(dict(before) if before else {"name": self._proposed()})
        self.kind.currentIndexChanged.connect(lambda _: self._arrange())
        self.whose.currentIndexChanged.connect(lambda _: self._arrange())
        self.test.clicked.connect(self._try)

    def _proposed(self) -> str:
        taken = {sink.name.casefold() for sink in self._document.config.sinks}
        names = (self.tr("staff") + (f" {number}" if number > 1 else "") for number in range(1, len(taken) + 2))
        return next(name for name in names if name.casefold() not in taken)

    def _build(self) -> None:
        self.head.add(self.tr("K&ind"), self.kind, SinkSettings.model_fields["kind"].description or "")
        words = self.tr("Whose alerts are told.")
        self.scope.add(self.tr("A&lerts of"), self.whose, words, extra=self.owners)
        self.test.setAutoDefault(False)
        self.test.setToolTip(self.tr("Sends a test with what is filled in, and says what happened (Alt+T)"))
        fields = QWidget()
        column = QVBoxLayout(fields)
        column.setContentsMargins(0, 0, 0, 0)
        about, when = (self.head, self.naming, self.channel, self.login), (self.scope, self.rest)
        for part in (*about, title(self.tr("What is told, and when")), *when):
            column.addWidget(part)
        column.addStretch(1)
        tried = QWidget()
        row = QHBoxLayout(tried)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.test)
        row.addWidget(self.said, stretch=1)
        self.arrange(fields, tried, self._fault, size_em=SIZE_EM)


def outcome_words(outcome: Outcome) -> str:
    """Returns what a test came to, with a sign."""
    return f"✓ {outcome.sentence}" if outcome.is_good else f"{FAULT_SIGN} {outcome.sentence}"


def _problem(key: str, words: str) -> Problem:
    return Problem((key,) if key else (), words, words)
