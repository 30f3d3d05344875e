"""Codecs: how a Declared ID is hashed outside the system that holds it in clear (campaign 1.3, people-and-ids 5)."""

from __future__ import annotations

import hashlib

import duckdb
import pyarrow as pa

from audience_gateway.sdk.identities import Codec


def encode(codec: Codec, column: pa.StringArray) -> pa.StringArray:
    """The codec's text of each value of a string column: lower-case hex of the hash of its UTF-8 bytes, without salt.

    `none` answers the values as they are; null stays null.
    """
    if codec is Codec.NONE:
        return column
    with duckdb.connect() as connection:
        values = connection.from_arrow(pa.table({"value": column}))
        hashes = values.project(f"{codec.value}(value) AS hash").to_arrow_table().column("hash")
    return pa.concat_arrays(hashes.chunks) if hashes.num_chunks else pa.array([], pa.string())


def hash_length(codec: Codec) -> int:
    """Characters of an encoded value; 0 for `none`, whose values have any length."""
    return len(hash_of_empty(codec))


def hash_of_empty(codec: Codec) -> str:
    """What the codec makes of an empty value: the mark of a system that hashed a missing one. Empty for `none`."""
    if codec is Codec.NONE:
        return ""
    return hashlib.new(codec.value, usedforsecurity=False).hexdigest()
