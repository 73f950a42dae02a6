"""A program does not wait at its start for what only some of its work needs."""

import pytest

from imported import imported

OTHERS = {
    "PyQt6", "alembic", "fastapi", "httpx", "keyring", "matplotlib", "paho", "ray", "scipy", "smtplib",
    "sqlalchemy.dialects.postgresql", "torch",
}  # fmt: skip


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("engine.cli", {*OTHERS, "av", "cv2", "numpy", "onnx", "onnxruntime", "rich", "sqlalchemy"}),
        ("engine.commands.watch", OTHERS),
        ("engine.commands.doctor", {*OTHERS, "av", "cv2", "numpy", "onnx", "onnxruntime", "rich", "sqlalchemy"}),
    ],
    ids=["help", "watch", "doctor"],
)
def test_an_engine_imports_what_it_needs(module, unneeded):
    assert not unneeded & imported(module)
