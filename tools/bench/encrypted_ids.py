"""Ids that are encrypted with AES, decrypted a column at a time, and a value at a time for comparison."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable

import pyarrow as pa
from audience_gateway.sdk import Codec, DataSource, Secret, canonical_codes, decode, encode
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from measurement import Measurement
from peak_memory import peak_rss_mib

_KEY, _IV = "AUDIENCE_GATEWAY_BENCH_KEY", "AUDIENCE_GATEWAY_BENCH_IV"
_ROUNDS = 3


def measure(rows: int) -> Measurement:
    """Decrypts as many e-mail addresses as rows, in chunks as transfers have them."""
    os.environ[_KEY], os.environ[_IV] = secrets.token_hex(32), secrets.token_hex(16)
    source = DataSource(
        name="bench", id_type="declared_id", codec=Codec.AES_CBC, key=Secret(f"env:{_KEY}"), iv=Secret(f"env:{_IV}")
    )
    clear = pa.array([f"person.{number:09d}@example.org" for number in range(rows)])
    codes = encode(source, clear)
    by_column = _fastest(lambda: decode(source, canonical_codes(source, codes)), clear)
    by_value = _fastest(lambda: pa.array(_one_by_one(codes)), clear)
    return Measurement(
        name=f"AES-256-CBC ids to text, {rows:,} at a time (baseline: one cipher a value)",
        value=rows / by_column,
        unit="ids/s",
        baseline=rows / by_value,
        ratio=by_value / by_column,
        peak_rss_mib=peak_rss_mib(),
    )


def _fastest(work: Callable[[], pa.StringArray], expected: pa.StringArray) -> float:
    seconds = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        made = work()
        seconds.append(time.perf_counter() - started)
        if not made.equals(expected):
            raise SystemExit("the ids are not those that were encrypted")
    return min(seconds)


def _one_by_one(codes: pa.StringArray) -> list[str]:
    key, iv = (bytes.fromhex(os.environ[name]) for name in (_KEY, _IV))
    clear = []
    for code in codes.to_pylist():
        decryptor, unpadder = Cipher(AES(key), CBC(iv)).decryptor(), PKCS7(128).unpadder()
        padded = decryptor.update(bytes.fromhex(code)) + decryptor.finalize()
        clear.append((unpadder.update(padded) + unpadder.finalize()).decode())
    return clear
