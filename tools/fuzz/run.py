"""`make fuzz`: feeds Audience Manager's files with whatever bytes, for `SECONDS`, and ends with an error if one breaks.

What it finds is left in build/fuzz/: `corpus` is gone on with by the next run, a `crash-…`, `timeout-…` or `oom-…`
file is run again alone by naming it: `tools/fuzz/run.py FILE`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["audience_gateway.sdk"]):
    from properties import check

from seeds import seeds

_BUILD = Path(__file__).parents[2] / "build" / "fuzz"
_LONGEST_INPUT = 4096
_LONGEST_SECONDS = 20
_MOST_MIB = 2048


async def _here(do: Callable[..., object], *arguments: object, **named: object) -> object:
    return do(*arguments, **named)


def main() -> None:
    """Runs for so many seconds, or the one file that is named."""
    argument = sys.argv[1] if len(sys.argv) > 1 else "600"
    corpus = _BUILD / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number:03d}").write_bytes(seed)
    what = [f"-max_total_time={argument}", str(corpus)] if argument.isdigit() else [argument]
    options = [
        f"-max_len={_LONGEST_INPUT}",
        f"-timeout={_LONGEST_SECONDS}",
        f"-rss_limit_mb={_MOST_MIB}",
        f"-artifact_prefix={_BUILD}/",
        "-len_control=10",
        "-print_final_stats=1",
    ]
    asyncio.to_thread = _here  # a thread costs more than what it would do here
    with asyncio.Runner() as runner:
        atheris.Setup([sys.argv[0], *options, *what], lambda data: check(runner, data))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
