"""Reads the switches of `/sandbox/faults` and sets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.faults.broken_calls import BrokenCalls
from audience_gateway_sandbox.faults.rules import read_rule
from audience_gateway_sandbox.people.drop_faults import DropFaults, read_drop_faults
from audience_gateway_sandbox.platform.faults import PlatformFaults, read_platform_faults
from audience_gateway_sandbox.workflows import Workflows

_EXPIRE = "expire_sessions"
_RECIPIENTS = "refuse_recipients"
_RECORDS = "refuse_records"
_AS_403 = ("login_as_403", "session_as_403")
_CALLS = "calls"
_DROPS = "drops"
_PAUSED = "paused_workflows"
_PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Switches:
    """All that can be made to fail."""

    campaign: Campaign
    calls: BrokenCalls
    drops: DropFaults
    workflows: Workflows
    platform: PlatformFaults

    def tell(self) -> dict[str, Any]:
        """Tell which faults are switched on."""
        faults = self.campaign.faults
        return {
            _RECIPIENTS: sorted(faults.refuse_recipients),
            _RECORDS: dict(sorted(faults.refuse_records.items())),
            **{name: getattr(faults, name) for name in _AS_403},
            _CALLS: self.calls.tell(),
            _DROPS: self.drops.tell(),
            _PLATFORM: self.platform.tell(),
            _PAUSED: sorted(self.workflows.paused()),
        }

    def switch(self, switches: Mapping[str, Any]) -> None:
        """Set the switches that are named; `expire_sessions` acts once.

        Raises ValueError for an unknown switch or a value that makes no sense, before any is set.
        """
        changes = [self._change(name, value) for name, value in switches.items()]
        for change in changes:
            change()

    def _change(self, name: str, value: object) -> Callable[[], None]:
        changes: Mapping[str, Callable[[], Callable[[], None]]] = {
            _EXPIRE: lambda: self._expire(_flag(name, value)),
            _RECIPIENTS: lambda: self._set(name, _recipients(value)),
            _RECORDS: lambda: self._set(name, _texts(name, value)),
            **{switch: lambda: self._set(name, _flag(name, value)) for switch in _AS_403},
            _CALLS: lambda: partial(self.calls.set, [read_rule(rule) for rule in _list(name, value)]),
            _DROPS: lambda: partial(self.drops.become, read_drop_faults(_object(name, value))),
            _PLATFORM: lambda: partial(self.platform.become, read_platform_faults(_object(name, value))),
            _PAUSED: lambda: self._pause(_list(name, value)),
        }
        if name not in changes:
            raise ValueError(f"There is no switch of this name; there are {', '.join(changes)}.")
        return changes[name]()

    def _set(self, name: str, value: object) -> Callable[[], None]:
        return partial(setattr, self.campaign.faults, name, value)

    def _expire(self, now: bool) -> Callable[[], None]:  # noqa: FBT001 - the value of a switch
        return self.campaign.sessions.expire_all if now else lambda: None

    def _pause(self, workflows: list[Any]) -> Callable[[], None]:
        self.workflows.check_names(workflows)
        return partial(self.workflows.pause_only, workflows)


def _recipients(value: object) -> set[str]:
    if not isinstance(value, list) or not all(str(recipient).isdecimal() for recipient in value):
        raise ValueError(f"`{_RECIPIENTS}` must be a list of ids of recipients.")
    return {str(recipient) for recipient in value}


def _texts(name: str, value: object) -> dict[str, str]:
    return {str(record): str(text) for record, text in _object(name, value).items()}


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"`{name}` must be true or false.")  # noqa: TRY004 - the caller's text, not a type of ours
    return value


def _list(name: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"`{name}` must be a list.")  # noqa: TRY004 - the caller's text, not a type of ours
    return value


def _object(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"`{name}` must be an object.")  # noqa: TRY004 - the caller's text, not a type of ours
    return value
