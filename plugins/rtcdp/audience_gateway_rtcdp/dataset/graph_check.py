"""Asks the identity service whether its graph still agrees with exported profiles (rtcdp 2.3, 2.4).

An export is how profiles were when it ran, by its merge policy. The graph goes on: one of more than 50 identities loses
the oldest, and a device goes to whom it was last used by. So an exported profile may list an id that is somebody else's
now, or nobody's, and a merge policy may leave out an id that the graph has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Permanent

from audience_gateway_rtcdp.platform import Platform

_PATH = "/data/core/identity/v2/graph"
_MOST_IDS = 1000
Identity = tuple[str, str]


@dataclass(frozen=True, slots=True)
class GraphCheck:
    """Checks rows of profiles.

    Attributes:
        platform: the sandbox.
        namespace: of the ids that are wanted.
    """

    platform: Platform
    namespace: str

    async def lost(self, batch: pa.RecordBatch) -> pa.BooleanArray:
        """Of which rows the graph and the profile do not agree. Raises Permanent, and what a call raises.

        The graph of an id does not hold any other identity of its profile, or the profile has no id of the namespace,
        and the graph of one of its identities does. A profile of one identity agrees with any graph.
        """
        rows, others = await asyncio.to_thread(_rows, batch, self.namespace)
        known = await self._graphs(list(dict.fromkeys(asked for asked, _ in rows.values())))
        return await asyncio.to_thread(self._judged, batch.num_rows, rows, others, known)

    def _judged(
        self,
        count: int,
        rows: Mapping[int, tuple[Identity, bool]],
        others: Mapping[int, set[Identity]],
        known: Mapping[Identity, set[Identity]],
    ) -> pa.BooleanArray:
        lost = [False] * count
        for row, (asked, has_id) in rows.items():
            graph = known.get(asked, set())
            if has_id:
                lost[row] = graph.isdisjoint(others[row])
            else:
                lost[row] = any(namespace == self.namespace.lower() for namespace, _ in graph)
        return pa.array(lost, pa.bool_())

    async def _graphs(self, asked: Sequence[Identity]) -> Mapping[Identity, set[Identity]]:
        found: dict[Identity, set[Identity]] = {}
        for first in range(0, len(asked), _MOST_IDS):
            some = [{"ns": namespace, "id": id_} for namespace, id_ in asked[first : first + _MOST_IDS]]
            body = {"composite_xids": some, "projection_type": "set"}
            answer = self.platform.object((await self.platform.caller.call("POST", _PATH, body=body)).content)
            graphs = answer.get("graphs")
            if not isinstance(graphs, list):
                raise Permanent("found an answer that is no list of graphs", place=self.platform.place)
            for graph in map(self.platform.object, graphs):
                found[_identity(graph.get("composite_xid"))] = {_identity(one) for one in graph.get("members", ())}
        return found


def _rows(batch: pa.RecordBatch, namespace: str) -> tuple[dict[int, tuple[Identity, bool]], dict[int, set[Identity]]]:
    """Of each row of a profile with several identities the one to ask about, and the others."""
    asked: dict[int, tuple[Identity, bool]] = {}
    others: dict[int, set[Identity]] = {}
    told = pc.list_value_length(batch.column("others"))
    for row in pc.indices_nonzero(pc.greater(pc.fill_null(told, 0), 0)).to_pylist():
        identities = [_identity(one, "namespace") for one in batch.column("others")[row].as_py()]
        id_ = batch.column("id")[row].as_py()
        asked[row] = ((namespace.lower(), id_), True) if id_ is not None else (identities[0], False)
        others[row] = set(identities)
    return asked, others


def _identity(record: Any, name: str = "ns") -> Identity:  # noqa: ANN401  # as it was answered
    values = record if isinstance(record, dict) else {}
    return str(values.get(name, "")).lower(), str(values.get("id", ""))
