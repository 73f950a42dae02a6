"""What a program imports."""

import subprocess
import sys


def imported(*modules: str) -> set[str]:
    """Returns what is there after the import of some modules in a process of its own, whole names."""
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(process.stdout.split())
