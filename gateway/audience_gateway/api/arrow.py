"""Members, and other rows, as Arrow IPC streams."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.api.packed import check_defects, check_texts
from audience_gateway.api.refusals import InvalidRequest
from audience_gateway.sdk import MemberBatch

_MOST_ROWS = 131_072
_MOST_BYTES = 16 * 1024 * 1024


def decode(payload: bytes, place: str) -> MemberBatch:
    """The columns; those that may be left out are filled in. Raises InvalidRequest that names the column."""
    columns = _columns(payload, place)
    ids = columns["id"]
    check_texts(ids, f"{place}.id")
    ids = pc.if_else(pc.greater(pc.binary_length(ids), 0), ids, pa.scalar(None, pa.string()))
    for name in ("opted_out", "leaves"):
        if name in columns and columns[name].null_count:
            raise InvalidRequest.of(f"{place}.{name}", "found a null, allowed: true and false")
    defects = columns.get("defect")
    if defects is not None:
        check_texts(defects, f"{place}.defect")
        check_defects(defects, f"{place}.defect")
        if pc.any(pc.and_(pc.is_valid(defects), pc.is_valid(ids))).as_py():
            raise InvalidRequest.of(f"{place}.defect", "a row with a defect has no id")
    return MemberBatch.of(ids, opted_out=columns.get("opted_out"), defects=defects, leaves=columns.get("leaves"))


def encode(members: MemberBatch) -> bytes:
    """The payload."""
    return stream_of(members.columns)


def stream_of(rows: pa.RecordBatch) -> bytes:
    """The rows as an IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_batch(rows)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def pieces(rows: pa.RecordBatch, most_bytes: int = _MOST_BYTES) -> Iterator[pa.RecordBatch]:
    """The rows in pieces that a message of so many bytes holds."""
    rest = rows
    while rest.num_rows:
        count = min(rest.num_rows, _MOST_ROWS)
        while count > 1 and rest.slice(0, count).nbytes > most_bytes:
            count //= 2
        yield rest.slice(0, count)
        rest = rest.slice(count)


def _columns(payload: bytes, place: str) -> dict[str, pa.Array]:
    try:
        with pa.ipc.open_stream(payload) as stream:
            _check_schema(stream.schema, place)
            table = stream.read_all().combine_chunks()
            table.validate()
    except (pa.ArrowException, OSError, EOFError):
        raise InvalidRequest.of(place, "not an Arrow IPC stream, or a damaged one") from None
    return {name: table.column(name).combine_chunks() for name in table.column_names}


def _check_schema(schema: pa.Schema, place: str) -> None:
    allowed = {field.name: field.type for field in MemberBatch.SCHEMA}
    found = dict(zip(schema.names, schema.types, strict=True))
    if len(found) < len(schema.names) or "id" not in found or any(allowed.get(name) != found[name] for name in found):
        columns = ", ".join(f"`{name}` ({type_})" for name, type_ in allowed.items())
        raise InvalidRequest.of(place, f"allowed columns: {columns}; all but `id` may be left out")
