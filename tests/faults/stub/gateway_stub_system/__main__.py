"""`python -m gateway_stub_system`: runs the stub until it is told to end by SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from pathlib import Path

from aiohttp import web

from gateway_stub_system.server import StubSystem


async def _serve(port: int, ready_file: Path, rows: int) -> None:
    system = StubSystem()
    system.audiences["source"].add(f"member-{row:09d}" for row in range(rows))
    runner = web.AppRunner(system.application(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        temporary = ready_file.with_suffix(".part")
        temporary.write_text(json.dumps({"url": url}), encoding="utf-8")
        temporary.replace(ready_file)
        await ended.wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(prog="gateway_stub_system", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ready-file", type=Path, required=True, help="gets `{url}` as JSON once it listens")
    parser.add_argument("--rows", type=int, default=0, help="members of the audience `source` at the beginning")
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.port, arguments.ready_file, arguments.rows))


if __name__ == "__main__":
    main()
