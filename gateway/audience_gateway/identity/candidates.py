"""From ids to the records that they stand for: the join, and the policy over several candidates.

Works on two relations of a session:
    first: row, key; each valid id once.
    entry: key, target, last_seen, opted_out; the identity index.
Makes two more:
    found: row, target, opted_out; the records of each row that the policy leaves.
    fate: row, records, all_opted_out; of each row that any record has: the number of its records before the policy
        `reject` is applied, and whether all found ones have opted out.
"""

from __future__ import annotations

from audience_gateway.sdk import CandidatePolicy
from audience_gateway.storage.relations import Session

_CANDIDATES = """
    SELECT first.row, entry.target, max(entry.last_seen) AS last_seen, bool_or(entry.opted_out) AS opted_out
    FROM first JOIN entry ON entry.key = first.key
    GROUP BY first.row, entry.target"""

_LATEST = " QUALIFY row_number() OVER (PARTITION BY row ORDER BY last_seen DESC NULLS LAST, target) = 1"


def find_candidates(session: Session, policy: CandidatePolicy) -> None:
    """Makes `found` and `fate`."""
    chosen = _LATEST if policy is CandidatePolicy.LATEST else ""
    session.table("found", f"SELECT row, target, opted_out FROM ({_CANDIDATES}) {chosen}")
    session.table(
        "fate", "SELECT row, count(*) AS records, bool_and(opted_out) AS all_opted_out FROM found GROUP BY row"
    )
    if policy is CandidatePolicy.REJECT:
        session.view("eligible", "SELECT found.* FROM found JOIN fate USING (row) WHERE records = 1 AND NOT opted_out")
    else:
        session.view("eligible", "SELECT * FROM found WHERE NOT opted_out")
