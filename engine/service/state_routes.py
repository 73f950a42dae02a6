"""How the service itself is doing: for people, for whatever starts it anew, and for Prometheus."""

from time import monotonic

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from engine import __version__
from engine.capture.health import State
from engine.service.answers import HealthAnswer, Problem, ReadyAnswer
from engine.service.desk import Asking, AtDesk, Desk
from engine.service.metrics import registry_of
from engine.service.stream import EventStream

router = APIRouter()


@router.get(
    "/health",
    responses={503: {"model": HealthAnswer, "description": "It does not do its work."}},
    response_model_exclude_unset=True,
)
def health(desk: AtDesk, asker: Asking, response: Response) -> HealthAnswer:
    """Whether the service does its work; a camera that is lost does not make it ill."""
    answer = _health(desk)
    response.status_code = 503 if answer.status == "failing" else 200
    return answer if asker.is_known else HealthAnswer(status=answer.status)


@router.get("/ready", responses={503: {"model": ReadyAnswer, "description": "Not yet."}})
def ready(desk: AtDesk, response: Response) -> ReadyAnswer:
    """Whether cameras are watched as configured."""
    response.status_code = 200 if desk.is_ready else 503
    return ReadyAnswer(ready=desk.is_ready)


@router.get("/metrics", responses={200: {"content": {"text/plain": {}}}}, response_class=Response)
def metrics(desk: AtDesk) -> Response:
    """Figures for Prometheus."""
    return Response(generate_latest(registry_of(desk)), headers={"content-type": CONTENT_TYPE_LATEST})


@router.get(
    "/api/events",
    responses={200: {"content": {"text/event-stream": {}}}, 503: {"model": Problem, "description": "Too many."}},
    response_class=Response,
)
async def events(desk: AtDesk) -> Response:
    """Server-sent events: `reading` once a second for each camera, `alert` and `layout` whenever they change."""
    if desk.hub.is_full:
        return Response('{"detail":"too many clients listen, expected fewer; come back later"}', 503, FULL)
    return EventStream(desk.hub)


FULL = {"content-type": "application/json", "retry-after": "10"}


def _health(desk: Desk) -> HealthAnswer:
    monitor, model, problem = desk.monitor, desk.monitor.model, desk.vitals.problem
    sessions = monitor.sessions
    well = "ok" if desk.is_ready else "starting"
    return HealthAnswer(
        status="failing" if problem else well,
        problem=problem,
        version=__version__,
        uptime_s=round(monotonic() - desk.begun_s, 1),
        model=model.file.name if model else None,
        provider=model.provider if model else None,
        cameras=len(sessions),
        live=sum(session.capture.health.state is State.LIVE for session in sessions),
        overloaded=monitor.is_overloaded,
        configuration=desk.configuration.problem,
        log=monitor.loss or str((monitor.store and monitor.store.problem) or ""),
    )
