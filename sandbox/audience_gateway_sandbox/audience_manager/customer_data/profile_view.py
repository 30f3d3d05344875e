"""What `/profile/{dataSourceId}/{id}` tells of a profile (audience-manager 2)."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any

from audience_gateway_sandbox.audience_manager.customer_data.operations import Kinds
from audience_gateway_sandbox.audience_manager.data import AudienceData
from audience_gateway_sandbox.audience_manager.objects import Trait
from audience_gateway_sandbox.audience_manager.profiles.id_formats import AAM_UUID, IdKind
from audience_gateway_sandbox.audience_manager.profiles.qualifications import oldest_alive
from audience_gateway_sandbox.audience_manager.rules import (
    Qualification,
    RuleError,
    evaluate_segment_rule,
    parse_segment_rule,
)
from audience_gateway_sandbox.audience_manager.store import moment_of

_PROVIDER = "data provider name"
_LINKS = """
SELECT profile.source, profile.value, link.seen FROM link JOIN profile ON profile.id = link.other WHERE device = :id
UNION ALL
SELECT profile.source, profile.value, link.seen FROM link JOIN profile ON profile.id = link.device WHERE other = :id
ORDER BY 3 DESC, 2
"""


def profile_view(
    data: AudienceData,
    data_source_id: int,
    value: str,
    now: int,
    regions: Collection[int],
    *,
    kind: IdKind | None = None,
) -> dict[str, Any] | None:
    """Tell of a profile; None if it is not known.

    Args:
        data: the profiles.
        data_source_id: of the id.
        value: the id.
        now: milliseconds since 1970.
        regions: narrow the summaries; none for all.
        kind: what the id is; None if the data source tells.
    """
    with data.database.transaction() as db:
        kind = kind or Kinds(data.store, data.assumptions.streams_take_unknown_sources).of(data_source_id)
        profile = None if kind is None else data.identities.known(db, kind, data_source_id, value)
        if profile is None:
            return None
        qualified = _qualified(db, data, profile, now)
        traits = [_trait(trait, last) for trait, last in qualified]
        segments = _segments(data, qualified, now)
        (region,) = db.execute("SELECT region FROM profile WHERE id = ?", (profile,)).fetchone()
        region = region or data.assumptions.dcs_region
        summary = {
            "firstPartyTraitsCount": len(traits),
            "thirdPartyTraitsCount": 0,
            "segmentsCount": len(segments),
        }
        return {
            "summaries": [
                {"regionId": str(region), "source": source, "profileSummary": summary}
                for source in ("REALTIME", "BACKEND")
                if not regions or region in regions
            ],
            "profile": {
                "id": value,
                "namespace": _namespace(data, data_source_id),
                "data": {"traits": traits, "segments": segments},
                "links": _links(db, data, profile),
            },
        }


def _qualified(db: sqlite3.Connection, data: AudienceData, profile: int, now: int) -> list[tuple[Trait, int]]:
    rows = dict(db.execute("SELECT trait, last FROM qualification WHERE profile = ?", (profile,)))
    traits = data.store.traits.all(sid=tuple(rows)) if rows else []
    return [(trait, rows[trait.sid]) for trait in traits if rows[trait.sid] >= oldest_alive(trait.ttl, now)]


def _trait(trait: Trait, last: int) -> dict[str, Any]:
    return {
        "id": trait.sid,
        "name": trait.name,
        "type": "1st party",
        "description": trait.description,
        _PROVIDER: "",
        "last realization": _time(last),
    }


def _segments(data: AudienceData, qualified: list[tuple[Trait, int]], now: int) -> list[dict[str, Any]]:
    """Tell the segments whose rules this profile alone fulfils."""
    known = {trait.sid: [Qualification(moment_of(last))] for trait, last in qualified}
    found = []
    for segment in data.store.segments.all() if known else ():
        try:
            holds = evaluate_segment_rule(parse_segment_rule(segment.segment_rule), known, moment_of(now))
        except RuleError:
            continue
        if holds:
            view = {"id": segment.sid, "name": segment.name, "description": segment.description, _PROVIDER: ""}
            found.append(view | {"active": segment.status == "ACTIVE"})
    return found


def _links(db: sqlite3.Connection, data: AudienceData, profile: int) -> list[dict[str, Any]]:
    return [
        {"id": value, "namespace": _namespace(data, source), "linking datetime": _time(seen)}
        for source, value, seen in db.execute(_LINKS, {"id": profile}).fetchall()
    ]


def _namespace(data: AudienceData, data_source_id: int) -> dict[str, Any]:
    if data_source_id == AAM_UUID:
        return {"id": "0", "integration code": "CORE", _PROVIDER: "Demdex, Inc", "type": "COOKIE"}
    source = data.store.data_sources.get(data_source_id)
    code, kind = (source.integration_code, str(source.id_type)) if source else ("", "")
    return {"id": str(data_source_id), "integration code": code, _PROVIDER: "", "type": kind}


def _time(number: int) -> str:
    return f"{moment_of(number):%Y-%m-%d %H:%M:%S}"
