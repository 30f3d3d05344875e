"""How the identity service refuses (rtcdp 2.3)."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.wire import Refusal

_TITLES = {400: "InvalidInput", 404: "NotFound", 409: "Conflict"}


def identity_error(refusal: Refusal, _: str) -> dict[str, Any]:
    """Shape an error: title, status, detail, and what else there is."""
    title = "namespacevalidation" if refusal.title == "BadRequestError" else refusal.title
    return {
        "type": refusal.code or "about:blank",
        "title": title or _TITLES.get(refusal.status, "Error"),
        "status": refusal.status,
        "detail": refusal.message,
        **refusal.more,
    }
