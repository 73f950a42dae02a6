"""The calibration of a camera as a dialog: the live picture with a grid of metres, and the marks at the side.

What it saves is the calibration alone, into the settings as they are at that moment, so that nothing else that was
changed meanwhile is lost. Without any mark the calibration is taken away.
"""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.dialogs.ground.canvas import GroundCanvas
from app.dialogs.ground.marking import Marking
from app.dialogs.ground.marks import Mark
from app.dialogs.ground.sidebar import Sidebar
from app.dialogs.ground.solving import Solved, Solver
from app.dialogs.ground.words import fit_words, ground_words
from app.dialogs.scrolled import scroll_down
from app.dialogs.sight.dialog import SightDialog, note_words
from app.icons import icon
from app.running.live import Live
from app.theme import em
from engine.calibration.outlook import Outlook
from engine.monitor.crowding import stale_words
from engine.monitor.screen import Wish
from engine.settings.calibration import CalibrationSettings, calibration_of
from engine.settings.config import CameraSettings

PICTURE_MS, NUMBERS_MS = 33, 125
SIDE_EM, SHARE = 22, 0.9  # the second of the window


class GroundDialog(SightDialog):
    """Calibrates one camera."""

    def __init__(
        self,
        live: Live,
        name: str,
        *,
        camera: Callable[[], CameraSettings | None],
        save: Callable[[CameraSettings], str],
        parent: QWidget | None = None,
    ) -> None:
        """Takes a camera by its name.

        Args:
            live: the cameras that are watched.
            name: what the camera is called.
            camera: returns its settings as they are now; None where there is no such camera any more.
            save: takes its settings; returns why they could not be saved, or ''.
            parent: the window that it stands before.
        """
        super().__init__(parent)
        self._pictures, self._name, self._camera, self._put = live.glance(), name, camera, save
        settings = camera()
        self._before: CalibrationSettings | None = settings.calibration if settings else None
        known = self._before
        self.marking = Marking((*known.marked_people, *known.marked_distances) if known else ())
        self.canvas, self.sidebar = GroundCanvas(self.marking), Sidebar(self.marking)
        self.solved: Solved | None = None
        """What came of the newest marks of which it is known."""
        self._solver, self._why, self._problem = Solver(), "", ""
        self._asked: tuple[tuple[Mark, ...], float | None] | None = None
        self.save, self.cancel = QPushButton(icon("save"), self.tr("Save")), QPushButton(self.tr("Cancel"))
        self.setWindowTitle(self.tr("Calibration of {}").format(name))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._arrange()
        self._connect()
        self._tell()
        if parent is not None and (window := parent.window()) is not None:
            self.resize(window.size() * SHARE)
        self.canvas.setFocus()

    @property
    def is_solved(self) -> bool:
        """Whether what was found belongs to what is marked, on the picture as it is."""
        solved = self.solved
        return solved is not None and (solved.marks, solved.aspect) == (self.marking.marks.all, self.canvas.aspect)

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save."""
        return self.marking.marks.all != self.marking.saved or bool(self._stale())

    def question(self) -> str:
        """Asks about marks that are not saved."""
        return "" if self.marking.marks.all == self.marking.saved else self.tr("The marks were changed. Save them?")

    def put(self) -> None:
        """Saves the calibration and leaves, if that can be."""
        settings, solved, marks = self._camera(), self.solved, self.marking.marks
        if not self.save.isEnabled():
            return
        found = None
        if marks.all and solved is not None and solved.fit is not None:
            seen = self.canvas.seen
            outlook = None if seen is None else Outlook.of(seen)
            found = calibration_of(marks.people, marks.distances, solved.fit, outlook)
        if settings is None:
            self._why = self.tr("'{}' is not configured any more, so its calibration cannot be saved").format(
                self._name
            )
        else:
            self._why = self._put(settings.model_copy(update={"calibration": found}))
        if self._why:
            self._tell()
        else:
            self.accept()

    def done(self, result: int) -> None:
        """Asks for no more pictures, and has nothing more found."""
        self._pictures.want({})
        self._solver.close()
        super().done(result)

    def _arrange(self) -> None:
        scroll = QScrollArea()
        scroll_down(scroll, self.sidebar)
        scroll.setFixedWidth(em(self, SIDE_EM))
        buttons = QHBoxLayout()
        for button in (self.cancel, self.save):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        side = QVBoxLayout()
        side.addWidget(scroll, stretch=1)
        side.addLayout(buttons)
        whole = QHBoxLayout(self)
        whole.addWidget(self.canvas, stretch=1)
        whole.addLayout(side)

    def _connect(self) -> None:
        self.save.setToolTip(self.tr("Write the calibration into the configuration (Ctrl+S)"))
        self.save.setShortcut("Ctrl+S")
        self.save.clicked.connect(self.put)
        self.cancel.clicked.connect(self.reject)
        self.canvas.looked.connect(self._want)
        self.marking.changed.connect(self._follow)
        self._pull_every(PICTURE_MS, self._pull_picture)
        self._pull_every(NUMBERS_MS, self._pull_numbers)
        self._want()

    def _want(self) -> None:
        self._pictures.want({self._name: Wish(self.canvas.wanted)})

    def _pull_picture(self) -> None:
        picture = self._pictures.newest(self._name)
        if picture is not None:
            self.canvas.show_picture(picture)
            self._follow()
        solved = self._solver.pull()
        if solved is not None:
            self.solved = solved
            self._tell()

    def _pull_numbers(self) -> None:
        facts = self._pictures.facts().get(self._name)
        note = note_words(self._name, facts, has_picture=self.canvas.aspect is not None)
        if note != self.canvas.note:
            self.canvas.note = note
            self.canvas.update()
        crowding = facts.newest.crowding if facts else None
        if crowding is not None and crowding.stale != self._problem:
            self._problem = crowding.stale
            self._tell()

    def _follow(self) -> None:
        """Has the ground found anew where marks or the shape of the picture are others."""
        aspect, marks = self.canvas.aspect, self.marking.marks
        wanted = (marks.all, aspect)
        if wanted == self._asked or aspect is None or self.marking.is_holding:
            return
        self._asked, self._why = wanted, ""
        if marks.all:
            self._solver.ask(marks, aspect)
        self._tell()

    def _stale(self) -> str:
        picture = self.canvas.aspect
        if self._before is None or picture is None:
            return ""
        return stale_words(self._before, picture) or self._problem

    def _tell(self) -> None:
        """Says what was found, and shows it on the picture."""
        marks, solved = self.marking.marks.all, self.solved
        fit = solved.fit if solved is not None and self.is_solved else None
        if fit is not None:
            self.canvas.show_ground(fit.ground)
        elif not marks or self.is_solved:
            self.canvas.show_ground(None)
        grid = self.canvas.grid
        camera = ground_words(fit.ground, grid.step) if fit and grid else ""
        found = fit_words(fit) if fit else "" if not marks or self.is_solved else self.tr("Finding the ground…")
        refusal = solved.refusal if solved is not None and self.is_solved and marks else ""
        stale = self._stale() if marks == self.marking.saved else ""
        self.sidebar.say(found, camera, self._why or refusal or stale)
        self.save.setEnabled(fit is not None if marks else self._before is not None)
