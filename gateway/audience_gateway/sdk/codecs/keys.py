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
    """Raises ConfigError if the data source's codec lacks a key, or has settings that it does not use."""
    codec_keys(source)
    unused = {
        "key": source.key is not None and source.codec not in {Codec.HMAC_SHA256, Codec.AES_CBC},
        "iv": source.iv is not None and source.codec is not Codec.AES_CBC,
        "text_form": source.text_form is not TextForm.HEX and source.codec is not Codec.AES_CBC,
        "pre_encoded": source.pre_encoded and source.codec is Codec.NONE,
    }
    for setting, found in unused.items():
        if found:
            raise ConfigError(
                f"found a setting that the codec `{source.codec}` does not use",
                place=f"data_sources.{source.name}.{setting}",
                remedy="Remove it, or set the codec that it is meant for.",
            )


def _fetched(source: DataSource, setting: str, lengths: tuple[int, ...] = ()) -> bytes:
    place = f"data_sources.{source.name}.{setting}"
    reference: Secret | None = getattr(source, setting)
    if reference is None:
        raise ConfigError(
            f"found nothing, but the codec `{source.codec}` needs it", place=place, remedy="Refer to a secret."
        )
    found = _bytes(reference.reveal(), source.key_form)
    if not found or (lengths and len(found) not in lengths):
        allowed = f"{', '.join(map(str, lengths))} bytes" if lengths else "at least one byte"
        raise ConfigError(
            f"found a secret (not shown) that is not {allowed} as `{source.key_form}`",
            place=place,
            remedy="Correct the secret, or set `key_form` to how it is written.",
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
