"""`make faults`: kills, stops, fills, locks and cancels while people are shared; ends with 1 if anything was lost.

Prints a table and writes its rows as JSON: objects of `fault, tried, survived, lost, doubled, false_success`.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tracks
from ground import Ground
from results import Results
from world import running_stub

_RESULTS = Path(__file__).parents[2] / "build" / "faults" / "results.json"
_KILLS = 110
_TIMES = 10
_BOTH = ("one", "three")


def main() -> int:
    """Runs the tracks; 0 if every fault was survived."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    begun = time.monotonic()
    if arguments.quiet:
        _one(arguments)
        print(f"track {arguments.track}: {time.monotonic() - begun:.0f} s", flush=True)
        return 0
    results, whole = _both(arguments) if arguments.track == "both" else (_one(arguments), True)
    results.keep(arguments.results)
    results.show()
    print(f"{time.monotonic() - begun:.0f} s")
    return 0 if whole and results.all_survived else 1


def _both(arguments: argparse.Namespace) -> tuple[Results, bool]:
    """The tracks side by side, for each of them waits most of the time; also says whether they came to their ends."""
    with tempfile.TemporaryDirectory(prefix="audience-gateway-faults-") as directory:
        parts = [Path(directory) / f"{track}.json" for track in _BOTH]
        running = [_begun(arguments, track, part) for track, part in zip(_BOTH, parts, strict=True)]
        try:
            codes = [process.wait() for process in running]
        finally:
            for process in running:
                process.terminate()
                process.wait()
        return Results.kept(parts[0]) | Results.kept(parts[1]), not any(codes)


def _begun(arguments: argparse.Namespace, track: str, part: Path) -> subprocess.Popen[bytes]:
    shared = [f"--{name}={getattr(arguments, name)}" for name in ("kills", "rows", "seed")]
    command = [sys.executable, __file__, "--quiet", f"--track={track}", f"--results={part}", *shared]
    return subprocess.Popen(command)  # noqa: S603  # this program


def _one(arguments: argparse.Namespace) -> Results:
    """One track. Logs and settings stay where a fault was not survived."""
    root = Path(tempfile.mkdtemp(prefix=f"audience-gateway-faults-{arguments.track}-"))
    times = max(1, arguments.kills * _TIMES // _KILLS)
    results = Results()
    try:
        with running_stub(root) as stub:
            ground = Ground.prepare(root, stub.url, arguments.rows, arguments.seed)
            if arguments.track == "small":
                tracks.each_point_once(ground, results)
            elif arguments.track == "one":
                tracks.one_gateway(ground, results, arguments.kills, times)
            else:
                tracks.three_replicas(ground, results, times)
    finally:
        results.keep(arguments.results)
    if results.all_survived:
        shutil.rmtree(root)
    else:
        print(f"logs and settings are kept below {root}")
    return results


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=_KILLS, help="kills of the only gateway; other faults go with it")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the file that is shared")
    parser.add_argument("--seed", type=int, default=1, help="of all that is left to chance")
    parser.add_argument(
        "--track",
        choices=("both", *_BOTH, "small"),
        default="both",
        help="what happens to one gateway, to three, or both; `small` kills at each fail point once",
    )
    parser.add_argument("--quiet", action="store_true", help="leave the table to the caller")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where to write the results")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
