"""In what numbers a network is computed: float32, or halves of it where the processor or the card has them.

PyTorch takes bfloat16 on every processor. Where there are no instructions for it, each product is emulated, and a step
takes ten to thirty times as long as in float32.
"""

import platform

import torch

AUTO, FP32, BF16, FP16 = "auto", "fp32", "bf16", "fp16"
PRECISIONS = (AUTO, FP32, BF16, FP16)
X86 = ("x86_64", "amd64")


def has_bf16(device: torch.device) -> bool:
    """Says whether a device computes bfloat16 itself, and does not emulate it."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():  # heeds ONEDNN_MAX_CPU_ISA, but takes AVX-512 for enough
        return False
    if platform.machine().lower() not in X86:
        return True
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def resolved(precision: str, device: torch.device) -> str:
    """Returns what `auto` is on a device: bf16 where it has that, else fp16 on a card and fp32 on a processor."""
    if precision != AUTO:
        return precision
    if has_bf16(device):
        return BF16
    return FP16 if device.type == "cuda" else FP32


def said(precision: str, device: torch.device) -> str:
    """Says in what is computed, and that it is slow where it is emulated."""
    kind = "card" if device.type == "cuda" else "processor"
    if precision == BF16 and not has_bf16(device):
        return f"computing in bf16, which this {kind} only emulates: ten times slower than fp32 or more"
    why = f", for this {kind} has no bf16" if precision != BF16 and not has_bf16(device) else ""
    return f"computing in {precision}{why}"


def autocast(precision: str, device: torch.device) -> torch.autocast:
    """Returns a context in which a network computes in halves where that is asked for and harmless."""
    half = torch.float16 if precision == FP16 else torch.bfloat16
    return torch.autocast(device.type, half, enabled=precision in (BF16, FP16))
