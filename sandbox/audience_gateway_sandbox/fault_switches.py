"""A group of switches of what can go wrong."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(slots=True)
class FaultSwitches:
    """What groups of switches share; each is a field of a dataclass."""

    def tell(self) -> dict[str, Any]:
        """Tell how the switches stand."""
        return asdict(self)

    def become(self, others: Self) -> None:
        """Take over how other switches stand."""
        for field in fields(others):
            setattr(self, field.name, getattr(others, field.name))
