"""The seven outcomes of a row and the closed list of reasons, each of which belongs to one outcome."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The class that a row of the source ended in; the counts of the seven sum to the rows read."""

    DELIVERED = "delivered"
    UNCHANGED = "unchanged"
    UNMATCHED = "unmatched"
    REJECTED = "rejected"
    SUPPRESSED = "suppressed"
    DUPLICATE = "duplicate"
    WITHHELD = "withheld"


class Reason(StrEnum):
    """Why a row ended in its outcome. A reason never changes its outcome."""

    ADDED = "added"
    RECORD_CREATED = "record_created"
    REMOVED = "removed"
    ALREADY_MEMBER = "already_member"
    NOT_MEMBER = "not_member"
    NO_ID = "no_id"
    UNKNOWN_ID = "unknown_id"
    EXPIRED_ID = "expired_id"
    AMBIGUOUS_ID = "ambiguous_id"
    CROWDED_ID = "crowded_id"
    WRONG_NAMESPACE = "wrong_namespace"
    LOST_IN_GRAPH = "lost_in_graph"
    MALFORMED_ROW = "malformed_row"
    INVALID_ENCODING = "invalid_encoding"
    ROW_TOO_LARGE = "row_too_large"
    INVALID_ID = "invalid_id"
    PLACEHOLDER_ID = "placeholder_id"
    HASH_OF_EMPTY = "hash_of_empty"
    ZERO_DEVICE_ID = "zero_device_id"
    WRONG_CASE = "wrong_case"
    NOT_ENCODED = "not_encoded"
    NOT_DECRYPTABLE = "not_decryptable"
    ENCODED_TWICE = "encoded_twice"
    RAW_PERSONAL_DATA = "raw_personal_data"
    REFUSED_BY_DESTINATION = "refused_by_destination"
    OPTED_OUT = "opted_out"
    SUPPRESSED_ID = "suppressed_id"
    PURPOSE_REFUSED = "purpose_refused"
    ERASED_ID = "erased_id"
    DENIED_BY_POLICY = "denied_by_policy"
    LEFT = "left"
    SAME_ID = "same_id"
    SAME_TARGET = "same_target"
    SUPERSEDED = "superseded"
    EMPTY_SOURCE = "empty_source"
    TOO_MANY_REMOVALS = "too_many_removals"
    STALE_SOURCE = "stale_source"
    MATCH_RATE_FELL = "match_rate_fell"
    INDEX_SHRUNK = "index_shrunk"
    CANCELLED = "cancelled"
    NOT_SENT = "not_sent"
    IN_DOUBT = "in_doubt"

    @property
    def outcome(self) -> Outcome:
        """The outcome that this reason belongs to."""
        return _OUTCOMES[self]

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _MEANINGS[self]


DETAIL_MARK = ": "
"""What stands between a reason and its detail in a row's defect."""

_LONGEST_DETAIL = 200

