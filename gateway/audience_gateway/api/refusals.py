"""Why the API refuses a request; the server turns each into a status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A field that breaks its rule."""

    field: str
    description: str


class InvalidRequest(Exception):
    """Fields break their rules."""

    def __init__(self, violations: tuple[FieldViolation, ...]) -> None:
        super().__init__("; ".join(f"{violation.field}: {violation.description}" for violation in violations))
        self.violations = violations

    @classmethod
    def of(cls, field: str, description: str) -> Self:
        """The refusal of one field."""
        return cls((FieldViolation(field, description),))


class InvalidPageToken(Exception):
    """A page token was not issued by this server, or for another request."""


class NotSupported(Exception):
    """The connector of a connection cannot do what was asked."""

    def __init__(self, connection: str, capability: str) -> None:
        super().__init__(f"{connection}: its connector has no {capability}")


class NotFound(Exception):
    """There is no resource of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class AlreadyExists(Exception):
    """There is a resource of that name already."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class EtagMismatch(Exception):
    """The resource was changed since the etag was read."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Draining(Exception):
    """The gateway is shutting down."""
