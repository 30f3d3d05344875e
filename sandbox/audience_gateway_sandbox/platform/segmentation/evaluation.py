"""Evaluates audiences that have a rule."""

from __future__ import annotations

from collections.abc import Iterable

from audience_gateway_sandbox.platform.audiences.audience import RULED, audiences, references_of, rule_of
from audience_gateway_sandbox.platform.profiles.memberships import Counts, become
from audience_gateway_sandbox.platform.segmentation.pql_sql import condition_of
from audience_gateway_sandbox.platform.storage import Document, Space

_PUBLISHED = frozenset({"published", "active"})


def evaluate(space: Space, documents: Iterable[Document]) -> dict[str, Counts]:
    """Evaluate audiences, those before others that name them; answer what each came to."""
    return {each.id: _evaluate(space, each) for each in _in_order(list(documents))}


def evaluate_all(space: Space) -> dict[str, Counts]:
    """Evaluate all audiences that are in use and have a rule."""
    return evaluate(space, [each for each in audiences(space) if is_evaluated(each)])


def is_evaluated(document: Document) -> bool:
    """Tell whether evaluations of all audiences take this one in."""
    return document.body["type"] == RULED and document.body["lifecycleState"] in _PUBLISHED


def _evaluate(space: Space, document: Document) -> Counts:
    condition, parameters = condition_of(rule_of(document.body["expression"]))
    return become(space, document.id, condition, parameters)


def _in_order(documents: list[Document]) -> list[Document]:
    """Sort so that a reference is evaluated before what refers to it; circles stay as they come."""
    known = {each.id: each for each in documents}
    ordered: dict[str, Document] = {}
    visiting: set[str] = set()

    def visit(document: Document) -> None:
        if document.id in ordered or document.id in visiting:
            return
        visiting.add(document.id)
        for reference in sorted(references_of(rule_of(document.body["expression"]))):
            if reference in known:
                visit(known[reference])
        ordered[document.id] = document

    for document in documents:
        visit(document)
    return list(ordered.values())
