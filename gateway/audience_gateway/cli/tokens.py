"""The token of the caller, for what not everybody may do."""

from __future__ import annotations

import os

from audience_gateway.cli.errors import CommandError

VARIABLE = "AUDIENCE_GATEWAY_TOKEN"

Metadata = tuple[tuple[str, str], ...]


def token_if_set() -> Metadata:
    """The metadata that a call carries the token in that may need it; none if there is no token."""
    return caller_token() if os.environ.get(VARIABLE, "").strip() else ()


def caller_token() -> Metadata:
    """The metadata that a call carries the token in. Raises CommandError if there is none."""
    token = os.environ.get(VARIABLE, "").strip()
    if not token:
        raise CommandError(
            f"a right is needed, and the environment variable {VARIABLE} is not set",
            "Set it to the token of a caller that has the right.",
        )
    return (("authorization", f"Bearer {token}"),)
