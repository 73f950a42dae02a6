"""A window does not wait at its start for what only some of its work needs, and the model not for the window."""

from imported import imported


def test_a_window_imports_what_it_needs():
    unneeded = {"alembic", "httpx", "keyring", "matplotlib", "paho", "qtawesome", "rich", "scipy", "smtplib", "torch"}
    assert not unneeded & imported("app.assembly", "app.desktop")


def test_the_engine_is_there_before_the_pages():
    found = imported("app.desktop", "app.backstage")
    assert not {name for name in found if name.startswith(("app.pages.", "app.panels.", "pyqtgraph"))}
