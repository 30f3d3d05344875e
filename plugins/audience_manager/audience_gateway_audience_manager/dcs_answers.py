"""What data collection servers answer (audience-manager 6).

Errors come with HTTP 200, in the body, in a header, or in both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from audience_gateway.sdk import ConfigError, GatewayError, Permanent, RateLimited, Refusal, Transient

_OF_THE_CONNECTION = {
    1: ("there is no configuration for the host", "dcs.host"),
    2: ("the organisation is not known", "dcs.org_id"),
    100: ("the call named no host", "dcs.host"),
    109: ("the call was refused for its referer", "dcs.url"),
    111: ("the call was refused for its token", "credentials"),
    198: ("calls from this country are blocked", "dcs.url"),
    199: ("calls from this country are blocked", "dcs.url"),
}
_IN_PASSING = frozenset({0, 10, 200, 201, 202, 203, 204, 205})
_OF_THE_MEMBER = {
    101: "The Experience Cloud ID is not valid.",
    102: "The device id is not valid.",
    104: "The id is not valid.",
    171: "The person has opted out.",
    172: "The device blocks cookies.",
    173: "The person has opted out by the Network Advertising Initiative.",
    300: "The id is not valid.",
    301: "The request had more than 10 ids.",
    302: "The data source of the id does not belong to the organisation.",
    303: "The id is on a deny list.",
    304: "The id is on a deny list.",
    306: "The id is on a deny list.",
    307: "The id is on a deny list.",
    309: "The id was discarded.",
    310: "The request had more than 3 ids of one data source.",
    311: "The request was dropped for its percent-encoding.",
    312: "The device id has not the form of its data source.",
    313: "The person's consent does not allow it.",
    314: "The person's consent does not allow it.",
    315: "The person's consent does not allow it.",
}
_UNKNOWN = "Audience Manager refused the id."
_NO_DATA = ("DCS_WITHOUT_DATA", "The answer was empty, as it is for people who have opted out.")


@dataclass(frozen=True, slots=True)
class Taken:
    """A call that was taken.

    Attributes:
        traits: those that the user has now; empty where it is not told, for Adobe enables that on request.
    """

    traits: frozenset[int]


def read_answer(
    status: int, headers: Mapping[str, str], body: bytes, *, index: int, place: str, settings: str
) -> Refusal | Taken:
    """Tells whether a call about a member was taken, and what the member has now.

    Args:
        status: HTTP status.
        headers: of the answer.
        body: of the answer.
        index: position of the member.
        place: host that answered.
        settings: what the settings call the connection.

    Raises RateLimited, Transient, ConfigError or Permanent for what does not concern this member alone.
    """
    if status != HTTPStatus.OK:
        raise _failure(status, headers, place)
    answer = _object(body)
    codes = _codes(headers, answer)
    if (failure := _failure_of_all(codes, place, settings)) is not None:
        raise failure
    if codes:
        return Refusal(index, f"DCS_{codes[0]}", _OF_THE_MEMBER.get(codes[0], _UNKNOWN))
    if answer is None:
        raise Permanent("found an answer that is no JSON object", place=place, sent=True)
    if not answer.get("uuid"):
        return Refusal(index, *_NO_DATA)
    told = answer.get("traits")
    traits = (int(each) for each in map(str, told if isinstance(told, list) else ()) if each.isdecimal())
    return Taken(frozenset(traits))


def _failure(status: int, headers: Mapping[str, str], place: str) -> GatewayError:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        after = headers.get("Retry-After", "")
        seconds = float(after) if after.isdecimal() else None
        return RateLimited("the data collection servers limit the rate of calls", retry_after=seconds, place=place)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient(f"a data collection server failed with HTTP {status}", place=place)
    return Permanent(
        f"a data collection server answered HTTP {status}",
        place=place,
        remedy="Set `dcs.url` to the address of a region.",
    )


def _failure_of_all(codes: Sequence[int], place: str, settings: str) -> GatewayError | None:
    """What does not concern one member alone; None if nothing does."""
    for code in codes:
        if code in _OF_THE_CONNECTION:
            meaning, setting = _OF_THE_CONNECTION[code]
            return ConfigError(f"{meaning} (DCS {code})", place=f"{settings}.{setting}")
    for code in codes:
        if code in _IN_PASSING:
            return Transient(f"a data collection server did not do all of it (DCS {code})", place=place)
    return None


def _codes(headers: Mapping[str, str], answer: Mapping[str, object] | None) -> list[int]:
    """The codes of errors, each once, in the order in which they came."""
    in_header = [text.strip() for text in headers.get("X-Error", "").split(",")]
    listed = answer.get("errors") if answer else None
    in_body = [error.get("code") for error in listed if isinstance(error, dict)] if isinstance(listed, list) else []
    return list(dict.fromkeys(int(code) for code in [*map(str, in_body), *in_header] if code.isdecimal()))


def _object(body: bytes) -> Mapping[str, object] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
