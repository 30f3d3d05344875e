"""Specifications of connections and flows that the flow service lists (rtcdp 5, 6.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox.platform.storage import name_uuid

PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
STREAMING_INLET = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb"
_INLET_PROVIDER = "521eee4d-8cbe-4906-bb48-fb6bd4450033"
CAMPAIGN = "0b23e41a-cb4a-4321-a78f-3b654f5d7d97"
HTTP_API = name_uuid("connectionSpec", "HTTP API")
"""Its documented id is not public; this one is assumed."""
EXPERIENCE_CLOUD = name_uuid("connectionSpec", "Experience Cloud Audiences")
"""Likewise: Audience Manager, with which audiences are shared."""


@dataclass(frozen=True, slots=True)
class ConnectionSpec:
    """A kind of system that can be connected.

    Attributes:
        id: its UUID.
        name: what it is called.
        destination: whether audiences can be activated to it.
        provider: UUID of who provides it.
    """

    id: str
    name: str
    destination: bool = True
    provider: str = "14e34fac-d307-11e9-bb65-2a2ae2dbcce4"

    def shown(self) -> dict[str, Any]:
        """Show it as the service does."""
        attributes = {"isDestination": True} if self.destination else {"isSource": True}
        return {
            "id": self.id,
            "name": self.name,
            "providerId": self.provider,
            "version": "1.0",
            "attributes": attributes,
            "authSpec": [],
        }


CONNECTION_SPECS = (
    ConnectionSpec(PROFILE_STORE, "Profile Store", destination=False),
    ConnectionSpec(CAMPAIGN, "Adobe Campaign"),
    ConnectionSpec("4fce964d-3f37-408f-9778-e597338a21ee", "Amazon S3"),
    ConnectionSpec("4890fc95-5a1f-4983-94bb-e060c08e3f81", "Amazon S3 (legacy)"),
    ConnectionSpec("6d6b59bf-fb58-4107-9064-4d246c0e5bb2", "Azure Blob Storage"),
    ConnectionSpec("e258278b-a4cf-43ac-b158-4fa0ca0d948b", "Azure Blob Storage (legacy)"),
    ConnectionSpec("36965a81-b1c6-401b-99f8-22508f1e6a26", "SFTP"),
    ConnectionSpec("64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0", "SFTP (legacy)"),
    ConnectionSpec("10440537-2a7b-4583-ac39-ed38d4b848e8", "Data Landing Zone"),
    ConnectionSpec(HTTP_API, "HTTP API"),
    ConnectionSpec(EXPERIENCE_CLOUD, "Experience Cloud Audiences"),
    ConnectionSpec(STREAMING_INLET, "Streaming Connection", destination=False, provider=_INLET_PROVIDER),
)
FLOW_SPECS = {
    name_uuid("flowSpec", "upsToCampaign"): "upsToCampaign",
    "269ba276-16fc-47db-92b0-c1049a3c131f": "Amazon S3 Flow Spec",
    "95bd8965-fc8a-4119-b9c3-944c2c2df6d2": "Azure Blob Storage Flow Spec",
    "cd2fc47e-e838-4f38-a581-8fff2f99b63a": "Data Landing Zone Flow Spec",
    "354d6aad-4754-46e4-a576-1b384561c440": "SFTP Flow Spec",
    "71471eba-b620-49e4-90fd-23f1fa0174d8": "Cloud Storage Flow Spec (legacy)",
    name_uuid("flowSpec", "HTTP API"): "HTTP API Flow Spec",
    name_uuid("flowSpec", "Experience Cloud Audiences"): "Experience Cloud Audiences Flow Spec",
}
"""Names by id; those of Adobe Campaign, HTTP API and Experience Cloud Audiences have assumed ids."""
KNOWN_SPECS = frozenset(each.id for each in CONNECTION_SPECS)


def flow_spec(id_: str) -> dict[str, Any]:
    """Show the specification of a flow as the service does."""
    return {"id": id_, "name": FLOW_SPECS[id_], "version": "1.0", "attributes": {"isDestinationFlow": True}}
