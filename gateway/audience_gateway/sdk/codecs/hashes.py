"""Hashing codecs: lower-case hex of a digest of an id's UTF-8 bytes, without salt (campaign 1.3, people-and-ids 5)."""

from __future__ import annotations

import hashlib
import hmac

import pyarrow as pa

from audience_gateway.sdk.codecs.keys import CodecKeys
from audience_gateway.sdk.codecs.queries import computed
from audience_gateway.sdk.identities import Codec

_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ mask for byte in range(256)) for mask in (0x36, 0x5C))
_HMAC = "sha256($outer || unhex(sha256($inner || encode(value))))"


def hash_length(codec: Codec) -> int:
    """Characters of a hash."""
    return len(digest(codec, "", CodecKeys(b"any")))


def hashed(codec: Codec, column: pa.StringArray, keys: CodecKeys) -> pa.StringArray:
    """The hash of each value of a column; null stays null."""
    if codec is not Codec.HMAC_SHA256:
        return computed(f"{codec.value}(value)", column)
    # RFC 2104: two hashes, each behind a block that is made of the key.
    key = (hashlib.sha256(keys.key).digest() if len(keys.key) > _BLOCK else keys.key).ljust(_BLOCK, b"\0")
    return computed(_HMAC, column, {"inner": key.translate(_INNER), "outer": key.translate(_OUTER)})


def digest(codec: Codec, text: str, keys: CodecKeys) -> str:
    """The hash of one text."""
    if codec is Codec.HMAC_SHA256:
        return hmac.new(keys.key, text.encode(), hashlib.sha256).hexdigest()
    return hashlib.new(codec.value, text.encode(), usedforsecurity=False).hexdigest()
