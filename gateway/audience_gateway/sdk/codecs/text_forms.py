"""Bytes as text and back: lower-case hex, or Base64 with its padding (RFC 4648, section 4)."""

from __future__ import annotations

import binascii

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.codecs.buffers import data_of, doubled, halved, in_places
from audience_gateway.sdk.codecs.queries import computed
from audience_gateway.sdk.identities import TextForm

_PATTERNS = {
    TextForm.HEX: "^(?:[0-9a-f]{2})+$",
    # The bits that the last digit has to spare are zeros, or several texts would stand for one id.
    TextForm.BASE64: "^(?:[A-Za-z0-9+/]{4})*"
    "(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)$",
}


def canonical(texts: pa.StringArray, form: TextForm) -> pa.StringArray:
    """The texts without white space around them, hex in lower case; null where they are not of the form."""
    sound = pc.match_substring_regex(texts, _PATTERNS[form])
    if sound.false_count == 0:
        return texts
    texts = pc.utf8_trim_whitespace(texts)
    texts = pc.ascii_lower(texts) if form is TextForm.HEX else texts
    return pc.if_else(pc.match_substring_regex(texts, _PATTERNS[form]), texts, pa.scalar(None, pa.string()))


def byte_lengths(texts: pa.StringArray, form: TextForm) -> pa.Int32Array:
    """How many bytes each canonical text stands for."""
    lengths = pc.binary_length(texts)
    if form is TextForm.HEX:
        return pc.divide(lengths, 2)
    return pc.subtract(pc.multiply(pc.divide(lengths, 4), 3), pc.count_substring(texts, "="))


def to_bytes(texts: pa.StringArray, form: TextForm) -> pa.BinaryArray:
    """The bytes of canonical texts; null stays null."""
    if form is TextForm.BASE64:
        return computed("from_base64(value)", texts)
    given = texts.drop_null()
    return in_places(halved(given, binascii.unhexlify(data_of(given))), texts)


def to_text(values: pa.BinaryArray, form: TextForm) -> pa.StringArray:
    """The canonical text of bytes; null stays null."""
    if form is TextForm.BASE64:
        return computed("to_base64(value)", values)
    given = values.drop_null()
    return in_places(doubled(given, binascii.hexlify(data_of(given))), values)
