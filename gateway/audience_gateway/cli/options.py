"""Options that many commands share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer
from google.protobuf.timestamp_pb2 import Timestamp

from audience_gateway.cli.names import resource_name
from audience_gateway.cli.tokens import VARIABLE
from audience_gateway.v1 import identity_pb2, transfer_pb2

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


class Mode(StrEnum):
    """What a transfer makes of the destination's audience."""

    REPLACE = "replace"
    ADD_ONLY = "add-only"
    REMOVE_ONLY = "remove-only"
    DELTA = "delta"


ModeOption = Annotated[
    Mode | None,
    typer.Option(
        "--mode",
        help="What to make of the audience: hold what the source holds (`replace`), only add or only remove that, or"
        " apply the changes that the source tells of (`delta`).",
    ),
]


def mode_value(mode: Mode | None, **flags: bool | None) -> transfer_pb2.TransferMode.ValueType:
    """The mode as the API has it; flags are named after the mode that they stand for."""
    given = {Mode[name.upper()] for name, flag in flags.items() if flag} | ({mode} if mode else set())
    if len(given) > 1:
        raise typer.BadParameter(f"found the modes {' and '.join(sorted(given))}, allowed: one")
    return transfer_pb2.TransferMode.Value(f"TRANSFER_MODE_{given.pop().name if given else 'UNSPECIFIED'}")


CreateOption = Annotated[
    bool,
    typer.Option(
        "--create-unknown-records",
        help=f"Create a record for each id that none has, for callers who have the right; {VARIABLE} has to hold their "
        "token.",
    ),
]
FurtherOption = Annotated[
    list[str] | None,
    typer.Option(
        "--then-data-source",
        help="Another data source, for rows that it does not know by those before; may be repeated.",
    ),
]


def further_names(names: list[str] | None) -> list[str]:
    """Resource names of further data sources."""
    return [resource_name("dataSources", name) for name in names or ()]


PurposeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--purpose",
        help="What it is for, e.g. mail: whoever has refused that is left out; may be repeated. Else what the data "
        "source names.",
    ),
]


class Priority(StrEnum):
    """Which of several waiting transfers to one destination begins first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


PriorityOption = Annotated[
    Priority | None,
    typer.Option("--priority", help="Which of several waiting transfers to one audience begins first; else normal."),
]
WithinOption = Annotated[
    int, typer.Option("--within", min=0, help="Give the transfer up after so many minutes; 0 means never.")
]


def priority_value(priority: Priority | None) -> transfer_pb2.Priority.ValueType:
    """The priority as the API has it."""
    return transfer_pb2.Priority.Value(f"PRIORITY_{priority.name if priority else 'UNSPECIFIED'}")


def deadline(within: int) -> Timestamp | None:
    """The time in so many minutes; None for 0."""
    if not within:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(datetime.now(UTC) + timedelta(minutes=within))
    return timestamp
