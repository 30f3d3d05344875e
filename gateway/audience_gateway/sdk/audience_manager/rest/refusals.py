"""What it means when a REST interface of Audience Manager does not do what it was asked (audience-manager 1.2, ims 8).

Bodies of errors are documented for the API gateway only, so that none is relied on: the status alone decides, and a
code, where there is one, says more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from audience_gateway.sdk.errors import AuthError, ConfigError, GatewayError, Permanent, RateLimited, Transient

_KEY_CODES = frozenset({"403000", "403003"})
_ENTITLEMENT_CODES = frozenset({"403023", "403025"})
_TOKEN_CODES = frozenset({"403010", "401013"})
_NO_ORGANISATION = "400003"
_MAY_NAME_SOMEBODY = re.compile(r"\S*[\d@]\S*")
_LONGEST_TEXT = 200


class TokenRefused(AuthError):
    """The token is not valid, or has expired; another one may do."""


class KeyRefused(AuthError):
    """The API key is not known here, or its project lacks the API or a product profile."""


class RightsMissing(AuthError):
    """Token and key are good, and the technical account may not do this."""


class NotFound(Permanent):
    """There is no such object, or the technical account may not see it."""


class Conflict(Permanent):
    """The state of an object forbids it."""


def refusal(
    status: int, headers: Mapping[str, str], answer: object, *, place: str, wrote: bool, account: str
) -> GatewayError:
    """Tells what an answer other than success means.

    Args:
        status: HTTP status.
        headers: of the answer.
        answer: its body as JSON; None if it is none.
        place: host that answered.
        wrote: whether the call was to change something, so that it may have.
        account: what the settings call the credentials.
    """
    code = _code(answer)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited("Audience Manager limits the rate of calls", retry_after=_retry_after(headers), place=place)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient(f"Audience Manager failed with HTTP {status}", place=place, sent=wrote)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or code == _NO_ORGANISATION:
        return _no_access(status, code, place, account)
    return _of_the_call(status, _text(answer), place)


def _of_the_call(status: int, text: str, place: str) -> GatewayError:
    if status == HTTPStatus.NOT_FOUND:
        return NotFound("there is no such object", place=place, remedy="Check its id, and the account's rights to it.")
    if status == HTTPStatus.CONFLICT:
        return Conflict(f"the state of the object forbids the call{text}", place=place)
    return Permanent(f"Audience Manager refused the call with HTTP {status}{text}", place=place)


def _no_access(status: int, code: str, place: str, account: str) -> GatewayError:
    if code == _NO_ORGANISATION:
        return ConfigError("found no organisation", place=f"{account}.org_id", remedy="Set it to the one in use.")
    if status == HTTPStatus.UNAUTHORIZED or code in _TOKEN_CODES:
        return TokenRefused("the token was refused", place=place, remedy=f"Check the secret of `{account}`.")
    if code in _KEY_CODES:
        return KeyRefused(
            "the API key was refused",
            place=place,
            remedy=f"Check `client_id` of `{account}`, and add the Audience Manager API to its project.",
        )
    if code in _ENTITLEMENT_CODES:
        return KeyRefused(
            "the credential is not entitled for the organisation",
            place=place,
            remedy=f"Check `org_id` of `{account}`, and give the credential a product profile of Audience Manager.",
        )
    return RightsMissing(
        "the technical account may not do this",
        place=place,
        remedy="Have an administrator add it to a group with the rights; `GET /users/self` makes it known to them.",
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    seconds = headers.get("Retry-After", "")
    return float(seconds) if seconds.isdecimal() else None


def _code(answer: object) -> str:
    # A string in one guide, a number in another (ims 8).
    code = answer.get("error_code") if isinstance(answer, dict) else None
    return str(code) if isinstance(code, str | int) else ""


def _text(answer: object) -> str:
    text = answer.get("message") if isinstance(answer, dict) else None
    if not isinstance(text, str) or not text.isprintable():
        return ""
    return f": {_MAY_NAME_SOMEBODY.sub('…', text)[:_LONGEST_TEXT]}"
