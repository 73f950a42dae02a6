"""Builds crowd-counting models in PyTorch and exports them as ONNX files for the engine.

ONNX Runtime would report each use to its maker, and matplotlib write into folders of its own: both look when they are
imported, so both are told here.
"""

import os

from platformdirs import user_cache_path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("MPLCONFIGDIR", str(user_cache_path("deepcount", appauthor=False) / "matplotlib"))
