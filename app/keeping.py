"""Finds a window again as it was left, and keeps how it is left now."""

from app.notices import Level, Notices
from app.preferences import Preferences, plain_state
from app.window import Window

PREFERENCES = "preferences"
"""Source of notices."""


def restore(window: Window, kept: Preferences, notices: Notices) -> None:
    """Has the window and its pages as they were; what makes no sense is as at the first start."""
    window.place(kept.geometry, maximised=kept.maximised)
    for name, page in window.pages.items():
        try:
            page.restore(kept.pages.get(name, {}))
        except Exception as error:  # the last stop: whatever somebody wrote there, the window opens
            words = window.tr("what is kept of the page “{page}” cannot be taken ({error})")
            notices.post(Level.WARNING, PREFERENCES, words.format(page=page.title, error=type(error).__name__))
    if kept.page in window.pages:
        window.show_page(kept.page)


def left(window: Window, before: Preferences) -> Preferences:
    """Returns preferences that say how the window is now."""
    place = window.normalGeometry()
    return before.model_copy(
        update={
            "geometry": (place.x(), place.y(), place.width(), place.height()) if place.isValid() else None,
            "maximised": window.isMaximized(),
            "page": window.page.name,
            "pages": {name: plain_state(page.state()) for name, page in window.pages.items()},
        }
    )
