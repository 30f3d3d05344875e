"""Fills Campaign's tables: recipients, tracking logs, and what Adobe provisions for audience sharing (campaign 1)."""

from __future__ import annotations

from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.seeding import recipients, tracking_logs
from audience_gateway_sandbox.seeding.audience import DATA_SOURCE_ID, DESTINATION_ID
from audience_gateway_sandbox.seeding.population import Population
from audience_gateway_sandbox.workflows import seeded_workflows

_FOLDERS = (
    (recipients.FOLDER, "nmsRootFolder", "Profiles and Targets"),
    (2, "nmsGroup", "Lists"),
)
_EXTERNAL_ACCOUNTS = (
    (1, "importSharedAudience", "Import audiences from the Adobe Marketing Cloud"),
    (2, "exportSharedAudience", "Export audiences to the Adobe Marketing Cloud"),
    (3, "Adobe_Marketing_Cloud", "Adobe Marketing Cloud"),
)
_OPTIONS = (
    ("AAM_DataSourceId", str(DATA_SOURCE_ID)),
    ("AAM_DestinationId", str(DESTINATION_ID)),
    ("NmsCdp_Aep_Audience_List_Limit", "25"),
    ("NmsCdp_Aep_Destinations_Max_Columns", "20"),
)
_VISITOR_ID_SOURCE = {
    "id": 1,
    "name": "defaultDataSource",
    "label": "Recipient - Visitor ID",
    "targetingDimension": "nms:recipient",
    "reconciliationKey": "[trackingLog/@sourceId]",
    "aamDataSourceId": DATA_SOURCE_ID,
    "aamDestinationId": DESTINATION_ID,
    "hashAlgorithm": "none",
}


def fill_campaign(database: Database, population: Population) -> None:
    """Fill the empty tables of a new instance, in one transaction."""
    with database:
        database.fill("folder", ("id", "name", "label"), _FOLDERS)
        database.fill("ext_account", ("id", "name", "label"), _EXTERNAL_ACCOUNTS)
        database.fill("option", ("name", "value"), _OPTIONS)
        database.fill("workflow", ("id", "internalName", "label", "state"), seeded_workflows())
        database.fill("data_source", tuple(_VISITOR_ID_SOURCE), [tuple(_VISITOR_ID_SOURCE.values())])
        with database.indexed_afterwards():
            database.fill("recipient", recipients.COLUMNS, recipients.recipient_rows(population))
            database.fill("tracking_log", tracking_logs.COLUMNS, tracking_logs.tracking_log_rows(population))
