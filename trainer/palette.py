"""The colours and the lettering of the pictures that the trainer draws: sheets, scatter plots."""

from typing import Any

DPI = 110
INK, PALE, GROUND, PANEL = "#f2f0ea", "#8f98a3", "#14181d", "#1b2027"
POINT, OUTLINE = "#ffb627", "#1a1204"
TOO_MANY, TOO_FEW = "#ff6b5e", "#5cc8ff"
GLOW = "inferno"
"""Of densities, a colour map of matplotlib."""
CAPTION: dict[str, Any] = {"fontsize": 10.5, "pad": 4, "parse_math": False}  # of texts that hold a name
