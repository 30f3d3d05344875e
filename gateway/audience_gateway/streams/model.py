"""The values of a stream of members: what it is for, and what is kept of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from audience_gateway.transfers.model import ShareRequest


class StreamState(StrEnum):
    """Whether a stream may still get chunks."""

    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of members.

    Attributes:
        id: its id.
        request: the transfer that its end makes, whose source is the stream.
        state: whether it may still get chunks.
        chunks: chunks that are kept, which is the number of the last one.
        rows: rows of these chunks.
    """

    id: str
    request: ShareRequest
    state: StreamState
    chunks: int
    rows: int


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row of a chunk that is no member.

    Attributes:
        index: its position in the chunk, from 0.
        reason: code of why.
    """

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk whose members are in a file, and which is kept once the ledger has it.

    Attributes:
        sequence: its number, from 1.
        rows: its rows.
        content_hash: SHA-256 of its members in hex; names its file.
        rejected: those of its rows that are no members, by index.
    """

    sequence: int
    rows: int
    content_hash: str
    rejected: tuple[RejectedRow, ...] = ()


def stream_id(request_id: str) -> str:
    """Id of the stream that a request id names."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, request_id))
