"""Codes that stand for nobody: hashes of what stands where an id is missing, and hashes of such hashes.

Sources: people-and-ids 10 (`not-set` as an id), and systems that hash a missing value, or hash what is hashed.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.codecs.hashes import digest
from audience_gateway.sdk.codecs.keys import CodecKeys, codec_keys
from audience_gateway.sdk.identities import Codec, DataSource
from audience_gateway.sdk.outcomes import Reason
from audience_gateway.sdk.placeholders import PLACEHOLDERS

_EMPTY = ("", " ", "\n", "\r\n", "\t", '""', "''")
_WRITTEN = sorted(
    {write(text) for text in PLACEHOLDERS for write in (str, str.upper, str.title, str.capitalize)}
    | {"NaN", "[object Object]"}
)
_BARE = (Codec.MD5, Codec.SHA1, Codec.SHA256)
_HASHES = sorted(
    {write(digest(codec, text, CodecKeys())) for codec in _BARE for text in _EMPTY for write in (str, str.upper)}
)
_DIGEST = r"^\s*(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})\s*$"


def nobodys_codes(source: DataSource, codes: pa.StringArray) -> list[tuple[pa.BooleanArray, Reason]]:
    """Of each canonical code of a hashing codec, whether it is zeros or the hash of one of these, with its reason.

    Raises ConfigError if the codec's keys cannot be used.
    """
    keys = codec_keys(source)

    def among(texts: Iterable[str]) -> pa.BooleanArray:
        return pc.is_in(codes, value_set=pa.array([digest(source.codec, text, keys) for text in texts]))

    return [
        (pc.match_substring_regex(codes, "^0+$"), Reason.PLACEHOLDER_ID),
        (among(_EMPTY), Reason.HASH_OF_EMPTY),
        (among(_WRITTEN), Reason.PLACEHOLDER_ID),
        (among(_HASHES), Reason.ENCODED_TWICE),
    ]


def is_digest(texts: pa.StringArray) -> pa.BooleanArray:
    """Of each text, whether it is hex as long as an MD5, a SHA-1 or a SHA-256; null for null."""
    return pc.match_substring_regex(texts, _DIGEST)
