"""What the token service's answers mean (ims 2 and 3)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from audience_gateway.sdk import AuthError, GatewayError, Permanent, RateLimited, Transient

_ERROR_CODE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Grant:
    """A token as it was issued, with its lifetime in seconds."""

    token: str = field(repr=False)
    lifetime: float


class SecretRefusedError(AuthError):
    """The service refused the client secret; another one may do."""


def read_grant(status: int, headers: Mapping[str, str], body: bytes, *, place: str) -> Grant:
    """Read the token out of an answer.

    Raises SecretRefusedError for a wrong secret, AuthError, RateLimited, Transient (5xx), or Permanent for an answer
    that is none of a token service.
    """
    answer = _json_object(body)
    if status == HTTPStatus.OK:
        return _grant(answer, place)
    raise _failure(status, headers, answer, place)


def _grant(answer: Mapping[str, Any], place: str) -> Grant:
    token, lifetime = answer.get("access_token"), _seconds(answer.get("expires_in"))
    if not isinstance(token, str) or not token or lifetime is None:
        raise Permanent(
            "The answer holds no access token.", place=place, remedy="Check `url` and `token_path` of the credentials."
        )
    return Grant(token, lifetime)


def _failure(status: int, headers: Mapping[str, str], answer: Mapping[str, Any], place: str) -> GatewayError:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(
            "The token service limits how often tokens are issued.",
            retry_after=_seconds(headers.get("Retry-After")),
            place=place,
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient(f"The token service failed with HTTP {status}.", place=place)
    code = _code(answer)
    if code == "invalid_client":
        return _invalid_client(answer, place)
    if code == "invalid_scope":
        return AuthError(
            "The credential is not granted one of the scopes.",
            place=place,
            remedy="Set `scopes` to those that the developer console shows for the credential.",
        )
    if code:
        return AuthError(
            f"The token service refused the request with `{code}`.",
            place=place,
            remedy="Check that the credential is of type OAuth Server-to-Server and `token_path` is v2 or later.",
        )
    return Permanent(
        f"HTTP {status} is no answer of a token service.",
        place=place,
        remedy="Check `url` and `token_path` of the credentials.",
    )


def _invalid_client(answer: Mapping[str, Any], place: str) -> AuthError:
    # A wrong secret is HTTP 400, and only the description tells it from an unknown client (ims 3).
    if "client_id" in str(answer.get("error_description", "")):
        return AuthError(
            "The token service does not know the client.",
            place=place,
            remedy="Set `client_id` to the client id that the developer console shows.",
        )
    return SecretRefusedError(
        "The token service refused the client secret.",
        place=place,
        remedy="Set `client_secrets` to a secret that is active in the developer console, for this `client_id`.",
    )


def _code(answer: Mapping[str, Any]) -> str:
    code = answer.get("error")
    return code if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else ""


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
