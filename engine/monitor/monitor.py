"""Keeps cameras, pipeline and log in step with a configuration, and touches only what changed when it gets another.

Whatever can be refused is tried before anything is touched: passwords are looked up, the model is loaded and the log
opened beside those in use. Whoever would rather have some of it counted than nothing asks for what can be had: then a
camera fails alone whose password is missing, and where no log can be opened the rest goes on without. Then the cameras
that left end, those that are counted in another way are changed between two of their frames, and those that came start.

A *session* is a camera from one change of its settings to the next (`Session`); equality of the frozen settings says
which go on. What is asked of the connection (address, password, transport, time-outs, frame rate, hardware, loop,
certificates, motion gate) needs another capture, and the one before ends first, since some cameras take one visitor
only. Grid, masks, aspect and smoothing change on the connection that there is; each of all these begins another run of
the same camera in the log, as does another model. Zones and the density interval do not touch the counts in the log,
whose run goes on. Tally and recent counts stay for as long as a camera of that name is watched. A camera that
is not counted is connected all the same, and its frames go to screens only.

A recording is played in the same pipeline and logged in the same store, one at a time.

Any thread may call. One `apply` is at work at a time, and `close` does not wait for what it loads: it is thrown away.
Captures own what they read, the inference thread owns the model, the store's thread its database; the monitor owns
none of it, and only asks.
"""

import logging
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from threading import Lock
from types import TracebackType
from typing import Self

from engine.alerts.proofs import CLOSE_S as PROOFS_S
from engine.counting.schedule import Load
from engine.errors import EngineError
from engine.inference.model import Model
from engine.log.store import Store
from engine.monitor.alarms import Alarms, check_rules
from engine.monitor.checking import CheckWatch
from engine.monitor.maps import Maps
from engine.monitor.playing import Playing, PlayOrder, opened
from engine.monitor.recordings import Recordings, end
from engine.monitor.session import Session, order_anyway, order_of, planned_sessions
from engine.monitor.share import Share
from engine.monitor.state import (
    Changes,
    State,
    changes_between,
    check_open,
    loaded,
    loaded_own,
    log_if_any,
    logged,
    opened_log,
    with_models,
)
from engine.monitor.trusting import look_at_checks
from engine.picture.frame import Frame
from engine.pipeline import STOP_S, Pipeline
from engine.recording.recorder import CLOSE_S as RECORDER_S
from engine.settings.config import Config
from engine.worker import JOIN_TIMEOUT_S

CLOSE_S = STOP_S + JOIN_TIMEOUT_S + PROOFS_S + RECORDER_S + 2.0
"""Within which all that runs and then its log are closed, whatever hangs; the rest is for what lies between."""

logger = logging.getLogger(__name__)


