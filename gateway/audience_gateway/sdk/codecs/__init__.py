"""Codecs: what Declared IDs look like outside the system that holds them in clear, whole columns at a time."""

from audience_gateway.sdk.codecs.codes import canonical_codes, decode, encode
from audience_gateway.sdk.codecs.keys import check_codec
from audience_gateway.sdk.codecs.nobody import is_digest, nobodys_codes

__all__ = ["canonical_codes", "check_codec", "decode", "encode", "is_digest", "nobodys_codes"]
