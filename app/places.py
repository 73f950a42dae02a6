"""Where pages have their places in the window; one that does not exist yet is not seen."""

PLACES = ("live", "recording", "history", "alerts", "setup", "diagnostics")
"""Names of pages, in the order of the navigation."""


def page_keys(names: list[str]) -> dict[str, str]:
    """Returns the keys that lead to the pages that there are: Ctrl+1 to the first, and so on."""
    there = [name for name in PLACES if name in names]
    return {name: f"Ctrl+{number}" for number, name in enumerate(there, 1)}
