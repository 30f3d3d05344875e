"""Looks ids up in an identity index, and says what became of each."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from audience_gateway.identity.candidates import find_candidates, oldest_sighting
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.identity.keys import make_keys
from audience_gateway.sdk import CandidatePolicy, DataSource, Normalised, Reason
from audience_gateway.storage.relations import Session

_REASON = f"""
    CASE WHEN asked.reason IS NOT NULL THEN asked.reason
    WHEN asked.row IN (FROM expired) THEN '{Reason.EXPIRED_ID}'
    WHEN fate.row IS NULL THEN '{Reason.UNKNOWN_ID}'
    WHEN asked.row IN (FROM crowded) THEN '{Reason.CROWDED_ID}'
    WHEN fate.records > 1 AND chosen.row IS NULL AND NOT fate.all_opted_out THEN '{Reason.AMBIGUOUS_ID}'
    WHEN chosen.row IS NULL THEN '{Reason.OPTED_OUT}' END"""


def look_up(
    session: Session,
    normalised: Normalised,
    source: DataSource,
    index: IndexVersion,
    policy: CandidatePolicy,
    *,
    too_many_people: int,
    leaving: bool = False,
) -> None:
    """Makes `asked` (row, key, value, reason; a row is the position of an id) and the relations of `find_candidates`.

    For ids of persons who are `leaving` it does not count whether they have opted out.
    """
    session.arrow(
        "asked",
        pa.table(
            {
                "row": pa.array(range(len(normalised.values)), pa.int64()),
                "key": make_keys(normalised.values, source.id_type, source.name),
                "value": normalised.values,
                "reason": normalised.reasons,
            }
        ),
    )
    session.view("first", "SELECT row, key, false AS leaves FROM asked WHERE key IS NOT NULL")
    entries = index.query()
    session.view("entry", f"SELECT * REPLACE (false AS opted_out) FROM ({entries})" if leaving else entries)
    find_candidates(session, policy, oldest_sighting(source, datetime.now(UTC)), too_many_people)


def reasons(session: Session) -> list[Reason | None]:
    """Of each id that was looked up, why there is no record to take; None if there is one."""
    found = session.rows(
        f"""SELECT {_REASON}
        FROM asked LEFT JOIN fate USING (row) LEFT JOIN (SELECT DISTINCT row FROM eligible) AS chosen USING (row)
        ORDER BY asked.row"""
    )
    return [Reason(reason) if reason else None for (reason,) in found]
