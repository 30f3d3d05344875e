"""Stage deliver, where records are created: creates one for each id that none has, and lets them join the members.

Ids are looked up right before and after, and which ones had no record is noted in between: a step that is repeated
creates nobody twice and tells the same.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway import fail_points
from audience_gateway.identity.normalisation import normalise
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import IndexBatch, Permanent, Reason, RecordCreator, WriteResult
from audience_gateway.sdk.outcomes import DETAIL_MARK
from audience_gateway.storage.relations import files
from audience_gateway.suppression.suppression_list import reasons
from audience_gateway.transfers import columns
from audience_gateway.transfers.attribute_columns import view_members
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.chunk_files import encoded_ids
from audience_gateway.transfers.compare import Changes
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.receiving import receiver
from audience_gateway.transfers.task import Task


class Creation:
    """Creating records under way; the connection is kept open between chunks."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._open = AsyncExitStack()
        self._creator: RecordCreator | None = None

    async def close(self) -> None:
        """Lets go of the destination."""
        self._creator = None
        await self._open.aclose()

    async def chunk(self, number: int) -> StepResult:
        """Creates the records of one chunk. Answers how many rows have one now."""
        task, name = self._task, f"{number:05d}"
        if not task.workspace.part("created", name).exists():  # else by a run that was killed before it was noted
            wanted = await in_background(_wanted, task, number)
            if not task.workspace.part("intended", name).exists():
                found = await self._find(_texts(wanted.column("value")))
                await in_background(_intend, task, name, wanted, found)
            asked, refused = await self._create(name, wanted)
            found = await self._find(_to_create(asked))
            await in_background(_note, task, name, asked, refused, found)
        return {"rows": await in_background(_records, task, name)}

    async def _create(self, name: str, wanted: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Creates what is missing. Answers the rows with why they get no record, if so, and what was refused."""
        creator, task = await self._destination(), self._task
        async with task.turns.turn(task.request.destination.connection):
            asked = await in_background(_ask, task, name, wanted)
            missing = _to_create(asked)
            task.still_ours()
            fail_points.reached("before send")
            result = await creator.create_records(task.source, missing) if len(missing) else WriteResult(0)
            fail_points.reached("after send")
        return asked, _refusals(missing, result)

    async def _find(self, values: pa.StringArray) -> pa.Table:
        """The records that have some ids, as value, target and opted_out."""
        entries = IndexBatch(pa.RecordBatch.from_pylist([], schema=IndexBatch.SCHEMA))
        if len(values):
            creator = await self._destination()
            async with self._task.turns.turn(self._task.request.destination.connection):
                entries = await creator.find_records(self._task.source, values)
        return await in_background(_entries, self._task, entries)

    async def _destination(self) -> RecordCreator:
        if self._creator is None:
            opened = self._task.connections.open(self._task.request.destination.connection)
            connector = await self._open.enter_async_context(opened)
            if not isinstance(connector, RecordCreator):
                raise Permanent("the connector cannot create records", place=str(self._task.request.destination))
            self._creator = connector
        return self._creator


async def would_create(task: Task) -> StepResult:
    """Notes, for a dry run, that all records would be created. Answers how many."""
    return {"rows": await in_background(_would_create, task)}


async def join_members(task: Task, plan: Plan, changes: Changes) -> StepResult:
    """Lets those who have got records join the members, behind the joiners. Answers how many there are."""
    return {"joiners": await in_background(_join, task, plan, changes)}


def _would_create(task: Task) -> int:
    with task.relations.session() as session:
        session.view("unknown", files(task.workspace.parts("unknown"), columns.UNKNOWN))
        return session.publish(
            f"SELECT row, CAST(NULL AS VARCHAR) AS target, '{Reason.RECORD_CREATED}' AS reason FROM unknown",
            task.workspace.part("created", "00000"),
        )


def _wanted(task: Task, number: int) -> pa.Table:
    """The rows of a chunk with their ids in canonical form: row, key and value."""
    first = number * task.sizes.deliver_rows
    with task.relations.session() as session:
        session.view("unknown", files(task.workspace.parts("unknown"), columns.UNKNOWN))
        session.view("extracted", files(task.workspace.chunks("extract"), columns.EXTRACTED))
        rows = session.read(
            f"""SELECT row, CAST(key AS VARCHAR) AS key, id FROM unknown JOIN extracted USING (row)
            WHERE number >= {first} AND number < {first + task.sizes.deliver_rows} ORDER BY row"""
        )
    values = normalise(
        task.strategy, _texts(rows.column("id")), task.source, encoded=encoded_ids(task.workspace)
    ).values
    return pa.table({"row": rows.column("row"), "key": rows.column("key"), "value": values})


def _entries(task: Task, entries: IndexBatch) -> pa.Table:
    held = entries.columns
    values = normalise(task.strategy, held.column("id"), task.source, encoded=False).values
    return pa.table({"value": values, "target": held.column("target"), "opted_out": held.column("opted_out")})


def _intend(task: Task, name: str, wanted: pa.Table, found: pa.Table) -> None:
    """Notes who gets a record: nobody who has got one since the index was read, and may have opted out."""
    with task.relations.session() as session:
        session.arrow("wanted", wanted)
        session.arrow("entry", found)
        session.publish(
            f"""SELECT row, CASE WHEN opted_out THEN '{Reason.OPTED_OUT}'
                WHEN NOT opted_out THEN '{Reason.UNKNOWN_ID}' END AS reason
            FROM wanted LEFT JOIN (SELECT value, bool_or(opted_out) AS opted_out FROM entry GROUP BY value) AS met
            USING (value)""",
            task.workspace.part("intended", name),
        )


def _ask(task: Task, name: str, wanted: pa.Table) -> pa.Table:
    """The rows as row, value and reason, which is null for those that get a record now."""
    with task.relations.session() as session:
        session.arrow("wanted", wanted)
        session.view("intended", files([task.workspace.part("intended", name)], columns.INTENDED))
        session.view("key_of", "SELECT row, CAST(key AS UUID) AS key, value FROM wanted")
        listed = task.suppressions.changes(task.suppressions.names())
        session.table("late", reasons(listed, "SELECT key FROM key_of", task.source.purposes))
        return session.read(
            f"""SELECT row, value, coalesce(intended.reason,
                CASE WHEN detail = '' THEN late.reason ELSE late.reason || '{DETAIL_MARK}' || detail END) AS reason
            FROM key_of JOIN intended USING (row) LEFT JOIN late USING (key) ORDER BY row"""
        )


def _to_create(asked: pa.Table) -> pa.StringArray:
    return _texts(asked.filter(pc.is_null(asked.column("reason"))).column("value"))


def _texts(column: pa.ChunkedArray) -> pa.StringArray:
    return pa.concat_arrays([pa.array([], pa.string()), *column.chunks])


def _refusals(missing: pa.StringArray, result: WriteResult) -> pa.Table:
    refused = result.refused
    return pa.table(
        {
            "value": missing.take(pa.array([one.index for one in refused], pa.int64())),
            "detail": pa.array([f"{one.code} {one.detail}".strip() for one in refused], pa.string()),
        }
    )


def _note(task: Task, name: str, asked: pa.Table, refused: pa.Table, found: pa.Table) -> None:
    with task.relations.session() as session:
        session.arrow("asked", asked)
        session.arrow("refused", refused)
        session.arrow("entry", found)
        session.view("record", "SELECT value, min(target) AS target FROM entry GROUP BY value")
        session.view(
            "noted",
            f"""SELECT row, record.target, coalesce(asked.reason,
                '{Reason.REFUSED_BY_DESTINATION}{DETAIL_MARK}' || refused.detail,
                CASE WHEN record.target IS NULL THEN '{Reason.IN_DOUBT}' END) AS reason
            FROM asked LEFT JOIN refused USING (value) LEFT JOIN record USING (value)""",
        )
        session.publish(
            "SELECT row, CASE WHEN reason IS NULL THEN target END AS target, reason FROM noted",
            task.workspace.part("created", name),
        )


def _records(task: Task, name: str) -> int:
    with task.relations.session() as session:
        session.view("created", files([task.workspace.part("created", name)], columns.CREATED))
        return int(session.rows("SELECT count(target) FROM created")[0][0])


def _join(task: Task, plan: Plan, changes: Changes) -> int:
    workspace, members = task.workspace, task.workspace.part("members", "created")
    with task.relations.session() as session:
        session.view("created", files(workspace.parts("created"), columns.CREATED))
        session.view("unknown", files(workspace.parts("unknown"), columns.UNKNOWN))
        session.publish(
            "SELECT row, target, CAST(NULL AS UUID) AS target_key FROM created WHERE target IS NOT NULL", members
        )
        pairs = "SELECT key, target FROM created JOIN unknown USING (row) WHERE target IS NOT NULL"
        task.received.note(session, f"{task.id}-created", receiver(task, plan), pairs)
        view_members(session, workspace, files([members], columns.MEMBERS), plan.attributes)
        digest = ", attributes" if plan.attributes else ""
        if not digest and task.request.mode.names_leavers:
            digest = ", CAST(NULL AS UUID) AS attributes"
        return session.publish(
            f"""SELECT row_number() OVER (ORDER BY row) + {changes.joiners - 1} AS position,
                row, target, target_key{digest}
            FROM member""",
            workspace.part("compared", "created"),
        )
