"""Lists of the flow service: `items` and `_links`, with continuation tokens (rtcdp 6.8, sandbox 5.6)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from audience_gateway_sandbox.platform.storage import Document
from audience_gateway_sandbox.platform.wire import Call, Refusal
from audience_gateway_sandbox.platform.wire.filters import filter_of, value_at

_DEFAULT_LIMIT = 20
_LARGEST_LIMIT = 1000
_FOREIGN = "The continuation token is none of this list."
Key = tuple[int, Any]


def page_of(call: Call, documents: Sequence[Document], show: Callable[[Document], dict[str, Any]]) -> dict[str, Any]:
    """Make a page: of the objects that pass `property`, in the order of `orderby`, after `continuationToken`.

    The token says after which object to go on, so that a page neither repeats nor skips what was there before.
    """
    passes = filter_of(call.query.getall("property", []))
    field = call.text("orderby")
    name, backwards = field.removeprefix("-"), field.startswith("-")
    rows = [(_key(value_at(shown, name)) if name else (0, 0), document.sequence, shown)
            for document in documents if passes(shown := show(document))]  # fmt: skip
    rows.sort(key=lambda row: row[:2], reverse=backwards)
    counted = {"count": len(rows)} if call.flag("count") else {}
    if token := call.text("continuationToken"):
        after = _read(token)
        rows = [row for row in rows if (row[:2] < after if backwards else row[:2] > after)]
    limit = call.number("limit", _DEFAULT_LIMIT, least=1, most=_LARGEST_LIMIT)
    links = {"next": {"href": f"{call.path}?continuationToken={_write(rows[limit - 1])}"}} if len(rows) > limit else {}
    return {"items": [shown for *_, shown in rows[:limit]], "_links": links, **counted}


def _write(row: tuple[Key, int, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([row[0], row[1]]).encode()).decode().rstrip("=")


def _read(token: str) -> tuple[Key, int]:
    try:
        parts = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        (kind, value), sequence = parts
    except (ValueError, TypeError):
        raise Refusal(400, _FOREIGN) from None
    key = _key(None if kind == 0 else value)
    if key[0] != kind or not isinstance(sequence, int):
        raise Refusal(400, _FOREIGN)
    return key, sequence


def _key(value: object) -> Key:
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return 0, 0
    return (1, value) if isinstance(value, int | float) else (2, str(value))
