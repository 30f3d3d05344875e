"""Chunks of joiners and leavers on their way out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk import TargetBatch
from audience_gateway.storage.relations import files
from audience_gateway.transfers import columns
from audience_gateway.transfers.attribute_columns import named_attributes
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.task import Task
from audience_gateway.transfers.writes import Change

_CHANGES = {
    Change.ADD: ("compared", columns.COMPARED),
    Change.REMOVE: ("leavers", columns.LEAVERS),
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Members to be added or removed.

    Attributes:
        targets: their keys.
        attributes: their attributes; None where the change has none.
    """

    targets: pa.StringArray
    attributes: pa.RecordBatch | None = None

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def batch(self) -> TargetBatch:
        """The keys as the contract has them."""
        return TargetBatch.of(self.targets)

    @property
    def content_hash(self) -> str:
        """SHA-256 over all of it, in hex."""
        parts = [self.batch.columns, *([] if self.attributes is None else [self.attributes])]
        digest = hashlib.sha256()
        for part in parts:
            digest.update(part.serialize())
        return digest.hexdigest()

    def take(self, indices: Sequence[int]) -> Outgoing:
        """Some of them."""
        chosen = pa.array(indices, pa.int64())
        attributes = None if self.attributes is None else self.attributes.take(chosen)
        return Outgoing(self.targets.take(chosen), attributes)

    def without(self, targets: frozenset[str]) -> Outgoing:
        """Those that have not one of these keys."""
        if not targets:
            return self
        going = pc.invert(pc.is_in(self.targets, value_set=pa.array(sorted(targets), pa.string())))
        return Outgoing(self.targets.filter(going), None if self.attributes is None else self.attributes.filter(going))


def read_outgoing(task: Task, plan: Plan, change: Change, number: int) -> Outgoing:
    """The chunk of a number."""
    first = number * plan.members_a_write
    chosen = f"position >= {first} AND position < {first + plan.members_a_write}"
    name, layout = _CHANGES[change]
    attributes = plan.attributes if change is Change.ADD else ()
    with task.relations.session() as session:
        session.view("change", files(task.workspace.parts(name), layout))
        found = f"SELECT * FROM change WHERE {chosen}"
        if attributes:
            rows = files(task.workspace.chunks("extract"), columns.attributes_of_rows(len(attributes)))
            found = f"SELECT * FROM ({found}) JOIN ({rows}) USING (row)"
        wanted = ", ".join(["target", *columns.attribute_names(len(attributes))])
        chunk = session.read(f"SELECT {wanted} FROM ({found}) ORDER BY position")
    targets = pa.concat_arrays(chunk.column("target").chunks) if chunk.num_rows else pa.array([], pa.string())
    return Outgoing(targets, named_attributes(chunk, attributes))