_TABLE: dict[Reason, tuple[Outcome, str]] = {
    Reason.ADDED: (Outcome.DELIVERED, "The destination accepted the member."),
    Reason.RECORD_CREATED: (
        Outcome.DELIVERED,
        "No record had the id, one was created since the transfer asks for that, and the destination accepted it.",
    ),
    Reason.REMOVED: (Outcome.DELIVERED, "The row was to remove its member, and the destination did."),
    Reason.ALREADY_MEMBER: (Outcome.UNCHANGED, "An earlier transfer delivered the member."),
    Reason.NOT_MEMBER: (
        Outcome.UNCHANGED,
        "The row was to remove its member, and no transfer has delivered it, or one has removed it since.",
    ),
    Reason.NO_ID: (Outcome.UNMATCHED, "The record has no id of this id type."),
    Reason.UNKNOWN_ID: (Outcome.UNMATCHED, "No record of the destination has this id."),
    Reason.EXPIRED_ID: (
        Outcome.UNMATCHED,
        "Each record with this id was last seen with it longer ago than the data source allows.",
    ),
    Reason.AMBIGUOUS_ID: (
        Outcome.UNMATCHED,
        "Several records have this id and the policy is `reject`, or the source has joined several people in one.",
    ),
    Reason.CROWDED_ID: (
        Outcome.UNMATCHED,
        "More records have this id than `indexes.too_many_people` allows, so that it is nobody's, whatever the policy.",
    ),
    Reason.WRONG_NAMESPACE: (
        Outcome.UNMATCHED,
        "The record has ids, and its source says that all of them belong to other namespaces than the data source.",
    ),
    Reason.LOST_IN_GRAPH: (
        Outcome.UNMATCHED,
        "The record and its source's identity graph do not agree any more on whose the id is.",
    ),
    Reason.MALFORMED_ROW: (Outcome.REJECTED, "The row does not have the columns that its source declares."),
    Reason.INVALID_ENCODING: (Outcome.REJECTED, "The row is not valid UTF-8."),
    Reason.ROW_TOO_LARGE: (Outcome.REJECTED, "The row is longer than the source's limit."),
    Reason.INVALID_ID: (Outcome.REJECTED, "The id breaks the rule of its id type."),
    Reason.PLACEHOLDER_ID: (Outcome.REJECTED, "The id is a marker such as `not-set`, not an id of anybody."),
    Reason.HASH_OF_EMPTY: (Outcome.REJECTED, "The id is the hash or the ciphertext of an empty value."),
    Reason.ZERO_DEVICE_ID: (Outcome.REJECTED, "The id is all zeros: the device has no advertising id."),
    Reason.WRONG_CASE: (Outcome.REJECTED, "The device id is valid but for the case of its letters."),
    Reason.NOT_ENCODED: (Outcome.REJECTED, "The id is in clear or encoded otherwise than by its data source's codec."),
    Reason.NOT_DECRYPTABLE: (
        Outcome.REJECTED,
        "The id has another key or initialisation vector: decrypted, its padding or its text is not valid.",
    ),
    Reason.ENCODED_TWICE: (
        Outcome.REJECTED,
        "The id was hashed or encrypted twice, or would be: what came as an id in clear is encoded already.",
    ),
    Reason.RAW_PERSONAL_DATA: (
        Outcome.REJECTED,
        "The id is an e-mail address or a phone number in clear, which its data source does not allow.",
    ),
    Reason.REFUSED_BY_DESTINATION: (
        Outcome.REJECTED,
        "The destination refused the member; the detail has its own code.",
    ),
    Reason.OPTED_OUT: (Outcome.SUPPRESSED, "The person has opted out."),
    Reason.SUPPRESSED_ID: (Outcome.SUPPRESSED, "The id is on the gateway's suppression list, for every purpose."),
    Reason.PURPOSE_REFUSED: (
        Outcome.SUPPRESSED,
        "The id is on the gateway's suppression list for a purpose of the transfer; the detail names it.",
    ),
    Reason.ERASED_ID: (Outcome.SUPPRESSED, "The id was erased, and is never shared again."),
    Reason.DENIED_BY_POLICY: (
        Outcome.SUPPRESSED,
        "A policy of the source forbids to use the member for this; the detail names it.",
    ),
    Reason.LEFT: (Outcome.SUPPRESSED, "The source says that the person has left the audience."),
    Reason.SAME_ID: (Outcome.DUPLICATE, "An earlier row has the same id."),
    Reason.SAME_TARGET: (
        Outcome.DUPLICATE,
        "Another row, with another id, stands for the same record: an earlier one or, among changes, a later one.",
    ),
    Reason.SUPERSEDED: (Outcome.DUPLICATE, "A newer row of the source counts for the same id."),
    Reason.EMPTY_SOURCE: (Outcome.WITHHELD, "The source has no deliverable member, while the destination has some."),
    Reason.TOO_MANY_REMOVALS: (Outcome.WITHHELD, "More members would be removed than the guard allows."),
    Reason.STALE_SOURCE: (Outcome.WITHHELD, "The source was refreshed longer ago than the guard allows."),
    Reason.MATCH_RATE_FELL: (
        Outcome.WITHHELD,
        "Fewer of the valid rows match than in the last share of the source, by more points than the guard allows.",
    ),
    Reason.INDEX_SHRUNK: (
        Outcome.WITHHELD,
        "The destination's identity index has lost more entries than the settings allow.",
    ),
    Reason.CANCELLED: (Outcome.WITHHELD, "The transfer was cancelled before the member was sent."),
    Reason.NOT_SENT: (Outcome.WITHHELD, "The transfer failed before the member was sent."),
    Reason.IN_DOUBT: (
        Outcome.WITHHELD,
        "The member was sent, but whether the destination took it is not known; the next transfer sends it again.",
    ),
}
_OUTCOMES = {reason: outcome for reason, (outcome, _) in _TABLE.items()}
_MEANINGS = {reason: meaning for reason, (_, meaning) in _TABLE.items()}


def denied_by(policy: str) -> str:
    """The defect of a row that a policy forbids to share: the reason, and the policy's name as its detail."""
    name = "".join(each if each.isprintable() else " " for each in policy)[:_LONGEST_DETAIL]
    return f"{Reason.DENIED_BY_POLICY}{DETAIL_MARK}{name}"
