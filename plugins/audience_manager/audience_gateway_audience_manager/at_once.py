"""What a way for a few members at once says of them."""

from __future__ import annotations

from dataclasses import dataclass

from audience_gateway.sdk import WriteResult


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What became of the members of a write.

    Attributes:
        result: who was accepted, and who was refused.
        unsure: positions, ascending, of the accepted ones who are not known to have got what they were to get.
    """

    result: WriteResult
    unsure: tuple[int, ...] = ()
