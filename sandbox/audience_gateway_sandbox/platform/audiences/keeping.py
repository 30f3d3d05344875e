"""Makes, changes and removes audiences, whichever service asks for it."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.audiences.audience import (
    RULED,
    SET_BY_US,
    audiences,
    kept,
    references_of,
    rule_of,
)
from audience_gateway_sandbox.platform.segmentation.errors import IN_USE, invalid, not_found
from audience_gateway_sandbox.platform.storage import Document, Space
from audience_gateway_sandbox.platform.wire import Refusal

_DELETED = frozenset({"archived", "deleted"})
_USES = "SELECT 1 FROM document, json_tree(body) WHERE space = ? AND kind = 'flows' AND json_tree.value = ? LIMIT 1"


def found(space: Space, id_: str, *, ruled: bool = False) -> Document:
    """Find an audience by its id; `ruled` for segment definitions only. Raises Refusal if it is not there."""
    document = audiences(space).get(id_)
    if document is None or (ruled and document.body["type"] != RULED):
        raise not_found("segment definition" if ruled else "audience")
    return document


def add(space: Space, body: dict[str, Any]) -> Document:
    """Add an audience. Raises Refusal if it makes no sense, or if another definition has its name (rtcdp 1.1)."""
    made = kept(body)
    if made["type"] == RULED:
        _name_is_free(space, made["name"], besides="")
    return audiences(space).add(made)


def change(space: Space, document: Document, body: dict[str, Any]) -> Document:
    """Give an audience another body.

    Raises Refusal if its namespace, type or lifecycle cannot become so (rtcdp 1.2).
    """
    made = kept({"type": document.body["type"], "namespace": document.body["namespace"], **body})
    for name in ("namespace", "type"):
        if made[name] != document.body[name]:
            raise invalid(f"The {name} of an audience cannot be changed.")
    if made["lifecycleState"] in _DELETED:
        raise invalid("The lifecycle state cannot be changed to a deleted one: delete the audience.")
    if made["type"] == RULED:
        _name_is_free(space, made["name"], besides=document.id)
    return audiences(space).put(document.id, made)


def own_members(shown: dict[str, Any]) -> dict[str, Any]:
    """Leave out of an audience as it is shown what callers do not set."""
    return {name: value for name, value in shown.items() if name not in SET_BY_US}


def remove(space: Space, document: Document) -> None:
    """Remove an audience and its memberships. Raises Refusal while another audience or a flow uses it (rtcdp 1.4)."""
    if dependents_of(space, document.id) or _flow_uses(space, document.id):
        raise Refusal(400, "The audience is in use and cannot be deleted.", code=IN_USE)
    audiences(space).remove(document.id)
    space.database.execute("DELETE FROM membership WHERE audience = ?", (document.id,))


def dependents_of(space: Space, id_: str) -> list[str]:
    """Tell which audiences name this one in their rules."""
    return [
        other.id
        for other in audiences(space)
        if other.body["type"] == RULED and id_ in references_of(rule_of(other.body["expression"]))
    ]


def _flow_uses(space: Space, id_: str) -> bool:
    return space.database.execute(_USES, (space.name, id_)).fetchone() is not None


def _name_is_free(space: Space, name: str, *, besides: str) -> None:
    if not space.assumptions.definition_names_are_unique:
        return
    for other in audiences(space):
        if other.body["type"] == RULED and other.body["name"] == name and other.id != besides:
            raise Refusal(422, "Another segment definition has this name.", code="UPAPI-113434-422")
