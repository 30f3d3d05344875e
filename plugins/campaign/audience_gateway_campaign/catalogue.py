"""The lists of an instance as audiences: type, label, size, folder, and the shared audience that one is bound to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from audience_gateway.sdk import Audience

from audience_gateway_campaign.catalogue_settings import CatalogueSettings
from audience_gateway_campaign.columns import Column, column, timestamps
from audience_gateway_campaign.envelope import Element
from audience_gateway_campaign.faults import FaultError
from audience_gateway_campaign.keyset import Page, Span, pages
from audience_gateway_campaign.query import COUNTED, Query, key_literal, literal
from audience_gateway_campaign.reading import select
from audience_gateway_campaign.session import Session

_KINDS = {"0": "List of recipients", "1": "Segment", "2": "List of a file"}
_OF_RECIPIENTS = "0"
_TEMPLATE = "3"
_DOCUMENTED = ("@id", "@name", "@label", "@type", "@lastModified")
_NAME = "@name"


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list, and its number."""

    id: str
    audience: Audience


class Catalogue:
    """Reads lists with all that is known of them.

    Args:
        session: the instance.
        settings: attributes that Adobe does not document; an instance that has none of them is asked without.
        list_key: attribute of `nms:rcpGrpRel` that holds the list.
        page_rows: rows of one query.
    """

    def __init__(self, session: Session, settings: CatalogueSettings, *, list_key: str, page_rows: int) -> None:
        self._session = session
        self._settings = settings
        self._list_key = f"[@{list_key}]"
        self._page_rows = page_rows
        self._described = True

    async def all_lists(self) -> AsyncGenerator[Audience, None]:
        """Read all lists but templates, in order of their internal names."""

        async def fetch(span: Span) -> Page[list[_Listed]]:
            found = await self._select(span.of(self._query(f"@type != {_TEMPLATE}"), _NAME))
            return Page(found, len(found), found[-1].audience.id if found else None)

        async with aclosing(pages(fetch, [Span(None)], page_rows=self._page_rows, concurrency=1)) as read:
            async for found, _ in read:
                for each in await self._with_sizes(found):
                    yield each

    async def find(self, name: str) -> Audience | None:
        """Find a list by its internal name; None if there is none."""
        found = await self._select(self._query(f"{_NAME} = {literal(name)}", f"@type != {_TEMPLATE}"))
        return next(iter(await self._with_sizes(found)), None)

    def _query(self, *where: str) -> Query:
        return Query(schema="nms:group", select=_DOCUMENTED, where=where, rows=self._page_rows)

    async def _select(self, query: Query) -> list[_Listed]:
        if not self._described:
            return await select(self._session, query, self._read)
        try:
            return await select(self._session, query.and_select(self._settings.attributes), self._read)
        except FaultError as fault:
            if not fault.is_about_the_request or not self._settings.attributes:
                raise
        self._described = False
        return await self._select(query)

    async def _with_sizes(self, found: Sequence[_Listed]) -> list[Audience]:
        keys = ", ".join(key_literal(each.id) for each in found)
        if not keys:
            return []
        query = Query(
            schema="nms:rcpGrpRel",
            select=(self._list_key,),
            where=(f"{self._list_key} IN ({keys})",),
            counted_by_first=True,
            rows=self._page_rows,
        )
        sizes = await select(
            self._session,
            query,
            lambda rows: dict(zip(column(rows, self._list_key), column(rows, COUNTED), strict=True)),
        )
        return [replace(each.audience, size=_size(each, sizes)) for each in found]

    def _read(self, rows: Sequence[Element]) -> list[_Listed]:
        ids, names, labels, types = (column(rows, expression) for expression in _DOCUMENTED[:4])
        changed = timestamps(column(rows, _DOCUMENTED[4])).to_pylist()
        folders = self._optional(rows, self._settings.folder)
        shared = self._optional(rows, self._settings.shared_audience)
        sources = self._optional(rows, self._settings.data_source)
        return [
            _Listed(
                ids[row] or "",
                Audience(
                    id=names[row] or "",
                    title=labels[row] or names[row] or "",
                    description=_description(types[row] or _OF_RECIPIENTS, folders[row], shared[row], sources[row]),
                    updated=changed[row],
                    readable=(types[row] or _OF_RECIPIENTS) == _OF_RECIPIENTS,
                    writable=(types[row] or _OF_RECIPIENTS) == _OF_RECIPIENTS,
                ),
            )
            for row in range(len(rows))
        ]

    def _optional(self, rows: Sequence[Element], expression: str) -> Column:
        return column(rows, expression) if expression and self._described else [None] * len(rows)


def _size(listed: _Listed, sizes: dict[str | None, str | None]) -> int | None:
    # Other kinds hold no memberships, so nothing is known of their size.
    return int(sizes.get(listed.id) or 0) if listed.audience.readable else None


def _description(kind: str, folder: str | None, shared_audience: str | None, data_source: str | None) -> str:
    text = _KINDS.get(kind, "List of an unknown kind")
    if folder:
        text += f" in folder `{folder}`"
    if shared_audience and shared_audience != "0":
        text += f", filled from shared audience {shared_audience}"
        text += f" by data source `{data_source}`" if data_source else ""
    return f"{text}."
