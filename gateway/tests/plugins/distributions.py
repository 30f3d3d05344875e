"""Writes installed distributions that provide a plugin, as pip would leave them."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path


def install(site: Path, name: str, source: str, *, distribution: str = "", version: str = "1.0") -> None:
    """A distribution with one module of that source, which the entry point `name` names."""
    distribution = distribution or f"gateway-{name}"
    module = f"{distribution.replace('-', '_')}_plugin"
    metadata = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    (metadata / "entry_points.txt").write_text(f"[audience_gateway.plugins]\n{name} = {module}\n")
    (site / f"{module}.py").write_text(source)


def entry_points(site: Path) -> list[importlib.metadata.EntryPoint]:
    """Entry points of what was installed there, ordered by distribution."""
    points = [
        point
        for distribution in importlib.metadata.distributions(path=[str(site)])
        for point in distribution.entry_points
    ]
    return sorted(points, key=lambda point: point.dist.name if point.dist else "")
