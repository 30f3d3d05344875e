"""Secrets that the gateway makes for itself and keeps in the state directory, the same for all replicas."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path

from audience_gateway.sdk import ConfigError
from audience_gateway.server.settings import ReceiptSettings
from audience_gateway.storage.atomic_file import publishing
from audience_gateway.transfers.signing import NotEd25519, SigningKey

_PAGE_TOKEN_BYTES = 32


def page_token_key(state: Path) -> bytes:
    """What page tokens are signed with, so that a token is good beyond a restart."""
    return _kept(state / "page-token.key", partial(secrets.token_bytes, _PAGE_TOKEN_BYTES))


def receipt_key(state: Path, settings: ReceiptSettings) -> SigningKey:
    """The key of the settings, or the kept one. Raises ConfigError if it is none of Ed25519."""
    if settings.signing_key:
        return _key(settings.signing_key.reveal().encode(), "receipts.signing_key")
    path = state / "receipt.key"
    return _key(_kept(path, lambda: SigningKey.new().to_pem()), str(path))


def _key(pem: bytes, place: str) -> SigningKey:
    try:
        return SigningKey.of_pem(pem)
    except NotEd25519:
        raise ConfigError(
            "found no private key of Ed25519 as PEM without a password",
            place=place,
            remedy="`openssl genpkey -algorithm ed25519` makes one.",
        ) from None


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        with publishing(path) as temporary:
            temporary.touch(mode=0o600)
            temporary.write_bytes(make())
    return path.read_bytes()
