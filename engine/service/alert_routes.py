"""Alerts and the rules that raise them."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from time import time
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from sqlalchemy import Engine

from engine.alerts.closing import ClosedError, close
from engine.alerts.listing import AcknowledgedError, Alert, NoAlertError, acknowledge, alerts_of
from engine.errors import MissingLogError
from engine.log.audit import system_account
from engine.log.database import open_as_reader, open_existing
from engine.log.place import reported
from engine.monitor.facts import groups_of
from engine.redaction import readable
from engine.rules.series import Subject
from engine.service.access import Asker
from engine.service.answers import (
    Acknowledgement,
    AlertAnswer,
    AlertsAnswer,
    GroupAnswer,
    GroupsAnswer,
    HistoryAnswer,
    Problem,
    RuleAnswer,
    RulesAnswer,
    SuspensionOrder,
)
from engine.service.camera_routes import (
    LAST_MOMENT_S,
    LEAST_POINTS,
    MOST_POINTS,
    NOT_NOW,
    Moment,
    Responses,
    grid_of,
    history_of,
)
from engine.service.desk import Asking, AtDesk, Desk

MOST_ALERTS = 1000
LARGEST_ID = 2**31 - 1
BEGIN_YEAR = 1970

NO_ALERT: Responses = {404: {"model": Problem, "description": "There is no such alert."}}
BEFORE: Responses = {409: {"model": Problem, "description": "Somebody did so before."}}
NO_RULE: Responses = {404: {"model": Problem, "description": "There is no such rule."}}
NO_GROUP: Responses = {404: {"model": Problem, "description": "There is no such group."}}
OVER: Responses = {409: {"model": Problem, "description": "The moment is over."}}

router = APIRouter(prefix="/api")


@router.get("/alerts", responses=NOT_NOW)
def alerts(
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=MOST_ALERTS)] = 100,
    begin: Annotated[Moment, Query(alias="from")] = None,
    end: Annotated[Moment, Query(alias="to")] = None,
) -> AlertsAnswer:
    """Alerts that are in the log, open and past, the newest first; of a span, those that stood in it."""
    between = None
    if begin is not None or end is not None:
        between = 0.0 if begin is None else _within(begin), LAST_MOMENT_S if end is None else _within(end)
    if desk.log is None:
        return AlertsAnswer(alerts=[])
    try:
        engine = open_as_reader(desk.log)
    except MissingLogError:
        return AlertsAnswer(alerts=[])
    try:
        with reported(engine.url):
            found = alerts_of(engine, most=limit, between=between)
    finally:
        engine.dispose()
    return AlertsAnswer(alerts=[AlertAnswer(**each.as_dict) for each in found])


@router.post("/alerts/{number}/acknowledge", responses=NO_ALERT | BEFORE | NOT_NOW)
def acknowledge_alert(
    desk: AtDesk, asker: Asking, number: Annotated[int, Path(ge=1, le=LARGEST_ID)], body: Acknowledgement
) -> AlertAnswer:
    """Says that somebody has taken care of an alert, for good."""
    who = _who(asker, body.who)
    return _dealt_with(desk, lambda log: acknowledge(log, number, who=who, note=body.note))


@router.post("/alerts/{number}/close", responses=NO_ALERT | BEFORE | NOT_NOW)
def close_alert(
    desk: AtDesk, asker: Asking, number: Annotated[int, Path(ge=1, le=LARGEST_ID)], body: Acknowledgement
) -> AlertAnswer:
    """Closes an alert for good, also one that still stands: it is raised again where its rule holds."""
    who = _who(asker, body.who)
    return _dealt_with(desk, lambda log: close(log, number, who=who, note=body.note, anyway=True))


@router.get("/rules")
def rules(desk: AtDesk) -> RulesAnswer:
    """All rules, and the alerts of theirs that are open."""
    return _rules(desk)


@router.post("/rules/suspend", responses=NO_RULE | OVER)
def suspend_rule(desk: AtDesk, asker: Asking, order: SuspensionOrder) -> RulesAnswer:
    """Lets a rule raise no alert before a moment, or lets it again; an alert that is open goes on."""
    until_s = None if order.until is None else order.until.timestamp()
    if until_s is not None and not time() < until_s <= LAST_MOMENT_S:
        raise HTTPException(409, "'until' is no moment to come before 2100; give another")
    until = None if until_s is None else round(until_s)
    who = asker.signed(readable(order.who).strip())
    if not desk.monitor.alarms.suspend(order.owner, order.rule, until, order.note, who=who):
        raise HTTPException(404, "there is no such rule; see /api/rules")
    return _rules(desk)


@router.get("/groups")
def groups(desk: AtDesk) -> GroupsAnswer:
    """All groups, and how many people they have."""
    return GroupsAnswer(groups=[GroupAnswer(**facts.as_dict) for facts in groups_of(desk.monitor)])


@router.get("/groups/{name:path}/history", responses=NO_GROUP | NOT_NOW)
def history(
    desk: AtDesk,
    name: str,
    begin: Annotated[Moment, Query(alias="from")] = None,
    end: Annotated[Moment, Query(alias="to")] = None,
    points: Annotated[int, Query(ge=LEAST_POINTS, le=MOST_POINTS)] = 300,
) -> HistoryAnswer:
    """What a group had in a span of time, as for a camera."""
    recent = desk.monitor.alarms.recent(name)
    if recent is None:
        raise HTTPException(404, "there is no group of that name; see /api/groups")
    return history_of(desk, Subject(name), grid_of(begin, end, points), recent)


def _within(moment: datetime) -> float:
    """Returns a moment in seconds since 1970, or the one nearest to it that a log can hold anything of."""
    try:
        return min(max(0.0, moment.timestamp()), LAST_MOMENT_S)
    except (OverflowError, ValueError, OSError):
        return 0.0 if moment.year < BEGIN_YEAR else LAST_MOMENT_S


def _who(asker: Asker, said: str) -> str:
    return asker.signed(readable(said).strip()) or system_account()


def _dealt_with(desk: Desk, deal: Callable[[Engine], Alert]) -> AlertAnswer:
    """Does something to an alert in the log; refuses the request where it is not there, or was done before."""
    if desk.log is None:
        raise HTTPException(404, "no log is kept, so that there are no alerts")
    try:
        engine = open_existing(desk.log)
    except MissingLogError as error:
        raise HTTPException(404, str(error)) from None
    try:
        return AlertAnswer(**deal(engine).as_dict)
    except NoAlertError as error:
        raise HTTPException(404, str(error)) from None
    except (AcknowledgedError, ClosedError) as error:
        raise HTTPException(409, str(error)) from None
    finally:
        engine.dispose()


def _rules(desk: Desk) -> RulesAnswer:
    return RulesAnswer(rules=[RuleAnswer(**asdict(each)) for each in desk.monitor.alarms.standing.rules])
