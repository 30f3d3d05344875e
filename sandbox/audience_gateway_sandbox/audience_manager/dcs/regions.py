"""Regions of the data collection servers (audience-manager 6)."""

from __future__ import annotations

REGIONS = {
    "apse": 3,
    "sae": 4,
    "irl1": 6,
    "use": 7,
    "apse2": 8,
    "usw2": 9,
    "tyo3": 11,
    "ind1": 12,
}
"""Numbers by the first part of a host name."""


def region_of(host: str, default: int) -> int:
    """Tell the region of a host name; that of others is a setting, as no server depends on it (sandbox 1)."""
    return REGIONS.get(host.partition(".")[0].lower(), default)
