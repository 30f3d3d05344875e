"""From ids to the records that they stand for: the join, and the policy over several candidates.

Works on two relations of a session:
    first: row, key, leaves; each valid id once, and whether it is of a person who is to leave, whose opt-out does not
        count.
    entry: key, target, last_seen, opted_out; the identity index.
Makes four more:
    found: row, target, opted_out; the records of each row that the policy leaves.
    eligible: row, target; those of them that may be taken.
    fate: row, records, all_opted_out; of each row that any record has: the number of its records before the policy
        `reject` is applied, and whether all found ones have opted out.
    expired: row; rows whose records were all last seen too long ago.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from audience_gateway.sdk import CandidatePolicy, DataSource
from audience_gateway.storage.relations import Session, literal

_HITS = """
    SELECT first.row, entry.target, entry.last_seen, entry.opted_out AND NOT first.leaves AS opted_out
    FROM first JOIN entry ON entry.key = first.key"""

_LATEST = " QUALIFY row_number() OVER (PARTITION BY row ORDER BY last_seen DESC NULLS LAST, target) = 1"


def oldest_sighting(source: DataSource, now: datetime) -> datetime | None:
    """Before this time a record does not count as seen with an id; None if it always does."""
    return now - timedelta(days=source.expire_days) if source.expire_days else None


def find_candidates(session: Session, policy: CandidatePolicy, oldest: datetime | None) -> None:
    """Makes `found`, `eligible`, `fate` and `expired`. Records whose last sighting is not known do not expire."""
    session.table("hit", _HITS)
    session.table("several", "SELECT row FROM hit GROUP BY row HAVING count(*) > 1")
    single = f"SELECT row, target, opted_out FROM hit WHERE {_fresh('last_seen', oldest)}"
    rejecting = ""
    if not session.rows("FROM several LIMIT 1"):  # as with most indexes, and then nothing has to be grouped
        session.view("found", single)
        session.view("fate", "SELECT row, 1 AS records, opted_out AS all_opted_out FROM found")
    else:
        session.table("found", f"FROM ({single}) ANTI JOIN several USING (row) UNION ALL {_chosen(policy, oldest)}")
        session.table(
            "fate", "SELECT row, count(*) AS records, bool_and(opted_out) AS all_opted_out FROM found GROUP BY row"
        )
        if policy is CandidatePolicy.REJECT:
            rejecting = "SEMI JOIN (FROM fate WHERE records = 1) USING (row)"
    expired = "SELECT DISTINCT row FROM hit ANTI JOIN found USING (row)" if oldest else "SELECT row FROM hit LIMIT 0"
    session.table("expired", expired)
    session.view("eligible", f"SELECT row, target FROM found {rejecting} WHERE NOT opted_out")


def _chosen(policy: CandidatePolicy, oldest: datetime | None) -> str:
    """Of rows that the index has several entries for: each record once, as far as the policy leaves it."""
    grouped = f"""
        SELECT row, target, max(last_seen) AS last_seen, bool_or(opted_out) AS opted_out
        FROM hit SEMI JOIN several USING (row) GROUP BY row, target HAVING {_fresh("max(last_seen)", oldest)}"""
    return f"SELECT row, target, opted_out FROM ({grouped}) {_LATEST if policy is CandidatePolicy.LATEST else ''}"


def _fresh(last_seen: str, oldest: datetime | None) -> str:
    if oldest is None:
        return "true"
    return f"coalesce({last_seen} >= CAST({literal(oldest.isoformat())} AS TIMESTAMPTZ), true)"
