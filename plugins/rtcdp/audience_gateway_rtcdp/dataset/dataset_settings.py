"""The dataset that export jobs fill, and whose ids are read from it (rtcdp 1.6)."""

from __future__ import annotations

from collections.abc import Mapping

from audience_gateway.sdk import ConfigError, DataSource, Settings
from pydantic import Field

from audience_gateway_rtcdp.shared_devices import MEANING, SharedDevices


class DatasetSettings(Settings):
    """A dataset of the profiles' union schema, which each share has filled anew."""

    id: str = Field(min_length=1, description="Id of the dataset; its schema is the profiles' union schema.")
    merge_policy: str = Field(min_length=1, description="Id of the merge policy by which profiles are exported.")
    merge_policy_version: int = Field(1, ge=0, description="Version of it.")
    namespaces: Mapping[str, str] = Field(
        default_factory=lambda: {"visitor_id": "ECID"},
        description="Identity namespaces of ids, by the name of a data source, or else by an id type.",
    )
    encoded: bool = Field(False, description="Whether the ids already went through the data source's codec.")
    shared_devices: SharedDevices = Field("hold", description=MEANING)
    check_graph: bool = Field(
        False, description="Whether the identity service is asked if its graph still agrees; a call for 1000 ids."
    )
    wait_seconds: float = Field(3600, gt=0, description="How long a job may take.")
    poll_seconds: float = Field(10, gt=0, description="Pause between two questions whether it is done.")

    def namespace_of(self, source: DataSource) -> str:
        """The identity namespace of a data source's ids. Raises ConfigError if none is told."""
        code = self.namespaces.get(source.name) or self.namespaces.get(source.id_type)
        if not code:
            raise ConfigError(
                f"found no identity namespace for ids of `{source.name}`",
                place=f"settings.dataset.namespaces.{source.name}",
                remedy="Set it to the code that Identities show in Experience Platform.",
            )
        return code
