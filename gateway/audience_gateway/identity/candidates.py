"""From ids to the records that they stand for: the join, and the policy over several candidates.

Works on two relations of a session:
    first: row, key; each valid id once.
    entry: key, target, last_seen, opted_out; the identity index.
Makes three more:
    found: row, target, opted_out; the records of each row that the policy leaves.
    fate: row, records, all_opted_out; of each row that any record has: the number of its records before the policy
        `reject` is applied, and whether all found ones have opted out.
    expired: row; rows whose records were all last seen too long ago.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from audience_gateway.sdk import CandidatePolicy, DataSource
from audience_gateway.storage.relations import Session, literal

_CANDIDATES = """
    SELECT first.row, entry.target, max(entry.last_seen) AS last_seen, bool_or(entry.opted_out) AS opted_out
    FROM first JOIN entry ON entry.key = first.key
    GROUP BY first.row, entry.target"""

_LATEST = " QUALIFY row_number() OVER (PARTITION BY row ORDER BY last_seen DESC NULLS LAST, target) = 1"


def oldest_sighting(source: DataSource, now: datetime) -> datetime | None:
    """Before this time a record does not count as seen with an id; None if it always does."""
    return now - timedelta(days=source.expire_days) if source.expire_days else None


def find_candidates(session: Session, policy: CandidatePolicy, oldest: datetime | None) -> None:
    """Makes `found`, `fate` and `expired`. Records whose last sighting is not known do not expire."""
    chosen = _LATEST if policy is CandidatePolicy.LATEST else ""
    fresh = f"HAVING coalesce(max(entry.last_seen) >= {_time(oldest)}, true)" if oldest else ""
    session.table("found", f"SELECT row, target, opted_out FROM ({_CANDIDATES} {fresh}) {chosen}")
    met = "SELECT first.row FROM first SEMI JOIN entry ON entry.key = first.key"
    session.table("expired", f"FROM ({met}) ANTI JOIN found USING (row)" if oldest else f"{met} LIMIT 0")
    session.table(
        "fate", "SELECT row, count(*) AS records, bool_and(opted_out) AS all_opted_out FROM found GROUP BY row"
    )
    if policy is CandidatePolicy.REJECT:
        session.view("eligible", "SELECT found.* FROM found JOIN fate USING (row) WHERE records = 1 AND NOT opted_out")
    else:
        session.view("eligible", "SELECT * FROM found WHERE NOT opted_out")


def _time(time: datetime) -> str:
    return f"CAST({literal(time.isoformat())} AS TIMESTAMPTZ)"
