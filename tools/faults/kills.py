"""Kills the only gateway, by SIGKILL, at random moments and wherever a transfer has a fail point."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import grpc
from audience_gateway import fail_points
from client import Unanswered
from scene import Scene
from trap import Action, Trap
from world import END_SECONDS, Share, World

_AT_RANDOM = "at random"
_ONCE = "after receipt"
"""The transfer has ended by then, so that it is reached once only."""
_KILLS_A_SHARE = 8
_WITHIN = 0.6
"""Of the time of an undisturbed share: what is done is done, and so one share is killed several times."""
_OF_STEPS = {"before commit": 6, "after commit": 6}
_OF_A_CHUNK = 3
_END = ("before snapshot", "after snapshot", "before receipt", "after receipt")


@dataclass(frozen=True, slots=True)
class Kill:
    """A kill: at the n-th reach of a point, or so many seconds after the gateway was started."""

    point: str
    nth: int = 1
    seconds: float = 0.0

    @property
    def fault(self) -> str:
        """What it is called in the table."""
        return f"kill {self.point}"


def at_points(scene: Scene, kills: int) -> None:
    """So many kills, at all points alike."""
    for point in fail_points.NAMES:
        left = -(-kills // len(fail_points.NAMES))
        while left > 0:
            number = 1 if point == _ONCE else min(left, _KILLS_A_SHARE)
            run(scene, [Kill(point, _nth(point, scene.chance)) for _ in range(number)])
            left -= number


def at_random(scene: Scene, kills: int, seconds: float) -> None:
    """So many kills at random moments; `seconds` is how long a start and an undisturbed share take together."""
    left = kills
    while left > 0:
        moments = [scene.chance.uniform(0, _WITHIN * seconds) for _ in range(min(left, _KILLS_A_SHARE))]
        left -= max(1, run(scene, [Kill(_AT_RANDOM, seconds=moment) for moment in moments]))


def each_point_once() -> list[Kill]:
    """A kill at each point, for one transfer: in the order in which it reaches them for the first or a later time."""
    in_time = [point for point in fail_points.NAMES if point not in _END]
    return [Kill(point, 2) for point in in_time] + [Kill(point) for point in _END]


def run(scene: Scene, plan: Sequence[Kill]) -> int:
    """Makes a share with kills, and judges it. Answers how many kills there were before it ended."""
    world = scene.world
    for kill in plan:
        scene.results.expect(kill.fault)
    share = world.new_share(scene.people, "kill")
    met = Counter(kill.fault for kill in plan if _kill(world, share, kill))
    world.traps.disarm()
    world.start_all()
    world.begin(share)
    verdict = world.verdict(share, scene.undisturbed)
    world.forget(share)
    for fault, times in met.items():
        scene.results.add(fault, times, verdict)
    world.end()
    return met.total()


def _kill(world: World, share: Share, kill: Kill) -> bool:
    """Starts the gateway and kills it; False if the transfer had ended before."""
    return _at_a_moment(world, share, kill) if kill.seconds else _at_a_point(world, share, kill)


def _at_a_point(world: World, share: Share, kill: Kill) -> bool:
    trap = Trap(kill.point, kill.nth, Action.KILL)
    world.traps.arm(trap)
    if world.start():
        _begin(world, share)
    gateway, deadline = world.gateways[0], time.monotonic() + END_SECONDS

    def over() -> bool:
        return gateway.dead or time.monotonic() > deadline or world.ended(share)

    caught = world.traps.wait(trap, over=over)
    if caught is None and world.traps.armed() and kill.point == _ONCE:
        caught = world.traps.wait(trap, over=lambda: gateway.dead or time.monotonic() > deadline)
    world.end()
    return caught is not None


def _at_a_moment(world: World, share: Share, kill: Kill) -> bool:
    moment = time.monotonic() + kill.seconds
    gateway = world.gateways[0]
    world.end()
    gateway.begin()
    while not gateway.ready_file.exists() and time.monotonic() < moment:
        time.sleep(0.005)
    if gateway.ready_file.exists() and world.ready():
        _begin(world, share)
    time.sleep(max(0.0, moment - time.monotonic()))
    over = bool(world.addresses) and world.ended(share)
    world.end()
    return not over


def _begin(world: World, share: Share) -> None:
    # If it is killed meanwhile, it is asked for again after the next start.
    with contextlib.suppress(Unanswered, grpc.RpcError):
        world.begin(share, patience=0)


def _nth(point: str, chance: random.Random) -> int:
    return 1 if point in _END else chance.randint(1, _OF_STEPS.get(point, _OF_A_CHUNK))
