"""The runtimes as installed here: exactly one of ONNX Runtime's two packages, its providers, and perhaps OpenVINO."""

from importlib.metadata import PackageNotFoundError, version

from engine.errors import ModelError

PACKAGES = ("onnxruntime", "onnxruntime-gpu")
PROVIDERS = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""ONNX Runtime's, best first."""
OPENVINO = {"openvino": "f32", "openvino-bf16": "bf16"}
"""OpenVINO's, with the number format that each computes in."""
PROVIDER_CHOICES = ("auto", *PROVIDERS, *OPENVINO)


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


def check_provider(wanted: str) -> None:
    """Finds out, without starting anything, whether a provider could be had; for command lines.

    Raises:
        ModelError: no such provider, or this installation does not have it.
    """
    if wanted in OPENVINO:
        check_openvino(wanted)
    else:
        check_packages()
        provider_order(wanted)


def check_openvino(wanted: str) -> str:
    """Returns the version of OpenVINO; raises ModelError where it is not installed."""
    found = installed("openvino")
    if found is None:
        raise ModelError(
            f"provider {wanted!r} needs OpenVINO, which is not installed: run \"pip install 'deepcount[openvino]'\""
        )
    return found


def provider_order(wanted: str, *, strict: bool = True) -> list[str]:
    """Returns ONNX Runtime's providers to try, best first, in our words.

    'auto' begins with CUDA, since TensorRT takes minutes to start and has to be asked for; a name begins with itself.

    Raises:
        ModelError: no such provider, or (strict) one that this installation does not have.
    """
    import onnxruntime  # after check_packages: two packages at once break on import

    if wanted not in ("auto", *PROVIDERS):
        raise ModelError(
            f"provider is {wanted!r}, expected {', '.join(PROVIDER_CHOICES[:-1])} or {PROVIDER_CHOICES[-1]}"
        )
    available = onnxruntime.get_available_providers()
    if strict and wanted != "auto" and PROVIDERS[wanted] not in available:
        raise ModelError(f"provider {wanted!r} is not in this ONNX Runtime; install deepcount[gpu], not deepcount[cpu]")
    names = list(PROVIDERS)
    first = names.index("cuda" if wanted == "auto" else wanted)
    return [name for name in names[first:] if PROVIDERS[name] in available]
