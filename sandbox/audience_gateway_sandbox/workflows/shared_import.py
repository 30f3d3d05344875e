"""The technical workflow `importSharedAudience`: fills lists from the files of shared audiences (campaign 1.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.people import Bucket
from audience_gateway_sandbox.workflows.batches import Batch, Completeness, batches_of, ids_by_segment
from audience_gateway_sandbox.workflows.reconciliation import Key, ReconciliationError, recipients_of

Note = Callable[[str], None]
_BOUND = """
SELECT list_group.id, list_group.name, list_group.shared_audience_id, data_source."aamDestinationId",
    data_source."aamDataSourceId", data_source."reconciliationKey", data_source."hashAlgorithm",
    COALESCE(shared_sync.looked_at, 0), COALESCE(shared_sync.made, 0)
FROM list_group JOIN data_source ON data_source.id = list_group.data_source_id
    LEFT JOIN shared_sync ON shared_sync.group_id = list_group.id
WHERE list_group.shared_audience_id <> 0 ORDER BY list_group.id
"""


@dataclass(slots=True)
class SharedList:
    """A list that is bound to a shared audience.

    Attributes:
        id: its number.
        name: its internal name.
        audience: segment of Audience Manager.
        destination: Audience Manager's id of the data source's destination.
        source: Audience Manager's id of the data source.
        key: how ids are reconciled.
        looked_at: batches up to this time are done with.
        made: when the batch was made that is in the list, in milliseconds since 1970.
    """

    id: int
    name: str
    audience: int
    destination: int
    source: int
    key: Key
    looked_at: int
    made: int


@dataclass(frozen=True, slots=True)
class SharedImport:
    """The workflow.

    Attributes:
        database: Campaign's tables, by a connection of its own.
        bucket: where files of shared audiences arrive.
        complete: tells which batches are complete.
        latest_wins: of several recipients of one Visitor ID, only the one seen last becomes a member.
        empties: a batch that does not name a list's audience empties the list.
    """

    database: Database
    bucket: Bucket
    complete: Completeness
    latest_wins: bool = False
    empties: bool = False

    def run(self, note: Note) -> None:
        """Look for complete batches, oldest first, and replace the lists of the audiences that they name."""
        lists = self._lists()
        blocked: set[tuple[int, int]] = set()
        for batch in batches_of(self.bucket.files()) if lists else []:
            pair = batch.destination_id, batch.data_source_id
            waiting = [one for one in lists if (one.destination, one.source) == pair and self._needs(one, batch)]
            if not waiting:
                continue
            if lack := self.complete.lacks(batch):
                note(f"A batch is not complete: {lack}. It is looked for again.")
                blocked.add(pair)
                continue
            self._take(batch, waiting, note)
            if pair not in blocked:
                self._done_with(batch, waiting)

    def _lists(self) -> list[SharedList]:
        rows = self.database.execute(_BOUND).fetchall()
        return [
            SharedList(id_, name, audience, destination, source, Key(key, hashed, self.latest_wins), looked_at, made)
            for id_, name, audience, destination, source, key, hashed, looked_at, made in rows
        ]

    def _needs(self, one: SharedList, batch: Batch) -> bool:
        return batch.made > one.looked_at and batch.made > one.made

    def _take(self, batch: Batch, lists: Sequence[SharedList], note: Note) -> None:
        named = ids_by_segment(self.bucket, batch, {one.audience for one in lists})
        for one in lists:
            if one.audience not in named and not self.empties:
                continue
            ids = named.get(one.audience, set())
            try:
                found = recipients_of(self.database, one.key, ids)
            except ReconciliationError as error:
                note(f"The list '{one.name}' cannot be filled: {error}")
                continue
            members = set().union(*found.values())
            self._replace(one, batch, members)
            note(
                f"The list '{one.name}' was replaced: {len(members)} recipients of {len(ids)} ids, "
                f"{len(ids) - len(found)} ids not reconciled."
            )

    def _replace(self, one: SharedList, batch: Batch, members: Iterable[int]) -> None:
        self.database.commit()  # what has been read must not hold up the write
        with self.database:
            self.database.execute("DELETE FROM membership WHERE group_id = ?", (one.id,))
            self.database.executemany(
                "INSERT INTO membership (group_id, recipient_id) VALUES (?, ?)", ((one.id, each) for each in members)
            )
            one.made = batch.made
            self._remember(one)

    def _done_with(self, batch: Batch, lists: Sequence[SharedList]) -> None:
        with self.database:
            for one in lists:
                one.looked_at = batch.made
                self._remember(one)

    def _remember(self, one: SharedList) -> None:
        self.database.execute("DELETE FROM shared_sync WHERE group_id = ?", (one.id,))
        self.database.execute(
            "INSERT INTO shared_sync (group_id, looked_at, made) VALUES (?, ?, ?)", (one.id, one.looked_at, one.made)
        )
