"""Whether a receipt adds up, by nothing but its own text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from audience_gateway.cli.labels import enum_label
from audience_gateway.transfers.canonical import canonical
from audience_gateway.v1 import transfer_pb2

_LEAVERS = "leavers"
_ENDED = {"done", "not_supported", "failed"}
_OUTCOMES = {enum_label(transfer_pb2.Outcome.DESCRIPTOR, number) for number in transfer_pb2.Outcome.values() if number}


def check(text: bytes) -> list[str]:
    """What is wrong with a receipt: that it is not canonical, that a sum is off.

    Answers nothing for a sound one.
    """
    try:
        document = json.loads(text)
        faults = _faults(document)
        return faults if canonical(document).encode() == text else [*faults, "it is not in canonical form"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["it is no receipt"]


def _faults(document: Mapping[str, Any]) -> list[str]:
    return _faults_of_erasure(document) if "erasure" in document else _faults_of_transfer(document)


def _faults_of_erasure(document: Mapping[str, Any]) -> list[str]:
    counts = [document[name] for name in ("ids", "attempts", "files_cleared", "rows_cleared")]
    found = {
        "a count is negative": min(counts) < 0,
        "rows were cleared of no file": bool(document["rows_cleared"]) and not document["files_cleared"],
        "it does not say how the erasure ended": document["state"] not in _ENDED,
    }
    return [fault for fault, true in found.items() if true]


def _faults_of_transfer(document: Mapping[str, Any]) -> list[str]:
    outcomes, reasons, removals = document["outcomes"], document["reasons"], document["removals"]
    found = {
        "it does not name the seven outcomes": {*outcomes} != _OUTCOMES or {*reasons} != _OUTCOMES,
        "the outcomes do not sum to the rows read": sum(outcomes.values()) != document["rows_read"],
        "reasons do not sum to their outcome": any(
            sum(reasons[name].values()) != rows for name, rows in outcomes.items()
        ),
        "the removals do not sum to the leavers": sum(removals.values()) != 2 * removals[_LEAVERS],
        "a count is negative": min([*outcomes.values(), *removals.values(), document["rows_read"]]) < 0,
    }
    return [fault for fault, true in found.items() if true]
