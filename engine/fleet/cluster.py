"""A node of the fleet on every machine of a Ray cluster, begun as machines join.

Ray begins them and brings them configuration and model; which of them watches what, and that one which dies is
noticed, they see to by themselves, over the log.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from engine import __version__
from engine.cluster import joined
from engine.errors import EngineError
from engine.files import written_whole
from engine.fleet.node import FleetNode
from engine.inference.contract import read_model_file
from engine.inference.variants import main_file
from engine.paths import cache_folder
from engine.settings.address import Address
from engine.settings.config import Config

AGAIN_S = 30.0  # between two times that a node of the same machine is begun
CLOSE_S = 60.0  # for all nodes to give back what they have

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a machine is sent."""

    config: Config
    model: bytes
    """What the model's file holds."""
    sha256: str
    version: str = __version__


class Cluster:
    """The nodes of a Ray cluster; of one thread."""

    def __init__(self, address: str, config: Config) -> None:
        """Joins the cluster of an address; raises EngineError where that cannot be done, or there is no model."""
        self._ray = joined(address)
        self._actors: dict[str, Any] = {}
        self._pending: dict[Any, str] = {}
        self._begun_s: dict[str, float] = {}
        """When a node was begun on a machine, on the monotonic clock."""
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Has all nodes go by another configuration."""
        file = read_model_file(main_file(config.model.path if config.model else None))
        self._sent = self._ray.put(Sent(config, file.content, file.sha256))
        for key, actor in self._actors.items():
            self._pending[actor.configure.remote(self._sent)] = key

    def look(self) -> None:
        """Begins nodes on machines that joined or whose node failed, and forgets those of machines that are gone."""
        machines = {each["NodeID"]: each for each in self._ray.nodes() if each["Alive"]}
        self._hear()
        for key in [key for key in self._actors if key not in machines]:
            del self._actors[key]
        for key, actor in self._actors.items():
            if key not in self._pending.values():
                self._pending[actor.look.remote()] = key
        for key, machine in machines.items():
            if key not in self._actors and monotonic() > self._begun_s.get(key, -AGAIN_S) + AGAIN_S:
                self._begin(key, machine)

    def close(self) -> None:
        """Ends all nodes, and leaves the cluster."""
        ended = [actor.close.remote() for actor in self._actors.values()]
        if ended:
            self._ray.wait(ended, num_returns=len(ended), timeout=CLOSE_S)
        self._ray.shutdown()

    def _begin(self, key: str, machine: dict[str, Any]) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        place = NodeAffinitySchedulingStrategy(node_id=key, soft=False)
        kind = self._ray.remote(num_cpus=0, max_restarts=0, scheduling_strategy=place)(_Actor)
        self._begun_s[key] = monotonic()
        capacity = float(machine["Resources"].get("CPU", 1.0))
        self._actors[key] = actor = kind.remote(capacity, machine["NodeManagerHostname"])
        self._pending[actor.configure.remote(self._sent)] = key

    def _hear(self) -> None:
        """Hears what became of what nodes were asked for."""
        if not self._pending:
            return
        ready, _ = self._ray.wait(list(self._pending), num_returns=len(self._pending), timeout=0)
        for each in ready:
            key = self._pending.pop(each)
            try:
                problem = self._ray.get(each)
            except self._ray.exceptions.RayError as error:
                problem = f"its process died ({type(error).__name__})"
            if problem:
                logger.warning("a node of the cluster ends, and another is begun in its place: %s", problem)
                self._end(key)

    def _end(self, key: str) -> None:
        actor = self._actors.pop(key, None)
        if actor is not None:
            self._ray.kill(actor)


class _Actor:
    """Is the node of a machine, in a process there."""

    def __init__(self, capacity: float, host: str) -> None:
        self._capacity, self._host = capacity, host
        self._node: FleetNode | None = None

    def configure(self, sent: Sent) -> str:
        """Begins, or goes by another configuration; returns why it cannot, in a sentence."""
        try:
            if sent.version != __version__:
                raise EngineError(f"runs DeepCount {__version__}, expected {sent.version}; install the same everywhere")
            model = _kept(sent)
            config = sent.config.model_copy(update={"model": Address.of(str(model))})
            if self._node is None:
                self._node = FleetNode(config, capacity=self._capacity, host=self._host)
                self._node.start()
            else:
                self._node.configure(config)
        except EngineError as error:
            return str(error)
        return ""

    def look(self) -> str:
        """Returns why it watches no more, in a sentence; empty while it does."""
        failure = None if self._node is None else self._node.failure
        return "" if failure is None else str(failure)

    def close(self) -> None:
        """Gives all back, and ends."""
        if self._node is not None:
            self._node.close()


def _kept(sent: Sent) -> Path:
    """Returns where the model lies on this machine, whose hash is its name; it is written where it is not there."""
    path = cache_folder() / "models" / f"{sent.sha256}.onnx"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as partial:
            partial.write_bytes(sent.model)
    if read_model_file(path).sha256 != sent.sha256:
        path.unlink(missing_ok=True)
        raise EngineError(f"the model in {path} was damaged, which its hash tells, and is removed; it is sent anew")
    return path
