"""`make faults`: kills, stops, fills, locks and cancels while people are shared; ends with 1 if anything was lost.

Prints a table and writes its rows as JSON: objects of `fault, tried, survived, lost, doubled, false_success`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tracks
from ground import Ground
from rich.console import Console
from world import running_stub

_RESULTS = Path(__file__).parents[2] / "build" / "faults" / "results.json"
_KILLS = 110
_TIMES = 10


def main() -> int:
    """Runs the tracks side by side, for most of them wait most of the time; 0 if every fault was survived."""
    arguments = _arguments()
    begun = time.monotonic()
    root = Path(tempfile.mkdtemp(prefix="audience-gateway-faults-"))
    with running_stub(root) as stub, ThreadPoolExecutor() as pool:
        ground = Ground.prepare(root, stub.url, arguments.rows, arguments.seed)
        chosen = [track for track in _tracks(arguments) if track.name in arguments.only or not arguments.only]
        running = [pool.submit(track.run, ground) for track in chosen]
        results = tracks.merged([future.result() for future in running])
    results.show()
    results.keep(arguments.results)
    console = Console()
    console.print(f"{time.monotonic() - begun:.0f} s", highlight=False)
    if results.all_survived:
        shutil.rmtree(root)
        return 0
    console.print(f"logs and settings are kept below {root}", highlight=False)
    return 1


def _tracks(arguments: argparse.Namespace) -> list[tracks.Track]:
    if arguments.small:
        return [tracks.each_point_once()]
    times = max(1, arguments.kills * _TIMES // _KILLS)
    return [tracks.one_gateway(arguments.kills, times), tracks.three_replicas(times)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=_KILLS, help="kills of the only gateway; other faults go with it")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the file that is shared")
    parser.add_argument("--seed", type=int, default=1, help="of all that is left to chance")
    parser.add_argument("--small", action="store_true", help="kill at each fail point once, and nothing else")
    parser.add_argument("--only", action="append", default=[], help="the name of a track: `one` or `three`")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where to write the results")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
