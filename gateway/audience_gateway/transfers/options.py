"""How transfers run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from audience_gateway.identity.duckdb_join import DuckDBJoin
from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.identity.joining import Join
from audience_gateway.identity.shared_ids import PeopleLimits
from audience_gateway.storage.relations import QueryLimits
from audience_gateway.transfers.model import GuardLimits
from audience_gateway.transfers.retries import RetryPolicy
from audience_gateway.transfers.task import Sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOptions:
    """How transfers run.

    Attributes:
        state: directory of workspaces, snapshots and indexes.
        sizes: how much is done at a time.
        limits: what one query may use.
        guard: limits above which a transfer is withheld, unless its request has its own.
        indexes: when an identity index is read, and when what was read is not put to use.
        people: how many people may have one id.
        retries: how steps are tried again.
        withheld_for: how long a transfer that is withheld waits to be released.
        join: finds the records that ids stand for.
    """

    state: Path
    sizes: Sizes = field(default_factory=Sizes)
    limits: QueryLimits = field(default_factory=QueryLimits)
    guard: GuardLimits = field(default_factory=GuardLimits)
    indexes: IndexLimits = field(default_factory=IndexLimits)
    people: PeopleLimits = field(default_factory=PeopleLimits)
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    withheld_for: timedelta = timedelta(days=7)
    join: Join = field(default_factory=DuckDBJoin)
