"""A process that runs jobs until it is told to end: `replica.py database notes lease`.

Each job notes what it does, waits in its second step for a file beside the notes that bears its name, and then writes.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from audience_gateway.jobs.durable import DurableEngine
from audience_gateway.jobs.engine import StepResult, Steps, Stopped


async def main(database: str, notes: Path, lease: float) -> None:
    def note(text: str) -> None:
        with notes.open("a") as file:
            file.write(f"{text} {os.getpid()}\n")

    def job(job_id: str, steps: Steps) -> None:
        async def begin() -> StepResult:
            note(f"{job_id} begins")
            return {}

        async def write() -> StepResult:
            note(f"{job_id} waits")
            try:
                while not (notes.parent / job_id).exists():  # another process makes it
                    await asyncio.sleep(0.02)
                    steps.still_ours()
            except Stopped:
                note(f"{job_id} gives up")
                raise
            note(f"{job_id} writes")
            return {}

        async def end() -> StepResult:
            note(f"{job_id} ends")
            return {}

        steps.run("begin", begin)
        steps.run("write", write)
        steps.run("end", end)

    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    engine = DurableEngine(database, job, queues={"q": 4}, lease_seconds=lease)
    await engine.launch()
    note("up")
    await ended.wait()
    await engine.stop()


asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
