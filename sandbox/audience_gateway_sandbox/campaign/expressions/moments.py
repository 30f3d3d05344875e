"""Dates as people write them in expressions, turned into the texts that the tables hold (campaign 3.3)."""

from __future__ import annotations

from datetime import UTC, datetime

from audience_gateway_sandbox.campaign.faults import unparsable
from audience_gateway_sandbox.campaign.schema import Kind
from audience_gateway_sandbox.campaign.times import date_text, time_text


def moment_text(text: str, kind: Kind | None) -> str:
    """Write a date such as `2026/01/02`, with or without a time of day, as a column of `kind` holds it.

    Raises MethodError if it is no date.
    """
    try:
        moment = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        raise unparsable(f"#{text}#") from None
    if kind is Kind.DATE:
        return date_text(moment)
    return time_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
