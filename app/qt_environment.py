"""The environment that Qt starts in."""

from collections.abc import MutableMapping
from pathlib import Path


def forget_opencv_plugins(environment: MutableMapping[str, str]) -> None:
    """Takes out what OpenCV's wheel sets on import: it would point Qt to the plugins of another Qt."""
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        if "cv2" in Path(environment.get(name, "")).parts:
            del environment[name]
