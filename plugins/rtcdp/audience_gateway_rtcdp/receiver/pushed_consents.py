"""Whose pushed profile says that they must not be shared: the platform pushes them all the same (rtcdp 4, 8.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from audience_gateway_rtcdp.consent import opted_out
from audience_gateway_rtcdp.governance_settings import ConsentSettings
from audience_gateway_rtcdp.receiver.pushed_times import moment_of


def consent_of(profile: Mapping[str, Any], settings: ConsentSettings) -> tuple[bool, datetime | None]:
    """Whether a profile has opted out, and when that was said; what is not mapped says nothing.

    Fields are found by the names that settings have for columns, with underscores for dots; of a list, any item counts.
    """
    names = (*settings.columns, *settings.general_columns)
    said = {name: values for name in names if (values := list(_texts(profile, name.split("_"))))}
    rows = max(map(len, said.values()), default=0)
    columns = {name: pa.array([*values, *[None] * (rows - len(values))], pa.string()) for name, values in said.items()}
    times = (moment_of(text) for text in _texts(profile, settings.time_column.split("_")))
    return any(opted_out(columns, rows, settings).to_pylist()), max((time for time in times if time), default=None)


def _texts(node: object, names: list[str]) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            if not isinstance(each, list):  # no field is a list of lists
                yield from _texts(each, names)
    elif names and isinstance(node, dict):
        yield from _texts(node.get(names[0]), names[1:])
    elif not names and isinstance(node, str):
        yield node
