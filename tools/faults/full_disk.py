"""Fills the disk of the state directory while a transfer is under way, and frees it after a while."""

from __future__ import annotations

import time

from disturbances import disturb, traps
from scene import Scene
from small_disk import SmallDisk
from trap import Action

_FULL_SECONDS = 5.0


def run(scene: Scene, disk: SmallDisk, fault: str, times: int) -> None:
    """Fills the disk in so many transfers."""

    def fill(_: int) -> None:
        disk.fill()
        time.sleep(_FULL_SECONDS)
        disk.free()

    for trap in traps(times, Action.GO_ON, scene.chance):
        scene.note(fault, disturb(scene, trap, fill))
