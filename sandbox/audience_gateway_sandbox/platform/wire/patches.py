"""Changes of objects by JSON Patch."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, cast

import jsonpatch
import jsonpointer
from pydantic import with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.wire.bodies import OPEN
from audience_gateway_sandbox.platform.wire.call import Refusal


@with_config(OPEN)
class Patch(TypedDict):
    """One step of a change: of the value at a path (rtcdp 1.2, 6.8)."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: NotRequired[Any]


def patched(body: dict[str, Any], steps: list[Patch]) -> dict[str, Any]:
    """Apply a patch; `add` on a member that is there replaces it. Raises Refusal if a step does not fit."""
    try:
        changed = jsonpatch.apply_patch(body, steps)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, ValueError, KeyError):
        raise Refusal(400, "The patch does not fit the object: check its `op` and `path`.") from None
    if not isinstance(changed, dict):
        raise Refusal(400, "The patch does not leave an object.")
    return cast("dict[str, Any]", changed)
