"""What is drawn on a camera's live picture, from anywhere in the window: zones and masks, and where the ground is."""

from app.dialogs.ground.dialog import GroundDialog
from app.dialogs.polygons.editor import PolygonEditor
from app.dialogs.trust import TrustDialog
from app.running.live import Live
from app.running.tunings import Tunings
from app.running.watched import Watched
from app.window import Window


class OnPicture:
    """Opens the dialogs, each before the window."""

    def __init__(self, live: Live, watched: Watched, window: Window) -> None:
        self._live, self._watched, self._window = live, watched, window
        self.tunings = Tunings()
        """What cameras learn from their checked frames."""

    def edit_zones(self, name: str) -> None:
        """Opens the editor of a camera's zones and masks."""
        self._open(PolygonEditor, name)

    def calibrate(self, name: str) -> None:
        """Opens the calibration of a camera."""
        self._open(GroundDialog, name)

    def trust(self, name: str) -> None:
        """Opens what is known of how far off a camera's counts are."""
        watched = self._watched
        dialog = TrustDialog(
            self._live,
            name,
            config=lambda: watched.config,
            save=watched.put,
            tunings=self.tunings,
            parent=self._window,
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def close(self) -> None:
        """Stops what learns; may be called twice."""
        self.tunings.close()

    def _open(self, kind: type[PolygonEditor] | type[GroundDialog], name: str) -> None:
        watched, window = self._watched, self._window
        dialog = kind(self._live, name, camera=lambda: watched.camera(name), save=watched.put, parent=window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(lambda _: window.page.enter())  # it wants its own pictures again
        dialog.open()
