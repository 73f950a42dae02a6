"""Adds or edits a camera: where it is, who may look, a test, and under 'More' all else that can be set."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QCloseEvent, QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QDialog, QDialogButtonBox, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.dialogs.login import LoginFields
from app.dialogs.more import More
from app.dialogs.rows import Rows
from app.dialogs.source_picker import SourcePicker
from app.dialogs.try_panel import TryPanel
from app.dialogs.words import FaultLabel
from app.running.document import Document
from app.running.task import Task
from engine.monitor.probe import Trial
from engine.settings.address import Address
from engine.settings.camera_login import WITH_LOGIN
from engine.settings.config import CameraSettings
from engine.settings.passwords import store_password
from engine.settings.problems import Problem, tried

WIDE_EM = 46  # from here on the test stands beside the fields
SIZE_EM = 52, 34
LEAST_EM = 16, 12


class CameraDialog(QDialog):
    """What a camera is; when it is accepted the document has it."""

    def __init__(self, document: Document, name: str | None = None, parent: QWidget | None = None) -> None:
        """Edits the camera of that name, or adds one."""
        super().__init__(parent)
        self._document, self._before = document, document.camera(name) if name else None
        self.setWindowTitle(self.tr("Camera {0}").format(name) if name else self.tr("Add a camera"))
        self.source, self.login, self.more = SourcePicker(document.path.parent), LoginFields(), More()
        self.name, self.naming = QLineEdit(), Rows()
        self.test = TryPanel(self._begun_trial)
        self._fault, self._area = FaultLabel(), QScrollArea()
        self._storing: Task | None = None
        self._build()
        self._fill()
        self._connect()
        self._arrange()
        self.source.focus()

    def settings(self) -> CameraSettings | None:
        """Returns what was filled in; None where it cannot be, which is then said beside the fields."""
        found = self._checked()
        self._show(found[1])
        return found[0]

    def accept(self) -> None:
        """Keeps the password, then the camera; where either cannot be, says why and stays."""
        settings = self.settings()
        if settings is None:
            return
        typed, host = self.login.typed if self.source.is_network else None, settings.address.host
        if typed is None or settings.password is None:
            self._put(settings)
        elif host is None:
            self.source.say_problem(self.tr("names no host that is certain, expected one to keep the password for"))
        else:
            user = settings.login or ""
            self._storing = Task("storing of a password", lambda: store_password(user, host, typed))
            self._storing.done.connect(lambda _: self._put(settings))
            self._storing.failed.connect(self._not_stored)
            self._buttons.setEnabled(False)
            self._storing.start()

    def done(self, result: int) -> None:
        """Ends what is still being tried, and puts nothing into the document once it is refused."""
        self.test.cancel()
        if self._storing is not None:
            self._storing.drop()
        super().done(result)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """Is a refusal."""
        self.test.cancel()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Puts the test beside the fields where there is room, else beneath."""
        super().resizeEvent(event)
        wide = self.width() >= self._em(WIDE_EM)
        self._halves.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def _values(self) -> dict[str, Any]:
        """What was filled in, as settings take it."""
        values: dict[str, Any] = {} if self._before is None else dict(self._before)
        values |= self.more.values(self._kind())
        values |= {"name": self.name.text().strip() or self._proposed()}
        values |= {"address": self.source.value, "address_small": self.source.small_value}
        values |= dict.fromkeys(("user", "password", "password_env"))
        return values | (
            self._login_values(values["address"], values["address_small"]) if self.source.is_network else {}
        )

    def _login_values(self, address: Address | str, small: Address | str | None) -> dict[str, Any]:
        """Returns who may look; a login that stands in the file's address stays there until something is touched."""
        before, is_kept = self._before, self.login.kept.where == "address" and not self.login.is_touched
        if before is None or not is_kept or address != before.address.without_login()[0]:
            return self.login.values()
        is_same = before.address_small is not None and small == before.address_small.without_login()[0]
        return {"address": before.address, "address_small": before.address_small if is_same else small}

    def _checked(self) -> tuple[CameraSettings | None, list[Problem]]:
        values = self._values()
        settings, found = tried(CameraSettings, values, values["name"], folder=self._document.path.parent)
        problems = list(found)
        if words := self.source.problem:
            problems = [Problem(("address",), words, words), *(p for p in problems if p.place[:1] != ("address",))]
        if self._is_taken(values["name"]):
            words = self.tr("is the name of another camera, expected one of its own")
            problems.append(Problem(("name",), words, words))
        if self.source.is_network and self.login.homeless:
            words = self.tr("is missing: the password in the address is not kept; name a variable that holds it")
            problems.append(Problem(("password_env",), words, words))
        if settings is not None and (words := self._lost_password(settings)):
            problems.append(Problem(("password",), words, words))
        return (None if problems else settings), problems

    def _lost_password(self, settings: CameraSettings) -> str:
        """Says that a password which is kept for another user or host has to be given again."""
        if settings.password is None or self.login.typed is not None or self._before is None:
            return ""
        before = self._before
        same = (before.login, before.address.host) == (settings.login, settings.address.host)
        if same and before.password is not None:
            return ""
        return self.tr("is kept for another user or host, expected it once more")

    def _is_taken(self, name: str) -> bool:
        others = (each.name for each in self._document.config.cameras if each is not self._before)
        own = self._before.name.casefold() if self._before else None
        return name.casefold() != own and name.casefold() in {other.casefold() for other in others}

    def _begun_trial(self) -> Trial | None:
        settings = self.settings()
        if settings is None:
            return None
        return Trial(settings, password=self.login.typed if settings.password else None)

    def _put(self, settings: CameraSettings) -> None:
        self._buttons.setEnabled(True)
        in_force = self._document.config
        found = self._document.put_camera(settings, replacing=self._before.name if self._before else None)
        if found:
            self._show(found)
            return
        if self._storing is not None and self._document.config is in_force:  # another password is all that changed
            self._document.renew()
        super().accept()

    def _not_stored(self, problem: str) -> None:
        self._buttons.setEnabled(True)
        self._show([Problem(("password",), problem, problem)])

    def _show(self, problems: Sequence[Problem]) -> None:
        """Says beside each field what is wrong, or at the bottom, and moves to the first."""
        for rows in (self.source, self.login, self.naming):
            rows.clear_faults()
        others = self.more.show_problems(problem for problem in problems if not self._said_beside(problem))
        self._fault.say("; ".join(problem.sentence for problem in others), self)
        if any(part.focus_first_fault() for part in (self.source, self.login, self.naming, self.more)):
            self._area.ensureWidgetVisible(self.focusWidget())

    def _said_beside(self, problem: Problem) -> bool:
        """Says one problem beside its field, if it is one of those above 'More'."""
        login = {"user": self.login.user, "password": self.login.password, "password_env": self.login.variable}
        match problem.place[:1]:
            case ("name",):
                self.naming.say(self.name, problem.words)
            case ("address",):
                self.source.say_problem(problem.words)
            case ("address_small",) if self.source.is_network:
                self.source.say_small_problem(problem.words)
            case (("user" | "password" | "password_env") as key,) if self.source.is_network:
                self.login.say(login[str(key)], problem.words)
            case _:
                return False
        return True

    def _proposed(self) -> str:
        """Returns a name that no camera has yet."""
        name = self.source.name or self.tr("camera")
        taken = (f"{name} {number}" for number in range(2, 10_000))
        return name if not self._is_taken(name) else next(each for each in taken if not self._is_taken(each))

    def _propose(self) -> None:
        self.name.setPlaceholderText(self._proposed())

    def _kind(self) -> str:
        address = self.source.value
        if not address and self.source.is_network:
            return "rtsp"
        return (address if isinstance(address, Address) else Address.of(address)).kind

    def _arrange(self) -> None:
        self.login.setVisible(self.source.is_network)
        self.more.suit(self._kind(), encrypted=self._kind() in WITH_LOGIN)
        self._propose()

    def _fill(self) -> None:
        if self._before is None:
            return
        address, small = self._before.address, self._before.address_small
        if small is not None and address.user is not None:
            small = small.without_login()[0]
        self.source.set_value(address.without_login()[0], small)
        self.login.set_values(self._before)
        self.name.setText(self._before.name)
        self.more.set_values(dict(self._before))

    def _connect(self) -> None:
        self.source.changed.connect(self._arrange)
        self.test.answered.connect(self._look_at_test)
        self.source.login_found.connect(self.login.take)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    def _look_at_test(self) -> None:
        """Brings into sight what came of a test, which stands beneath the fields where there is little room."""
        self._area.ensureWidgetVisible(self.test.words)
        self._area.ensureWidgetVisible(self.test.picture)

    def _build(self) -> None:
        self.naming.add(self.tr("N&ame"), self.name, self.tr("How the camera is called everywhere."))
        fields, inside = QWidget(), QWidget()
        column = QVBoxLayout(fields)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.source, self.login, self.naming):
            column.addWidget(part)
        column.addStretch(1)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._halves.setSpacing(self._em(1))
        self._halves.addWidget(fields, stretch=3)
        self._halves.addWidget(self.test, stretch=2)
        whole = QVBoxLayout(inside)
        whole.addLayout(self._halves)
        whole.addWidget(self.more)
        whole.addStretch(1)
        area = self._area
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the fields in it are reached, and bring themselves into sight
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert ok is not None
        ok.setText(self.tr("Save") if self._before else self.tr("Add the camera"))
        outer = QVBoxLayout(self)
        outer.addWidget(area, stretch=1)
        outer.addWidget(self._fault)
        outer.addWidget(self._buttons)
        self.setMinimumSize(self._em(LEAST_EM[0]), self._em(LEAST_EM[1]))
        screen = self.screen()
        room = screen.availableSize() if screen else QSize(1280, 800)
        self.resize(QSize(self._em(SIZE_EM[0]), self._em(SIZE_EM[1])).boundedTo(room * 0.95))

    def _em(self, lengths: float) -> int:
        return round(lengths * self.fontMetrics().height())
