"""What a refusal of Campaign means: fault codes and HTTP statuses to the five errors (campaign 3.11)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from audience_gateway.sdk import AuthError, GatewayError, Permanent, RateLimited, Transient

from audience_gateway_campaign.envelope import Element, child
from audience_gateway_campaign.fault_words import without_values

_CODE = re.compile(r"^\s*([A-Z]{3}-\d{6})\b", re.MULTILINE)
"""Campaign's codes stand at the beginning; what looks like one further on may be anything, an id too."""
_NO_CODE = "no-code"
_GENERIC_CODE = "SOP-330011"
_ABOUT_THE_REQUEST = frozenset(
    {"SOP-330006", "SOP-330024", "XTK-170006", "XTK-170024", "XTK-170036", "XFR-180000", "XSV-350063"}
)


class SessionRefusedError(AuthError):
    """Campaign refused the session or token of a call; a new one may do."""


class FaultError(Permanent):
    """Campaign refused a call for a reason of its own.

    Attributes:
        code: the most telling code of the fault, e.g. `XTK-170036`; `no-code` if it has none.
        detail: the words of the fault's text that cannot be personal.
    """

    def __init__(self, code: str, detail: str, *, place: str) -> None:
        super().__init__(
            f"Campaign refused the call with {code}: {detail}" if detail else f"Campaign refused the call with {code}.",
            place=place,
            remedy=_REMEDIES.get(code, ""),
        )
        self.code = code
        self.detail = detail

    @property
    def is_about_the_request(self) -> bool:
        """Whether every row of the request would be refused alike."""
        return self.code in _ABOUT_THE_REQUEST

    @property
    def is_telling(self) -> bool:
        """Whether the code says why, not just that something went wrong."""
        return self.code not in {_NO_CODE, _GENERIC_CODE}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, which may hold tokens and rows."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


_UNKNOWN_NAME = "Check that the attributes of the data source's reconciliation key and of `opt_out_attributes` exist."
_REMEDIES = {
    "XTK-170006": _UNKNOWN_NAME,
    "XTK-170036": _UNKNOWN_NAME,
    "XFR-180000": "Check that the instance has the schema and the operator may read it.",
    "SOP-330006": "Check that `url` is a Campaign v7 or v8 instance.",
}


def fault_error(fault: Element, place: str) -> GatewayError:
    """Tell which error a `Fault` element stands for."""
    text = _text(fault, "faultstring")
    return _error(f"{text}\n{_text(fault, 'detail')}", place)


def http_error(answer: Answer, place: str) -> GatewayError:
    """Tell which error an answer without an envelope stands for."""
    text = answer.content[:2000].decode("utf-8", errors="replace")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited("Campaign limits the rate of calls.", retry_after=_retry_after(answer), place=place)
    if _CODE.search(text):
        return _error(text, place)
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and "Retry-After" in answer.headers:
        return RateLimited("Campaign asks to call later.", retry_after=_retry_after(answer), place=place)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient(
            f"Campaign failed with HTTP {answer.status}.", place=place, remedy="Check that its web module is running."
        )
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return SessionRefusedError(
            f"Campaign refused the call with HTTP {answer.status}.",
            place=place,
            remedy="Check the operator's rights, and that the gateway's address is in a security zone of the instance.",
        )
    return Permanent(
        f"HTTP {answer.status} with something that is not SOAP.",
        place=place,
        sent=answer.status < HTTPStatus.BAD_REQUEST,
        remedy="Set `url` to the address of the Campaign instance.",
    )


def _error(text: str, place: str) -> GatewayError:
    codes = _CODE.findall(text)
    if "XSV-350008" in codes:
        return SessionRefusedError(
            "Campaign refused the session.", place=place, remedy="Check the operator's rights and session limits."
        )
    if "XSV-350012" in codes:
        return AuthError(
            "Campaign refused user and password.",
            place=place,
            remedy="Check `user` and `password`; with `credentials`, that the technical operator exists in Campaign.",
        )
    if "XSV-350013" in codes:
        return AuthError(
            "Campaign does not accept calls from this address.",
            place=place,
            remedy="Add the gateway's address to a security zone of the instance.",
        )
    # The wrapper's code says nothing; the cause stands behind it.
    code = next((code for code in codes if code != _GENERIC_CODE), codes[0] if codes else _NO_CODE)
    return FaultError(code, without_values(_CODE.sub("", text)), place=place)


def _text(fault: Element, name: str) -> str:
    element = child(fault, name)
    return "" if element is None else str(element.xpath("string()")).strip()


def _retry_after(answer: Answer) -> float | None:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None
