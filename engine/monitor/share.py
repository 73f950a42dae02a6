"""What of a configuration one process does, where others do the rest of it and may take over what it does."""

from dataclasses import dataclass

from engine.log.fence import Fence


@dataclass(slots=True)
class Share:
    """To be changed between two calls of `Monitor.apply` by whoever calls it."""

    fence: Fence
    tells: bool = False
    """Whether this process tells the sinks what happened, whoever noted it."""
    going: frozenset[str] = frozenset()
    """Cameras and groups that another process goes on with, and whose alerts stay open."""
