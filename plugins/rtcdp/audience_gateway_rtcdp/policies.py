"""The policy service, `/data/foundation/dulepolicy`: whether something may be done with labelled data (rtcdp 8.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audience_gateway_rtcdp.platform import Platform

_PATH = "/data/foundation/dulepolicy/marketingActions"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the service says.

    Attributes:
        violated: names of the policies in force that deny it; none if it is allowed.
        labels: labels that it found, without `core/`.
    """

    violated: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policies:
    """Asks whether a marketing action may be done. Both methods raise what a call raises.

    A breach is no error: it is answered with 200, and with the policies.

    Attributes:
        platform: the sandbox.
        action: `core/emailTargeting`.
        drafts: whether drafts count.
    """

    platform: Platform
    action: str
    drafts: bool = False

    async def of_labels(self, labels: Iterable[str]) -> Judgement:
        """Judges labels; without any there is nothing to ask."""
        wanted = sorted(set(labels))
        if not wanted:
            return Judgement()
        query = [("duleLabels", ",".join(wanted)), *self._drafts()]
        answer = await self.platform.caller.call("GET", f"{_PATH}/{self.action}/constraints", query=query)
        return _judgement(self.platform.object(answer.content))

    async def of_datasets(self, datasets: Mapping[str, Sequence[str]]) -> Judgement:
        """Judges fields of datasets by the labels that these have; without any there is nothing to ask."""
        if not datasets:
            return Judgement()
        body = [
            {"entityType": "dataSet", "entityId": id_} | ({"entityMeta": {"fields": list(fields)}} if fields else {})
            for id_, fields in datasets.items()
        ]
        path = f"{_PATH}/{self.action}/constraints"
        answer = await self.platform.caller.call("POST", path, query=self._drafts(), body=body)
        return _judgement(self.platform.object(answer.content))

    def _drafts(self) -> list[tuple[str, str]]:
        return [("includeDraft", "true")] if self.drafts else []


def _judgement(answer: Mapping[str, Any]) -> Judgement:
    violated, labels = answer.get("violatedPolicies"), answer.get("duleLabels")
    policies = [each for each in violated if isinstance(each, dict)] if isinstance(violated, list) else []
    names = tuple(str(each.get("name") or each.get("id") or "unnamed") for each in policies)
    found = {str(each) for each in labels} if isinstance(labels, list) else set()
    return Judgement(names, frozenset(found))
