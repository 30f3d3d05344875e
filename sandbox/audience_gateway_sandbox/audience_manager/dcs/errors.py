"""Error codes of the data collection servers; they come with HTTP 200 (audience-manager 6)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any


class Code(IntEnum):
    """What is wrong with a call, or with an id of it."""

    BAD_ORGANIZATION = 2
    TRAITS_NOT_EVALUATED = 10
    NO_HOST = 100
    BAD_ECID = 101
    BAD_UUID = 102
    NO_GOOD_CUSTOMER_ID = 104
    OPTED_OUT = 171
    BAD_CUSTOMER_ID = 300
    TOO_MANY_IDS = 301
    UNKNOWN_DATA_SOURCE = 302
    DISCARDED_ID = 309
    TOO_MANY_OF_A_NAMESPACE = 310
    BAD_ENCODING = 311
    BAD_DEVICE_ID = 312


_TEXTS = {
    Code.BAD_ORGANIZATION: "The Experience Cloud organization is not valid.",
    Code.TRAITS_NOT_EVALUATED: "Traits could not be evaluated.",
    Code.NO_HOST: "The call has no Host header.",
    Code.BAD_ECID: "The Experience Cloud ID is not valid.",
    Code.BAD_UUID: "The Audience Manager ID is not valid.",
    Code.NO_GOOD_CUSTOMER_ID: "None of the customer IDs is valid.",
    Code.OPTED_OUT: "The visitor has opted out.",
    Code.BAD_CUSTOMER_ID: "A customer ID is not valid.",
    Code.TOO_MANY_IDS: "The call has more than 10 customer IDs.",
    Code.UNKNOWN_DATA_SOURCE: "The data source of a customer ID is not owned by the organization.",
    Code.DISCARDED_ID: "A customer ID was discarded.",
    Code.TOO_MANY_OF_A_NAMESPACE: "The call has more than 3 customer IDs of one data source.",
    Code.BAD_ENCODING: "The call has a malformed percent encoding.",
    Code.BAD_DEVICE_ID: "A device advertising ID is not valid.",
}


def told(codes: Iterable[Code]) -> list[dict[str, Any]]:
    """Write errors as JSON has them."""
    return [{"code": int(code), "msg": _TEXTS[code]} for code in codes]
