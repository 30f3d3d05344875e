"""What can go wrong with the platform's files and answers (rtcdp 11); calls that fail are the business of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox.fault_switches import FaultSwitches


@dataclass(slots=True)
class PlatformFaults(FaultSwitches):
    """Switches.

    Attributes:
        half_written_files: of each exported file only the first half is there.
        duplicate_rows: each row of an exported file is there twice.
        missing_exits: increments do not tell who has left.
        existing_status: members that stay have the deprecated status `existing` in exported files.
        lower_case_namespaces: identity maps have their namespaces in small letters.
        microsecond_times: times of audiences are in microseconds.
    """

    half_written_files: bool = False
    duplicate_rows: bool = False
    missing_exits: bool = False
    existing_status: bool = False
    lower_case_namespaces: bool = False
    microsecond_times: bool = False


def read_platform_faults(values: Mapping[str, Any]) -> PlatformFaults:
    """Read switches as the admin address gets them; those not named are off. Raises ValueError with what is wrong."""
    known = PlatformFaults().tell()
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"`platform` has no `{name}`; it has {', '.join(known)}.")
        if not isinstance(value, bool):
            raise ValueError(f"`{name}` of `platform` must be true or false.")  # noqa: TRY004 - the caller's text
    return PlatformFaults(**values)
