"""Page sizes and page tokens. A token is signed, and good only for the request that it was issued for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from google.protobuf.message import Message

from audience_gateway.api.refusals import InvalidPageToken

T = TypeVar("T")
_SIGNATURE_BYTES = 16
_DEFAULT_PAGE_SIZE = 100
_TOKENS = ("page_token", "resume_token")


class ListRequest(Protocol):
    """A request with paging fields."""

    page_size: int
    page_token: str


class PageTokens:
    """Issues and reads page tokens.

    Args:
        key: the secret that tokens are signed with.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, cursor: str, request: Message) -> str:
        """A token for what comes behind the cursor."""
        text = cursor.encode()
        return base64.urlsafe_b64encode(self._signature(text, request) + text).decode().rstrip("=")

    def cursor(self, request: Message) -> str:
        """The cursor of the request's token; empty if it has none. Raises InvalidPageToken."""
        token = "".join(getattr(request, field) for field in _fields(request, _TOKENS))
        if not token:
            return ""
        try:
            decoded = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            text = decoded[_SIGNATURE_BYTES:].decode()
        except (binascii.Error, ValueError) as error:
            raise InvalidPageToken from error
        if not hmac.compare_digest(decoded[:_SIGNATURE_BYTES], self._signature(text.encode(), request)):
            raise InvalidPageToken
        return text

    def _signature(self, cursor: bytes, request: Message) -> bytes:
        bare = type(request)()
        bare.CopyFrom(request)
        for field in _fields(bare, (*_TOKENS, "page_size")):
            bare.ClearField(field)
        bound = f"{request.DESCRIPTOR.full_name}\0".encode() + bare.SerializeToString(deterministic=True) + b"\0"
        return hmac.digest(self._key, bound + cursor, hashlib.sha256)[:_SIGNATURE_BYTES]


def _fields(request: Message, names: Sequence[str]) -> list[str]:
    return [name for name in names if name in request.DESCRIPTOR.fields_by_name]


def page_size(asked: int, most: int = 1000) -> int:
    """How many entries a page has: the default for 0, never more than the most."""
    return min(asked, most) if asked else min(_DEFAULT_PAGE_SIZE, most)


def page(entries: Sequence[T], name: Callable[[T], str], request: Message, tokens: PageTokens) -> tuple[list[T], str]:
    """The page of an ordered list that a request asks for, and the token of the next one."""
    behind = tokens.cursor(request)
    size = page_size(getattr(request, "page_size"))  # noqa: B009  # every list request has the field, Message has not
    rest = [entry for entry in entries if name(entry) > behind]
    chosen = rest[:size]
    return chosen, tokens.issue(name(chosen[-1]), request) if len(rest) > size else ""
