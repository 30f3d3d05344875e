"""Campaign's lists of recipients: records of `nms:group` with type 0 (campaign 3.7, 3.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from audience_gateway.sdk import Audience, Permanent
from lxml import etree

from audience_gateway_campaign.columns import column, timestamps
from audience_gateway_campaign.envelope import Call, Element
from audience_gateway_campaign.query import Linked, Query, literal
from audience_gateway_campaign.reading import select
from audience_gateway_campaign.session import Session

_OF_RECIPIENTS = "0"
_LISTS = Query(schema="nms:group", select=("@id", "@name", "@label", "@type", "@lastModified"))


@dataclass(frozen=True, slots=True)
class RecipientList:
    """A record of `nms:group`."""

    id: str
    name: str
    label: str
    type: str
    updated: datetime | None

    def audience(self) -> Audience:
        """Describe the list as an audience; its id is the internal name."""
        return Audience(id=self.name, title=self.label, updated=self.updated)


def members_of(name: str) -> Linked:
    """Write the condition that a recipient is a member of the list."""
    return Linked("rcpGrpRel", f"[rcpGroup/@name] = {literal(name)}")


async def find_list(session: Session, name: str) -> RecipientList | None:
    """Find a list by its internal name; None if there is none."""
    found = await _find_group(session, name)
    return found if found is not None and found.type == _OF_RECIPIENTS else None


async def existing_list(session: Session, name: str) -> RecipientList:
    """Find a list by its internal name. Raises Permanent if there is none."""
    found = await find_list(session, name)
    if found is None:
        raise Permanent(
            f"There is no list of recipients with the internal name `{name}`.",
            place=session.place,
            remedy="Create the list, or take the internal name that Campaign shows for it.",
        )
    return found


async def create_list(session: Session, name: str, label: str) -> RecipientList:
    """Create a list, or answer the one that is there. Raises Permanent if another kind of group has the name."""
    found = await _find_group(session, name)
    if found is None:
        await session.call(Call("xtk:session", "Write", {"domDoc": _new_group(name, label)}), len)
    elif found.type != _OF_RECIPIENTS:
        raise Permanent(
            f"The internal name `{name}` belongs to a group that is no list of recipients.",
            place=session.place,
            remedy="Choose another internal name.",
        )
    return found or await existing_list(session, name)


async def _find_group(session: Session, name: str) -> RecipientList | None:
    query = Query(schema=_LISTS.schema, select=_LISTS.select, where=(f"@name = {literal(name)}",), rows=1)
    return next(iter(await select(session, query, _read)), None)


def _new_group(name: str, label: str) -> Element:
    literal(label)  # refuses what XML cannot carry
    return etree.Element(
        "group",
        xtkschema="nms:group",
        _operation="insertOrUpdate",
        _key="@name",
        name=name,
        label=label or name,
        type=_OF_RECIPIENTS,
    )


def _read(rows: Sequence[Element]) -> list[RecipientList]:
    of = partial(column, rows)
    updated = timestamps(of("@lastModified")).to_pylist()
    return [
        RecipientList(id_ or "", name or "", label or name or "", type_ or _OF_RECIPIENTS, changed)
        for id_, name, label, type_, changed in zip(
            of("@id"), of("@name"), of("@label"), of("@type"), updated, strict=True
        )
    ]
