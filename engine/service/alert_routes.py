"""Alerts and the rules that raise them."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query

from engine.alerts.listing import AcknowledgedError, NoAlertError, acknowledge, alerts_of
from engine.errors import MissingLogError
from engine.log.audit import system_account
from engine.log.database import open_as_reader, open_existing
from engine.log.place import reported
from engine.redaction import readable
from engine.service.answers import (
    Acknowledgement,
    AlertAnswer,
    AlertsAnswer,
    Problem,
    RuleAnswer,
    RulesAnswer,
)
from engine.service.camera_routes import NOT_NOW, Responses
from engine.service.desk import AtDesk

MOST_ALERTS = 1000
LARGEST_ID = 2**31 - 1

NO_ALERT: Responses = {404: {"model": Problem, "description": "There is no such alert."}}
BEFORE: Responses = {409: {"model": Problem, "description": "Somebody acknowledged it before."}}
MISFORMED: Responses = {400: {"model": Problem, "description": "The body is no JSON."}}

router = APIRouter(prefix="/api")


@router.get("/alerts", responses=NOT_NOW)
def alerts(desk: AtDesk, limit: Annotated[int, Query(ge=1, le=MOST_ALERTS)] = 100) -> AlertsAnswer:
    """Alerts that are in the log, open and past, the newest first."""
    if desk.log is None:
        return AlertsAnswer(alerts=[])
    try:
        engine = open_as_reader(desk.log)
    except MissingLogError:
        return AlertsAnswer(alerts=[])
    try:
        with reported(engine.url):
            found = alerts_of(engine, most=limit)
    finally:
        engine.dispose()
    return AlertsAnswer(alerts=[AlertAnswer(**each.as_dict) for each in found])


@router.post("/alerts/{number}/acknowledge", responses=NO_ALERT | BEFORE | MISFORMED | NOT_NOW)
def acknowledge_alert(
    desk: AtDesk, number: Annotated[int, Path(ge=1, le=LARGEST_ID)], body: Acknowledgement
) -> AlertAnswer:
    """Says that somebody has taken care of an alert, for good."""
    if desk.log is None:
        raise HTTPException(404, "no log is kept, so that there are no alerts")
    try:
        engine = open_existing(desk.log)
    except MissingLogError as error:
        raise HTTPException(404, str(error)) from None
    try:
        done = acknowledge(engine, number, who=readable(body.who).strip() or system_account(), note=body.note)
    except NoAlertError as error:
        raise HTTPException(404, str(error)) from None
    except AcknowledgedError as error:
        raise HTTPException(409, str(error)) from None
    finally:
        engine.dispose()
    return AlertAnswer(**done.as_dict)


@router.get("/rules")
def rules(desk: AtDesk) -> RulesAnswer:
    """All rules, and the alerts of theirs that are open."""
    return RulesAnswer(rules=[RuleAnswer(**asdict(each)) for each in desk.monitor.alarms.standing.rules])
