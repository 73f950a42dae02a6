"""What whoever asks may do, and a browser's session: it keeps the token that a page sends once, hidden from scripts."""

from datetime import UTC, datetime
from time import monotonic

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from engine.service.access import COOKIE, Access
from engine.service.answers import Problem, SessionAnswer, SessionOrder
from engine.service.desk import Asking
from engine.service.listening import Refusal
from engine.service.tokens import Scope, Token

LONGEST_S = 30 * 86_400
"""For which a browser keeps a token that does not expire."""

router = APIRouter(prefix="/api")


@router.get("/access")
def permitted(asker: Asking) -> SessionAnswer:
    """What whoever asks may do."""
    if asker.token is None:
        return SessionAnswer(name=None, scope=Scope.ADMIN.word)
    return SessionAnswer(name=asker.token.name, scope=asker.token.scope.word)


@router.post("/session", responses={401: {"model": Problem, "description": "The token opens nothing."}})
def begin(request: Request, response: Response, order: SessionOrder) -> SessionAnswer:
    """Has a browser keep a token, so that a page can ask; on this computer none is needed."""
    access: Access = request.app.state.access
    if access.tokens is None:
        return SessionAnswer(name=None, scope=Scope.ADMIN.word)
    now = datetime.now(UTC)
    token = access.tokens.find(order.token, now)
    if token is None:
        return refused(access.mistaken(request.client.host if request.client else "", monotonic()))  # type: ignore[return-value]
    response.set_cookie(
        COOKIE, order.token, max_age=_seconds(token, now), httponly=True, secure=access.is_secure, samesite="strict"
    )
    return SessionAnswer(name=token.name, scope=token.scope.word)


@router.post("/session/end", status_code=204)
def end(response: Response) -> None:
    """Has a browser forget its token."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def refused(refusal: Refusal) -> JSONResponse:
    """Returns the answer that a refusal is."""
    return JSONResponse({"detail": refusal.sentence}, refusal.status, refusal.headers)


def _seconds(token: Token, now: datetime) -> int:
    left = LONGEST_S if token.expires is None else round((token.expires - now).total_seconds())
    return max(1, min(LONGEST_S, left))
