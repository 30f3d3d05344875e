"""The join of ids with an identity index: what it is asked and what it answers, one partition at a time.

Whoever implements `Join` finds records in another way, such as on a cluster; all must pass one set of tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from audience_gateway.identity.partitions import Partition
from audience_gateway.identity.shared_ids import PeopleLimits
from audience_gateway.sdk import CandidatePolicy
from audience_gateway.storage.relations import Session

ASKED = {"row": "BIGINT", "key": "UUID", "leaves": "BOOLEAN"}
"""Columns of the ids that are asked for, maybe among others, each key once; `leaves`: their opt-out does not count."""
FOUND = {"row": "BIGINT", "key": "UUID", "target": "VARCHAR"}
"""Columns of the records that were found, each once for an id; an id may have several, and a record several ids."""
BARRED = {"target": "VARCHAR"}
"""Column of the records that count as opted out."""
MISSED = {"row": "BIGINT", "reason": "VARCHAR"}
"""Columns of the ids for which there is no record to take, with the reason why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Where to look for the records of ids, and which of them count.

    Attributes:
        entries: files of the index, columns of `index.COLUMNS`; those of other partitions may be among them.
        partition: the partition that the ids are of.
        policy: what to do with an id that hits several records.
        oldest: a record last seen with an id before this time does not count; None if that does not matter. One whose
            last sighting is not known counts.
        too_many_people: an id that more records have, not counting those last seen too long ago, finds none.
        barred: file of records that count as opted out whatever the index says, column target; may be missing.
    """

    entries: Sequence[Path]
    partition: Partition
    policy: CandidatePolicy
    oldest: datetime | None
    barred: Path
    too_many_people: int = PeopleLimits().too_many


class Join(Protocol):
    """Finds the records that ids stand for."""

    def find(self, session: Session, question: Question, found: Path, missed: Path) -> None:
        """Writes two files: every id has either its records in `found`, or one reason in `missed`.

        The ids are the relation `first` of the session, which has the columns of `ASKED`; it may get more relations.

        An id is missed as expired if all its records were seen too long ago; else as unknown if there is none; else
        as crowded if too many have it; else as ambiguous if there are several and the policy is `reject`; else as opted
        out if that holds for each record that the policy leaves. Files that are there count: a repeat changes nothing.
        Both appear whole or not at all.
        """
        ...
