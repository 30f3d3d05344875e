"""Stage reconcile, where rows have ids of several data sources: which one each row goes by.

It is the first whose id the destination knows, whatever comes of that: a person who has opted out by one id is not
looked for by another. Where it knows none, the row goes by the id that says most of why: one that is valid before one
that is not, and that before none, and of these the first.
"""

from __future__ import annotations

from audience_gateway.identity.candidates import known_keys, oldest_sighting
from audience_gateway.identity.index import COLUMNS
from audience_gateway.identity.partitions import Partition
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Session, files, literal
from audience_gateway.transfers import columns
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.index import index_files
from audience_gateway.transfers.task import Task

_NO_ID = ", ".join(literal(reason) for reason in (Reason.NO_ID, Reason.WRONG_NAMESPACE, Reason.LOST_IN_GRAPH))
_PREFERENCE = f"""
    CASE WHEN ranked.rank < 0 OR known.key IS NOT NULL THEN 0
    WHEN ranked.reason IS NULL THEN 1
    WHEN ranked.reason NOT IN ({_NO_ID}) THEN 2 ELSE 3 END * 128 + ranked.rank"""


async def know(task: Task, partition: Partition) -> StepResult:
    """Finds out which keys of a partition the destination knows. Answers how many."""
    return {"keys": await in_background(_know, task, partition)}


async def choose(task: Task) -> StepResult:
    """Lets each row go by one data source. Answers the rows."""
    return {"rows": await in_background(_choose, task)}


def _know(task: Task, partition: Partition) -> int:
    workspace = task.workspace
    ranked = files(workspace.chunks("ranked"), columns.RANKED)
    entries = files(index_files(task, partition.number, partition.bits), COLUMNS)
    with task.relations.session() as session:
        session.view("asked", f"SELECT key FROM ({ranked}) WHERE reason IS NULL AND {partition.holds('key')}")
        session.view("entry", f"FROM ({entries}) WHERE {partition.holds('key')}")
        known = known_keys("asked", oldest_sighting(task.source, task.created))
        return session.publish(known, workspace.part("known", partition.name))


def _choose(task: Task) -> int:
    workspace = task.workspace
    with task.relations.session() as session:
        session.view("ranked", files(workspace.chunks("ranked"), columns.RANKED))
        session.view("known", files(workspace.parts("known"), {"key": "UUID"}))
        session.table(
            "chosen",
            f"""SELECT ranked.row, arg_min(
                    {{'rank': ranked.rank, 'key': ranked.key, 'out': ranked.opted_out, 'reason': ranked.reason}},
                    {_PREFERENCE}) AS way
            FROM ranked LEFT JOIN known ON known.key = ranked.key AND ranked.reason IS NULL GROUP BY ranked.row""",
        )
        rows = session.publish(
            """SELECT row, way.key AS key, CAST(NULL AS VARCHAR) AS value, way.out AS opted_out, way.reason AS reason
            FROM chosen""",
            workspace.chunk("normalised", 0),
            ordered_by="key",
        )
        session.publish(_sources(session, task), workspace.chunk("sources", 0))
    return rows


def _sources(session: Session, task: Task) -> str:
    names = ", ".join(f"({rank}, {literal(way.source.name)})" for rank, way in enumerate(task.ways))
    session.view("named", f"SELECT * FROM (VALUES {names}) AS t(rank, source)")
    return "SELECT row, source FROM chosen JOIN named ON named.rank = chosen.way.rank"
