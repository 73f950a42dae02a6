"""Whom a camera or a sink knows: user and secret, and where that is kept; one that is kept is never shown."""

from dataclasses import dataclass, field
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.dialogs.rows import Rows
from app.running.task import Task
from engine.settings.config import CameraSettings
from engine.settings.passwords import keyring_problem
from engine.settings.sinks import SinkSettings

KEYRING, VARIABLE = "keyring", "variable"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the password of a configured camera or sink is, before anything is changed."""

    where: str = ""
    """'keyring', 'variable', 'address', or empty where there is none."""
    user: str = ""
    password: str | None = field(default=None, repr=False)
    """Only one that stands in an address."""
    variable: str = ""
    """The name of the variable that holds it."""

    @classmethod
    def of(cls, settings: CameraSettings | SinkSettings) -> "Kept":
        """Looks at what is configured; nothing is looked up."""
        where = KEYRING if settings.password else VARIABLE if settings.password_env else ""
        variable = settings.password_env or ""
        if isinstance(settings, SinkSettings):
            return cls(where, settings.user or "", None, variable)
        _, user, password = settings.address.without_login()
        return cls(where or ("address" if user is not None else ""), settings.login or "", password, variable)


class LoginFields(Rows):
    """Asks for user and password."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._has_user = True
        self.user, self.password, self.variable, self.keep = QLineEdit(), QLineEdit(), QLineEdit(), QComboBox()
        self.kept, self._no_keyring = Kept(), ""
        self._build()
        self._looking = Task("look at the keyring", keyring_problem)
        self._looking.done.connect(self._hear_of_keyring)
        self._looking.start()

    @property
    def typed(self) -> str | None:
        """The password that is to be kept in the keyring: one that was typed, or stood in the address before."""
        return (self.password.text() or self.kept.password) if self._in_keyring else None

    @property
    def is_touched(self) -> bool:
        """Whether anything is to be changed of what is configured."""
        has_typed = bool(self.password.text() or self.variable.text())
        return has_typed or self.user.text() != self.kept.user or self._in_keyring is (self.kept.where == VARIABLE)

    def values(self) -> dict[str, Any]:
        """Returns the settings, as they are where the password is kept."""
        user = self.user.text() or None
        is_whole = user is not None or not self._has_user
        has_password = self.typed is not None or self.kept.where == KEYRING
        return {
            "user": user,
            "password": KEYRING if self._in_keyring and is_whole and has_password else None,
            "password_env": None if self._in_keyring else self.variable.text().strip() or None,
        }

    def set_values(self, settings: CameraSettings | SinkSettings) -> None:
        """Takes what is configured."""
        self.kept = Kept.of(settings)
        self.user.setText(self.kept.user)
        self.variable.setText(self.kept.variable)
        self.keep.setCurrentIndex(self.keep.findData(VARIABLE if self.kept.where == VARIABLE else KEYRING))
        words = {
            KEYRING: self.tr("kept; type to replace it"),
            "address": self.tr("in the address in the file; type to replace it"),
        }
        self.password.setPlaceholderText(words.get(self.kept.where, ""))

    def set_user(self, *, shown: bool) -> None:
        """Asks for a user, or for a secret alone."""
        self._has_user = shown
        self.show_row(self.user, shown)
        self.clear_faults()

    def say_beside(self, field: QWidget, words: str) -> None:
        """Says what is wrong with a field; of the two for the secret, beside the one that is shown."""
        if field in (self.password, self.variable):
            field = self.password if self._in_keyring else self.variable
        self.say(field, words)

    @property
    def homeless(self) -> bool:
        """Whether a password was given that has nowhere to be kept: in a variable nobody can put it from here."""
        return bool(self.password.text()) and not self._in_keyring and not self.variable.text().strip()

    def take(self, user: str, password: str) -> None:
        """Takes what stood in an address."""
        self.user.setText(user)
        if password:
            self.password.setText(password)

    @property
    def _in_keyring(self) -> bool:
        return bool(self.keep.currentData() == KEYRING)

    def _build(self) -> None:
        self.user.setPlaceholderText(self.tr("none"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.keep.addItem(self.tr("in the keyring"), KEYRING)
        self.keep.addItem(self.tr("in a variable"), VARIABLE)
        self.variable.setPlaceholderText("GATE_PASSWORD")
        self.add(self.tr("&User"), self.user)
        self.add(self.tr("&Password"), self.password)
        self.add(
            self.tr("Keep &it"),
            self.keep,
            self.tr("The keyring of this computer, or an environment variable; never the file."),
        )
        self.add(self.tr("&Variable"), self.variable, self.tr("Its name; set it to the password before the start."))
        self.keep.currentIndexChanged.connect(self._arrange)
        for line in (self.user, self.password, self.variable):
            line.textChanged.connect(lambda *_: self.changed.emit())
        self.user.textChanged.connect(lambda *_: self._tell_of_keyring())
        self._arrange()

    def _arrange(self) -> None:
        self.show_row(self.password, self._in_keyring)
        self.show_row(self.variable, not self._in_keyring)
        self.clear_faults()
        self.changed.emit()

    def _hear_of_keyring(self, problem: object) -> None:
        """Offers only the variable where there is no keyring, and says why."""
        if problem and self.kept.where != KEYRING:
            self.keep.setCurrentIndex(self.keep.findData(VARIABLE))
            self.keep.setEnabled(False)
        self._no_keyring = str(problem)
        self.clear_faults()

    def clear_faults(self) -> None:
        """Takes back all that was said to be wrong, but that there is no keyring where one is wanted."""
        super().clear_faults()
        self._tell_of_keyring()

    def _tell_of_keyring(self) -> None:
        """Says that there is none as soon as there is something to keep."""
        self.say(self.keep, self._no_keyring if self.user.text() or not self._has_user else "")
