"""Values of messages as people read them."""

from __future__ import annotations

from datetime import UTC

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.timestamp_pb2 import Timestamp


def enum_label(enum: EnumDescriptor, value: int) -> str:
    """The value's name without the enum's: `OUTCOME_DELIVERED` is `delivered`. Empty for the unspecified one."""
    if value == 0:
        return ""
    names = {number: described.name for number, described in enum.values_by_number.items()}
    prefix = names[0].removesuffix("UNSPECIFIED")
    return names.get(value, str(value)).removeprefix(prefix).lower()


def time_label(time: Timestamp) -> str:
    """Date and time to the second, in UTC; empty if there is none."""
    return time.ToDatetime(tzinfo=UTC).strftime("%Y-%m-%d %H:%M:%S") if time.seconds else ""


def count_label(rows: int) -> str:
    """The number with its thousands apart."""
    return f"{rows:,}"
