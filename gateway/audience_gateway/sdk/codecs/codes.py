"""The codes that a data source's codec writes: from ids in clear, and, where it can be, back."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.codecs import aes_cbc, text_forms
from audience_gateway.sdk.codecs.hashes import hash_length, hashed
from audience_gateway.sdk.codecs.keys import codec_keys
from audience_gateway.sdk.codecs.utf8 import to_utf8
from audience_gateway.sdk.identities import Codec, DataSource

_NO_VALUE = pa.scalar(None, pa.string())


def encode(source: DataSource, column: pa.StringArray) -> pa.StringArray:
    """What the data source's codec makes of the UTF-8 bytes of each value of a string column; null stays null.

    `none` answers the values as they are, hashes are lower-case hex, `aes-cbc` writes the data source's text form.
    Raises ConfigError if the codec's keys cannot be used.
    """
    if source.codec is Codec.NONE:
        return column
    keys = codec_keys(source)
    if source.codec is Codec.AES_CBC:
        return text_forms.to_text(aes_cbc.encrypt(column.cast(pa.binary()), keys), source.text_form)
    return hashed(source.codec, column, keys)


def canonical_codes(source: DataSource, texts: pa.StringArray) -> pa.StringArray:
    """Codes in the one way that `encode` writes them; null where a text is none that the codec could have written.

    White space around them does not count, nor does the case of hex. Not for the codec `none`.
    """
    codes = text_forms.canonical(texts, source.text_form)
    lengths = text_forms.byte_lengths(codes, source.text_form)
    if source.codec is Codec.AES_CBC:
        possible = pc.equal(pc.bit_wise_and(lengths, aes_cbc.BLOCK - 1), 0)
    else:
        possible = pc.equal(lengths, hash_length(source.codec) // 2)
    return codes if possible.true_count == len(codes) else pc.if_else(possible, codes, _NO_VALUE)


def decode(source: DataSource, codes: pa.StringArray) -> pa.StringArray:
    """The ids in clear of canonical codes of `aes-cbc`; null where key, vector, padding or text are not valid.

    Raises ConfigError if the keys cannot be used.
    """
    return to_utf8(aes_cbc.decrypt(text_forms.to_bytes(codes, source.text_form), codec_keys(source)))
