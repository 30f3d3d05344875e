"""`/traits` (audience-manager 1.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import Trait, TraitRuleVersion, TraitType
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.bodies import Body, json_ids, json_object
from audience_gateway_sandbox.audience_manager.rest.callers import TRAIT, Caller
from audience_gateway_sandbox.audience_manager.rest.codes import by_number_or_code, check_code_is_free
from audience_gateway_sandbox.audience_manager.rest.errors import conflict, malformed, not_found
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.metrics import trait_metrics
from audience_gateway_sandbox.audience_manager.rest.queries import flag, having, texts
from audience_gateway_sandbox.audience_manager.rest.references import check_data_source, check_folder, check_room
from audience_gateway_sandbox.audience_manager.rest.singles import check_unchanged, deleted, single
from audience_gateway_sandbox.audience_manager.rules import RuleError, parse_segment_rule, parse_trait_rule, traits_of

_REQUIRED = ("name", "trait_type", "data_source_id", "folder_id")
_BODY = Body(
    Trait,
    [
        *_REQUIRED,
        *("description", "trait_rule", "integration_code", "comments", "ttl", "category_id", "type", "status"),
        *("algo_model_id", "threshold_value"),
    ],
    _REQUIRED,
    ["name"],
)
_DETAILS = ("ttl", "integration_code", "comments", "trait_rule_version", "type")


class Traits:
    """Answers what is asked of traits."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._table = api.store.traits

    async def list(self, request: web.Request) -> web.Response:
        """List those that the caller may see."""
        caller = self._api.caller(request)
        wanted = request.query.getall("permissions", ["READ"])
        without = () if flag(request, "includeDetails") else _DETAILS
        metrics, permissions = flag(request, "includeMetrics"), flag(request, "includePermissions")
        found = self._table.all(
            **having(request, folder_id="folderId", data_source_id="dataSourceId"),
            **texts(request, integration_code="ic") | texts(request, integration_code="integrationCode"),
        )
        visible = [each for each in found if all(caller.may(name, TRAIT, each.sid, each.cr_uid) for name in wanted)]

        def view(trait: Trait) -> dict[str, Any]:
            return (
                as_json(trait, without=without)
                | (trait_metrics(self._api, trait.sid) if metrics else {})
                | ({"permissions": caller.permissions(TRAIT, trait.sid, trait.cr_uid)} if permissions else {})
            )

        return listed(request, visible, view)

    async def create(self, request: web.Request) -> web.Response:
        """Make one."""
        body, caller = await json_object(request), self._api.caller(request)
        caller.require("CREATE", TRAIT)
        trait = _BODY.new(body, **self._api.created(caller))
        self._check(trait)
        self._check_room(trait.trait_type)
        with self._api.store.transaction():
            trait = self._table.create(trait)
            self._keep_rule(trait)
        return single(request, as_json(trait), HTTPStatus.CREATED)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        trait = self._for("READ", self._api.caller(request), request)
        metrics = trait_metrics(self._api, trait.sid) if flag(request, "includeMetrics") else {}
        return single(request, as_json(trait) | metrics)

    async def update(self, request: web.Request) -> web.Response:
        """Change one; each new rule is a version."""
        body, caller = await json_object(request), self._api.caller(request)
        old = self._for("WRITE", caller, request)
        check_unchanged(request, as_json(old))
        trait = _BODY.changed(old, body, **self._api.updated(caller))
        self._check(trait)
        if trait.trait_rule != old.trait_rule:
            trait = replace(trait, trait_rule_version=old.trait_rule_version + 1)
        with self._api.store.transaction():
            self._table.update(trait)
            if trait.trait_rule_version != old.trait_rule_version:
                self._keep_rule(trait)
        return single(request, as_json(trait))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove one."""
        trait = self._for("DELETE", self._api.caller(request), request)
        check_unchanged(request, as_json(trait))
        self._check_unused([trait.sid])
        self._table.delete(trait.sid)
        return deleted()

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """Remove several, or none if one of them cannot be removed."""
        ids, caller = await json_ids(request), self._api.caller(request)
        for number in ids:
            trait = self._table.get(number)
            if trait is None:
                raise not_found("trait")
            caller.require("DELETE", TRAIT, number, trait.cr_uid)
        self._check_unused(ids)
        with self._api.store.transaction():
            for number in ids:
                self._table.delete(number)
        return deleted()

    async def rule_versions(self, request: web.Request) -> web.Response:
        """List the rules that a trait has had, newest first."""
        trait = self._for("READ", self._api.caller(request), request)
        versions = self._api.store.trait_rule_versions.all(sid=trait.sid)
        return web.json_response([as_json(each, without=("version_id",)) for each in reversed(versions)])

    async def validate(self, request: web.Request) -> web.Response:
        """Tell whether a rule can be read; the shape of the answer is an assumption."""
        code = (await json_object(request)).get("code")
        if not isinstance(code, str):
            raise malformed("There has to be code, the rule.", ["code: is missing"])
        return web.json_response({"code": code, "valid": not (finding := _finding(code)), "errors": finding})

    def _for(self, permission: str, caller: Caller, request: web.Request) -> Trait:
        trait = by_number_or_code(self._table, request, "trait")
        caller.require(permission, TRAIT, trait.sid, trait.cr_uid)
        return trait

    def _check(self, trait: Trait) -> None:
        store = self._api.store
        source = check_data_source(store, trait.data_source_id)
        check_folder(store.trait_folders, trait.folder_id)
        if trait.ttl < 0:
            raise malformed("ttl has to be a number of days from 0.", ["ttl: is negative"])
        if trait.trait_rule and (finding := _finding(trait.trait_rule)):
            raise malformed("traitRule is no rule.", [f"traitRule: {each}" for each in finding])
        if source.unique_trait_integration_codes:
            check_code_is_free(self._table, trait, trait.sid)

    def _check_room(self, kind: TraitType) -> None:
        limits = self._api.assumptions
        check_room(self._table.count(), limits.most_traits, "traits")
        if kind is TraitType.ALGORITHMIC:
            check_room(self._table.count(trait_type=kind), limits.most_algorithmic_traits, "algorithmic traits")

    def _keep_rule(self, trait: Trait) -> None:
        version = TraitRuleVersion(
            sid=trait.sid,
            version=trait.trait_rule_version,
            trait_rule=trait.trait_rule,
            create_time=trait.update_time,
        )
        self._api.store.trait_rule_versions.create(version)

    def _check_unused(self, sids: Sequence[int]) -> None:
        if not self._api.assumptions.traits_in_segments_are_kept:
            return
        rules = [parse_segment_rule(each.segment_rule) for each in self._api.store.segments.all()]
        used = {sid for rule in rules for sid in traits_of(rule)} & set(sids)
        if used:
            raise conflict("The trait is in a segment's rule.", [f"{sid}: is in use" for sid in sorted(used)])


def _finding(rule: str) -> list[Any]:
    try:
        parse_trait_rule(rule)
    except RuleError as error:
        return [str(error)]
    return []
