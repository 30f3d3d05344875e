"""What a record that arrives sets going: the profile, streaming evaluation, pushes (rtcdp 1.2, 4, 5)."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.audiences.audience import audiences
from audience_gateway_sandbox.platform.destinations.activation import after_evaluation
from audience_gateway_sandbox.platform.destinations.pushing import enter_changed
from audience_gateway_sandbox.platform.profiles.records import take
from audience_gateway_sandbox.platform.segmentation.evaluation import evaluate, is_evaluated
from audience_gateway_sandbox.platform.storage import Document, Space


def arrived(space: Space, entity: dict[str, Any], dataset: str, *, merge: bool) -> str:
    """Take a record in; answer why it was skipped, empty if it was not."""
    changed, reason = take(space, entity, dataset=dataset, merge=merge)
    if changed:
        streamed = [each for each in audiences(space) if is_evaluated(each) and _is_streamed(each)]
        evaluate(space, streamed)
        after_evaluation(space, [each.id for each in streamed])
        enter_changed(space, changed)
    return reason


def _is_streamed(document: Document) -> bool:
    continuous = (document.body.get("evaluationInfo") or {}).get("continuous") or {}
    return continuous.get("enabled") is True
