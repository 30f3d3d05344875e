"""Writes documents: a single record, or a collection of them, all or nothing."""

from __future__ import annotations

from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.elements import Element, children
from audience_gateway_sandbox.campaign.faults import MethodError, unknown_schema
from audience_gateway_sandbox.campaign.schema import Schema
from audience_gateway_sandbox.campaign.writing.memberships import plain_memberships, write_memberships
from audience_gateway_sandbox.campaign.writing.records import RecordWriter


def write(campaign: Campaign, document: Element) -> None:
    """Write a record. Raises MethodError."""
    _write_rows(campaign, [document], _schema(campaign, document))


def write_collection(campaign: Campaign, document: Element) -> None:
    """Write the records inside a document, whatever its root is called. Raises MethodError."""
    rows = list(children(document))
    if rows:
        _write_rows(campaign, rows, _schema(campaign, document))


def _write_rows(campaign: Campaign, rows: list[Element], schema: Schema) -> None:
    refused = campaign.faults.refused
    plain = plain_memberships(rows, schema)
    with campaign.database:
        if plain is not None:
            write_memberships(campaign.database, *plain, refused)
            return
        writer = RecordWriter(campaign.database, campaign.schemas, campaign.clock.now(), refused)
        for row in rows:
            writer.write(row, schema)


def _schema(campaign: Campaign, document: Element) -> Schema:
    name = document.get("xtkschema", "")
    if not name:
        raise MethodError("XTK-170011 The document has no attribute 'xtkschema'.")
    if name not in campaign.schemas:
        raise unknown_schema(name)
    return campaign.schemas[name]
