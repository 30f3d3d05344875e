"""Cancels transfers at random moments, in each stage and at fail points; pauses and resumes others."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from audience_gateway.v1 import transfer_pb2
from disturbances import converges
from oracle import Verdict
from people import People
from scene import Scene
from trap import Action, Trap
from world import END_SECONDS, Share, World

_STAGES = [
    transfer_pb2.STAGE_PLAN,
    transfer_pb2.STAGE_EXTRACT,
    transfer_pb2.STAGE_RECONCILE,
    transfer_pb2.STAGE_COMPARE,
    transfer_pb2.STAGE_DELIVER,
    transfer_pb2.STAGE_SETTLE,
]
_POINTS = {"before claim": 20, "before send": 20, "after send": 20, "after ack": 20, "before commit": 40}
"""Fail points, and up to which reach of one a trap waits."""
_PAUSES = 3
_LOOK_SECONDS = 0.005

Wait = Callable[[Share], object]
"""Waits for the moment to cancel a share."""


@dataclass(frozen=True, slots=True)
class Cancels:
    """Cancels in a scene.

    Attributes:
        scene: the scene.
        others: who is shared, too, so that some of the people of the scene leave and some join.
        seconds: how long a transfer takes.
    """

    scene: Scene
    others: People
    seconds: float

    def run(self, times: int) -> None:
        """Cancels and pauses so many transfers each at random moments; cancels in each stage and at points, too."""
        scene, chance = self.scene, self.scene.chance
        for number in range(times):
            moment = chance.uniform(0, self.seconds)
            wait = partial(_sleep, moment)
            scene.note("cancel at random", self._of_leavers(wait) if number % 2 else self._of_joiners(wait))
        for number, stage in enumerate(_STAGES):
            wait = partial(_reach, scene.world, stage)
            scene.note("cancel in each stage", self._of_leavers(wait) if number % 2 else self._of_joiners(wait))
        for point, most in _POINTS.items():
            trap = Trap(point, chance.randint(1, most), Action.GO_ON)
            scene.world.traps.arm(trap)
            scene.note("cancel at fail points", self._of_joiners(partial(_caught, scene.world, trap)))
        for _ in range(times):
            scene.note("pause and resume at random", self._paused())

    def _of_joiners(self, wait: Wait) -> Verdict:
        share = self.scene.world.new_share(self.others, "cancelled")
        return self._cancelled(share, set(), wait)

    def _of_leavers(self, wait: Wait) -> Verdict:
        world, before = self.scene.world, self.scene.people
        share = world.new_share(self.others, "cancelled")
        world.run(Share(before, share.audience))
        return self._cancelled(share, set(before.members), wait)

    def _cancelled(self, share: Share, before: set[str], wait: Wait) -> Verdict:
        world = self.scene.world
        world.begin(share)
        wait(share)
        world.client.cancel(share.name)
        if world.client.ended(share.name, END_SECONDS) is None:
            return Verdict(unended=True)
        return world.truthful(share, before) | converges(world, share)

    def _paused(self) -> Verdict:
        world, chance = self.scene.world, self.scene.chance
        share = world.new_share(self.scene.people, "paused")
        world.begin(share)
        for _ in range(_PAUSES):
            time.sleep(chance.uniform(0, self.seconds / _PAUSES))
            if not world.client.pause(share.name):
                break
            time.sleep(chance.uniform(0, self.seconds / _PAUSES))
            world.client.resume(share.name)
        verdict = world.verdict(share, self.scene.undisturbed)
        world.forget(share)
        return verdict


def _sleep(seconds: float, _: Share) -> None:
    time.sleep(seconds)


def _reach(world: World, stage: transfer_pb2.Stage.ValueType, share: Share) -> None:
    while world.client.transfer(share.name).stage < stage and not world.ended(share):
        time.sleep(_LOOK_SECONDS)


def _caught(world: World, trap: Trap, share: Share) -> None:
    world.traps.wait(trap, over=lambda: world.ended(share))
    world.traps.disarm()
