"""Where a training ran: versions, machine and threads, for whoever wants the same figures again."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from trainer.arithmetic import has_bf16
from trainer.learning.parallel import share

PACKAGES = ("deepcount", "torch", "torchvision", "numpy", "scipy", "opencv-python", "safetensors", "tensorboard")
GIT_TIMEOUT_S = 5


def environment(device: torch.device) -> dict[str, str | int]:
    """Describes this process and its machine; what is not known is 'unknown'."""
    return {
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
        "commit": _commit(Path(__file__)),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "threads": torch.get_num_threads(),
        "processes": share()[1],
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "cuda": torch.version.cuda or "none",
        "bf16": "computed" if has_bf16(device) else "emulated",
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit(file: Path) -> str:
    """Returns the commit that a file was checked out from, with '-dirty' where something was changed since."""
    git = ["git", "-C", str(file.parent)]
    try:
        # Installed into a folder of somebody's own repository, the file is not one of its files.
        ours = subprocess.run(
            [*git, "ls-files", "--error-unmatch", file.name], capture_output=True, check=False, timeout=GIT_TIMEOUT_S
        )
        said = subprocess.run(
            [*git, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            capture_output=True,
            text=True,
            check=False,
            timeout=GIT_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):  # no git
        return "unknown"
    return said.stdout.strip() if ours.returncode == said.returncode == 0 else "unknown"
