"""Ids that are somebody's address or number in clear, which Audience Manager forbids (people-and-ids 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Codec, ConfigError, DataSource, Refusal, TargetBatch, WriteRequest, WriteResult

from audience_gateway_audience_manager.realtime_settings import RawIdSettings

_IN_CLEAR = frozenset({"email", "phone"})
_REFUSALS = {
    "ID_IS_EMAIL": "The id looks like an e-mail address in clear, which Audience Manager forbids.",
    "ID_IS_PHONE": "The id looks like a phone number in clear, which Audience Manager forbids.",
    "ID_NOT_HASHED": "The id is no SHA-256 in lower-case hex, as addresses of customers must be.",
}
_NO_CODE = pa.scalar(None, pa.string())


@dataclass(frozen=True, slots=True)
class Screened:
    """A request without the members that must not leave.

    Attributes:
        request: the others.
        positions: where each of these stood in the whole request.
        refused: those that must not leave.
    """

    request: WriteRequest
    positions: pa.Int64Array
    refused: tuple[Refusal, ...]

    def account(self, written: WriteResult) -> WriteResult:
        """What is to be said of the whole request, after the others were written."""
        if not self.refused:
            return written
        moved = [Refusal(self.positions[each.index].as_py(), each.code, each.detail) for each in written.refused]
        refused = sorted([*self.refused, *moved], key=lambda refusal: refusal.index)
        return WriteResult(written.accepted, tuple(refused))


def screen(request: WriteRequest, settings: RawIdSettings) -> Screened:
    """Sorts out ids that look like an address or a number, unless the data source says that they are encoded."""
    return screened(request, raw_codes(request, settings))


def raw_codes(request: WriteRequest, settings: RawIdSettings) -> pa.StringArray:
    """Why members must not leave, null for those that may; of attributes nothing says that they are encoded."""
    codes = pa.nulls(len(request.batch), pa.string())
    columns = [] if request.attributes is None else list(request.attributes.columns)
    if request.source.codec is Codec.NONE:
        columns.insert(0, request.batch.targets)
    for column in columns:
        for code, pattern in (("ID_IS_EMAIL", settings.email), ("ID_IS_PHONE", settings.phone)):
            codes = pc.coalesce(codes, pc.if_else(_looks_like(column, pattern), code, _NO_CODE))
    return codes


def screened(request: WriteRequest, codes: pa.StringArray) -> Screened:
    """The request without the members that have a code."""
    bad = pc.indices_nonzero(pc.is_valid(codes)).to_pylist()
    if not bad:
        return Screened(request, pa.array([], pa.int64()), ())
    refused = tuple(Refusal(index, code := codes[index].as_py(), _REFUSALS[code]) for index in bad)
    good = pc.is_null(codes)
    attributes = None if request.attributes is None else request.attributes.filter(good)
    kept = replace(request, batch=TargetBatch.of(request.batch.targets.filter(good)), attributes=attributes)
    return Screened(kept, pc.indices_nonzero(good).cast(pa.int64()), refused)


def require_encoded(source: DataSource) -> None:
    """Raises ConfigError for a data source whose ids are addresses or numbers in clear."""
    if source.codec is Codec.NONE and source.recipe.partition("@")[0] in _IN_CLEAR:
        raise ConfigError(
            f"found ids of the recipe `{source.recipe}` in clear, which Audience Manager forbids",
            place=f"data_sources.{source.name}.codec",
            remedy="Set it to `sha256`, and use a data source of Audience Manager that is for hashes.",
        )


def _looks_like(targets: pa.StringArray, pattern: str) -> pa.BooleanArray:
    if not pattern:
        return pa.repeat(pa.scalar(False), len(targets))
    return pc.fill_null(pc.match_substring_regex(targets, pattern), False)
