"""How the segmentation service refuses (rtcdp 1.4)."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.wire import Refusal

NOT_FOUND = "UPAPI-113430-404"
INVALID = "UPAPI-113434-400"
IN_USE = "UPAPI-113631-403"
BULK_SIZE = "UPAPI-113015-400"
NONE_FOUND = "UPAPI-113000-404"
_TITLES = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 429: "Too Many Requests"}


def segmentation_error(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """Shape an error: by its status, as text, and by its type."""
    code = refusal.code or f"UPAPI-113434-{refusal.status}"
    return {
        "requestId": request_id,
        "errors": {str(refusal.status): [{"code": code, "message": refusal.message}]},
        "type": f"https://ns.adobe.com/aep/errors/{code}",
        "title": _TITLES.get(refusal.status, "Error"),
        "status": refusal.status,
        **refusal.more,
    }


def not_found(what: str) -> Refusal:
    """Refuse an id that is not there; the id is not repeated."""
    return Refusal(404, f"The {what} is not found.", code=NOT_FOUND)


def invalid(message: str) -> Refusal:
    """Refuse what makes no sense."""
    return Refusal(400, message, code=INVALID)
