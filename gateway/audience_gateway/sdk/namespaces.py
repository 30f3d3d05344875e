"""Data sources of Audience Manager that stand for one namespace each (people-and-ids 4)."""

from __future__ import annotations

from audience_gateway.sdk.audience_manager.inbound_names import GLOBAL_DEVICE_DATA_SOURCES
from audience_gateway.sdk.errors import ConfigError
from audience_gateway.sdk.identities import DataSource


def check_not_of_devices(source: DataSource) -> None:
    """Raises ConfigError if the data source has the number of a kind of device, and so ids of another namespace."""
    if source.aam_data_source_id in GLOBAL_DEVICE_DATA_SOURCES:
        raise ConfigError(
            f"found {source.aam_data_source_id}, which is one of devices, not of `{source.id_type}`",
            place=f"data_sources.{source.name}.aam_data_source_id",
            remedy="Set the id of a data source of your own, or the id type `device_id`.",
        )
