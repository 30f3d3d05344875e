"""JSON Web Tokens signed with RS256 (RFC 7515), the form of IMS access tokens (ims 2)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

_KEY_BITS = 2048
_EXPONENT = 65537
_PARTS = 3


class Signer:
    """Signs and reads tokens with a key pair, by default with that of the process."""

    def __init__(self, key: RSAPrivateKey | None = None) -> None:
        self._key = key or _key_of_the_process()
        self._header = _encoded({"alg": "RS256", "kid": "sandbox-1", "itt": "at", "typ": "JWT"})

    def sign(self, claims: Mapping[str, str]) -> str:
        """Write a token with these claims."""
        signed = f"{self._header}.{_encoded(claims)}"
        return f"{signed}.{_base64(self._key.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    def read(self, token: str) -> dict[str, Any] | None:
        """Read the claims of a token; None if it is no token or this key did not sign it."""
        parts = token.split(".")
        if len(parts) != _PARTS:
            return None
        header, payload, signature = parts
        try:
            self._key.public_key().verify(_bytes(signature), f"{header}.{payload}".encode(), PKCS1v15(), SHA256())
            claims = json.loads(_bytes(payload))
        except (InvalidSignature, ValueError):
            return None
        return claims if isinstance(claims, dict) else None


@cache
def _key_of_the_process() -> RSAPrivateKey:
    # It is new with each start; sandboxes that share a process, as those of tests do, need not search for primes each.
    return generate_private_key(_EXPONENT, _KEY_BITS)


def _encoded(value: Mapping[str, str]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
