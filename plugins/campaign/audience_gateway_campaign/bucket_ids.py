"""Audience Manager's ids of an audience and of a data source, without which nothing can be named."""

from __future__ import annotations

from audience_gateway.sdk import ConfigError, DataSource, Permanent

from audience_gateway_campaign.bucket_settings import BucketSettings


def segment_of(settings: BucketSettings, connection: str, audience: str) -> int:
    """The segment that an audience is written as. Raises Permanent for an unknown audience, ConfigError for none."""
    return _id_of(settings, connection, audience, "segment_id")


def trait_of(settings: BucketSettings, connection: str, audience: str) -> int:
    """The trait that an audience is read by. Raises Permanent for an unknown audience, ConfigError for none."""
    return _id_of(settings, connection, audience, "trait_id")


def data_source_id(source: DataSource) -> int:
    """The id of the data source (DPID). Raises ConfigError if there is none."""
    return _id_in_names(source, "aam_data_source_id")


def destination_id(source: DataSource) -> int:
    """The id of the destination (DID). Raises ConfigError if there is none."""
    return _id_in_names(source, "aam_destination_id")


def _id_of(settings: BucketSettings, connection: str, audience: str, setting: str) -> int:
    place = f"connections.{connection}.settings.bucket.audiences"
    shared = settings.audiences.get(audience)
    if shared is None:
        raise Permanent("there is no such audience", place=place, remedy="Add it with its segment or its trait.")
    number: int = getattr(shared, setting)
    if not number:
        raise ConfigError(
            "found no id", place=f"{place}.{audience}.{setting}", remedy="Set it to Audience Manager's id."
        )
    return number


def _id_in_names(source: DataSource, setting: str) -> int:
    number: int = getattr(source, setting)
    if not number:
        raise ConfigError(
            "found no id, needed is the one that names of files bear",
            place=f"data_sources.{source.name}.{setting}",
            remedy="Set it to the id that Campaign's AMC Data source shows.",
        )
    return number
