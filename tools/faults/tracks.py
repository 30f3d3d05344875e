"""The tracks of a run: scenarios one after the other, each track with gateways of its own."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import full_disk
import kills
import replicas
from cancels import Cancels
from databases import lock_sqlite, postgres
from disturbances import disturb, traps
from ground import Ground
from results import Results
from small_disk import SmallDisk, small_disk
from trap import Action
from world import ended_at_last

_LOCK_SECONDS = 30.0
_DISK_MEBIBYTES = 384
_CANCELLED_ROWS = 40_000
_REPLICAS = 3


def each_point_once(ground: Ground, results: Results) -> None:
    """Kills at each fail point once, all of them in one transfer."""
    world = ground.world("small")
    with ended_at_last([world]):
        scene, _ = ground.scene(world, results)
        kills.run(scene, kills.each_point_once())


def one_gateway(ground: Ground, results: Results, number: int, times: int) -> None:
    """What can happen to one gateway on SQLite: so many kills, and the other faults so many times each."""
    world = ground.world("one")
    with ended_at_last([world]):
        scene, seconds = ground.scene(world, results)
        at_points = number * 6 // 10
        kills.at_points(scene, at_points)
        kills.at_random(scene, number - at_points, seconds)
        path = world.place.state_directory / "gateway.db"
        for trap in traps(1, Action.GO_ON, scene.chance):
            verdict = disturb(scene, trap, lambda _: lock_sqlite(path, partial(time.sleep, _LOCK_SECONDS)))
            scene.note(f"lock SQLite for {_LOCK_SECONDS:.0f} s", verdict)
    _cancel(ground, results, times)


def three_replicas(ground: Ground, results: Results, times: int) -> None:
    """What can happen to three replicas on PostgreSQL, and to a disk, each so many times."""
    with postgres() as server:
        world = ground.world("three", _REPLICAS, database=server.url)
        with ended_at_last([world]):
            scene, _ = ground.scene(world, results)
            replicas.run(scene, server, times)
        _fill(ground, results, server.another(), times)


def _fill(ground: Ground, results: Results, database: str, times: int) -> None:
    with small_disk(ground.root / "disk", _DISK_MEBIBYTES) as disk:
        three = ground.world("disk-three", _REPLICAS, database=database, **_on(disk, "three"))
        one = ground.world("disk-one", **_on(disk, "one"))
        for world, fault in (
            (three, "fill the disk of three replicas"),
            (one, "fill the disk of one, with its database"),
        ):
            with ended_at_last([world]):
                scene, _ = ground.scene(world, results)
                full_disk.run(scene, disk, fault, -(-times // 2))


def _on(disk: SmallDisk, name: str) -> dict[str, Any]:
    return {"state": disk.directory / name, "seen": disk.seen / name, "enter": disk.enter}


def _cancel(ground: Ground, results: Results, times: int) -> None:
    fewer = ground.with_people("before.csv", _CANCELLED_ROWS)
    others = fewer.more_people("after.csv", _CANCELLED_ROWS // 10, _CANCELLED_ROWS)
    world = fewer.world("cancels", chunk_rows=_CANCELLED_ROWS // 10, deliver_rows=_CANCELLED_ROWS // 40)
    with ended_at_last([world]):
        scene, _ = fewer.scene(world, results)
        begun = time.monotonic()
        world.run(world.new_share(fewer.people, "timed"))
        Cancels(scene, others, time.monotonic() - begun).run(times)
