"""Reads the fields of a request wherever clients put them: query, urlencoded or multipart body, Basic header."""

from __future__ import annotations

import binascii
from collections.abc import Mapping

from aiohttp import BasicAuth, web


class FormError(ValueError):
    """A body that announces a form and is none."""


async def fields(request: web.Request) -> Mapping[str, str]:
    """Read the text fields; the body wins over the query, and both over an `Authorization: Basic` header.

    Raises FormError if the body cannot be read.
    """
    try:
        body = await request.post()
    except ValueError:
        raise FormError("The body cannot be read as a form.") from None
    texts = {name: value for name, value in body.items() if isinstance(value, str)}
    return _basic(request) | dict(request.query) | texts


def bearer(request: web.Request) -> str:
    """Read the token of `Authorization: Bearer`; empty if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _basic(request: web.Request) -> dict[str, str]:
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith("basic "):
        return {}
    try:
        client = BasicAuth.decode(header)
    except (ValueError, binascii.Error):
        raise FormError("The header `Authorization` cannot be read.") from None
    return {"client_id": client.login, "client_secret": client.password}
