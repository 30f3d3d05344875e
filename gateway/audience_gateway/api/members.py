"""Members as messages, in either format."""

from __future__ import annotations

from audience_gateway.api import arrow, packed
from audience_gateway.api.refusals import InvalidRequest
from audience_gateway.sdk import MemberBatch
from audience_gateway.v1 import members_pb2


def decode(message: members_pb2.Members, place: str, most_rows: int) -> MemberBatch:
    """The members of a message. Raises InvalidRequest that names the field below `place`."""
    match message.WhichOneof("rows"):
        case "packed":
            _check_rows(len(message.packed.lengths), place, most_rows)
            return packed.decode(message.packed, f"{place}.packed")
        case "arrow":
            members = arrow.decode(message.arrow, f"{place}.arrow")
            _check_rows(len(members), place, most_rows)
            return members
        case _:
            raise InvalidRequest.of(place, "found neither `packed` nor `arrow`, one is required")


def encode(members: MemberBatch, format_: members_pb2.MemberFormat.ValueType) -> members_pb2.Members:
    """The message with members; an unspecified format is the packed one."""
    if format_ == members_pb2.MEMBER_FORMAT_ARROW:
        return members_pb2.Members(arrow=arrow.encode(members))
    return members_pb2.Members(packed=packed.encode(members))


def _check_rows(rows: int, place: str, most: int) -> None:
    if rows > most:
        raise InvalidRequest.of(place, f"found {rows} rows, allowed: up to {most}")
