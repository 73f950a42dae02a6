"""`deepcount-trainer doctor`: what this machine trains with, for a person who wonders why it is slow."""

import argparse
from importlib.util import find_spec

import torch

from trainer.arithmetic import AUTO, has_bf16, resolved
from trainer.commands.options import add_device, device_of
from trainer.learning.environment import environment

NEEDED = ("cv2", "imagehash", "matplotlib", "onnx", "onnxruntime", "onnxscript", "safetensors", "scipy", "tensorboard")
"""By the names under which they are imported."""
REMEDY = "pip install 'deepcount[cpu,train]'"


def add_doctor(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    add_device(parser)
    parser.set_defaults(run_command=_doctor, when_stopped="stopped")


def _doctor(options: argparse.Namespace) -> int:
    device = device_of(options)
    facts = environment(device) | {"precision": f"auto is {resolved(AUTO, device)} here{_why(device)}"}
    width = max(map(len, facts))
    for name, found in facts.items():
        print(f"{name:{width}}  {found}")
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        print(f"missing: {', '.join(missing)}; {REMEDY}")
    return 2 if missing else 0


def _why(device: torch.device) -> str:
    return "" if has_bf16(device) else "; bf16 would be emulated, ten times slower than fp32 or more"
