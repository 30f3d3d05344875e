"""What is known of a transfer that is under way."""

from __future__ import annotations

from dataclasses import dataclass, field

from audience_gateway.transfers.compare import Changes
from audience_gateway.transfers.delivered import Delivered
from audience_gateway.transfers.plan import Plan


@dataclass(slots=True)
class Known:
    """What is known of a transfer so far; a resumed job finds it again in the results of its steps.

    Attributes:
        planned: the plan.
        rows_read: rows read from the source.
        chunks: chunks that they are in.
        source_complete: whether these are all rows.
        shrunken: how much the indexes have shrunk that it goes by and that are not put to use; empty for none.
        contested: whether several rows may have found the same record.
        claiming: how many of them claim a member.
        unknown: how many of them are to get a record that is created.
        shares: how many shares the members are compared in.
        changes: joiners and leavers.
        delivered: how many of these were sent.
    """

    planned: Plan | None = None
    rows_read: int = 0
    chunks: int = 0
    source_complete: bool = False
    shrunken: tuple[str, ...] = ()
    contested: bool = True
    claiming: int = 0
    unknown: int = 0
    shares: int = 1
    changes: Changes | None = None
    delivered: Delivered = field(default_factory=Delivered)
