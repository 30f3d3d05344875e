"""How the flow service refuses (rtcdp 6.8)."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.wire import Refusal


def flow_error(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """Shape an error: `errorMessage` and `errorDetails`, and `message` for those who look for that."""
    return {
        "errorMessage": refusal.message,
        "errorDetails": refusal.title or refusal.message,
        "message": refusal.message,
        "requestId": request_id,
        **refusal.more,
    }
