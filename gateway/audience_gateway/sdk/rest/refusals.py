"""What it means when an interface behind Adobe's API gateway does not do what it was asked (ims 8).

No service keeps to one form of errors, and what stands in between may answer with anything: the status alone decides,
and a code or a text, where there is one, says more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from audience_gateway.sdk.errors import AuthError, ConfigError, GatewayError, Permanent, RateLimited, Transient
from audience_gateway.sdk.rest.error_bodies import code_of, text_of
from audience_gateway.sdk.rest.interfaces import RestInterface

_KEY_CODES = frozenset({"403000", "403003"})
_ENTITLEMENT_CODES = frozenset({"403023", "403025"})
_TOKEN_CODES = frozenset({"403010", "401013"})
_NO_ORGANISATION = "400003"
_SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")


class TokenRefused(AuthError):
    """The token is not valid, or has expired; another one may do."""


class KeyRefused(AuthError):
    """The API key is not known here, or its project lacks the API or a product profile."""


class RightsMissing(AuthError):
    """Token and key are good, and the technical account may not do this."""


class Refused(Permanent):
    """The call was refused.

    Attributes:
        status: HTTP status.
        code: the system's own code, e.g. `UPAPI-113434-400`; empty if it names none.
    """

    def __init__(self, message: str, *, status: int, code: str = "", place: str = "", remedy: str = "") -> None:
        super().__init__(message, place=place, remedy=remedy)
        self.status = status
        self.code = code


class NotFound(Refused):
    """There is no such object, or the technical account may not see it."""


class Conflict(Refused):
    """The state of an object forbids it, or there is one already."""


class VersionIsStale(Refused):
    """The object has changed since it was read: it can be read anew and changed again."""


def refusal(
    interface: RestInterface, status: int, headers: Mapping[str, str], answer: object, *, wrote: bool
) -> GatewayError:
    """Tells what an answer other than success means.

    Args:
        interface: what was called.
        status: HTTP status.
        headers: of the answer.
        answer: its body as JSON; None if it is none.
        wrote: whether the call was to change something, so that it may have.
    """
    code, system, place = code_of(answer), interface.system, interface.place
    pause = _pause(headers, answer)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(f"{system} limits the rate of calls", retry_after=pause, place=place)
    if status == HTTPStatus.SERVICE_UNAVAILABLE and pause is not None:
        return RateLimited(f"{system} asks to come back later", retry_after=pause, place=place, sent=wrote)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient(f"{system} failed with HTTP {status}{text_of(answer)}", place=place, sent=wrote)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or code == _NO_ORGANISATION:
        return _no_access(interface, status, code, text_of(answer))
    return _of_the_call(interface, status, code, text_of(answer))


def _of_the_call(interface: RestInterface, status: int, code: str, text: str) -> GatewayError:
    place = interface.place
    if status == HTTPStatus.NOT_FOUND:
        remedy = "Check its id, and the account's rights to it."
        return NotFound(f"there is no such object{text}", status=status, code=code, place=place, remedy=remedy)
    if status == HTTPStatus.CONFLICT:
        return Conflict(f"the state of an object forbids the call{text}", status=status, code=code, place=place)
    if status == HTTPStatus.PRECONDITION_FAILED:
        return VersionIsStale(f"the object has changed meanwhile{text}", status=status, code=code, place=place)
    message = f"{interface.system} refused the call with HTTP {status}{text}"
    return Refused(message, status=status, code=code, place=place)


def _no_access(interface: RestInterface, status: int, code: str, text: str) -> GatewayError:
    account, place = interface.account, interface.place
    if code == _NO_ORGANISATION:
        return ConfigError("found no organisation", place=f"{account}.org_id", remedy="Set it to the one in use.")
    if status == HTTPStatus.UNAUTHORIZED or code in _TOKEN_CODES:
        return TokenRefused("the token was refused", place=place, remedy=f"Check the secret of `{account}`.")
    if code in _KEY_CODES:
        return KeyRefused(
            "the API key was refused",
            place=place,
            remedy=f"Check `client_id` of `{account}`, and add the API of {interface.system} to its project.",
        )
    if code in _ENTITLEMENT_CODES:
        return KeyRefused(
            "the credential is not entitled for the organisation",
            place=place,
            remedy=f"Check `org_id` of `{account}`, and give the credential a product profile of {interface.system}.",
        )
    return RightsMissing(f"the technical account may not do this{text}", place=place, remedy=interface.rights_remedy)


def _pause(headers: Mapping[str, str], answer: object) -> float | None:
    """Seconds to wait: of the header, or of the body, where profile access says milliseconds as text (rtcdp 7)."""
    seconds = headers.get("Retry-After", "")
    if _SECONDS.fullmatch(seconds):
        return float(seconds)
    first = answer[0] if isinstance(answer, list) and answer else answer
    milliseconds = str(first.get("retryAfterMs", "")) if isinstance(first, dict) else ""
    return float(milliseconds) / 1000 if _SECONDS.fullmatch(milliseconds) else None
