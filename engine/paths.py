"""Where things lie: what comes with the product, and what it writes for its user."""

from pathlib import Path

from platformdirs import user_cache_path, user_config_path, user_data_path

ASSETS = Path(__file__).resolve().parent.parent / "assets"
LIGHT_MODEL = ASSETS / "models" / "light.onnx"
"""Real time on two cores."""
FULL_MODEL = ASSETS / "models" / "full.onnx"
"""For very dense crowds, at many times the work where they are."""
SHIPPED = {path.stem: path for path in (LIGHT_MODEL, FULL_MODEL) if path.is_file()}
"""Models that may be called by their names."""
MODEL_CHOICES = f"{' or '.join(SHIPPED)}, or an ONNX file (default: {LIGHT_MODEL.stem})"
"""For command lines."""
DEMO_CLIP = ASSETS / "demo" / "pets2009_s1l1.mp4"
DEMO_TRUTH = ASSETS / "demo" / "true_counts.csv"
ICON = ASSETS / "deepcount.svg"
"""Of the window, as the desktop shows it."""


def default_database() -> Path:
    """The log that the window writes to, in the user's data folder."""
    return user_data_path("deepcount", appauthor=False) / "deepcount.db"


def default_config() -> Path:
    """The configuration that the window opens, in the user's folder for such files."""
    return user_config_path("deepcount", appauthor=False) / "cameras.toml"


def default_recordings() -> Path:
    """Where live cameras are recorded unless something else is configured, in the user's data folder."""
    return user_data_path("deepcount", appauthor=False) / "recordings"


def default_models() -> Path:
    """Where models of single cameras lie that learnt from their checked frames, in the user's data folder."""
    return user_data_path("deepcount", appauthor=False) / "models"


def waiting_folder() -> Path:
    """Where samples wait for a log on a server that does not answer, in the user's data folder."""
    return user_data_path("deepcount", appauthor=False) / "waiting"


def cache_folder() -> Path:
    """Where our libraries may keep what can be made again, in the user's cache folder."""
    return user_cache_path("deepcount", appauthor=False)
