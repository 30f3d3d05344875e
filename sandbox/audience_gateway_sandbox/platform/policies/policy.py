"""Data usage policies and the marketing actions that they deny (rtcdp 8.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from audience_gateway_sandbox.platform.storage import Space, name_uuid

KIND = "policy"
ENABLED_CORE = "enabled core policies"
ACTION = "marketing action"
_LABELS_OF_CORE_ACTIONS = {
    "analytics": ("C8",),
    "combinePII": ("C3",),
    "crossSiteTargeting": ("C4", "C5"),
    "dataScience": ("C9",),
    "emailTargeting": ("C4",),
    "exportToThirdParty": ("C1", "C2", "C12"),
    "onSiteAdvertising": ("C4", "C6"),
    "onSitePersonalization": ("C4", "C7"),
    "segmentMatch": ("C11",),
    "singleIdentityPersonalization": ("C10",),
}
"""What each core action may not be done with: assumed from what the labels mean (rtcdp 8.1)."""
CORE_ACTIONS = frozenset(_LABELS_OF_CORE_ACTIONS)
_DEEPEST = 50


def action_reference(kind: str, name: str) -> str:
    """Name a marketing action as policies do."""
    return f"/marketingActions/{kind}/{name}"


def core_policies(space: Space) -> list[dict[str, Any]]:
    """List the policies that come with the platform; they are disabled unless a caller enabled them."""
    enabled = space.documents(ENABLED_CORE).get(ENABLED_CORE)
    ids = enabled.body["policyIds"] if enabled else []
    return [
        _core(action, labels, enabled=name_uuid("core policy", action) in ids)
        for action, labels in _LABELS_OF_CORE_ACTIONS.items()
    ]


def policies(space: Space) -> list[dict[str, Any]]:
    """List all policies, core ones first."""
    return [*core_policies(space), *(each.body | {"id": each.id} for each in space.documents(KIND))]


def violated(space: Space, action: str, labels: Iterable[str], *, drafts: bool = False) -> list[dict[str, Any]]:
    """List the policies in force that deny an action, by its reference, on data with labels."""
    statuses = {"ENABLED", "DRAFT"} if drafts else {"ENABLED"}
    held = frozenset(labels)
    return [
        policy
        for policy in policies(space)
        if policy["status"] in statuses
        and any(reference.endswith(action) for reference in policy["marketingActionRefs"])
        and denies(policy["deny"], held)
    ]


def denies(rule: Any, labels: frozenset[str], depth: int = 0) -> bool:  # noqa: ANN401 - as callers send it
    """Tell whether a rule meets labels: one label, or several rules joined by AND or OR; labels are case-sensitive."""
    if not isinstance(rule, Mapping) or depth > _DEEPEST:
        return False
    if "label" in rule:
        return rule["label"] in labels
    operands = rule.get("operands")
    if not isinstance(operands, list) or not operands:
        return False
    met = (denies(each, labels, depth + 1) for each in operands)
    return all(met) if rule.get("operator") == "AND" else any(met)


def _core(action: str, labels: tuple[str, ...], *, enabled: bool) -> dict[str, Any]:
    return {
        "id": name_uuid("core policy", action),
        "name": f"Restrict {action}",
        "description": f"Data with {', '.join(labels)} may not be used for {action}.",
        "status": "ENABLED" if enabled else "DISABLED",
        "marketingActionRefs": [action_reference("core", action)],
        "deny": {"operator": "OR", "operands": [{"label": label} for label in labels]},
    }
