"""The identity service, `/data/core/identity`: opaque ids, graphs and clusters (rtcdp 2.3)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.identities.errors import identity_error
from audience_gateway_sandbox.platform.identities.graph import Key, members_of
from audience_gateway_sandbox.platform.identities.identity import identity_of, xid_of
from audience_gateway_sandbox.platform.identities.namespaces import Namespace, by_code, by_id
from audience_gateway_sandbox.platform.storage import Space
from audience_gateway_sandbox.platform.wire import OPEN, Answer, Call, Endpoint, Refusal, Service

_BASE = "/data/core/identity"
_VERSION = 1
_MOST_IDS = 1000
_ALGORITHM = "STITCH_ALL"
_BY_QUERY = {"xid": "string", "namespace": "string", "nsid": "string", "id": "string", "graph-type": "string"}


@with_config(OPEN)
class CompositeId(TypedDict):
    """An identity by its namespace and value."""

    id: str
    ns: NotRequired[str]
    nsid: NotRequired[str | int]


@with_config(OPEN)
class GraphQuestion(TypedDict):
    """Whose graphs are asked for."""

    composite_xids: NotRequired[list[CompositeId]]
    xids: NotRequired[list[str]]
    projection_type: NotRequired[Literal["set", "graph"]]
    require_edge_meta_data: NotRequired[bool]


@with_config(OPEN)
class ClusterQuestion(TypedDict):
    """Whose clusters are asked for."""

    compositeXids: NotRequired[list[CompositeId]]
    xids: NotRequired[list[str]]


@with_config(OPEN)
class Graphs(TypedDict):
    """Graphs, and those that nobody knows."""

    version: int
    graphs: list[dict[str, Any]]
    unprocessed_composite_xids: list[Any]
    algo_type: str


@with_config(OPEN)
class Clusters(TypedDict):
    """Clusters, and those that nobody knows."""

    version: int
    clusters: list[dict[str, Any]]
    unprocessedRecords: list[Any]
    algo_type: str


def identity_service() -> Service:
    """List the addresses."""
    return Service(
        "Identity graph",
        identity_error,
        (
            Endpoint(
                "GET",
                f"{_BASE}/identity",
                _xid,
                "Tells the opaque id of an identity.",
                {200: dict[str, str]},
                (400,),
                query={"namespace": "string", "nsid": "string", "id!": "string"},
            ),
            Endpoint("POST", f"{_BASE}/v2/graph", _graphs, "Shows graphs.", {200: Graphs}, (400,), GraphQuestion),
            Endpoint(
                "GET",
                f"{_BASE}/cluster/members",
                _cluster,
                "Shows the members of a graph, as before v2.",
                {200: Clusters},
                (400,),
                query=_BY_QUERY,
            ),
            Endpoint(
                "POST",
                f"{_BASE}/clusters/members",
                _clusters,
                "Shows the members of several graphs, as before v2.",
                {200: Clusters},
                (400,),
                ClusterQuestion,
            ),
        ),
    )


def _xid(call: Call) -> Answer:
    if not call.text("namespace") and not call.text("nsid"):
        raise Refusal(400, "Missing required query parameter - namespace", title="InvalidInput")
    namespace = _namespace(call.space, call.text("namespace"), call.text("nsid"))
    return Answer({"xid": xid_of(namespace.code, call.required("id"))})


def _graphs(call: Call) -> Answer:
    body: GraphQuestion = call.body
    wanted = _wanted(call.space, body.get("composite_xids", []), body.get("xids", []))
    graphs, unknown = [], []
    for key in wanted:
        if not _is_known(call.space, key):
            unknown.append(_composite(key))
        elif body.get("projection_type") == "graph":
            graphs.append(_as_graph(call.space, key, with_times=body.get("require_edge_meta_data", False)))
        else:
            members = [_composite(each) for each in members_of(call.space, key)]
            graphs.append({"composite_xid": _composite(key), "members": members})
    return Answer(
        {"version": _VERSION, "graphs": graphs, "unprocessed_composite_xids": unknown, "algo_type": _ALGORITHM}
    )


def _as_graph(space: Space, key: Key, *, with_times: bool) -> dict[str, Any]:
    members = members_of(space, key)
    edges = []
    for low in members:
        rows = space.database.execute(
            "SELECT other_namespace, other_value, established, confirmed, dataset, batch FROM link"
            " WHERE space = ? AND namespace = ? AND value = ? ORDER BY 1, 2",
            (space.name, *low),
        )
        for namespace, value, established, confirmed, dataset, batch in rows:
            if low < (namespace, value):
                times = {
                    "first_established_ts": established // 1000,
                    "last_established_ts": confirmed // 1000,
                    "dataset_ids": [dataset],
                    "batch_ids": [batch] if batch else [],
                }
                pair = [_composite(low), _composite((namespace, value))]
                edges.append({"composite_xid_pair": pair, **(times if with_times else {})})
    vertices = [{"composite_xid": _composite(each), "last_updated_ts": _seen(space, each)} for each in members]
    return {"composite_xid": _composite(key), "vertices": vertices, "edges": edges}


def _cluster(call: Call) -> Answer:
    if xid := call.text("xid"):
        return _answer_clusters(call.space, _wanted(call.space, [], [xid]))
    identity: CompositeId = {"id": call.required("id")}
    for name, value in (("ns", call.text("namespace")), ("nsid", call.text("nsid"))):
        if value:
            identity[name] = value  # type: ignore[literal-required]  # one of two names
    return _answer_clusters(call.space, _wanted(call.space, [identity], []))


def _clusters(call: Call) -> Answer:
    body: ClusterQuestion = call.body
    return _answer_clusters(call.space, _wanted(call.space, body.get("compositeXids", []), body.get("xids", [])))


def _answer_clusters(space: Space, wanted: list[Key]) -> Answer:
    clusters = [
        {
            "xid": xid_of(*key),
            "compositeXid": _cluster_id(space, key),
            "members": [{"xid": xid_of(*each), "compositeXid": _cluster_id(space, each)} for each in members],
        }
        for key in wanted
        if _is_known(space, key) and (members := members_of(space, key))
    ]
    unknown = [xid_of(*key) for key in wanted if not _is_known(space, key)]
    return Answer({"version": _VERSION, "clusters": clusters, "unprocessedRecords": unknown, "algo_type": _ALGORITHM})


def _wanted(space: Space, composites: list[CompositeId], xids: list[str]) -> list[Key]:
    if not 0 < len(composites) + len(xids) <= _MOST_IDS:
        raise Refusal(400, f"Between 1 and {_MOST_IDS} ids can be asked for.", title="InvalidInput")
    by_xid = [identity_of(xid) for xid in xids]
    if None in by_xid:
        raise Refusal(400, "An xid cannot be read.", title="InvalidInput")
    by_parts = [
        (_namespace(space, each.get("ns", ""), str(each.get("nsid", ""))).code, each["id"]) for each in composites
    ]
    return [*by_parts, *(key for key in by_xid if key is not None)]


def _namespace(space: Space, code: str, number: str) -> Namespace:
    found = by_code(space, code) if code else by_id(space, number)
    if found is None:
        raise Refusal(400, "The namespace is not known.", title="InvalidInput")
    return found


def _is_known(space: Space, key: Key) -> bool:
    row = space.database.execute(
        "SELECT 1 FROM identity WHERE space = ? AND namespace = ? AND value = ?", (space.name, *key)
    ).fetchone()
    return row is not None


def _seen(space: Space, key: Key) -> int:
    row = space.database.execute(
        "SELECT seen FROM identity WHERE space = ? AND namespace = ? AND value = ?", (space.name, *key)
    ).fetchone()
    return int(row[0]) // 1000 if row else 0


def _composite(key: Key) -> dict[str, str]:
    return {"ns": key[0], "id": key[1]}


def _cluster_id(space: Space, key: Key) -> dict[str, Any]:
    namespace = by_code(space, key[0])
    return {"nsid": namespace.id if namespace else 0, "id": key[1]}
