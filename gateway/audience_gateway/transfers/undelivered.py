"""The rows of an ended transfer that may still be delivered: refused, not sent, or sent without an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

from audience_gateway.sdk import MemberBatch, MemberPage, Permanent, Reason
from audience_gateway.storage.relations import Relations, Session, files, literal
from audience_gateway.transfers import columns
from audience_gateway.transfers.attribute_columns import named_attributes
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.chunk_files import encoded_ids, leaving_rows
from audience_gateway.transfers.further_ids import named_further_ids
from audience_gateway.transfers.workspace import Workspace

RETRIED = (Reason.REFUSED_BY_DESTINATION, Reason.CANCELLED, Reason.NOT_SENT, Reason.IN_DOUBT)
"""Reasons of rows that a retry sends again."""
_CHOSEN = f"reason IN ({', '.join(literal(reason) for reason in RETRIED)})"


def undelivered_rows(workspace: Workspace, relations: Relations) -> int:
    """How many there are. Raises Permanent if the rows of the transfer are no longer kept."""
    with relations.session() as session:
        _name(session, workspace)
        return int(session.rows(f"SELECT count(*) FROM outcome WHERE {_CHOSEN}")[0][0])


async def undelivered_pages(
    workspace: Workspace,
    relations: Relations,
    page_rows: int,
    after: str | None,
    attributes: tuple[str, ...],
    *,
    further: tuple[str, ...] = (),
) -> AsyncIterator[MemberPage]:
    """These rows as they were read, in their order, with attributes and the ids of further data sources.

    The resume token is the number of a row.
    """
    row = int(after or 0)
    encoded = encoded_ids(workspace)
    while True:
        page, row = await in_background(
            _page, workspace, relations, page_rows, row, (attributes, further), encoded=encoded
        )
        if page is None:
            return
        yield page


def _page(
    workspace: Workspace,
    relations: Relations,
    page_rows: int,
    after: int,
    beside: tuple[tuple[str, ...], tuple[str, ...]],
    *,
    encoded: bool,
) -> tuple[MemberPage | None, int]:
    attributes, further = beside
    with relations.session() as session:
        _name(session, workspace)
        layout = {
            **columns.EXTRACTED,
            **columns.attributes_of_rows(len(attributes)),
            **columns.further_ids_of_rows(len(further)),
        }
        session.view("extracted", files(workspace.chunks("extract"), layout))
        session.table(
            "page", f"SELECT row FROM outcome WHERE {_CHOSEN} AND row > {after} ORDER BY row LIMIT {page_rows}"
        )
        session.view("leaving", leaving_rows(workspace))
        rows = session.read(
            """SELECT extracted.*, row IN (FROM leaving) AS leaves
            FROM extracted SEMI JOIN page USING (row) ORDER BY row"""
        )
    if not rows.num_rows:
        return None, after
    last = rows.column("row")[-1].as_py()
    [members] = rows.select(MemberBatch.SCHEMA.names).cast(MemberBatch.SCHEMA).combine_chunks().to_batches()
    page = MemberPage(
        MemberBatch(members), str(last), encoded, named_attributes(rows, attributes), named_further_ids(rows, further)
    )
    return page, last


def _name(session: Session, workspace: Workspace) -> None:
    path = workspace.file("outcomes.parquet")
    if not path.exists():
        raise Permanent(
            "the rows of the transfer are no longer kept",
            place=f"transfers/{workspace.root.name}",
            remedy="Share the audience again: what was delivered is not sent twice.",
        )
    session.view("outcome", files([path], columns.OUTCOMES))
