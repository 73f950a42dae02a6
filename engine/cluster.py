"""Joining a Ray cluster, which is an extra: it reports nothing to its makers, and starts no dashboard."""

import logging
import os
import socket
from typing import Any

from engine.errors import EngineError

CONNECT_S = 5.0
ENVIRONMENT = {
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # tasks see the cards that there are
    "RAY_DISABLE_FAILURE_SIGNAL_HANDLER": "1",  # to be asked to end is no failure
    "RAY_worker_niceness": "0",  # who counts gives way by itself
}
"""What Ray is told before it is imported, unless somebody said otherwise."""
LOCAL = "local"
"""In place of an address: a cluster of this machine alone, begun and ended with the command."""


def joined(address: str) -> Any:
    """Joins a cluster, or begins one of this machine alone, and returns the module `ray`.

    Raises:
        EngineError: Ray is not installed, nothing answers at the address, or it runs another version.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError:
        raise EngineError(
            "--ray needs the Python package ray, which is not installed; pip install 'deepcount[cluster]', "
            "or leave --ray out"
        ) from None
    _check_reachable(address)
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False, "configure_logging": False}
    try:
        if address == LOCAL:
            ray.init(address=LOCAL, include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except Exception as error:  # of many kinds
        raise _refused(ray.__version__, address, error) from None
    return ray


def _check_reachable(address: str) -> None:
    """Raises EngineError where nothing answers, which Ray itself says after minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
    except (OSError, OverflowError) as error:
        raise _refused("", address, error) from None


def _refused(version: str, address: str, error: Exception) -> EngineError:
    words = " ".join(str(error).split())
    if "ersion mismatch" in words:
        return EngineError(
            f"the cluster at {address} runs another Ray or Python than the {version} of here; install the same on all "
            f"nodes ({words})"
        )
    return EngineError(
        f"no Ray cluster answers at {address} ({words or type(error).__name__}); start one with 'ray start --head' "
        "and give its address, such as 10.0.0.7:6379, or 'auto' on one of its machines"
    )
