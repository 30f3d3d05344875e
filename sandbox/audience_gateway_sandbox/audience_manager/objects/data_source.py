"""Data sources: who ids and traits are of (audience-manager 1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

PARTNER_ID = 7001
"""The number (PID) of the organisation in Audience Manager; what has another is not its own."""
RETENTION_SECONDS = 720 * 86400
"""Ids of customers live for 24 months unless told otherwise (audience-manager 8)."""
PII = "PII"
ON_SITE_ADS = "ON_SITE_ADS"
OFF_SITE_ADS = "OFF_SITE_ADS"
ON_SITE_PERSONALIZATION = "ON_SITE_PERSONALIZATION"
EXPORT_CONTROLS = (PII, ON_SITE_ADS, OFF_SITE_ADS, ON_SITE_PERSONALIZATION)
"""Data export controls of data sources and labels of destinations (audience-manager 9). Only PII's name is public."""


class IdType(StrEnum):
    """What kind of ids a data source has; only the first name is documented, so that others are kept as they come."""

    CROSS_DEVICE = "CROSS_DEVICE"
    COOKIE = "COOKIE"
    DEVICE_ADVERTISING_ID = "DEVICE_ADVERTISING_ID"


class DataSourceType(StrEnum):
    """What a data source is for; a merge rule is one too, as segments name it by a data source id."""

    GENERAL = "GENERAL"
    MERGE_RULE = "MERGE_RULE"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """A namespace of ids, of traits, or of both.

    Attributes:
        data_source_id: its number (DPID); 0 until it is stored.
        integration_code: the organisation's own name for it.
        pid: whose it is; the global device data sources are nobody's own.
        data_export_restrictions: export controls, of EXPORT_CONTROLS.
        supports_authenticated_profile: its ids are of people who log on, so that merge rules can name it
            (audience-manager 7).
        customer_profile_data_retention: seconds after which inactive ids are forgotten.
        sampling_start_time, sampling_end_time: when errors of inbound files are sampled.
    """

    data_source_id: int = 0
    name: str
    description: str = ""
    status: str = "ACTIVE"
    integration_code: str = ""
    type: str = DataSourceType.GENERAL
    id_type: str = IdType.CROSS_DEVICE
    sub_id_type: str = "CROSS_DEVICE_PERSON"
    inbound_s2s: bool = False
    outbound_s2s: bool = False
    data_export_restrictions: tuple[str, ...] = ()
    link_namespace: bool = False
    use_audience_manager_visitor_id: bool = False
    allow_data_sharing: bool = False
    master_data_source_id_provider: bool = False
    unique_trait_integration_codes: bool = False
    unique_segment_integration_codes: bool = False
    marketing_cloud_visitor_id_version: int = 0
    sampling_start_time: datetime | None = None
    sampling_end_time: datetime | None = None
    sampling_enabled: bool = False
    allow_device_graph_sharing: bool = False
    supports_authenticated_profile: bool = False
    device_graph: bool = False
    authenticated_profile_name: str = ""
    device_graph_name: str = ""
    custom_namespace_id: int = 0
    custom_namespace_code: str = ""
    customer_profile_data_retention: int = RETENTION_SECONDS
    container_ids: tuple[int, ...] = ()
    modeling_enabled: bool = False
    report_suite: bool = False
    pid: int = 0
    create_time: datetime
    update_time: datetime
    cr_uid: int = 0
    up_uid: int = 0
