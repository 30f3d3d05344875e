"""From ids to the records that they stand for: the join, and the policy over several candidates.

Works on two relations of a session:
    first: row, key, leaves; each valid id once, and whether it is of a person who is to leave, whose opt-out does not
        count.
    entry: key, target, last_seen, opted_out; the identity index.
Makes six more:
    found: row, key, target, opted_out; the records of each row that the policy leaves.
    eligible: row, key, target; those of them that may be taken.
    fate: row, records, all_opted_out; of each row that any record has: the number of its records before the policy
        `reject` is applied, and whether all found ones have opted out.
    expired: row; rows whose records were all last seen too long ago.
    crowded: row; rows of which too many records have the id, so that none may be taken.
    missed: row, reason; of each row that no record may be taken for, why.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from audience_gateway.identity.shared_ids import PeopleLimits
from audience_gateway.sdk import CandidatePolicy, DataSource, Reason
from audience_gateway.storage.relations import Session, literal

_HITS = """
    SELECT first.row, first.key, entry.target{last_seen}, entry.opted_out AND NOT first.leaves AS opted_out
    FROM first LEFT JOIN entry ON entry.key = first.key"""
_MET = "target IS NOT NULL"

_TOO_MANY_PEOPLE = PeopleLimits().too_many
_LATEST = " QUALIFY row_number() OVER (PARTITION BY row ORDER BY last_seen DESC NULLS LAST, target) = 1"


def oldest_sighting(source: DataSource, now: datetime) -> datetime | None:
    """Before this time a record does not count as seen with an id; None if it always does."""
    return now - timedelta(days=source.expire_days) if source.expire_days else None


def find_candidates(
    session: Session, policy: CandidatePolicy, oldest: datetime | None, too_many_people: int = _TOO_MANY_PEOPLE
) -> None:
    """Makes these relations.

    Records whose last sighting is not known do not expire. Expired ones do not crowd an id.
    """
    sighted = oldest or policy is CandidatePolicy.LATEST
    session.table("hit", _HITS.format(last_seen=", entry.last_seen" if sighted else ""))
    [(asked, hits)] = session.rows("SELECT (SELECT count(*) FROM first), (SELECT count(*) FROM hit)")
    grouped = "SELECT row, count(*) AS hits FROM hit GROUP BY row HAVING count(*) > 1"
    session.table("several", grouped if hits > asked else "SELECT row, 1 AS hits FROM hit LIMIT 0")
    session.table("crowded", _crowded(oldest, too_many_people))
    fresh, rejecting = _fresh("last_seen", oldest), ""
    single = f"SELECT row, key, target, opted_out FROM hit WHERE {_MET} AND {fresh}"
    if hits == asked:  # as with most indexes, and then nothing has to be grouped
        session.view("found", single)
        session.view("fate", "SELECT row, 1 AS records, opted_out AS all_opted_out FROM found")
        missed = f"""
            SELECT row, CASE WHEN NOT ({_MET}) THEN '{Reason.UNKNOWN_ID}' WHEN NOT {fresh} THEN '{Reason.EXPIRED_ID}'
                ELSE '{Reason.OPTED_OUT}' END AS reason
            FROM hit WHERE NOT ({_MET}) OR NOT {fresh} OR coalesce(opted_out, true)"""
    else:
        session.table("found", f"FROM ({single}) ANTI JOIN several USING (row) UNION ALL {_chosen(policy, oldest)}")
        session.table(
            "fate", "SELECT row, count(*) AS records, bool_and(opted_out) AS all_opted_out FROM found GROUP BY row"
        )
        missed = _missed(policy)
        if policy is CandidatePolicy.REJECT:
            rejecting = "SEMI JOIN (FROM fate WHERE records = 1) USING (row)"
    expired = (
        f"SELECT DISTINCT row FROM hit ANTI JOIN found USING (row) WHERE {_MET}"
        if oldest
        else "SELECT row FROM hit LIMIT 0"
    )
    session.table("expired", expired)
    crowded = "ANTI JOIN crowded USING (row)" if session.rows("FROM crowded LIMIT 1") else ""
    session.view("eligible", f"SELECT row, key, target FROM found {rejecting} {crowded} WHERE NOT opted_out")
    session.view("missed", missed)


def known_keys(asked: str, oldest: datetime | None) -> str:
    """A query over the keys (key) of a relation that `entry` has, with a record that has not expired."""
    return f"""SELECT DISTINCT key FROM (
        SELECT key, target FROM entry SEMI JOIN {asked} USING (key)
        GROUP BY key, target HAVING {_fresh("max(last_seen)", oldest)})"""


def _missed(policy: CandidatePolicy) -> str:
    ambiguous = f"WHEN fate.records > 1 THEN '{Reason.AMBIGUOUS_ID}'" if policy is CandidatePolicy.REJECT else ""
    return f"""
        SELECT missing.row, CASE
            WHEN missing.row IN (FROM expired) THEN '{Reason.EXPIRED_ID}'
            WHEN fate.row IS NULL THEN '{Reason.UNKNOWN_ID}'
            WHEN missing.row IN (FROM crowded) THEN '{Reason.CROWDED_ID}'
            {ambiguous}
            ELSE '{Reason.OPTED_OUT}' END AS reason
        FROM (FROM first ANTI JOIN eligible USING (row)) AS missing LEFT JOIN fate USING (row)"""


def _chosen(policy: CandidatePolicy, oldest: datetime | None) -> str:
    """Of rows that the index has several entries for: each record once, as far as the policy leaves it."""
    last_seen = ", max(last_seen) AS last_seen" if policy is CandidatePolicy.LATEST else ""
    grouped = f"""
        SELECT row, key, target{last_seen}, bool_or(opted_out) AS opted_out
        FROM hit SEMI JOIN several USING (row) GROUP BY row, key, target HAVING {_fresh("max(last_seen)", oldest)}"""
    return f"SELECT row, key, target, opted_out FROM ({grouped}) {_LATEST if policy is CandidatePolicy.LATEST else ''}"


def _crowded(oldest: datetime | None, too_many: int) -> str:
    people = f"""
        SELECT row, target FROM hit SEMI JOIN (FROM several WHERE hits > {too_many}) AS suspect USING (row)
        GROUP BY row, target HAVING {_fresh("max(last_seen)", oldest)}"""
    return f"SELECT row FROM ({people}) GROUP BY row HAVING count(*) > {too_many}"


def _fresh(last_seen: str, oldest: datetime | None) -> str:
    if oldest is None:
        return "true"
    return f"coalesce({last_seen} >= CAST({literal(oldest.isoformat())} AS TIMESTAMPTZ), true)"
