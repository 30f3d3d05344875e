"""Reads jobs of the Privacy Service, as far as they are about Audience Manager (audience-manager 9, rtcdp 8.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox.audience_manager.customer_data.operations import BadOperation, Identity
from audience_gateway_sandbox.audience_manager.profiles.id_formats import AAM_UUID, IdKind
from audience_gateway_sandbox.audience_manager.profiles.id_kinds import kind_of_id
from audience_gateway_sandbox.audience_manager.store import Store

MOST_USERS = 1000
MOST_IDS = 9
_PRODUCT = "audiencemanager"
_ECID_NAMESPACE = "4"
_STANDARD = {"CORE": IdKind.UUID, "ECID": IdKind.ECID}
_ACTIONS = ("access", "delete")


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """What is to be done with the data of one user.

    Attributes:
        key: the caller's own name for the user.
        actions: `access`, `delete`, or both.
        identities: the ids that could be told; those of data sources that there are not are left out.
    """

    key: str
    actions: Sequence[str]
    identities: Sequence[Identity]


def read_requests(body: object, store: Store, org_id: str) -> list[PrivacyRequest]:
    """Read the body of a job. Raises BadOperation with what is wrong."""
    if not isinstance(body, Mapping):
        raise BadOperation("The body is no object.")
    contexts = [each for each in _list(body, "companyContexts") if isinstance(each, Mapping)]
    if not any(each.get("namespace") == "imsOrgID" and each.get("value") == org_id for each in contexts):
        raise BadOperation("companyContexts has to name the organization of the call.")
    if _PRODUCT not in {str(each).lower() for each in _list(body, "include")}:
        raise BadOperation("include has to name AudienceManager: no other product is asked here.")
    users = _list(body, "users")
    if not 1 <= len(users) <= MOST_USERS:
        raise BadOperation(f"users has to have 1 to {MOST_USERS} entries.")
    return [_request(user, store) for user in users]


def _request(user: object, store: Store) -> PrivacyRequest:
    if not isinstance(user, Mapping):
        raise BadOperation("A user is no object.")
    actions, ids = [str(each) for each in _list(user, "action")], _list(user, "userIDs")
    if not actions or not set(actions) <= set(_ACTIONS):
        raise BadOperation("The action of a user is access or delete.")
    if not 1 <= len(ids) <= MOST_IDS:
        raise BadOperation(f"A user has 1 to {MOST_IDS} userIDs.")
    found = [_identity(each, store) for each in ids]
    return PrivacyRequest(str(user.get("key", "")), actions, [each for each in found if each is not None])


def _identity(given: object, store: Store) -> Identity | None:
    if not isinstance(given, Mapping):
        raise BadOperation("An entry of userIDs is no object.")
    namespace, value = str(given.get("namespace", "")), str(given.get("value", ""))
    match given.get("type"):
        case "standard":
            kind = _STANDARD.get(namespace.upper())
            return None if kind is None else Identity(kind, AAM_UUID, value)
        case "namespaceId" if namespace == _ECID_NAMESPACE:
            return Identity(IdKind.ECID, AAM_UUID, value)
        case "namespaceId" if namespace.isdecimal():
            return _of_source(int(namespace), value, store)
        case "integrationCode" if namespace:
            sources = store.data_sources.all(integration_code=namespace)
            return _of_source(sources[0].data_source_id, value, store) if sources else None
        case _:
            return None


def _of_source(number: int, value: str, store: Store) -> Identity | None:
    kind = kind_of_id(store, number)
    return None if kind is None else Identity(kind, number, value)


def _list(values: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = values.get(name, [])
    if not isinstance(found, list):
        raise BadOperation(f"{name} is no array.")
    return found
