"""The addresses below `/v1` (audience-manager 1.3)."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.data_sources import DataSources
from audience_gateway_sandbox.audience_manager.rest.destinations import Destinations
from audience_gateway_sandbox.audience_manager.rest.errors import answering
from audience_gateway_sandbox.audience_manager.rest.fixed import Regions, Taxonomy
from audience_gateway_sandbox.audience_manager.rest.folders import Folders
from audience_gateway_sandbox.audience_manager.rest.groups import Groups
from audience_gateway_sandbox.audience_manager.rest.inbound import Inbound
from audience_gateway_sandbox.audience_manager.rest.labels import PartnerSites, TraitTypes
from audience_gateway_sandbox.audience_manager.rest.limits import Limits
from audience_gateway_sandbox.audience_manager.rest.mappings import Mappings
from audience_gateway_sandbox.audience_manager.rest.reports import Reports
from audience_gateway_sandbox.audience_manager.rest.segments import Segments
from audience_gateway_sandbox.audience_manager.rest.traits import Traits
from audience_gateway_sandbox.audience_manager.rest.users import Users

_SITES = "/partner-sites"


def rest_routes(api: Api) -> list[web.RouteDef]:
    """List the addresses; those of names stand before those of ids."""
    store = api.store
    return [
        web.route(method, f"/v1{path}", answering(handler))
        for method, path, handler in (
            *_objects(api),
            *_folders("/folders/traits", Folders(api, store.trait_folders, store.traits, "All Traits")),
            *_folders("/folders/segments", Folders(api, store.segment_folders, store.segments, "All Segments")),
            *_destinations(api),
            *_labels(api),
            *_people(api),
            *_reports(Reports(api)),
        )
    ]


_Addresses = list[tuple[str, str, Handler]]


def _objects(api: Api) -> _Addresses:
    sources, traits, segments, limits = DataSources(api), Traits(api), Segments(api), Limits(api)
    return [
        ("GET", "/datasources", sources.list),
        ("POST", "/datasources", sources.create),
        ("POST", "/datasources/bulk-delete", sources.bulk_delete),
        ("GET", "/datasources/configurations/available-id-types", sources.id_types),
        ("GET", "/datasources/{id}/history/inbound", Inbound(api).history),
        ("GET", "/datasources/{id}", sources.read),
        ("PUT", "/datasources/{id}", sources.update),
        ("DELETE", "/datasources/{id}", sources.delete),
        ("GET", "/traits", traits.list),
        ("POST", "/traits", traits.create),
        ("POST", "/traits/bulk-delete", traits.bulk_delete),
        ("POST", "/traits/validate", traits.validate),
        ("GET", "/traits/limits", limits.traits),
        ("GET", "/traits/{sid}/trait-rule/versions", traits.rule_versions),
        ("GET", "/traits/{sid}", traits.read),
        ("PUT", "/traits/{sid}", traits.update),
        ("DELETE", "/traits/{sid}", traits.delete),
        ("GET", "/segments", segments.list),
        ("POST", "/segments", segments.create),
        ("POST", "/segments/bulk-delete", segments.bulk_delete),
        ("POST", "/segments/bulk-merge-rule-replace", segments.replace_merge_rule),
        ("GET", "/segments/limits", limits.segments),
        ("GET", "/segments/{sid}", segments.read),
        ("PUT", "/segments/{sid}", segments.update),
        ("DELETE", "/segments/{sid}", segments.delete),
        ("GET", "/destinations/limits", limits.destinations),
    ]


def _folders(path: str, folders: Folders) -> _Addresses:
    return [
        ("GET", path, folders.list),
        ("POST", path, folders.create),
        ("GET", f"{path}/{{id}}", folders.read),
        ("PUT", f"{path}/{{id}}", folders.update),
        ("DELETE", f"{path}/{{id}}", folders.delete),
    ]


def _destinations(api: Api) -> _Addresses:
    destinations, mappings = Destinations(api), Mappings(api)
    return [
        ("GET", "/destinations", destinations.list),
        ("POST", "/destinations", destinations.create),
        ("POST", "/destinations/bulk-delete", destinations.bulk_delete),
        ("GET", "/destinations/configurations/available-platforms", destinations.platforms),
        ("PUT", "/destinations/mappings/{mapping}", mappings.update),
        ("GET", "/destinations/{id}", destinations.read),
        ("PUT", "/destinations/{id}", destinations.update),
        ("DELETE", "/destinations/{id}", destinations.delete),
        ("GET", "/destinations/{id}/history/outbound", destinations.history),
        ("GET", "/destinations/{id}/mappings", mappings.list),
        ("POST", "/destinations/{id}/mappings", mappings.create),
        # The documents have this address once, for a serialized destination.
        ("POST", "/destinations/{id}/traits", mappings.create),
        ("POST", "/destinations/{id}/bulk-create", mappings.bulk_create),
        ("GET", "/destinations/{id}/mappings/{mapping}", mappings.read),
        ("DELETE", "/destinations/{id}/mappings/{mapping}", mappings.delete),
        # A client deletes by the address above, the documents have this one.
        ("DELETE", "/destinations/{id}/segments/{mapping}", mappings.delete),
    ]


def _labels(api: Api) -> _Addresses:
    types, sites, taxonomy, regions = TraitTypes(api), PartnerSites(api), Taxonomy(), Regions()
    return [
        ("GET", "/customer-trait-types", types.list),
        ("POST", "/customer-trait-types", types.create),
        ("GET", "/customer-trait-types/{id}", types.read),
        ("GET", "/taxonomies/0", taxonomy.list),
        ("GET", "/taxonomies/0/{id}", taxonomy.read),
        ("GET", "/taxonomies/0/{id}/childCategories", taxonomy.children),
        ("GET", "/dcs-regions", regions.list),
        ("GET", "/dcs-regions/{id}", regions.read),
        ("GET", _SITES, sites.list),
        ("POST", _SITES, sites.create),
        ("GET", f"{_SITES}/{{id}}", sites.read),
        ("DELETE", f"{_SITES}/{{id}}", sites.delete),
    ]


def _people(api: Api) -> _Addresses:
    users, groups = Users(api), Groups(api)
    return [
        ("GET", "/users/self", users.read_self),
        ("PUT", "/users/self", users.update_self),
        # As the documents have it.
        ("PUT", "/self/update", users.update_self),
        ("GET", "/users", users.list),
        ("POST", "/users", users.create),
        ("POST", "/users/bulk-delete", users.bulk_delete),
        ("GET", "/users/{id}", users.read),
        ("PUT", "/users/{id}", users.update),
        ("DELETE", "/users/{id}", users.delete),
        ("GET", "/groups", groups.list),
        ("POST", "/groups", groups.create),
        ("POST", "/groups/bulk-delete", groups.bulk_delete),
        ("DELETE", "/groups/bulk-delete", groups.bulk_delete),
        ("GET", "/groups/{id}", groups.read),
        ("PUT", "/groups/{id}", groups.update),
        ("DELETE", "/groups/{id}", groups.delete),
        ("GET", "/groups/{id}/permissions", groups.permissions),
        ("PUT", "/groups/{id}/permissions", groups.set_permissions),
        ("GET", "/permissionable-object-types", groups.object_types),
        ("GET", "/permissionable-object-types/{type}", groups.object_type),
    ]


def _reports(reports: Reports) -> _Addresses:
    return [
        ("POST", "/reports/traits-trend", reports.traits_trend),
        ("GET", "/reports/largest-traits", reports.largest_traits),
        ("GET", "/reports/largest-segments", reports.largest_segments),
        ("GET", "/reports/most-changed-traits", reports.most_changed_traits),
        ("GET", "/reports/most-changed-segments", reports.most_changed_segments),
    ]
