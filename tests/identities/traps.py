"""The data sources that traps are set for, and texts as other systems would write them, by other means than ours."""

from __future__ import annotations

import base64
import hashlib
import hmac

from audience_gateway.sdk import Codec, DataSource, Reconciler, Secret, TextForm
from audience_gateway_declared_id.strategy import DeclaredId
from audience_gateway_device_id.strategy import DeviceId
from audience_gateway_visitor_id.strategy import VisitorId
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import ANSIX923, PKCS7

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
IV, OTHER_IV = bytes(range(16)), bytes(range(1, 17))
SECRETS = {"TRAP_KEY": KEY.hex(), "TRAP_IV": IV.hex()}
_KEY, _IV = Secret("env:TRAP_KEY"), Secret("env:TRAP_IV")

STRATEGIES: dict[str, Reconciler] = {one.id_type: one for one in (VisitorId(), DeclaredId(), DeviceId())}


def _declared(name: str, codec: Codec = Codec.NONE, recipe: str = "trim", **settings: object) -> DataSource:
    return DataSource(name=name, id_type="declared_id", codec=codec, recipe=recipe, **settings)  # type: ignore[arg-type]


SOURCES = {
    source.name: source
    for source in (
        DataSource(name="visitor", id_type="visitor_id"),
        *(
            DataSource(name=name, id_type="device_id", aam_data_source_id=number)
            for name, number in {"gaid": 20914, "idfa": 20915, "fire-tv": 488258, "microsoft": 389146}.items()
        ),
        _declared("crm"),
        _declared("crm-lower", recipe="lower"),
        _declared("crm-exact", recipe="exact"),
        _declared("email", recipe="email"),
        _declared("email-md5", Codec.MD5, "email"),
        _declared("email-sha1", Codec.SHA1, "email"),
        _declared("email-sha256", Codec.SHA256, "email"),
        _declared("phone-sha256", Codec.SHA256, "phone"),
        _declared("crm-sha256", Codec.SHA256),
        _declared("digests-sha256", Codec.SHA256, clear_digests=True),
        _declared("stored-sha256", Codec.SHA256, pre_encoded=True),
        _declared("email-hmac", Codec.HMAC_SHA256, "email", key=_KEY),
        _declared("email-aes", Codec.AES_CBC, "email", key=_KEY, iv=_IV),
        _declared("email-aes-base64", Codec.AES_CBC, "email", key=_KEY, iv=_IV, text_form=TextForm.BASE64),
    )
}


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def keyed(text: str, key: bytes = KEY) -> str:
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def aes(clear: str | bytes, *, key: bytes = KEY, iv: bytes = IV, pad: str = "pkcs") -> str:
    """Hex of what is encrypted, a value at a time."""
    text = clear.encode() if isinstance(clear, str) else clear
    if pad == "zeros":
        text = text.ljust(-len(text) // 16 * -16, b"\0")
    elif pad != "none":
        padder = (PKCS7 if pad == "pkcs" else ANSIX923)(128).padder()
        text = padder.update(text) + padder.finalize()
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    return (encryptor.update(text) + encryptor.finalize()).hex()


def base64_of(code: str) -> str:
    return base64.b64encode(bytes.fromhex(code)).decode()
