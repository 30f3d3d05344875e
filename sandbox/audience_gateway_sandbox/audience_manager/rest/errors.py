"""Answers to calls that cannot be done (audience-manager 1.2)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler


class Refused(Exception):
    """A call that cannot be done; its shape, `{"code", "message", "errors"}`, is an assumption.

    Args:
        status: of the answer.
        message: what is wrong with the call.
        errors: what is wrong with which member, if there is more to tell.
    """

    def __init__(self, status: HTTPStatus, message: str, errors: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors


def malformed(message: str, errors: Sequence[str] = ()) -> Refused:
    """Make the error of a call that cannot be understood."""
    return Refused(HTTPStatus.BAD_REQUEST, message, errors)


def conflict(message: str, errors: Sequence[str] = ()) -> Refused:
    """Make the error of a call that does not fit what there is."""
    return Refused(HTTPStatus.CONFLICT, message, errors)


def forbidden(message: str) -> Refused:
    """Make the error of a call that the caller may not make."""
    return Refused(HTTPStatus.FORBIDDEN, message)


def not_found(what: str) -> Refused:
    """Make the error of a call to what is not there."""
    return Refused(HTTPStatus.NOT_FOUND, f"There is no such {what}.")


def answering(handler: Handler) -> Handler:
    """Have a handler's refusals answered."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            body = {"code": int(refused.status), "message": refused.message, "errors": list(refused.errors)}
            return web.json_response(body, status=refused.status)

    return answer
