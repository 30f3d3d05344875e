"""Options that many commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from audience_gateway.v1 import identity_pb2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


class Policy(StrEnum):
    """What to do with an id that hits several records."""

    ALL = "all"
    LATEST = "latest"
    REJECT = "reject"


PolicyOption = Annotated[
    Policy | None,
    typer.Option("--policy", help="What to do with an id of several records; else the data source's policy applies."),
]


def policy_value(policy: Policy | None) -> identity_pb2.CandidatePolicy.ValueType:
    """The policy as the API has it."""
    return identity_pb2.CandidatePolicy.Value(f"CANDIDATE_POLICY_{policy.name if policy else 'UNSPECIFIED'}")
