"""Finds plugins by their entry points and loads them one by one; what is wrong with one stays with that one."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Collection, Iterable
from types import MappingProxyType

import pluggy

from audience_gateway import incidents
from audience_gateway.plugins import hookspecs
from audience_gateway.plugins.registration import Names, Registration
from audience_gateway.plugins.registry import LoadFailure, Origin, Registry
from audience_gateway.sdk import GatewayError

GROUP = "audience_gateway.plugins"


class _Refused(Exception):
    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def installed() -> list[importlib.metadata.EntryPoint]:
    """Entry points of all installed plugins, ordered by name and distribution."""
    return sorted(
        importlib.metadata.entry_points(group=GROUP), key=lambda point: (point.name, _origin(point).distribution)
    )


def load(points: Iterable[importlib.metadata.EntryPoint], *, block: Collection[str] = ()) -> Registry:
    """Loads plugins; those of a blocked name are not even imported.

    Never raises for a plugin: what is wrong with one is a `LoadFailure` of the registry.
    """
    accepted: list[tuple[Registration, pluggy.PluginManager]] = []
    failures: list[LoadFailure] = []
    taken: Names = {}
    for point in points:
        if point.name in block:
            continue
        registration = Registration(_origin(point), taken)
        try:
            manager = _register(point, registration)
        except _Refused as refusal:
            failures.append(LoadFailure(registration.origin, refusal.message, refusal.remedy))
        else:
            accepted.append((registration, manager))
            taken |= registration.names
    registrations = [registration for registration, _ in accepted]
    return Registry(
        connectors=MappingProxyType({name: one for each in registrations for name, one in each.connectors.items()}),
        reconcilers=MappingProxyType({name: one for each in registrations for name, one in each.reconcilers.items()}),
        credentials=MappingProxyType({name: one for each in registrations for name, one in each.credentials.items()}),
        failures=tuple(failures),
        hooks=tuple(manager for _, manager in accepted),
    )


def _register(point: importlib.metadata.EntryPoint, registration: Registration) -> pluggy.PluginManager:
    try:
        return _called(point, registration)
    except GatewayError as error:
        raise _Refused(error.message, error.remedy) from error
    except pluggy.PluginValidationError as error:
        raise _Refused(_hook_fault(error), f"`{hookspecs.__name__}` has the hooks as they are spelt.") from error
    except (Exception, SystemExit) as error:
        raise _Refused(
            f"loading `{point.value}` failed with {_kind(error)}",
            f"Incident {incidents.report(error)} in the log tells where; "
            f"reinstall or update {registration.origin.distribution}.",
        ) from error


def _called(point: importlib.metadata.EntryPoint, registration: Registration) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(point.load(), point.name)
    manager.check_pending()
    manager.hook.register_connectors(registry=registration)
    manager.hook.register_reconcilers(registry=registration)
    manager.hook.register_credentials(registry=registration)
    return manager


def _kind(error: BaseException) -> str:
    # The text of an import error names modules, never data; texts of other errors may hold anything.
    return f"{type(error).__name__}: {error}" if isinstance(error, ImportError) else type(error).__name__


def _hook_fault(error: pluggy.PluginValidationError) -> str:
    # pluggy adds the plugin's representation, which has its path; the last line without it says what is wrong.
    return str(error).splitlines()[-1].partition(" in plugin ")[0]


def _origin(point: importlib.metadata.EntryPoint) -> Origin:
    distribution = point.dist
    if distribution is None:
        return Origin(point.name, "unknown distribution", "")
    return Origin(point.name, distribution.name, distribution.version)
