"""A model ready to count: an ONNX Runtime session over a checked file, owned by one thread."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.contract import REMEDY, ModelFile, read_model_file
from engine.errors import ModelError
from engine.paths import DEFAULT_MODEL
from engine.runtime import PROVIDERS, check_packages, provider_order
from engine.tiling import TILE_HEIGHT, TILE_WIDTH

SILENT = 4  # ONNX Runtime's "fatal only": a provider that does not work is reported by us, once


class Model:
    """Counts tiles, and maps them where asked."""

    def __init__(self, file: ModelFile, *, provider: str = "auto", threads: int = 0, spinning: bool = True) -> None:
        """Starts a session and runs it once.

        Args:
            file: from `read_model_file`.
            provider: 'auto' takes the best that works; 'cpu' or 'cuda' takes that one or raises.
            threads: of the CPU provider; 0 for one per core.
            spinning: whether idle threads wait busily, which is faster alone and slower beside other work.

        Raises:
            ModelError: ONNX Runtime cannot run the file, or not on the provider that was asked for.
        """
        check_packages()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or os.cpu_count() or 1
        options.log_severity_level = SILENT
        options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spinning else "0")
        try:
            self._session = onnxruntime.InferenceSession(file.content, options, providers=provider_order(provider))
        except Exception as error:  # ONNX Runtime's errors share no base below Exception
            raise ModelError(f"model {file.path} cannot be run by ONNX Runtime: {error}") from error
        self.file = file
        names = {name: short for short, name in PROVIDERS.items()}
        self.provider = names[self._session.get_providers()[0]]
        if provider not in ("auto", self.provider):
            raise ModelError(
                f"provider {provider!r} was asked for, but ONNX Runtime fell back to {self.provider!r}; "
                "run 'deepcount-engine doctor'"
            )
        self._warm_up()

    def count(self, tiles: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Counts tiles uint8 (N, 384, 512, 3): people per tile, (N,). Costs no density branch."""
        return self._run(tiles, with_density=False)[0]

    def count_and_map(self, tiles: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Counts and maps tiles uint8 (N, 384, 512, 3): people per tile (N,) and per cell (N, h, w)."""
        return self._run(tiles, with_density=True)

    def _run(self, tiles: NDArray[np.uint8], *, with_density: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        given = {"tiles": tiles, "with_density": np.array(with_density)}
        try:
            count, density = self._session.run(["count", "density"], given)
        except Exception as error:
            raise ModelError(f"model {self.file.name} failed on {len(tiles)} tiles: {error}") from error
        if not (np.isfinite(count).all() and np.isfinite(density).all()):
            raise ModelError(f"model {self.file.name} returned numbers that are not finite; {REMEDY} again")
        return count, density

    def _warm_up(self) -> None:
        tile = np.zeros((1, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)
        count, density = self.count_and_map(tile)
        stride = int(self.file.facts["density_stride"])
        expected = (1, TILE_HEIGHT // stride, TILE_WIDTH // stride)
        if count.shape != (1,) or density.shape != expected:
            raise ModelError(
                f"model {self.file.path} returns count {count.shape} and density {density.shape} for one tile, "
                f"expected (1,) and {expected}"
            )


def load_model(path: Path = DEFAULT_MODEL, *, provider: str = "auto", spinning: bool = True) -> Model:
    """Reads, checks and starts a model; raises ModelError with one sentence on what is wrong."""
    return Model(read_model_file(path), provider=provider, spinning=spinning)
