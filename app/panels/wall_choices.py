"""How people have chosen to see the wall: one frozen value, kept from one start to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

from app.panels.picture_view import Overlay
from app.panels.wall_layout import Layout

OVERLAYS: tuple[Overlay, ...] = get_args(Overlay)
SCALES = (None, 2.0, 5.0, 10.0, 20.0, 50.0)
"""People per 100 pixels square in the strongest colour; None suits each picture."""


@dataclass(frozen=True, slots=True)
class WallChoices:
    """All of it."""

    layout: Layout = Layout.AUTOMATIC
    large: str = ""
    """The camera that is large among small ones; empty takes the first."""
    overlay: Overlay = "none"
    opacity: float = 0.7
    """Of the heat-map, 0 to 1."""
    scale: float | None = None
    """One of `SCALES`."""
    square: bool = False
    """Whether the legend tells people per 100 pixels square, rather than per cell."""
    left_out: frozenset[str] = frozenset()
    """Cameras that are not part of the total."""
    curve: bool = True
    """Whether the curve stands beneath the wall."""
    locked: bool = False

    @property
    def state(self) -> dict[str, object]:
        """Plain values for TOML."""
        scale = {} if self.scale is None else {"scale": self.scale}
        return {
            "layout": str(self.layout),
            "large": self.large,
            "overlay": self.overlay,
            "opacity": self.opacity,
            "square": self.square,
            "curve": self.curve,
            "not_in_total": sorted(self.left_out),
            "locked": self.locked,
        } | scale

    def with_state(self, state: Mapping[str, object]) -> "WallChoices":
        """Returns these with what `state` gave at an earlier time; what makes no sense is left as it is."""
        changes: dict[str, object] = {}
        for name in ("square", "curve", "locked"):
            if isinstance(state.get(name), bool):
                changes[name] = state[name]
        for name, known in (("overlay", OVERLAYS), ("scale", SCALES), ("layout", tuple(Layout))):
            if name in state and state[name] in known:
                changes[name] = known[known.index(state[name])]
        opacity, large, left_out = state.get("opacity"), state.get("large"), state.get("not_in_total")
        if isinstance(opacity, int | float) and 0 <= opacity <= 1:
            changes["opacity"] = float(opacity)
        if isinstance(large, str):
            changes["large"] = large
        if isinstance(left_out, list):
            changes["left_out"] = frozenset(name for name in left_out if isinstance(name, str))
        return replace(self, **changes)  # type: ignore[arg-type]  # each was checked above
