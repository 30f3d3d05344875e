"""The canonical form of Declared IDs: in clear, hashed and encrypted (people-and-ids 1 and 5)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import (
    DataSource,
    Normalised,
    Reason,
    Recipe,
    canonical_codes,
    decode,
    encode,
    is_digest,
    is_personal_data,
    is_placeholder,
    is_printable_ascii,
    judged,
    may_have,
    nobodys_codes,
)

_BREAKS_FILES = r"(?i):|%3A|\p{Cc}"
_NO_VALUE = pa.scalar(None, pa.string())
_PERSONAL = {"email", "phone"}


def from_clear(ids: pa.StringArray, recipe: Recipe, source: DataSource) -> Normalised:
    """Ids that no codec has seen, as recipe and codec make them."""
    values = encode(source, recipe.apply(ids))
    nobodys = nobodys_codes(source, values) if source.codec.hashes else []
    invalid = (pc.is_null(values), Reason.INVALID_ID)
    return judged(values, *_missing(ids), *_encoded_before(ids, source), invalid, *nobodys)


def from_plain(ids: pa.StringArray, recipe: Recipe, source: DataSource) -> Normalised:
    """Ids of a data source without codec, as the recipe makes them.

    An id in a file of Audience Manager holds neither `:` nor `%3A`, and no separator of columns or rows.
    """
    values = recipe.apply(ids)
    allowed = source.personal_data or recipe.name in _PERSONAL
    personal = [] if allowed else [(is_personal_data(ids), Reason.RAW_PERSONAL_DATA)]
    invalid = (pc.is_null(values), Reason.INVALID_ID)
    return judged(values, *_missing(ids), *personal, invalid, *_breaking_files(values))


def from_hashes(ids: pa.StringArray, source: DataSource) -> Normalised:
    """Ids that were hashed before: lower-case hex, whatever their case and white space around them."""
    codes = canonical_codes(source, ids)
    return judged(codes, *_missing(ids), (pc.is_null(codes), Reason.NOT_ENCODED), *nobodys_codes(source, codes))


def from_ciphertexts(ids: pa.StringArray, recipe: Recipe, source: DataSource) -> Normalised:
    """Ids that were encrypted before, as they would be had the recipe been applied."""
    codes = canonical_codes(source, ids)
    clear = decode(source, codes)
    plain = recipe.apply(clear)
    other = pc.not_equal(clear, plain)
    if other.true_count:
        codes = pc.replace_with_mask(codes, pc.fill_null(other, False), encode(source, plain.filter(other)))
    return judged(
        codes,
        *_missing(ids),
        (pc.is_null(codes), Reason.NOT_ENCODED),
        (pc.is_null(clear), Reason.NOT_DECRYPTABLE),
        (pc.equal(pc.utf8_trim_whitespace(clear), ""), Reason.HASH_OF_EMPTY),
        (is_placeholder(clear), Reason.PLACEHOLDER_ID),
        (pc.is_null(plain), Reason.INVALID_ID),
    )


def _breaking_files(values: pa.StringArray) -> list[tuple[pa.BooleanArray, Reason]]:
    if is_printable_ascii(values) and not any(may_have(values, one) for one in ":%"):
        return []
    return [(pc.match_substring_regex(values, _BREAKS_FILES), Reason.INVALID_ID)]


def _missing(ids: pa.StringArray) -> tuple[tuple[pa.BooleanArray, Reason], ...]:
    return (pc.is_null(ids), Reason.NO_ID), (is_placeholder(ids), Reason.PLACEHOLDER_ID)


def _encoded_before(ids: pa.StringArray, source: DataSource) -> list[tuple[pa.BooleanArray, Reason]]:
    """Ids that are said to be in clear, and are encoded: encoded once more they would match nobody."""
    if source.clear_digests:
        return []
    if source.codec.hashes:
        return [(is_digest(ids), Reason.ENCODED_TWICE)]
    codes = canonical_codes(source, ids)
    return [(pc.is_valid(decode(source, codes)), Reason.ENCODED_TWICE)] if codes.null_count < len(codes) else []
