"""What a monitor runs at one moment, and what another configuration makes of it; nothing is touched here."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from engine.errors import DatabaseError, EngineError, ModelError
from engine.inference.model import Model
from engine.inference.variants import load_model
from engine.log.store import Store
from engine.monitor.playing import Playing
from engine.monitor.session import Session
from engine.monitor.share import Share
from engine.pipeline import Pipeline
from engine.priority import behind_others
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
class State:
    """What runs, and the configuration that says so."""

    config: Config
    pipeline: Pipeline
    model: Model
    store: Store | None
    sessions: dict[str, Session]
    own: Mapping[Path, Model] = field(default_factory=dict)
    """Models of single cameras, by their files."""
    playing: Playing | None = None


def check_open(state: State) -> None:
    """Raises EngineError where counting has ended."""
    if not state.pipeline.open:
        why = state.pipeline.failure or "as was asked"
        raise EngineError(f"counting has ended ({why}), expected it to run; begin to watch anew")


def _model_settings(config: Config) -> tuple[Path | None, str, bool]:
    return config.model.path if config.model else None, config.provider, config.strict_provider


def loaded(config: Config, before: State | None) -> Model:
    """Returns the model that runs already, or loads another."""
    if before and _model_settings(config) == _model_settings(before.config):
        return before.model
    path, provider, strict = _model_settings(config)
    load = partial(load_model, path, provider=provider, strict=strict)
    return behind_others(load)  # decoding needs the cores beside it


def loaded_own(config: Config, before: State | None, *, whole: bool = True) -> dict[Path, Model]:
    """Returns the models of single cameras, those that run already as they are.

    Where it need not be whole, a camera whose model cannot be used is counted by that of all.

    Raises:
        ModelError: one cannot be used.
    """
    known = before.own if before and _model_settings(config)[1:] == _model_settings(before.config)[1:] else {}
    _, provider, strict = _model_settings(config)
    found: dict[Path, Model] = {}
    for path in {camera.model.path for camera in config.cameras if camera.model and camera.enabled}:
        try:
            load = partial(load_model, path, provider=provider, strict=strict)
            found[path] = known.get(path) or behind_others(load)
        except ModelError as error:
            if whole:
                raise
            logger.warning("the model of all counts in its place: %s", error)
    return found


def with_models(sessions: Mapping[str, Session], own: Mapping[Path, Model]) -> dict[str, Session]:
    """Returns sessions with the models of their own."""
    paths = {name: session.settings.model and session.settings.model.path for name, session in sessions.items()}
    return {name: session.with_model(own.get(paths[name] or Path())) for name, session in sessions.items()}


def _database(config: Config) -> str | None:
    return config.database.full if config.database else None


def opened_log(config: Config, before: State | None, share: Share | None = None) -> Store | None:
    """Returns the log that is open already, or opens another."""
    if before and _database(config) == _database(before.config) and not (before.store and before.store.failure):
        return before.store
    database = _database(config)
    return None if database is None else Store(database, fence=share.fence if share else None)


def log_if_any(config: Config, before: State | None) -> tuple[Config, Store | None, str]:
    """Returns the same and the configuration with it; where none can be opened and none runs, without one, and why.

    Raises:
        DatabaseError: it cannot be opened, and the one before can go on.
    """
    try:
        return config, opened_log(config, before), ""
    except DatabaseError as error:
        if before and before.store and not before.store.failure:
            raise
        return config.model_copy(update={"database": None}), None, str(error)


def logged(before: State | None, planned: State) -> State:
    """Returns it with runs in the log of what has none yet; of all, where the model or the log is another."""
    store, model = planned.store, planned.model.file
    anew = before is None or planned.model is not before.model or store is not before.store
    sessions = {
        name: replace(session, run=session.begin_run(store, model))
        if anew or (store and session.is_counted and session.run is None)
        else session
        for name, session in planned.sessions.items()
    }
    playing = planned.playing
    if anew and playing and not planned.pipeline.is_over(playing.capture):
        keeps_on = before is not None and planned.model is before.model
        keeping = playing.keeping if keeps_on else None
        playing = replace(playing, run=playing.begin_run(store, model), keeping=keeping)
    return replace(planned, sessions=sessions, playing=playing)


def changes_between(before: State | None, planned: State) -> Changes:
    """Returns what was planned to become of what runs; runs in the log are no change."""
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
