"""Keeps cameras, pipeline and log in step with a configuration, and touches only what changed when it gets another.

Whatever can be refused is tried before anything is touched: passwords are looked up, the model is loaded and the log
opened beside those in use. Then the cameras that left end, those that are counted in another way are changed between
two of their frames, and those that came start.

A *session* is a camera from one change of its settings to the next (`Session`); equality of the frozen settings says
which go on. What is asked of the connection (address, password, transport, time-outs, frame rate, hardware, loop,
certificates, motion gate) needs another capture, and the one before ends first, since some cameras take one visitor
only. Grid, masks, aspect and smoothing change on the connection that there is; each of all these begins another run of
the same camera in the log, as does another model. Zones and the density interval do not touch the counts in the log,
whose run goes on. Tally and recent counts stay for as long as a camera of that name is watched.

Any thread may call. One `apply` is at work at a time, and `close` does not wait for what it loads: it is thrown away.
Captures own what they read, the inference thread owns the model, the store's thread its database; the monitor owns
none of it, and only asks.
"""

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from engine.counting.schedule import Load
from engine.errors import EngineError
from engine.inference.model import Model
from engine.inference.variants import load_model
from engine.log.store import Store
from engine.monitor.session import Session, begun
from engine.pipeline import Pipeline
from engine.settings.config import Config

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Changes:
    """What another configuration changed: cameras by their names, in its order."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Also those that are no longer enabled."""
    reconnected: tuple[str, ...] = ()
    recounted: tuple[str, ...] = ()
    """On the connection that they had."""
    model: bool = False
    database: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    """What runs, and the configuration that says so."""

    config: Config
    pipeline: Pipeline
    model: Model
    store: Store | None
    sessions: dict[str, Session]


class Monitor:
    """Watches what is configured; used as a context manager it is closed at the end."""

    def __init__(self) -> None:
        """Nothing is watched before the first `apply`."""
        self._applying, self._touching = Lock(), Lock()
        self._state: _State | None = None
        self._closed = False
        self._losses: tuple[str, ...] = ()

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The cameras that are watched, in the order of the configuration."""
        return tuple(self._state.sessions.values()) if self._state else ()

    @property
    def running(self) -> bool:
        """Whether more readings may come of the cameras that are watched."""
        return self._state is not None and self._state.pipeline.running

    @property
    def is_overloaded(self) -> bool:
        """Whether a notable share of the wanted frames is dropped."""
        return self._state is not None and self._state.pipeline.is_overloaded

    @property
    def failure(self) -> Exception | None:
        """Why counting ended, or a capture died; a camera or a log that is lost for a while is no failure."""
        return self._state.pipeline.failure if self._state else None

    @property
    def loss(self) -> str:
        """What will never be in the log and why, in a sentence; empty where nothing is missing."""
        store = self._state.store if self._state else None
        return "; ".join(filter(None, [*self._losses, store.loss if store else ""]))

    def load(self, session: Session) -> Load:
        """Returns what was asked and done for a camera over the last seconds."""
        return self._state.pipeline.load(session.capture) if self._state else Load(0.0, 0.0, 0.0, None, None)

    def apply(self, config: Config) -> Changes:
        """Brings what runs in step with a configuration; where it is refused all stays as it was.

        Raises:
            EngineError: as ConfigError a password is not in the environment, as ModelError the model cannot be used, as
                DatabaseError the log; or the model failed before, or the monitor is closed.
        """
        with self._applying:
            before = self._state
            if before is not None and not before.pipeline.open:
                why = before.pipeline.failure or "as was asked"
                raise EngineError(f"counting has ended ({why}), expected it to run; begin to watch anew")
            sessions = _planned(config, before)
            model = _loaded(config, before)
            store = _opened(config, before)  # last, since it may make a file
            with self._touching:
                if self._closed:
                    if store is not None:
                        store.close()
                    raise EngineError("the watch was ended while a configuration was being loaded")
                return self._touch(before, _State(config, _pipeline(before, model), model, store, sessions))

    def close(self) -> None:
        """Ends all cameras, then the log; may be called twice."""
        self._closed = True
        with self._touching:
            if self._state is None:
                return
            try:
                self._state.pipeline.stop()
            finally:
                if self._state.store is not None:
                    self._state.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _touch(self, before: _State | None, planned: _State) -> Changes:
        """Makes what runs into what was planned."""
        old, changes = before.sessions if before else {}, _changes(before, planned)
        after = self._state = replace(planned, sessions=_logged(planned, anew=changes.model or changes.database))
        pipeline, new = after.pipeline, after.sessions
        kept = [name for name, session in new.items() if name in old and old[name].capture is session.capture]
        pipeline.remove([session.capture for name, session in old.items() if name not in kept])
        for name, session in planned.sessions.items():
            if session is not old.get(name):
                session.take_effect()
        changed = [new[name].camera for name in kept if new[name].is_counted_unlike(old[name])]
        model = after.model if before and changes.model else None
        if (changed or model) and not pipeline.change(changed, model):
            logger.warning("the model is busy for long; the cameras are counted as they were until it is through")
        for name, session in new.items():
            if name not in kept:
                pipeline.add(session.camera)
        if before and before.store and before.store is not after.store:
            before.store.close()
            self._losses += (before.store.loss,)
        return changes


def _planned(config: Config, before: _State | None) -> dict[str, Session]:
    old = before.sessions if before else {}
    return {
        camera.name: old[camera.name].with_settings(camera) if camera.name in old else begun(camera)
        for camera in config.cameras
        if camera.enabled
    }


def _model_settings(config: Config) -> tuple[Path | None, str, bool]:
    return config.model.path if config.model else None, config.provider, config.strict_provider


def _loaded(config: Config, before: _State | None) -> Model:
    """Returns the model that runs already, or loads another."""
    if before and _model_settings(config) == _model_settings(before.config):
        return before.model
    path, provider, strict = _model_settings(config)
    return load_model(path, provider=provider, strict=strict, spinning=False)  # decoding needs the cores beside it


def _database(config: Config) -> str | None:
    return config.database.full if config.database else None


def _opened(config: Config, before: _State | None) -> Store | None:
    """Returns the log that is open already, or opens another."""
    if before and _database(config) == _database(before.config):
        return before.store
    database = _database(config)
    return None if database is None else Store(database)


def _pipeline(before: _State | None, model: Model) -> Pipeline:
    if before is not None:
        return before.pipeline
    pipeline = Pipeline(model, lasting=True)
    pipeline.start()
    return pipeline


def _logged(state: _State, *, anew: bool) -> dict[str, Session]:
    """Returns the sessions with their runs in the log; `anew` begins another of all, and not only of new sessions."""
    store, model = state.store, state.model.file
    return {
        name: replace(session, run=store.run(camera=name, model=model, live=True) if store else None)
        if anew or (store and session.run is None)
        else session
        for name, session in state.sessions.items()
    }


def _changes(before: _State | None, planned: _State) -> Changes:
    old, new = before.sessions if before else {}, planned.sessions
    both = [name for name in new if name in old]
    return Changes(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        reconnected=tuple(name for name in both if new[name].capture is not old[name].capture),
        recounted=tuple(name for name in both if new[name] is not old[name] and new[name].capture is old[name].capture),
        model=before is None or planned.model is not before.model,
        database=planned.store is not (before.store if before else None),
    )
