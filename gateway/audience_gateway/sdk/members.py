"""Batches of members on their way through the gateway: thin typed wrappers of Arrow record batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import pyarrow as pa

from audience_gateway.sdk.outcomes import Reason


class _Batch:
    """A record batch of one fixed schema."""

    SCHEMA: pa.Schema

    __slots__ = ("columns",)

    def __init__(self, columns: pa.RecordBatch) -> None:
        if not columns.schema.equals(self.SCHEMA):
            msg = f"{type(self).__name__} needs {self.SCHEMA}, not {columns.schema}"
            raise TypeError(msg)
        self.columns = columns

    def __len__(self) -> int:
        return int(self.columns.num_rows)


class MemberBatch(_Batch):
    """Rows of a source audience.

    Columns:
        id: string; the id as read; null for a record without an id and for a row with a defect.
        opted_out: bool; whether the source knows that this person must not be shared.
        defect: string; the `Reason` why the row cannot be read as a member, or what `denied_by` makes of the name of
            a policy that forbids to share it; null if it can.
        leaves: bool; whether the row says that its member leaves the audience, and not that it joins. Of several rows
            of an id the last one counts.
    """

    SCHEMA = pa.schema(
        [
            pa.field("id", pa.string()),
            pa.field("opted_out", pa.bool_()),
            pa.field("defect", pa.string()),
            pa.field("leaves", pa.bool_()),
        ]
    )

    @classmethod
    def of(
        cls,
        ids: pa.StringArray | Sequence[str | None],
        *,
        opted_out: pa.BooleanArray | Sequence[bool] | None = None,
        defects: pa.StringArray | Sequence[Reason | str | None] | None = None,
        leaves: pa.BooleanArray | Sequence[bool] | None = None,
    ) -> Self:
        """Puts a batch together; by default nobody opted out, no row has a defect, and nobody leaves."""
        id_column = _column(ids, pa.string())
        rows = len(id_column)
        return cls(
            pa.record_batch(
                [
                    id_column,
                    _flags(opted_out, rows),
                    pa.nulls(rows, pa.string()) if defects is None else _column(defects, pa.string()),
                    _flags(leaves, rows),
                ],
                schema=cls.SCHEMA,
            )
        )


class IndexBatch(_Batch):
    """Entries of an identity index: which record owns which id.

    Columns:
        id: string; the id as the record holds it, not encoded unless the page says so; null entries are ignored.
        target: string; key of the record in the destination.
        last_seen: timestamp[us, UTC]; when the record was last seen with the id; null if not known.
        opted_out: bool; whether the record's person has opted out.
    """

    SCHEMA = pa.schema(
        [
            pa.field("id", pa.string()),
            pa.field("target", pa.string()),
            pa.field("last_seen", pa.timestamp("us", tz="UTC")),
            pa.field("opted_out", pa.bool_()),
        ]
    )


class TargetBatch(_Batch):
    """Members to be written to or removed from a destination.

    Columns:
        target: string; the record's key, or the encoded id where the destination holds ids.
    """

    SCHEMA = pa.schema([pa.field("target", pa.string())])

    @classmethod
    def of(cls, targets: pa.StringArray | Sequence[str]) -> Self:
        """Puts a batch together from its keys."""
        return cls(pa.record_batch([_column(targets, pa.string())], schema=cls.SCHEMA))

    @property
    def targets(self) -> pa.StringArray:
        """The keys."""
        return self.columns.column("target")


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some rows of a source audience, and where reading goes on after them.

    Attributes:
        members: the rows, in the source's order.
        resume_token: opaque to the core; given back as `ReadRequest.after`, reading goes on with the next row.
        encoded: whether the ids already went through the data source's codec.
        attributes: string columns with the names that were asked for, a row for each member, null where there is no
            value; None where none were asked for.
        further_ids: string columns with the names of the data sources of `ReadRequest.further`, in their order: the
            ids that these have of each member, null where there is none; None where none were asked for.
    """

    members: MemberBatch
    resume_token: str
    encoded: bool = False
    attributes: pa.RecordBatch | None = None
    further_ids: pa.RecordBatch | None = None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Some entries of an identity index, and where reading goes on after them.

    Attributes:
        entries: the entries.
        resume_token: given back as `IndexRequest.after`, reading goes on with the next entry.
        encoded: whether the ids already went through the data source's codec.
    """

    entries: IndexBatch
    resume_token: str
    encoded: bool = False


@dataclass(frozen=True, slots=True)
class IndexChangesPage:
    """Some changes of an identity index, and where reading goes on after them.

    Attributes:
        entries: entries that have come, or have changed; one that is there already changes nothing.
        replaced: string column: keys of records whose entries of before do not count any more. The entries that they
            have now are among these and those of the other pages.
        resume_token: given back as `IndexChangesRequest.after`, reading goes on with the next changes.
        encoded: whether the ids already went through the data source's codec.
    """

    entries: IndexBatch
    replaced: pa.StringArray
    resume_token: str
    encoded: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A member that the destination did not accept.

    Attributes:
        index: position in the batch, from 0.
        code: the destination's own code, e.g. `XTK-170036`.
        detail: the destination's own text, without ids.
    """

    index: int
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a destination said to one batch: every member is either accepted or refused.

    Attributes:
        accepted: number of members accepted.
        refused: the others, each with the reason.
    """

    accepted: int
    refused: tuple[Refusal, ...] = ()


def _flags(values: pa.BooleanArray | Sequence[bool] | None, rows: int) -> pa.BooleanArray:
    return pa.repeat(pa.scalar(False), rows) if values is None else _column(values, pa.bool_())


def _column(values: pa.Array | Iterable[object], type_: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values if values.type == type_ else values.cast(type_)
    return pa.array(list(values), type=type_)
