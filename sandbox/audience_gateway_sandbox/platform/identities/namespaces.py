"""Identity namespaces: the standard ones, and those of a sandbox of the platform (rtcdp 2.2, 2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox.platform.storage import Document, Documents, Space

KIND = "namespace"
_FIRST_OWN = 10_000_001
_LOWEST = 0
_PRIORITIES = {"COOKIE": 1, "DEVICE": 2, "EMAIL": 3, "PHONE": 3, "CROSS_DEVICE": 3, "MOBILE": 2, "NON_PEOPLE": 0}
KINDS = frozenset(_PRIORITIES)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A kind of identity.

    Attributes:
        id: its number.
        code: its name in XDM; any letter case means the same.
        name: for people.
        kind: its idType, in capitals.
        custom: whether a caller made it.
        description: what it is for.
        created: when, in ms; 0 for the standard ones.
        updated: when it was last changed, in ms.
    """

    id: int
    code: str
    name: str
    kind: str
    custom: bool = False
    description: str = ""
    created: int = 0
    updated: int = 0

    @property
    def priority(self) -> int:
        """How long its identities stay in a full graph: the lowest leave first (rtcdp 2.4)."""
        return _PRIORITIES.get(self.kind, _LOWEST)

    @property
    def links(self) -> bool:
        """Whether its identities are part of graphs at all."""
        return self.kind != "NON_PEOPLE"

    def shown(self) -> dict[str, Any]:
        """Show it as the service does."""
        return {
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "idType": self.kind,
            "description": self.description,
            "status": "ACTIVE",
            "custom": self.custom,
            "createTime": self.created,
            "updateTime": self.updated,
        }


STANDARD = (
    Namespace(0, "CORE", "CORE", "COOKIE"),
    Namespace(4, "ECID", "ECID", "COOKIE"),
    Namespace(6, "Email", "Email", "EMAIL"),
    Namespace(7, "Phone", "Phone", "PHONE"),
    Namespace(8, "WAID", "Windows AID", "DEVICE"),
    Namespace(9, "TNTID", "Adobe Target (TNTID)", "COOKIE"),
    Namespace(10, "AAID", "Adobe Analytics (Legacy ID)", "COOKIE"),
    Namespace(11, "Email_LC_SHA256", "Emails (SHA256, lowercased)", "EMAIL"),
    Namespace(12, "Phone_E.164", "Phone (E.164)", "PHONE"),
    Namespace(13, "Phone_SHA256", "Phone (SHA256)", "PHONE"),
    Namespace(14, "Phone_SHA256_E.164", "Phone (SHA256_E.164)", "PHONE"),
    Namespace(411, "AdCloud", "Adobe Advertising Cloud", "COOKIE"),
    Namespace(20914, "GAID", "Google Ad ID (GAID)", "DEVICE"),
    Namespace(20915, "IDFA", "Apple IDFA (ID for Advertisers)", "DEVICE"),
)
"""Ids of AAID, Email_LC_SHA256 and the three Phone_... are assumed; the others are documented (rtcdp 2.2)."""
_BY_CODE = {each.code.lower(): each for each in STANDARD}
_BY_ID = {each.id: each for each in STANDARD}


def own(space: Space) -> Documents:
    """The namespaces that callers made."""
    return space.documents(KIND)


def namespaces(space: Space) -> list[Namespace]:
    """List all namespaces, the standard ones first."""
    return [*STANDARD, *map(namespace_of, own(space))]


def by_code(space: Space, code: str) -> Namespace | None:
    """Find a namespace by its code in any letter case."""
    found = _BY_CODE.get(code.lower())
    return found or next((each for each in map(namespace_of, own(space)) if each.code.lower() == code.lower()), None)


def by_id(space: Space, number: str) -> Namespace | None:
    """Find a namespace by its number."""
    if not (number.isascii() and number.isdecimal()):
        return None
    document = own(space).get(number)
    return _BY_ID.get(int(number)) if document is None else namespace_of(document)


def add(space: Space, body: dict[str, Any]) -> Namespace:
    """Add a namespace whose code is free."""
    number = str(_FIRST_OWN + len(own(space)))
    kept = {name: body[name] for name in ("code", "name", "description") if name in body}
    return namespace_of(own(space).add(kept | {"idType": body["idType"].upper()}, number))


def namespace_of(document: Document) -> Namespace:
    """Make a namespace of what is kept of it."""
    body = document.body
    return Namespace(
        int(document.id),
        body["code"],
        body["name"],
        body["idType"],
        custom=True,
        description=body.get("description") or "",
        created=document.created_ms,
        updated=document.updated_ms,
    )