class Monitor:
    """Watches what is configured; used as a context manager it is closed at the end."""

    def __init__(self, share: Share | None = None) -> None:
        """Nothing is watched before the first `apply`; a `share` is given where others watch the rest."""
        self._share = share
        self._applying, self._touching = Lock(), Lock()
        self._state: State | None = None
        self._closed = False
        self._losses: tuple[str, ...] = ()
        self.lack = ""
        """Why the log that was asked for is not kept; empty where it is, or none was asked for."""
        self.alarms = Alarms(lambda: self.sessions, share=share)
        """Its rules and groups."""
        self.recordings = Recordings()
        """What is recorded of its cameras."""
        self._checks = CheckWatch(lambda: self.alarms.engine, self.look_at_checks)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The cameras that are watched, in the order of the configuration."""
        return tuple(self._state.sessions.values()) if self._state else ()

    @property
    def playing(self) -> Playing | None:
        """The recording that was played last, also after its end."""
        return self._state.playing if self._state else None

    @property
    def shown(self) -> tuple[Session | Playing, ...]:
        """All that has pictures."""
        playing = self.playing
        return (*self.sessions, playing) if playing else self.sessions

    @property
    def model(self) -> Model | None:
        """What counts, to be asked for its facts; None before the first `apply`."""
        return self._state.model if self._state else None

    @property
    def store(self) -> Store | None:
        """The log, to be asked how it is; None where none is kept."""
        return self._state.store if self._state else None

    @property
    def running(self) -> bool:
        """Whether more readings may come of what is watched."""
        return self._state is not None and self._state.pipeline.running

    @property
    def is_overloaded(self) -> bool:
        """Whether a notable share of the wanted frames is dropped."""
        return self._state is not None and self._state.pipeline.is_overloaded

    @property
    def failure(self) -> Exception | None:
        """Why counting ended, or a capture died; a camera or a log that is lost for a while is no failure."""
        if self._state is None:
            return None
        captures = (each.failure for session in self.sessions for each in (session.capture, session.footage))
        failures = (self._state.pipeline.broken, self.alarms.failure, *captures)
        return next((failure for failure in failures if failure), None)

    @property
    def has_ended(self) -> bool:
        """Whether counting has begun and cannot go on, so that only `let_go` helps."""
        return self._state is not None and not self._state.pipeline.open

    @property
    def loss(self) -> str:
        """What will never be in the log and why, in a sentence; empty where nothing is missing."""
        return "; ".join(filter(None, [*self._losses, self.store.loss if self.store else "", self.alarms.loss]))

    def load(self, session: Session) -> Load:
        """Returns what was asked and done for a camera over the last seconds."""
        return self._state.pipeline.load(session.capture) if self._state else Load(0.0, 0.0, 0.0, None, None)

    def apply(self, config: Config, *, whole: bool = True) -> Changes:
        """Brings what runs in step with a configuration, whole or as far as it can be; refused, all stays as it was.

        Raises:
            EngineError: as ConfigError a password is not in the environment, as ModelError the model cannot be used, as
                DatabaseError the log; or the model failed before, or the monitor is closed.
        """
        with self._applying:
            before = self._state
            if before is not None:
                check_open(before)
            check_rules(config)
            ordered = order_of if whole else order_anyway
            sessions = planned_sessions(config, before.sessions if before else {}, ordered)
            model = loaded(config, before)  # the log is last, since it may make a file
            own = loaded_own(config, before, whole=whole)
            sessions = with_models(sessions, own)
            opened_whole = partial(opened_log, config, before, self._share)
            config, store, lack = (config, opened_whole(), "") if whole else log_if_any(config, before)
            old = before.store if before else None
            with ExitStack() as undone:
                if store is not None and store is not old:
                    undone.callback(store.close)
                prepared = self.alarms.prepared(config, whole=whole)
                undone.callback(self.alarms.let_go, prepared.journal)
                playing = before.playing if before else None
                look_at_checks(tuple(sessions.values()), model.file, prepared.engine, playing)
                with self._touching:
                    if self._closed:
                        raise EngineError("the watch was ended while a configuration was being loaded")
                    pipeline = before.pipeline if before else Pipeline(model, lasting=True)
                    if not before:
                        undone.callback(pipeline.stop)
                        pipeline.start()
                    planned = State(config, pipeline, model, store, sessions, own, playing)
                    after = logged(before, planned)
                    undone.pop_all()  # from here on `close` ends all
                    self._state, self.lack = after, lack
                    self.alarms.attend(config)
                    self._touch(before, planned, after)
                    self.recordings.apply(config, self.sessions)
                    self.alarms.apply(config, model.file, store, prepared)
                    self._checks.begin()
            if old is not None and old is not store:
                old.close()
                self._losses += (old.loss,)
            return changes_between(before, planned)

    def play(self, order: PlayOrder) -> Playing:
        """Plays a recording beside the cameras, in place of the one before; where it is refused that one goes on.

        Raises:
            EngineError: as SourceError it cannot be read; or nothing was applied yet, or the model failed, or the
                monitor is closed.
        """
        with self._applying:
            if self._state is None:
                raise EngineError("there is nothing yet that could count, expected a configuration before")
            check_open(self._state)
            opening = opened(order, partial(self._state.pipeline.readings_once, order.footage.name))
            with ExitStack() as undone, self._touching:
                undone.callback(opening.travel.close)
                if self._closed:
                    raise EngineError("the watch was ended while a recording was being opened")
                state = self._state
                undone.pop_all()
                self._remove_playing(state)
                if state.playing is not None:
                    state.playing.looking.close()
                playing = opening.playing(state.model)
                playing = replace(playing, run=playing.begin_run(state.store, state.model.file))
                self._state = replace(state, playing=playing)
                state.pipeline.add(playing.camera)
                playing.begin()
            look_at_checks((), state.model.file, self.alarms.engine, playing)
            return playing

    def look_at_checks(self) -> None:
        """Reads what people counted of all that is shown, as has to be done where they counted more; takes time."""
        if self._state is not None:
            look_at_checks(self.sessions, self._state.model.file, self.alarms.engine, self.playing)

    def stop_playing(self) -> None:
        """Ends the recording that is played, if one is; what was shown of it last can still be mapped."""
        with self._touching:
            if self._state is not None and not self._closed:
                self._remove_playing(self._state)

    def is_over(self, playing: Playing) -> bool:
        """Whether nothing more will come of a recording."""
        return self._state is None or self._state.pipeline.is_over(playing.capture)

    def map_once(self, name: str, frame: Frame, maps: Maps) -> None:
        """Has a frame that was counted before mapped, for these maps alone; never waits."""
        if self._state is not None:
            session = self._state.sessions.get(name)
            self._state.pipeline.map_once(name, frame, maps, None if session is None else session.model)

    def let_go(self) -> None:
        """Ends all that runs; the next `apply` begins anew, as has to be where the model failed."""
        with self._applying, self._touching:
            self._end()
            self._losses = (self.loss,) if self.loss else ()
            self._state, self.alarms = None, Alarms(lambda: self.sessions, self.alarms.operator, self._share)
            self.recordings = Recordings()

    def close(self) -> None:
        """Ends all cameras, then the log; may be called twice."""
        self._closed = True
        if self._state is not None:
            self._state.pipeline.hurry()  # a change that is being made is not waited for
        with self._touching:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _end(self) -> None:
        if self._state is None:
            return
        try:
            self._state.pipeline.stop()
        finally:
            self._checks.close()
            self.alarms.close()
            self.recordings.close(self.sessions)
            if self._state.playing is not None:
                self._state.playing.looking.close()
            if self._state.store is not None:
                self._state.store.close()

    def _remove_playing(self, state: State) -> None:
        if state.playing is not None:
            state.playing.capture.give_up()
            state.pipeline.remove([state.playing.capture], last_batch_s=0.0)

    def _touch(self, before: State | None, planned: State, after: State) -> None:
        """Makes what runs into what was planned; asks now and then whether that is still wanted."""
        old, pipeline, new = before.sessions if before else {}, after.pipeline, after.sessions
        kept = [name for name, session in new.items() if name in old and old[name].capture is session.capture]
        pipeline.remove([session.capture for name, session in old.items() if name not in kept])
        end(session for name, session in old.items() if name not in kept)
        for name, session in planned.sessions.items():
            if session is not old.get(name):
                session.take_effect()
        changed = [new[name].camera for name in kept if new[name].is_counted_unlike(old[name])]
        if before and after.playing and after.playing is not before.playing:
            changed.append(after.playing.camera)
        model = after.model if before and after.model is not before.model else None
        if (changed or model) and not pipeline.change(changed, model) and not self._closed:
            logger.warning("the model is busy for long; the cameras are counted as they were until it is through")
        for name, session in new.items():
            if name not in kept and not self._closed:
                pipeline.add(session.camera)
                if session.main:
                    session.main.start()
