"""Disturbs a transfer at one of its fail points, and judges it and the transfer after it."""

from __future__ import annotations

import random
from collections.abc import Callable

from oracle import Verdict
from scene import Scene
from trap import Action, Trap
from world import END_SECONDS, Share, World

_POINTS = {
    "before claim": 15,
    "before send": 15,
    "after send": 15,
    "before ack": 15,
    "before commit": 30,
    "after commit": 30,
    "before snapshot": 1,
    "after snapshot": 1,
    "before receipt": 1,
}
"""Fail points, and up to which reach of one a trap waits."""


def traps(times: int, action: Action, chance: random.Random) -> list[Trap]:
    """Traps for so many transfers, at points in a random order."""
    points = list(_POINTS)
    chance.shuffle(points)
    chosen = [points[number % len(points)] for number in range(times)]
    return [Trap(point, chance.randint(1, _POINTS[point]), action) for point in chosen]


def disturb(scene: Scene, trap: Trap, disturbance: Callable[[int], None]) -> Verdict | None:
    """Shares, disturbs when the trap has caught a gateway, whose id it gives, and judges what has come of it.

    None if the transfer ended before.
    """
    world = scene.world
    share = world.new_share(scene.people, "disturbed")
    world.start_all()
    world.traps.arm(trap)
    world.begin(share)
    caught = world.traps.wait(trap, over=lambda: world.ended(share))
    world.traps.disarm()
    if caught is None:
        return None
    disturbance(caught)
    return world.verdict(share, scene.undisturbed) | converges(world, share)


def converges(world: World, share: Share) -> Verdict:
    """Whether the next share into the same audience, undisturbed, leaves there what it should. It is the last one."""
    world.start_all()
    following = Share(share.people, share.audience)
    world.begin(following)
    if world.client.ended(following.name, END_SECONDS) is None:
        return Verdict(unended=True)
    verdict = world.complete(following)
    world.forget(share, following)
    return verdict
