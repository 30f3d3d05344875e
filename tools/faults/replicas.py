"""Three replicas on PostgreSQL: one dies, one sleeps for longer than its lease, the database restarts or is locked."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial

from databases import Postgres
from disturbances import disturb, traps
from scene import Scene
from trap import Action
from world import LEASE_SECONDS

_LOCK_SECONDS = 30.0


def run(scene: Scene, postgres: Postgres, times: int) -> None:
    """Each fault so many times, but the lock, which takes long, once in ten of them."""

    def restart(_: int) -> None:
        postgres.restart(scene.chance.choice(["fast", "immediate"]))

    faults: list[tuple[str, Action, int, Callable[[int], None]]] = [
        ("kill one of three replicas", Action.KILL, times, _nothing),
        ("stop one for twice its lease", Action.STOP, times, _sleep_and_wake),
        ("restart PostgreSQL", Action.GO_ON, times, restart),
        (
            f"lock PostgreSQL for {_LOCK_SECONDS:.0f} s",
            Action.GO_ON,
            -(-times // 10),
            lambda _: postgres.lock(partial(time.sleep, _LOCK_SECONDS)),
        ),
    ]
    for fault, action, number, disturbance in faults:
        for trap in traps(number, action, scene.chance):
            scene.note(fault, disturb(scene, trap, disturbance))


def _nothing(caught: int) -> None:
    """The gateway has died already."""


def _sleep_and_wake(caught: int) -> None:
    time.sleep(2 * LEASE_SECONDS)
    os.kill(caught, signal.SIGCONT)
