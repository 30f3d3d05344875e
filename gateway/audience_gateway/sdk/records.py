"""Creating records for ids that no record has: only where a transfer asks for it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import pyarrow as pa

from audience_gateway.sdk.identities import DataSource
from audience_gateway.sdk.members import IndexBatch, WriteResult


@runtime_checkable
class RecordCreator(Protocol):
    """Creates records that have nothing but an id; also an `IdentityIndex`.

    The core looks ids up, creates what is missing, and looks them up again for the keys. After a kill or a lost reply
    it does so again: an id must never get a second record.
    """

    def check_creation(self, source: DataSource) -> None:
        """Raises ConfigError if ids of this data source make no record; called when a transfer is planned."""
        ...

    async def find_records(self, source: DataSource, ids: pa.StringArray) -> IndexBatch:
        """Entries of the identity index, as they are now, that have one of these ids; ids are not encoded.

        Others may be among them. An id that the system cannot be asked for has none.
        """
        ...

    async def create_records(self, source: DataSource, ids: pa.StringArray) -> WriteResult:
        """Creates a record for each of these ids, which are not encoded; one that is there already is accepted."""
        ...


@runtime_checkable
class RecordNaming(Protocol):
    """A reconciliation strategy whose ids can stand in a record that is created by them."""

    def check_naming(self, source: DataSource) -> None:
        """Raises ConfigError if ids of this data source cannot, such as hashed ones; called when it is planned."""
        ...
