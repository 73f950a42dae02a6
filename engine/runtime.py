"""ONNX Runtime as installed here: exactly one of its two packages, and the providers it can run a model on."""

from importlib.metadata import PackageNotFoundError, version

from engine.errors import ModelError

PACKAGES = ("onnxruntime", "onnxruntime-gpu")
PROVIDERS = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}


def installed(package: str) -> str | None:
    """Returns the version of an installed package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def check_packages() -> str:
    """Returns the name of the one ONNX Runtime package that is installed.

    Raises:
        ModelError: there is none, or both are there (they overwrite each other's files).
    """
    found = [package for package in PACKAGES if installed(package)]
    if len(found) == 2:
        raise ModelError(
            "onnxruntime and onnxruntime-gpu are both installed and overwrite each other's files, expected one: run "
            "'pip uninstall onnxruntime onnxruntime-gpu', then install deepcount[cpu] or deepcount[gpu] again"
        )
    if not found:
        raise ModelError("ONNX Runtime is not installed: install deepcount[cpu], or deepcount[gpu] for an NVIDIA card")
    return found[0]


def provider_order(wanted: str) -> list[str]:
    """Returns ONNX Runtime's providers to try, best first, for 'auto', 'cpu' or 'cuda'.

    Raises:
        ModelError: a provider that this installation does not have.
    """
    import onnxruntime  # after check_packages: two packages at once break on import

    available = onnxruntime.get_available_providers()
    if wanted == "auto":
        return [name for name in PROVIDERS.values() if name in available]
    if wanted not in PROVIDERS:
        raise ModelError(f"provider is {wanted!r}, expected auto, {' or '.join(PROVIDERS)}")
    if PROVIDERS[wanted] not in available:
        raise ModelError(f"provider {wanted!r} is not in this ONNX Runtime; install deepcount[gpu], not deepcount[cpu]")
    return [PROVIDERS[wanted]]
