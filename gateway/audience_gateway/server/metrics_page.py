"""The page of metrics, in the text format of Prometheus 0.0.4: what this process has counted of pushes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aiohttp import web

from audience_gateway.pushes.intake import PushIntake

_FORMAT = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that only grows, for each of several labels.

    Attributes:
        name: its name; `audience_gateway_` goes before it.
        help: what it counts.
        samples: labels with their values, and the number.
    """

    name: str
    help: str
    samples: Sequence[tuple[tuple[tuple[str, str], ...], int]]


def push_metrics(intake: PushIntake) -> Iterator[Metric]:
    """What has been counted of pushes. Labels are names of connections that are configured, and closed lists."""
    counts, connections = intake.counts, sorted(intake.gates)
    yield Metric(
        "pushes_total",
        "Pushes that were received, by how they ended.",
        [
            ((("connection", name), ("end", end.value)), pushes)
            for name in connections
            for end, pushes in counts.pushes(name)
        ],
    )
    yield Metric(
        "pushed_rows_total",
        "Rows of pushes that were read, by what became of them.",
        [
            ((("connection", name), ("fate", fate.value)), rows)
            for name in connections
            for fate, rows in counts.rows(name)
        ],
    )
    yield Metric("pushes_astray_total", "Pushes to connections that take none.", [((), counts.astray)])


def metrics_text(metrics: Iterable[Metric]) -> str:
    """The page."""
    return "".join(f"{line}\n" for metric in metrics for line in _lines(metric))


def metrics_application(intake: PushIntake) -> web.Application:
    """The HTTP application that answers `/metrics`."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(body=metrics_text(push_metrics(intake)).encode(), headers=_FORMAT)

    made = web.Application()
    made.router.add_get("/metrics", page)
    return made


def _lines(metric: Metric) -> Iterator[str]:
    name = f"audience_gateway_{metric.name}"
    yield f"# HELP {name} {metric.help}"
    yield f"# TYPE {name} counter"
    for labels, value in metric.samples:
        told = ",".join(f'{label}="{text}"' for label, text in labels)
        yield f"{name}{{{told}}} {value}" if told else f"{name} {value}"
