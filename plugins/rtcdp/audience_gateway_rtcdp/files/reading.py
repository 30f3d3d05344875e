"""Reads the members of an audience out of exported files."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime

import pyarrow.compute as pc
from audience_gateway.sdk import ConfigError, DataSource, MemberBatch, MemberPage, Permanent, ReadRequest
from pydantic import BaseModel, ConfigDict, ValidationError

from audience_gateway_rtcdp.files.changes import Statements
from audience_gateway_rtcdp.files.choosing import choose, choose_again
from audience_gateway_rtcdp.files.devices import held_back, shared_devices
from audience_gateway_rtcdp.files.exports import Export, Part, fingerprint_of
from audience_gateway_rtcdp.files.folders import ExportFolder
from audience_gateway_rtcdp.files.further_ids import further_ids_of
from audience_gateway_rtcdp.files.parts import OpenPart, open_part, part_pages


class Position(BaseModel):
    """Where reading goes on; as JSON it is the resume token.

    Attributes:
        exports: fingerprint of the exports.
        part: index of the file, of a full export.
        token: where in that file; empty for its beginning.
        rows: rows before the place, of an export with changes.
    """

    model_config = ConfigDict(frozen=True)

    exports: str
    part: int = 0
    token: str = ""
    rows: int = 0


async def read_members(folder: ExportFolder, request: ReadRequest, now: datetime) -> AsyncGenerator[MemberPage, None]:
    """Every row of the files: of a full export the members, of one with changes also those who leave.

    Raises ConfigError where settings or mapping do not allow it, Permanent if no export is complete, a file cannot be
    read, or it changed since reading began.
    """
    if request.after is None:
        exports = await choose(folder, request.audience, now)
        position = Position(exports=fingerprint_of(exports))
    else:
        position = _position(request.after, folder)
        exports = await choose_again(folder, request.audience, position.exports, now)
    read = _changed if folder.settings.has_changes(request.audience) else _full
    async with aclosing(read(folder, exports, (request.source, *request.further), position)) as pages:
        async for page in pages:
            yield page


async def check_members(folder: ExportFolder, audience: str, sources: Sequence[DataSource], now: datetime) -> None:
    """Looks whether members can be read: a complete export, columns of all ids, and the status if it tells leavers.

    Raises what `read_members` would.
    """
    exports = await choose(folder, audience, now)
    opened = await open_part(folder, exports[-1].parts[0], sources)
    if opened and folder.settings.has_changes(audience):
        _check_status(folder, opened)


async def _full(
    folder: ExportFolder, exports: Sequence[Export], sources: Sequence[DataSource], position: Position
) -> AsyncGenerator[MemberPage, None]:
    (export,) = exports
    shared = await shared_devices(folder, export.parts, sources)
    for index in range(position.part, len(export.parts)):
        part = export.parts[index]
        after = (position.token if index == position.part else "") or None
        opened = await open_part(folder, part, sources)
        if opened is None:
            continue
        async with aclosing(part_pages(folder, opened, after)) as pages:
            async for page in pages:
                if pc.any(page.said.left).as_py():
                    raise _leavers_in_full(folder, part)
                token = Position(exports=position.exports, part=index, token=page.token).model_dump_json()
                said = held_back(page.said, shared)
                members = MemberBatch.of(said.ids, opted_out=said.opted_out, defects=said.defects)
                yield MemberPage(
                    members, token, folder.settings.encoded, further_ids=further_ids_of(said.further, sources)
                )


async def _changed(
    folder: ExportFolder, exports: Sequence[Export], sources: Sequence[DataSource], position: Position
) -> AsyncGenerator[MemberPage, None]:
    with Statements(len(sources)) as statements:
        for number, export in enumerate(exports):
            for part in export.parts:
                opened = await open_part(folder, part, sources)
                if opened is None:
                    continue
                _check_status(folder, opened)
                async with aclosing(part_pages(folder, opened, None)) as pages:
                    async for page in pages:
                        await statements.add(number, page.said)
        rows = position.rows
        async for members, further in statements.members(rows):
            rows += len(members)
            token = Position(exports=position.exports, rows=rows).model_dump_json()
            yield MemberPage(members, token, folder.settings.encoded, further_ids=further_ids_of(further, sources))


def _check_status(folder: ExportFolder, opened: OpenPart) -> None:
    if opened.columns.status is None:
        raise ConfigError(
            "exports of changes have no column that tells who has left",
            place=f"{folder.place_of(opened.part.stored.key)}:1",
            remedy="Map `segmentMembership.status` in the activation and export in full anew, or always in full.",
        )


def _leavers_in_full(folder: ExportFolder, part: Part) -> Permanent:
    return Permanent(
        "a row says that somebody has left the audience, which no full export does",
        place=folder.place_of(part.stored.key),
        remedy="If it is exported incrementally, enter the audience in `files.incremental`.",
    )


def _position(token: str, folder: ExportFolder) -> Position:
    try:
        return Position.model_validate_json(token)
    except ValidationError as error:
        raise Permanent("the resume token is none of this connector", place=folder.url) from error
