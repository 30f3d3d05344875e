"""Members as packed repeated fields: from and to columns, without a Python object a row."""

from __future__ import annotations

from array import array

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.api.refusals import InvalidRequest
from audience_gateway.sdk import MemberBatch, Reason, denied_by
from audience_gateway.v1 import members_pb2

_DEFECTS = frozenset(
    {Reason.MALFORMED_ROW, Reason.INVALID_ENCODING, Reason.ROW_TOO_LARGE, Reason.LEFT, Reason.SUPERSEDED}
)
"""Why a row can be no member already when it is read; or because of a policy, which is named."""
_DENIED = denied_by("")


def decode(packed: members_pb2.PackedMembers, place: str) -> MemberBatch:
    """The columns. Raises InvalidRequest that names the field below `place`."""
    ids = _ids(packed, place)
    opted_out = _flags(packed.opted_out, len(ids), f"{place}.opted_out") if packed.opted_out else None
    defects = _defects(packed, ids, f"{place}.defects") if packed.defects else None
    leaves = _flags(packed.leaves, len(ids), f"{place}.leaves") if packed.leaves else None
    return MemberBatch.of(ids, opted_out=opted_out, defects=defects, leaves=leaves)


def encode(members: MemberBatch) -> members_pb2.PackedMembers:
    """The message."""
    packed = members_pb2.PackedMembers()
    ids = pc.fill_null(members.columns.column("id"), "")
    packed.ids = _content(ids)
    packed.lengths.extend(_integers(pc.cast(pc.binary_length(ids), pa.uint32())))
    packed.opted_out.extend(_positions(members.columns.column("opted_out")))
    packed.leaves.extend(_positions(members.columns.column("leaves")))
    defects = members.columns.column("defect")
    if defects.null_count < len(defects):
        found = pc.is_valid(defects)
        for index, reason in zip(_positions(found), defects.filter(found).to_pylist(), strict=True):
            packed.defects.add(index=index, reason=reason)
    return packed


def check_defects(reasons: pa.StringArray, place: str) -> None:
    """Raises InvalidRequest for a reason that no row has already when it is read."""
    unknown = set(pc.unique(reasons.drop_null()).to_pylist()) - _DEFECTS
    if not all(each.startswith(_DENIED) for each in unknown):
        raise InvalidRequest.of(place, f"allowed: {', '.join(sorted(_DEFECTS))}")


def check_texts(ids: pa.StringArray, place: str) -> None:
    """Raises InvalidRequest that names the first row whose id is not UTF-8."""
    if not _is_text(ids):
        start, rows = 0, len(ids)
        while rows > 1:
            half = rows // 2
            start, rows = (start, half) if not _is_text(ids.slice(start, half)) else (start + half, rows - half)
        raise InvalidRequest.of(place, f"the id of row {start} is not UTF-8")


def _ids(packed: members_pb2.PackedMembers, place: str) -> pa.StringArray:
    content = packed.ids
    lengths = _behind_zero(packed)
    rows = len(lengths) - 1
    total = pc.sum(lengths).as_py()
    if total != len(content):
        raise InvalidRequest.of(f"{place}.lengths", f"they sum to {total} bytes, and `ids` has {len(content)}")
    # A sum that is right cannot overflow on its way.
    offsets = pc.cumulative_sum(lengths.cast(pa.int32()))
    present = pc.greater(lengths.slice(1), 0)
    absent = rows - present.true_count
    ids = pa.StringArray.from_buffers(
        rows,
        offsets.buffers()[1],
        pa.py_buffer(content),
        present.buffers()[1] if absent else None,
        absent,
    )
    if not content.isascii():
        check_texts(ids, f"{place}.ids")
    return ids


def _behind_zero(packed: members_pb2.PackedMembers) -> pa.Array:
    """The lengths as unsigned integers, with a 0 before the first."""
    alone = members_pb2.PackedMembers(lengths=(0,))
    alone.lengths.MergeFrom(packed.lengths)
    rows = len(alone.lengths)
    wire = alone.SerializeToString()
    start = 1 + (rows.bit_length() + 6) // 7
    if len(wire) == start + rows:  # a length below 128 is one byte there, which spares a Python object a row
        return pa.Array.from_buffers(pa.uint8(), rows, [None, pa.py_buffer(wire).slice(start)])
    return pa.Array.from_buffers(pa.uint32(), rows, [None, pa.py_buffer(array("I", alone.lengths[:]))])


def _flags(indices: object, rows: int, place: str) -> pa.BooleanArray:
    positions = pa.array(indices, pa.uint32())
    if pc.max(positions).as_py() >= rows:
        raise InvalidRequest.of(place, f"allowed: positions below {rows}")
    return pc.is_in(pa.array(range(rows), pa.uint32()), value_set=positions)


def _defects(packed: members_pb2.PackedMembers, ids: pa.StringArray, place: str) -> pa.StringArray:
    reasons: list[str | None] = [None] * len(ids)
    for defect in packed.defects:
        if defect.index >= len(ids):
            raise InvalidRequest.of(place, f"allowed: positions below {len(ids)}")
        reasons[defect.index] = defect.reason
    column = pa.array(reasons, pa.string())
    check_defects(column, place)
    if pc.any(pc.and_(pc.is_valid(column), pc.is_valid(ids))).as_py():
        raise InvalidRequest.of(place, "a row with a defect has no id")
    return column


def _is_text(ids: pa.StringArray) -> bool:
    try:
        ids.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _content(ids: pa.StringArray) -> bytes:
    offsets = memoryview(ids.buffers()[1]).cast("i")
    first, end = offsets[ids.offset], offsets[ids.offset + len(ids)]
    return memoryview(ids.buffers()[2])[first:end].tobytes() if end > first else b""


def _positions(flags: pa.BooleanArray) -> memoryview:
    return _integers(pc.cast(pc.indices_nonzero(flags), pa.uint32()))


def _integers(column: pa.UInt32Array) -> memoryview:
    return memoryview(column.buffers()[1]).cast("I")[column.offset : column.offset + len(column)]
