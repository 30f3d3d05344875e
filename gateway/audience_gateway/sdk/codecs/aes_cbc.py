"""AES in CBC mode over whole columns, with PKCS padding (people-and-ids 5).

A cipher for each value costs more than the encryption itself. Decrypting a block needs only the block before it, so
that all blocks of a column are decrypted at once. Encrypting needs the block before it encrypted, so that the first
blocks of all values are encrypted at once, then their second ones, and so on.
"""

from __future__ import annotations

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from audience_gateway.sdk.codecs.buffers import data_of, in_places, replaced
from audience_gateway.sdk.codecs.groups import in_groups
from audience_gateway.sdk.codecs.keys import CodecKeys

BLOCK = 16
"""Bytes of a block, of an initialisation vector, and of the longest padding."""

_WORD = 8
_LONGEST = 2**31 - 1
_PADDINGS = pa.array([bytes([length]) * length for length in range(BLOCK + 1)], pa.binary())
_NO_VALUE = pa.scalar(None, pa.binary())


def decrypt(ciphertexts: pa.BinaryArray, keys: CodecKeys) -> pa.BinaryArray:
    """The plaintexts of whole blocks, at least one each; null where the padding is not valid, and for null."""
    given = ciphertexts.drop_null()
    # The initialisation vector goes before each value, as the block before its first; its own block then is dropped.
    chained = pc.binary_join_element_wise(pa.scalar(keys.iv), given, pa.scalar(b""))
    blocks = data_of(chained)
    before = b"".join((bytes(BLOCK), blocks[:-BLOCK]))
    # ECB on purpose: the chaining of CBC is the exclusive or.
    deciphered = Cipher(AES(keys.key), ECB()).decryptor().update(blocks)  # noqa: S305
    padded = pc.binary_slice(replaced(chained, _xor(deciphered, before)), BLOCK, _LONGEST)
    return in_places(_unpadded(padded), ciphertexts)


def encrypt(plaintexts: pa.BinaryArray, keys: CodecKeys) -> pa.BinaryArray:
    """The ciphertexts; null stays null."""
    given = plaintexts.drop_null()
    lengths = pc.binary_length(given)
    padding = _PADDINGS.take(pc.subtract(BLOCK, pc.bit_wise_and(lengths, BLOCK - 1)))
    padded = pc.binary_join_element_wise(given, padding, pa.scalar(b""))
    blocks = pc.divide(pc.binary_length(padded), BLOCK)
    return in_places(in_groups(padded, blocks, partial(_encrypted, keys)), plaintexts)


def _encrypted(keys: CodecKeys, padded: pa.BinaryArray, blocks: int) -> pa.BinaryArray:
    """Of padded values that all have so many blocks."""
    encryptor = Cipher(AES(keys.key), ECB()).encryptor()  # noqa: S305  # see above
    previous = keys.iv * len(padded)
    columns = []
    for start in range(0, blocks * BLOCK, BLOCK):
        block = data_of(pc.binary_slice(padded, start, start + BLOCK))
        previous = encryptor.update(_xor(block, previous))
        column = pa.Array.from_buffers(pa.binary(BLOCK), len(padded), [None, pa.py_buffer(previous)])
        columns.append(column.cast(pa.binary()))
    return pc.binary_join_element_wise(*columns, pa.scalar(b""))


def _unpadded(padded: pa.BinaryArray) -> pa.BinaryArray:
    """Values of whole blocks without their padding: as many bytes of that number; null where there is none."""
    last = pa.Array.from_buffers(pa.uint8(), len(padded), [None, pa.py_buffer(data_of(pc.binary_slice(padded, -1)))])
    length = pc.if_else(pc.less_equal(last, BLOCK), last, pa.scalar(0, pa.uint8()))
    return in_groups(padded, length, _without_padding)


def _without_padding(padded: pa.BinaryArray, length: int) -> pa.BinaryArray:
    if not length:
        return pa.nulls(len(padded), pa.binary())
    sound = pc.equal(pc.binary_slice(padded, -length), _PADDINGS[length])
    return pc.if_else(sound, pc.binary_slice(padded, 0, -length), _NO_VALUE)


def _xor(one: bytes | memoryview, other: bytes | memoryview) -> memoryview:
    words = [pa.Array.from_buffers(pa.uint64(), len(one) // _WORD, [None, pa.py_buffer(part)]) for part in (one, other)]
    return memoryview(pc.bit_wise_xor(*words).buffers()[1]).cast("B")
