"""What the ids of a data source are, told by how it was set up (people-and-ids 1)."""

from __future__ import annotations

from audience_gateway_sandbox.audience_manager.objects import DataSource, IdType
from audience_gateway_sandbox.audience_manager.profiles.id_formats import AAM_UUID, GLOBAL_DEVICES, IdKind
from audience_gateway_sandbox.audience_manager.store import Store


def kind_of(source: DataSource) -> IdKind:
    """Tell what the ids of a data source are; which settings say so is an assumption of ours."""
    if source.data_source_id in GLOBAL_DEVICES or source.id_type == IdType.DEVICE_ADVERTISING_ID:
        return IdKind.DEVICE
    if source.use_audience_manager_visitor_id:
        return IdKind.UUID
    if source.marketing_cloud_visitor_id_version:
        return IdKind.ECID
    return IdKind.COOKIE if source.id_type == IdType.COOKIE else IdKind.CUSTOMER


def kind_of_id(store: Store, data_source_id: int) -> IdKind | None:
    """Tell what the ids of a data source are; None if the organisation has none of this number."""
    if data_source_id == AAM_UUID:
        return IdKind.UUID
    if data_source_id in GLOBAL_DEVICES:
        return IdKind.DEVICE
    source = store.data_sources.get(data_source_id)
    return None if source is None else kind_of(source)
