"""How the service of external audiences refuses (rtcdp 1.7); the envelope is that of rtcdp 1.4, which is assumed."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.segmentation.errors import segmentation_error
from audience_gateway_sandbox.platform.wire import Refusal

_CODES = {400: "100910-400", 404: "100940-404", 409: "100950-409", 422: "100960-422"}


def external_audience_error(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """Shape an error by the code of its status."""
    refusal.code = _CODES.get(refusal.status, f"100970-{refusal.status}")
    return segmentation_error(refusal, request_id)
