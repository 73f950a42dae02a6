"""Counts people in video: sources, the model, the threads between them, and the log. Knows neither Qt nor PyTorch.

Nothing is reported to anybody: two runtimes would tell their makers of each use, and are kept from it here, since both
look only once, when they are imported. Imports nothing but the standard library, as `make` asks it before all else.
"""

import os
import sys

__version__ = "0.1.0"

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # ONNX Runtime's own call for it comes too late
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # OpenVINO goes on without it
