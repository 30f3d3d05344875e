"""The keys of codecs: fetched by reference when they are needed, never kept, shown or logged."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from audience_gateway.sdk.errors import ConfigError
from audience_gateway.sdk.identities import Codec, DataSource, KeyForm, TextForm
from audience_gateway.sdk.settings import Secret

_AES_KEYS = (16, 24, 32)
_AES_BLOCK = 16
_USES = {Codec.HMAC_SHA256: frozenset({"key"}), Codec.AES_CBC: frozenset({"key", "iv", "text_form"})}


@dataclass(frozen=True, slots=True)
class CodecKeys:
    """Bytes of a key and of an initialisation vector; empty where the codec has none."""

    key: bytes = field(default=b"", repr=False)
    iv: bytes = field(default=b"", repr=False)


def codec_keys(source: DataSource) -> CodecKeys:
    """The keys of the data source's codec, fetched anew. Raises ConfigError for any that cannot be used."""
    if source.codec is Codec.HMAC_SHA256:
        return CodecKeys(_fetched(source, "key"))
    if source.codec is Codec.AES_CBC:
        return CodecKeys(_fetched(source, "key", _AES_KEYS), _fetched(source, "iv", (_AES_BLOCK,)))
    return CodecKeys()


def check_codec(source: DataSource) -> None:
    """Raises ConfigError if the data source's codec lacks a setting, or has one that it does not use.

    Secrets are not fetched: one that is missing fails what needs it, and not the gateway.
    """
    uses = _USES.get(source.codec, frozenset())
    given = {
        "key": source.key is not None,
        "iv": source.iv is not None,
        "text_form": source.text_form is not TextForm.HEX,
    }
    for setting, found in given.items():
        if found and setting not in uses:
            raise ConfigError(
                f"found a setting that the codec `{source.codec}` does not use",
                place=f"data_sources.{source.name}.{setting}",
                remedy="Remove it, or set the codec that it is meant for.",
            )
        if setting in uses and setting != "text_form":
            _reference(source, setting)
    if source.pre_encoded and source.codec is Codec.NONE:
        raise ConfigError(
            "found ids that are said to be encoded, and no codec that they are encoded with",
            place=f"data_sources.{source.name}.pre_encoded",
            remedy="Remove it, or set `codec`.",
        )


def _fetched(source: DataSource, setting: str, lengths: tuple[int, ...] = ()) -> bytes:
    found = _bytes(_reference(source, setting).reveal(), source.key_form)
    if not found or (lengths and len(found) not in lengths):
        allowed = f"{' or '.join(map(str, lengths))} bytes" if lengths else "at least one byte"
        raise ConfigError(
            f"found a secret (not shown) that is not {allowed} as `{source.key_form}`",
            place=f"data_sources.{source.name}.{setting}",
            remedy="Correct the secret, or set `key_form` to how it is written.",
        )
    return found


def _reference(source: DataSource, setting: str) -> Secret:
    found: Secret | None = getattr(source, setting)
    if found is None:
        raise ConfigError(
            f"found nothing, but the codec `{source.codec}` needs it",
            place=f"data_sources.{source.name}.{setting}",
            remedy="Refer to a secret: env:NAME or file:/path.",
        )
    return found


def _bytes(text: str, form: KeyForm) -> bytes:
    """The bytes that a secret stands for; none if it is not of that form."""
    try:
        if form is KeyForm.HEX:
            return bytes.fromhex(text)
        return text.encode() if form is KeyForm.UTF8 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
