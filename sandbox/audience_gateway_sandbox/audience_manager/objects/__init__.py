"""What an organisation has in Audience Manager: frozen values, without any I/O."""

from audience_gateway_sandbox.audience_manager.objects.data_source import (
    EXPORT_CONTROLS,
    OFF_SITE_ADS,
    ON_SITE_ADS,
    ON_SITE_PERSONALIZATION,
    PARTNER_ID,
    PII,
    DataSource,
    DataSourceType,
    IdType,
)
from audience_gateway_sandbox.audience_manager.objects.destination import (
    Destination,
    DestinationMapping,
    DestinationType,
)
from audience_gateway_sandbox.audience_manager.objects.folder import ROOT, Folder
from audience_gateway_sandbox.audience_manager.objects.labels import CustomerTraitType, PartnerSite
from audience_gateway_sandbox.audience_manager.objects.merge_rule import AuthenticatedOption, DeviceOption, MergeRule
from audience_gateway_sandbox.audience_manager.objects.segment import Segment
from audience_gateway_sandbox.audience_manager.objects.trait import Trait, TraitRuleVersion, TraitType
from audience_gateway_sandbox.audience_manager.objects.user import Group, Permission, User

__all__ = [
    "EXPORT_CONTROLS",
    "OFF_SITE_ADS",
    "ON_SITE_ADS",
    "ON_SITE_PERSONALIZATION",
    "PARTNER_ID",
    "PII",
    "ROOT",
    "AuthenticatedOption",
    "CustomerTraitType",
    "DataSource",
    "DataSourceType",
    "Destination",
    "DestinationMapping",
    "DestinationType",
    "DeviceOption",
    "Folder",
    "Group",
    "IdType",
    "MergeRule",
    "PartnerSite",
    "Permission",
    "Segment",
    "Trait",
    "TraitRuleVersion",
    "TraitType",
    "User",
]
