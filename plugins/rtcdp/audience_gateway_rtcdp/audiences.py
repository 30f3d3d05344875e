"""An audience as Experience Platform shows it, whoever made it (rtcdp 1.2).

Its enums are open, and written in different ways by different services and years, so that letter case never counts and
an unknown word is kept as it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from audience_gateway_rtcdp.rule_fields import rule_fields

_NAMEABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,254}")
_ENCODED = "x~"
_MICROSECONDS_FROM = 10**14
_EXTERNAL = frozenset({"externalaudience", "externalsegment"})
_GONE = frozenset({"archived", "deleted"})
_IN_USE = frozenset({"published", "active", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAudience:
    """An audience or segment definition.

    Attributes:
        id: the platform's id, opaque.
        audience_id: the id that its maker chose; the platform's where nobody did.
        name: what people call it.
        description: what they say of it.
        type: `SegmentDefinition`, `ExternalSegment` or `ExternalAudience`, or another word.
        namespace: whose ids its id belongs to, e.g. `AEPSegments`.
        origin: who made it, e.g. `REAL_TIME_CUSTOMER_PROFILE`.
        lifecycle: `draft`, `published`, `inactive`, `archived`, or another word, in small letters.
        labels: data usage labels as they stand there, e.g. `core/C4`.
        rule_fields: dotted names of the fields that its rule asks.
        is_system: whether the platform made it for itself.
        updated: when it last changed.
        ttl_days: how many days a membership lasts; None where it is not told.
    """

    id: str
    audience_id: str
    name: str
    description: str = ""
    type: str = ""
    namespace: str = ""
    origin: str = ""
    lifecycle: str = ""
    labels: tuple[str, ...] = ()
    rule_fields: frozenset[str] = frozenset()
    is_system: bool = False
    updated: datetime | None = None
    ttl_days: int | None = None

    @property
    def is_external(self) -> bool:
        """Whether its members come from outside, and not by a rule."""
        return self.type.lower() in _EXTERNAL

    @property
    def is_gone(self) -> bool:
        """Whether it was deleted; such audiences may still be shown."""
        return self.lifecycle in _GONE

    @property
    def is_used(self) -> bool:
        """Whether the platform keeps its members up to date."""
        return self.lifecycle in _IN_USE

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Self | None:
        """Reads what is shown; None for something without an id."""
        id_ = _text(shown, "id") or _text(shown, "audienceId")
        if not id_:
            return None
        labels = shown.get("labels")
        days = _text(shown, "ttlInDays")
        return cls(
            id=id_,
            audience_id=_text(shown, "audienceId") or id_,
            name=_text(shown, "name") or id_,
            description=_text(shown, "description"),
            type=_text(shown, "type") or ("SegmentDefinition" if "expression" in shown else ""),
            namespace=_text(shown, "namespace"),
            origin=_text(shown, "originName"),
            lifecycle=(_text(shown, "lifecycleState") or _text(shown, "lifecycleStatus")).lower(),
            labels=tuple(map(str, labels)) if isinstance(labels, list) else (),
            rule_fields=rule_fields(shown.get("expression")),
            is_system=shown.get("isSystem") is True,
            updated=_time(shown),
            ttl_days=int(days) if days.isdecimal() else None,
        )


def name_of(id_: str) -> str:
    """What the gateway calls an id of the platform: itself, or a code where it holds what names of the API do not."""
    if _NAMEABLE.fullmatch(id_) and not id_.startswith(_ENCODED):
        return id_
    return _ENCODED + base64.urlsafe_b64encode(id_.encode()).decode().rstrip("=")


def id_of(name: str) -> str:
    """The platform's id of an audience by what the gateway calls it."""
    if not name.startswith(_ENCODED):
        return name
    code = name.removeprefix(_ENCODED)
    try:
        return base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return name


def _text(shown: Mapping[str, Any], name: str) -> str:
    value = shown.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _time(shown: Mapping[str, Any]) -> datetime | None:
    """When it was changed: milliseconds, in one published example microseconds, or seconds as `updateEpoch`."""
    updated, epoch = shown.get("updateTime"), shown.get("updateEpoch")
    if isinstance(updated, int) and not isinstance(updated, bool):
        seconds = updated / (1_000_000 if updated > _MICROSECONDS_FROM else 1000)
    elif isinstance(epoch, int) and not isinstance(epoch, bool):
        seconds = float(epoch)
    else:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
