"""Signatures of receipts: Ed25519 over the bytes of the canonical JSON, to be checked without the gateway."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


class NotEd25519(ValueError):
    """What was read is no key of Ed25519 as PEM."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature.

    Attributes:
        key_id: id of the key that made it.
        value: its 64 bytes.
    """

    key_id: str
    value: bytes


class VerifyingKey:
    """The public half of a key: tells whether a signature is of this key and over this text.

    Args:
        key: the key.
    """

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @classmethod
    def of_pem(cls, pem: bytes) -> VerifyingKey:
        """Reads a PEM file (SubjectPublicKeyInfo). Raises NotEd25519."""
        try:
            key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm):
            raise NotEd25519 from None
        if not isinstance(key, Ed25519PublicKey):
            raise NotEd25519
        return cls(key)

    @property
    def id(self) -> str:
        """SHA-256 of the key as DER SubjectPublicKeyInfo, in hex."""
        return hashlib.sha256(self._key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()

    @property
    def pem(self) -> str:
        """The key as PEM SubjectPublicKeyInfo."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Whether the signature is of this key, over these bytes."""
        try:
            self._key.verify(signature, text)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """A key that signs receipts.

    Args:
        key: the key.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verifying = VerifyingKey(key.public_key())

    @classmethod
    def of_pem(cls, pem: bytes) -> SigningKey:
        """Reads a PEM file (PKCS 8) without a password. Raises NotEd25519, which shows nothing of it."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise NotEd25519 from None
        if not isinstance(key, Ed25519PrivateKey):
            raise NotEd25519
        return cls(key)

    @classmethod
    def new(cls) -> SigningKey:
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    def to_pem(self) -> bytes:
        """The key as PEM (PKCS 8), not encrypted: the secret itself."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, text: str) -> Signature:
        """Signs the text's UTF-8 bytes."""
        return Signature(self.verifying.id, self._key.sign(text.encode()))
