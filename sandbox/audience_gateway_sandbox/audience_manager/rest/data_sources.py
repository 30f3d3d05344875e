"""`/datasources` (audience-manager 1.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from http import HTTPStatus

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import (
    EXPORT_CONTROLS,
    PARTNER_ID,
    DataSource,
    DataSourceType,
    IdType,
)
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.bodies import Body, json_ids, json_object
from audience_gateway_sandbox.audience_manager.rest.errors import Refused, conflict, forbidden, malformed, not_found
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.queries import flag, in_path, texts
from audience_gateway_sandbox.audience_manager.rest.singles import check_unchanged, deleted, single

_BY_THE_SANDBOX = ("data_source_id", "pid", "create_time", "update_time", "cr_uid", "up_uid")
_BODY = Body(
    DataSource,
    [
        field.name
        for field in fields(DataSource)
        if field.name not in (*_BY_THE_SANDBOX, "sampling_start_time", "sampling_end_time")
    ],
    ["name"],
)
_SAMPLING = timedelta(days=14)
"""Errors are sampled for so long from when it is switched on (audience-manager 3.6)."""


class DataSources:
    """Answers what is asked of data sources."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._table = api.store.data_sources

    async def list(self, request: web.Request) -> web.Response:
        """List them; those of others only if they are asked for."""
        third_party = flag(request, "includeThirdParty")
        wanted = {
            "inbound_s2s": flag(request, "inboundOnly"),
            "outbound_s2s": flag(request, "outboundOnly"),
            "modeling_enabled": flag(request, "modelingEnabled"),
        }
        without_reports = flag(request, "excludeReportSuites")
        for_containers = flag(request, "availableForContainersOnly")
        found = self._table.all(
            **texts(request, integration_code="integrationCode"),
            **{name: True for name, asked in wanted.items() if asked},
        )
        sources = [
            source
            for source in found
            if (third_party or source.pid == PARTNER_ID)
            and not (without_reports and source.report_suite)
            and not (for_containers and source.container_ids)
        ]
        return listed(request, sources, as_json)

    async def create(self, request: web.Request) -> web.Response:
        """Make one."""
        body = await json_object(request)
        source = self._sampled(_BODY.new(body, **self._api.created(self._api.caller(request))), None)
        self._check(source)
        return single(request, as_json(self._table.create(source)), HTTPStatus.CREATED)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        return single(request, as_json(self._found(in_path(request, "id"))))

    async def update(self, request: web.Request) -> web.Response:
        """Change one."""
        body = await json_object(request)
        old = self._own(in_path(request, "id"))
        check_unchanged(request, as_json(old))
        source = self._sampled(_BODY.changed(old, body, **self._api.updated(self._api.caller(request))), old)
        if source.type != old.type:
            self._check(source)
        self._check_codes(source)
        self._table.update(source)
        return single(request, as_json(source))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove one that nothing belongs to."""
        source = self._own(in_path(request, "id"))
        check_unchanged(request, as_json(source))
        self._check_unused([source.data_source_id])
        self._table.delete(source.data_source_id)
        return deleted()

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """Remove several, or none if one of them cannot be removed."""
        ids = [self._own(number).data_source_id for number in await json_ids(request)]
        self._check_unused(ids)
        with self._api.store.transaction():
            for number in ids:
                self._table.delete(number)
        return deleted()

    async def id_types(self, _: web.Request) -> web.Response:
        """List the types of ids that there are; the shape of the answer is an assumption."""
        return web.json_response([str(each) for each in IdType])

    def _found(self, number: int) -> DataSource:
        source = self._table.get(number)
        if source is None:
            raise not_found("data source")
        return source

    def _own(self, number: int) -> DataSource:
        source = self._found(number)
        if source.pid != PARTNER_ID:
            raise forbidden("The data source is not yours.")
        return source

    def _check(self, source: DataSource) -> None:
        if source.type == DataSourceType.MERGE_RULE:
            raise malformed("Merge rules are not made by this API.", ["type: is MERGE_RULE"])
        self._check_codes(source)

    def _check_codes(self, source: DataSource) -> None:
        if unknown := sorted(set(source.data_export_restrictions) - set(EXPORT_CONTROLS)):
            raise malformed(
                f"dataExportRestrictions are {', '.join(EXPORT_CONTROLS)}.",
                [f"dataExportRestrictions: {each} is unknown" for each in unknown],
            )
        code = source.integration_code
        if code and {each.data_source_id for each in self._table.all(integration_code=code)} - {source.data_source_id}:
            raise conflict("Another data source has this integrationCode.", ["integrationCode: is taken"])

    def _sampled(self, source: DataSource, old: DataSource | None) -> DataSource:
        if not source.sampling_enabled or (old is not None and old.sampling_enabled):
            return source
        now = self._api.now()
        return replace(source, sampling_start_time=now, sampling_end_time=now + _SAMPLING)

    def _check_unused(self, numbers: Sequence[int]) -> None:
        used = [text for number in numbers if (text := self._uses(number))]
        if used:
            raise _in_use(used)

    def _uses(self, number: int) -> str:
        store = self._api.store
        counts = {
            "traits": store.traits.count(data_source_id=number),
            "segments": store.segments.count(data_source_id=number)
            + store.segments.count(merge_rule_data_source_id=number),
            "destinations": store.destinations.count(data_source_id=number),
            "merge rules": sum(
                number in {rule.data_source_id, *rule.authenticated_source_ids, rule.device_graph_source_id}
                for rule in store.merge_rules.all()
            ),
        }
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return f"{number}: {told}" if told else ""


def _in_use(used: Sequence[str]) -> Refused:
    return conflict("The data source is in use: remove what belongs to it first.", used)
