"""What a data source's reconciliation key asks of Campaign (campaign 1.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from audience_gateway.sdk import ConfigError, DataSource

_XPATH = re.compile(r"\[?((?:[A-Za-z][\w-]*/)*)@([A-Za-z][\w-]*)\]?")
_TRACKING_LOG = "trackingLog/"
_TARGETING_DIMENSION = "nms:recipient"


@dataclass(frozen=True, slots=True)
class ReconciliationKey:
    """Where the ids of a data source are held.

    Attributes:
        expression: attribute of the recipient, or of the tracking log.
        in_tracking_logs: whether a recipient may have several ids, in its tracking logs.
        behind_link: whether another record holds them that the recipient links to.
    """

    expression: str
    in_tracking_logs: bool
    behind_link: bool = False


def reconciliation_key(source: DataSource) -> ReconciliationKey:
    """Understand a data source's key. Raises ConfigError for one that this connector cannot read."""
    place = f"data_sources.{source.name}"
    if source.targeting_dimension != _TARGETING_DIMENSION:
        raise ConfigError(
            f"The targeting dimension `{source.targeting_dimension}` is not supported.",
            place=f"{place}.targeting_dimension",
            remedy=f"Set it to `{_TARGETING_DIMENSION}`.",
        )
    found = _XPATH.fullmatch(source.reconciliation_key.strip())
    if found is None:
        raise ConfigError(
            "The reconciliation key is no attribute of a recipient.",
            place=f"{place}.reconciliation_key",
            remedy="Set it to an attribute such as `@email`, or to `[trackingLog/@sourceId]`.",
        )
    links, attribute = found.groups()
    if links == _TRACKING_LOG:
        return ReconciliationKey(f"@{attribute}", in_tracking_logs=True)
    return ReconciliationKey(
        f"[{links}@{attribute}]" if links or "-" in attribute else f"@{attribute}",
        in_tracking_logs=False,
        behind_link=bool(links),
    )
