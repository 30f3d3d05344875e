"""`make bench`: measures, prints a table and writes build/bench/results.json."""

from __future__ import annotations

import tempfile
from pathlib import Path

import audience_manager_files
import changed_members
import encrypted_ids
import files_to_files
import platform_files
import reconcile_scale
import unary_calls
import write_members
from measurement import keep, show

_RESULTS = Path(__file__).parents[2] / "build" / "bench" / "results.json"


def main() -> None:
    """Runs every benchmark."""
    with tempfile.TemporaryDirectory(prefix="audience-gateway-bench-") as root:
        measurements = [
            files_to_files.measure(Path(root) / "files", 1_000_000),
            *reconcile_scale.measure(Path(root) / "reconcile", 10_000_000),
            *changed_members.measure(Path(root) / "changes", 10_000_000),
            write_members.measure(Path(root) / "streams", 10_000_000),
            unary_calls.measure(Path(root) / "calls", 10_000_000),
            *platform_files.measure(Path(root) / "platform", 10_000_000),
            *audience_manager_files.measure(Path(root) / "few-lines", 1_000_000),
            *audience_manager_files.measure(Path(root) / "many-lines", 10_000_000),
            encrypted_ids.measure(100_000),
        ]
    show(measurements)
    keep(measurements, _RESULTS)


if __name__ == "__main__":
    main()
