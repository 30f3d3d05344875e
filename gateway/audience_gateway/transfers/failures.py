"""From errors to what a transfer says about its failure."""

from __future__ import annotations

from audience_gateway import incidents
from audience_gateway.sdk import AuthError, ConfigError, GatewayError, Permanent, RateLimited, Transient
from audience_gateway.transfers.model import Failure

REASONS: dict[type[GatewayError], str] = {
    ConfigError: "CONFIG",
    AuthError: "AUTH",
    RateLimited: "RATE_LIMITED",
    Transient: "TRANSIENT",
    Permanent: "PERMANENT",
}
"""Reason of the API's closed list for each of the five errors."""


def failure(error: Exception) -> Failure:
    """What is said about an error; an unexpected one gets an incident id, and its text goes nowhere."""
    for kind, reason in REASONS.items():
        if isinstance(error, kind):
            place = f"{error.place}: " if error.place else ""
            return Failure(reason, f"{place}{error.message}", error.remedy)
    incident = incidents.report(error)
    return Failure(
        "INTERNAL",
        f"the gateway met an unexpected error, incident {incident}",
        "Look the incident up in the gateway's log.",
    )
