"""Why an id matched or did not: the values that the API shows. No id and no key of a record is among them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from audience_gateway.sdk import CandidatePolicy, Codec, Reason


def fingerprint_of(text: str, *scope: str) -> str:
    """A short stand-in, the same for the same text within a scope and another one outside."""
    return hashlib.sha256("\x1f".join((*scope, text)).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Rule:
    """By what ids of an id type are brought into the form in which they are compared.

    Attributes:
        data_source: name of the data source.
        id_type: name of the id type.
        recipe: the recipe with its version.
        codec: the codec.
    """

    data_source: str
    id_type: str
    recipe: str
    codec: Codec


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that has the id.

    Attributes:
        fingerprint: of the record's key.
        last_seen: when it was last seen with the id; None if not known.
        opted_out: whether the person has opted out.
        expired: whether it was seen too long ago to count.
        chosen: whether it becomes a member.
    """

    fingerprint: str
    last_seen: datetime | None
    opted_out: bool
    expired: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class WouldMatch:
    """What was tried otherwise.

    Attributes:
        condition: what would be otherwise; stands behind `would match if`.
        remedy: what to do about it.
        rule: the rule that the id would go by.
        records: records that it would find, 0 for none.
        problem: why it could not be tried; empty if it was.
    """

    condition: str
    remedy: str
    rule: Rule
    records: int
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one id matched, or did not.

    Attributes:
        rule: the rule that was applied.
        encoded: whether the id counted as encoded already.
        id_fingerprint: of the id as it was sent.
        value_fingerprint: of what recipe and codec made of it; empty if they made nothing.
        key_fingerprint: of the key that was looked up; empty if there was none.
        index_entries: entries of the index that it was looked up in.
        index_read: when that was read; None if nothing was looked up.
        records: records that have the id.
        shared_by_many: whether these are so many that it may be nobody's.
        candidates: the first of them, those seen last before the others.
        policy: what was done with several of them.
        reason: why none was chosen; None if one was.
        would_match: what was tried otherwise, where none was chosen.
    """

    rule: Rule
    encoded: bool
    id_fingerprint: str
    value_fingerprint: str
    key_fingerprint: str
    index_entries: int
    index_read: datetime | None
    records: int
    shared_by_many: bool
    candidates: tuple[Candidate, ...]
    policy: CandidatePolicy
    reason: Reason | None
    would_match: tuple[WouldMatch, ...]
