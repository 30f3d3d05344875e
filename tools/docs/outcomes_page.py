"""The page of outcomes and their reasons."""

from __future__ import annotations

from audience_gateway.sdk import Outcome, Reason
from markdown import code, table

import protos

_INTRODUCTION = """
Every row of the source ends in exactly one outcome; the seven sum to the rows read. Each row has one reason, and each
reason belongs to one outcome.
""".strip()


def text() -> str:
    """The page."""
    return "\n\n".join(
        [
            "# Outcomes",
            _INTRODUCTION,
            *(part for outcome in Outcome for part in _outcome(outcome)),
        ]
    )


def _outcome(outcome: Outcome) -> tuple[str, str, str]:
    reasons = ([code(reason), reason.meaning] for reason in Reason if reason.outcome is outcome)
    meaning = protos.comments()[f"audience_gateway.v1.Outcome.OUTCOME_{outcome.name}"]
    return f"## `{outcome}`", meaning, table(["reason", "meaning"], reasons)
